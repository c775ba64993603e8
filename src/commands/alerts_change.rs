//! `hitstream alerts withdraw|override`: one alert at a time, by hand. Whole lists are withdrawn by `publish`.

use super::alerts_show::{newest_of, several};
use super::run::read_config;
use super::{BadInput, kafka_error};
use crate::alerts::{self, OVERRIDE_PREFIX};
use crate::bus::OutputRecord;
use crate::bus::kafka::KafkaPublisher;
use crate::cli::{AlertsOverrideArgs, AlertsWithdrawArgs, exit};
use crate::config::Config;
use anyhow::Context;
use serde_json::{Map, json};
use std::sync::Arc;
use std::time::Duration;

const COMMIT_MAX: Duration = Duration::from_secs(60);

pub(super) fn withdraw(args: &AlertsWithdrawArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let publisher = begin(&config)?;
    let held = newest_of(&config, |key| args.keys.iter().any(|wanted| wanted == key))?;
    if let Some(unknown) = args.keys.iter().find(|key| !held.contains_key(*key)) {
        let known = format!("topic {} has no alert with the key {unknown}", config.worker.alert_topic);
        return Err(BadInput(format!("{known}, so nothing was withdrawn; `hitstream alerts show` finds a key by its last part")).into());
    }
    let (gone, there): (Vec<_>, Vec<_>) = held.iter().partition(|(_, record)| record.value.is_none());
    there.iter().try_for_each(|(key, _)| send(&config, &publisher, key, None))?;
    publisher.commit(COMMIT_MAX).context("the broker did not take it: nothing was withdrawn; run it again")?;
    gone.iter().for_each(|(key, _)| println!("{key} is withdrawn already"));
    there.iter().for_each(|(key, _)| println!("withdrawn: {key}"));
    Ok(exit::OK)
}

pub(super) fn overrule(args: &AlertsOverrideArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let given = [("role", &args.role), ("tier", &args.tier), ("reason", &args.reason), ("author", &args.author)];
    let value: Map<_, _> = given.into_iter().filter_map(|(field, value)| Some((field.to_owned(), json!(value.as_ref()?)))).collect();
    let value = (!args.take_back).then(|| json!(value).to_string().into_bytes());
    // Of a list record the alert id is the part behind the list, though its whole key may be given.
    let key_of = |alert_id: &str| format!("{OVERRIDE_PREFIX}{alert_id}/{}", args.subject_key);
    let mut override_key = key_of(&args.alert_id);
    alerts::check(Some(override_key.as_bytes()), value.as_deref()).map_err(|reason| BadInput(reason.sentence))?;
    let publisher = begin(&config)?;
    // The alert id of a document is its key, of a list record the part behind the list.
    let ending = format!("/{}", args.alert_id);
    let mut held = newest_of(&config, |key| {
        key == override_key || !key.starts_with(OVERRIDE_PREFIX) && (key == args.alert_id || key.ends_with(&ending))
    })?;
    let before = held.remove(&override_key).and_then(|record| record.value);
    if args.take_back && before.is_none() {
        return Err(BadInput(format!("there is no override {override_key} to take back")).into());
    }
    if args.take_back {
        return write(&config, &publisher, &override_key, None, "taken back");
    }
    let (key, record) = match held.iter().collect::<Vec<_>>()[..] {
        [one] => one,
        [] => return Err(BadInput(format!("topic {} has no alert {}", config.worker.alert_topic, args.alert_id)).into()),
        _ => return Err(several(held.keys())),
    };
    let read = alerts::read(record.key.as_deref(), record.value.as_deref(), 0);
    let entities = read.map_err(|reason| BadInput(format!("alert {key} cannot be read: {}", reason.sentence)))?.entities;
    if let Some(entity) = entities.iter().find(|entity| entity.subject_key == args.subject_key) {
        override_key = key_of(&entity.alert_id);
    } else {
        let mut subjects: Vec<&str> =
            entities.iter().filter(|entity| entity.text.is_none()).map(|entity| entity.subject_key.as_str()).collect();
        subjects.dedup();
        return Err(BadInput(format!("alert {key} has no subject \"{}\"; it has: {}", args.subject_key, subjects.join("; "))).into());
    }
    write(&config, &publisher, &override_key, value, "overruled")
}

/// Sends the one record and commits it.
fn write(config: &Config, publisher: &KafkaPublisher, key: &str, value: Option<Vec<u8>>, said: &str) -> anyhow::Result<u8> {
    send(config, publisher, key, value)?;
    publisher.commit(COMMIT_MAX).context("the broker did not take it: nothing was changed; run it again")?;
    println!("{said}: {key}");
    Ok(exit::OK)
}

/// Whoever else changes alerts by hand is shut out: two at once cannot undo each other unseen.
fn begin(config: &Config) -> anyhow::Result<KafkaPublisher> {
    let id = format!("hitstream-publish-{}-(by hand)", config.worker.alert_topic);
    KafkaPublisher::begin(&config.worker.kafka, &id).map_err(kafka_error)
}

fn send(config: &Config, publisher: &KafkaPublisher, key: &str, value: Option<Vec<u8>>) -> anyhow::Result<()> {
    let topic = Arc::from(config.worker.alert_topic.as_str());
    Ok(publisher.send(&OutputRecord { topic, key: Some(key.as_bytes().to_vec()), value, headers: Vec::new() })?)
}
