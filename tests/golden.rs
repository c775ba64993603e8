//! Pairs of names of our own writing with what must come of them, and why.

use hitstream::lists::ListRecord;
use hitstream::model::{Party, PartyKind};
use hitstream::names::Comparer;
use hitstream::screening::judge_entity;
use serde_json::json;

/// `party | listed | schema | hit or no | why`, one a line.
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
        if (score >= 0.70) != (expected == "hit") {
            wrong.push(format!("{score:.3}  {line}  ({why})"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
