//! What really happens to workers and brokers: frozen, killed, cut off, grown. After each, every event has one decision.

use super::harness::{Follower, Installation, OwnBroker, WorkerProcess};
use crate::support::{json_of, list_record};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

fn publish_list(installation: &Installation) {
    let record = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    installation.send(std::iter::once((installation.topic("alerts"), "test/a".to_owned(), Some(record))));
}

/// Payments `from..to`, every third by the listed person.
fn send_payments(installation: &Installation, from: usize, to: usize) {
    let transactions = installation.topic("transactions");
    installation.send((from..to).map(|number| {
        let name = if number.is_multiple_of(3) { "HALVORSEN VIKTOR" } else { "Clara Brandvold" };
        let value = json!({"id": format!("t{number}"), "parties": [{"name": name}]}).to_string().into_bytes();
        (transactions.clone(), format!("k{}", number % 17), Some(value))
    }));
}

/// Every payment `0..count` has one committed decision, the right one; and the hits are those of the decisions.
fn assert_each_decided_once(installation: &Installation, decisions: &mut Follower, count: usize) {
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

/// A worker that is frozen for longer than its session loses its partitions; awake again it must not write what the other
/// worker has written meanwhile, and goes on or ends to be started again.
#[test]
fn a_frozen_worker_is_fenced_and_comes_back_clean() {
    let installation = Installation::new("frozen");
    publish_list(&installation);
    let frozen = installation.start("one");
    let mut decisions = installation.follow("decisions");
    send_payments(&installation, 0, 6000);
    decisions.until("some decisions", SOON, |seen| seen.len() >= 500);
    frozen.signal("STOP");
    let other = installation.start("two");
    decisions.until("the other worker to take over", 2 * SOON, |seen| seen.len() >= 6000);
    send_payments(&installation, 6000, 7000);
    frozen.signal("CONT");
    std::thread::sleep(Duration::from_secs(3));
    // Killed like by a supervisor that does not wait, whatever state it is in, and started again.
    frozen.kill();
    let back = installation.start("one");
    send_payments(&installation, 7000, 8000);
    assert_each_decided_once(&installation, &mut decisions, 8000);
    for worker in [other, back] {
        let (code, log) = worker.terminate();
        assert_eq!(code, Some(0), "{log}");
    }
}

#[test]
fn a_broker_killed_and_started_again_costs_time_and_nothing_else() {
    let broker = OwnBroker::start(&[]);
    let installation = Installation::on(&broker.bootstrap, "brokerkill");
    publish_list(&installation);
    send_payments(&installation, 0, 20_000);
    let worker = installation.start("one");
    let mut decisions = installation.follow("decisions");
    for round in 1..=2 {
        decisions.until("decisions before the kill", 2 * SOON, |seen| seen.len() >= round * 4000);
        broker.kill();
        std::thread::sleep(Duration::from_secs(2));
        broker.again();
    }
    assert_each_decided_once(&installation, &mut decisions, 20_000);
    let (code, log) = worker.terminate();
    assert_eq!(code, Some(0), "{log}");
}

/// A second signal, and the end of the grace period, end a worker whose broker does not answer; what was in work is redelivered.
#[test]
fn a_second_signal_and_the_grace_period_end_a_worker_that_cannot_commit() {
    let broker = OwnBroker::start(&[]);
    let installation = Installation::on(&broker.bootstrap, "grace");
    publish_list(&installation);
    let config = installation.config("one", "[worker]\nshutdown_grace_ms = 3000\nbatch_records_max = 50\n");
    let mut decisions = installation.follow("decisions");
    for (round, signals) in [(1, 1), (2, 2)] {
        let mut worker = WorkerProcess::start(&config, installation.folder.path(), "one");
        worker.until_logged("partitions assigned", SOON);
        send_payments(&installation, (round - 1) * 4000, round * 4000);
        decisions.until("some decisions", SOON, |seen| seen.len() > (round - 1) * 4000 + 100);
        broker.signal("STOP");
        std::thread::sleep(Duration::from_millis(500));
        let asked = std::time::Instant::now();
        for _ in 0..signals {
            worker.signal("TERM");
            std::thread::sleep(Duration::from_millis(300));
        }
        assert_eq!(worker.exit_code(SOON), Some(3), "{}", worker.log());
        let limit = Duration::from_secs(if signals == 2 { 2 } else { 8 });
        assert!(asked.elapsed() < limit, "{:?}", asked.elapsed());
        broker.signal("CONT");
        let again = WorkerProcess::start(&config, installation.folder.path(), "one");
        decisions.until("what was in work", 2 * SOON, |seen| seen.len() >= round * 4000);
        again.terminate();
    }
    assert_each_decided_once(&installation, &mut decisions, 8000);
}

#[test]
fn a_partition_added_while_running_is_read() {
    use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
    let installation = Installation::new("grown");
    publish_list(&installation);
    // How often the client looks for new partitions; five minutes by default.
    let config = installation.config("one", "");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text.replace(
        "\"session.timeout.ms\" = \"6000\"",
        "\"session.timeout.ms\" = \"6000\"\n\"topic.metadata.refresh.interval.ms\" = \"1000\"",
    );
    std::fs::write(&config, text).unwrap();
    let worker = WorkerProcess::start(&config, installation.folder.path(), "one");
    let mut decisions = installation.follow("decisions");
    send_payments(&installation, 0, 100);
    decisions.until("the first decisions", SOON, |seen| seen.len() >= 100);
    let mut settings = rdkafka::ClientConfig::new();
    settings.set("bootstrap.servers", super::harness::bootstrap());
    let admin: AdminClient<rdkafka::client::DefaultClientContext> = settings.create().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let topic = installation.topic("transactions");
    let grown = runtime.block_on(admin.create_partitions(&[NewPartitions::new(&topic, 6)], &AdminOptions::new())).unwrap();
    assert!(grown.iter().all(Result::is_ok), "{grown:?}");
    std::thread::sleep(Duration::from_secs(2));
    send_payments(&installation, 100, 1100);
    assert_each_decided_once(&installation, &mut decisions, 1100);
    let partitions: std::collections::BTreeSet<i64> =
        decisions.seen.iter().map(|record| json_of(record.value.as_deref())["event"]["partition"].as_i64().unwrap()).collect();
    assert!(partitions.len() > 3, "{partitions:?}");
    assert_eq!(worker.terminate().0, Some(0));
}
