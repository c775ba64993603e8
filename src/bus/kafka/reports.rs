//! What librdkafka reports back: logs, lags, rebalances, refusals and failed deliveries.

use crate::bus::{InputRecord, NextOffsets, next_offsets};
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::{Message, Statistics};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How far each input partition is behind its end, by topic and partition. The end is what librdkafka's statistics tell; how far
/// we are is what we committed, since the client does not know of offsets committed in Kafka transactions.
#[derive(Debug, Clone, Default)]
pub struct LagTable(Arc<Mutex<BTreeMap<(String, i32), Place>>>);

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Next offset committed since the partition was assigned.
    committed: Option<i64>,
    /// First and next offset handed out since then.
    taken: Option<(i64, i64)>,
    /// Records behind the end.
    lag: Option<i64>,
}

/// The partition's numbers in the statistics.
#[derive(Debug, Clone, Copy)]
struct Offsets {
    /// Behind the last record that may be read.
    end: i64,
    /// The next to ask the broker for: markers of Kafka transactions, which nobody is handed, lie behind it.
    fetch: i64,
    /// Records fetched and not handed out, of this partition or, since they share a queue, of another.
    queued: i64,
}

impl Place {
    fn update(&mut self, offsets: Offsets) {
        let reached = match (self.taken, self.committed) {
            // In work: read and not committed yet.
            (Some((first, next)), committed) if committed.is_none_or(|committed| committed < next) => committed.unwrap_or(first),
            (_, Some(committed)) if offsets.queued > 0 => committed,
            _ => offsets.fetch,
        };
        self.lag = Some((offsets.end - reached).max(0));
    }
}

impl LagTable {
    /// A copy to show.
    pub fn read(&self) -> BTreeMap<(String, i32), i64> {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.iter().filter_map(|(partition, place)| Some((partition.clone(), place.lag?))).collect()
    }

    fn update(&self, topic: &str, partition: i32, offsets: Offsets) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((topic.to_owned(), partition)).or_default().update(offsets);
    }

    /// These records are handed out.
    pub(super) fn taken(&self, records: &[InputRecord]) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ((topic, partition), next) in next_offsets(records) {
            let first =
                records.iter().find(|record| record.topic == topic && record.partition == partition).map_or(0, |record| record.offset);
            let taken = &mut places.entry((topic.to_string(), partition)).or_default().taken;
            *taken = Some(taken.map_or((first, next.number()), |(first, last)| (first, last.max(next.number()))));
        }
    }

    /// These offsets are committed.
    pub(super) fn committed(&self, next: &NextOffsets) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ((topic, partition), next) in next {
            places.entry((topic.to_string(), *partition)).or_default().committed = Some(next.number());
        }
    }

    fn forget(&self, topic: &str, partition: i32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(topic.to_owned(), partition));
    }
}

/// What librdkafka calls back into.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// Partitions taken away since last asked.
    revoked: Mutex<Vec<(String, i32)>>,
    failed_delivery: Mutex<Option<String>>,
    failed_commit: Mutex<Option<String>>,
    fatal: Mutex<Option<String>>,
    /// Why no broker could be talked to: what TLS, the password check or the name look-up said last.
    refused: Mutex<Option<String>>,
    lags: LagTable,
    /// When it was last said that no broker answers: the client says so several times a second.
    said_down: Mutex<Option<Instant>>,
}

const SAY_DOWN_AGAIN: Duration = Duration::from_secs(30);

impl Reports {
    pub(super) fn new(lags: LagTable) -> Self {
        Self { lags, ..Self::default() }
    }

    pub(super) fn taken(&self, records: &[InputRecord]) {
        if !records.is_empty() {
            self.lags.taken(records);
        }
    }

    pub(super) fn committed(&self, next: &NextOffsets) {
        self.lags.committed(next);
    }

    /// What was known of the partitions of these topics is of the past.
    pub(super) fn forget(&self, of_topic: &dyn Fn(&str) -> bool) {
        let mut places = self.lags.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|(topic, _), _| !of_topic(topic));
    }

    pub(super) fn take_revoked(&self) -> Vec<(String, i32)> {
        std::mem::take(&mut *self.revoked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn take_failed_delivery(&self) -> Option<String> {
        self.failed_delivery.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn take_failed_commit(&self) -> Option<String> {
        self.failed_commit.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn commit_failed(&self, error: &rdkafka::error::KafkaError) {
        *self.failed_commit.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
    }

    pub(super) fn refused(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn fatal(&self) -> Option<String> {
        self.fatal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
                tracing::warn!(facility, "kafka client: {message}");
            }
            _ => tracing::debug!(facility, "kafka client: {message}"),
        }
    }

    fn stats(&self, statistics: Statistics) {
        for (name, topic) in &statistics.topics {
            for (&partition, numbers) in &topic.partitions {
                if partition >= 0 && numbers.fetch_state == "active" && numbers.hi_offset >= 0 && numbers.next_offset >= 0 {
                    let end = if numbers.ls_offset >= 0 { numbers.ls_offset } else { numbers.hi_offset };
                    let fetch = numbers.next_offset;
                    self.lags.update(name, partition, Offsets { end, fetch, queued: numbers.fetchq_cnt });
                }
            }
        }
    }

    fn error(&self, error: rdkafka::error::KafkaError, reason: &str) {
        use rdkafka::types::RDKafkaErrorCode;
        let code = error.rdkafka_error_code();
        if matches!(code, Some(RDKafkaErrorCode::SSL | RDKafkaErrorCode::Authentication | RDKafkaErrorCode::Resolve)) {
            tracing::warn!("kafka client: {reason}");
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
            return;
        }
        match code {
            Some(RDKafkaErrorCode::Fatal) => *self.fatal.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned()),
            Some(RDKafkaErrorCode::AllBrokersDown) => {
                let mut said = self.said_down.lock().unwrap_or_else(PoisonError::into_inner);
                if said.is_none_or(|at| at.elapsed() > SAY_DOWN_AGAIN) {
                    *said = Some(Instant::now());
                    tracing::warn!("no broker answers; the client goes on trying");
                }
            }
            _ => tracing::debug!("kafka client: {error}: {reason}"),
        }
    }
}

impl ConsumerContext for Reports {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        // A partition paused while a lane waits stays paused in the client even when it is taken away and comes back.
        if let Rebalance::Revoke(partitions) = rebalance {
            let _ = consumer.resume(partitions);
        }
        match rebalance {
            Rebalance::Assign(partitions) if partitions.count() > 0 => {
                tracing::info!(partitions = %names(partitions), "partitions assigned")
            }
            Rebalance::Revoke(partitions) if partitions.count() > 0 => {
                tracing::info!(partitions = %names(partitions), "partitions revoked");
                let mut revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
                for element in partitions.elements() {
                    revoked.push((element.topic().to_owned(), element.partition()));
                    self.lags.forget(element.topic(), element.partition());
                }
            }
            Rebalance::Error(error) => tracing::warn!(%error, "the rebalance failed; the client tries again"),
            _ => {}
        }
    }

    /// Of offsets that nobody waits for; each tells everything that is done, so that the newest answer is the one that counts.
    fn commit_callback(&self, result: rdkafka::error::KafkaResult<()>, _offsets: &rdkafka::TopicPartitionList) {
        match result {
            Ok(()) => drop(self.take_failed_commit()),
            Err(error) => self.commit_failed(&error),
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(partitions) = rebalance {
            let _ = consumer.resume(partitions);
        }
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, message)) = result {
            let reason = format!("a record for topic {} was not taken: {error}", message.topic());
            *self.failed_delivery.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
        }
    }
}

fn names(partitions: &rdkafka::TopicPartitionList) -> String {
    let names: Vec<String> = partitions.elements().iter().map(|element| format!("{}/{}", element.topic(), element.partition())).collect();
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Offsets committed in Kafka transactions are unknown to the client, and markers are no records: once both counted as lag.
    #[test]
    fn lag_is_what_is_not_committed_and_markers_are_not() {
        let lag = |taken: Option<(i64, i64)>, committed: Option<i64>, (end, fetch, queued)| {
            let mut place = Place { committed, taken, lag: None };
            place.update(Offsets { end, fetch, queued });
            place.lag
        };
        // Ten records and a marker, all done.
        assert_eq!(lag(Some((0, 10)), Some(10), (11, 11, 0)), Some(0));
        // Handed out and in work; the first batch of all, too.
        assert_eq!(lag(Some((0, 10)), Some(4), (11, 11, 0)), Some(7));
        assert_eq!(lag(Some((2, 10)), None, (11, 11, 0)), Some(9));
        // Fetched and waiting.
        assert_eq!(lag(Some((0, 4)), Some(4), (11, 11, 6)), Some(7));
        // Just assigned; what is queued may be another partition's, and a partition without records showed it as its lag.
        assert_eq!((lag(None, None, (11, 3, 0)), lag(None, None, (11, 11, 8))), (Some(8), Some(0)));
    }
}
