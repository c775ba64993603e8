//! The topics of a worker: what each is for, and how it must be set so that no promise breaks.

use super::batch::RouteKind;
use super::run::{WorkerError, WorkerParts};
use crate::bus::kafka::{look_at_topics, topic_settings};
use std::collections::BTreeMap;
use std::time::Duration;

/// A record of the worker may have so many bytes.
const RECORD_BYTES: u64 = 1_000_000;

const LOOK_MAX: Duration = Duration::from_secs(10);

/// What a topic is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicUse {
    /// The alert topic.
    Alerts,
    /// Events to screen.
    Events,
    /// Hits, decisions or dead letters.
    Output,
}

impl WorkerParts {
    /// Every topic, the alert topic first.
    pub fn topics(&self) -> Vec<(String, TopicUse)> {
        let events = self.rules.routes.iter().filter(|route| matches!(route.kind, RouteKind::Event(_)));
        let outputs = self.rules.output_topics();
        std::iter::once((self.alert_topic.clone(), TopicUse::Alerts))
            .chain(events.map(|route| (route.topic.to_string(), TopicUse::Events)))
            .chain(outputs.iter().map(|topic| (topic.to_string(), TopicUse::Output)))
            .collect()
    }

    /// Refuses topics of these uses that are set so that a promise would break, where their settings may be seen.
    ///
    /// # Errors
    /// With every fault and what to set, or when a topic may not be looked at.
    pub fn check_settings(&self, uses: &[TopicUse]) -> Result<(), WorkerError> {
        let topics: Vec<(String, TopicUse)> = self.topics().into_iter().filter(|(_, purpose)| uses.contains(purpose)).collect();
        let names: Vec<&str> = topics.iter().map(|(name, _)| name.as_str()).collect();
        let counts = look_at_topics(&self.kafka, &names, LOOK_MAX)?;
        let settings = match topic_settings(&self.kafka, &names) {
            Ok(settings) => settings,
            Err(error) => {
                tracing::warn!(%error, "the settings of the topics could not be read and are not checked");
                return Ok(());
            }
        };
        let mut faults = Vec::new();
        for ((name, purpose), count) in topics.iter().zip(counts) {
            match (settings.get(name), count) {
                (Some(Some(set)), Some(count)) => {
                    let found = topic_faults(*purpose, count, set, self.tombstones_kept);
                    faults.extend(found.into_iter().map(|fault| format!("topic {name}: {fault}")));
                }
                _ => tracing::info!(topic = name, "not allowed to see how the topic is set: grant DescribeConfigs to have it checked"),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(WorkerError::Refused(faults.join("\n"))) }
    }
}

/// What would break a promise, and what to do. `set` are the settings of the topic; `tombstones_kept` is how long the worker
/// believes that withdrawals are kept.
pub fn topic_faults(purpose: TopicUse, partitions: usize, set: &BTreeMap<String, String>, tombstones_kept: Duration) -> Vec<String> {
    let number = |key: &str| set.get(key).and_then(|value| value.parse::<u64>().ok());
    let cleanup = set.get("cleanup.policy").map_or("", String::as_str);
    let mut faults = Vec::new();
    if purpose == TopicUse::Alerts {
        if partitions != 1 {
            faults.push(format!("has {partitions} partitions and must have 1: changes of all keys must stay in order; make it anew"));
        }
        // What is never deleted may stay uncompacted: it only takes longer to read.
        let forgets = cleanup.contains("delete") && ["retention.ms", "retention.bytes"].iter().any(|key| number(key).is_some());
        if forgets {
            faults.push(
                "must have cleanup.policy = compact (or retention.ms = -1 and retention.bytes = -1), or alerts are forgotten with time"
                    .to_owned(),
            );
        }
        if cleanup.contains("compact") && number("delete.retention.ms").is_some_and(|kept| u128::from(kept) < tombstones_kept.as_millis()) {
            faults.push(format!(
                "delete.retention.ms must be at least {} (alerts.rebuild_after_hours), or a worker that was away misses withdrawals",
                tombstones_kept.as_millis()
            ));
        }
    } else if purpose == TopicUse::Output && cleanup.contains("compact") {
        faults.push("must not be compacted: of several records of one key only the newest would stay".to_owned());
    }
    if purpose != TopicUse::Events && number("max.message.bytes").is_some_and(|most| most < RECORD_BYTES) {
        faults.push(format!("max.message.bytes must be at least {RECORD_BYTES}"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_would_break_a_promise_is_named() {
        let day = Duration::from_secs(86_400);
        let good = set(&[("cleanup.policy", "compact"), ("delete.retention.ms", "86400000"), ("max.message.bytes", "1048588")]);
        assert_eq!(topic_faults(TopicUse::Alerts, 1, &good, day), Vec::<String>::new());
        let forgets = set(&[("cleanup.policy", "delete"), ("retention.ms", "604800000"), ("max.message.bytes", "1000")]);
        let found = topic_faults(TopicUse::Alerts, 3, &forgets, day).join(" ");
        for part in ["3 partitions", "cleanup.policy", "max.message.bytes"] {
            assert!(found.contains(part), "{found}");
        }
        let short = set(&[("cleanup.policy", "compact"), ("delete.retention.ms", "1000")]);
        assert!(topic_faults(TopicUse::Alerts, 1, &short, day)[0].contains("delete.retention.ms"));
        let whole = set(&[("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1")]);
        assert_eq!(topic_faults(TopicUse::Alerts, 1, &whole, day), Vec::<String>::new());
        assert!(topic_faults(TopicUse::Output, 3, &good, day)[0].contains("must not be compacted"));
        assert!(topic_faults(TopicUse::Events, 3, &good, day).is_empty());
    }
}
