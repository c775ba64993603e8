//! Exactly once, whatever dies: outputs read as committed equal what screening alone says, record by record.

use super::harness::{Installation, WorkerProcess};
use crate::support::{LISTED, event, json_of, list_record, listed_index};
use hitstream::bus::InputRecord;
use hitstream::bus::kafka::Isolation;
use hitstream::screening::Screener;
use hitstream::worker::{List, process_batch};
use std::collections::BTreeMap;
use std::time::Duration;

/// Publishes the list that `listed_index` holds.
fn publish_list(installation: &Installation) {
    let lines: Vec<String> = LISTED.iter().map(|(id, name)| list_record(id, &[name]).to_string()).collect();
    let file = installation.folder.path().join("list.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    installation.publish(&[&format!("test={}", file.display())]);
}

fn send_events(installation: &Installation, from: usize, to: usize) {
    let topic = installation.topic("transactions");
    installation.send((from..to).map(|number| {
        let (_, value) = event(number);
        (topic.clone(), format!("k{}", number % 97), Some(value))
    }));
}

type Multiset = BTreeMap<String, usize>;

fn count(items: impl Iterator<Item = String>) -> Multiset {
    let mut counts = Multiset::new();
    items.for_each(|item| *counts.entry(item).or_default() += 1);
    counts
}

fn identity(record: &InputRecord) -> String {
    let body = json_of(record.value.as_deref());
    if let Some(id) = body["hit_id"].as_str() {
        return format!("hit {id}");
    }
    if body["decision"].is_string() {
        return format!("decision {}/{} {} {}", body["event"]["partition"], body["event"]["offset"], body["decision"], body["hit_ids"]);
    }
    format!("dead letter {} {}", body["source"], body["reason"])
}

/// What screening alone makes of the records that stand in the input topics.
fn expected(installation: &Installation) -> Multiset {
    let (_index, snapshots) = listed_index();
    let (rules, mut screener) = (installation.rules(), Screener::default());
    let mut all = Multiset::new();
    for input in ["transactions", "customers"] {
        for chunk in installation.read(input, Isolation::ReadCommitted).chunks(1000) {
            let result = process_batch(chunk, &List::fresh(&snapshots.newest()), &rules, &mut screener, 0).unwrap();
            assert_eq!(result.records, chunk.len());
            for output in result.outputs {
                let record = InputRecord {
                    topic: output.topic,
                    partition: 0,
                    offset: 0,
                    timestamp_ms: None,
                    key: output.key,
                    value: output.value,
                    headers: output.headers,
                };
                *all.entry(identity(&record)).or_default() += 1;
            }
        }
    }
    all
}

fn outputs(installation: &Installation, isolation: Isolation) -> Multiset {
    count(
        ["hits", "decisions", "dead-letters"].iter().flat_map(|topic| installation.read(topic, isolation)).map(|record| identity(&record)),
    )
}

/// The first few differences, for a readable failure.
fn assert_same(found: &Multiset, expected: &Multiset) {
    let missing: Vec<&String> =
        expected.iter().filter(|(item, count)| found.get(*item).copied().unwrap_or(0) < **count).map(|(item, _)| item).take(3).collect();
    let too_many: Vec<&String> =
        found.iter().filter(|(item, count)| expected.get(*item).copied().unwrap_or(0) < **count).map(|(item, _)| item).take(3).collect();
    assert!(missing.is_empty() && too_many.is_empty(), "missing: {missing:?}, too many: {too_many:?}");
}

/// Order of a key in = order of its decisions out.
fn assert_ordered(decisions: &[InputRecord]) {
    let mut last: BTreeMap<(Option<Vec<u8>>, i64), i64> = BTreeMap::new();
    for record in decisions {
        let body = json_of(record.value.as_deref());
        let (partition, offset) = (body["event"]["partition"].as_i64().unwrap(), body["event"]["offset"].as_i64().unwrap());
        let before = last.insert((record.key.clone(), partition), offset);
        assert!(before.is_none_or(|before| before < offset), "decisions of key {:?} out of order", record.key);
    }
}

#[test]
fn two_workers_share_three_partitions_and_miss_nothing() {
    let installation = Installation::new("share");
    publish_list(&installation);
    let workers = [installation.start("one"), installation.start("two")];
    let mut decisions = installation.follow("decisions");
    send_events(&installation, 0, 3000);
    decisions.until("decisions", Duration::from_secs(90), |seen| seen.len() >= 3000);
    for worker in workers {
        let (code, log) = worker.terminate();
        assert_eq!(code, Some(0), "{log}");
    }
    assert_same(&outputs(&installation, Isolation::ReadCommitted), &expected(&installation));
    let decisions = installation.read("decisions", Isolation::ReadCommitted);
    assert_ordered(&decisions);
    for record in &decisions {
        assert_eq!(record.headers, [("traceparent".to_owned(), record.key.clone())], "headers are carried on");
    }
}

#[test]
fn kill_9_in_the_middle_of_50000_events_loses_and_doubles_nothing() {
    let kills = std::env::var("HITSTREAM_KILLS").map_or(6, |text| text.parse().unwrap());
    let events = 2000 + 8000 * kills;
    let installation = Installation::new("kill9");
    publish_list(&installation);
    send_events(&installation, 0, events);
    let mut decisions = installation.follow("decisions");
    let mut worker = Some(installation.start("one"));
    // Killed as it goes, after 1 to 6000 decisions more: the place within a batch is left to chance.
    for _ in 0..kills {
        let enough = decisions.seen.len() + fastrand::usize(1..6000);
        decisions.until("decisions before the kill", Duration::from_secs(120), |seen| seen.len() >= enough);
        worker.take().unwrap().kill();
        worker = Some(installation.start("one"));
    }
    decisions.until("all decisions", Duration::from_secs(240), |seen| seen.len() >= events);
    let (code, log) = worker.take().unwrap().terminate();
    assert_eq!(code, Some(0), "{log}");
    let expected = expected(&installation);
    assert_same(&outputs(&installation, Isolation::ReadCommitted), &expected);
    assert_ordered(&installation.read("decisions", Isolation::ReadCommitted));
    // Negative control: one lost and one doubled output must be seen by the same comparison.
    let mut tampered = expected.clone();
    *tampered.values_mut().next().unwrap() += 1;
    tampered.pop_last();
    assert!(std::panic::catch_unwind(|| assert_same(&tampered, &expected)).is_err());
}

/// Negative control on the broker itself: a reader of uncommitted records sees the outputs of batches that died.
#[test]
fn a_reader_of_uncommitted_records_sees_doubles_after_kill_9() {
    const EVENTS: usize = 20_000;
    let installation = Installation::new("control");
    publish_list(&installation);
    send_events(&installation, 0, EVENTS);
    // One batch of everything takes long to write; killed when its first outputs appear, it dies in the middle.
    let config = installation.config("one", "[worker]\nlanes = 1\nbatch_records_max = 100000\nbatch_bytes_max = 67108864\n");
    let start = || WorkerProcess::start(&config, installation.folder.path(), "one");
    let mut uncommitted = installation.follow_uncommitted("decisions");
    let mut died = false;
    for _ in 0..10 {
        let (worker, seen) = (start(), uncommitted.seen.len());
        uncommitted.until("first outputs", Duration::from_secs(60), |all| all.len() > seen);
        worker.kill();
        let all = installation.read("decisions", Isolation::ReadUncommitted).len();
        died = all > installation.read("decisions", Isolation::ReadCommitted).len();
        if died {
            break;
        }
    }
    assert!(died, "no batch died with outputs written");
    let worker = start();
    let mut decisions = installation.follow("decisions");
    decisions.until("all decisions", Duration::from_secs(120), |seen| seen.len() >= EVENTS);
    worker.terminate();
    let expected = expected(&installation);
    assert_same(&outputs(&installation, Isolation::ReadCommitted), &expected);
    let uncommitted = outputs(&installation, Isolation::ReadUncommitted);
    assert!(std::panic::catch_unwind(|| assert_same(&uncommitted, &expected)).is_err(), "the check is blind to doubles");
}

#[test]
fn at_least_once_misses_nothing_and_doubles_have_equal_ids() {
    let installation = Installation::new("atleast");
    publish_list(&installation);
    send_events(&installation, 0, 6000);
    let config = installation.config("one", "");
    let text = std::fs::read_to_string(&config).unwrap().replace("[kafka.options]", "delivery = \"at-least-once\"\n[kafka.options]");
    std::fs::write(&config, text).unwrap();
    let mut decisions = installation.follow("decisions");
    let worker = WorkerProcess::start(&config, installation.folder.path(), "one");
    decisions.until("some decisions", Duration::from_secs(60), |seen| seen.len() >= 1500);
    worker.kill();
    let worker = WorkerProcess::start(&config, installation.folder.path(), "one");
    let expected = expected(&installation);
    let wanted = expected.keys().filter(|item| item.starts_with("decision")).count();
    decisions.until("all decisions", Duration::from_secs(120), |seen| {
        seen.iter().map(identity).collect::<std::collections::BTreeSet<_>>().len() >= wanted
    });
    worker.terminate();
    let found = outputs(&installation, Isolation::ReadCommitted);
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    decisions.until("no more", Duration::from_secs(60), |_| true);
    let before = decisions.seen.len();
    // A worker that ended well has told Kafka everything: the next one decides nothing again.
    let worker = WorkerProcess::start(&config, installation.folder.path(), "one");
    worker.until_logged("partitions assigned", Duration::from_secs(60));
    send_events(&installation, 6000, 6100);
    decisions.until("the next decisions", Duration::from_secs(120), |seen| seen.len() >= before + 100);
    worker.terminate();
    decisions.until("no more", Duration::from_secs(60), |_| true);
    assert_eq!(decisions.seen.len(), before + 100, "decided again after a good end");
}
