//! The verbs around a running worker: what it could not read, what the lists hold, hits as they come.

use super::harness::Installation;
use crate::support::{hitstream, json_of, list_record};
use hitstream::bus::kafka::Isolation;
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// Runs a verb with the configuration of the installation; returns exit code, output and errors.
fn run(installation: &Installation, words: &[&str]) -> (Option<i32>, String, String) {
    let config = installation.config("operator", "");
    let output = hitstream().args(words).arg("--config").arg(config).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn done(installation: &Installation, words: &[&str]) -> String {
    let (code, out, err) = run(installation, words);
    assert_eq!(code, Some(0), "{words:?}: {out}{err}");
    out
}

/// A record that failed for a reason outside it is decided after its replay, once, however often the replay is run.
#[test]
fn dead_letters_are_listed_shown_and_replayed_once() {
    let installation = Installation::new("letters");
    let record = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    let transactions = installation.topic("transactions");
    installation.send(std::iter::once((installation.topic("alerts"), "test/a".to_owned(), Some(record))));
    // A mapping that looks for the id in the wrong place, and the same configuration mended.
    let mapping = |id: &str| {
        let path = installation.config("one", "");
        let text = std::fs::read_to_string(&path).unwrap();
        let mapped =
            format!("kind = \"transaction\"\nmapping = {{ id = \"{id}\", parties = [{{ role = \"payer\", name = \"/payer\" }}] }}\n");
        std::fs::write(&path, text.replace("kind = \"transaction\"\n", &mapped)).unwrap();
        path
    };
    let start = |config: &std::path::Path| super::harness::WorkerProcess::start(config, installation.folder.path(), "one");
    let worker = start(&mapping("/wrong"));
    let event = json!({"ref": "p1", "payer": "HALVORSEN VIKTOR"}).to_string().into_bytes();
    installation
        .send([(transactions.clone(), "k1".to_owned(), Some(event)), (transactions, "k2".to_owned(), Some(b"{".to_vec()))].into_iter());
    let mut letters = installation.follow("dead-letters");
    letters.until("both dead letters", SOON, |seen| seen.len() == 2);
    assert_eq!(worker.terminate().0, Some(0));
    let listed = done(&installation, &["dead-letters", "list"]);
    assert!(listed.contains("2 dead letters") && listed.contains("1  missing_field of") && listed.contains("1  not_json of"), "{listed}");
    let filtered = done(&installation, &["dead-letters", "list", "--reason", "missing_field"]);
    let place = filtered.split_whitespace().next().unwrap().to_owned();
    assert!(filtered.contains("1 matching dead letter"), "{filtered}");
    let shown = done(&installation, &["dead-letters", "show", &place]);
    assert!(
        shown.contains("key      k1") && shown.contains("\"payer\": \"HALVORSEN VIKTOR\"") && shown.contains("traceparent = k1"),
        "{shown}"
    );
    let (code, _, err) = run(&installation, &["dead-letters", "show", "0:999"]);
    assert!(code == Some(2) && err.contains("dead-letters list"), "{err}");
    // Still under the configuration that cannot read it, and under the mended one.
    let replay = |words: &[&str]| {
        let output = hitstream().args(["dead-letters", "replay"]).args(words).arg("--config").arg(mapping("/ref")).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(done(&installation, &["dead-letters", "replay", &place]).contains("would fail again"));
    let dry = replay(&["--all", "--reason", "missing_field", "--dry-run"]);
    assert!(dry.contains("1 would be sent again"), "{dry}");
    assert_eq!(installation.read("transactions", Isolation::ReadCommitted).len(), 2);
    assert!(replay(&[&place]).contains("1 sent again"));
    assert!(replay(&[&place]).contains("was replayed before"));
    let after = installation.read("transactions", Isolation::ReadCommitted);
    assert_eq!(after.len(), 3);
    let again = after.iter().find(|record| record.headers.iter().any(|(name, _)| name == "hitstream-replayed")).unwrap();
    assert!(again.key.as_deref() == Some(b"k1") && again.headers.iter().any(|(name, _)| name == "traceparent"));
    let _worker = start(&mapping("/ref"));
    let mut hits = installation.follow("hits");
    hits.until("the hit of the replayed record", SOON, |seen| !seen.is_empty());
    assert_eq!(json_of(hits.seen[0].value.as_deref())["event"]["id"], "p1");
    // What still cannot be read is not sent; nor, unasked, what was sent before and failed again.
    let again = replay(&["--all", "--reason", "not_json"]);
    assert!(again.contains("would fail again") && again.contains("0 sent again, all at once, 1 left out"), "{again}");
    let none = done(&installation, &["dead-letters", "list", "--reason", "nonsense"]);
    assert!(none.contains("0 matching dead letters") && none.contains("1 not_json"), "{none}");
}

/// A replay to a worker that was not restarted with the mended configuration fails again; it must not be lost.
#[test]
fn a_replay_that_failed_is_sent_once_more_when_asked() {
    let installation = Installation::new("again");
    let record = list_record("a", &["Viktor Halvorsen"]).to_string().into_bytes();
    let transactions = installation.topic("transactions");
    installation.send(std::iter::once((installation.topic("alerts"), "test/a".to_owned(), Some(record))));
    let text = std::fs::read_to_string(installation.config("one", "")).unwrap();
    let wrong = "kind = \"transaction\"\nmapping = { id = \"/wrong\", parties = [{ name = \"/payer\" }] }\n";
    let old = installation.folder.path().join("old.toml");
    std::fs::write(&old, text.replace("kind = \"transaction\"\n", wrong)).unwrap();
    let new = installation.folder.path().join("new.toml");
    std::fs::write(&new, text.replace("kind = \"transaction\"\n", &wrong.replace("/wrong", "/ref"))).unwrap();
    let replay = |flags: &[&str]| {
        let output = hitstream().args(["dead-letters", "replay", "--all"]).args(flags).arg("--config").arg(&new).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let start = |config: &std::path::Path| super::harness::WorkerProcess::start(config, installation.folder.path(), "one");
    let worker = start(&old);
    let event = json!({"ref": "p1", "payer": "HALVORSEN VIKTOR"}).to_string().into_bytes();
    installation.send(std::iter::once((transactions, "k1".to_owned(), Some(event))));
    let mut letters = installation.follow("dead-letters");
    letters.until("the dead letter", SOON, |seen| seen.len() == 1);
    assert!(replay(&[]).contains("1 sent again"));
    letters.until("the second failure", SOON, |seen| seen.len() == 2);
    assert_eq!(worker.terminate().0, Some(0));
    assert!(replay(&[]).contains("failed again; with --again"), "{}", replay(&[]));
    assert!(replay(&["--again"]).contains("1 sent again"));
    let _worker = start(&new);
    let mut hits = installation.follow("hits");
    hits.until("the hit of the replayed record", SOON, |seen| !seen.is_empty());
    assert_eq!(json_of(hits.seen[0].value.as_deref())["event"]["id"], "p1");
}

#[test]
fn lists_alerts_and_hits_are_shown() {
    let installation = Installation::new("shown");
    let alerts = installation.topic("alerts");
    let mut versioned = list_record("a", &["Viktor Halvorsen"]);
    versioned["list_version"] = json!("2026-11-22");
    let text = "Name: Alert ID: T1 A court in France convicted Anna Ruritani of fraud.";
    let send = |key: &str, value: Option<&[u8]>| {
        installation.send(std::iter::once((alerts.clone(), key.to_owned(), value.map(<[u8]>::to_vec))));
    };
    assert!(done(&installation, &["lists"]).contains("is empty"));
    send("test/a", Some(versioned.to_string().as_bytes()));
    send("test/b", Some(list_record("b", &["Clara Brandvold"]).to_string().as_bytes()));
    send("T1", Some(text.as_bytes()));
    send("test/b", None);
    send("other/x", Some(b"rubbish"));
    let lists = done(&installation, &["lists"]);
    let row = |name: &str| lists.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {lists}")).to_owned();
    assert!(row("test").contains(" 1 ") && row("test").ends_with("2026-11-22"), "{lists}");
    assert!(row("documents").contains(" 1 ") && row("(unreadable)").contains(" 1 "), "{lists}");
    let shown = done(&installation, &["alerts", "show", "T1"]);
    assert!(shown.contains("Anna Ruritani") && shown.contains("subject, tier high") && shown.contains("convicted"), "{shown}");
    assert!(done(&installation, &["alerts", "show", "b"]).contains("withdrawn"));
    let (code, _, err) = run(&installation, &["alerts", "show", "nobody"]);
    assert!(code == Some(2) && err.contains("hitstream lists"), "{err}");
    let _worker = installation.start("one");
    let value =
        json!({"id": "t1", "parties": [{"role": "debtor", "name": "HALVORSEN VIKTOR"}, {"role": "creditor", "name": "Anna Ruritani"}]});
    let transactions = installation.topic("transactions");
    installation.send(std::iter::once((transactions, "t1".to_owned(), Some(value.to_string().into_bytes()))));
    let tail = done(&installation, &["hits", "tail", "--from-beginning", "--count", "1", "--list", "documents"]);
    assert!(tail.contains("Anna Ruritani -> Anna Ruritani (documents T1)"), "{tail}");
    let json = done(&installation, &["hits", "tail", "--from-beginning", "--count", "2", "--json"]);
    assert_eq!(json.lines().filter(|line| json_of(Some(line.as_bytes()))["hit_id"].is_string()).count(), 2);
}

#[test]
fn topics_are_checked_as_they_are_set() {
    let installation = Installation::new("topics");
    let checked = done(&installation, &["topics", "check"]);
    assert!(checked.contains("compact") && checked.contains("7 days"), "{checked}");
    // A day of withdrawals is kept; a worker that may be away for longer would miss some.
    let config = installation.config("operator", "");
    let text = std::fs::read_to_string(&config).unwrap().replace("[alerts]\n", "[alerts]\nrebuild_after_hours = 48\n");
    let other = installation.folder.path().join("other.toml");
    std::fs::write(&other, text).unwrap();
    let output = hitstream().args(["topics", "check", "--config"]).arg(&other).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("delete.retention.ms that must be at least 172800000"));
    let acls = done(&installation, &["topics", "acls"]);
    let hits = format!("--operation Write --operation Describe --operation DescribeConfigs --topic '{}'", installation.topic("hits"));
    assert!(acls.contains(&hits), "{acls}");
    // One that is missing does not hide what is wrong with the others.
    let text = std::fs::read_to_string(&config).unwrap();
    let missing = text.replace("-hits\"", "-none\"").replace("[alerts]\n", "[alerts]\nrebuild_after_hours = 48\n");
    std::fs::write(&other, missing).unwrap();
    let output = hitstream().args(["topics", "check", "--config"]).arg(&other).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("-none is missing") && said.contains("delete.retention.ms"), "{said}");
    // A worker refuses an alert topic that forgets.
    let hits = installation.topic("hits");
    let forgets = text.replace(&format!("topic = \"{}\"", installation.topic("alerts")), &format!("topic = \"{hits}\""));
    std::fs::write(&other, forgets.replace(&format!("hits = \"{hits}\""), &format!("hits = \"{}\"", installation.topic("alerts"))))
        .unwrap();
    let mut worker = super::harness::WorkerProcess::start(&other, installation.folder.path(), "forgets");
    assert_eq!(worker.exit_code(SOON), Some(2), "{}", worker.log());
    for part in ["must have 1: changes of all keys", "cleanup.policy = compact", "must not be compacted"] {
        assert!(worker.log().contains(part), "{part}: {}", worker.log());
    }
}

/// One alert at a time, by hand: an override brings its tier, is taken back, and an alert is withdrawn.
#[test]
fn alerts_are_overruled_and_withdrawn_by_hand() {
    let installation = Installation::new("byhand");
    let text = "Name: Alert ID: T1 A court in France convicted Anna Ruritani of fraud.";
    installation.send(std::iter::once((installation.topic("alerts"), "T1".to_owned(), Some(text.as_bytes().to_vec()))));
    let shown = done(&installation, &["alerts", "show", "T1"]);
    let subject = shown.split("subject key ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let config = installation.config("one", "[policy]\nlists = [\"documets\", \"documents\"]\n");
    let worker = super::harness::WorkerProcess::start(&config, installation.folder.path(), "one");
    // A policy that names a list nobody publishes is said aloud.
    worker.until_logged("did you mean `documents`?", SOON);
    let mut decisions = installation.follow("decisions");
    let mut number = 0;
    let mut decided = |expected: &str| {
        // An alert takes effect within moments of being read; until then the former decision comes.
        let deadline = std::time::Instant::now() + SOON;
        loop {
            number += 1;
            let event = json!({"id": number.to_string(), "parties": [{"name": "Anna Ruritani"}]}).to_string().into_bytes();
            installation.send(std::iter::once((installation.topic("transactions"), "k".to_owned(), Some(event))));
            decisions.until("a decision", SOON, |seen| seen.len() == number);
            let decision = json_of(decisions.seen[number - 1].value.as_deref())["decision"].as_str().unwrap().to_owned();
            if decision == expected {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "still {decision}, not {expected}");
        }
    };
    decided("hit");
    // A witness is of low tier, which the policy does not publish.
    let given = ["--role", "witness", "--reason", "testified", "--author", "ops"];
    done(&installation, &[&["alerts", "override", "T1", &subject][..], &given].concat());
    decided("clear");
    assert!(done(&installation, &["alerts", "show", "T1"]).contains("testified"));
    done(&installation, &["alerts", "override", "T1", &subject, "--take-back"]);
    decided("hit");
    // The whole key of a list record stands for its alert id.
    let listed = list_record("q1", &["Clara Brandvold"]).to_string().into_bytes();
    installation.send(std::iter::once((installation.topic("alerts"), "test/q1".to_owned(), Some(listed))));
    let shown = done(&installation, &["alerts", "show", "test/q1"]);
    let of_list = shown.split("subject key ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let said = done(&installation, &[&["alerts", "override", "test/q1", &of_list][..], &given].concat());
    assert_eq!(said.trim(), format!("overruled: override/q1/{of_list}"));
    let (code, _, err) = run(&installation, &[&["alerts", "override", "T1", "somebody"][..], &given].concat());
    assert!(code == Some(2) && err.contains(&subject), "{err}");
    let (code, _, err) = run(&installation, &["alerts", "override", "T1", &subject, "--tier", "huge", "--reason", "r", "--author", "a"]);
    assert!(code == Some(2) && err.contains("huge"), "{err}");
    assert!(done(&installation, &["alerts", "withdraw", "T1"]).contains("withdrawn: T1"));
    decided("clear");
    assert!(done(&installation, &["alerts", "withdraw", "T1"]).contains("withdrawn already"));
    let (code, _, err) = run(&installation, &["alerts", "withdraw", "T1", "T2"]);
    assert!(code == Some(2) && err.contains("no alert with the key T2"), "{err}");
    // Everything is decided: no lag, though every batch and every alert left a marker of a Kafka transaction.
    let deadline = std::time::Instant::now() + SOON;
    loop {
        let status = json_of(Some(worker.get("/status").1.as_bytes()));
        let lags = status["lag"].as_object().unwrap().clone();
        let transactions = lags.keys().filter(|place| place.starts_with(&*installation.topic("transactions"))).count();
        if transactions > 0 && lags.values().all(|lag| lag == 0) {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{lags:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
}
