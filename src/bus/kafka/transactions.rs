//! What a lane does around Kafka transactions: begin after a crash, wait until everything is sent, try again where that is safe.

use super::client::KafkaError;
use super::reports::Reports;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode as Code};
use rdkafka::producer::{BaseProducer, Producer};
use std::time::{Duration, Instant};

/// One try of `init_transactions`; the client goes on with it between two tries.
const INIT_TRY: Duration = Duration::from_secs(1);

/// A call that is tried again for so long is worth a line in the log.
const RETRIES_TOLD: Duration = Duration::from_secs(5);

/// Pause between two tries of a call that may be tried again.
pub(super) const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Ends what a former run left open. Waits for a broker as long as it takes, unless stopped: at a start there is nothing to lose.
pub(super) fn init_transactions(producer: &BaseProducer<Reports>, is_stopped: &dyn Fn() -> bool) -> Result<(), KafkaError> {
    const WARN_EVERY: u32 = 10;
    for turn in 1_u32.. {
        match producer.init_transactions(INIT_TRY) {
            Ok(()) => return Ok(()),
            Err(ClientError::Transaction(error)) if !error.is_fatal() && error.is_retriable() => {
                if is_stopped() {
                    return Err(KafkaError::Stopped);
                }
                if turn.is_multiple_of(WARN_EVERY) {
                    tracing::warn!("the broker is not ready for Kafka transactions yet: {error}; trying again");
                }
            }
            Err(error) if error.rdkafka_error_code() == Some(Code::TransactionalIdAuthorizationFailed) => {
                return Err(KafkaError::Settings(format!("{error}: grant WRITE and DESCRIBE on the transactional id")));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until every record sent is with the broker, without librdkafka's 100 ms slices: `BaseProducer::flush`, which
/// `commit_transaction` calls, polls in slices that do not return early, so that a commit with anything in flight would take
/// 100 ms. `rd_kafka_flush` waits inside the client and wakes at once; a failed record stays counted until its report is
/// polled, hence the short turns.
#[allow(unsafe_code, reason = "the pointer is that of a live producer, which outlives the call")]
pub(super) fn drain(producer: &BaseProducer<Reports>, deadline: Instant) -> Result<(), ClientError> {
    const TURN_MS: i32 = 50;
    while producer.in_flight_count() > 0 {
        unsafe { rdkafka::bindings::rd_kafka_flush(producer.client().native_ptr(), TURN_MS) };
        serve_reports(producer);
        if Instant::now() > deadline {
            return Err(ClientError::Flush(Code::OperationTimedOut));
        }
    }
    match producer.context().take_failed_delivery() {
        None => Ok(()),
        Some(reason) => Err(ClientError::ClientCreation(reason)),
    }
}

/// Serves delivery reports until none is left; each poll serves one event.
pub(super) fn serve_reports(producer: &BaseProducer<Reports>) {
    loop {
        let before = producer.in_flight_count();
        producer.poll(Duration::ZERO);
        if before == 0 || producer.in_flight_count() == before {
            break;
        }
    }
}

/// Makes a call again while the client says that this is safe, until the deadline.
pub(super) fn retried(deadline: Instant, mut call: impl FnMut() -> Result<(), ClientError>) -> Result<(), ClientError> {
    let mut told = Instant::now();
    loop {
        match call() {
            Ok(()) => return Ok(()),
            Err(error) => {
                let again = match &error {
                    ClientError::Transaction(error) => error.is_retriable() && !error.is_fatal() && !error.txn_requires_abort(),
                    ClientError::Flush(Code::OperationTimedOut) => true,
                    _ => false,
                };
                if !again || Instant::now() >= deadline {
                    return Err(error);
                }
                if told.elapsed() > RETRIES_TOLD {
                    tracing::warn!(%error, "a commit is waiting for the broker; trying again");
                    told = Instant::now();
                }
                std::thread::sleep(RETRY_PAUSE);
            }
        }
    }
}
