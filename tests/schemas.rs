//! What the program really emits fits the published JSON Schemas, and so do the samples of what it reads.

use crate::support::{event, json_of, list_record, listed_index, repository, rules};
use hitstream::bus::InputRecord;
use hitstream::demo::{Feeder, sample_alerts};
use hitstream::model::EventKind;
use hitstream::screening::Screener;
use hitstream::worker::{List, process_batch};
use serde_json::{Value, json};
use std::sync::Arc;

fn schema(name: &str) -> jsonschema::Validator {
    let path = repository().join("config/schemas").join(format!("{name}.schema.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn fits(validator: &jsonschema::Validator, value: &Value) {
    let errors: Vec<String> = validator.iter_errors(value).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?} in {value:#}");
}

fn record(topic: &str, offset: i64, key: &str, value: &[u8]) -> InputRecord {
    InputRecord {
        topic: Arc::from(topic),
        partition: 0,
        offset,
        timestamp_ms: Some(1),
        key: Some(key.as_bytes().to_vec()),
        value: Some(value.to_vec()),
        headers: Vec::new(),
    }
}

#[test]
fn outputs_fit_their_schemas() {
    let (_index, snapshots) = listed_index();
    let mut records: Vec<InputRecord> = (0..30)
        .map(|number| {
            let (key, value) = event(number);
            record("transactions", number as i64, &key, &value)
        })
        .collect();
    let customer = json!({"id": "c1", "party": {"name": "Viktor Halvorsen", "birth_date": "1961-03-14", "country": "ru"}, "related": [{"role": "owner", "name": "Nasrin Darwish"}]});
    records.push(record("customers", 0, "c1", customer.to_string().as_bytes()));
    records.push(record("alerts", 0, "test/a", b"\xFF rubbish"));
    let result = process_batch(
        &records,
        &List::fresh(&snapshots.newest()),
        &rules("transactions", "customers", "alerts"),
        &mut Screener::default(),
        0,
    )
    .unwrap();
    let mut seen = std::collections::BTreeMap::new();
    for output in &result.outputs {
        let name = match output.topic.as_ref() {
            "hits" => "hit",
            "decisions" => "decision",
            _ => "dead-letter",
        };
        fits(&schema(name), &json_of(output.value.as_deref()));
        *seen.entry(name).or_insert(0) += 1;
    }
    assert!(seen["hit"] >= 10 && seen["decision"] == 31 && seen["dead-letter"] >= 3, "{seen:?}");
}

#[test]
fn sample_inputs_fit_their_schemas() {
    for event in Feeder::new(3).take(200) {
        let Ok(body) = serde_json::from_slice::<Value>(&event.value) else { continue };
        if body["parties"].as_array().is_some_and(Vec::is_empty) {
            continue;
        }
        fits(&schema(if event.kind == EventKind::Customer { "customer" } else { "transaction" }), &body);
    }
    for sample in sample_alerts().unwrap() {
        let Ok(body) = serde_json::from_slice::<Value>(&sample.value) else { continue };
        fits(&schema("alert"), &body);
    }
    fits(&schema("alert"), &list_record("a", &["Anna Example"]));
}

#[test]
fn schemas_refuse_what_is_broken() {
    assert!(!schema("transaction").is_valid(&json!({"id": "t1", "parties": []})));
    assert!(!schema("customer").is_valid(&json!({"id": "c1"})));
    assert!(!schema("alert").is_valid(&json!({"id": "x"})));
    assert!(!schema("hit").is_valid(&json!({})));
}
