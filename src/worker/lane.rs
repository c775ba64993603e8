//! One lane: a state machine on one thread, with one bus. Poll, process, commit; after an abort rewind and do it again.

use super::batch::{BatchCounts, BatchRules, process_batch};
use crate::bus::{Bus, BusError, InputRecord, PollLimits, next_offsets};
use crate::index::SnapshotSource;
use crate::metrics::Metrics;
use crate::screening::{ScreenError, Screener};
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

/// One lane.
pub struct Lane<B> {
    bus: B,
    snapshots: SnapshotSource,
    rules: Arc<BatchRules>,
    limits: PollLimits,
    metrics: Arc<Metrics>,
    screener: Screener,
    must_rewind: bool,
    aborts_in_a_row: u32,
}

impl<B: Bus> Lane<B> {
    /// A lane that owns its bus.
    pub fn new(bus: B, snapshots: SnapshotSource, rules: Arc<BatchRules>, limits: PollLimits, metrics: Arc<Metrics>) -> Self {
        Self { bus, snapshots, rules, limits, metrics, screener: Screener::default(), must_rewind: false, aborts_in_a_row: 0 }
    }

    /// One batch, whole: one poll, one snapshot, one commit. `now_ms` tells the time, milliseconds since 1970.
    ///
    /// # Errors
    /// When the bus is of no more use or the index cannot be read: the process must be started again.
    pub fn step(&mut self, now_ms: impl Fn() -> i64) -> Result<Step, LaneError> {
        if self.must_rewind {
            match self.bus.rewind() {
                Ok(()) => self.must_rewind = false,
                Err(BusError::Aborted(reason)) => return Ok(self.aborted(&reason)),
                Err(fatal) => return Err(fatal.into()),
            }
        }
        let records = self.bus.poll(self.limits)?;
        if records.is_empty() {
            return Ok(Step::Idle);
        }
        let snapshot = self.snapshots.newest();
        let start = Instant::now();
        let result = process_batch(&records, &snapshot, &self.rules, &mut self.screener, now_ms())?;
        let processed = start.elapsed();
        match self.bus.commit(&result.outputs, &next_offsets(&records)) {
            Ok(()) => {
                self.aborts_in_a_row = 0;
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

    fn aborted(&mut self, reason: &str) -> Step {
        self.aborts_in_a_row += 1;
        self.metrics.batches_aborted.inc();
        tracing::warn!(reason, in_a_row = self.aborts_in_a_row, "a batch was not committed; reading it again");
        Step::Aborted
    }

    fn count(&self, records: &[InputRecord], counts: &BatchCounts, processed: Duration, committed: Duration, now_ms: i64) {
        let metrics = &self.metrics;
        counts.decisions.iter().for_each(|(decision, &number)| Metrics::count(&metrics.events, decision, number));
        counts.hits.iter().for_each(|(tier, &number)| Metrics::count(&metrics.hits, tier, number));
        counts.dead_letters.iter().for_each(|(reason, &number)| Metrics::count(&metrics.dead_letters, reason, number));
        metrics.parties.inc_by(counts.parties);
        metrics.hits_truncated.inc_by(counts.truncated);
        metrics.batches.inc();
        metrics.batch_records.observe(records.len() as f64);
        metrics.process_seconds.observe(processed.as_secs_f64());
        metrics.commit_seconds.observe(committed.as_secs_f64());
        for written_ms in records.iter().filter_map(|record| record.timestamp_ms) {
            metrics.latency_seconds.observe((now_ms - written_ms).max(0) as f64 / 1000.0);
        }
    }
}
