//! What a worker says of itself: shown by the ops endpoint, by the demo and in logs.

use super::freshness::Freshness;
use super::run::now_ms;
use crate::bus::kafka::LagTable;
use crate::index::{Snapshot, SnapshotSource};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// One lane at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LaneStatus {
    /// Joined the group and polls.
    pub running: bool,
    /// Records committed since the start.
    pub records: u64,
    /// Aborted batches since the start.
    pub aborted: u64,
    /// When it last began a step.
    #[serde(skip)]
    pub began_at: Option<Instant>,
}

#[derive(Debug, Default)]
struct Inner {
    list_ready: bool,
    list_waits_for: Option<String>,
    lanes: Vec<LaneStatus>,
}

/// Shared by all parts.
#[derive(Debug, Clone)]
pub struct Status {
    inner: Arc<Mutex<Inner>>,
    /// Known once the index is open, which needs a broker.
    list: Arc<OnceLock<(SnapshotSource, Freshness)>>,
    lags: LagTable,
}

/// `/status` as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct StatusReport {
    /// Version of the program.
    pub version: &'static str,
    /// Takes part in screening.
    pub ready: bool,
    /// What it waits for, while not ready.
    pub waits_for: Vec<String>,
    /// Which content is screened against.
    pub list_version: String,
    /// Alert entities that can be found.
    pub list_entities: u64,
    /// Name forms held.
    pub list_names: usize,
    /// When the newest change was sealed, RFC 3339; none before the first.
    pub list_sealed_at: Option<String>,
    /// Whether it lags behind the alert topic for too long.
    pub list_stale: bool,
    /// Alert entities of each list.
    pub lists: BTreeMap<String, u64>,
    /// Version of each list, as its publisher named it.
    pub list_versions: BTreeMap<String, String>,
    /// Lane by lane.
    pub lanes: Vec<LaneStatus>,
    /// Records behind the end, by `topic/partition`.
    pub lag: BTreeMap<String, i64>,
}

impl Status {
    /// Of a worker with so many lanes, before anything is open.
    pub fn new(lanes: usize) -> Self {
        let inner = Inner {
            lanes: vec![LaneStatus::default(); lanes],
            list_waits_for: Some("a broker that answers and knows the topics".to_owned()),
            ..Inner::default()
        };
        Self { inner: Arc::new(Mutex::new(inner)), list: Arc::default(), lags: LagTable::default() }
    }

    /// The index is open.
    pub(super) fn set_source(&self, snapshots: SnapshotSource, freshness: Freshness) {
        let _ = self.list.set((snapshots, freshness));
        self.set_list(Some("the alert topic to be read to its end".to_owned()));
    }

    /// Where lanes note how far behind they are.
    pub(super) fn lags(&self) -> LagTable {
        self.lags.clone()
    }

    /// The list can be used, or what it waits for.
    pub fn set_list(&self, waits_for: Option<String>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.list_ready = waits_for.is_none();
        inner.list_waits_for = waits_for;
    }

    /// Whether lanes may screen.
    pub fn list_is_ready(&self) -> bool {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).list_ready
    }

    /// Changes what is known of a lane.
    pub fn update_lane(&self, lane: usize, change: impl FnOnce(&mut LaneStatus)) {
        if let Some(lane) = self.inner.lock().unwrap_or_else(PoisonError::into_inner).lanes.get_mut(lane) {
            change(lane);
        }
    }

    /// A lane whose step has taken longer than this; one that waits to join is none.
    pub(super) fn lane_stuck_for(&self, longest: Duration) -> Option<usize> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let is_stuck = |lane: &LaneStatus| lane.running && lane.began_at.is_some_and(|at| at.elapsed() > longest);
        inner.lanes.iter().position(is_stuck)
    }

    /// Everything, now.
    pub fn report(&self) -> StatusReport {
        let list = self.list.get();
        let snapshot = list.map(|(snapshots, _)| snapshots.newest());
        let snapshot = snapshot.as_deref();
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let lanes_missing = inner.lanes.iter().filter(|lane| !lane.running).count();
        let mut waits_for: Vec<String> = inner.list_waits_for.iter().cloned().collect();
        if inner.list_ready && lanes_missing > 0 {
            waits_for.push(format!("{lanes_missing} of {} lanes to join the consumer group", inner.lanes.len()));
        }
        let list_stale = inner.list_ready && list.is_some_and(|(_, freshness)| freshness.is_stale(now_ms()));
        if list_stale {
            waits_for.push("alerts: the alert topic could not be read to its end lately; topics whose policy says so go on".to_owned());
        }
        StatusReport {
            version: env!("CARGO_PKG_VERSION"),
            ready: waits_for.is_empty(),
            waits_for,
            list_version: snapshot.map(|snapshot| snapshot.version().to_string()).unwrap_or_default(),
            list_entities: snapshot.map_or(0, Snapshot::entity_count),
            list_names: snapshot.map_or(0, Snapshot::name_count),
            list_sealed_at: snapshot.map(Snapshot::sealed_at_ms).filter(|&at_ms| at_ms > 0).map(crate::events::timestamp),
            list_stale,
            lists: snapshot.and_then(|snapshot| snapshot.lists().ok()).unwrap_or_default(),
            list_versions: snapshot.map(|snapshot| snapshot.version().lists.clone()).unwrap_or_default(),
            lanes: inner.lanes.clone(),
            lag: self.lags.read().into_iter().map(|((topic, partition), lag)| (format!("{topic}/{partition}"), lag)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_stuck_when_a_step_does_not_end_and_not_while_it_waits_to_join() {
        let status = Status::new(2);
        let long_ago = Instant::now().checked_sub(Duration::from_secs(10));
        status.update_lane(1, |lane| lane.began_at = long_ago);
        assert_eq!(status.lane_stuck_for(Duration::from_secs(5)), None);
        status.update_lane(1, |lane| lane.running = true);
        assert_eq!(status.lane_stuck_for(Duration::from_secs(5)), Some(1));
        assert_eq!(status.lane_stuck_for(Duration::from_secs(60)), None);
        status.update_lane(1, |lane| lane.began_at = Some(Instant::now()));
        assert_eq!(status.lane_stuck_for(Duration::from_secs(5)), None);
    }
}
