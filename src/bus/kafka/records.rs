//! Records between librdkafka's shape and ours.

use crate::bus::{Headers, InputRecord};
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Header, OwnedHeaders};
use std::sync::Arc;

/// Headers to send.
pub(super) fn client_headers(headers: &Headers) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, (name, value)| {
        all.insert(Header { key: name, value: value.as_deref() })
    })
}

/// All headers. Read from the client itself: rdkafka's own reader panics on a header name that is not UTF-8, which any
/// producer can send.
#[allow(unsafe_code, reason = "the pointers live as long as the message, and everything is copied out")]
fn headers_of(message: &BorrowedMessage<'_>) -> Headers {
    use rdkafka::bindings::{rd_kafka_header_get_all, rd_kafka_message_headers};
    use rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR;
    let mut headers = Vec::new();
    unsafe {
        let mut list = std::ptr::null_mut();
        if rd_kafka_message_headers(message.ptr(), &mut list) != RD_KAFKA_RESP_ERR_NO_ERROR {
            return headers;
        }
        loop {
            let (mut name, mut value, mut size) = (std::ptr::null(), std::ptr::null(), 0);
            if rd_kafka_header_get_all(list, headers.len(), &mut name, &mut value, &mut size) != RD_KAFKA_RESP_ERR_NO_ERROR {
                return headers;
            }
            let name = std::ffi::CStr::from_ptr(name).to_string_lossy().into_owned();
            let value = (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), size).to_vec());
            headers.push((name, value));
        }
    }
}

/// A record read, under the shared name of its topic.
pub(super) fn owned(topics: &[Arc<str>], message: &BorrowedMessage<'_>) -> InputRecord {
    let topic = topics.iter().find(|topic| topic.as_ref() == message.topic()).map_or_else(|| Arc::from(message.topic()), Arc::clone);
    InputRecord {
        topic,
        partition: message.partition(),
        offset: message.offset(),
        timestamp_ms: message.timestamp().to_millis(),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers_of(message),
    }
}
