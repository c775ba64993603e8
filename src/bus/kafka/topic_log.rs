//! [`TopicLog`] on Kafka: all partitions of a topic, assigned, from given offsets.

use super::client::{KafkaConfig, KafkaError, REQUEST_TIMEOUT, left_until};
use super::records::owned;
use super::reports::{LagTable, Reports};
use super::topic_shape::{cluster_id, topic_shape};
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
    let unreachable = |reason: &str| KafkaError::Unreachable(config.bootstrap.clone(), reason.to_owned());
    let cluster = cluster_id(client.client(), REQUEST_TIMEOUT).ok_or_else(|| unreachable("it does not tell its cluster id"))?;
    let no_id = || unreachable(&format!("it does not tell the id of topic {topic}"));
    let id = topic_shape(client.client(), topic, REQUEST_TIMEOUT).ok_or_else(no_id)?.id;
    Ok(TopicState { topic: topic.to_owned(), identity: format!("{cluster}/{topic}/{id}"), offsets })
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
    /// Where each partition stands: where it was told to start, or after the last record read.
    next: BTreeMap<i32, Offset>,
    /// Ends with the id that the topic had at the start.
    identity: String,
}

/// How long the question whether the topic is still the same may hold the feed up.
const SHAPE_TIMEOUT: Duration = Duration::from_secs(1);

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
        let mut places = BTreeMap::new();
        for &partition in state.offsets.keys() {
            let offset = match start {
                LogStart::Beginning => Offset::Beginning,
                LogStart::At(next) => next.get(&partition).map_or(Offset::Beginning, |&next| Offset::Offset(next)),
            };
            assignment.add_partition_offset(&state.topic, partition, offset)?;
            places.insert(partition, offset);
        }
        consumer.assign(&assignment)?;
        Ok(Self {
            consumer,
            topic: Arc::from(state.topic.as_str()),
            not_at_end: state.offsets.keys().copied().collect(),
            next: places,
            identity: state.identity.clone(),
        })
    }
}

impl TopicLog for KafkaTopicLog {
    fn poll(&mut self, limits: PollLimits) -> Result<Vec<InputRecord>, BusError> {
        let mut records = Vec::new();
        let mut bytes = 0;
        let deadline = Instant::now() + limits.wait_max;
        while records.len() < limits.records_max && bytes < limits.bytes_max {
            let wait = if records.is_empty() { left_until(deadline) } else { Duration::ZERO };
            match self.consumer.poll(wait) {
                Some(Ok(message)) => {
                    let record = owned(std::slice::from_ref(&self.topic), &message);
                    // After a broker came back the client may hand out again what it handed out before.
                    if matches!(self.next.get(&record.partition), Some(Offset::Offset(next)) if record.offset < *next) {
                        continue;
                    }
                    bytes += record.bytes();
                    self.next.insert(record.partition, Offset::Offset(record.offset + 1));
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

    /// By a seek to where it stands: the client then fetches anew, and tells of the end again.
    fn look_again(&mut self) -> Result<(), BusError> {
        if let Some(now) = topic_shape(self.consumer.client(), &self.topic, SHAPE_TIMEOUT) {
            if !self.identity.ends_with(&now.id) {
                return Err(BusError::Fatal(format!("topic {} was made anew: start again, the index is then rebuilt from it", self.topic)));
            }
            if now.partitions != self.next.len() {
                let (topic, more) = (&self.topic, now.partitions);
                return Err(BusError::Fatal(format!("topic {topic} has {more} partitions now, {} are read: start again", self.next.len())));
            }
        }
        self.not_at_end.extend(self.next.keys());
        let mut places = TopicPartitionList::new();
        for (&partition, &offset) in &self.next {
            // Fails only for offsets that no record has.
            let _ = places.add_partition_offset(&self.topic, partition, offset);
        }
        // At once, without waiting for the client's answer: if it cannot, the end is not reached and is asked for again.
        if let Err(error) = self.consumer.seek_partitions(places, Duration::ZERO) {
            tracing::debug!(%error, "cannot look for the end of the topic now");
        }
        Ok(())
    }
}

/// The next offset of each partition at a time, milliseconds since 1970: the first record that is not older.
///
/// # Errors
/// When the broker does not answer or the topic is missing.
pub fn offsets_at(config: &KafkaConfig, topic: &str, at_ms: i64) -> Result<LogStart, KafkaError> {
    let state = topic_state(config, topic)?;
    let client: BaseConsumer<Reports> = config.consumer().create_with_context(Reports::default())?;
    let mut times = TopicPartitionList::new();
    for &partition in state.offsets.keys() {
        times.add_partition_offset(topic, partition, Offset::Offset(at_ms.max(0)))?;
    }
    let found = client.offsets_for_times(times, REQUEST_TIMEOUT)?;
    found.elements().iter().try_for_each(|place| place.error())?;
    let next = |partition: i32, end: i64| match found.find_partition(topic, partition).map(|place| place.offset()) {
        Some(Offset::Offset(offset)) => offset,
        _ => end,
    };
    Ok(LogStart::At(state.offsets.iter().map(|(&partition, &(_, end))| (partition, next(partition, end))).collect()))
}

/// One record, while the topic still has it.
///
/// # Errors
/// As [`for_each_record`].
pub fn fetch_record(config: &KafkaConfig, topic: &str, partition: i32, offset: i64) -> Result<Option<InputRecord>, KafkaError> {
    let mut state = topic_state(config, topic)?;
    state.offsets.retain(|&known, &mut (first, end)| known == partition && (first..end).contains(&offset));
    if state.offsets.is_empty() {
        return Ok(None);
    }
    let mut log = KafkaTopicLog::open(config, &state, &LogStart::At([(partition, offset)].into()), Isolation::ReadCommitted)?;
    let limits = PollLimits { records_max: 1, bytes_max: 1, wait_max: Duration::from_millis(100) };
    let deadline = Instant::now() + REQUEST_TIMEOUT;
    while !log.reached_end() && Instant::now() < deadline {
        let records = log.poll(limits).map_err(|error| KafkaError::Unreachable(config.bootstrap.clone(), error.to_string()))?;
        if let Some(record) = records.into_iter().next() {
            return Ok(Some(record).filter(|record| record.offset == offset));
        }
    }
    if !log.reached_end() {
        return Err(KafkaError::Unreachable(
            config.bootstrap.clone(),
            format!("record {partition}:{offset} of topic {topic} did not come in 10 s"),
        ));
    }
    Ok(None)
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
pub fn for_each_record(config: &KafkaConfig, topic: &str, isolation: Isolation, each: impl FnMut(InputRecord)) -> Result<(), KafkaError> {
    for_each_record_from(config, topic, &LogStart::Beginning, isolation, each)
}

/// As [`for_each_record`], from elsewhere.
///
/// # Errors
/// As [`for_each_record`].
pub fn for_each_record_from(
    config: &KafkaConfig,
    topic: &str,
    start: &LogStart,
    isolation: Isolation,
    mut each: impl FnMut(InputRecord),
) -> Result<(), KafkaError> {
    let state = topic_state(config, topic)?;
    let mut log = KafkaTopicLog::open(config, &state, start, isolation)?;
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
