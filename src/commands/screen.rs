//! `hitstream screen`: parties or events from a file against lists from files, on all cores, in input order.

use super::list_files::{index_lists, split_spec};
use super::{BadInput, counted};
use crate::cli::{ScreenArgs, exit};
use crate::events;
use crate::index::Snapshot;
use crate::model::{EventKind, FreeText, Hit, Party, Policy, Tier, Unreadable};
use crate::screening::Screener;
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::time::Instant;

/// Lines screened at once: enough for all cores, little enough to hold.
const LINES_AT_ONCE: usize = 2048;

pub(super) fn run(args: &ScreenArgs) -> anyhow::Result<u8> {
    if args.floor.is_some_and(|floor| floor > args.threshold) {
        return Err(BadInput(format!("--floor must not be over the threshold of {}", args.threshold)).into());
    }
    let lists = args.lists.lists.iter().map(|spec| split_spec(spec).1);
    keep_inputs(Path::new(&args.output), lists.chain([Path::new(&args.input)]))?;
    let snapshot = index_lists(&args.lists.lists)?;
    let policy = Policy { threshold: args.threshold, hits_per_party_max: args.top.into(), ..Policy::default() };
    let mut input = open_input(&args.input)?;
    let mut output = open_output(&args.output)?;
    let bar = progress_bar();
    let (mut lines, mut read, mut unreadable) = (Vec::new(), 0usize, 0usize);
    loop {
        let more = read_lines(&mut input, &mut lines)?;
        let results: Vec<(Value, bool)> = lines
            .par_iter()
            .map_init(Screener::default, |screener, line| screen_line(screener, line, &snapshot, &policy, args.floor))
            .collect::<anyhow::Result<_>>()?;
        for (result, readable) in results {
            unreadable += usize::from(!readable);
            serde_json::to_writer(&mut output, &result)?;
            output.write_all(b"\n").context("cannot write the output")?;
        }
        read += lines.len();
        bar.inc(lines.len() as u64);
        if !more {
            break;
        }
    }
    output.flush().context("cannot write the output")?;
    bar.finish_and_clear();
    if unreadable > 0 {
        eprintln!("{} of {read} could not be read; their result says why", counted(unreadable, "line"));
    }
    if read == 0 {
        return Err(BadInput(format!("input {} is empty", args.input)).into());
    }
    Ok(if unreadable == read { exit::BAD_INPUT } else { exit::OK })
}

fn screen_line(
    screener: &mut Screener,
    line: &str,
    snapshot: &Snapshot,
    policy: &Policy,
    floor: Option<f32>,
) -> anyhow::Result<(Value, bool)> {
    let start = Instant::now();
    let body: Result<Value, _> = serde_json::from_str(line);
    let id = body.as_ref().ok().and_then(|body| body.get("id")).cloned().unwrap_or(Value::Null);
    let not_json = |error| Unreadable::new("not_json", format!("the line is not JSON: {error}"));
    let (parties, texts) = match body.map_err(not_json).and_then(|body| parties_of(&body)) {
        Ok(read) => read,
        Err(reason) => {
            let result = json!({"id": id, "decision": "unreadable", "reason": reason.code, "sentence": reason.sentence, "hits": []});
            return Ok((result, false));
        }
    };
    let (mut hits, mut below) = (Vec::new(), Vec::new());
    for party in &parties {
        let screening = screener.screen(party, snapshot, policy, 0, floor)?;
        hits.extend(screening.hits.iter().map(|hit| hit_json(party, hit)));
        below.extend(screening.below.iter().map(|hit| hit_json(party, hit)));
    }
    for text in texts.iter().filter(|_| policy.texts) {
        hits.extend(screener.screen_text(text, snapshot, policy, 0)?.iter().map(|(party, hit)| hit_json(party, hit)));
    }
    let decision = if hits.is_empty() { "clear" } else { "hit" };
    let mut result = json!({"id": id, "decision": decision, "hits": hits});
    if floor.is_some() {
        result["below"] = json!(below);
    }
    result["elapsed_us"] = json!(start.elapsed().as_micros() as u64);
    Ok((result, true))
}

/// The parties and free texts of a party line, a transaction or a customer event.
fn parties_of(body: &Value) -> Result<(Vec<Party>, Vec<FreeText>), Unreadable> {
    let kind = match (body.get("parties"), body.get("party")) {
        (Some(_), _) => Some(EventKind::Transaction),
        (_, Some(_)) => Some(EventKind::Customer),
        _ => None,
    };
    match kind {
        Some(kind) => events::decode(kind, body).map(|event| (event.parties, event.texts)),
        None => events::party_line(body).map(|party| (vec![party], Vec::new())),
    }
}

fn hit_json(party: &Party, hit: &Hit) -> Value {
    let mut record = events::rounded(json!({
        "entity_id": hit.alert.entity_id,
        "score": hit.score,
        "grade": hit.grade,
        "tier": hit.alert.tier,
        "list": hit.alert.list,
        "subject_key": hit.alert.subject_key,
        "alert_ids": hit.alert.alert_ids,
        "topics": hit.alert.topics,
        "name": hit.alert.name,
        "matched_name": hit.evidence.name.listed,
        "evidence": hit.evidence,
        "sentence": hit.sentence,
        "truncated": hit.truncated,
    }));
    if !party.path.is_empty() {
        record["party"] = json!({"path": party.path, "role": party.role});
    }
    if hit.alert.tier == Tier::None {
        record["kept_out"] = json!("this entity never hits: it is no subject of its alert");
    }
    record
}

fn read_lines(input: &mut dyn BufRead, lines: &mut Vec<String>) -> anyhow::Result<bool> {
    lines.clear();
    while lines.len() < LINES_AT_ONCE {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line).context("cannot read the input")? == 0 {
            return Ok(false);
        }
        let line = String::from_utf8_lossy(&line);
        if !line.trim().is_empty() {
            lines.push(line.trim().to_owned());
        }
    }
    Ok(true)
}

pub(super) fn open_input(path: &str) -> anyhow::Result<Box<dyn BufRead>> {
    if path == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(path).map_err(|error| BadInput(format!("input {path}: {error}")))?;
    Ok(Box::new(BufReader::with_capacity(1 << 20, file)))
}

/// Refuses to write over what is read.
pub(super) fn keep_inputs<'p>(output: &Path, inputs: impl Iterator<Item = &'p Path>) -> anyhow::Result<()> {
    let Ok(target) = output.canonicalize() else { return Ok(()) };
    for input in inputs {
        if input.canonicalize().is_ok_and(|input| input == target) {
            return Err(BadInput(format!("output {} is an input too: it would be lost", output.display())).into());
        }
    }
    Ok(())
}

pub(super) fn open_output(path: &str) -> anyhow::Result<Box<dyn Write>> {
    if path == "-" {
        return Ok(Box::new(BufWriter::new(std::io::stdout())));
    }
    let file = File::create(path).map_err(|error| BadInput(format!("output {path}: {error}")))?;
    Ok(Box::new(BufWriter::with_capacity(1 << 20, file)))
}

/// Shown on a terminal only.
fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} screened, {per_sec}") {
        bar.set_style(style);
    }
    bar
}
