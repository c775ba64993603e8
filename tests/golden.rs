//! Pairs of names of our own writing with what must come of them, and why.

use hitstream::index::{AlertIndex, FeedPosition};
use hitstream::lists::ListRecord;
use hitstream::model::{AlertEntity, Policy};
use hitstream::model::{Party, PartyKind};
use hitstream::names::Comparer;
use hitstream::screening::{Screener, judge_entity};
use serde_json::json;

/// `party | listed | schema | hit, no or missed | why`, one a line.
const PAIRS: &str = include_str!("golden/pairs.txt");

#[test]
fn every_golden_pair_is_judged_as_written() {
    let mut comparer = Comparer::default();
    let mut wrong = Vec::new();
    let lines = PAIRS.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    for line in lines {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [party, listed, schema, expected, why] = fields[..] else { panic!("five fields in: {line}") };
        let record: ListRecord = serde_json::from_value(json!({"id": "x", "schema": schema, "properties": {"name": [listed]}})).unwrap();
        let entity = record.entity("golden", "golden/x").unwrap();
        let party = Party { name: party.to_owned(), kind: PartyKind::of_schema(schema), ..Party::default() };
        let score = judge_entity(&mut comparer, &party, &entity).score;
        assert!(matches!(expected, "hit" | "no" | "missed"), "{line}");
        if (score >= 0.70) != (expected == "hit") {
            wrong.push(format!("{score:.3}  {line}  ({why})"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What must hold for any two names: the order of words and their case hardly matter, and more of the same is never worse.
#[test]
fn scores_are_stable_under_what_does_not_matter() {
    let mut comparer = Comparer::default();
    let mut score = |party: &str, listed: &str, schema: &str, more: serde_json::Value| {
        let mut properties = json!({"name": [listed]});
        properties.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let record: ListRecord = serde_json::from_value(json!({"id": "x", "schema": schema, "properties": properties})).unwrap();
        let party = Party { name: party.to_owned(), kind: PartyKind::of_schema(schema), ..Party::default() };
        judge_entity(&mut comparer, &party, &record.entity("golden", "golden/x").unwrap()).score
    };
    for line in PAIRS.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let (party, listed, schema) = (fields[0], fields[1], fields[2]);
        let plain = score(party, listed, schema, json!({}));
        // Case, and the spaces around.
        assert_eq!(plain, score(&format!("  {} ", party.to_lowercase()), &listed.to_uppercase(), schema, json!({})), "{line}");
        // One alias more never lowers a score, and the entity's own name is always a hit, alone or among a hundred.
        let aliases: Vec<String> = (0..100).map(|number| format!("Qwzx{number} Vbnm{number}")).collect();
        assert_eq!(plain, score(party, listed, schema, json!({"alias": aliases})), "{line}");
        assert!(score(party, listed, schema, json!({"alias": [party]})) >= plain, "{line}");
    }
}

/// The search for candidates loses nothing: every pair of a party and a listed name that would score as a hit, of all there
/// are, is found through the index, with the same score.
#[test]
fn the_index_finds_what_an_exhaustive_comparison_finds() {
    let mut comparer = Comparer::default();
    let mut index = AlertIndex::in_memory().unwrap();
    let (mut parties, mut listed): (Vec<Party>, Vec<AlertEntity>) = (Vec::new(), Vec::new());
    for (number, line) in PAIRS.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).enumerate() {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let id = format!("x{number}");
        let record: ListRecord =
            serde_json::from_value(json!({"id": id, "schema": fields[2], "properties": {"name": [fields[1]], "topics": ["sanction"]}}))
                .unwrap();
        let entity = record.entity("golden", &format!("golden/{id}")).unwrap();
        index.replace(&entity.alert_key, std::slice::from_ref(&entity)).unwrap();
        listed.push(entity);
        parties.push(Party { name: fields[0].to_owned(), kind: PartyKind::of_schema(fields[2]), ..Party::default() });
    }
    let snapshot = index.seal(&FeedPosition::default()).unwrap();
    let (mut screener, policy) = (Screener::default(), Policy { hits_per_party_max: 1000, ..Policy::default() });
    let (mut wanted, mut lost) = (0, Vec::new());
    for party in &parties {
        let hits = screener.screen(party, &snapshot, &policy, 0, None).unwrap().hits;
        for entity in &listed {
            let score = judge_entity(&mut comparer, party, entity).score;
            let found = hits.iter().find(|hit| hit.alert.subject_key == entity.subject_key);
            if score >= policy.threshold {
                wanted += 1;
                if found.is_none_or(|hit| hit.score < score) {
                    lost.push(format!("{score:.3}  {} | {}", party.name, entity.caption()));
                }
            }
        }
    }
    println!("{wanted} pairs, {} lost", lost.len());
    assert!(wanted > 200 && lost.is_empty(), "{} of {wanted} lost:\n{}", lost.len(), lost.join("\n"));
}

/// As above for names as they go wrong on their way: of what an exhaustive comparison finds the index loses at most 2 of 1,000.
#[test]
fn the_index_finds_names_that_went_wrong() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut index = AlertIndex::in_memory().unwrap();
    let mut listed: Vec<AlertEntity> = Vec::new();
    for (number, line) in PAIRS.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).enumerate() {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let record: ListRecord =
            serde_json::from_value(json!({"id": format!("x{number}"), "schema": fields[2], "properties": {"name": [fields[1]]}})).unwrap();
        let entity = record.entity("golden", &format!("golden/x{number}")).unwrap();
        index.replace(&entity.alert_key, std::slice::from_ref(&entity)).unwrap();
        listed.push(entity);
    }
    let snapshot = index.seal(&FeedPosition::default()).unwrap();
    let (mut comparer, mut screener) = (Comparer::default(), Screener::default());
    let policy = Policy { hits_per_party_max: 1000, ..Policy::default() };
    let (mut wanted, mut lost) = (0, Vec::new());
    for entity in &listed {
        for _ in 0..8 {
            let mut name = entity.caption().to_owned();
            for _ in 0..random.usize(1..=2) {
                name = gone_wrong(&name, &mut random);
            }
            let party = Party { name, kind: entity.kind, ..Party::default() };
            let score = judge_entity(&mut comparer, &party, entity).score;
            if score >= policy.threshold {
                wanted += 1;
                let hits = screener.screen(&party, &snapshot, &policy, 0, None).unwrap().hits;
                if !hits.iter().any(|hit| hit.alert.subject_key == entity.subject_key && hit.score >= score) {
                    lost.push(format!("{score:.3}  {} | {}", party.name, entity.caption()));
                }
            }
        }
    }
    println!("{wanted} names, {} lost:\n{}", lost.len(), lost.join("\n"));
    assert!(wanted > 3000 && lost.len() * 500 <= wanted, "{} of {wanted} lost:\n{}", lost.len(), lost.join("\n"));
}

/// A name with one thing that people and machines do to names.
fn gone_wrong(name: &str, random: &mut fastrand::Rng) -> String {
    let mut words: Vec<String> = name.split(' ').map(str::to_owned).collect();
    let place = random.usize(..words.len());
    let letters: Vec<char> = words[place].chars().collect();
    let cut = random.usize(..letters.len().max(1));
    match random.usize(..8) {
        0 if words.len() > 1 => {
            let next = words.remove((place + 1) % words.len());
            words[place.min(name.split(' ').count() - 2)].push_str(&next);
        }
        1 if cut > 0 => words[place] = letters[..cut].iter().chain(&[' ']).chain(&letters[cut..]).collect(),
        2 if letters.len() > 3 => words[place] = letters[..cut].iter().chain(&letters[cut + 1..]).collect(),
        3 if cut > 0 => words[place] = letters[..cut].iter().chain(&['e']).chain(&letters[cut..]).collect(),
        4 => words.rotate_left(1),
        5 => words.push("Lmited".to_owned()),
        6 if words.len() > 2 => drop(words.remove(place)),
        7 if letters.first().is_some_and(|letter| letter.is_alphabetic()) => words[place] = format!("{}.", letters[0]),
        _ => words.insert(place, "Karim".to_owned()),
    }
    words.join(" ")
}
