//! Tests on data that is not part of the repository; they say so when it is absent.

use crate::support::{hitstream, outside_data};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

fn screen(list: &std::path::Path, parties: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("parties.jsonl");
    std::fs::write(&input, parties).unwrap();
    let output = hitstream()
        .args(["screen", "--list", list.to_str().unwrap(), "--floor", "0.3", "--input", input.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_seed_document_hits_its_subject_and_nobody_else() {
    let (Some(document), Some(expected)) = (outside_data("alerts/seed-alert.txt"), outside_data("alerts/seed-alert.expected.json")) else {
        return;
    };
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(expected).unwrap()).unwrap();
    let id = expected["alert_id"].as_str().unwrap();
    for (field, decision) in [("published_hit_under_default_policy", "hit"), ("no_published_hit_under_default_policy", "clear")] {
        let names: Vec<&str> = expected[field].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let parties: String = names.iter().map(|name| format!("{}\n", serde_json::json!({"id": name, "name": name}))).collect();
        for result in screen(&document, &parties) {
            assert_eq!(result["decision"], decision, "{result:#}");
            if decision == "hit" {
                assert_eq!(result["hits"][0]["alert_ids"][0], id);
                let quote = result["hits"][0]["evidence"]["document"]["quote"].as_str().unwrap();
                assert!(quote.contains("Ablyazov"), "{quote}");
                assert!(result["hits"][0]["sentence"].as_str().unwrap().contains(quote));
            }
        }
    }
}

/// The floor under the matcher: it may only get better. Scored by the benchmark's own scorer.
#[test]
fn the_screening_benchmark_stays_above_its_floor() {
    let (Some(list), Some(queries), Some(scorer)) =
        (outside_data("quality/dev/index.jsonl"), outside_data("quality/dev/queries.jsonl"), outside_data("quality/score.py"))
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (results, report) = (folder.path().join("results.jsonl"), folder.path().join("report.json"));
    let status = hitstream()
        .args([
            "screen",
            "--list",
            list.to_str().unwrap(),
            "--input",
            queries.to_str().unwrap(),
            "--output",
            results.to_str().unwrap(),
            "--floor",
            "0.5",
        ])
        .status()
        .unwrap();
    assert!(status.success());
    let scored = Command::new("python3")
        .args([scorer.as_path(), queries.as_path(), results.as_path()])
        .args(["-t", "0.7", "--quiet", "--json"])
        .arg(&report)
        .status()
        .unwrap();
    assert!(scored.success());
    let report: BTreeMap<String, Value> = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    let number = |name: &str| report[name].as_f64().unwrap();
    println!(
        "macro recall {:.4}, alerts per 1,000: plain {:.1}, hard {:.1}",
        number("macro_recall"),
        number("fp_per_1000_plain"),
        number("fp_per_1000_hard")
    );
    assert!(number("macro_recall") > 0.80);
    assert!(number("fp_per_1000_plain") < 20.0);
}
