//! `hitstream publish`: list files and documents to the alert topic.

use super::list_files::{read_file, split_spec};
use super::{BadInput, kafka_error, run::read_config};
use crate::alerts;
use crate::bus::OutputRecord;
use crate::bus::kafka::{KafkaPublisher, check_topics};
use crate::cli::{PublishArgs, exit};
use crate::lists::AlertRecord;
use anyhow::Context;
use std::sync::Arc;
use std::time::Duration;

/// Kafka takes records up to 1 MB by default; some room is left for what the client adds.
const RECORD_BYTES_MAX: usize = 900_000;

pub(super) fn run(args: &PublishArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let topic: Arc<str> = Arc::from(config.worker.alert_topic.as_str());
    // Everything is read and checked before the first record is sent: a broken file publishes nothing.
    let mut records = Vec::new();
    for spec in &args.files {
        let before = records.len();
        read_checked(spec, &mut records)?;
        println!("{}: {} records", split_spec(spec).1.display(), records.len() - before);
    }
    check_topics(&config.worker.kafka, &[&topic], Duration::from_secs(10)).map_err(kafka_error)?;
    let publisher = KafkaPublisher::connect(&config.worker.kafka)?;
    for record in &records {
        let output = OutputRecord {
            topic: Arc::clone(&topic),
            key: Some(record.key.clone().into_bytes()),
            value: Some(record.value.clone()),
            headers: Vec::new(),
        };
        publisher.send(&output).with_context(|| format!("alert {}", record.key))?;
    }
    publisher.flush(Duration::from_secs(120)).context("not everything was taken by the broker: run it again, that does no harm")?;
    println!("published {} records to topic {topic}", records.len());
    Ok(exit::OK)
}

fn read_checked(spec: &str, records: &mut Vec<AlertRecord>) -> anyhow::Result<()> {
    let mut refused = None;
    read_file(spec, |record| {
        let bytes = record.key.len() + record.value.len();
        if bytes > RECORD_BYTES_MAX && refused.is_none() {
            refused = Some(format!("{spec}: record {} has {bytes} bytes; Kafka takes {RECORD_BYTES_MAX}", record.key));
        }
        match alerts::check(Some(record.key.as_bytes()), Some(&record.value)) {
            Ok(()) => records.push(record),
            Err(reason) if refused.is_none() => refused = Some(format!("{spec}: record {}: {reason}", record.key)),
            Err(_) => {}
        };
    })?;
    refused.map_or(Ok(()), |reason| Err(BadInput(reason).into()))
}
