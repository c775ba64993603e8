//! Seeded fuzzing of every parser that outsiders feed: alert documents, list records, events, mappings, pointers.
//!
//! `HITSTREAM_FUZZ_SECONDS=3600 cargo test --release --test all fuzz` runs longer than CI's few seconds; a failure prints
//! the seed and the input.

use hitstream::events::{self, RawMapping};
use hitstream::extract::{Document, extract};
use hitstream::lists::ListRecord;
use hitstream::model::{EventKind, Party};
use hitstream::screening::judge_entity;
use hitstream::{alerts, names};
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// CPU time of this thread: a busy machine is no fault of a parser.
fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// An input of a few kilobytes that takes more CPU time than this is a fault of its own.
const SLOW: Duration = Duration::from_secs(2);

const PIECES: &[&str] = &[
    "\"",
    "“",
    "'",
    "’s",
    "(",
    ")",
    ", ",
    "; ",
    " — ",
    ".",
    "\n",
    "-\n",
    "<p>",
    "&amp;",
    "\\$",
    "$5 million",
    "Anna",
    "al-",
    "van der ",
    " and ",
    " of ",
    "Ltd",
    "S.A. de C.V.",
    "U.S.",
    "Mr. ",
    "President ",
    "a.k.a. ",
    "formerly ",
    "(IMO 9254321)",
    "born on 3 May 1970",
    "мир",
    "孟国良",
    "مختار",
    "\u{1}",
    "\u{2}",
    "\u{0}",
    "\u{E000}",
    "\u{301}",
    "İ",
    "ß",
    "🚢",
    "was convicted of fraud",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "/*/",
    "~1",
    "null",
    "1e999",
];

fn mutate(text: &str, random: &mut fastrand::Rng) -> String {
    let mut letters: Vec<char> = text.chars().take(3000).collect();
    for _ in 0..random.usize(1..12) {
        let at = random.usize(0..=letters.len());
        match random.u8(0..5) {
            0 => drop(letters.splice(at..at, random.choice(PIECES).unwrap().chars())),
            1 => {
                let to = (at + random.usize(0..30)).min(letters.len());
                letters.drain(at..to);
            }
            2 => {
                let to = (at + random.usize(0..40)).min(letters.len());
                let copy: Vec<char> = letters[at..to].to_vec();
                letters.splice(at..at, copy);
            }
            3 => letters.truncate(at),
            _ => {
                for letter in letters.iter_mut().skip(at).take(40) {
                    *letter = letter.to_uppercase().next().unwrap_or(*letter);
                }
            }
        }
    }
    letters.into_iter().collect()
}

#[test]
fn no_parser_panics_or_crawls() {
    let seconds = std::env::var("HITSTREAM_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(4);
    let seed = std::env::var("HITSTREAM_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}, {seconds} s");
    let mut random = fastrand::Rng::with_seed(seed);
    let texts: Vec<String> = include_str!("alerts/open.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
        .collect();
    let event = r#"{"id":"t1","time":"2026-01-01T00:00:00Z","parties":[{"role":"debtor","name":"Anna Example","birth_date":"1970-05-16","identifiers":{"iban":"FR14"}}],"remittance":"rent"}"#;
    let record = r#"{"id":"q1","schema":"Person","properties":{"name":["Anna Example"],"birthDate":["1970"],"topics":["sanction"]}}"#;
    let mapping = include_str!("../config/mappings/pacs008.toml");
    let sample = include_str!("../config/mappings/pacs008.sample.json");
    let good = toml::from_str::<RawMapping>(mapping).unwrap().check().unwrap();
    let pairs: Vec<&str> = include_str!("golden/pairs.txt").lines().filter(|line| !line.is_empty()).collect();
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut count = 0u64;
    while Instant::now() < end {
        count += 1;
        let (kind, base) = match random.u8(0..9) {
            0 => ("event", event),
            1 => ("record", record),
            2 => ("mapping", mapping),
            3 => ("sample", sample),
            4 => ("names", *random.choice(&pairs).unwrap()),
            _ => ("text", random.choice(&texts).unwrap().as_str()),
        };
        let input = mutate(base, &mut random);
        let start = cpu_time();
        let outcome = std::panic::catch_unwind(|| match kind {
            "event" => drop(events::parse_json(Some(input.as_bytes())).and_then(|body| events::decode(EventKind::Transaction, &body))),
            "record" => drop(alerts::read(Some(b"demo/q1"), Some(input.as_bytes()), 0)),
            "mapping" => drop(toml::from_str::<RawMapping>(&input).map(|mapping| mapping.check())),
            "sample" => drop(events::parse_json(Some(input.as_bytes())).and_then(|body| good.decode(EventKind::Transaction, &body))),
            "names" => {
                let (party, listed) = input.split_once('|').unwrap_or((&input, &input));
                let party = Party { name: party.to_owned(), ..Party::default() };
                let properties = serde_json::json!({"id": "x", "schema": "Person", "properties": {"name": [listed]}});
                if let Ok(entity) = serde_json::from_value::<ListRecord>(properties).unwrap().entity("fuzz", "fuzz/x") {
                    let score = judge_entity(&mut names::Comparer::default(), &party, &entity).score;
                    assert!((0.0..=1.0).contains(&score), "{score}");
                }
            }
            _ => {
                drop(names::Name::new(&input));
                drop(names::other_names_in_field(&input));
                if let Ok(document) = Document::new("F1".to_owned(), String::new(), &input) {
                    for entity in extract(&document) {
                        assert!(entity.spans.iter().all(|span| document.text.get(span.clone()).is_some()));
                        assert!(!entity.names.is_empty() && !entity.quote.is_empty());
                    }
                }
                drop(alerts::read(Some(b"F1"), Some(format!("Name: Alert ID: F1 {input}").as_bytes()), 0));
            }
        });
        assert!(outcome.is_ok(), "seed {seed}, input {count} ({kind}):\n{input}");
        let spent = cpu_time() - start;
        assert!(spent < SLOW, "seed {seed}, input {count} ({kind}) took {spent:?}:\n{input}");
    }
    println!("{count} inputs");
}
