//! `hitstream bench`: what screening costs on one core, on a given list and given parties.

use super::BadInput;
use super::list_files::Indexing;
use super::screen::open_input;
use super::synthetic::Words;
use crate::cli::{BenchArgs, exit};
use crate::events;
use crate::index::{AlertIndex, FeedPosition, SnapshotSource};
use crate::lists::AlertRecord;
use crate::model::{Party, Policy};
use crate::screening::Screener;
use anyhow::Context;
use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What can be kept and compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Figures {
    /// Names in the list, and party lines: figures of other work cannot be compared.
    names: usize,
    parties: usize,
    changes_per_second: u32,
    load_seconds: f64,
    memory_mb: f64,
    cpu_us: f64,
    p50_us: f64,
    p99_us: f64,
}

impl Figures {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let bad = |error: &dyn std::fmt::Display| BadInput(format!("figures {}: {error}; --save makes such a file", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
        Ok(serde_json::from_str(&text).map_err(|error| bad(&error))?)
    }

    fn check_work(&self, names: usize, parties: usize, changes_per_second: u32) -> Result<(), BadInput> {
        let Self { names: had, parties: of, changes_per_second: with, .. } = self;
        if (*had, *of, *with) == (names, parties, changes_per_second) {
            return Ok(());
        }
        Err(BadInput(format!(
            "--against: those figures are of {had} names, {of} parties and {with} changes a second, these of {names}, {parties} and {changes_per_second}"
        )))
    }

    /// This over that, figure by figure.
    fn print_against(&self, before: &Self, path: &Path) {
        println!(
            "against   {}: CPU a party {:.2} of it, p50 {:.2}, p99 {:.2}, memory {:.2}, load {:.2} (another run: the machine may have been faster or slower)",
            path.display(),
            self.cpu_us / before.cpu_us,
            self.p50_us / before.p50_us,
            self.p99_us / before.p99_us,
            self.memory_mb / before.memory_mb,
            self.load_seconds / before.load_seconds
        );
    }
}

pub(super) fn run(args: &BenchArgs) -> anyhow::Result<u8> {
    let input = args.input.as_deref().unwrap_or(Path::new("-"));
    let parties = read_parties(&input.to_string_lossy())?;
    let before = args.against.as_deref().map(Figures::read).transpose()?;
    let empty_bytes = own_bytes();
    let start = Instant::now();
    // On disk as a worker has it: memory and sealing then cost what they cost there.
    let folder = Folder(std::env::temp_dir().join(format!("hitstream-bench-{}", std::process::id())));
    let mut indexing = Indexing::into(AlertIndex::open(&folder.0, "bench")?.0);
    let (mut words, mut some) = (Words::default(), Vec::new());
    for spec in &args.lists {
        indexing.add_list(spec, |record| {
            if args.names.is_some() {
                words.learn(record);
            }
            if args.changes.is_some() && some.len() < CHANGED_MAX {
                some.push(record.clone());
            }
        })?;
    }
    if let Some(names) = args.names {
        let too_few = || BadInput("--names: the list has no people, or no companies, of two words or more to make names from".to_owned());
        words.fill_up(names).ok_or_else(too_few)?.try_for_each(|record| indexing.add(&record))?;
    }
    drop(words);
    let position = indexing.seal()?;
    let snapshots = indexing.index.snapshots();
    if args.changes.is_none() {
        indexing.index.merge_all(&position)?;
    }
    let load_seconds = start.elapsed().as_secs_f64();
    let snapshot = snapshots.newest();
    println!("list      {} entities, {} names, loaded in {load_seconds:.2} s", snapshot.entity_count(), snapshot.name_count());
    let memory_mb = own_bytes().saturating_sub(empty_bytes) as f64 / 1e6;
    println!("memory    {memory_mb:.0} MB over the empty program, of which {:.0} MB companions", snapshot.companion_bytes() as f64 / 1e6);
    let names = snapshot.name_count();
    drop(snapshot);
    let changes_per_second = args.changes.unwrap_or(0);
    if let Some(before) = &before {
        before.check_work(names, parties.len(), changes_per_second)?;
    }
    let ended = AtomicBool::new(false);
    let (measured, visible) = std::thread::scope(|threads| {
        let (position, some, ended) = (&position, &some, &ended);
        let changing = args.changes.map(|per_second| threads.spawn(move || change_alerts(indexing, position, some, per_second, ended)));
        let measured = measure(&parties, &snapshots, Duration::from_secs(args.seconds));
        ended.store(true, Ordering::Relaxed);
        (measured, changing.map(|changing| changing.join()))
    });
    drop(folder);
    let (cpu_us, p50_us, p99_us) = measured?;
    if let Some(visible) = visible {
        let visible = visible.map_err(|_| anyhow::anyhow!("the thread that changes alerts stopped by a defect"))??;
        let at = |quantile: f64| visible.value_at_quantile(quantile);
        println!("changes   {} alerts replaced, visible after p50 {} ms, p99 {} ms, max {} ms", visible.len(), at(0.5), at(0.99), at(1.0));
    }
    let figures = Figures { names, parties: parties.len(), changes_per_second, load_seconds, memory_mb, cpu_us, p50_us, p99_us };
    if let (Some(before), Some(path)) = (&before, &args.against) {
        figures.print_against(before, path);
    }
    if let Some(path) = &args.save {
        std::fs::write(path, serde_json::to_string_pretty(&figures)?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(exit::OK)
}

/// Of the list so many alerts are changed, round and round.
const CHANGED_MAX: usize = 50_000;

/// A change is sealed at the latest after this time, as by default in a worker.
const SEAL_INTERVAL: Duration = Duration::from_millis(200);

/// A folder that is removed whatever happens.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // There is nobody to tell, and the system empties its folder for such files itself.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Replaces alerts at a rate and seals them, until told to end; returns the milliseconds from the change to when it could be found.
fn change_alerts(
    mut indexing: Indexing,
    position: &FeedPosition,
    records: &[AlertRecord],
    per_second: u32,
    ended: &AtomicBool,
) -> anyhow::Result<Histogram<u64>> {
    let mut visible = Histogram::new_with_bounds(1, 600_000, 3)?;
    let (begun, mut changed, mut unsealed) = (Instant::now(), 0, Vec::new());
    while !ended.load(Ordering::Relaxed) || !unsealed.is_empty() {
        let now_due = (begun.elapsed().as_secs_f64() * f64::from(per_second)) as usize;
        let due = if ended.load(Ordering::Relaxed) { changed } else { now_due };
        for record in records.iter().cycle().skip(changed % records.len().max(1)).take(due - changed) {
            // From when it was due: what waits while a seal is made waits too.
            unsealed.push(begun + Duration::from_secs_f64(changed as f64 / f64::from(per_second)));
            indexing.replace(record)?;
            changed += 1;
        }
        if unsealed.first().is_some_and(|first| first.elapsed() >= SEAL_INTERVAL) {
            indexing.index.seal(position)?;
            unsealed.drain(..).for_each(|at| visible.saturating_record(at.elapsed().as_millis() as u64));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    indexing.index.close()?;
    Ok(visible)
}

/// Screens the parties round and round on this thread and prints what it costs; returns CPU, p50 and p99 a party in microseconds.
fn measure(parties: &[Party], snapshots: &SnapshotSource, time: Duration) -> anyhow::Result<(f64, f64, f64)> {
    let policy = Policy::default();
    let mut screener = Screener::default();
    for party in parties.iter().take(2000) {
        screener.screen(party, &snapshots.newest(), &policy, 0, None)?;
    }
    let before = screener.work();
    let mut latency = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3)?;
    let (mut screened, mut with_hits) = (0u64, 0u64);
    let wall = Instant::now();
    let cpu = cpu_time();
    while wall.elapsed() < time {
        for batch in parties.chunks(1000) {
            // A worker takes the newest snapshot for each batch.
            let snapshot = snapshots.newest();
            for party in batch {
                let start = Instant::now();
                let screening = screener.screen(party, &snapshot, &policy, 0, None)?;
                latency.saturating_record(start.elapsed().as_nanos() as u64);
                with_hits += u64::from(!screening.hits.is_empty());
                screened += 1;
            }
        }
    }
    let (wall, cpu) = (wall.elapsed(), cpu_time() - cpu);
    let work = screener.work();
    let per_party = cpu.as_secs_f64() / screened as f64;
    println!("parties   {screened} screened on one core, {:.1} with a hit of 1,000", 1000.0 * with_hits as f64 / screened as f64);
    println!("speed     {:.0} parties/s of CPU ({:.0}/s of wall time)", 1.0 / per_party, screened as f64 / wall.as_secs_f64());
    println!("cost      {:.2} us CPU a party", per_party * 1e6);
    let of_party = |after: u64, before: u64| (after - before) as f64 / screened as f64;
    println!(
        "work      {:.0} tokens expanded to, {:.0} postings read, {:.0} documents reached, {:.1} gated ({:.1} forms), {:.2} forms compared, a party",
        of_party(work.expansions, before.expansions),
        of_party(work.postings, before.postings),
        of_party(work.reached, before.reached),
        of_party(work.gated, before.gated),
        of_party(work.forms, before.forms),
        of_party(work.candidates, before.candidates)
    );
    let at = |quantile: f64| latency.value_at_quantile(quantile) as f64 / 1000.0;
    println!(
        "latency   p50 {:.1} us, p90 {:.1} us, p99 {:.1} us, p99.9 {:.1} us, max {:.1} us",
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
        at(1.0)
    );
    Ok((per_party * 1e6, at(0.5), at(0.99)))
}

pub(super) fn read_parties(path: &str) -> anyhow::Result<Vec<Party>> {
    let mut parties = Vec::new();
    for (number, line) in open_input(path)?.lines().enumerate() {
        let line = line.context("cannot read the input")?;
        let bad = |reason: String| BadInput(format!("input {path}, line {}: {reason}", number + 1));
        let body = serde_json::from_str(&line).map_err(|error| bad(error.to_string()))?;
        parties.push(events::party_line(&body).map_err(|reason| bad(reason.sentence))?);
    }
    if parties.is_empty() {
        return Err(BadInput(format!("input {path} is empty")).into());
    }
    Ok(parties)
}

/// CPU time of this thread.
pub(super) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Memory of this process, without files that are mapped; 0 where the system does not tell.
fn own_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}
