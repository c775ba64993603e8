//! A stream of numbered payments, and the check that each was decided once and rightly.

use super::harness::{Follower, Installation};
use crate::support::{json_of, list_record};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

pub const SOON: Duration = Duration::from_secs(60);

pub fn publish_list(installation: &Installation) {
    let record = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    installation.send(std::iter::once((installation.topic("alerts"), "test/a".to_owned(), Some(record))));
}

/// Key and value of a payment; every third is by the listed person.
pub fn payment(number: usize) -> (String, Vec<u8>) {
    let name = if number.is_multiple_of(3) { "HALVORSEN VIKTOR".to_owned() } else { clear_name(number) };
    (format!("k{}", number % 17), json!({"id": format!("t{number}"), "parties": [{"name": name}]}).to_string().into_bytes())
}

/// Payments `from..to`.
pub fn send_payments(installation: &Installation, from: usize, to: usize) {
    let transactions = installation.topic("transactions");
    installation.send((from..to).map(payment).map(|(key, value)| (transactions.clone(), key, Some(value))));
}

/// One of 160,000 that no list has.
fn clear_name(number: usize) -> String {
    let letter = |digit: usize| char::from(b"bcdfghjklmnprstvwxyz"[number / digit % 20]);
    format!("Clara {}a{}end{}i{}", letter(1), letter(20), letter(400), letter(8000))
}

/// Every payment `0..count` has one committed decision, the right one; and the hits are those of the decisions.
pub fn assert_each_decided_once(installation: &Installation, decisions: &mut Follower, count: usize) {
    decisions.until("all decisions", 2 * SOON, |seen| seen.len() >= count);
    // What comes twice comes a moment later.
    std::thread::sleep(Duration::from_secs(1));
    decisions.until("no more", SOON, |_| true);
    let places: std::collections::BTreeSet<_> = decisions.seen.iter().map(|record| (record.partition, record.offset)).collect();
    assert_eq!(places.len(), decisions.seen.len(), "the test itself read records twice");
    let mut decided: BTreeMap<String, usize> = BTreeMap::new();
    for record in &decisions.seen {
        let body = json_of(record.value.as_deref());
        let id = body["event"]["id"].as_str().unwrap().to_owned();
        let number: usize = id[1..].parse().unwrap();
        assert_eq!(body["decision"], if number.is_multiple_of(3) { "hit" } else { "clear" }, "{body}");
        *decided.entry(id).or_default() += 1;
    }
    let twice: Vec<_> = decided.iter().filter(|(_, times)| **times > 1).take(3).collect();
    assert!(decided.len() == count && twice.is_empty(), "{} of {count} decided, twice: {twice:?}", decided.len());
    let mut hits = installation.follow("hits");
    hits.until("all hits", SOON, |seen| seen.len() >= count.div_ceil(3));
    assert_eq!(hits.seen.len(), count.div_ceil(3));
}
