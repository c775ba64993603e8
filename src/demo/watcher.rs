//! Shows hits and dead letters as they are published, and sums up what was seen.

use crate::bus::InputRecord;
use hdrhistogram::Histogram;
use serde_json::Value;
use std::collections::BTreeMap;

/// Follows the output topics.
pub struct Watcher {
    events: u64,
    decisions: BTreeMap<String, u64>,
    hits: BTreeMap<String, u64>,
    dead_letters: BTreeMap<String, u64>,
    latency_ms: Histogram<u64>,
    /// Hits and dead letters that the decisions speak of and that were not seen yet.
    missing: i64,
}

/// What there was, for the table at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct WatcherSummary {
    /// Decisions seen: one an event.
    pub events: u64,
    /// By kind.
    pub decisions: BTreeMap<String, u64>,
    /// By alert: name and alert id.
    pub hits: BTreeMap<String, u64>,
    /// By reason.
    pub dead_letters: BTreeMap<String, u64>,
    /// Event written to decision written, milliseconds: p50, p90, p99, max.
    pub latency_ms: [u64; 4],
}

impl Watcher {
    /// Has seen nothing yet. `None` when the histogram cannot be made, which does not happen for these bounds.
    pub fn new() -> Option<Self> {
        let latency_ms = Histogram::new_with_bounds(1, 600_000, 3).ok()?;
        Some(Self { events: 0, decisions: BTreeMap::new(), hits: BTreeMap::new(), dead_letters: BTreeMap::new(), latency_ms, missing: 0 })
    }

    /// Decisions seen so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Whether every hit and dead letter that the decisions speak of was seen.
    pub fn is_complete(&self) -> bool {
        self.missing <= 0
    }

    /// Takes a decision. Its record's time less its event's time is the latency.
    pub fn decision(&mut self, record: &InputRecord) {
        self.events += 1;
        let body = json(record);
        let decision = text(&body["decision"]);
        self.missing += body["hit_ids"].as_array().map_or(0, |ids| ids.len() as i64) + i64::from(decision == "unreadable");
        *self.decisions.entry(decision).or_default() += 1;
        let sent: Option<jiff::Timestamp> = body["event"]["timestamp"].as_str().and_then(|time| time.parse().ok());
        if let (Some(sent), Some(written_ms)) = (sent, record.timestamp_ms) {
            self.latency_ms.saturating_record((written_ms - sent.as_millisecond()).max(0) as u64);
        }
    }

    /// Takes a hit and returns its line.
    pub fn hit(&mut self, record: &InputRecord) -> String {
        self.missing -= 1;
        let body = json(record);
        let alert = &body["alert"];
        let id = text(&alert["alert_ids"][0]);
        *self.hits.entry(format!("{} ({id})", text(&alert["name"]))).or_default() += 1;
        format!(
            "HIT {:.2} {:<6} {:<8} {}",
            body["score"].as_f64().unwrap_or_default(),
            text(&alert["tier"]),
            text(&body["party"]["role"]),
            text(&body["sentence"])
        )
    }

    /// Takes a dead letter and returns its line.
    pub fn dead_letter(&mut self, record: &InputRecord) -> String {
        self.missing -= 1;
        let body = json(record);
        let reason = text(&body["reason"]);
        *self.dead_letters.entry(reason.clone()).or_default() += 1;
        format!(
            "DEAD LETTER    {reason}: {} ({} offset {})",
            text(&body["sentence"]),
            text(&body["source"]["topic"]),
            body["source"]["offset"]
        )
    }

    /// Everything seen.
    pub fn summary(self) -> WatcherSummary {
        let at = |quantile| self.latency_ms.value_at_quantile(quantile);
        let latency_ms = [at(0.5), at(0.9), at(0.99), at(1.0)];
        WatcherSummary { events: self.events, decisions: self.decisions, hits: self.hits, dead_letters: self.dead_letters, latency_ms }
    }
}

fn json(record: &InputRecord) -> Value {
    record.value.as_deref().and_then(|value| serde_json::from_slice(value).ok()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
