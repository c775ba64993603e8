//! How fresh the list is: whether the alert feed has seen the end of the alert topic lately, and sealed what it read.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Shared by the feed, which says when the list was known to be whole, and the lanes, which ask.
#[derive(Debug, Clone)]
pub struct Freshness {
    whole_at_ms: Arc<AtomicI64>,
    lag_max: Option<Duration>,
}

impl Freshness {
    /// The list is stale when it was last known to be whole longer ago than `lag_max`.
    pub fn within(lag_max: Duration) -> Self {
        Self { whole_at_ms: Arc::new(AtomicI64::new(0)), lag_max: Some(lag_max) }
    }

    /// For a list that no feed fills: never stale.
    pub fn always() -> Self {
        Self { whole_at_ms: Arc::new(AtomicI64::new(0)), lag_max: None }
    }

    /// At this time, milliseconds since 1970, everything in the alert topic was searchable.
    pub fn was_whole(&self, at_ms: i64) {
        self.whole_at_ms.store(at_ms, Ordering::Relaxed);
    }

    /// Milliseconds since the list was last known to be whole.
    pub fn lag_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(self.whole_at_ms.load(Ordering::Relaxed)).max(0)
    }

    /// Whether too long.
    pub fn is_stale(&self, now_ms: i64) -> bool {
        self.lag_max.is_some_and(|lag_max| u128::from(self.lag_ms(now_ms).unsigned_abs()) > lag_max.as_millis())
    }

    /// How often the feed must ask for the end of the topic, so that a quiet topic never looks stale.
    pub(super) fn ask_every(&self) -> Duration {
        self.lag_max.map_or(Duration::from_secs(5), |lag_max| (lag_max / 4).clamp(Duration::from_millis(100), Duration::from_secs(5)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_is_longer_ago_than_allowed() {
        let freshness = Freshness::within(Duration::from_secs(60));
        freshness.was_whole(100_000);
        assert!(!freshness.is_stale(160_000) && freshness.is_stale(160_001));
        // A clock that was set back makes nothing stale.
        assert_eq!((freshness.lag_ms(50_000), freshness.is_stale(50_000)), (0, false));
        assert!(!Freshness::always().is_stale(i64::MAX));
    }
}
