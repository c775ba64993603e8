//! `hitstream eval`: how good is matching on labelled parties? A table, and one HTML page for the file.

use super::BadInput;
use super::list_files::{index_lists, split_spec};
use super::screen::{keep_inputs, open_input};
use crate::cli::{EvalArgs, exit};
use crate::eval::{Answer, ClassRow, Labelled, Report, measure, render};
use crate::events;
use crate::model::{Hit, Party, Policy, Tier};
use crate::screening::Screener;
use anyhow::Context;
use rayon::prelude::*;
use std::io::BufRead;
use std::path::Path;

/// Candidates under this score are not looked at.
const FLOOR: f32 = 0.30;
const MISTAKES_MAX: usize = 50;

pub(super) fn run(args: &EvalArgs) -> anyhow::Result<u8> {
    let queries = args.queries.as_deref().unwrap_or("-");
    if let Some(page) = &args.html {
        let lists = args.lists.iter().map(|spec| split_spec(spec).1);
        keep_inputs(page, lists.chain([Path::new(queries)]))?;
    }
    let (parties, labelled) = read_queries(queries)?;
    let snapshot = index_lists(&args.lists)?;
    // Quality is about scores: every tier takes part.
    let policy = Policy { threshold: args.threshold, tiers: vec![Tier::High, Tier::Medium, Tier::Low, Tier::None], ..Policy::default() };
    let answers: Vec<Vec<Answer>> = parties
        .par_iter()
        .map_init(Screener::default, |screener, party| {
            let screening = screener.screen(party, &snapshot, &policy, 0, Some(FLOOR))?;
            Ok(screening.hits.into_iter().chain(screening.below).map(answer).collect())
        })
        .collect::<anyhow::Result<_>>()?;
    let report = measure(&labelled, &answers, args.threshold, MISTAKES_MAX);
    print(&report);
    if let Some(path) = &args.html {
        let title = format!(
            "hitstream {}, {} entities (list version {}), {} labelled parties from {}",
            env!("CARGO_PKG_VERSION"),
            snapshot.entity_count(),
            snapshot.version(),
            parties.len(),
            queries
        );
        std::fs::write(path, render(&report, &title)).with_context(|| format!("cannot write {}", path.display()))?;
        println!("\nreport written to {}", path.display());
    }
    Ok(exit::OK)
}

fn answer(hit: Hit) -> Answer {
    Answer { entity_id: hit.alert.entity_id, score: hit.score, sentence: hit.sentence }
}

fn read_queries(path: &str) -> anyhow::Result<(Vec<Party>, Vec<Labelled>)> {
    let (mut parties, mut labels) = (Vec::new(), Vec::new());
    for (number, line) in open_input(path)?.lines().enumerate() {
        let line = line.context("cannot read the queries")?;
        if line.trim().is_empty() {
            continue;
        }
        let bad = |reason: String| BadInput(format!("{path}, line {}: {reason}", number + 1));
        let body: serde_json::Value = serde_json::from_str(&line).map_err(|error| bad(error.to_string()))?;
        parties.push(events::party_line(&body).map_err(|reason| bad(reason.sentence))?);
        let label: Labelled = serde_json::from_value(body).map_err(|error| bad(error.to_string()))?;
        if !matches!(label.label.as_str(), "positive" | "negative" | "policy") {
            return Err(bad("`label` must be positive, negative or policy".to_owned()).into());
        }
        labels.push(label);
    }
    if parties.is_empty() {
        return Err(BadInput(format!("{path} is empty")).into());
    }
    Ok((parties, labels))
}

fn print(report: &Report) {
    println!("threshold  recall  macro   alerts per 1,000 plain  hard");
    for row in &report.sweep {
        let mark = if (row.threshold - report.threshold).abs() < 0.001 { "<" } else { "" };
        println!(
            "     {:.2}  {:.4}  {:.4}  {:>22.1}  {:>4.1} {mark}",
            row.threshold, row.recall, row.macro_recall, row.alerts_plain, row.alerts_hard
        );
    }
    println!("\nbest answers scored  answers  right");
    for bin in &report.calibration {
        println!("       {:.2} to {:.2}  {:>7}  {:.3}", bin.from, bin.to, bin.answers, bin.right as f64 / bin.answers.max(1) as f64);
    }
    table("recall by class", &report.recall, 1.0);
    table("alerts per 1,000 clean parties", &report.alerts, 1000.0);
    table("matters of policy, share that alerts", &report.policy, 1.0);
    for (title, mistakes) in [("nearest misses", &report.misses), ("highest false alerts", &report.false_alerts)] {
        if mistakes.is_empty() {
            continue;
        }
        println!("\n{title}");
        for mistake in mistakes.iter().take(10) {
            println!(
                "  {:.2}  {:<20} {}",
                mistake.score,
                mistake.class,
                if mistake.sentence.is_empty() { &mistake.name } else { &mistake.sentence }
            );
        }
    }
}

fn table(title: &str, rows: &[ClassRow], scale: f64) {
    if rows.is_empty() {
        return;
    }
    println!("\n{title}");
    for row in rows {
        println!("  {:<28} {:>6}  {:.3}", row.class, row.parties, scale * row.share());
    }
}
