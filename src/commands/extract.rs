//! `hitstream extract`: what the reader makes of alert documents, as JSON lines or as marked text for people.

use super::BadInput;
use super::screen::open_input;
use crate::alerts;
use crate::cli::{ExtractArgs, exit};
use crate::extract::{Document, Extracted, extract};
use crate::lists::read_list;
use crate::model::Tier;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};

/// So many documents are read at once.
const DOCUMENTS_AT_ONCE: usize = 2_000;

pub(super) fn run(args: &ExtractArgs) -> anyhow::Result<u8> {
    let colours = args.pretty && std::io::stdout().is_terminal();
    let mut output = std::io::BufWriter::new(std::io::stdout());
    let mut waiting: Vec<Document> = Vec::new();
    let mut failed = None;
    let mut flush = |waiting: &mut Vec<Document>, failed: &mut Option<anyhow::Error>| {
        let shown: Vec<String> = waiting.par_iter().map(|document| shown(document, args.pretty, colours)).collect();
        for text in shown {
            if let Err(error) = output.write_all(text.as_bytes()) {
                failed.get_or_insert(error.into());
            }
        }
        waiting.clear();
    };
    read_documents(&args.input, |document| {
        waiting.push(document);
        if waiting.len() >= DOCUMENTS_AT_ONCE {
            flush(&mut waiting, &mut failed);
        }
    })?;
    flush(&mut waiting, &mut failed);
    match failed {
        Some(error) => Err(error),
        None => {
            output.flush()?;
            Ok(exit::OK)
        }
    }
}

/// Calls `each` with every document of a file, in order; one that cannot be read fails the verb and is named.
fn read_documents(input: &str, mut each: impl FnMut(Document)) -> anyhow::Result<usize> {
    let mut failed: Option<String> = None;
    let count = read_list(open_input(input)?, "documents", |record| {
        if failed.is_some() {
            return;
        }
        match alerts::document(&record.value) {
            Ok(document) => each(document),
            Err(reason) => failed = Some(format!("{input}, document {}: {}", record.key, reason.sentence)),
        }
    })
    .map_err(|error| BadInput(format!("{input}: {error}")))?;
    match failed {
        Some(reason) => Err(BadInput(reason).into()),
        None => Ok(count),
    }
}

fn shown(document: &Document, pretty: bool, colours: bool) -> String {
    let entities = extract(document);
    if pretty {
        return pretty_text(document, &entities, colours);
    }
    let entities: Vec<Value> = entities.iter().map(entity_json).collect();
    format!("{}\n", json!({"alert_id": document.alert_id, "entities": entities}))
}

/// One entity as the verb writes it.
fn entity_json(entity: &Extracted) -> Value {
    let aliases: Vec<Value> = entity.names.iter().skip(1).map(|form| json!({"name": form.text, "class": form.class})).collect();
    let mut body = json!({
        "name": entity.names.first().map_or("", |form| &form.text),
        "aliases": aliases,
        "type": entity.kind,
        "role": entity.role,
        "tier": entity.tier,
        "offences": entity.accusation.offences,
        "topics": entity.topics,
        "stage": entity.accusation.stage,
        "in_absentia": entity.accusation.in_absentia,
        "wanted_by": entity.accusation.wanted_by,
        "countries": entity.countries,
        "birth_date": entity.birth_date,
        "age": entity.age,
        "identifiers": entity.identifiers,
        "amounts": entity.amounts,
        "quote": entity.quote,
    });
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null() && *value != json!([]) && *value != json!(false));
        for kept in ["aliases", "offences", "topics"] {
            fields.entry(kept).or_insert_with(|| json!([]));
        }
    }
    body
}

/// The text with every name in brackets with its role, then one line an entity.
fn pretty_text(document: &Document, entities: &[Extracted], colours: bool) -> String {
    let mut spans: Vec<(std::ops::Range<usize>, &Extracted)> =
        entities.iter().flat_map(|entity| entity.spans.iter().map(move |span| (span.clone(), entity))).collect();
    spans.sort_by_key(|(span, _)| span.start);
    let mut out = format!("Alert ID: {}\n\n", document.alert_id);
    let mut written_to = 0;
    for (span, entity) in spans {
        if span.start < written_to {
            continue;
        }
        let (on, off) = if colours { (colour(entity.tier), "\u{1b}[0m") } else { ("", "") };
        out.push_str(&document.text[written_to..span.start]);
        let _ = write!(out, "{on}[{}: {}]{off}", &document.text[span.clone()], role_word(entity));
        written_to = span.end;
    }
    out.push_str(&document.text[written_to..]);
    out.push_str("\n\n");
    for entity in entities {
        let names: Vec<&str> = entity.names.iter().map(|form| form.text.as_str()).collect();
        let tier = serde_json::to_value(entity.tier).ok().and_then(|tier| tier.as_str().map(str::to_uppercase)).unwrap_or_default();
        let _ = write!(out, "{tier:<7} {:<10} {}", role_word(entity), names.join(" | "));
        if !entity.accusation.offences.is_empty() {
            let _ = write!(out, " - {}", entity.accusation.offences.join(", "));
        }
        if let Some(stage) = entity.accusation.stage {
            let _ = write!(out, " ({}{})", stage.as_str(), if entity.accusation.in_absentia { ", in absentia" } else { "" });
        }
        out.push('\n');
    }
    out.push('\n');
    out
}

fn role_word(entity: &Extracted) -> String {
    serde_json::to_value(entity.role).ok().and_then(|role| role.as_str().map(str::to_owned)).unwrap_or_default()
}

fn colour(tier: Tier) -> &'static str {
    match tier {
        Tier::High => "\u{1b}[1;31m",
        Tier::Medium => "\u{1b}[33m",
        Tier::Low => "\u{1b}[36m",
        Tier::None => "\u{1b}[2m",
    }
}
