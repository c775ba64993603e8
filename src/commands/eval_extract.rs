//! `hitstream eval extract`: how well are labelled alert documents read?

use super::BadInput;
use super::screen::open_input;
use crate::cli::{EvalExtractArgs, exit};
use crate::eval::{LabelledDocument, ReadingReport, measure_reading};
use crate::extract::{Document, extract};
use anyhow::Context;
use std::io::BufRead;
use std::time::Instant;

/// So many errors of each kind are shown.
const ERRORS_MAX: usize = 12;

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
    // The tables are compiled by the first document.
    extract(&documents[0].1);
    let start = Instant::now();
    let read: Vec<_> = documents.iter().map(|(_, document)| extract(document)).collect();
    let seconds = start.elapsed().as_secs_f64();
    for ((gold, _), found) in documents.iter().zip(&read) {
        measure_reading(gold, found, &mut report);
    }
    print!("{report}");
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
