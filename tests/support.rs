//! What several suites share: entities, indexes, events of our own writing.

use hitstream::alerts;
use hitstream::index::{AlertIndex, FeedPosition, SnapshotSource};
use hitstream::model::{EventKind, Policy};
use hitstream::worker::{BatchRules, EventRules, OutputTopics, Route, RouteKind};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// A list record with these names.
pub fn list_record(id: &str, names: &[&str]) -> Value {
    json!({"id": id, "schema": "Person", "properties": {"name": names, "topics": ["sanction"]}})
}

/// Listed people of the suites that need a list but do not care which.
pub const LISTED: &[(&str, &str)] =
    &[("a", "Viktor Halvorsen"), ("b", "Nasreen Al-Darwish"), ("c", "Theodoros Kastrinakis"), ("d", "Sevmorgaz Trading LLC")];

pub fn listed_index() -> (AlertIndex, SnapshotSource) {
    let mut index = AlertIndex::in_memory().unwrap();
    for (id, name) in LISTED {
        let key = format!("test/{id}");
        let change = alerts::read(Some(key.as_bytes()), Some(list_record(id, &[name]).to_string().as_bytes()), 0).unwrap();
        index.replace(&change.key, &change.entities).unwrap();
    }
    let position = FeedPosition {
        format: FeedPosition::current_format(&alerts::fingerprint()),
        next_offsets: [(0, LISTED.len() as i64)].into(),
        ..FeedPosition::default()
    };
    index.seal(&position).unwrap();
    let snapshots = index.snapshots();
    (index, snapshots)
}

pub fn rules(transactions: &str, customers: &str, alerts: &str) -> BatchRules {
    let route = |topic: &str, kind| Route { topic: Arc::from(topic), kind };
    BatchRules {
        routes: vec![
            route(transactions, RouteKind::Event(EventRules::plain(EventKind::Transaction, Policy::default()))),
            route(customers, RouteKind::Event(EventRules::plain(EventKind::Customer, Policy::default()))),
            route(alerts, RouteKind::Alerts),
        ],
        outputs: OutputTopics { hits: Arc::from("hits"), decisions: Some(Arc::from("decisions")), dead_letters: Arc::from("dead-letters") },
        program_version: "test".to_owned(),
        config_fingerprint: "test".to_owned(),
    }
}

/// Event number `number` of a stream in which every third names a listed party and every eleventh is broken.
pub fn event(number: usize) -> (String, Vec<u8>) {
    let key = format!("k{}", number % 7);
    if number % 11 == 10 {
        return (key, format!("broken {number}").into_bytes());
    }
    let debtor = if number.is_multiple_of(3) { LISTED[number / 3 % LISTED.len()].1 } else { "Clara Brandvold" };
    let value = json!({"id": format!("t{number}"), "parties": [{"role": "debtor", "name": debtor}, {"role": "creditor", "name": "Jonas Lindqvist"}]});
    (key, value.to_string().into_bytes())
}

pub fn json_of(value: Option<&[u8]>) -> Value {
    serde_json::from_slice(value.unwrap()).unwrap()
}

/// Data that is not part of the repository; `None` says so on the way.
pub fn outside_data(file: &str) -> Option<PathBuf> {
    let Ok(folder) = std::env::var("HITSTREAM_TEST_DATA") else {
        println!("NOT CHECKED: set HITSTREAM_TEST_DATA to the folder of outside test data to run this test");
        return None;
    };
    let path = PathBuf::from(folder).join(file);
    assert!(path.exists(), "HITSTREAM_TEST_DATA is set, but {} is not there", path.display());
    Some(path)
}

/// The built program.
pub fn hitstream() -> std::process::Command {
    std::process::Command::new(env!("CARGO_BIN_EXE_hitstream"))
}

pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
