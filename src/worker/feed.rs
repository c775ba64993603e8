//! The alert feed: alert topic -> index. Reads changes, replaces what an alert key had, seals content and position together.

use super::freshness::Freshness;
use crate::alerts;
use crate::bus::{BusError, LogStart, PollLimits, TopicLog, TopicState};
use crate::index::{AlertIndex, FeedPosition, IndexError};
use crate::metrics::Metrics;
use crate::model::Override;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// While catching up, so many changes are sealed at once: a crash then loses that much reading at most.
const CATCH_UP_CHANGES: usize = 200_000;

/// How often the position is sealed anew while nothing changes.
const RESEAL_AFTER_MS: i64 = 600_000;

/// They stand in the payload of every seal: more would make sealing slow.
const OVERRIDES_MAX: usize = 10_000;

/// An unanswered question for the end of the topic is asked again after so many times the usual pause.
const ASKED_IN_VAIN: u64 = 3;

/// Settings of the feed.
#[derive(Debug, Clone, Copy)]
pub struct FeedLimits {
    /// A change is sealed at the latest after this time.
    pub seal_interval: Duration,
    /// How much one poll may take.
    pub poll: PollLimits,
    /// The list is stale when it was last known to be whole longer ago.
    pub lag_max: Duration,
}

/// Why the feed stopped.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The bus.
    #[error("alert feed")]
    Bus(#[from] BusError),
}

/// How to start from what the index holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartPlan {
    /// Go on where the index was sealed.
    Continue(LogStart),
    /// Forget the content and read from the beginning, for this reason.
    Rebuild(String),
    /// Do not start, for this reason.
    Refuse(String),
}

/// Whether the index can be continued. `tombstones_kept` is the alert topic's `delete.retention.ms`: an index older than
/// that may have missed withdrawals.
pub fn plan_start(position: Option<&FeedPosition>, topic: &TopicState, now_ms: i64, tombstones_kept: Duration) -> StartPlan {
    let Some(position) = position else { return StartPlan::Rebuild("there is no index yet, or none that could be used".to_owned()) };
    if position.topic != topic.identity {
        return StartPlan::Rebuild(format!("the index was built from {}, the alert topic is {}", position.topic, topic.identity));
    }
    if position.next_offsets.len() != topic.offsets.len() {
        return StartPlan::Refuse(format!(
            "the alert topic has {} partitions, the index was built from {}: the order of changes of one key is lost when partitions are added; \
             make a new alert topic, publish the lists to it and delete the index folder",
            topic.offsets.len(),
            position.next_offsets.len()
        ));
    }
    for (partition, &next) in &position.next_offsets {
        let (first, end) = topic.offsets.get(partition).copied().unwrap_or((0, 0));
        if next > end {
            return StartPlan::Rebuild(format!(
                "partition {partition} of the alert topic ends before the position of the index: it was made anew"
            ));
        }
        if next < first {
            return StartPlan::Rebuild(format!("partition {partition} of the alert topic begins after the position of the index"));
        }
    }
    let age_ms = now_ms.saturating_sub(position.sealed_at_ms);
    if u128::try_from(age_ms).unwrap_or(0) > tombstones_kept.as_millis() {
        return StartPlan::Rebuild("the index is older than withdrawals are kept in the alert topic".to_owned());
    }
    StartPlan::Continue(LogStart::At(position.next_offsets.clone()))
}

/// Reads the alert topic into the index; runs on its own thread.
pub struct AlertFeed<L> {
    log: L,
    index: AlertIndex,
    position: FeedPosition,
    limits: FeedLimits,
    metrics: Arc<Metrics>,
    unsealed: usize,
    unsealed_since: Instant,
    caught_up: bool,
    freshness: Freshness,
    /// When the end of the topic was last asked for, milliseconds since 1970.
    asked_at_ms: i64,
}

impl<L: TopicLog> AlertFeed<L> {
    /// A feed that goes on from `position`. For a rebuild pass an empty position and an index that was cleared.
    pub fn new(log: L, index: AlertIndex, position: FeedPosition, limits: FeedLimits, metrics: Arc<Metrics>) -> Self {
        let freshness = Freshness::within(limits.lag_max);
        let unsealed_since = Instant::now();
        Self { log, index, position, limits, metrics, unsealed: 0, unsealed_since, caught_up: false, freshness, asked_at_ms: 0 }
    }

    /// Whether lanes may trust the list.
    pub fn freshness(&self) -> Freshness {
        self.freshness.clone()
    }

    /// Whether the end of the alert topic has been reached and sealed.
    pub fn is_caught_up(&self) -> bool {
        self.caught_up
    }

    /// Where readers take their snapshots from.
    pub fn snapshots(&self) -> crate::index::SnapshotSource {
        self.index.snapshots()
    }

    /// Reads what is there and seals when it is time. `now_ms` is milliseconds since 1970.
    ///
    /// # Errors
    /// When the index or the bus fails for good.
    pub fn step(&mut self, now_ms: i64) -> Result<(), FeedError> {
        let mut limits = self.limits.poll;
        if self.unsealed > 0 && self.caught_up {
            limits.wait_max = limits.wait_max.min(self.limits.seal_interval.saturating_sub(self.unsealed_since.elapsed()));
        }
        for record in self.log.poll(limits)? {
            if self.unsealed == 0 {
                self.unsealed_since = Instant::now();
            }
            self.unsealed += 1;
            self.metrics.alerts_read.inc();
            match alerts::read(record.key.as_deref(), record.value.as_deref(), record.timestamp_ms.unwrap_or(0)) {
                Ok(change) => {
                    match change.overruled {
                        Some((subject, overruled)) => self.overrule(subject, overruled),
                        None => self.index.replace(&change.key, &change.entities)?,
                    }
                    self.position.list_versions.extend(change.list_version);
                }
                // Its dead letter is published by the lane that owns the partition; see worker::batch.
                Err(reason) => {
                    Metrics::count(&self.metrics.alerts_unreadable, &reason.code, 1);
                    tracing::warn!(
                        partition = record.partition,
                        offset = record.offset,
                        reason = reason.code,
                        "an alert could not be read"
                    );
                }
            }
            self.position.next_offsets.insert(record.partition, record.offset + 1);
        }
        let reached_end = self.log.reached_end();
        let due = if self.caught_up {
            self.unsealed > 0 && self.unsealed_since.elapsed() >= self.limits.seal_interval
        } else {
            reached_end || self.unsealed >= CATCH_UP_CHANGES
        };
        // A quiet topic must not make the index look old: its age decides whether withdrawals may have been missed.
        let old = self.caught_up && reached_end && now_ms.saturating_sub(self.position.sealed_at_ms) > RESEAL_AFTER_MS;
        if due || old {
            self.seal(now_ms)?;
            if reached_end && !self.caught_up {
                self.caught_up = true;
                self.asked_at_ms = now_ms;
            }
        }
        self.look_at_the_end(now_ms)
    }

    /// A quiet topic and a broker that is away look the same until one asks.
    fn look_at_the_end(&mut self, now_ms: i64) -> Result<(), FeedError> {
        if !self.caught_up {
            return Ok(());
        }
        if self.log.reached_end() && self.unsealed == 0 {
            self.freshness.was_whole(self.asked_at_ms);
        }
        // Not again while the answer is under way, unless it was lost; and a clock that was set back must not end the asking.
        let every = self.freshness.ask_every().as_millis() as u64 * if self.log.reached_end() { 1 } else { ASKED_IN_VAIN };
        if (now_ms - self.asked_at_ms).unsigned_abs() >= every {
            self.asked_at_ms = now_ms;
            self.log.look_again()?;
        }
        Ok(())
    }

    /// Overrides are few, made by hand, and sealed with the position.
    fn overrule(&mut self, subject: String, overruled: Option<Override>) {
        match overruled {
            None => drop(self.position.overrides.remove(&subject)),
            Some(_) if self.position.overrides.len() >= OVERRIDES_MAX && !self.position.overrides.contains_key(&subject) => {
                tracing::error!(max = OVERRIDES_MAX, "an override is not kept: withdraw some that are no longer needed");
            }
            Some(overruled) => drop(self.position.overrides.insert(subject, overruled)),
        }
    }

    fn seal(&mut self, now_ms: i64) -> Result<(), FeedError> {
        let start = Instant::now();
        self.position.sealed_at_ms = now_ms;
        let snapshot = self.index.seal(&self.position)?;
        self.unsealed = 0;
        self.metrics.seal_seconds.observe(start.elapsed().as_secs_f64());
        self.metrics.list_entities.set(snapshot.entity_count() as i64);
        self.metrics.list_position.set(self.position.next_offsets.values().sum());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(offsets: &[(i32, (i64, i64))]) -> TopicState {
        TopicState { topic: "alerts".to_owned(), identity: "c/alerts".to_owned(), offsets: offsets.iter().copied().collect() }
    }

    fn sealed(next: i64, sealed_at_ms: i64) -> FeedPosition {
        FeedPosition { topic: "c/alerts".to_owned(), next_offsets: [(0, next)].into(), sealed_at_ms, ..FeedPosition::default() }
    }

    #[test]
    fn an_index_is_continued_rebuilt_or_refused_for_a_reason() {
        let day = Duration::from_secs(86_400);
        let plan = |position: Option<&FeedPosition>, topic: &TopicState, now_ms| plan_start(position, topic, now_ms, day);
        let state = topic(&[(0, (0, 10))]);
        assert_eq!(plan(Some(&sealed(5, 0)), &state, 1000), StartPlan::Continue(LogStart::At([(0, 5)].into())));
        assert!(matches!(plan(None, &state, 0), StartPlan::Rebuild(_)));
        assert!(matches!(plan(Some(&sealed(11, 0)), &state, 0), StartPlan::Rebuild(reason) if reason.contains("made anew")));
        assert!(matches!(plan(Some(&sealed(5, 0)), &topic(&[(0, (7, 10))]), 0), StartPlan::Rebuild(_)));
        assert!(matches!(plan(Some(&sealed(5, 0)), &state, 86_400_001), StartPlan::Rebuild(reason) if reason.contains("withdrawals")));
        assert!(matches!(plan(Some(&FeedPosition { topic: "d/alerts".to_owned(), ..sealed(5, 0) }), &state, 0), StartPlan::Rebuild(_)));
        assert!(
            matches!(plan(Some(&sealed(5, 0)), &topic(&[(0, (0, 10)), (1, (0, 0))]), 0), StartPlan::Refuse(reason) if reason.contains("partitions"))
        );
    }
}
