//! `hitstream alerts show`: one alert as the topic has it, and what is read from it.

use super::run::read_config;
use super::{BadInput, kafka_error};
use crate::alerts::{self, OVERRIDE_PREFIX};
use crate::bus::InputRecord;
use crate::bus::kafka::{Isolation, for_each_record};
use crate::cli::{AlertsShowArgs, exit};
use crate::config::Config;
use crate::events::timestamp;
use crate::model::AlertEntity;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn run(args: &AlertsShowArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let topic = &config.worker.alert_topic;
    // The alert id of a document is its key, of a list record the part behind the list.
    let ids = std::iter::once(args.key.as_str()).chain(args.key.split_once('/').map(|(_, id)| id));
    let overrides: Vec<String> = ids.map(|id| format!("{OVERRIDE_PREFIX}{id}/")).collect();
    let is_override = |key: &str| overrides.iter().any(|prefix| key.starts_with(prefix.as_str()));
    let ending = format!("/{}", args.key);
    let found = newest_of(&config, |key| key == args.key || key.ends_with(&ending) || is_override(key))?;
    let (overruled, records): (Vec<_>, Vec<_>) = found.into_iter().partition(|(key, _)| is_override(key) && *key != args.key);
    let exact = records.iter().find(|(key, _)| *key == args.key);
    let (key, record) = match (exact, &records[..]) {
        (Some(one), _) | (None, [one]) => one,
        (None, []) => {
            return Err(
                BadInput(format!("topic {topic} has no alert with the key {}; `hitstream lists` shows what it holds", args.key)).into()
            );
        }
        (None, records) => return Err(several(records.iter().map(|(key, _)| key))),
    };
    println!("{key}  (partition {}, offset {}, written {})", record.partition, record.offset, written(record));
    let Some(value) = &record.value else {
        println!("withdrawn");
        return Ok(exit::OK);
    };
    println!("{}", readable(value));
    match alerts::read(record.key.as_deref(), Some(value), record.timestamp_ms.unwrap_or(0)) {
        Err(reason) => println!("\nUNREADABLE  {}: {}", reason.code, reason.sentence),
        Ok(change) => {
            let entities: Vec<&AlertEntity> = change.entities.iter().filter(|entity| entity.text.is_none()).collect();
            println!("\nread as {} entities:", entities.len());
            entities.into_iter().for_each(show);
        }
    }
    for (key, record) in overruled {
        println!("\noverruled: {key}  (written {})", written(&record));
        println!("{}", record.value.as_deref().map_or_else(|| "taken back".to_owned(), readable));
    }
    Ok(exit::OK)
}

/// The newest record of each key that is wanted, withdrawals too.
pub(super) fn newest_of(config: &Config, wanted: impl Fn(&str) -> bool) -> anyhow::Result<BTreeMap<String, InputRecord>> {
    let mut found = BTreeMap::new();
    for_each_record(&config.worker.kafka, &config.worker.alert_topic, Isolation::ReadCommitted, |record| {
        let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
        if let Some(key) = key.filter(|key| wanted(key)).map(str::to_owned) {
            found.insert(key, record);
        }
    })
    .map_err(kafka_error)?;
    Ok(found)
}

/// One key was asked for.
pub(super) fn several<'a>(keys: impl Iterator<Item = &'a String>) -> anyhow::Error {
    let keys: Vec<&str> = keys.take(10).map(String::as_str).collect();
    BadInput(format!("several alerts end so: {}; name one", keys.join(", "))).into()
}

fn written(record: &InputRecord) -> String {
    record.timestamp_ms.map_or_else(|| "at an unknown time".to_owned(), timestamp)
}

/// JSON over several lines, anything else as it is.
pub(super) fn readable(value: &[u8]) -> String {
    match serde_json::from_slice::<Value>(value) {
        Ok(body) => format!("{body:#}"),
        Err(_) => String::from_utf8_lossy(value).into_owned(),
    }
}

fn show(entity: &AlertEntity) {
    let word = |value: Value| value.as_str().unwrap_or("-").to_owned();
    let role = entity.role.map_or_else(|| "listed".to_owned(), |role| word(json!(role)));
    println!(
        "  {}  {} {role}, tier {}, subject key {}",
        entity.caption(),
        word(json!(entity.kind)),
        word(json!(entity.tier)),
        entity.subject_key
    );
    for form in entity.names.iter().skip(1) {
        println!("    also {} ({})", form.text, word(json!(form.class)).replace('_', " "));
    }
    if !entity.accusation.is_empty() {
        println!("    {}", json!(entity.accusation));
    }
    if let Some(quote) = &entity.quote {
        println!("    \"{quote}\"");
    }
}
