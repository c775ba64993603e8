//! One lane: a state machine on one thread, with one bus. Poll, process, commit; after an abort rewind and do it again.

use super::batch::{BatchCounts, BatchRules, List, process_batch};
use super::freshness::Freshness;
use crate::bus::{Bus, BusError, InputRecord, PollLimits, next_offsets};
use crate::index::SnapshotSource;
use crate::metrics::Metrics;
use crate::screening::{ScreenError, Screener};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Why a lane stopped.
#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    /// The bus.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The index.
    #[error(transparent)]
    Index(#[from] ScreenError),
    /// Too many events that nobody can read.
    #[error(
        "{unreadable} of the last {events} events of topic {topic} could not be read; nothing of this batch was committed. Mend the producer or \
         the mapping (see topic dead-letters for the reasons), or raise worker.unreadable_max"
    )]
    TooManyUnreadable {
        /// Input topic.
        topic: Arc<str>,
        /// Of these,
        events: u64,
        /// so many.
        unreadable: u64,
    },
}

/// What one step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing to read.
    Idle,
    /// So many records were committed.
    Committed(usize),
    /// The batch was aborted; the next step rewinds.
    Aborted,
}

/// After an abort the next try waits a little longer, up to five seconds, so that a lasting trouble is no spin.
const BACKOFF_FIRST: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// Unreadable events are counted over so many events of a topic.
const WINDOW_EVENTS: u64 = 1000;

/// What a lane needs beside its bus.
#[derive(Clone)]
pub struct LaneParts {
    /// Where the list comes from.
    pub snapshots: SnapshotSource,
    /// Whether it can be trusted.
    pub freshness: Freshness,
    /// What a batch needs.
    pub rules: Arc<BatchRules>,
    /// What one batch may hold.
    pub limits: PollLimits,
    /// So many unreadable events of 1,000 of a topic stop the lane; 0 = none do.
    pub unreadable_max: u64,
    /// Where it counts.
    pub metrics: Arc<Metrics>,
}

/// One lane.
pub struct Lane<B> {
    bus: B,
    parts: LaneParts,
    /// Topics that wait while the list is stale.
    waiting: Vec<Arc<str>>,
    is_stale: bool,
    /// Events and unreadable ones since the window began, by topic.
    window: BTreeMap<Arc<str>, (u64, u64)>,
    screener: Screener,
    /// Records of the last poll that are not decided yet, because the outputs of those before them were enough for one commit.
    unfinished: Vec<InputRecord>,
    must_rewind: bool,
    aborts_in_a_row: u32,
}

impl<B: Bus> Lane<B> {
    /// A lane that owns its bus.
    pub fn new(bus: B, parts: LaneParts) -> Self {
        let waiting = parts.rules.routes.iter().filter(|route| route.waits_when_stale()).map(|route| Arc::clone(&route.topic)).collect();
        Self {
            bus,
            parts,
            waiting,
            is_stale: false,
            window: BTreeMap::new(),
            screener: Screener::remembering(),
            unfinished: Vec::new(),
            must_rewind: false,
            aborts_in_a_row: 0,
        }
    }

    /// One batch: one poll, one snapshot, one commit; a poll whose outputs would be too many is worked off in several steps.
    /// `now_ms` tells the time, milliseconds since 1970.
    ///
    /// # Errors
    /// When the bus is of no more use: connect anew. When the index cannot be read: the process must be started again.
    pub fn step(&mut self, now_ms: impl Fn() -> i64) -> Result<Step, LaneError> {
        if self.must_rewind {
            match self.bus.rewind() {
                Ok(()) => self.must_rewind = false,
                Err(BusError::Aborted(reason)) => return Ok(self.aborted(&reason)),
                Err(fatal) => return Err(fatal.into()),
            }
        }
        self.mind_staleness(now_ms());
        if self.is_stale && self.unfinished.iter().any(|record| self.waiting.contains(&record.topic)) {
            self.unfinished.clear();
            self.must_rewind = true;
            return Ok(Step::Idle);
        }
        let mut records = std::mem::take(&mut self.unfinished);
        if records.is_empty() {
            records = self.bus.poll(self.parts.limits)?;
        }
        if records.is_empty() {
            return Ok(Step::Idle);
        }
        let snapshot = self.parts.snapshots.newest();
        let start = Instant::now();
        let list = List { snapshot: &snapshot, stale: self.is_stale };
        let result = process_batch(&records, &list, &self.parts.rules, &mut self.screener, now_ms())?;
        let unfinished = records.split_off(result.records);
        let window = self.windows_with(&result.counts.by_topic)?;
        let processed = start.elapsed();
        match self.bus.commit(&result.outputs, &next_offsets(&records)) {
            Ok(()) => {
                self.aborts_in_a_row = 0;
                self.window = window;
                self.unfinished = unfinished;
                self.count(&records, &result.counts, processed, start.elapsed() - processed, now_ms());
                Ok(Step::Committed(records.len()))
            }
            Err(BusError::Aborted(reason)) => {
                self.must_rewind = true;
                Ok(self.aborted(&reason))
            }
            Err(fatal) => Err(fatal.into()),
        }
    }

    /// How long to wait before the next step, after an abort.
    pub fn backoff(&self) -> Duration {
        let doubled = BACKOFF_FIRST.saturating_mul(1 << self.aborts_in_a_row.saturating_sub(1).min(10));
        if self.aborts_in_a_row == 0 { Duration::ZERO } else { doubled.min(BACKOFF_MAX) }
    }

    /// Stays in the group without working.
    ///
    /// # Errors
    /// When the bus is of no more use.
    pub fn wait(&mut self, time: Duration) -> Result<(), LaneError> {
        Ok(self.bus.wait(time)?)
    }

    /// Topics whose policy waits are not read while the list is stale.
    fn mind_staleness(&mut self, now_ms: i64) {
        let stale = self.parts.freshness.is_stale(now_ms);
        if stale == self.is_stale {
            return;
        }
        self.is_stale = stale;
        self.parts.metrics.list_stale.set(i64::from(stale));
        if stale {
            let lag_ms = self.parts.freshness.lag_ms(now_ms);
            tracing::warn!(
                lag_ms,
                waiting = self.waiting.join(" "),
                "the list is stale: the alert topic has not been read to its end for too long"
            );
        } else {
            tracing::info!("the list is up to date again");
        }
        self.bus.hold(if stale { &self.waiting } else { &[] });
    }

    /// The windows with a batch more, the full ones emptied.
    fn windows_with(&self, batch: &BTreeMap<Arc<str>, (u64, u64)>) -> Result<BTreeMap<Arc<str>, (u64, u64)>, LaneError> {
        let mut window = self.window.clone();
        for (topic, (events, unreadable)) in batch {
            let sums = window.entry(Arc::clone(topic)).or_default();
            *sums = (sums.0 + events, sums.1 + unreadable);
            // A window may have grown beyond its size by a whole batch: the share counts.
            if self.parts.unreadable_max > 0 && sums.1 * WINDOW_EVENTS > self.parts.unreadable_max * sums.0.max(WINDOW_EVENTS) {
                return Err(LaneError::TooManyUnreadable { topic: Arc::clone(topic), events: sums.0, unreadable: sums.1 });
            }
            if sums.0 >= WINDOW_EVENTS {
                *sums = (0, 0);
            }
        }
        Ok(window)
    }

    fn aborted(&mut self, reason: &str) -> Step {
        self.aborts_in_a_row += 1;
        self.parts.metrics.batches_aborted.inc();
        tracing::warn!(reason, in_a_row = self.aborts_in_a_row, "a batch was not committed; reading it again");
        Step::Aborted
    }

    fn count(&self, records: &[InputRecord], counts: &BatchCounts, processed: Duration, committed: Duration, now_ms: i64) {
        let metrics = &self.parts.metrics;
        counts.decisions.iter().for_each(|(decision, &number)| Metrics::count(&metrics.events, decision, number));
        counts.hits.iter().for_each(|(tier, &number)| Metrics::count(&metrics.hits, tier, number));
        counts.dead_letters.iter().for_each(|(reason, &number)| Metrics::count(&metrics.dead_letters, reason, number));
        metrics.parties.inc_by(counts.parties);
        metrics.events_stale.inc_by(counts.stale);
        metrics.hits_truncated.inc_by(counts.truncated);
        metrics.batches.inc();
        metrics.batch_records.observe(records.len() as f64);
        metrics.process_seconds.observe(processed.as_secs_f64());
        metrics.commit_seconds.observe(committed.as_secs_f64());
        // Records of the alert topic pass through a lane for their dead letters only.
        let events = records.iter().filter(|record| counts.by_topic.contains_key(&record.topic));
        for written_ms in events.filter_map(|record| record.timestamp_ms) {
            metrics.latency_seconds.observe((now_ms - written_ms).max(0) as f64 / 1000.0);
        }
    }
}
