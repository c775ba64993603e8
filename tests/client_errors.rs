//! What the broker may answer, and what the lane's bus makes of it: the same call again, abort and read again, or stop. The answers are
//! injected by librdkafka's in-process broker; what they do to records is proven on real Kafka, in `tests/kafka`.

use hitstream::bus::kafka::{Delivery, GroupProtocol, KafkaBus, KafkaConfig, KafkaError, LagTable};
use hitstream::bus::{Bus, BusError, InputRecord, OutputRecord, PollLimits, next_offsets};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey as Api, RDKafkaRespErr as Answer};
use rdkafka::{Offset, TopicPartitionList};
use std::sync::Arc;
use std::time::{Duration, Instant};

const LIMITS: PollLimits = PollLimits { records_max: 1, bytes_max: 1 << 20, wait_max: Duration::from_millis(200) };
const SOON: Duration = Duration::from_secs(30);

struct Broker(MockCluster<'static, DefaultProducerContext>);

impl Broker {
    /// With an input topic that holds two records, and an output topic.
    fn start() -> Self {
        let broker = Self(MockCluster::new(1).unwrap());
        broker.0.create_topic("in", 1, 1).unwrap();
        broker.0.create_topic("out", 1, 1).unwrap();
        let publisher = hitstream::bus::kafka::KafkaPublisher::connect(&broker.config(Delivery::AtLeastOnce)).unwrap();
        for number in 0..2 {
            publisher.send(&output("in", number)).unwrap();
        }
        publisher.flush(SOON).unwrap();
        broker
    }

    fn config(&self, delivery: Delivery) -> KafkaConfig {
        KafkaConfig::plain(&self.0.bootstrap_servers(), "group", "one", delivery, GroupProtocol::Consumer)
    }

    fn connect(&self, delivery: Delivery) -> Result<KafkaBus, KafkaError> {
        KafkaBus::connect(&self.config(delivery), 0, &[Arc::from("in")], LagTable::default(), &|| false)
    }

    fn answers(&self, api: Api, answers: &[Answer]) {
        self.0.request_errors(api, answers);
    }
}

fn output(topic: &str, number: i64) -> OutputRecord {
    let value = Some(number.to_string().into_bytes());
    OutputRecord { topic: Arc::from(topic), key: None, value, headers: Vec::new() }
}

/// The next record; an error that stops the lane is returned.
fn next(bus: &mut KafkaBus) -> Result<InputRecord, BusError> {
    let deadline = Instant::now() + SOON;
    loop {
        if let Some(record) = bus.poll(LIMITS)?.pop() {
            return Ok(record);
        }
        assert!(Instant::now() < deadline, "no record came");
    }
}

fn commit(bus: &mut KafkaBus, record: &InputRecord) -> Result<(), BusError> {
    bus.commit(&[output("out", record.offset)], &next_offsets(std::slice::from_ref(record)))
}

#[derive(Debug)]
enum Then {
    /// The client or the bus tries again by itself.
    Committed,
    /// Aborted; read again and committed.
    Again,
    /// Kafka knows later; until then a record may come again.
    Later,
    /// The lane stops, and says this.
    Stops(&'static str),
}

/// Works on until the broker has the offset after both records, be it told again or after one was read again.
fn until_kafka_knows(broker: &Broker, bus: &mut KafkaBus, what: &str) {
    let mut asking = rdkafka::ClientConfig::new();
    let asking: BaseConsumer = asking.set("bootstrap.servers", broker.0.bootstrap_servers()).set("group.id", "group").create().unwrap();
    let deadline = Instant::now() + SOON;
    loop {
        let mut place = TopicPartitionList::new();
        place.add_partition("in", 0);
        let known = asking.committed_offsets(place, SOON).unwrap().elements()[0].offset();
        if known == Offset::Offset(2) {
            return;
        }
        assert!(Instant::now() < deadline, "{what}: Kafka knows {known:?}");
        for record in bus.poll(LIMITS).unwrap() {
            commit(bus, &record).unwrap();
        }
    }
}

/// One row of the table, on a broker of its own.
fn play(delivery: Delivery, (api, answers, then): &(Api, &[Answer], Then)) {
    use Then::{Again, Committed, Later, Stops};
    let what = format!("{delivery:?}, {api:?} answered by {answers:?}");
    let broker = Broker::start();
    let mut bus = broker.connect(delivery).unwrap();
    let record = next(&mut bus).unwrap();
    broker.answers(*api, answers);
    match (commit(&mut bus, &record), then) {
        (Ok(()), Committed) => {}
        (Ok(()), Later) => return until_kafka_knows(&broker, &mut bus, &what),
        (Err(BusError::Aborted(_)), Again) => {
            // A report of what was given up may come late and cost one abort more.
            let deadline = Instant::now() + SOON;
            loop {
                assert!(Instant::now() < deadline, "{what}: never committed");
                if let Err(error) = bus.rewind() {
                    assert!(matches!(error, BusError::Aborted(_)), "{what}: {error}");
                    std::thread::sleep(Duration::from_millis(50));
                    continue;
                }
                let again = next(&mut bus).unwrap();
                assert_eq!(again.offset, record.offset, "{what}");
                match commit(&mut bus, &again) {
                    Ok(()) => break,
                    Err(error) => assert!(matches!(error, BusError::Aborted(_)), "{what}, then: {error}"),
                }
            }
        }
        (Err(BusError::Fatal(reason)), Stops(said)) if reason.contains(said) => return,
        (found, _) => panic!("{what}: {found:?}"),
    }
    let second = next(&mut bus).unwrap();
    assert_eq!(second.offset, record.offset + 1, "{what}");
    commit(&mut bus, &second).unwrap_or_else(|error| panic!("{what}, the next batch: {error}"));
}

#[test]
fn answers_to_a_commit_lead_to_retry_abort_or_stop() {
    use Answer::*;
    use Then::{Again, Committed, Later, Stops};
    let exactly: &[(Api, &[Answer], Then)] = &[
        (Api::EndTxn, &[RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS; 3], Committed),
        (Api::EndTxn, &[RD_KAFKA_RESP_ERR_NOT_COORDINATOR], Committed),
        (Api::EndTxn, &[RD_KAFKA_RESP_ERR_PRODUCER_FENCED], Stops("kafka.instance")),
        (Api::EndTxn, &[RD_KAFKA_RESP_ERR_INVALID_TXN_STATE], Stops("state")),
        (Api::TxnOffsetCommit, &[RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS], Committed),
        (Api::TxnOffsetCommit, &[RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION], Again),
        (Api::TxnOffsetCommit, &[RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID], Again),
        (Api::TxnOffsetCommit, &[RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID], Again),
        (Api::AddPartitionsToTxn, &[RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS; 3], Committed),
        (Api::AddPartitionsToTxn, &[RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED], Again),
        (Api::AddPartitionsToTxn, &[RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED], Stops("uthoriz")),
        (Api::AddOffsetsToTxn, &[RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE], Committed),
        (Api::Produce, &[RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION; 2], Committed),
        (Api::Produce, &[RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS], Committed),
        (Api::Produce, &[RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR], Committed),
        (Api::Produce, &[RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED], Again),
        (Api::Produce, &[RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE], Again),
        (Api::Produce, &[RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH], Stops("kafka.instance")),
    ];
    let at_least: &[(Api, &[Answer], Then)] = &[
        (Api::OffsetCommit, &[RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS; 3], Later),
        (Api::OffsetCommit, &[RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS], Later),
        (Api::OffsetCommit, &[RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID], Later),
        (Api::Produce, &[RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION; 2], Committed),
        (Api::Produce, &[RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE], Again),
    ];
    let rows = exactly.iter().map(|row| (Delivery::ExactlyOnce, row)).chain(at_least.iter().map(|row| (Delivery::AtLeastOnce, row)));
    // Side by side: each does little but wait.
    std::thread::scope(|threads| {
        let playing: Vec<_> = rows.map(|(delivery, row)| threads.spawn(move || play(delivery, row))).collect();
        playing.into_iter().for_each(|row| row.join().unwrap());
    });
}

#[test]
fn a_right_that_is_missing_stops_the_lane_and_is_named() {
    for (api, answer, said) in [
        (Api::Fetch, Answer::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "grant READ"),
        (Api::JoinGroup, Answer::RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, "grant READ"),
    ] {
        let broker = Broker::start();
        broker.answers(api, &[answer; 50]);
        let classic = KafkaConfig::plain(&broker.0.bootstrap_servers(), "group", "one", Delivery::ExactlyOnce, GroupProtocol::Classic);
        let mut bus = KafkaBus::connect(&classic, 0, &[Arc::from("in")], LagTable::default(), &|| false).unwrap();
        match next(&mut bus) {
            Err(BusError::Fatal(reason)) => assert!(reason.contains(said), "{api:?}: {reason}"),
            other => panic!("{api:?}: {other:?}"),
        }
    }
    let broker = Broker::start();
    broker.answers(Api::InitProducerId, &[Answer::RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED]);
    let refused = broker.connect(Delivery::ExactlyOnce).err().unwrap().to_string();
    assert!(refused.contains("grant WRITE and DESCRIBE on the transactional id"), "{refused}");
}

#[test]
fn a_broker_that_is_away_during_a_commit_is_waited_for() {
    for delivery in [Delivery::ExactlyOnce, Delivery::AtLeastOnce] {
        let broker = Broker::start();
        let mut bus = broker.connect(delivery).unwrap();
        let record = next(&mut bus).unwrap();
        broker.0.broker_down(1).unwrap();
        let committing = std::thread::spawn(move || {
            let start = Instant::now();
            commit(&mut bus, &record).map(|()| start.elapsed())
        });
        std::thread::sleep(Duration::from_secs(3));
        broker.0.broker_up(1).unwrap();
        let took = committing.join().unwrap().unwrap();
        assert!(took >= Duration::from_secs(2), "{took:?}");
    }
}

/// A worker that waits for the coordinator at its start must heed a signal, and go on when the coordinator is there.
#[test]
fn a_start_that_waits_for_kafka_transactions_can_be_stopped() {
    let broker = Broker::start();
    broker.answers(Api::InitProducerId, &[Answer::RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS; 3]);
    broker.connect(Delivery::ExactlyOnce).unwrap();
    broker.0.broker_down(1).unwrap();
    let asked = Instant::now();
    let is_stopped = || asked.elapsed() > Duration::from_secs(2);
    let stopped = KafkaBus::connect(&broker.config(Delivery::ExactlyOnce), 0, &[Arc::from("in")], LagTable::default(), &is_stopped);
    assert!(matches!(stopped, Err(KafkaError::Stopped)));
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
}
