//! What a graph shows: counters, gauges and histograms in the Prometheus text format.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::sync::{Mutex, PoisonError};

/// One label.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// `clear`, `hit` or `unreadable`; a tier; a reason.
    pub outcome: String,
}

/// Topic and partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PartitionLabel {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
}

/// All metrics of a worker.
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    /// Events decided, by decision; counted when committed.
    pub events: Family<Outcome, Counter>,
    /// Parties screened.
    pub parties: Counter,
    /// Hits published, by tier.
    pub hits: Family<Outcome, Counter>,
    /// Hits whose search or list was cut short by a cap.
    pub hits_truncated: Counter,
    /// Dead letters, by reason.
    pub dead_letters: Family<Outcome, Counter>,
    /// Batches committed.
    pub batches: Counter,
    /// Batches that were not committed and read again.
    pub batches_aborted: Counter,
    /// Records in a batch.
    pub batch_records: Histogram,
    /// Seconds from a record's own time to its commit.
    pub latency_seconds: Histogram,
    /// Seconds to decode and screen a batch.
    pub process_seconds: Histogram,
    /// Seconds to commit a batch.
    pub commit_seconds: Histogram,
    /// Records behind the end, by partition.
    pub lag: Family<PartitionLabel, Gauge>,
    /// Alert records read.
    pub alerts_read: Counter,
    /// Alert records that could not be read, by reason.
    pub alerts_unreadable: Family<Outcome, Counter>,
    /// Alert entities that can be found.
    pub list_entities: Gauge,
    /// Sum of the next offsets of the alert topic that the list was sealed at.
    pub list_position: Gauge,
    /// Seconds since the list was sealed with its newest change.
    pub list_age_seconds: Gauge,
    /// 1 while the list lags behind the alert topic for too long.
    pub list_stale: Gauge,
    /// Events decided while it did.
    pub events_stale: Counter,
    /// Seconds to seal a change of the list.
    pub seal_seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.0005, 2.0, 18));
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("hitstream")),
            events: Family::default(),
            parties: Counter::default(),
            hits: Family::default(),
            hits_truncated: Counter::default(),
            dead_letters: Family::default(),
            batches: Counter::default(),
            batches_aborted: Counter::default(),
            batch_records: Histogram::new(exponential_buckets(1.0, 2.0, 14)),
            latency_seconds: seconds(),
            process_seconds: seconds(),
            commit_seconds: seconds(),
            lag: Family::default(),
            alerts_read: Counter::default(),
            alerts_unreadable: Family::default(),
            list_entities: Gauge::default(),
            list_position: Gauge::default(),
            list_age_seconds: Gauge::default(),
            list_stale: Gauge::default(),
            events_stale: Counter::default(),
            seal_seconds: seconds(),
        };
        metrics.register();
        metrics.start_at_zero();
        metrics
    }
}

impl Metrics {
    fn register(&self) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register("events", "Events decided and committed, by decision", self.events.clone());
        registry.register("parties", "Parties screened", self.parties.clone());
        registry.register("hits", "Hits published, by tier", self.hits.clone());
        registry.register("hits_truncated", "Hits marked as truncated", self.hits_truncated.clone());
        registry.register("dead_letters", "Dead letters published, by reason", self.dead_letters.clone());
        registry.register("batches", "Batches committed", self.batches.clone());
        registry.register("batches_aborted", "Batches aborted and read again", self.batches_aborted.clone());
        registry.register("batch_records", "Records in a batch", self.batch_records.clone());
        registry.register_with_unit("latency", "From a record's own time to its commit", Unit::Seconds, self.latency_seconds.clone());
        registry.register_with_unit("batch_process", "To decode and screen a batch", Unit::Seconds, self.process_seconds.clone());
        registry.register_with_unit("batch_commit", "To commit a batch", Unit::Seconds, self.commit_seconds.clone());
        registry.register("lag", "Records behind the end, by partition", self.lag.clone());
        registry.register("alerts_read", "Alert records read", self.alerts_read.clone());
        registry.register("alerts_unreadable", "Alert records that could not be read, by reason", self.alerts_unreadable.clone());
        registry.register("list_entities", "Alert entities that can be found", self.list_entities.clone());
        registry.register("list_position", "Sum of the next offsets the list was sealed at", self.list_position.clone());
        registry.register_with_unit(
            "list_age",
            "Since the list was sealed with its newest change",
            Unit::Seconds,
            self.list_age_seconds.clone(),
        );
        registry.register("list_stale", "1 while the list lags behind the alert topic for too long", self.list_stale.clone());
        registry.register("events_stale", "Events decided on a stale list", self.events_stale.clone());
        registry.register_with_unit("list_seal", "To seal a change of the list", Unit::Seconds, self.seal_seconds.clone());
    }

    /// A counter that is not there until it first counts hides its first increase from a graph.
    fn start_at_zero(&self) {
        for (family, outcomes) in [
            (&self.events, &["clear", "hit", "unreadable"][..]),
            (&self.hits, &["high", "medium", "low"]),
            (&self.dead_letters, &["not_json", "missing_field"]),
            (&self.alerts_unreadable, &["not_json"]),
        ] {
            for outcome in outcomes {
                let _ = family.get_or_create(&Outcome { outcome: (*outcome).to_owned() });
            }
        }
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry.lock().unwrap_or_else(PoisonError::into_inner));
        text
    }

    /// Counts one of a family.
    pub fn count(family: &Family<Outcome, Counter>, outcome: &str, number: u64) {
        if number > 0 {
            family.get_or_create(&Outcome { outcome: outcome.to_owned() }).inc_by(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_written_under_their_names() {
        let metrics = Metrics::default();
        Metrics::count(&metrics.events, "clear", 3);
        let text = metrics.text();
        assert!(text.contains("hitstream_events_total{outcome=\"clear\"} 3"), "{text}");
        assert!(text.contains("hitstream_latency_seconds"));
    }
}
