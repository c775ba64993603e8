//! How well alert documents are read: floors on our own labelled texts, and broken input.

use crate::support::{hitstream, outside_data};
use serde_json::Value;

/// Runs `eval extract` and returns its table: name -> first number.
fn table(gold: &str) -> Vec<(String, f64)> {
    let output = hitstream().args(["eval", "extract", "--gold", gold]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    println!("{}", text.lines().take(10).collect::<Vec<_>>().join("\n"));
    let number = |line: &str| line.split_whitespace().find_map(|word| word.parse::<f64>().ok()).unwrap();
    text.lines().take(9).map(|line| (line[..26].trim().to_owned(), number(&line[26..]))).collect()
}

fn at_least(table: &[(String, f64)], name: &str, floor: f64) {
    let found = table.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} in {table:?}")).1;
    assert!(found >= floor, "{name}: {found} is under {floor}");
}

/// The texts that the rules alone were written with (144, of which 32 were unseen by them), by their ids.
#[test]
fn texts_that_accuse_in_so_many_words_are_read_as_well_as_by_rules_alone() {
    let all = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/alerts/open.jsonl")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let part = |name: &str, ids: &[&str]| {
        let is_part = |line: &&str| ids.iter().any(|id| line.contains(&format!("\"alert_id\": \"{id}")));
        let lines: Vec<&str> = all.lines().filter(is_part).collect();
        let path = folder.path().join(name);
        std::fs::write(&path, lines.join("\n")).unwrap();
        (lines.len(), table(path.to_str().unwrap()))
    };
    let (count, open) = part("open", &["OWN20260000", "OWN20260002", "HOB", "TMML"]);
    assert_eq!(count, 112);
    at_least(&open, "people", 0.96);
    at_least(&open, "organisations, vessels", 0.86);
    at_least(&open, "subjects", 0.82);
    at_least(&open, "offences of subjects", 0.80);
    let (count, unseen) = part("unseen", &["OWN20260001"]);
    assert_eq!(count, 32);
    at_least(&unseen, "people", 0.94);
    at_least(&unseen, "organisations, vessels", 0.79);
    at_least(&unseen, "subjects", 0.74);
    at_least(&unseen, "offences of subjects", 0.74);
}

/// Floors, not aims: the aims stand in the README beside what is reached.
#[test]
fn our_own_texts_are_read_at_least_so_well() {
    let open = table(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/alerts/open.jsonl"));
    at_least(&open, "people", 0.95);
    at_least(&open, "organisations, vessels", 0.88);
    at_least(&open, "subjects", 0.87);
    at_least(&open, "offences of subjects", 0.70);
    let unseen = table(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/alerts/unseen.jsonl"));
    at_least(&unseen, "people", 0.94);
    at_least(&unseen, "organisations, vessels", 0.83);
    at_least(&unseen, "subjects", 0.76);
    at_least(&unseen, "offences of subjects", 0.53);
}

#[test]
fn the_labelled_texts_beside_the_repository_are_read_as_well() {
    let Some(gold) = outside_data("alerts/extract-dev.jsonl") else { return };
    let dev = table(gold.to_str().unwrap());
    at_least(&dev, "people", 0.95);
    at_least(&dev, "organisations, vessels", 0.93);
    at_least(&dev, "subjects", 0.90);
}

/// Everything that `seed-alert.expected.json` says of the user's own document.
#[test]
fn the_seed_document_is_read_as_expected() {
    let (Some(document), Some(expected)) = (outside_data("alerts/seed-alert.txt"), outside_data("alerts/seed-alert.expected.json")) else {
        return;
    };
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(expected).unwrap()).unwrap();
    let output = hitstream().args(["extract", document.to_str().unwrap()]).output().unwrap();
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    let read = read["entities"].as_array().unwrap();
    let names = |entity: &Value| -> Vec<String> {
        let aliases = entity["aliases"].as_array().unwrap().iter().map(|alias| alias["name"].as_str().unwrap().to_owned());
        std::iter::once(entity["name"].as_str().unwrap().to_owned()).chain(aliases).collect()
    };
    let texts =
        |value: &Value| -> Vec<String> { value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect() };
    for wanted in expected["entities"].as_array().unwrap() {
        let name = wanted["name"].as_str().unwrap();
        let found = read.iter().find(|entity| entity["name"] == name).unwrap_or_else(|| panic!("{name} in {read:#?}"));
        for field in ["role", "tier", "stage", "in_absentia"] {
            if !wanted[field].is_null() {
                assert_eq!(found[field], wanted[field], "{field} of {name}: {found:#}");
            }
        }
        if matches!(wanted["type"].as_str(), Some("person" | "organisation")) {
            assert_eq!(found["type"], wanted["type"], "type of {name}");
        }
        for form in texts(&wanted["forms"]) {
            assert!(names(found).contains(&form), "{form} of {name}: {found:#}");
        }
        for field in ["offences", "wanted_by", "countries"] {
            if wanted[field].is_null() {
                continue;
            }
            let (mut got, mut want) = (texts(&found[field]), texts(&wanted[field]));
            got.sort();
            want.sort();
            assert_eq!(got, want, "{field} of {name}");
        }
    }
    let known = |entity: &&Value| expected["entities"].as_array().unwrap().iter().any(|wanted| wanted["name"] == entity["name"]);
    let more: Vec<&Value> = read.iter().filter(|entity| !known(entity)).collect();
    assert!(more.is_empty(), "{more:#?}");
}

/// An operator's record changes the tier of one subject of one alert, says why, and can be taken back.
#[test]
fn an_override_decides_and_is_shown() {
    use hitstream::{alerts, index, model, screening};
    let text = "Name: Alert ID: T1 A court in Russia convicted Anna Examplova of fraud. His lawyer, Maria Quellova, left.";
    let change = alerts::read(Some(b"T1"), Some(text.as_bytes()), 1).unwrap();
    let key = change.entities.iter().find(|entity| entity.caption() == "Anna Examplova").unwrap().subject_key.clone();
    let mut list = index::AlertIndex::in_memory().unwrap();
    list.replace(&change.key, &change.entities).unwrap();
    let party = model::Party { name: "Anna Examplova".to_owned(), ..Default::default() };
    let mut screen = |position: &index::FeedPosition| {
        let snapshot = list.seal(position).unwrap();
        screening::Screener::default().screen(&party, &snapshot, &model::Policy::default(), 0, Some(0.5)).unwrap()
    };
    let mut position = index::FeedPosition::default();
    assert_eq!(screen(&position).hits[0].alert.tier, model::Tier::High);
    let record = br#"{"tier":"low","reason":"a namesake","author":"ops@example"}"#;
    let overruled = alerts::read(Some(format!("override/T1/{key}").as_bytes()), Some(record), 2).unwrap().overruled.unwrap();
    position.overrides.insert(overruled.0, overruled.1.unwrap());
    let after = screen(&position);
    assert!(after.hits.is_empty(), "{:#?}", after.hits);
    let kept_out = &after.below[0];
    assert_eq!(kept_out.alert.tier, model::Tier::Low);
    assert_eq!(kept_out.alert.overruled.as_ref().unwrap().author, "ops@example");
    assert!(kept_out.sentence.contains("a namesake"));
    position.overrides.clear();
    assert_eq!(screen(&position).hits.len(), 1);
}

/// Whoever stands in a text is found, whatever the reader took them for; the text net never raises anybody.
#[test]
fn the_text_net_finds_what_the_reader_did_not() {
    let folder = tempfile::tempdir().unwrap();
    let (list, parties) = (folder.path().join("alerts.txt"), folder.path().join("parties.jsonl"));
    std::fs::write(&list, "Name: Alert ID: N1 yesterday the businessmen yerlan and timur baimukhanov were seen. اعتقلت الشرطة مختار ابليازوف في باريس. 警方逮捕了孟国良。 His lawyer, Bota Jardemalie, spoke.").unwrap();
    let names = [
        ("TIMUR BAIMUKHANOV", "text_only"),
        ("مختار ابليازوف", "text_only"),
        ("孟国良", "text_only"),
        ("Bota Jardemalie", ""),
        ("John Smith", ""),
    ];
    let lines: String = names.iter().map(|(name, _)| format!("{}\n", serde_json::json!({"id": name, "name": name}))).collect();
    std::fs::write(&parties, lines).unwrap();
    let output = hitstream().args(["screen", "--list", list.to_str().unwrap(), "--input", parties.to_str().unwrap()]).output().unwrap();
    let results = String::from_utf8(output.stdout).unwrap();
    for (line, (name, grade)) in results.lines().zip(names) {
        let result: Value = serde_json::from_str(line).unwrap();
        let hit = &result["hits"][0];
        assert_eq!(hit["grade"].as_str().unwrap_or_default(), grade, "{name}: {result:#}");
        assert!(hit.is_null() || hit["tier"] == "medium" && !hit["evidence"]["document"]["quote"].as_str().unwrap().is_empty());
    }
}

/// The reader is linear: ten times the text takes about ten times as long, also for a text that is one sentence.
#[test]
fn a_megabyte_is_read_in_bounded_time() {
    let document = |text: &str| format!("Name: Alert ID: BIG-1 {text}");
    let folder = tempfile::tempdir().unwrap();
    for (name, piece) in [
        ("sentences", "The court sentenced Anna Example, 58, a former head of Some Bank, to prison. "),
        ("one sentence", "Anna Example, "),
        ("letters", "aA"),
        ("quotes", "\"A ("),
    ] {
        let path = folder.path().join("big.txt");
        std::fs::write(&path, document(&piece.repeat(1_000_000 / piece.len()))).unwrap();
        let start = std::time::Instant::now();
        let output = hitstream().args(["extract", path.to_str().unwrap()]).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(start.elapsed().as_secs() < 60, "{name} took {:?}", start.elapsed());
        println!("{name}: {:?}", start.elapsed());
    }
}
