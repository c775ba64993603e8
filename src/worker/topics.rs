//! The topics of a worker: what each is for, and how it must be set so that no promise breaks.

use super::batch::RouteKind;
use super::run::{WorkerError, WorkerParts};
use crate::bus::kafka::{KafkaError, look_at_topics, topic_settings};
use crate::shutdown::StopSignal;
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

    /// Looks at the topics of these uses: whether they are there, and how they are set.
    ///
    /// # Errors
    /// When no broker answers, or a topic may not be looked at.
    pub fn look_at_topics(&self, uses: &[TopicUse]) -> Result<Vec<TopicFound>, KafkaError> {
        let topics: Vec<(String, TopicUse)> = self.topics().into_iter().filter(|(_, purpose)| uses.contains(purpose)).collect();
        let names: Vec<&str> = topics.iter().map(|(name, _)| name.as_str()).collect();
        let counts = look_at_topics(&self.kafka, &names, LOOK_MAX)?;
        let there: Vec<&str> = names.iter().zip(&counts).filter_map(|(name, count)| count.map(|_| *name)).collect();
        let mut settings = topic_settings(&self.kafka, &there)?;
        let found = topics.into_iter().zip(counts).map(|((name, purpose), partitions)| {
            let settings = settings.remove(&name).flatten();
            TopicFound { name, purpose, partitions, settings }
        });
        Ok(found.collect())
    }

    /// Refuses topics of these uses that are missing, or set so that a promise would break where that may be seen.
    ///
    /// # Errors
    /// With every fault and what to do, and as [`Self::look_at_topics`].
    pub fn check_topics(&self, uses: &[TopicUse]) -> Result<(), WorkerError> {
        let found = self.look_at_topics(uses)?;
        let missing: Vec<&str> = found.iter().filter(|topic| topic.partitions.is_none()).map(|topic| topic.name.as_str()).collect();
        if !missing.is_empty() {
            return Err(KafkaError::MissingTopics(missing.join(", ")).into());
        }
        for topic in found.iter().filter(|topic| topic.settings.is_none()) {
            tracing::info!(topic = topic.name, "not allowed to see how the topic is set: grant DescribeConfigs to have it checked");
        }
        let faults: Vec<String> = found.iter().flat_map(|topic| topic.faults(self.tombstones_kept)).collect();
        if faults.is_empty() { Ok(()) } else { Err(WorkerError::Refused(faults.join("\n"))) }
    }

    /// Checks all topics, as soon as a broker answers; unless stopped it waits for one as long as it takes.
    ///
    /// # Errors
    /// As [`Self::check_topics`].
    pub fn wait_for_topics(&self, stop: &StopSignal) -> Result<(), WorkerError> {
        when_reachable(stop, || self.check_topics(&[TopicUse::Alerts, TopicUse::Events, TopicUse::Output]))
    }
}

/// Pause between two looks for a broker.
const BROKER_PAUSE: Duration = Duration::from_secs(2);

/// Asks again until a broker answers, unless stopped.
pub(super) fn when_reachable<T>(stop: &StopSignal, ask: impl Fn() -> Result<T, WorkerError>) -> Result<T, WorkerError> {
    loop {
        match ask() {
            Err(WorkerError::Kafka(error @ KafkaError::Unreachable(..))) if !stop.is_requested() => {
                tracing::warn!("{error}; trying again every {} s", BROKER_PAUSE.as_secs());
                std::thread::sleep(BROKER_PAUSE);
            }
            answered => return answered,
        }
    }
}

/// A topic as the broker has it.
#[derive(Debug, Clone)]
pub struct TopicFound {
    /// Name.
    pub name: String,
    /// What it is for.
    pub purpose: TopicUse,
    /// Partitions; `None` = there is no such topic.
    pub partitions: Option<usize>,
    /// How it is set; `None` = that may not be seen.
    pub settings: Option<BTreeMap<String, String>>,
}

impl TopicFound {
    /// What would break a promise, and what to do. `tombstones_kept` is how long the worker believes that withdrawals are kept.
    pub fn faults(&self, tombstones_kept: Duration) -> Vec<String> {
        let Self { name, purpose, partitions, settings } = self;
        let found = match (partitions, settings) {
            (None, _) => vec!["is missing: `hitstream topics create --config FILE` makes it as it must be".to_owned()],
            (Some(partitions), settings) => faults(*purpose, *partitions, settings.as_ref(), tombstones_kept),
        };
        found.into_iter().map(|fault| format!("topic {name} {fault}")).collect()
    }
}

fn faults(purpose: TopicUse, partitions: usize, settings: Option<&BTreeMap<String, String>>, tombstones_kept: Duration) -> Vec<String> {
    let set = |key: &str| settings.and_then(|settings| settings.get(key)).map_or("", String::as_str);
    let number = |key: &str| set(key).parse::<u64>().ok();
    let cleanup = set("cleanup.policy");
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
                "has a delete.retention.ms that must be at least {} (alerts.rebuild_after_hours), or a worker that was away misses withdrawals",
                tombstones_kept.as_millis()
            ));
        }
    } else if purpose == TopicUse::Output && cleanup.contains("compact") {
        faults.push("must not be compacted: of several records of one key only the newest would stay".to_owned());
    }
    if purpose != TopicUse::Events && number("max.message.bytes").is_some_and(|most| most < RECORD_BYTES) {
        faults.push(format!("has a max.message.bytes that must be at least {RECORD_BYTES}"));
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
        assert_eq!(faults(TopicUse::Alerts, 1, Some(&good), day), Vec::<String>::new());
        let forgets = set(&[("cleanup.policy", "delete"), ("retention.ms", "604800000"), ("max.message.bytes", "1000")]);
        let found = faults(TopicUse::Alerts, 3, Some(&forgets), day).join(" ");
        for part in ["3 partitions", "cleanup.policy", "max.message.bytes"] {
            assert!(found.contains(part), "{found}");
        }
        let short = set(&[("cleanup.policy", "compact"), ("delete.retention.ms", "1000")]);
        assert!(faults(TopicUse::Alerts, 1, Some(&short), day)[0].contains("delete.retention.ms"));
        let whole = set(&[("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1")]);
        assert_eq!(faults(TopicUse::Alerts, 1, Some(&whole), day), Vec::<String>::new());
        assert!(faults(TopicUse::Output, 3, Some(&good), day)[0].contains("must not be compacted"));
        assert!(faults(TopicUse::Events, 3, Some(&good), day).is_empty());
        // Partitions are seen without any right to see the settings.
        assert_eq!(faults(TopicUse::Alerts, 3, None, day).len(), 1);
    }
}
