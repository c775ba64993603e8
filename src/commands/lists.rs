//! `hitstream lists`: what the alert topic holds, list by list.

use super::kafka_error;
use super::run::read_config;
use crate::alerts::{self, AlertKind, DOCUMENT_LIST};
use crate::bus::kafka::{Isolation, for_each_record};
use crate::cli::{ConfigArgs, exit};
use crate::did_you_mean;
use crate::events::timestamp;
use std::collections::{BTreeMap, HashMap};

/// One row of the table.
#[derive(Default)]
struct Row {
    records: u64,
    version: Option<String>,
    newest_ms: i64,
}

pub(super) fn run(args: &ConfigArgs) -> anyhow::Result<u8> {
    let config = read_config(args)?;
    let topic = &config.worker.alert_topic;
    let mut held: HashMap<Vec<u8>, String> = HashMap::new();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for_each_record(&config.worker.kafka, topic, Isolation::ReadCommitted, |record| {
        let (row, version) = match alerts::check(record.key.as_deref(), record.value.as_deref()) {
            Ok(AlertKind::ListRecord(list, version)) => (Some(list), version),
            Ok(AlertKind::Document) => (Some(DOCUMENT_LIST.to_owned()), None),
            Ok(AlertKind::Override) => (Some("(overrides)".to_owned()), None),
            Ok(AlertKind::Withdrawal) => (None, None),
            Err(_) => (Some("(unreadable)".to_owned()), None),
        };
        let key = record.key.unwrap_or_default();
        // A withdrawal is a change of the list that held the record.
        let before = held.remove(&key);
        if let Some(before) = before.as_ref().and_then(|name| rows.get_mut(name)) {
            before.records -= 1;
        }
        if let Some(name) = row.clone().or(before) {
            let entry = rows.entry(name).or_default();
            entry.newest_ms = entry.newest_ms.max(record.timestamp_ms.unwrap_or(0));
            entry.version = version.or(entry.version.take());
        }
        if let Some(name) = row {
            rows.entry(name.clone()).or_default().records += 1;
            held.insert(key, name);
        }
    })
    .map_err(kafka_error)?;
    if rows.is_empty() {
        println!("topic {topic} is empty: publish a list with `hitstream publish`");
        return Ok(exit::OK);
    }
    println!("{:<24} {:>10}  {:<25} {:<14} version", "list", "records", "newest change", "age");
    for (name, row) in &rows {
        let age = jiff::Timestamp::now().as_millisecond() - row.newest_ms;
        println!(
            "{name:<24} {:>10}  {:<25} {:<14} {}",
            row.records,
            timestamp(row.newest_ms),
            age_words(age),
            row.version.as_deref().unwrap_or("-")
        );
    }
    let known: Vec<&str> = rows.keys().map(String::as_str).collect();
    for (policy, list) in config.worker.rules.unknown_lists(&known) {
        let nearest = did_you_mean(&list, &known);
        println!("policy {policy} names list \"{list}\", of which the topic holds nothing{nearest}");
    }
    Ok(exit::OK)
}

/// An age as people say it.
fn age_words(age_ms: i64) -> String {
    let seconds = age_ms.max(0) / 1000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_in_the_unit_that_fits() {
        let words = [0, 119_000, 120_000, 7_200_000, 172_800_000].map(age_words);
        assert_eq!(words, ["0 s", "119 s", "2 min", "2 hours", "2 days"]);
    }
}
