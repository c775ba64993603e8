//! `hitstream hits tail`: hits as they are published, for people who watch.

use super::run::read_config;
use super::{BadInput, kafka_error};
use crate::bus::kafka::{Isolation, KafkaTopicLog, topic_state};
use crate::bus::{LogStart, PollLimits, TopicLog};
use crate::cli::{HitsTailArgs, exit};
use serde_json::Value;
use std::time::Duration;

pub(super) fn run(args: &HitsTailArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let mut logs = Vec::new();
    for topic in config.worker.rules.hit_topics() {
        let state = topic_state(&config.worker.kafka, &topic).map_err(kafka_error)?;
        let end = LogStart::At(state.offsets.iter().map(|(&partition, &(_, end))| (partition, end)).collect());
        let start = if args.from_beginning { LogStart::Beginning } else { end };
        logs.push(KafkaTopicLog::open(&config.worker.kafka, &state, &start, Isolation::ReadCommitted).map_err(kafka_error)?);
    }
    if logs.is_empty() {
        return Err(BadInput("no policy publishes hits: every hits_topic is empty".to_owned()).into());
    }
    let limits = PollLimits { records_max: 1000, bytes_max: 16 << 20, wait_max: Duration::from_millis(100) };
    let mut shown = 0;
    loop {
        for log in &mut logs {
            for record in log.poll(limits)? {
                let Some(hit) = record.value.as_deref().and_then(|value| serde_json::from_slice::<Value>(value).ok()) else { continue };
                if !passes(&hit, args) {
                    continue;
                }
                println!("{}", if args.json { hit.to_string() } else { line(&hit) });
                shown += 1;
                if args.count.is_some_and(|count| shown >= count) {
                    return Ok(exit::OK);
                }
            }
        }
    }
}

fn passes(hit: &Value, args: &HitsTailArgs) -> bool {
    let alert = &hit["alert"];
    let tier = args.tier.is_empty() || args.tier.iter().any(|tier| alert["tier"] == tier.as_str());
    let list = args.list.as_ref().is_none_or(|list| alert["list"] == list.as_str());
    let score = args.score_min.is_none_or(|least| hit["score"].as_f64().unwrap_or(0.0) >= f64::from(least));
    tier && list && score
}

fn line(hit: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let (alert, party, event) = (&hit["alert"], &hit["party"], &hit["event"]);
    format!(
        "{}  {:.2} {:<6} {} {} {}: {} -> {} ({} {})\n    {}",
        text(&hit["decided_at"]),
        hit["score"].as_f64().unwrap_or(0.0),
        text(&alert["tier"]),
        text(&event["kind"]),
        text(&event["id"]),
        text(&party["role"]),
        text(&party["name"]),
        text(&alert["name"]),
        text(&alert["list"]),
        text(&alert["alert_ids"][0]),
        text(&hit["sentence"]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, HitsVerb, Verb};
    use clap::Parser;
    use serde_json::json;

    #[test]
    fn filters_let_through_what_they_name() {
        let passes_with = |flags: &[&str]| {
            let words = ["hitstream", "hits", "tail", "--config", "x"].iter().chain(flags);
            let Verb::Hits { verb: HitsVerb::Tail(args) } = Cli::parse_from(words).verb else { panic!("another verb") };
            passes(&json!({"score": 0.9, "alert": {"tier": "high", "list": "ofac"}}), &args)
        };
        assert!(passes_with(&[]) && passes_with(&["--tier", "low", "--tier", "high"]) && passes_with(&["--score-min", "0.9"]));
        assert!(!passes_with(&["--tier", "low"]) && !passes_with(&["--list", "eu"]) && !passes_with(&["--score-min", "0.95"]));
    }
}
