//! `hitstream bench`: what screening costs on one core, on a given list and given parties.

use super::BadInput;
use super::list_files::index_lists;
use super::screen::open_input;
use crate::cli::{BenchArgs, exit};
use crate::events;
use crate::model::{Party, Policy};
use crate::screening::Screener;
use anyhow::Context;
use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};
use std::io::BufRead;
use std::path::Path;
use std::time::{Duration, Instant};

pub(super) fn run(args: &BenchArgs) -> anyhow::Result<u8> {
    let input = args.input.as_deref().unwrap_or(Path::new("-"));
    let parties = read_parties(&input.to_string_lossy())?;
    let empty_bytes = resident_bytes();
    let start = Instant::now();
    let snapshot = index_lists(&args.lists)?;
    let load_seconds = start.elapsed().as_secs_f64();
    println!("list      {} entities, {} names, loaded in {load_seconds:.2} s", snapshot.entity_count(), snapshot.name_count());
    println!(
        "memory    {:.0} MB over the empty program, of which {:.0} MB companions",
        (resident_bytes().saturating_sub(empty_bytes)) as f64 / 1e6,
        snapshot.companion_bytes() as f64 / 1e6
    );
    let policy = Policy::default();
    let mut screener = Screener::default();
    for party in parties.iter().take(2000) {
        screener.screen(party, &snapshot, &policy, 0, None)?;
    }
    let before = screener.work();
    let mut latency = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3)?;
    let (mut screened, mut with_hits) = (0u64, 0u64);
    let wall = Instant::now();
    let cpu = cpu_time();
    while wall.elapsed() < Duration::from_secs(args.seconds) {
        for party in &parties {
            let start = Instant::now();
            let screening = screener.screen(party, &snapshot, &policy, 0, None)?;
            latency.saturating_record(start.elapsed().as_nanos() as u64);
            with_hits += u64::from(!screening.hits.is_empty());
            screened += 1;
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
    Ok(exit::OK)
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

/// Resident memory of this process; 0 where the system does not tell.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}
