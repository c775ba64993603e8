//! A plain producer for `publish`, the demo's feeder and tests.

use super::client::{KafkaConfig, KafkaError, Reports};
use super::lane_bus::client_headers;
use crate::bus::OutputRecord;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::time::Duration;

/// Publishes records and knows when they have arrived.
pub struct KafkaPublisher {
    producer: BaseProducer<Reports>,
}

impl KafkaPublisher {
    /// Connects.
    ///
    /// # Errors
    /// When settings are refused.
    pub fn connect(config: &KafkaConfig) -> Result<Self, KafkaError> {
        Ok(Self { producer: config.producer().create_with_context(Reports::default())? })
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
