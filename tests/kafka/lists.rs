//! Alerts that come and go while workers run, and alert documents end to end.

use super::harness::{Follower, Installation};
use crate::support::{json_of, list_record, outside_data};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(30);

fn payment(installation: &Installation, id: &str, name: &str) {
    let value = json!({"id": id, "parties": [{"role": "debtor", "name": name}]}).to_string().into_bytes();
    installation.send(std::iter::once((installation.topic("transactions"), id.to_owned(), Some(value))));
}

/// Sends one payment and waits for its decision.
fn decide(installation: &Installation, decisions: &mut Follower, id: &str, name: &str) -> Value {
    payment(installation, id, name);
    let of_id = |record: &hitstream::bus::InputRecord| record.key.as_deref() == Some(id.as_bytes());
    decisions.until(id, SOON, |seen| seen.iter().any(of_id));
    json_of(decisions.seen.iter().find(|record| of_id(record)).unwrap().value.as_deref())
}

#[test]
fn alerts_published_and_withdrawn_while_running_take_effect() {
    let installation = Installation::new("alerts");
    let alerts = installation.topic("alerts");
    let alert = |id: &str, name: &str| (alerts.clone(), format!("test/{id}"), Some(list_record(id, &[name]).to_string().into_bytes()));
    installation.send(std::iter::once(alert("a", "Viktor Halvorsen")));
    let worker = installation.start("one");
    let mut decisions = installation.follow("decisions");
    assert_eq!(decide(&installation, &mut decisions, "t1", "HALVORSEN VIKTOR")["decision"], "hit");
    assert_eq!(decide(&installation, &mut decisions, "t2", "Anna Ruritani")["decision"], "clear");
    // A new alert is searchable within half a second of being read; the broker and this test add their share.
    installation.send(std::iter::once(alert("b", "Anna Ruritani")));
    let published = Instant::now();
    let mut number = 0;
    while decide(&installation, &mut decisions, &format!("n{number}"), "Anna Ruritani")["decision"] != "hit" {
        number += 1;
        assert!(published.elapsed() < Duration::from_secs(3), "a new alert was not searchable in time");
    }
    println!("searchable {:?} after it was published", published.elapsed());
    installation.send(std::iter::once((alerts.clone(), "test/a".to_owned(), None)));
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(decide(&installation, &mut decisions, "t3", "Viktor Halvorsen")["decision"], "clear");
    // A restart goes on from the sealed index.
    let (code, _) = worker.terminate();
    assert_eq!(code, Some(0));
    let worker = installation.start("one");
    assert_eq!(decide(&installation, &mut decisions, "t4", "Viktor Halvorsen")["decision"], "clear");
    assert_eq!(decide(&installation, &mut decisions, "t5", "Anna Ruritani")["decision"], "hit");
    assert_eq!(worker.log().matches("building the index from the beginning").count(), 1, "{}", worker.log());
}

#[test]
fn an_unreadable_alert_is_one_dead_letter_for_all_workers() {
    let installation = Installation::new("badalert");
    let alerts = installation.topic("alerts");
    let good = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    installation.send(
        [(alerts.clone(), "test/a".to_owned(), Some(good)), (alerts.clone(), "test/b".to_owned(), Some(b"rubbish".to_vec()))].into_iter(),
    );
    let _workers = [installation.start("one"), installation.start("two")];
    let mut dead_letters = installation.follow("dead-letters");
    dead_letters.until("the dead letter", SOON, |seen| !seen.is_empty());
    std::thread::sleep(Duration::from_secs(3));
    dead_letters.until("no more", SOON, |_| true);
    assert_eq!(dead_letters.seen.len(), 1);
    let body = json_of(dead_letters.seen[0].value.as_deref());
    assert_eq!((body["reason"].as_str(), body["value"]["text"].as_str()), (Some("not_json"), Some("rubbish")));
}

/// A document whose name field is empty, published from its file, hits on its subject under other spellings.
fn document_hits_end_to_end(test: &str, document: &std::path::Path, alert_id: &str, hits: &[&str], clear: &[&str], surname: &str) {
    let installation = Installation::new(test);
    installation.publish(&[document.to_str().unwrap()]);
    let _worker = installation.start("one");
    let mut decisions = installation.follow("decisions");
    for (number, name) in hits.iter().enumerate() {
        let decision = decide(&installation, &mut decisions, &format!("h{number}"), name);
        assert_eq!(decision["decision"], "hit", "{name}");
    }
    for (number, name) in clear.iter().enumerate() {
        assert_eq!(decide(&installation, &mut decisions, &format!("c{number}"), name)["decision"], "clear", "{name}");
    }
    let mut published = installation.follow("hits");
    published.until("hits", SOON, |seen| seen.len() >= hits.len());
    for record in &published.seen {
        let hit = json_of(record.value.as_deref());
        assert_eq!(hit["alert"]["alert_ids"][0], alert_id);
        let quote = hit["evidence"]["document"]["quote"].as_str().unwrap();
        assert!(quote.contains(surname) && hit["sentence"].as_str().unwrap().contains(quote), "{hit:#}");
    }
}

#[test]
fn our_sample_document_works_end_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alert.txt");
    std::fs::write(&file, include_str!("../../src/demo/samples/documents.txt").lines().next().unwrap()).unwrap();
    let (hits, clear) =
        (["TEMIRKHANOV RUSLAN", "Руслан Темирханов", "Ruslan Askarovich Temirkhanov"], ["Morning Courier", "Facebook", "Ingrid Solbakken"]);
    document_hits_end_to_end("sample", &file, "DEMO2026000001", &hits, &clear, "Temirkhanov");
}

#[test]
fn the_seed_document_works_end_to_end() {
    let Some(document) = outside_data("alerts/seed-alert.txt") else { return };
    let (hits, clear) = (["ABLYAZOV MUKHTAR", "Mukhtar Kabulovich Ablyazov", "Мухтар Аблязов"], ["Le Monde", "Facebook"]);
    document_hits_end_to_end("seed", &document, "TMML2024037327448", &hits, &clear, "Ablyazov");
}

/// Running `publish` again sends nothing; what has gone from the file is withdrawn; a dry run changes nothing.
#[test]
fn publishing_again_sends_what_differs_and_withdraws_what_has_gone() {
    let installation = Installation::new("publish");
    let file = installation.folder.path().join("people.jsonl");
    let write = |names: &[(&str, &str)]| {
        let lines: Vec<String> = names.iter().map(|(id, name)| list_record(id, &[name]).to_string()).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
    };
    let spec = format!("test={}", file.display());
    let records = || installation.read("alerts", hitstream::bus::kafka::Isolation::ReadCommitted);
    write(&[("a", "Viktor Halvorsen"), ("b", "Anna Ruritani")]);
    let first = installation.publish(&[&spec]);
    assert!(first.contains("2 new, 0 changed, 0 the same, 0 gone"), "{first}");
    assert!(installation.publish(&[&spec]).contains("already holds all of it"));
    assert_eq!(records().len(), 2);
    write(&[("a", "Viktor Halvorssen")]);
    assert!(installation.publish(&[&spec, "--dry-run"]).contains("0 new, 1 changed, 0 the same, 1 gone"));
    assert_eq!(records().len(), 2);
    installation.publish(&[&spec]);
    let after = records();
    assert_eq!(after.len(), 4);
    assert!(after[3].key.as_deref() == Some(b"test/b") && after[3].value.is_none());
}

/// An operator's record on the alert topic takes the alert's own reading back, at once and for every worker.
#[test]
fn an_override_published_while_running_takes_effect() {
    let installation = Installation::new("override");
    let alerts = installation.topic("alerts");
    let text = "Name: Alert ID: T1 A court in France convicted Viktor Halvorsen of fraud.";
    installation.send(std::iter::once((alerts.clone(), "T1".to_owned(), Some(text.as_bytes().to_vec()))));
    let _worker = installation.start("one");
    let mut decisions = installation.follow("decisions");
    assert_eq!(decide(&installation, &mut decisions, "t1", "HALVORSEN VIKTOR")["decision"], "hit");
    let mut hits = installation.follow("hits");
    hits.until("the hit", SOON, |seen| !seen.is_empty());
    let hit = json_of(hits.seen[0].value.as_deref());
    assert_eq!(hit["evidence"]["document"]["stage"], "convicted", "{hit:#}");
    let key = format!("override/T1/{}", hit["alert"]["subject_key"].as_str().unwrap());
    let record = json!({"tier": "low", "reason": "a namesake", "author": "ops"}).to_string().into_bytes();
    installation.send(std::iter::once((alerts.clone(), key.clone(), Some(record))));
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(decide(&installation, &mut decisions, "t2", "HALVORSEN VIKTOR")["decision"], "clear");
    installation.send(std::iter::once((alerts, key, None)));
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(decide(&installation, &mut decisions, "t3", "HALVORSEN VIKTOR")["decision"], "hit");
}
