//! What happens to workers, disks and topics: frozen, killed, full, made anew, grown. After each, every event has one decision.

use super::harness::{Installation, OwnBroker, WorkerProcess, admin};
use super::payments::{SOON, assert_each_decided_once, publish_list, send_payments};
use crate::support::{json_of, list_record};
use hitstream::bus::InputRecord;
use std::collections::BTreeSet;
use std::time::Duration;

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
        broker.kill("");
        std::thread::sleep(Duration::from_secs(2));
        broker.again("");
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
    admin::grow_topic(&installation.topic("transactions"), 6);
    std::thread::sleep(Duration::from_secs(2));
    send_payments(&installation, 100, 1100);
    assert_each_decided_once(&installation, &mut decisions, 1100);
    let partitions: BTreeSet<i64> =
        decisions.seen.iter().map(|record| json_of(record.value.as_deref())["event"]["partition"].as_i64().unwrap()).collect();
    assert!(partitions.len() > 3, "{partitions:?}");
    assert_eq!(worker.terminate().0, Some(0));
}

/// A list that does not fit on the disk stops the worker, and says so; with room again the index holds the whole list.
#[test]
fn a_full_disk_under_the_index_stops_the_worker_and_nothing_is_decided_on_half_a_list() {
    let installation = Installation::new("disk");
    publish_list(&installation);
    let config = installation.config("one", "");
    let mut worker = WorkerProcess::start_with_little_disk(&config, installation.folder.path(), "one", 256);
    let mut decisions = installation.follow("decisions");
    send_payments(&installation, 0, 300);
    decisions.until("decisions on a small list", SOON, |seen| seen.len() >= 300);
    let alerts = installation.topic("alerts");
    // The one who is paid to last comes last.
    let names = (0..5000).map(|number| format!("Ulla{} Kvist{number}", number % 7)).chain(["Ximena Quispe".to_owned()]);
    installation.send(names.enumerate().map(|(number, name)| {
        let record = list_record(&format!("n{number}"), &[&name]).to_string().into_bytes();
        (alerts.clone(), format!("test/n{number}"), Some(record))
    }));
    assert_eq!(worker.exit_code(SOON), Some(1));
    let log = worker.log();
    assert!(log.contains("File too large") && log.contains("index-one"), "{log}");
    send_payments(&installation, 300, 600);
    // Waits with the others for the worker that comes: on half a list it would be clear, and every third is expected to be a hit.
    let value = br#"{"id":"t600","parties":[{"name":"Quispe, Ximena"}]}"#.to_vec();
    installation.send(std::iter::once((installation.topic("transactions"), "k".to_owned(), Some(value))));
    let worker = installation.start("one");
    assert_each_decided_once(&installation, &mut decisions, 601);
    assert_eq!(worker.terminate().0, Some(0));
}

/// Deleted and made again with as many records, so that no offset tells the difference: the worker that runs stops, the one that
/// was away starts, and both build the index anew.
#[test]
fn an_alert_topic_made_anew_is_never_taken_for_the_old_one() {
    let installation = Installation::new("anew");
    let (alerts, config) = (installation.topic("alerts"), installation.config("one", ""));
    let text = std::fs::read_to_string(&config).unwrap().replace("[alerts]\n", "[alerts]\nlag_max_ms = 4000\n");
    std::fs::write(&config, text).unwrap();
    let start = || WorkerProcess::start(&config, installation.folder.path(), "one");
    let list = |name: &str| {
        let record = list_record("a", &[name]).to_string().into_bytes();
        installation.send(std::iter::once((alerts.clone(), "test/a".to_owned(), Some(record))));
    };
    let anew = |name: &str| {
        admin::delete_topic(&alerts);
        // The broker forgets the name a moment later.
        std::thread::sleep(Duration::from_secs(1));
        installation.create_topics();
        list(name);
    };
    let mut decisions = installation.follow("decisions");
    let mut decide = |name: &str| {
        let value = serde_json::json!({"id": "t", "parties": [{"name": name}]}).to_string().into_bytes();
        installation.send(std::iter::once((installation.topic("transactions"), "k".to_owned(), Some(value))));
        let before = decisions.seen.len();
        decisions.until("a decision", SOON, |seen| seen.len() > before);
        json_of(decisions.seen[before].value.as_deref())["decision"].as_str().unwrap().to_owned()
    };
    list("Viktor Halvorsen");
    let mut worker = start();
    assert_eq!(decide("Viktor Halvorsen"), "hit");
    anew("Ximena Quispe");
    assert_eq!(worker.exit_code(SOON), Some(1));
    // By its id, or because it ends before the position.
    assert!(worker.log().contains("the index is then rebuilt"), "{}", worker.log());
    let worker = start();
    assert_eq!((decide("Viktor Halvorsen"), decide("Ximena Quispe")), ("clear".to_owned(), "hit".to_owned()));
    assert_eq!(worker.terminate().0, Some(0));
    anew("Ulla Kvist");
    let worker = start();
    assert_eq!((decide("Ximena Quispe"), decide("Ulla Kvist")), ("clear".to_owned(), "hit".to_owned()));
    assert_eq!(worker.terminate().0, Some(0));
}

/// What was in the old topic is gone, by its owner's will; everything in the new one is decided.
#[test]
fn an_input_topic_made_anew_is_read_from_its_beginning() {
    let installation = Installation::new("input");
    publish_list(&installation);
    let worker = installation.start("one");
    let mut decisions = installation.follow("decisions");
    send_payments(&installation, 0, 300);
    decisions.until("decisions", SOON, |seen| seen.len() >= 300);
    admin::delete_topic(&installation.topic("transactions"));
    worker.until_logged("an input topic is gone", SOON);
    // Until each lane has looked.
    std::thread::sleep(Duration::from_secs(6));
    installation.create_topics();
    send_payments(&installation, 300, 900);
    assert_each_decided_once(&installation, &mut decisions, 900);
    // So quickly that the client may not even have noticed: what was decided before the worker noticed is decided again.
    admin::delete_topic(&installation.topic("transactions"));
    std::thread::sleep(Duration::from_secs(1));
    installation.create_topics();
    send_payments(&installation, 900, 1800);
    let id = |record: &InputRecord| json_of(record.value.as_deref())["event"]["id"].to_string();
    decisions.until("all of the third topic", 2 * SOON, |seen| seen.iter().map(id).collect::<BTreeSet<_>>().len() == 1800);
    let (code, log) = worker.terminate();
    assert_eq!(code, Some(0), "{log}");
}
