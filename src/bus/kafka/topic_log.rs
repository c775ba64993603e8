//! [`TopicLog`] on Kafka: all partitions of a topic, assigned, from given offsets.

use super::client::{KafkaConfig, KafkaError, LagTable, REQUEST_TIMEOUT, Reports};
use super::lane_bus::owned;
use crate::bus::{BusError, InputRecord, LogStart, PollLimits, TopicLog, TopicState};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Asks the broker for the state of a topic.
///
/// # Errors
/// When it does not answer or the topic is missing.
pub fn topic_state(config: &KafkaConfig, topic: &str) -> Result<TopicState, KafkaError> {
    let client: BaseConsumer<Reports> = config.consumer().create_with_context(Reports::default())?;
    let metadata = client
        .fetch_metadata(Some(topic), REQUEST_TIMEOUT)
        .map_err(|error| KafkaError::Unreachable(config.bootstrap.clone(), error.to_string()))?;
    let partitions: Vec<i32> =
        metadata.topics().first().map(|topic| topic.partitions().iter().map(|partition| partition.id()).collect()).unwrap_or_default();
    if partitions.is_empty() {
        return Err(KafkaError::MissingTopics(topic.to_owned()));
    }
    let mut offsets = BTreeMap::new();
    for partition in partitions {
        let (low, high) = client
            .fetch_watermarks(topic, partition, REQUEST_TIMEOUT)
            .map_err(|error| KafkaError::Unreachable(config.bootstrap.clone(), error.to_string()))?;
        offsets.insert(partition, (low, high));
    }
    let no_cluster = || KafkaError::Unreachable(config.bootstrap.clone(), "it does not tell its cluster id".to_owned());
    let cluster = client.client().fetch_cluster_id(REQUEST_TIMEOUT).ok_or_else(no_cluster)?;
    Ok(TopicState { topic: topic.to_owned(), identity: format!("{cluster}/{topic}"), offsets })
}

/// Which records a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// Those of committed Kafka transactions.
    ReadCommitted,
    /// All, aborted ones too: for negative controls.
    ReadUncommitted,
}

/// Reads one topic.
pub struct KafkaTopicLog {
    consumer: BaseConsumer<Reports>,
    topic: Arc<str>,
    not_at_end: BTreeSet<i32>,
}

impl KafkaTopicLog {
    /// Starts reading every partition that `state` knows.
    ///
    /// # Errors
    /// When settings are refused.
    pub fn open(config: &KafkaConfig, state: &TopicState, start: &LogStart, isolation: Isolation) -> Result<Self, KafkaError> {
        let mut settings = config.consumer();
        // A group id is demanded by the client; nothing is ever committed under it.
        settings.set("group.id", format!("{}-{}-{}", config.group, state.topic, config.instance));
        settings.set("isolation.level", if isolation == Isolation::ReadCommitted { "read_committed" } else { "read_uncommitted" });
        settings.set("enable.partition.eof", "true");
        settings.set("auto.offset.reset", "error");
        let consumer: BaseConsumer<Reports> = settings.create_with_context(Reports::new(LagTable::default()))?;
        let mut assignment = TopicPartitionList::new();
        for &partition in state.offsets.keys() {
            let offset = match start {
                LogStart::Beginning => Offset::Beginning,
                LogStart::At(next) => next.get(&partition).map_or(Offset::Beginning, |&next| Offset::Offset(next)),
            };
            assignment.add_partition_offset(&state.topic, partition, offset)?;
        }
        consumer.assign(&assignment)?;
        Ok(Self { consumer, topic: Arc::from(state.topic.as_str()), not_at_end: state.offsets.keys().copied().collect() })
    }
}

impl TopicLog for KafkaTopicLog {
    fn poll(&mut self, limits: PollLimits) -> Result<Vec<InputRecord>, BusError> {
        let mut records = Vec::new();
        let mut bytes = 0;
        let deadline = Instant::now() + limits.wait_max;
        while records.len() < limits.records_max && bytes < limits.bytes_max {
            let wait = if records.is_empty() { deadline.saturating_duration_since(Instant::now()) } else { Duration::ZERO };
            match self.consumer.poll(wait) {
                Some(Ok(message)) => {
                    let record = owned(std::slice::from_ref(&self.topic), &message);
                    bytes += record.bytes();
                    records.push(record);
                }
                Some(Err(ClientError::PartitionEOF(partition))) => {
                    self.not_at_end.remove(&partition);
                    if self.not_at_end.is_empty() {
                        break;
                    }
                }
                Some(Err(ClientError::MessageConsumption(
                    rdkafka::error::RDKafkaErrorCode::AutoOffsetReset | rdkafka::error::RDKafkaErrorCode::OffsetOutOfRange,
                ))) => {
                    return Err(BusError::Fatal(
                        "the topic no longer has the records after the stored position: restart, the index is then rebuilt".to_owned(),
                    ));
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, "reading a topic stumbled; the client goes on");
                    std::thread::sleep(Duration::from_millis(100));
                    break;
                }
                None if records.is_empty() && Instant::now() < deadline => {}
                None => break,
            }
        }
        Ok(records)
    }

    fn reached_end(&self) -> bool {
        self.not_at_end.is_empty()
    }
}

/// Everything in a topic from its beginning to the end it has now.
///
/// # Errors
/// As [`for_each_record`].
pub fn read_topic(config: &KafkaConfig, topic: &str, isolation: Isolation) -> Result<Vec<InputRecord>, KafkaError> {
    let mut records = Vec::new();
    for_each_record(config, topic, isolation, |record| records.push(record))?;
    Ok(records)
}

/// Calls `each` with every record of a topic from its beginning to the end it has now.
///
/// # Errors
/// When the broker does not answer, or sends nothing for 30 s before the end is reached.
pub fn for_each_record(
    config: &KafkaConfig,
    topic: &str,
    isolation: Isolation,
    mut each: impl FnMut(InputRecord),
) -> Result<(), KafkaError> {
    let state = topic_state(config, topic)?;
    let mut log = KafkaTopicLog::open(config, &state, &LogStart::Beginning, isolation)?;
    let limits = PollLimits { records_max: 10_000, bytes_max: 64 << 20, wait_max: Duration::from_millis(100) };
    let mut last_progress = Instant::now();
    while !log.reached_end() {
        let more = log.poll(limits).map_err(|error| KafkaError::Unreachable(config.bootstrap.clone(), error.to_string()))?;
        if !more.is_empty() {
            last_progress = Instant::now();
        } else if last_progress.elapsed() > Duration::from_secs(30) {
            return Err(KafkaError::Unreachable(config.bootstrap.clone(), format!("no end of topic {topic} within 30 s")));
        }
        more.into_iter().for_each(&mut each);
    }
    Ok(())
}
