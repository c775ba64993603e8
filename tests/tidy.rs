//! The house checks itself: who imports whom, what each file promises, what the README commands.

use crate::support::repository;
use std::path::{Path, PathBuf};

/// Module -> what it may use of ours (itself is always allowed).
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("names", &["model"]),
    ("extract", &["names", "model"]),
    ("lists", &["extract", "names", "model"]),
    ("alerts", &["extract", "lists", "names", "model"]),
    ("events", &["model"]),
    ("index", &["names", "model"]),
    ("screening", &["index", "names", "model"]),
    ("bus", &[]),
    ("worker", &["bus", "events", "alerts", "index", "screening", "model", "metrics", "shutdown"]),
    ("eval", &["extract", "model"]),
    ("demo", &["bus", "lists", "alerts", "model"]),
    ("ops", &["worker", "metrics"]),
];
/// Folders that no clock, network, randomness or log above debug may enter.
const PURE: &[&str] = &["model", "names", "extract", "alerts", "events", "screening"];
const IMPURE: &[&str] = &[
    "std::time",
    "std::net",
    "std::fs",
    "SystemTime",
    "Instant::",
    "fastrand",
    "tracing::info",
    "tracing::warn",
    "tracing::error",
    "println!",
];
const LINES_BEFORE_TESTS_MAX: usize = 450;

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = repository().join("src");
    let mut found = Vec::new();
    files(&root, "rs", &mut found);
    found.sort();
    found
        .iter()
        .map(|path| (path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap()))
        .collect()
}

fn before_tests(text: &str) -> &str {
    if text.contains("#![cfg(test)]") { "" } else { text.split("#[cfg(test)]").next().unwrap() }
}

#[test]
fn modules_use_only_what_they_may() {
    for (file, text) in sources() {
        let module = file.split(['/', '.']).next().unwrap();
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else { continue };
        for (at, _) in before_tests(&text).match_indices("crate::") {
            let used: String = text[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let fine = used == module || allowed.contains(&used.as_str()) || matches!(used.as_str(), "hex" | "did_you_mean");
            assert!(fine, "src/{file} uses crate::{used}, which {module} may not: see the table in src/lib.rs");
        }
    }
}

#[test]
fn clients_of_tantivy_and_kafka_stay_in_their_folders() {
    for (file, text) in sources() {
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let names = |word: &str| code.iter().any(|line| line.contains(word));
        assert!(!names("rdkafka::") || file.starts_with("bus/kafka/"), "src/{file} names rdkafka");
        assert!(!names("tantivy::") || file.starts_with("index/"), "src/{file} names tantivy");
    }
}

#[test]
fn pure_folders_are_pure() {
    for (file, text) in sources() {
        if PURE.contains(&file.split('/').next().unwrap()) {
            for word in IMPURE {
                assert!(!before_tests(&text).contains(word), "src/{file} contains {word}");
            }
        }
    }
}

#[test]
fn every_file_opens_with_its_promise_and_stays_short() {
    for (file, text) in sources() {
        assert!(text.starts_with("//! "), "src/{file} does not say what it promises");
        let lines = before_tests(&text).lines().count();
        assert!(lines <= LINES_BEFORE_TESTS_MAX, "src/{file} has {lines} lines before its tests");
    }
}

#[test]
fn readme_commands_exist() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    assert!(readme.contains("cargo run --release -- demo") && readme.contains("./test"));
    let blocks: Vec<&str> = readme.split("```sh").skip(1).filter_map(|block| block.split("```").next()).collect();
    let commands = blocks.iter().flat_map(|block| block.lines()).filter_map(|line| line.trim().strip_prefix("hitstream "));
    for verb in commands.filter_map(|rest| rest.split(' ').next()) {
        let help = crate::support::hitstream().args([verb, "--help"]).output().unwrap();
        assert!(help.status.success(), "README names `hitstream {verb}`");
    }
}

/// As far as a compose file can be checked without an engine: what it mounts and runs is there.
#[test]
fn docker_compose_names_existing_files_and_verbs() {
    let compose = std::fs::read_to_string(repository().join("docker-compose.yml")).unwrap();
    let commands: Vec<&str> = compose.lines().filter_map(|line| line.trim().strip_prefix("command: [")).collect();
    assert_eq!(commands.len(), 3);
    for verb in commands.iter().filter_map(|command| command.split('"').nth(1)) {
        assert!(
            crate::support::hitstream().args([verb, "--help"]).output().unwrap().status.success(),
            "docker-compose.yml runs `hitstream {verb}`"
        );
    }
    for file in ["config/compose.toml", "src/demo/samples/list.jsonl", "src/demo/samples/documents.txt", "Dockerfile"] {
        assert!(repository().join(file).exists(), "{file}");
    }
    let version = std::fs::read_to_string(repository().join("tests/kafka/pom.xml")).unwrap();
    let tested = version.split("<version>").nth(2).and_then(|rest| rest.split('<').next()).unwrap();
    assert!(compose.contains(&format!("apache/kafka:{tested}")), "docker-compose.yml runs another Kafka than the tests ({tested})");
}

#[test]
fn no_file_names_a_machine() {
    let tracked = std::process::Command::new("git").args(["ls-files"]).current_dir(repository()).output().unwrap();
    for file in String::from_utf8(tracked.stdout).unwrap().lines() {
        let Ok(text) = std::fs::read_to_string(repository().join(file)) else { continue };
        for path in [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/")] {
            assert!(!text.contains(path), "{file} contains {path}");
        }
    }
}
