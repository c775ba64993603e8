//! `hitstream dead-letters list|show|replay`: records that nobody could read, and the way back for them.

use super::alerts_show::readable;
use super::run::read_config;
use super::{BadInput, counted, kafka_error};
use crate::bus::kafka::{Isolation, KafkaConfig, KafkaPublisher, fetch_record, for_each_record, for_each_record_from, offsets_at};
use crate::bus::{Headers, OutputRecord};
use crate::cli::{DeadLetterFilter, DeadLettersListArgs, DeadLettersReplayArgs, DeadLettersShowArgs, DeadLettersVerb, exit};
use crate::config::Config;
use crate::worker::RouteKind;
use anyhow::Context;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// Stands in every record sent again, with the place of its dead letter: so none is sent twice.
const REPLAYED_HEADER: &str = "hitstream-replayed";

pub(super) fn run(verb: &DeadLettersVerb) -> anyhow::Result<u8> {
    match verb {
        DeadLettersVerb::List(args) => list(args),
        DeadLettersVerb::Show(args) => show(args),
        DeadLettersVerb::Replay(args) => replay(args),
    }
}

/// One dead letter as published; see `config/schemas/dead-letter.schema.json`.
#[derive(Debug, Deserialize)]
struct DeadLetter {
    reason: String,
    sentence: String,
    source: Source,
    key: Option<Bytes>,
    value: Option<Bytes>,
    headers: Vec<Header>,
    decided_at: jiff::Timestamp,
    /// `partition:offset` in the topic of dead letters.
    #[serde(skip)]
    place: String,
}

#[derive(Debug, Deserialize)]
struct Source {
    topic: String,
    partition: i32,
    offset: i64,
}

#[derive(Debug, Deserialize)]
struct Header {
    name: String,
    value: Option<Bytes>,
}

/// Text where it is UTF-8, else hexadecimal digits; with its whole length where it was cut.
#[derive(Debug, Deserialize)]
struct Bytes {
    text: Option<String>,
    hex: Option<String>,
    bytes_total: Option<usize>,
}

impl Bytes {
    fn is_cut(&self) -> bool {
        self.bytes_total.is_some()
    }

    fn bytes(&self) -> Vec<u8> {
        let hex = self.hex.as_deref().unwrap_or_default();
        let digits = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match &self.text {
            Some(text) => text.clone().into_bytes(),
            None => (0..hex.len()).step_by(2).filter_map(digits).collect(),
        }
    }
}

impl DeadLetter {
    fn read(value: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(value)
    }

    fn passes(&self, filter: &DeadLetterFilter) -> bool {
        filter.reason.as_ref().is_none_or(|reason| *reason == self.reason)
            && filter.from.as_ref().is_none_or(|topic| *topic == self.source.topic)
    }

    fn is_cut(&self) -> bool {
        let cut = |bytes: &Option<Bytes>| bytes.as_ref().is_some_and(Bytes::is_cut);
        // Headers beyond the hundredth, and names longer than 200 letters, are cut without a mark.
        let headers = self.headers.iter().any(|header| cut(&header.value) || header.name.chars().count() >= 200);
        cut(&self.key) || cut(&self.value) || headers || self.headers.len() >= 100
    }

    fn line(&self) -> String {
        let Source { topic, partition, offset } = &self.source;
        format!("{:<10} {}  {:<18} {topic}/{partition}/{offset}  {}", self.place, self.decided_at, self.reason, self.sentence)
    }
}

fn each_dead_letter(config: &Config, mut each: impl FnMut(DeadLetter)) -> anyhow::Result<()> {
    let (topic, mut strange) = (&config.worker.rules.outputs.dead_letters, 0);
    for_each_record(&config.worker.kafka, topic, Isolation::ReadCommitted, |record| match record.value.as_deref().map(DeadLetter::read) {
        Some(Ok(letter)) => each(DeadLetter { place: format!("{}:{}", record.partition, record.offset), ..letter }),
        _ => strange += 1,
    })
    .map_err(kafka_error)?;
    if strange > 0 {
        eprintln!("{strange} records of topic {topic} are no dead letters of ours and were left out");
    }
    Ok(())
}

fn list(args: &DeadLettersListArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let mut lines = Vec::new();
    let (mut counts, mut others): (BTreeMap<(String, String), u64>, BTreeMap<String, u64>) = Default::default();
    each_dead_letter(&config, |letter| {
        if !letter.passes(&args.filter) {
            *others.entry(letter.reason).or_default() += 1;
        } else {
            *counts.entry((letter.source.topic.clone(), letter.reason.clone())).or_default() += 1;
            lines.push((letter.decided_at, letter.line()));
        }
    })?;
    let total: u64 = counts.values().sum();
    // Newest last, over all partitions.
    lines.sort();
    lines.drain(..lines.len().saturating_sub(args.limit));
    lines.iter().for_each(|(_, line)| println!("{line}"));
    let topic = &config.worker.rules.outputs.dead_letters;
    let what = if args.filter.is_empty() { "dead letter" } else { "matching dead letter" };
    println!("{} in topic {topic}, {} shown", counted(total as usize, what), lines.len());
    if total == 0 && !others.is_empty() {
        let others: Vec<String> = others.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        println!("topic {topic} has others: {}", others.join(", "));
    }
    for ((topic, reason), count) in counts {
        println!("{count:>8}  {reason} of {topic}");
    }
    Ok(exit::OK)
}

fn show(args: &DeadLettersShowArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let (partition, offset) = place(&args.place)?;
    let topic = &config.worker.rules.outputs.dead_letters;
    let record = fetch_record(&config.worker.kafka, topic, partition, offset).map_err(kafka_error)?;
    let value = record.and_then(|record| record.value).ok_or_else(|| {
        BadInput(format!("topic {topic} has no record {}; `hitstream dead-letters list` shows which there are", args.place))
    })?;
    let letter =
        DeadLetter::read(&value).map_err(|_| BadInput(format!("record {} of topic {topic} is no dead letter of ours", args.place)))?;
    let part = |bytes: &Option<Bytes>| match bytes {
        None => "none".to_owned(),
        Some(bytes) => {
            let cut = bytes.bytes_total.map_or_else(String::new, |total| format!(" ... cut, {total} bytes in all"));
            readable(&bytes.bytes()) + &cut
        }
    };
    println!("reason   {}: {}", letter.reason, letter.sentence);
    println!("source   topic {}, partition {}, offset {}", letter.source.topic, letter.source.partition, letter.source.offset);
    println!("decided  {}", letter.decided_at);
    println!("key      {}", part(&letter.key));
    for header in &letter.headers {
        println!("header   {} = {}", header.name, part(&header.value));
    }
    println!("value\n{}", part(&letter.value));
    Ok(exit::OK)
}

fn place(text: &str) -> anyhow::Result<(i32, i64)> {
    let parts = text.split_once(':').and_then(|(partition, offset)| Some((partition.parse().ok()?, offset.parse().ok()?)));
    Ok(parts.ok_or_else(|| BadInput(format!("{text}: write PARTITION:OFFSET as `hitstream dead-letters list` shows it")))?)
}

fn replay(args: &DeadLettersReplayArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let kafka = &config.worker.kafka;
    args.places.iter().try_for_each(|text| place(text).map(drop))?;
    let mut wanted: BTreeSet<&str> = args.places.iter().map(String::as_str).collect();
    let mut letters = Vec::new();
    each_dead_letter(&config, |letter| {
        if letter.passes(&args.filter) && (args.all || wanted.remove(letter.place.as_str())) {
            letters.push(letter);
        }
    })?;
    if let Some(missing) = wanted.first() {
        let topic = &config.worker.rules.outputs.dead_letters;
        return Err(BadInput(format!(
            "topic {topic} has no dead letter {missing}{}",
            if args.filter.is_empty() { "" } else { " that matches" }
        ))
        .into());
    }
    // Another replay at the same time is shut out before it is looked up what was sent already.
    let id = format!("hitstream-replay-{}", config.worker.rules.outputs.dead_letters);
    let publisher = if args.dry_run { None } else { Some(KafkaPublisher::begin(kafka, &id).map_err(kafka_error)?) };
    let done = replayed(kafka, &letters)?;
    let (mut records, mut left_out, mut sources) = (Vec::new(), 0, HashSet::new());
    for letter in &letters {
        // At least once, one record may have left two dead letters.
        let twice = !sources.insert((&letter.source.topic, letter.source.partition, letter.source.offset));
        match original(&config, letter, &done, args.again)?
            .and_then(|record| if twice { Err("is sent already".to_owned()) } else { Ok(record) })
        {
            Err(reason) => {
                left_out += 1;
                println!("left out  {}  {reason}", letter.line());
            }
            Ok(record) => {
                println!("to send   {}", letter.line());
                records.push(record);
            }
        }
    }
    let sent = records.len();
    if let Some(publisher) = publisher {
        // Everything is at hand: readers of the topics wait for nothing but these records.
        for record in &records {
            publisher.send(record)?;
        }
        publisher.commit(Duration::from_secs(60)).context("the broker did not take everything: readers see nothing of it; run it again")?;
    }
    let verb = if args.dry_run { "would be sent again" } else { "sent again, all at once" };
    println!("{sent} {verb}, {left_out} left out");
    Ok(exit::OK)
}

/// Places of dead letters that were replayed before: they stand in the headers of the topics they went back to.
fn replayed(kafka: &KafkaConfig, letters: &[DeadLetter]) -> anyhow::Result<HashSet<String>> {
    let mut oldest: BTreeMap<&str, i64> = BTreeMap::new();
    for letter in letters {
        let decided_ms = letter.decided_at.as_millisecond();
        oldest.entry(&letter.source.topic).and_modify(|known| *known = decided_ms.min(*known)).or_insert(decided_ms);
    }
    let mut done = HashSet::new();
    for (topic, since_ms) in oldest {
        // Clocks of brokers and workers may differ a little.
        let start = offsets_at(kafka, topic, since_ms - 60_000).map_err(kafka_error)?;
        for_each_record_from(kafka, topic, &start, Isolation::ReadCommitted, |record| {
            let header = record.headers.iter().find(|(name, _)| name == REPLAYED_HEADER).and_then(|(_, value)| value.clone());
            done.extend(header.and_then(|place| String::from_utf8(place).ok()));
        })
        .map_err(kafka_error)?;
    }
    Ok(done)
}

/// The record as it was, or why it is not sent again.
fn original(config: &Config, letter: &DeadLetter, done: &HashSet<String>, again: bool) -> anyhow::Result<Result<OutputRecord, String>> {
    let Source { topic, partition, offset } = &letter.source;
    if *topic == config.worker.alert_topic {
        return Ok(Err("an alert: publish it again, its key may have a newer version by now".to_owned()));
    }
    if done.contains(&letter.place) {
        return Ok(Err("was replayed before".to_owned()));
    }
    let (key, value, mut headers): (_, _, Headers) = if letter.is_cut() {
        // A dead letter holds what fits; the whole record is at its source, for as long as that keeps it.
        match fetch_record(&config.worker.kafka, topic, *partition, *offset).map_err(kafka_error)? {
            Some(record) => (record.key, record.value, record.headers),
            None => return Ok(Err("was cut, and its source no longer holds it".to_owned())),
        }
    } else {
        let bytes = |part: &Option<Bytes>| part.as_ref().map(Bytes::bytes);
        let headers = letter.headers.iter().map(|header| (header.name.clone(), bytes(&header.value))).collect();
        (bytes(&letter.key), bytes(&letter.value), headers)
    };
    if headers.iter().any(|(name, _)| name == REPLAYED_HEADER) {
        if !again {
            return Ok(Err("was replayed before and failed again; with --again it is sent once more".to_owned()));
        }
        headers.retain(|(name, _)| name != REPLAYED_HEADER);
    }
    // With what the configuration says now: a worker that was not restarted since may see it otherwise.
    let rules = config.worker.rules.routes.iter().find(|route| *route.topic == **topic).map(|route| &route.kind);
    match rules {
        Some(RouteKind::Event(rules)) => {
            if let Err(reason) = rules.decode(value.as_deref()) {
                return Ok(Err(format!("would fail again: {}", reason.sentence)));
            }
        }
        Some(RouteKind::Alerts) | None => return Ok(Err(format!("topic {topic} is not one of [[inputs]]"))),
    }
    headers.push((REPLAYED_HEADER.to_owned(), Some(letter.place.clone().into_bytes())));
    Ok(Ok(OutputRecord { topic: Arc::from(topic.as_str()), key, value, headers }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{Coordinates, dead_letter};
    use crate::model::Unreadable;

    #[test]
    fn what_the_worker_writes_is_read_back_whole() {
        let at = Coordinates { topic: "transactions", partition: 2, offset: 7, timestamp_ms: None };
        let headers = [("h".to_owned(), Some(vec![0xFF])), ("empty".to_owned(), None)];
        let written = dead_letter(at, Some(b"k"), Some(b"\x00\xFFab"), &headers, &Unreadable::new("not_json", "no"), 5);
        let letter = DeadLetter::read(written.to_string().as_bytes()).expect("a dead letter");
        let bytes = |part: &Option<Bytes>| part.as_ref().map(Bytes::bytes);
        assert_eq!((bytes(&letter.key), bytes(&letter.value)), (Some(b"k".to_vec()), Some(b"\x00\xFFab".to_vec())));
        assert_eq!((bytes(&letter.headers[0].value), bytes(&letter.headers[1].value)), (Some(vec![0xFF]), None));
        assert!(!letter.is_cut() && letter.decided_at.as_millisecond() == 5);
        let huge = vec![b'x'; 700_000];
        let cut = dead_letter(at, None, Some(&huge), &[], &Unreadable::new("not_json", "no"), 5);
        assert!(DeadLetter::read(cut.to_string().as_bytes()).expect("a dead letter").is_cut());
    }

    #[test]
    fn a_place_is_partition_and_offset() {
        assert_eq!(place("2:17").expect("a place"), (2, 17));
        assert!(["17", "a:b", ":", "2:"].iter().all(|text| place(text).is_err()));
    }
}
