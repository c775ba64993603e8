//! Which topic a name stands for now: its id, that of another topic after it was deleted and made anew, and its partitions.

use rdkafka::bindings as c;
use rdkafka::client::{Client, ClientContext};
use rdkafka::types::{RDKafkaAdminOp, RDKafkaRespErr};
use std::ffi::{CStr, CString};
use std::time::Duration;

/// What the broker calls the topic, and how many partitions it has.
#[derive(Debug)]
pub(super) struct TopicShape {
    /// Unique for ever; all zero from a broker older than Kafka 2.8.
    pub id: String,
    pub partitions: usize,
}

/// Asks the broker. `None` when it does not answer in time, does not know the topic or may not tell. rdkafka wraps everything
/// around topics but this question, hence the calls of librdkafka itself.
#[allow(unsafe_code, reason = "every object made here is destroyed here, and what is read is copied before")]
pub(super) fn topic_shape<C: ClientContext>(client: &Client<C>, topic: &str, timeout: Duration) -> Option<TopicShape> {
    let name = CString::new(topic).ok()?;
    let wait_ms = timeout.as_millis().try_into().unwrap_or(i32::MAX);
    unsafe {
        let handle = client.native_ptr();
        let queue = c::rd_kafka_queue_new(handle);
        let options = c::rd_kafka_AdminOptions_new(handle, RDKafkaAdminOp::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
        c::rd_kafka_AdminOptions_set_request_timeout(options, wait_ms, std::ptr::null_mut(), 0);
        let mut names = [name.as_ptr()];
        let topics = c::rd_kafka_TopicCollection_of_topic_names(names.as_mut_ptr(), names.len());
        c::rd_kafka_DescribeTopics(handle, topics, options, queue);
        let event = c::rd_kafka_queue_poll(queue, wait_ms);
        let shape = if event.is_null() { None } else { read_answer(event) };
        if !event.is_null() {
            c::rd_kafka_event_destroy(event);
        }
        c::rd_kafka_TopicCollection_destroy(topics);
        c::rd_kafka_AdminOptions_destroy(options);
        c::rd_kafka_queue_destroy(queue);
        shape
    }
}

/// # Safety
/// `event` is a live event.
#[allow(unsafe_code, reason = "the pointers live as long as the event, and everything is copied out")]
unsafe fn read_answer(event: *mut c::rd_kafka_event_t) -> Option<TopicShape> {
    unsafe {
        let answer = c::rd_kafka_event_DescribeTopics_result(event);
        if answer.is_null() || c::rd_kafka_event_error(event) != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        let mut count = 0;
        let topics = c::rd_kafka_DescribeTopics_result_topics(answer, &mut count);
        if topics.is_null() || count == 0 {
            return None;
        }
        let topic = *topics;
        let error = c::rd_kafka_TopicDescription_error(topic);
        if !error.is_null() && c::rd_kafka_error_code(error) != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        let mut partitions = 0;
        c::rd_kafka_TopicDescription_partitions(topic, &mut partitions);
        let id = c::rd_kafka_Uuid_base64str(c::rd_kafka_TopicDescription_topic_id(topic));
        let id = if id.is_null() { String::new() } else { CStr::from_ptr(id).to_string_lossy().into_owned() };
        Some(TopicShape { id, partitions })
    }
}
