//! Starting, stopping, and what a worker says when something is not as it should be.

use super::harness::{Installation, WorkerProcess, admin};
use super::payments::{assert_each_decided_once, send_payments};
use crate::support::{json_of, list_record};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

#[test]
fn missing_topics_are_an_error_that_names_them() {
    let installation = Installation::without_topics("missing");
    let mut worker = installation.start("one");
    assert_eq!(worker.exit_code(SOON), Some(2));
    let log = worker.log();
    for topic in ["transactions", "customers", "alerts", "hits", "decisions", "dead-letters"] {
        assert!(log.contains(&*installation.topic(topic)), "{log}");
    }
}

#[test]
fn a_broker_that_is_away_is_waited_for_and_a_signal_ends_the_wait() {
    let installation = Installation::without_topics("away");
    let config = installation.config_at("127.0.0.1:1", "one", "");
    let worker = WorkerProcess::start(&config, installation.folder.path(), "one");
    worker.until_logged("no broker answers at 127.0.0.1:1", SOON);
    let (code, said) = worker.get("/ready");
    assert!(worker.get("/live").0 == 200 && code == 503 && said.contains("a broker that answers"), "{said}");
    let (code, log) = worker.terminate();
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn an_empty_alert_topic_is_not_ready_until_it_holds_something() {
    let installation = Installation::new("empty");
    let worker = installation.start("one");
    worker.until_logged("address=127.0.0.1:", SOON);
    assert_eq!(worker.get("/live").0, 200);
    let deadline = std::time::Instant::now() + SOON;
    while !worker.get("/ready").1.contains("the alert topic is empty") {
        assert!(std::time::Instant::now() < deadline, "{}", worker.get("/ready").1);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(worker.get("/ready").0, 503);
    let record = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    installation.send(std::iter::once((installation.topic("alerts"), "test/a".to_owned(), Some(record))));
    let deadline = std::time::Instant::now() + SOON;
    while worker.get("/ready").0 != 200 {
        assert!(std::time::Instant::now() < deadline, "{}", worker.get("/ready").1);
        std::thread::sleep(Duration::from_millis(50));
    }
    let status = json_of(Some(worker.get("/status").1.as_bytes()));
    assert_eq!((status["list_entities"].as_u64(), status["list_version"].as_str()), (Some(1), Some("0:1")));
    assert_eq!(status["lists"], serde_json::json!({"test": 1}));
    let metrics = worker.get("/metrics").1;
    for name in [
        "hitstream_events",
        "hitstream_hits",
        "hitstream_dead_letters",
        "hitstream_latency_seconds",
        "hitstream_batch_commit_seconds",
        "hitstream_list_position 1",
        "hitstream_list_age_seconds",
    ] {
        assert!(metrics.contains(name), "no {name} in {metrics}");
    }
}

#[test]
fn allow_empty_screens_against_nothing() {
    let installation = Installation::new("allowempty");
    let config = installation.config("one", "");
    let text = std::fs::read_to_string(&config).unwrap().replace("[alerts]\n", "[alerts]\nallow_empty = true\n");
    std::fs::write(&config, text).unwrap();
    let _worker = WorkerProcess::start(&config, installation.folder.path(), "one");
    let mut decisions = installation.follow("decisions");
    let value = b"{\"id\":\"t\",\"parties\":[{\"name\":\"Viktor Halvorsen\"}]}".to_vec();
    installation.send(std::iter::once((installation.topic("transactions"), "t".to_owned(), Some(value))));
    decisions.until("a decision", SOON, |seen| !seen.is_empty());
    assert_eq!(json_of(decisions.seen[0].value.as_deref())["decision"], "clear");
}

/// Two workers with one name, each with an index folder of its own; the first has its partitions.
fn twins(protocol: &str) -> (Installation, WorkerProcess, WorkerProcess) {
    let installation = Installation::new(&format!("twins-{protocol}"));
    let record = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    installation.send(std::iter::once((installation.topic("alerts"), "test/a".to_owned(), Some(record))));
    let config = installation.config_under(protocol, "one");
    let first = WorkerProcess::start(&config, installation.folder.path(), "one");
    first.until_logged("partitions assigned", SOON);
    let text = std::fs::read_to_string(&config).unwrap().replace("index-one", "index-twin");
    let twin_config = installation.folder.path().join("twin.toml");
    std::fs::write(&twin_config, text).unwrap();
    let second = WorkerProcess::start(&twin_config, installation.folder.path(), "twin");
    (installation, first, second)
}

#[test]
fn two_workers_with_one_name_are_told_so() {
    let (_installation, mut first, _second) = twins("classic");
    assert_eq!(first.exit_code(Duration::from_secs(60)), Some(1));
    assert!(first.log().contains("another worker with the same `kafka.instance`"), "{}", first.log());
}

/// There the broker refuses the newcomer, whose producer fences the older one's: while there is work one of them stops, and the
/// other decides everything once.
#[test]
fn of_two_workers_with_one_name_one_stops_under_the_consumer_group_protocol() {
    let (installation, mut first, mut second) = twins("consumer");
    second.until_logged("another worker with the same `kafka.instance`", SOON);
    let mut decisions = installation.follow("decisions");
    let (deadline, mut sent) = (std::time::Instant::now() + 4 * SOON, 0);
    while !first.has_ended() && !second.has_ended() {
        assert!(std::time::Instant::now() < deadline, "both go on:\n{}\n{}", first.log(), second.log());
        send_payments(&installation, sent, sent + 50);
        sent += 50;
        std::thread::sleep(Duration::from_millis(500));
    }
    let (stopped, other) = if first.has_ended() { (&mut first, second) } else { (&mut second, first) };
    assert_eq!(stopped.exit_code(SOON), Some(1));
    assert!(stopped.log().contains("another worker with the same `kafka.instance`"), "{}", stopped.log());
    assert_each_decided_once(&installation, &mut decisions, sent);
    assert_eq!(other.terminate().0, Some(0));
}

#[test]
fn one_index_folder_cannot_serve_two_workers() {
    let installation = Installation::new("folder");
    let record = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    installation.send(std::iter::once((installation.topic("alerts"), "test/a".to_owned(), Some(record))));
    let first = installation.start("one");
    first.until_logged("the list is ready", SOON);
    let config = installation.config("two", "");
    let text = std::fs::read_to_string(&config).unwrap().replace("index-two", "index-one");
    std::fs::write(&config, text).unwrap();
    let mut second = WorkerProcess::start(&config, installation.folder.path(), "two");
    assert_eq!(second.exit_code(SOON), Some(2));
    assert!(second.log().contains("give each worker its own `alerts.index_dir`"), "{}", second.log());
}

/// After an upgrade or a rollback the index is of another version; after a bad disk it is damaged. Either way it is built
/// anew from the topic, with a message, and nothing is decided before it is whole.
#[test]
fn an_index_of_another_version_or_damaged_is_rebuilt_from_the_topic() {
    let installation = Installation::new("rebuilt");
    let record = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    installation.send(std::iter::once((installation.topic("alerts"), "test/a".to_owned(), Some(record))));
    let folder = installation.folder.path().join("index-one");
    let files = |ending: &str| {
        let all = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        all.filter(|path| path.extension().is_some_and(|found| found == ending)).collect::<Vec<_>>()
    };
    let other_version = || {
        let meta = folder.join("meta.json");
        let text = std::fs::read_to_string(&meta).unwrap();
        let format = hitstream::index::FeedPosition::current_format(&hitstream::alerts::fingerprint());
        assert!(text.contains(&format));
        std::fs::write(&meta, text.replace(&format, "99-of-the-future")).unwrap();
    };
    let cut_off = || files("store").iter().for_each(|file| std::fs::write(file, b"x").unwrap());
    let flip = || {
        for file in files("companion") {
            let mut bytes = std::fs::read(&file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xFF;
            std::fs::write(&file, bytes).unwrap();
        }
    };
    let mut decisions = installation.follow("decisions");
    let spoils: [(&dyn Fn(), &str); 4] =
        [(&|| {}, ""), (&other_version, "another version of the program"), (&cut_off, "smaller than 4 bytes"), (&flip, "is damaged")];
    for (number, (spoil, message)) in spoils.into_iter().enumerate() {
        spoil();
        let worker = installation.start("one");
        let id = format!("t{number}");
        let value = format!("{{\"id\":\"{id}\",\"parties\":[{{\"name\":\"HALVORSEN VIKTOR\"}}]}}").into_bytes();
        installation.send(std::iter::once((installation.topic("transactions"), id, Some(value))));
        decisions.until("a decision", SOON, |seen| seen.len() == number + 1);
        assert_eq!(json_of(decisions.seen[number].value.as_deref())["decision"], "hit");
        assert!(worker.log().contains(message), "{}", worker.log());
        assert_eq!(worker.log().matches("building the index from the beginning").count(), number + 1, "{}", worker.log());
        assert_eq!(worker.terminate().0, Some(0));
    }
}

/// A quiet alert topic is asked for its end again and again and stays fresh; one that is gone makes the list stale, and
/// topics whose policy waits are decided no more.
#[test]
fn a_quiet_alert_topic_is_fresh_and_a_deleted_one_makes_the_list_stale() {
    let installation = Installation::new("stale");
    let record = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    installation.send(std::iter::once((installation.topic("alerts"), "test/a".to_owned(), Some(record))));
    let config = installation.config("one", "");
    let text = std::fs::read_to_string(&config).unwrap().replace("[alerts]\n", "[alerts]\nlag_max_ms = 2000\n");
    std::fs::write(&config, text).unwrap();
    let worker = WorkerProcess::start(&config, installation.folder.path(), "one");
    worker.until_logged("partitions assigned", SOON);
    std::thread::sleep(Duration::from_secs(5));
    let status = || json_of(Some(worker.get("/status").1.as_bytes()));
    assert_eq!((&status()["list_stale"], worker.log().contains("the list is stale")), (&false.into(), false), "{}", worker.log());
    admin::delete_topic(&installation.topic("alerts"));
    worker.until_logged("the list is stale", SOON);
    assert_eq!((&status()["list_stale"], &status()["ready"]), (&true.into(), &false.into()));
    let value = b"{\"id\":\"t\",\"parties\":[{\"name\":\"Viktor Halvorsen\"}]}".to_vec();
    installation.send(std::iter::once((installation.topic("transactions"), "t".to_owned(), Some(value))));
    std::thread::sleep(Duration::from_secs(3));
    let mut decisions = installation.follow("decisions");
    decisions.until("nothing", SOON, |_| true);
    std::thread::sleep(Duration::from_millis(300));
    decisions.until("nothing", SOON, |_| true);
    assert!(decisions.seen.is_empty());
    assert!(worker.get("/metrics").1.contains("hitstream_list_stale 1"));
    let (code, log) = worker.terminate();
    assert_eq!(code, Some(0), "{log}");
}
