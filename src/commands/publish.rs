//! `hitstream publish`: list files and documents to the alert topic. Only what differs from what the topic holds is sent, in
//! one Kafka transaction; what has gone from a list is withdrawn. Documents are withdrawn by nobody's absence.

use super::list_files::{read_file, split_spec};
use super::run::{mendable, read_config};
use super::{BadInput, counted, kafka_error};
use crate::alerts::{self, DOCUMENT_LIST};
use crate::bus::OutputRecord;
use crate::bus::kafka::{Isolation, KafkaConfig, KafkaPublisher, for_each_record};
use crate::cli::{PublishArgs, exit};
use crate::lists::AlertRecord;
use crate::worker::TopicUse;
use anyhow::Context;
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

/// Kafka takes records up to 1 MB by default; some room is left for what the client adds.
const RECORD_BYTES_MAX: usize = 900_000;

pub(super) fn run(args: &PublishArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let kafka = &config.worker.kafka;
    let topic: Arc<str> = Arc::from(config.worker.alert_topic.as_str());
    // Everything is read and checked before the first record is sent: a broken file publishes nothing.
    let mut records = Vec::new();
    let mut lists = BTreeSet::new();
    for spec in &args.files {
        let before = records.len();
        read_checked(spec, &mut records)?;
        let (name, path) = split_spec(spec);
        let listed = records[before..].iter().filter(|record| is_list_record(&record.value)).count();
        let others = records.len() - before - listed;
        let parts = [(listed, format!("{} of list {name}", counted(listed, "record"))), (others, counted(others, "document"))];
        let parts: Vec<&str> = parts.iter().filter(|(count, _)| *count > 0).map(|(_, words)| words.as_str()).collect();
        println!("{}: {}", path.display(), if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") });
        if listed > 0 {
            lists.insert(name);
        }
    }
    let read = records.len();
    let records = last_of_each_key(records);
    if records.len() < read {
        println!("{} records have a key that comes again later in the files: the last of each counts", read - records.len());
    }
    if lists.contains(DOCUMENT_LIST) {
        return Err(
            BadInput(format!("\"{DOCUMENT_LIST}\" is the list of alert documents: give the list file another name, NAME=FILE")).into()
        );
    }
    config.worker.check_topics(&[TopicUse::Alerts]).map_err(mendable)?;
    if args.dry_run {
        let changes = Changes::against(held(kafka, &topic, &lists, &records)?, records);
        println!("{changes}");
        println!("dry run: nothing was published");
        if !args.withdraw_many && changes.withdraws_many() {
            println!("publishing this needs --withdraw-many: more than a tenth of the list, or all of it, would be withdrawn");
        }
        return Ok(exit::OK);
    }
    let names: Vec<&str> = lists.iter().map(String::as_str).collect();
    // Whoever else publishes these lists is shut out before the topic is read: the difference cannot be of yesterday.
    let publisher = KafkaPublisher::begin(kafka, &format!("hitstream-publish-{topic}-{}", names.join("-"))).map_err(kafka_error)?;
    let changes = Changes::against(held(kafka, &topic, &lists, &records)?, records);
    println!("{changes}");
    if changes.is_empty() {
        println!("topic {topic} already holds all of it");
        return Ok(exit::OK);
    }
    if !args.withdraw_many && changes.withdraws_many() {
        let gone = changes.gone.len();
        return Err(BadInput(format!(
            "{gone} records would be withdrawn, more than a tenth of the list or all of it: is a file cut off? Else add --withdraw-many"
        ))
        .into());
    }
    let bar = progress_bar(changes.sent() as u64);
    for (key, value) in changes.records() {
        let key_bytes = Some(key.clone().into_bytes());
        let output = OutputRecord { topic: Arc::clone(&topic), key: key_bytes, value: value.cloned(), headers: Vec::new() };
        publisher.send(&output).with_context(|| format!("alert {key}"))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    publisher.commit(Duration::from_secs(300)).context("the broker did not take everything: readers see nothing of it; run it again")?;
    println!("published {} to topic {topic}, all at once", counted(changes.sent(), "change"));
    Ok(exit::OK)
}

/// A list record; anything else is an alert document or an override, which no list withdraws.
fn is_list_record(value: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Shape {
        properties: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Shape>(value).is_ok_and(|shape| shape.properties.is_some())
}

/// Of several records of one key the last counts, as on the topic.
fn last_of_each_key(records: Vec<AlertRecord>) -> Vec<AlertRecord> {
    let mut seen = HashSet::new();
    let mut kept: Vec<AlertRecord> = records.into_iter().rev().filter(|record| seen.insert(record.key.clone())).collect();
    kept.reverse();
    kept
}

/// What the topic holds now of these lists and keys: key -> hash of the value.
fn held(kafka: &KafkaConfig, topic: &str, lists: &BTreeSet<String>, records: &[AlertRecord]) -> anyhow::Result<HashMap<String, [u8; 32]>> {
    let documents: HashSet<&str> = records.iter().map(|record| record.key.as_str()).collect();
    let mut held = HashMap::new();
    for_each_record(kafka, topic, Isolation::ReadCommitted, |record| {
        let Some(key) = record.key.and_then(|key| String::from_utf8(key).ok()) else { return };
        let of_list = key.split_once('/').is_some_and(|(list, _)| lists.contains(list));
        let listed = of_list && record.value.as_deref().is_none_or(is_list_record);
        if listed || documents.contains(key.as_str()) {
            match record.value {
                Some(value) => held.insert(key, Sha256::digest(&value).into()),
                None => held.remove(&key),
            };
        }
    })
    .map_err(kafka_error)?;
    Ok(held)
}

/// The difference between files and topic.
struct Changes {
    new: Vec<AlertRecord>,
    changed: Vec<AlertRecord>,
    same: usize,
    /// Keys of the lists that the files no longer hold.
    gone: Vec<String>,
}

impl Changes {
    fn against(mut held: HashMap<String, [u8; 32]>, records: Vec<AlertRecord>) -> Self {
        let mut changes = Self { new: Vec::new(), changed: Vec::new(), same: 0, gone: Vec::new() };
        let keys: HashSet<String> = records.iter().map(|record| record.key.clone()).collect();
        for record in records {
            let hash: [u8; 32] = Sha256::digest(&record.value).into();
            match held.get(&record.key) {
                None => changes.new.push(record),
                Some(known) if *known == hash => changes.same += 1,
                Some(_) => changes.changed.push(record),
            }
        }
        held.retain(|key, _| !keys.contains(key));
        changes.gone = held.into_keys().collect();
        changes.gone.sort();
        changes
    }

    fn is_empty(&self) -> bool {
        self.sent() == 0
    }

    /// A few always go, but never the whole list.
    fn withdraws_many(&self) -> bool {
        let (gone, kept) = (self.gone.len(), self.same + self.changed.len());
        gone > 0 && kept == 0 || gone > WITHDRAWN_FREELY_MAX && gone * 10 > gone + kept
    }

    fn sent(&self) -> usize {
        self.new.len() + self.changed.len() + self.gone.len()
    }

    /// Withdrawals last: a record that only changed its key is never missing in between.
    fn records(&self) -> impl Iterator<Item = (&String, Option<&Vec<u8>>)> {
        let written = self.new.iter().chain(&self.changed).map(|record| (&record.key, Some(&record.value)));
        written.chain(self.gone.iter().map(|key| (key, None)))
    }
}

impl std::fmt::Display for Changes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} new, {} changed, {} the same, {} gone", self.new.len(), self.changed.len(), self.same, self.gone.len())?;
        let shown = self.gone.iter().take(GONE_SHOWN_MAX);
        shown.into_iter().try_for_each(|key| write!(out, "\n  to withdraw: {key}"))?;
        match self.gone.len().saturating_sub(GONE_SHOWN_MAX) {
            0 => Ok(()),
            more => write!(out, "\n  ... and {more} more"),
        }
    }
}

/// So many withdrawals are no sign of a file that was cut off.
const WITHDRAWN_FREELY_MAX: usize = 10;

/// So many withdrawn keys are named.
const GONE_SHOWN_MAX: usize = 10;

/// Shown on a terminal only.
fn progress_bar(length: u64) -> ProgressBar {
    if std::io::stderr().is_terminal() { ProgressBar::new(length) } else { ProgressBar::hidden() }
}

fn read_checked(spec: &str, records: &mut Vec<AlertRecord>) -> anyhow::Result<()> {
    let mut refused = None;
    read_file(spec, |record| {
        let bytes = record.key.len() + record.value.len();
        if bytes > RECORD_BYTES_MAX && refused.is_none() {
            refused = Some(format!("{spec}: record {} has {bytes} bytes; Kafka takes {RECORD_BYTES_MAX}", record.key));
        }
        match alerts::check(Some(record.key.as_bytes()), Some(&record.value)) {
            Ok(_) => records.push(record),
            Err(reason) if refused.is_none() => refused = Some(format!("{spec}: record {}: {reason}", record.key)),
            Err(_) => {}
        };
    })?;
    refused.map_or(Ok(()), |reason| Err(BadInput(reason).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_changed_same_and_gone() {
        let record = |key: &str, value: &str| AlertRecord { key: key.to_owned(), value: value.as_bytes().to_vec() };
        let hash = |value: &str| -> [u8; 32] { Sha256::digest(value.as_bytes()).into() };
        let held = [("l/a", "1"), ("l/b", "1"), ("l/c", "1")].map(|(key, value)| (key.to_owned(), hash(value))).into();
        let changes = Changes::against(held, vec![record("l/a", "1"), record("l/b", "2"), record("l/d", "1"), record("T1", "text")]);
        assert_eq!(
            (changes.new.len(), changes.changed.len(), changes.same, changes.gone.as_slice()),
            (2, 1, 1, ["l/c".to_owned()].as_slice())
        );
        assert_eq!(changes.records().last(), Some((&"l/c".to_owned(), None)));
        assert!(changes.to_string().contains("to withdraw: l/c"));
        let many = (0..12).map(|number| (format!("l/{number}"), hash("1"))).collect();
        assert!(Changes::against(many, Vec::new()).withdraws_many() && !changes.withdraws_many());
        let twice = last_of_each_key(vec![record("T1", "old"), record("T2", "x"), record("T1", "new")]);
        assert_eq!(twice, [record("T2", "x"), record("T1", "new")]);
        assert!(is_list_record(br#"{"id":"a","properties":{}}"#) && !is_list_record(b"Name: Alert ID: l/1 text"));
    }
}
