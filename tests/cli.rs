//! Every verb as its user would run it: output, errors, exit codes.

use crate::support::{hitstream, list_record};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = hitstream().args(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_verb_has_help_with_an_example() {
    let (code, help, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(help.contains("Exit codes"));
    for verb in [
        "demo",
        "run",
        "publish",
        "topics",
        "config",
        "map",
        "dead-letters",
        "alerts",
        "lists",
        "hits",
        "man",
        "completions",
        "screen",
        "extract",
        "explain",
        "compare",
        "eval",
        "bench",
    ] {
        let (code, help, _) = run(&[verb, "--help"]);
        assert_eq!(code, Some(0), "{verb}");
        assert!(help.contains(&format!("Example: hitstream {verb}")), "{verb}: {help}");
    }
    assert_eq!(run(&["nonsense"]).0, Some(2));
}

#[test]
fn screen_answers_in_input_order_with_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let list = write(folder.path(), "list.jsonl", &format!("{}\n", list_record("a", &["Viktor Halvorsen"])));
    let document = write(
        folder.path(),
        "documents.txt",
        "Name: Alert ID: T1 A court convicted Anna Ruritani of fraud. The daily Morning Courier reported it.\n",
    );
    let parties = [
        json!({"id": 1, "name": "HALVORSEN VIKTOR", "what": "ignored"}),
        json!({"id": 2, "name": "Clara Brandvold"}),
        json!({"id": 3}),
        json!({"id": 4, "name": "Anna Ruritani"}),
        json!({"id": 5, "name": "Morning Courier"}),
        json!({"id": "t6", "parties": [{"role": "debtor", "name": "Viktor Halvorsen"}]}),
    ];
    let input = write(folder.path(), "in.jsonl", &(parties.iter().map(Value::to_string).collect::<Vec<_>>().join("\n") + "\nnot json\n"));
    let (code, out, err) = run(&["screen", "--list", &list, "--list", &format!("news={document}"), "--input", &input, "--floor", "0.3"]);
    assert_eq!(code, Some(0), "{err}");
    let results: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let decisions: Vec<&str> = results.iter().map(|result| result["decision"].as_str().unwrap()).collect();
    assert_eq!(decisions, ["hit", "clear", "unreadable", "hit", "clear", "hit", "unreadable"]);
    assert_eq!((results[0]["id"].as_i64(), results[0]["hits"][0]["entity_id"].as_str()), (Some(1), Some("a")));
    assert_eq!(results[2]["reason"], "missing_field");
    assert_eq!(results[3]["hits"][0]["alert_ids"], json!(["T1"]));
    assert!(results[3]["hits"][0]["sentence"].as_str().unwrap().contains("A court convicted Anna Ruritani of fraud."));
    assert_eq!(results[5]["hits"][0]["party"]["path"], "/parties/0");
    assert!(err.contains("2 lines of 7 could not be read"));
}

#[test]
fn a_bad_list_fails_the_verb_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "good.jsonl", &list_record("a", &["Viktor Halvorsen"]).to_string());
    let bad = write(folder.path(), "bad.jsonl", &format!("{}\n{{\"id\": 7", list_record("b", &["Anna Example"])));
    let input = write(folder.path(), "in.jsonl", "{\"id\":1,\"name\":\"x\"}");
    let (code, _, err) = run(&["screen", "--list", &good, "--list", &bad, "--input", &input]);
    assert_eq!(code, Some(2));
    assert!(err.contains("bad.jsonl") && err.contains("line 2"), "{err}");
    let (code, _, err) = run(&["screen", "--list", "/nonexistent.jsonl", "--input", &input]);
    assert_eq!(code, Some(2));
    assert!(err.contains("/nonexistent.jsonl"), "{err}");
}

#[test]
fn explain_says_why_and_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let list = write(folder.path(), "list.jsonl", &list_record("a", &["Viktor Arkadyevich Halvorsen"]).to_string());
    let (code, out, _) = run(&["explain", "--list", &list, "Viktor HALVORSEN"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("HIT") && out.contains("not in the event: arkadyevich"), "{out}");
    let (_, out, _) = run(&["explain", "--list", &list, "Viktor Halbersen Smith"]);
    assert!(out.contains("No hit") && out.contains("under the threshold"), "{out}");
    assert_eq!(run(&["explain", "--list", &list, "X", "--birth-date", "soon"]).0, Some(2));
}

#[test]
fn compare_gives_the_score_of_screen() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = [
        ("Viktor HALVORSEN", "Viktor Arkadyevich Halvorsen"),
        ("Clara Brandvold", "Viktor Halvorsen"),
        ("Viktr Halvorsen", "Viktor Halvorsen"),
    ];
    let lines: Vec<String> = pairs
        .iter()
        .enumerate()
        .map(|(id, (query, candidate))| {
            json!({"id": id, "query": {"name": query, "birthDate": "1961"}, "candidate": {"name": candidate, "schema": "Person"}})
                .to_string()
        })
        .collect();
    let input = write(folder.path(), "pairs.jsonl", &lines.join("\n"));
    let (code, out, err) = run(&["compare", "--input", &input]);
    assert_eq!(code, Some(0), "{err}");
    for (line, (query, candidate)) in out.lines().zip(pairs) {
        let compared: Value = serde_json::from_str(line).unwrap();
        let list = write(folder.path(), "list.jsonl", &list_record("a", &[candidate]).to_string());
        let party = write(folder.path(), "party.jsonl", &json!({"id": 1, "name": query, "birthDate": "1961"}).to_string());
        let (_, screened, _) = run(&["screen", "--list", &list, "--input", &party, "--floor", "0"]);
        let screened: Value = serde_json::from_str(&screened).unwrap();
        let found = screened["hits"].as_array().unwrap().iter().chain(screened["below"].as_array().unwrap()).next();
        match found {
            Some(found) => assert_eq!(found["score"], compared["score"], "{query} / {candidate}"),
            None => assert!(compared["score"].as_f64().unwrap() < 0.4, "{compared}"),
        }
    }
    let (code, out, _) = run(&["compare", "Muhammad Al Fayed", "Mohamed al-Fayid"]);
    assert!(code == Some(0) && out.contains("name_only"), "{out}");
}

/// Name score plus the effects of all facts is the score, for hits and for what stayed below.
#[test]
fn evidence_adds_up_to_the_score() {
    let folder = tempfile::tempdir().unwrap();
    let record = json!({"id": "a", "schema": "Person", "properties": {"name": ["Viktor Halvorsen"], "birthDate": ["1961-03-14"], "nationality": ["ru"], "gender": ["male"], "passportNumber": ["714402918"]}});
    let list = write(folder.path(), "list.jsonl", &record.to_string());
    let parties = [
        json!({"name": "Viktor Halvorsen"}),
        json!({"name": "Viktor Halvorsen", "birthDate": "1961-03-14", "country": "ru"}),
        json!({"name": "Viktor Halvorsen", "birthDate": "1985-03-14", "country": "fr", "gender": "female"}),
        json!({"name": "Somebody Else", "idNumber": "71 4402918"}),
        json!({"name": "Viktor Halvorsen", "schema": "Company"}),
    ];
    let input = write(folder.path(), "in.jsonl", &parties.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"));
    let (_, out, _) = run(&["screen", "--list", &list, "--input", &input, "--floor", "0"]);
    for line in out.lines() {
        let result: Value = serde_json::from_str(line).unwrap();
        let hit = result["hits"].as_array().unwrap().iter().chain(result["below"].as_array().unwrap()).next().unwrap();
        let facts =
            hit["evidence"]["facts"].as_array().map_or(0.0, |facts| facts.iter().map(|fact| fact["effect"].as_f64().unwrap()).sum());
        let sum = hit["evidence"]["name"]["score"].as_f64().unwrap() + facts;
        assert!((sum - hit["score"].as_f64().unwrap()).abs() < 0.0005, "{hit:#}");
    }
}

#[test]
fn eval_reports_as_table_and_page() {
    let folder = tempfile::tempdir().unwrap();
    let list = write(folder.path(), "list.jsonl", &list_record("a", &["Viktor Halvorsen"]).to_string());
    let queries = [
        json!({"id": 1, "name": "Viktr Halvorsen", "expected": ["a"], "class": "typo_1", "label": "positive"}),
        json!({"id": 2, "name": "Unlike Anybody", "expected": ["a"], "class": "hopeless", "label": "positive"}),
        json!({"id": 3, "name": "Clara Brandvold", "expected": [], "class": "neg_plain", "label": "negative"}),
    ];
    let queries = write(folder.path(), "q.jsonl", &queries.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"));
    let page = folder.path().join("report.html");
    let (code, out, err) = run(&["eval", "--list", &list, "--queries", &queries, "--html", page.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("0.70  0.5000  0.5000"), "{out}");
    assert!(std::fs::read_to_string(page).unwrap().contains("Unlike Anybody"));
    let wrong = write(folder.path(), "w.jsonl", "{\"name\": \"x\", \"label\": \"maybe\"}");
    assert_eq!(run(&["eval", "--list", &list, "--queries", &wrong]).0, Some(2));
}

#[test]
fn bench_prints_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let list = write(folder.path(), "list.jsonl", &list_record("a", &["Viktor Halvorsen"]).to_string());
    let input = write(folder.path(), "in.jsonl", "{\"id\":1,\"name\":\"Clara Brandvold\"}");
    let (code, out, err) = run(&["bench", "--list", &list, "--input", &input, "--seconds", "1"]);
    assert_eq!(code, Some(0), "{err}");
    for figure in ["parties/s", "us CPU a party", "p99", "memory"] {
        assert!(out.contains(figure), "{out}");
    }
}

#[test]
fn a_wrong_configuration_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let config = write(folder.path(), "h.toml", "[kafka]\nbootstrap = \"localhost:1\"\n[worker]\nlane = 2\n");
    let (code, _, err) = run(&["run", "--config", &config]);
    assert_eq!(code, Some(2));
    assert!(err.contains("line 4") && err.contains("lane"), "{err}");
}

#[test]
fn the_demo_runs_to_its_end() {
    let (code, out, err) = run(&["demo", "--events", "600", "--rate", "0"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("at-least-once"), "the limits of the in-process broker are said");
    // It once waited ten seconds for an answer that the in-process broker cannot give, and warned of it.
    assert!(!err.contains("WARN"), "{err}");
    assert!(out.contains("HIT ") && out.contains("DEAD LETTER"), "{out}");
    assert!(out.contains("events decided               600"), "{out}");
}

/// Every ready mapping reads its sample, and the sample's people are found.
#[test]
fn the_ready_mappings_read_their_samples() {
    let folder = crate::support::repository().join("config");
    let config = folder.join("mappings.toml");
    for (topic, sample, parties) in [
        ("transactions", "own", 2),
        ("card-payments", "card-payment", 2),
        ("pacs008", "pacs008", 3),
        ("customers-cdc", "debezium", 1),
        ("payment-events", "cloudevents", 2),
    ] {
        let sample = folder.join(format!("mappings/{sample}.sample.json"));
        let args = ["map", "check", "--config", config.to_str().unwrap(), "--topic", topic, "--sample", sample.to_str().unwrap()];
        let (code, out, err) = run(&args);
        assert_eq!(code, Some(0), "{topic}: {out}{err}");
        assert_eq!(out.matches("  party ").count(), parties, "{topic}: {out}");
        assert!(out.contains("Example"), "{out}");
    }
    let (code, _, err) = run(&["map", "check", "--config", config.to_str().unwrap(), "--sample", "x"]);
    assert!(code == Some(2) && err.contains("--topic"), "{err}");
}

/// Each once destroyed its input, or called a listed person clear.
#[test]
fn no_verb_writes_over_its_input_or_hides_hits() {
    let folder = tempfile::tempdir().unwrap();
    let list = write(folder.path(), "list.jsonl", &list_record("a", &["Viktor Halvorsen"]).to_string());
    let input =
        write(folder.path(), "in.jsonl", "{\"id\":1,\"name\":\"Viktor Halvorsen\",\"expected\":[],\"class\":\"x\",\"label\":\"negative\"}");
    for words in [
        vec!["screen", "--list", &list, "--input", &input, "--output", &input],
        vec!["screen", "--list", &list, "--input", &input, "--output", &list],
        vec!["compare", "--input", &input, "--output", &input],
        vec!["eval", "--list", &list, "--queries", &input, "--html", &input],
    ] {
        let (code, _, err) = run(&words);
        assert!(code == Some(2) && err.contains("is an input too"), "{words:?}: {err}");
    }
    assert!(std::fs::read_to_string(&input).unwrap().contains("Viktor") && std::fs::read_to_string(&list).unwrap().contains("Viktor"));
    let screen = ["screen", "--list", &list, "--input", &input];
    for flags in [["--top", "0"], ["--floor", "0.9"]] {
        assert_eq!(run(&[&screen[..], &flags].concat()).0, Some(2), "{flags:?}");
    }
    let broken = write(folder.path(), "broken.jsonl", "{\n{\n");
    assert_eq!(run(&["screen", "--list", &list, "--input", &broken]).0, Some(2));
    for (verb, flag, value) in [("explain", "--schema", "Human"), ("explain", "--country", "Rusland"), ("explain", "--birth-date", "soon")]
    {
        let (code, _, err) = run(&[verb, "--list", &list, "X", flag, value]);
        assert!(code == Some(2) && err.contains(flag), "{err}");
    }
}

#[test]
fn map_check_names_what_no_sample_has() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = "[kafka]\nbootstrap = \"b:1\"\n[[inputs]]\ntopic = \"t\"\nkind = \"transaction\"\n[inputs.mapping]\nid = \"/id\"\n\
                   [[inputs.mapping.parties]]\nat = \"/p/*\"\nrole = \"payer\"\nname = \"/name\"\ncountry = \"/contry\"\n";
    let config = write(folder.path(), "m.toml", mapping);
    let good = r#"{"id": 1, "p": [{"name": "A B", "country": "FR"}]}"#;
    let sample = write(folder.path(), "good.jsonl", good);
    let (code, out, err) = run(&["map", "check", "--config", &config, "--sample", &sample]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("never found: party 1 (payer) country, at /p/*/contry") && !out.contains("never found: id"), "{out}");
    let sample = write(folder.path(), "bad.jsonl", &format!("{good}\n{{\"id\": 2}}\n"));
    assert_eq!(run(&["map", "check", "--config", &config, "--sample", &sample]).0, Some(2));
}

#[test]
fn config_check_shows_what_is_in_force_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (config, secret) = (folder.path().join("c.toml"), folder.path().join("secret"));
    std::fs::write(&secret, "hunter2").unwrap();
    let text = format!(
        "[kafka]\nbootstrap = \"b:9092\"\n[kafka.secrets]\n\"sasl.password\" = {{ file = {:?} }}\n[policies.strict]\nthreshold = 0.9\n\
         [[inputs]]\ntopic = \"t\"\nkind = \"customer\"\npolicy = \"strict\"\n",
        secret
    );
    std::fs::write(&config, text).unwrap();
    let (code, out, err) = run(&["config", "check", "--config", config.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("policy strict")
            && out.contains("threshold                  0.9")
            && out.contains("not shown")
            && !out.contains("hunter2"),
        "{out}"
    );
}

#[test]
fn completions_are_printed() {
    let (code, out, _) = run(&["completions", "bash"]);
    assert!(code == Some(0) && out.contains("hitstream"));
}
