//! Which topic a name stands for now: its id, that of another topic after it was deleted and made anew, and its partitions.

use super::broker_in_process::is_in_process;
use crate::bus::InputRecord;
use rdkafka::bindings as c;
use rdkafka::client::{Client, ClientContext};
use rdkafka::types::{RDKafkaAdminOp, RDKafkaRespErr};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the broker calls the topic, and how many partitions it has.
#[derive(Debug)]
pub(super) struct TopicShape {
    /// Unique for ever; all zero from a broker older than Kafka 2.8, empty from the in-process one.
    pub id: String,
    pub partitions: usize,
}

/// As often as this a lane looks whether its topics are still the same ones; at once after an error of the client.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long a look may take: longer than a broker that is there needs.
const LOOK_TIMEOUT: Duration = Duration::from_secs(1);

/// Topics by the ids they had when last looked at. A client goes on at its old place in a topic that was made anew, and would
/// miss what stands before that place.
#[derive(Debug)]
pub(super) struct KnownTopics {
    ids: BTreeMap<Arc<str>, String>,
    looked_at: Instant,
    /// The client reported an error.
    in_doubt: bool,
    /// Not there when last looked at.
    away: BTreeSet<Arc<str>>,
}

impl KnownTopics {
    pub(super) fn new() -> Self {
        Self { ids: BTreeMap::new(), looked_at: Instant::now(), in_doubt: true, away: BTreeSet::new() }
    }

    pub(super) fn doubt(&mut self) {
        self.in_doubt = true;
    }

    /// The topics that are other ones than before, with their new ids, if it is time to look: in doubt as soon as there are records,
    /// and when a topic that was away sends some. `None` when the broker does not answer then.
    pub(super) fn made_anew<C: ClientContext>(
        &mut self,
        client: &Client<C>,
        topics: &[Arc<str>],
        records: &[InputRecord],
    ) -> Option<BTreeMap<Arc<str>, String>> {
        let at_once = self.in_doubt && !records.is_empty() || records.iter().any(|record| self.away.contains(&record.topic));
        if !at_once && self.looked_at.elapsed() < LOOK_EVERY {
            return Some(BTreeMap::new());
        }
        self.looked_at = Instant::now();
        let names: Vec<&str> = topics.iter().map(AsRef::as_ref).collect();
        let Some(shapes) = topic_shapes(client, &names, LOOK_TIMEOUT) else { return (!at_once).then(BTreeMap::new) };
        self.in_doubt = false;
        self.away.clear();
        let mut anew = BTreeMap::new();
        for topic in topics {
            match shapes.get(&**topic) {
                Some(TopicShape { id, .. }) if self.ids.entry(Arc::clone(topic)).or_insert_with(|| id.clone()) != id => {
                    anew.insert(Arc::clone(topic), id.clone());
                }
                Some(_) => {}
                None => drop(self.away.insert(Arc::clone(topic))),
            }
        }
        Some(anew)
    }

    /// The client stands at the beginning of these.
    pub(super) fn begun(&mut self, anew: BTreeMap<Arc<str>, String>) {
        self.ids.extend(anew);
    }
}

/// One topic. `None` when the broker does not answer in time, does not know it or may not tell.
pub(super) fn topic_shape<C: ClientContext>(client: &Client<C>, topic: &str, timeout: Duration) -> Option<TopicShape> {
    topic_shapes(client, &[topic], timeout)?.remove(topic)
}

/// Asks for the id of the cluster, once: then the client knows it. rdkafka's own call never gives the memory back.
#[allow(unsafe_code, reason = "the text is copied out and then freed as the client demands")]
pub(super) fn cluster_id<C: ClientContext>(client: &Client<C>, timeout: Duration) -> Option<String> {
    unsafe {
        let id = c::rd_kafka_clusterid(client.native_ptr(), wait_ms(timeout));
        if id.is_null() {
            return None;
        }
        let text = CStr::from_ptr(id).to_string_lossy().into_owned();
        c::rd_kafka_mem_free(client.native_ptr(), id.cast());
        Some(text)
    }
}

fn wait_ms(timeout: Duration) -> i32 {
    timeout.as_millis().try_into().unwrap_or(i32::MAX)
}

/// Topics that the broker does not know or may not tell of are left out; `None` when it does not answer in time.
fn topic_shapes<C: ClientContext>(client: &Client<C>, topics: &[&str], timeout: Duration) -> Option<BTreeMap<String, TopicShape>> {
    if !is_in_process(&cluster_id(client, timeout)?) {
        return described(client, topics, timeout);
    }
    // It has no ids, and would never answer when asked for them.
    let shape = |topic: &&str| {
        let partitions = client.fetch_metadata(Some(topic), timeout).ok()?.topics().first()?.partitions().len();
        Some(((*topic).to_owned(), TopicShape { id: String::new(), partitions }))
    };
    Some(topics.iter().filter_map(shape).collect())
}

/// rdkafka wraps everything around topics but this question, hence the calls of librdkafka itself.
#[allow(unsafe_code, reason = "every object made here is destroyed here, and what is read is copied before")]
fn described<C: ClientContext>(client: &Client<C>, topics: &[&str], timeout: Duration) -> Option<BTreeMap<String, TopicShape>> {
    let names: Vec<CString> = topics.iter().filter_map(|topic| CString::new(*topic).ok()).collect();
    let mut names_c: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
    let wait_ms = wait_ms(timeout);
    unsafe {
        let handle = client.native_ptr();
        let queue = c::rd_kafka_queue_new(handle);
        let options = c::rd_kafka_AdminOptions_new(handle, RDKafkaAdminOp::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
        c::rd_kafka_AdminOptions_set_request_timeout(options, wait_ms, std::ptr::null_mut(), 0);
        let collection = c::rd_kafka_TopicCollection_of_topic_names(names_c.as_mut_ptr(), names_c.len());
        c::rd_kafka_DescribeTopics(handle, collection, options, queue);
        let event = c::rd_kafka_queue_poll(queue, wait_ms);
        let shapes = if event.is_null() { None } else { read_answer(event) };
        if !event.is_null() {
            c::rd_kafka_event_destroy(event);
        }
        c::rd_kafka_TopicCollection_destroy(collection);
        c::rd_kafka_AdminOptions_destroy(options);
        c::rd_kafka_queue_destroy(queue);
        shapes
    }
}

/// # Safety
/// `event` is a live event.
#[allow(unsafe_code, reason = "the pointers live as long as the event, and everything is copied out")]
unsafe fn read_answer(event: *mut c::rd_kafka_event_t) -> Option<BTreeMap<String, TopicShape>> {
    let mut shapes = BTreeMap::new();
    unsafe {
        let answer = c::rd_kafka_event_DescribeTopics_result(event);
        if answer.is_null() || c::rd_kafka_event_error(event) != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        let mut count = 0;
        let topics = c::rd_kafka_DescribeTopics_result_topics(answer, &mut count);
        for number in 0..count {
            let topic = *topics.add(number);
            let error = c::rd_kafka_TopicDescription_error(topic);
            if !error.is_null() && c::rd_kafka_error_code(error) != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
                continue;
            }
            let mut partitions = 0;
            c::rd_kafka_TopicDescription_partitions(topic, &mut partitions);
            let id = c::rd_kafka_Uuid_base64str(c::rd_kafka_TopicDescription_topic_id(topic));
            let text = |text| CStr::from_ptr(text).to_string_lossy().into_owned();
            let id = if id.is_null() { String::new() } else { text(id) };
            shapes.insert(text(c::rd_kafka_TopicDescription_name(topic)), TopicShape { id, partitions });
        }
    }
    Some(shapes)
}
