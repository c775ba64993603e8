//! [`Bus`] on Kafka: one group consumer and one producer, transactional unless at-least-once is configured.

use super::client::{COMMIT_DEADLINE, Delivery, KafkaConfig, KafkaError, REQUEST_TIMEOUT, left_until};
use super::records::{client_headers, owned};
use super::reports::{LagTable, Reports};
use super::topic_shape::KnownTopics;
use super::transactions::{RETRY_PAUSE, drain, init_transactions, retried, serve_reports};
use crate::bus::{Bus, BusError, InputRecord, NextOffsets, OutputRecord, PollLimits};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode as Code};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, PurgeConfig};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a broker that is away is waited for before the lane connects anew; it polls nothing meanwhile.
const ABORT_DEADLINE: Duration = Duration::from_secs(600);
const ABORT_TRY: Duration = Duration::from_secs(1);
/// Offsets that Kafka refused are told again after this time, unless a batch does so before.
const TELL_AGAIN: Duration = Duration::from_secs(1);

/// One lane's consumer and producer.
pub struct KafkaBus {
    consumer: BaseConsumer<Reports>,
    producer: BaseProducer<Reports>,
    topics: Vec<Arc<str>>,
    known: KnownTopics,
    delivery: Delivery,
    paused: bool,
    /// Taken while waiting or of a topic on hold, handed out by the next poll that may.
    held: Vec<InputRecord>,
    on_hold: Vec<Arc<str>>,
    /// First offset taken of each partition since it was assigned: where to rewind to while nothing is committed.
    delivered_from: BTreeMap<(Arc<str>, i32), i64>,
    /// At least once: what is done of the partitions that are ours, and when Kafka was last told.
    done: NextOffsets,
    told_at: Instant,
}

impl KafkaBus {
    /// Connects, ends a Kafka transaction that a former run of this lane left open, and joins the group.
    ///
    /// # Errors
    /// When settings are refused, another worker with the same instance name is alive and fences this one, or `is_stopped`
    /// before a broker answered.
    pub fn connect(
        config: &KafkaConfig,
        lane: usize,
        topics: &[Arc<str>],
        lags: LagTable,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Self, KafkaError> {
        let consumer: BaseConsumer<Reports> = config.group_consumer(lane).create_with_context(Reports::new(lags))?;
        let producer: BaseProducer<Reports> = config.lane_producer(lane).create_with_context(Reports::default())?;
        if config.delivery == Delivery::ExactlyOnce {
            init_transactions(&producer, is_stopped)?;
        }
        let names: Vec<&str> = topics.iter().map(AsRef::as_ref).collect();
        consumer.subscribe(&names)?;
        let delivery = config.delivery;
        Ok(Self {
            consumer,
            producer,
            topics: topics.to_vec(),
            known: KnownTopics::new(),
            delivery,
            paused: false,
            held: Vec::new(),
            on_hold: Vec::new(),
            delivered_from: BTreeMap::new(),
            done: NextOffsets::new(),
            told_at: Instant::now(),
        })
    }

    /// Takes one record or serves one event. Anything that can heal by itself is waited for.
    fn take(&mut self, wait: Duration) -> Result<Option<InputRecord>, BusError> {
        match self.consumer.poll(wait) {
            None | Some(Err(ClientError::PartitionEOF(_))) => Ok(None),
            Some(Ok(message)) => Ok(Some(owned(&self.topics, &message))),
            Some(Err(error)) => {
                self.known.doubt();
                let code = error.rdkafka_error_code();
                if code == Some(Code::UnreleasedInstanceId) {
                    return Err(BusError::NotYet(format!(
                        "{error}: the session of a former run is not over yet, or another worker with the same `kafka.instance` is running"
                    )));
                }
                if matches!(error, ClientError::MessageConsumptionFatal(_)) || code == Some(Code::Fatal) {
                    return Err(BusError::Fatal(fatal_reason(&self.consumer.context().fatal().unwrap_or_else(|| error.to_string()))));
                }
                match code {
                    Some(Code::TopicAuthorizationFailed | Code::GroupAuthorizationFailed) => {
                        Err(BusError::Fatal(format!("{error}: grant READ on the input topics and on the consumer group")))
                    }
                    Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => {
                        tracing::error!(%error, "an input topic is gone: create it again, or take it out of [[inputs]]");
                        std::thread::sleep(RETRY_PAUSE);
                        Ok(None)
                    }
                    _ => {
                        tracing::warn!(%error, "reading stumbled; the client goes on");
                        std::thread::sleep(RETRY_PAUSE);
                        Ok(None)
                    }
                }
            }
        }
    }

    /// Goes to the beginning of topics that were made anew: this place in them is that of the old ones.
    fn begin_anew(&mut self, batch: &mut Vec<InputRecord>, held: &mut Vec<InputRecord>) {
        let Some(anew) = self.known.made_anew(self.consumer.client(), &self.topics, batch) else {
            // Not known whether their place is right: kept for a later poll.
            held.append(batch);
            return;
        };
        if anew.is_empty() {
            return;
        }
        let is_anew = |topic: &str| anew.contains_key(topic);
        batch.retain(|record| !is_anew(&record.topic));
        held.retain(|record| !is_anew(&record.topic));
        self.delivered_from.retain(|(topic, _), _| !is_anew(topic));
        self.done.retain(|(topic, _), _| !is_anew(topic));
        self.consumer.context().forget(&is_anew);
        let mut places = TopicPartitionList::new();
        let Ok(assignment) = self.consumer.assignment() else { return self.known.doubt() };
        for place in assignment.elements().iter().filter(|place| is_anew(place.topic())) {
            // Fails only for offsets that no record has.
            let _ = places.add_partition_offset(place.topic(), place.partition(), Offset::Beginning);
        }
        // Its partitions may all be other lanes'.
        let sought = if places.count() == 0 { Ok(places) } else { self.consumer.seek_partitions(places, REQUEST_TIMEOUT) };
        match sought.and_then(|places| places.elements().iter().try_for_each(|place| place.error())) {
            Ok(()) => {
                let topics: Vec<&str> = anew.keys().map(AsRef::as_ref).collect();
                tracing::warn!(topics = topics.join(" "), "an input topic was made anew: reading it from its beginning");
                self.known.begun(anew);
            }
            // Not a record of it is handed out before this succeeds.
            Err(error) => {
                tracing::warn!(%error, "cannot go to the beginning of a topic that was made anew; trying again");
                self.known.doubt();
            }
        }
    }

    /// Records of partitions that were taken away while a batch was being gathered belong to their new owner.
    fn drop_revoked(&mut self, batch: &mut Vec<InputRecord>, held: &mut Vec<InputRecord>) {
        let revoked = self.consumer.context().take_revoked();
        if !revoked.is_empty() {
            let kept = |topic: &str, partition| !revoked.iter().any(|(name, number)| name == topic && *number == partition);
            self.delivered_from.retain(|(topic, partition), _| kept(topic, *partition));
            self.done.retain(|(topic, partition), _| kept(topic, *partition));
            batch.retain(|record| kept(&record.topic, record.partition));
            held.retain(|record| kept(&record.topic, record.partition));
        }
    }

    fn commit_transaction(&mut self, outputs: &[OutputRecord], next: &NextOffsets) -> Result<(), ClientError> {
        let deadline = Instant::now() + COMMIT_DEADLINE;
        retried(deadline, || self.producer.begin_transaction())?;
        self.send(outputs, deadline)?;
        let offsets = partition_list(next)?;
        retried(deadline, || {
            let members = self.consumer.group_metadata().ok_or(ClientError::ClientCreation("the consumer has no group".to_owned()))?;
            self.producer.send_offsets_to_transaction(&offsets, &members, REQUEST_TIMEOUT)
        })?;
        drain(&self.producer, deadline)?;
        retried(deadline, || self.producer.commit_transaction(REQUEST_TIMEOUT))
    }

    /// The broker has the outputs before Kafka is told what is done; that it knows is not waited for, since a broker takes
    /// its time for offsets (5 ms by default). What it was not told before a crash is decided again.
    fn commit_at_least_once(&mut self, outputs: &[OutputRecord], next: &NextOffsets) -> Result<(), ClientError> {
        let deadline = Instant::now() + COMMIT_DEADLINE;
        self.send(outputs, deadline)?;
        drain(&self.producer, deadline)?;
        self.done.extend(next.iter().map(|(place, next)| (place.clone(), *next)));
        self.tell_done()
    }

    fn tell_done(&mut self) -> Result<(), ClientError> {
        self.told_at = Instant::now();
        if self.done.is_empty() {
            return Ok(());
        }
        self.consumer.commit(&partition_list(&self.done)?, CommitMode::Async)
    }

    /// Kafka refused what it was told, and no batch has told it again since.
    fn tell_again_if_refused(&mut self) {
        if self.told_at.elapsed() > TELL_AGAIN
            && let Some(reason) = self.consumer.context().take_failed_commit()
        {
            tracing::warn!(reason, "Kafka did not take the offsets of what is done; telling it again");
            if let Err(error) = self.tell_done() {
                self.consumer.context().commit_failed(&error);
            }
        }
    }

    fn send(&self, outputs: &[OutputRecord], deadline: Instant) -> Result<(), ClientError> {
        for output in outputs {
            let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(&output.topic);
            record.key = output.key.as_deref();
            record.payload = output.value.as_deref();
            if !output.headers.is_empty() {
                record = record.headers(client_headers(&output.headers));
            }
            loop {
                match self.producer.send(record) {
                    Ok(()) => break,
                    Err((error, back)) if error.rdkafka_error_code() == Some(Code::QueueFull) && Instant::now() < deadline => {
                        record = back;
                        self.producer.poll(Duration::from_millis(20));
                    }
                    Err((error, _)) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Aborts the open Kafka transaction. The client cannot finish while reports of records that failed or were purged wait
    /// to be served, so they are served between short tries; a broker that is away is waited for.
    fn abort_transaction(&self) -> Result<(), ClientError> {
        let deadline = Instant::now() + ABORT_DEADLINE;
        loop {
            self.producer.purge(PurgeConfig::default().queue());
            serve_reports(&self.producer);
            match self.producer.abort_transaction(ABORT_TRY) {
                Ok(()) => break,
                Err(ClientError::Transaction(error)) if error.is_retriable() && !error.is_fatal() && Instant::now() < deadline => {
                    std::thread::sleep(RETRY_PAUSE);
                }
                Err(error) => return Err(error),
            }
        }
        serve_reports(&self.producer);
        // Reports of the batch that is given up must not be taken for the next one's.
        let _ = self.producer.context().take_failed_delivery();
        Ok(())
    }

    /// Sorts an error of a commit: abort and try again, or stop.
    fn after_failed_commit(&mut self, error: &ClientError) -> BusError {
        let reason = error.to_string();
        let fatal = matches!(error, ClientError::Transaction(error) if error.is_fatal()) || error.rdkafka_error_code() == Some(Code::Fatal);
        if fatal {
            return BusError::Fatal(fatal_reason(&reason));
        }
        if self.delivery == Delivery::AtLeastOnce {
            // What is still queued must not arrive after the batch is sent again.
            self.producer.purge(PurgeConfig::default().queue().inflight());
            let _ = drain(&self.producer, Instant::now() + Duration::from_secs(1));
            return BusError::Aborted(reason);
        }
        match self.abort_transaction() {
            Ok(()) => BusError::Aborted(reason),
            Err(abort) => BusError::Fatal(fatal_reason(&format!("{reason}; and the abort failed: {abort}"))),
        }
    }
}

impl Bus for KafkaBus {
    fn poll(&mut self, limits: PollLimits) -> Result<Vec<InputRecord>, BusError> {
        if self.paused {
            self.resume();
        }
        self.pause_on_hold();
        self.tell_again_if_refused();
        let (mut held, mut batch): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.held).into_iter().partition(|record| self.on_hold.contains(&record.topic));
        let mut bytes: usize = batch.iter().map(InputRecord::bytes).sum();
        let deadline = Instant::now() + limits.wait_max;
        while batch.len() < limits.records_max && bytes < limits.bytes_max {
            let wait = if batch.is_empty() { left_until(deadline) } else { Duration::ZERO };
            let taken = self.take(wait)?;
            // At once: a partition may come back within the same poll, and its new records must stay.
            self.drop_revoked(&mut batch, &mut held);
            self.remember(taken.as_ref());
            match taken {
                // It was on its way before its partition was paused.
                Some(record) if self.on_hold.contains(&record.topic) => held.push(record),
                Some(record) => {
                    bytes += record.bytes();
                    batch.push(record);
                }
                None if batch.is_empty() && Instant::now() < deadline => {}
                None => break,
            }
        }
        self.begin_anew(&mut batch, &mut held);
        self.consumer.context().taken(&batch);
        self.consumer.context().taken(&held);
        self.held = held;
        Ok(batch)
    }

    fn commit(&mut self, outputs: &[OutputRecord], next: &NextOffsets) -> Result<(), BusError> {
        let done = match self.delivery {
            Delivery::ExactlyOnce => self.commit_transaction(outputs, next),
            Delivery::AtLeastOnce => self.commit_at_least_once(outputs, next),
        };
        let failed_delivery = self.producer.context().take_failed_delivery();
        match (done, failed_delivery) {
            (Ok(()), None) => {
                self.consumer.context().committed(next);
                Ok(())
            }
            (Ok(()), Some(reason)) => Err(BusError::Aborted(reason)),
            (Err(error), _) => Err(self.after_failed_commit(&error)),
        }
    }

    fn rewind(&mut self) -> Result<(), BusError> {
        let again = |error: ClientError| BusError::Aborted(format!("cannot rewind yet: {error}"));
        self.held.clear();
        let assignment = self.consumer.assignment().map_err(again)?;
        if assignment.count() == 0 {
            return Ok(());
        }
        let committed = self.consumer.committed_offsets(assignment, REQUEST_TIMEOUT).map_err(again)?;
        let mut target = TopicPartitionList::new();
        for element in committed.elements() {
            element.error().map_err(again)?;
            let place = (Arc::from(element.topic()), element.partition());
            let offset = match (element.offset(), self.delivered_from.get(&place)) {
                (Offset::Offset(offset), _) => Offset::Offset(offset),
                (_, Some(&first)) => Offset::Offset(first),
                // Nothing was committed and nothing handed out: the client is where it starts.
                _ => continue,
            };
            target.add_partition_offset(element.topic(), element.partition(), offset).map_err(again)?;
        }
        if target.count() == 0 {
            return Ok(());
        }
        let result = self.consumer.seek_partitions(target, REQUEST_TIMEOUT).map_err(again)?;
        result.elements().iter().try_for_each(|element| element.error()).map_err(again)
    }

    fn hold(&mut self, topics: &[Arc<str>]) {
        if self.on_hold != topics {
            // The next poll resumes everything and pauses what is still on hold.
            self.paused = true;
            self.on_hold = topics.to_vec();
        }
    }

    fn wait(&mut self, time: Duration) -> Result<(), BusError> {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            if let Ok(assignment) = self.consumer.assignment()
                && assignment.count() > 0
            {
                // Partitions may have been added since the last turn: pausing a paused one does nothing.
                self.paused = self.consumer.pause(&assignment).is_ok();
            }
            let taken = self.take(left_until(deadline))?;
            let mut held = std::mem::take(&mut self.held);
            self.drop_revoked(&mut held, &mut Vec::new());
            self.remember(taken.as_ref());
            held.extend(taken);
            self.consumer.context().taken(&held);
            self.held = held;
        }
        Ok(())
    }
}

impl KafkaBus {
    /// Where to rewind to while nothing is committed: the first record taken, handed out or held back.
    fn remember(&mut self, taken: Option<&InputRecord>) {
        if let Some(record) = taken {
            self.delivered_from.entry((Arc::clone(&record.topic), record.partition)).or_insert(record.offset);
        }
    }

    /// At every poll: partitions may have been added since the last one, and pausing a paused one does nothing.
    fn pause_on_hold(&self) {
        if self.on_hold.is_empty() {
            return;
        }
        let Ok(assignment) = self.consumer.assignment() else { return };
        let mut places = TopicPartitionList::new();
        for element in assignment.elements().iter().filter(|element| self.on_hold.iter().any(|topic| **topic == *element.topic())) {
            places.add_partition(element.topic(), element.partition());
        }
        if places.count() > 0
            && let Err(error) = self.consumer.pause(&places)
        {
            tracing::debug!(%error, "cannot pause; what comes is held back");
        }
    }

    fn resume(&mut self) {
        if let Ok(assignment) = self.consumer.assignment() {
            self.paused = self.consumer.resume(&assignment).is_err();
        }
    }
}

/// The one fatal error that people cause: two workers with one name.
fn fatal_reason(reason: &str) -> String {
    let lower = reason.to_lowercase();
    if lower.contains("fenced") || lower.contains("producer epoch") {
        return format!(
            "{reason}: another worker with the same `kafka.instance` is running, or this one was away longer than its session: give every worker its own instance name"
        );
    }
    reason.to_owned()
}

fn partition_list(next: &NextOffsets) -> Result<TopicPartitionList, ClientError> {
    let mut list = TopicPartitionList::new();
    for ((topic, partition), next) in next {
        list.add_partition_offset(topic, *partition, Offset::Offset(next.number()))?;
    }
    Ok(list)
}
