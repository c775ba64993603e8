//! What librdkafka reports back: logs, lags, rebalances, refusals and failed deliveries.

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::{Message, Statistics};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How far each input partition is behind its end, by topic and partition; filled from librdkafka's statistics.
#[derive(Debug, Clone, Default)]
pub struct LagTable(Arc<Mutex<BTreeMap<(String, i32), i64>>>);

impl LagTable {
    /// A copy to show.
    pub fn read(&self) -> BTreeMap<(String, i32), i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn update(&self, topic: &str, partition: i32, lag: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((topic.to_owned(), partition), lag);
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
    fatal: Mutex<Option<String>>,
    /// Why no broker could be talked to: what TLS, the password check or the name look-up said last.
    refused: Mutex<Option<String>>,
    lags: LagTable,
}

impl Reports {
    pub(super) fn new(lags: LagTable) -> Self {
        Self { lags, ..Self::default() }
    }

    pub(super) fn take_revoked(&self) -> Vec<(String, i32)> {
        std::mem::take(&mut *self.revoked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn take_failed_delivery(&self) -> Option<String> {
        self.failed_delivery.lock().unwrap_or_else(PoisonError::into_inner).take()
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
                if partition >= 0 && numbers.consumer_lag >= 0 {
                    self.lags.update(name, partition, numbers.consumer_lag);
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
            Some(RDKafkaErrorCode::AllBrokersDown) => tracing::warn!("no broker answers; trying again until one does: {reason}"),
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
