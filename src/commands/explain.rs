//! `hitstream explain`: why a name hits a list, or what kept the nearest candidates from hitting, in words.

use super::BadInput;
use super::list_files::index_lists;
use crate::cli::{ExplainArgs, exit};
use crate::events;
use crate::model::{Hit, Policy};
use crate::screening::Screener;
use serde_json::json;

/// Candidates under this score have nothing to explain.
const FLOOR: f32 = 0.30;
/// So many of those that did not hit are shown.
const BELOW_MAX: usize = 5;

pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<u8> {
    let line = json!({"name": args.name, "birthDate": args.birth_date, "country": args.country, "idNumber": args.id_number, "schema": args.schema});
    let party = events::party_line(&line).map_err(|reason| BadInput(reason.sentence))?;
    if args.birth_date.is_some() && party.birth_dates.is_empty() {
        return Err(BadInput("--birth-date: write it as YYYY, YYYY-MM, YYYY-MM-DD or DD.MM.YYYY".to_owned()).into());
    }
    if let Some(country) = args.country.as_ref().filter(|_| party.countries.is_empty()) {
        return Err(BadInput(format!("--country {country}: write a two-letter code or an English name")).into());
    }
    let snapshot = index_lists(&args.lists.lists)?;
    let policy = Policy::default();
    let screening = Screener::default().screen(&party, &snapshot, &policy, 0, Some(FLOOR))?;
    println!("\"{}\" against {} entities (list version {})", party.name, snapshot.entity_count(), snapshot.version());
    if screening.hits.is_empty() {
        println!("\nNo hit: nothing scores {:.2} or more among the tiers that the policy publishes.", policy.threshold);
    }
    for hit in &screening.hits {
        show(hit, "HIT");
    }
    if !screening.below.is_empty() {
        println!("\nNearest candidates that did not hit:");
    }
    for hit in screening.below.iter().take(BELOW_MAX) {
        let kept_out = if hit.score >= policy.threshold { "kept out by its tier" } else { "under the threshold" };
        show(hit, kept_out);
    }
    Ok(exit::OK)
}

fn show(hit: &Hit, verdict: &str) {
    let name = &hit.evidence.name;
    println!(
        "\n{verdict}  {:.4}  {}  tier {}  {}",
        hit.score,
        hit.grade.word(),
        json!(hit.alert.tier).as_str().unwrap_or_default(),
        hit.alert.entity_id
    );
    println!("  {}", hit.sentence);
    println!("  name score {:.4}:", name.score);
    for token in &name.tokens {
        let how = json!(token.how);
        println!(
            "    {:<20} {:<20} {:<17} {:.2} x weight {:.2}",
            token.party,
            token.listed,
            how.as_str().unwrap_or_default().replace('_', " "),
            token.similarity,
            token.weight
        );
    }
    for fact in &hit.evidence.facts {
        println!("  {:+.4}  {}: {} / {}", fact.effect, fact.how, fact.party, fact.listed);
    }
}
