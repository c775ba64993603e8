//! `hitstream map check`: what sample records of a topic yield, field by field.

use super::BadInput;
use super::run::read_config;
use super::screen::open_input;
use crate::cli::{MapCheckArgs, exit};
use crate::events::Pointer;
use crate::model::{Event, Party, Policy};
use crate::worker::{EventRules, RouteKind};
use serde_json::Value;
use std::io::Read;

pub(super) fn run(args: &MapCheckArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    let mut inputs = config.worker.rules.routes.iter().filter_map(|route| match &route.kind {
        RouteKind::Event(rules) => Some((&*route.topic, rules)),
        RouteKind::Alerts => None,
    });
    let found = match &args.topic {
        Some(topic) => inputs.clone().find(|(name, _)| *name == topic),
        None => inputs.clone().next().filter(|_| inputs.clone().count() == 1),
    };
    let Some((topic, rules)) = found else {
        let names: Vec<&str> = inputs.by_ref().map(|(name, _)| name).collect();
        let asked = args.topic.as_ref().map(|topic| format!("\"{topic}\" is no input topic; ")).unwrap_or_default();
        return Err(BadInput(format!("{asked}name one of the input topics with --topic: {}", names.join(", "))).into());
    };
    let mut text = String::new();
    let unreadable = |error: std::io::Error| BadInput(format!("sample {}: {error}", args.sample));
    open_input(&args.sample)?.read_to_string(&mut text).map_err(unreadable)?;
    let records = records(&text);
    if records.is_empty() {
        return Err(BadInput(format!("{} is empty", args.sample)).into());
    }
    let mut bad = 0;
    for (number, record) in records.iter().enumerate() {
        println!("record {} of {topic}", number + 1);
        match rules.decode(Some(record.as_bytes())) {
            Ok((event, policy)) => {
                show(&event, policy, rules);
                let body = serde_json::from_str(record).unwrap_or_default();
                let gaps = rules.mapping.iter().flat_map(|mapping| mapping.gaps(&body));
                gaps.for_each(|gap| println!("  {gap}"));
            }
            Err(reason) => {
                bad += 1;
                println!("  DEAD LETTER  {}: {}", reason.code, reason.sentence);
            }
        }
    }
    for (key, pointer) in never_found(rules, &records) {
        println!("never found: {key}, at {pointer}");
    }
    println!("{} records: {} can be screened, {bad} would be dead letters", records.len(), records.len() - bad);
    Ok(if bad == 0 { exit::OK } else { exit::BAD_INPUT })
}

/// Places that the mapping, or a condition of a policy, looks at and that no sample has: rare fields, or misspelt ones.
fn never_found(rules: &EventRules, records: &[String]) -> Vec<(String, String)> {
    let bodies: Vec<Value> = records.iter().filter_map(|record| serde_json::from_str(record).ok()).collect();
    let mapped = rules.mapping.iter().flat_map(|mapping| mapping.places());
    let conditions = rules.when.iter().map(|when| (format!("condition of policy {}", when.policy.name), when.pointer.clone()));
    let missing = |pointer: &Pointer| bodies.iter().all(|body| pointer.find(body, "").is_empty());
    mapped.chain(conditions).filter(|(_, pointer)| missing(pointer)).map(|(key, pointer)| (key, pointer.as_str().to_owned())).collect()
}

/// One record as the whole file, or one a line.
fn records(text: &str) -> Vec<String> {
    if serde_json::from_str::<Value>(text).is_ok() {
        return vec![text.to_owned()];
    }
    text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

fn show(event: &Event, policy: &Policy, rules: &EventRules) {
    println!("  id      {}", event.id);
    println!("  time    {}", event.time.as_deref().unwrap_or("- (not found: hits carry the time of the record)"));
    println!("  policy  {}", policy.name);
    for party in &event.parties {
        show_party(party);
    }
    for text in &event.texts {
        let unless = if policy.texts { "" } else { "  (not screened: texts = false in this policy)" };
        println!("  text    {} ({})  {:?}{unless}", text.path, text.role, text.text);
    }
    if rules.mapping.is_none() {
        println!("  (read in our own shape: config/schemas)");
    }
}

fn show_party(party: &Party) {
    let role = if party.role.is_empty() { "no role" } else { &party.role };
    println!("  party   {} ({role}, {})  {:?}", party.path, kind(party), party.name);
    let dates: Vec<String> = party.birth_dates.iter().map(ToString::to_string).collect();
    let identifiers: Vec<String> =
        party.identifiers.iter().map(|identifier| format!("{} {}", identifier.kind.words(), identifier.value)).collect();
    let facts = [
        ("birth date", dates.join(", ")),
        ("country", party.countries.join(", ")),
        ("identifiers", identifiers.join(", ")),
        ("address", party.address.clone()),
    ];
    for (name, value) in facts {
        if !value.is_empty() {
            println!("          {name:<12} {value}");
        }
    }
}

fn kind(party: &Party) -> String {
    serde_json::to_value(party.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default()
}
