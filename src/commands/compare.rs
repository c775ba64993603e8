//! `hitstream compare`: two names, or pairs of records from a file. No list, the same score.

use super::BadInput;
use super::screen::{keep_inputs, open_input, open_output};
use crate::cli::{CompareArgs, exit};
use crate::events;
use crate::lists::other_forms;
use crate::model::{AlertEntity, NameClass, NameForm, Party, Tier};
use crate::names::Comparer;
use crate::screening::compare;
use anyhow::Context;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::path::Path;

pub(super) fn run(args: &CompareArgs) -> anyhow::Result<u8> {
    let mut comparer = Comparer::default();
    if let (Some(query), Some(candidate)) = (&args.query, &args.candidate) {
        let line = json!({"query": {"name": query, "schema": args.schema}, "candidate": {"name": candidate, "schema": args.schema}});
        let hit = compare_line(&mut comparer, &line).map_err(BadInput)?;
        println!("{:.4}  {}", hit["score"].as_f64().unwrap_or_default(), hit["grade"].as_str().unwrap_or_default());
        println!("{}", hit["sentence"].as_str().unwrap_or_default());
        return Ok(exit::OK);
    }
    let path = args.input.as_deref().unwrap_or("-");
    keep_inputs(Path::new(&args.output), [Path::new(path)].into_iter())?;
    let input = open_input(path)?;
    let mut compared = 0;
    let mut output = open_output(&args.output)?;
    for (number, line) in input.lines().enumerate() {
        let line = line.context("cannot read the input")?;
        if line.trim().is_empty() {
            continue;
        }
        let bad = |reason: String| BadInput(format!("input {path}, line {}: {reason}", number + 1));
        let body: Value = serde_json::from_str(&line).map_err(|error| bad(error.to_string()))?;
        let mut result = compare_line(&mut comparer, &body).map_err(bad)?;
        compared += 1;
        result["id"] = body.get("id").cloned().unwrap_or(Value::Null);
        serde_json::to_writer(&mut output, &result)?;
        output.write_all(b"\n").context("cannot write the output")?;
    }
    output.flush().context("cannot write the output")?;
    if compared == 0 {
        return Err(BadInput(format!("input {path} is empty")).into());
    }
    Ok(exit::OK)
}

fn compare_line(comparer: &mut Comparer, line: &Value) -> Result<Value, String> {
    let record =
        |field: &str| events::party(line.get(field).unwrap_or(&Value::Null), &format!("/{field}")).map_err(|reason| reason.sentence);
    let (query, candidate) = (record("query")?, entity(record("candidate")?));
    let hit = compare(comparer, &query, &candidate);
    Ok(events::rounded(json!({"id": null, "score": hit.score, "grade": hit.grade, "evidence": hit.evidence, "sentence": hit.sentence})))
}

/// A record of a list that holds nothing else.
fn entity(party: Party) -> AlertEntity {
    let name = NameForm { text: party.name, class: NameClass::Name };
    let others = other_forms(&name, party.kind);
    let names = std::iter::once(name).chain(others).collect();
    AlertEntity {
        id: "candidate".to_owned(),
        alert_key: "compare/candidate".to_owned(),
        subject_key: "compare/candidate".to_owned(),
        alert_id: "candidate".to_owned(),
        list: "compare".to_owned(),
        datasets: Vec::new(),
        kind: party.kind,
        names,
        birth_dates: party.birth_dates,
        countries: party.countries,
        addresses: Some(party.address).filter(|address| !address.trim().is_empty()).into_iter().collect(),
        gender: party.gender,
        identifiers: party.identifiers,
        topics: Vec::new(),
        tier: Tier::Medium,
        role: None,
        accusation: Default::default(),
        text: None,
        quote: None,
        alert_time_ms: 0,
    }
}
