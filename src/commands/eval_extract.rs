//! `hitstream eval extract`: how well are labelled alert documents read?

use super::BadInput;
use super::screen::open_input;
use crate::alerts;
use crate::cli::{EvalExtractArgs, exit};
use crate::eval::{LabelledDocument, ReadingReport, measure_reading};
use crate::extract::{Document, extract};
use crate::index::{AlertIndex, FeedPosition};
use crate::model::{Party, Policy, Tier};
use crate::screening::Screener;
use anyhow::Context;
use serde_json::json;
use std::io::BufRead;
use std::time::{Duration, Instant};

/// Reading is timed for at least so long.
const MEASURED_MIN: Duration = Duration::from_secs(2);

/// How many names standing in a text are found when they are screened against all the texts, whatever the reader took them
/// for: through its entities or through the text net. Lone given names are left out, and official bodies and media.
fn found_by_screening(documents: &[(LabelledDocument, Document)]) -> anyhow::Result<(usize, usize)> {
    let mut index = AlertIndex::in_memory()?;
    for (_, document) in documents {
        let record = json!({"alert_id": document.alert_id, "name": document.name, "text": document.text}).to_string();
        if let Ok(change) = alerts::read(Some(document.alert_id.as_bytes()), Some(record.as_bytes()), 0) {
            index.replace(&change.key, &change.entities)?;
        }
    }
    let snapshot = index.seal(&FeedPosition::default())?;
    let policy = Policy { tiers: vec![Tier::High, Tier::Medium, Tier::Low], hits_per_party_max: 100, ..Policy::default() };
    let mut screener = Screener::default();
    let (mut found, mut names) = (0, 0);
    for (gold, _) in documents {
        let private = gold.entities.iter().filter(|entity| !matches!(entity.role.as_str(), "official" | "media"));
        for entity in private.filter(|entity| entity.name.contains(' ') || !entity.kind.eq_ignore_ascii_case("person")) {
            names += 1;
            let party = Party { name: entity.name.clone(), ..Party::default() };
            let screening = screener.screen(&party, &snapshot, &policy, 0, Some(policy.threshold))?;
            let mut hits = screening.hits.iter().chain(&screening.below).filter(|hit| hit.score >= policy.threshold);
            found += usize::from(hits.any(|hit| hit.alert.alert_ids.contains(&gold.alert_id)));
        }
    }
    Ok((found, names))
}

/// So many errors of each kind are shown.
const ERRORS_MAX: usize = 40;

pub(super) fn run(args: &EvalExtractArgs) -> anyhow::Result<u8> {
    let mut report = ReadingReport::default();
    let mut documents = Vec::new();
    for (number, line) in open_input(&args.gold)?.lines().enumerate() {
        let line = line.context("cannot read the labelled documents")?;
        if line.trim().is_empty() {
            continue;
        }
        let bad = |reason: String| BadInput(format!("{}, line {}: {reason}", args.gold, number + 1));
        let gold: LabelledDocument = serde_json::from_str(&line).map_err(|error| bad(error.to_string()))?;
        let document = Document::new(gold.alert_id.clone(), gold.name.clone(), &gold.text).map_err(|reason| bad(reason.to_owned()))?;
        documents.push((gold, document));
    }
    if documents.is_empty() {
        return Err(BadInput(format!("{} holds no documents", args.gold)).into());
    }
    let words: usize = documents.iter().map(|(_, document)| document.text.split_whitespace().count()).sum();
    let read: Vec<_> = documents.iter().map(|(_, document)| extract(document)).collect();
    // Measured on further rounds: the first compiles the tables and warms their automata.
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < MEASURED_MIN {
        documents.iter().for_each(|(_, document)| drop(extract(document)));
        rounds += 1;
    }
    let seconds = start.elapsed().as_secs_f64() / f64::from(rounds);
    for ((gold, _), found) in documents.iter().zip(&read) {
        measure_reading(gold, found, &mut report);
    }
    print!("{report}");
    let (found, names) = found_by_screening(&documents)?;
    println!(
        "names found by screening   {:.3} ({found} of {names} people and private organisations, low tier included)",
        found as f64 / names.max(1) as f64
    );
    println!("speed                      {:.0} documents of 350 words a second on one core", words as f64 / 350.0 / seconds.max(1e-9));
    for (title, errors) in report.errors() {
        if !errors.is_empty() {
            println!("\n{title} ({})", errors.len());
            for error in errors.iter().take(ERRORS_MAX) {
                println!("  {error}");
            }
        }
    }
    Ok(exit::OK)
}
