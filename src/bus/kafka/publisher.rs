//! A plain producer for `publish`, the demo's feeder and tests.

use super::client::{KafkaConfig, KafkaError, REQUEST_TIMEOUT};
use super::records::client_headers;
use super::reports::Reports;
use crate::bus::OutputRecord;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Brokers allow 15 minutes by default.
const TRANSACTION_MS_MAX: u32 = 900_000;

/// Publishes records and knows when they have arrived.
pub struct KafkaPublisher {
    producer: BaseProducer<Reports>,
    /// A Kafka transaction is open: dropped without a commit, it is aborted, or readers would wait for its timeout.
    open: AtomicBool,
}

impl Drop for KafkaPublisher {
    fn drop(&mut self) {
        if self.open.load(Ordering::Relaxed)
            && let Err(error) = self.producer.abort_transaction(Duration::from_secs(10))
        {
            tracing::warn!(%error, "what was sent could not be taken back at once; the broker does so after 15 minutes");
        }
    }
}

impl KafkaPublisher {
    /// Connects.
    ///
    /// # Errors
    /// When settings are refused.
    pub fn connect(config: &KafkaConfig) -> Result<Self, KafkaError> {
        Ok(Self { producer: config.producer().create_with_context(Reports::default())?, open: AtomicBool::new(false) })
    }

    /// Connects and begins one Kafka transaction: readers see all that is sent or nothing. A publisher with the same id that
    /// is still at work, or died in the middle, is shut out and what it sent is dropped.
    ///
    /// # Errors
    /// When settings are refused, rights are missing or no broker answers.
    pub fn begin(config: &KafkaConfig, transactional_id: &str) -> Result<Self, KafkaError> {
        let mut settings = config.producer();
        settings.set("transactional.id", transactional_id);
        settings.set("transaction.timeout.ms", TRANSACTION_MS_MAX.to_string());
        let producer: BaseProducer<Reports> = settings.create_with_context(Reports::default())?;
        if let Err(error) = producer.client().fetch_metadata(None, REQUEST_TIMEOUT) {
            let reason = producer.context().refused().unwrap_or_else(|| error.to_string());
            return Err(KafkaError::Unreachable(config.bootstrap.clone(), reason));
        }
        producer.init_transactions(Duration::from_secs(60))?;
        producer.begin_transaction()?;
        Ok(Self { producer, open: AtomicBool::new(true) })
    }

    /// Ends the Kafka transaction: now readers see everything.
    ///
    /// # Errors
    /// When a record was refused or the broker does not take the commit; nothing is seen then.
    pub fn commit(&self, timeout: Duration) -> Result<(), KafkaError> {
        self.flush(timeout)?;
        self.producer.commit_transaction(timeout)?;
        self.open.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Queues one record; waits while the queue is full.
    ///
    /// # Errors
    /// When the client refuses it, e.g. because it is too large.
    pub fn send(&self, output: &OutputRecord) -> Result<(), KafkaError> {
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(&output.topic);
        record.key = output.key.as_deref();
        record.payload = output.value.as_deref();
        record = record.headers(client_headers(&output.headers));
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((error, back)) if error.rdkafka_error_code() == Some(Code::QueueFull) => {
                    record = back;
                    self.producer.poll(Duration::from_millis(50));
                }
                Err((error, _)) => return Err(error.into()),
            }
        }
    }

    /// Waits until everything sent has arrived.
    ///
    /// # Errors
    /// When a record was refused, or not everything arrived in `timeout`.
    pub fn flush(&self, timeout: Duration) -> Result<(), KafkaError> {
        self.producer.flush(timeout)?;
        match self.producer.context().take_failed_delivery() {
            None => Ok(()),
            Some(reason) => Err(KafkaError::Settings(reason)),
        }
    }
}
