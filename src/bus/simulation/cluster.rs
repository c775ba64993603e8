//! The simulated cluster, one lane's bus on it, and a log reader.

use crate::bus::{Bus, BusError, Headers, InputRecord, LogStart, NextOffsets, OutputRecord, PollLimits, TopicLog, TopicState};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How often each fault happens, in per mille of the steps where it can.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// The process dies: whatever its producer had open stays open until it is replaced.
    pub crash: u32,
    /// The broker refuses; the client must abort.
    pub abort: u32,
    /// Partitions change hands.
    pub rebalance: u32,
    /// The commit was done and its answer was lost; the process dies of it.
    pub lost_answer: u32,
    /// A poll brings nothing, or less than there is.
    pub slow: u32,
}

/// What a crashed lane's step returns; the harness must drop the lane and make a new one.
const CRASH: &str = "simulated crash";

struct Stored {
    record: InputRecord,
    /// Producer and number of the Kafka transaction that wrote it; `None` = plain.
    written_by: Option<(String, u64)>,
}

#[derive(Default)]
struct Inner {
    random: fastrand::Rng,
    faults: Faults,
    logs: BTreeMap<(Arc<str>, i32), Vec<Stored>>,
    committed: BTreeMap<(Arc<str>, i32), i64>,
    /// Committed Kafka transactions.
    finished: BTreeSet<(String, u64)>,
    /// Current epoch of each transactional id: an older one is fenced.
    epochs: BTreeMap<String, u64>,
    transactions: u64,
    /// Owner of each input partition: member, and the generation in which it got it. A member that lost a partition and got
    /// it back holds it in another generation: what it read before is void.
    owners: BTreeMap<(Arc<str>, i32), (u64, u64)>,
    generation: u64,
    members: BTreeSet<u64>,
    next_member: u64,
}

/// The cluster. Clones are the same cluster.
#[derive(Clone)]
pub struct Cluster(Rc<RefCell<Inner>>);

impl Cluster {
    /// An empty cluster whose every choice follows from the seed.
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self(Rc::new(RefCell::new(Inner { random: fastrand::Rng::with_seed(seed), faults, ..Inner::default() })))
    }

    /// From now on nothing goes wrong.
    pub fn calm_down(&self) {
        self.0.borrow_mut().faults = Faults::default();
    }

    /// Appends a plain record, as a producer of events would.
    pub fn append(&self, topic: &Arc<str>, partition: i32, key: &[u8], value: Option<&[u8]>) {
        let mut inner = self.0.borrow_mut();
        let value = value.map(<[u8]>::to_vec);
        inner.append(topic, partition, Some(key.to_vec()), value, vec![("traceparent".to_owned(), Some(key.to_vec()))], None);
    }

    /// Everything a reader of committed records sees in a topic, partition by partition.
    pub fn read(&self, topic: &str, committed_only: bool) -> Vec<InputRecord> {
        let inner = self.0.borrow();
        let visible = |stored: &&Stored| !committed_only || stored.written_by.as_ref().is_none_or(|by| inner.finished.contains(by));
        inner
            .logs
            .iter()
            .filter(|((name, _), _)| name.as_ref() == topic)
            .flat_map(|(_, log)| log.iter().filter(visible).map(|stored| stored.record.clone()))
            .collect()
    }

    /// Whether every record of these topics has been committed as processed.
    pub fn is_drained(&self, topics: &[Arc<str>]) -> bool {
        let inner = self.0.borrow();
        inner
            .logs
            .iter()
            .filter(|((topic, _), _)| topics.contains(topic))
            .all(|(place, log)| inner.committed.get(place).copied().unwrap_or(0) == log.len() as i64)
    }

    /// State of a topic, for a feed that starts.
    pub fn topic_state(&self, topic: &str) -> TopicState {
        let inner = self.0.borrow();
        let offsets = inner
            .logs
            .iter()
            .filter(|((name, _), _)| name.as_ref() == topic)
            .map(|((_, partition), log)| (*partition, (0, log.len() as i64)))
            .collect();
        TopicState { topic: topic.to_owned(), identity: format!("simulation/{topic}"), offsets }
    }

    /// A random number under `end`, from the seed.
    pub fn choose(&self, end: usize) -> usize {
        self.0.borrow_mut().random.usize(..end)
    }
}

impl Inner {
    fn happens(&mut self, per_mille: u32) -> bool {
        self.random.u32(..1000) < per_mille
    }

    fn append(
        &mut self,
        topic: &Arc<str>,
        partition: i32,
        key: Option<Vec<u8>>,
        value: Option<Vec<u8>>,
        headers: Headers,
        written_by: Option<(String, u64)>,
    ) {
        let log = self.logs.entry((Arc::clone(topic), partition)).or_default();
        let offset = log.len() as i64;
        let record = InputRecord { topic: Arc::clone(topic), partition, offset, timestamp_ms: Some(offset), key, value, headers };
        log.push(Stored { record, written_by });
    }

    /// Deals the input partitions out anew among the living members.
    fn rebalance(&mut self, topics: &[Arc<str>]) {
        self.generation += 1;
        let members: Vec<u64> = self.members.iter().copied().collect();
        let places: Vec<(Arc<str>, i32)> = self.logs.keys().filter(|(topic, _)| topics.contains(topic)).cloned().collect();
        for place in places {
            let Some(&owner) = self.random.choice(&members) else { continue };
            if self.owners.get(&place).map(|(member, _)| *member) != Some(owner) {
                self.owners.insert(place, (owner, self.generation));
            }
        }
    }
}

/// One lane's bus on the cluster.
pub struct SimulatedBus {
    cluster: Cluster,
    topics: Vec<Arc<str>>,
    member: u64,
    transactional_id: String,
    epoch: u64,
    /// Next offset and the generation in which the partition was got.
    positions: BTreeMap<(Arc<str>, i32), (i64, u64)>,
    on_hold: Vec<Arc<str>>,
}

impl SimulatedBus {
    /// Joins the group under a transactional id; a former holder of that id is fenced and its open transaction aborted.
    pub fn connect(cluster: &Cluster, transactional_id: &str, topics: &[Arc<str>]) -> Self {
        let mut inner = cluster.0.borrow_mut();
        let epoch = inner.epochs.get(transactional_id).map_or(0, |epoch| epoch + 1);
        inner.epochs.insert(transactional_id.to_owned(), epoch);
        let member = inner.next_member;
        inner.next_member += 1;
        inner.members.insert(member);
        inner.rebalance(topics);
        drop(inner);
        Self {
            cluster: cluster.clone(),
            topics: topics.to_vec(),
            member,
            transactional_id: transactional_id.to_owned(),
            epoch,
            positions: BTreeMap::new(),
            on_hold: Vec::new(),
        }
    }

    fn crashed() -> BusError {
        BusError::Fatal(CRASH.to_owned())
    }

    /// Drops positions of partitions that went to others; new ones start at the committed offset.
    fn follow_assignment(&mut self, inner: &Inner) {
        self.positions.retain(|place, (_, generation)| inner.owners.get(place) == Some(&(self.member, *generation)));
        for (place, &(owner, generation)) in &inner.owners {
            if owner == self.member && !self.positions.contains_key(place) {
                self.positions.insert(place.clone(), (inner.committed.get(place).copied().unwrap_or(0), generation));
            }
        }
    }

    /// Whether this member still holds a partition as it did when it read from it.
    fn holds(&self, inner: &Inner, place: &(Arc<str>, i32)) -> bool {
        self.positions.get(place).is_some_and(|(_, generation)| inner.owners.get(place) == Some(&(self.member, *generation)))
    }
}

impl Drop for SimulatedBus {
    /// The broker notices that this member is gone, and deals its partitions out anew.
    fn drop(&mut self) {
        let mut inner = self.cluster.0.borrow_mut();
        inner.members.remove(&self.member);
        inner.rebalance(&self.topics);
    }
}

impl Bus for SimulatedBus {
    fn poll(&mut self, limits: PollLimits) -> Result<Vec<InputRecord>, BusError> {
        let cluster = self.cluster.clone();
        let mut inner = cluster.0.borrow_mut();
        let faults = inner.faults;
        if inner.happens(faults.crash) {
            return Err(Self::crashed());
        }
        if inner.happens(faults.rebalance) {
            inner.rebalance(&self.topics);
        }
        self.follow_assignment(&inner);
        if inner.happens(faults.slow) {
            return Ok(Vec::new());
        }
        let most = if inner.happens(faults.slow) { 1 } else { limits.records_max };
        let mut batch = Vec::new();
        let mut bytes = 0;
        for (place, (position, _)) in self.positions.iter_mut().filter(|(place, _)| !self.on_hold.contains(&place.0)) {
            for stored in inner.logs.get(place).map_or(&[][..], |log| &log[*position as usize..]) {
                if batch.len() >= most || bytes >= limits.bytes_max {
                    break;
                }
                bytes += stored.record.bytes();
                batch.push(stored.record.clone());
                *position += 1;
            }
        }
        Ok(batch)
    }

    fn commit(&mut self, outputs: &[OutputRecord], next: &NextOffsets) -> Result<(), BusError> {
        let mut inner = self.cluster.0.borrow_mut();
        let faults = inner.faults;
        inner.transactions += 1;
        let transaction = (self.transactional_id.clone(), inner.transactions);
        // Any record may be the last one before the process dies or the broker refuses.
        for output in outputs {
            if inner.happens(faults.crash / 4) {
                return Err(Self::crashed());
            }
            if inner.happens(faults.abort / 4) {
                return Err(BusError::Aborted("simulated refusal of a record".to_owned()));
            }
            let partition = i32::from(output.key.as_ref().and_then(|key| key.last()).copied().unwrap_or(0) % 3);
            inner.append(
                &output.topic,
                partition,
                output.key.clone(),
                output.value.clone(),
                output.headers.clone(),
                Some(transaction.clone()),
            );
        }
        if inner.happens(faults.rebalance) {
            inner.rebalance(&self.topics);
        }
        if inner.epochs.get(&self.transactional_id) != Some(&self.epoch) {
            return Err(BusError::Fatal("fenced by a newer producer".to_owned()));
        }
        if next.keys().any(|place| !self.holds(&inner, place)) {
            return Err(BusError::Aborted("the group has moved on: illegal generation".to_owned()));
        }
        if inner.happens(faults.crash) {
            return Err(Self::crashed());
        }
        if inner.happens(faults.abort) {
            return Err(BusError::Aborted("simulated abort".to_owned()));
        }
        inner.finished.insert(transaction);
        for (place, next) in next {
            inner.committed.insert(place.clone(), next.number());
        }
        if inner.happens(faults.lost_answer) {
            return Err(Self::crashed());
        }
        Ok(())
    }

    fn rewind(&mut self) -> Result<(), BusError> {
        let cluster = self.cluster.clone();
        let mut inner = cluster.0.borrow_mut();
        let faults = inner.faults;
        if inner.happens(faults.abort) {
            return Err(BusError::Aborted("the coordinator does not answer".to_owned()));
        }
        self.positions.clear();
        self.follow_assignment(&inner);
        Ok(())
    }

    fn hold(&mut self, topics: &[Arc<str>]) {
        self.on_hold = topics.to_vec();
    }

    fn wait(&mut self, _: Duration) -> Result<(), BusError> {
        Ok(())
    }
}

/// Reads a simulated topic.
pub struct SimulatedLog {
    cluster: Cluster,
    topic: Arc<str>,
    next: BTreeMap<i32, i64>,
    reached_end: bool,
}

impl SimulatedLog {
    /// Starts where told.
    pub fn open(cluster: &Cluster, state: &TopicState, start: &LogStart) -> Self {
        let next = state.offsets.keys().map(|&partition| match start {
            LogStart::Beginning => (partition, 0),
            LogStart::At(next) => (partition, next.get(&partition).copied().unwrap_or(0)),
        });
        Self { cluster: cluster.clone(), topic: Arc::from(state.topic.as_str()), next: next.collect(), reached_end: false }
    }
}

impl TopicLog for SimulatedLog {
    fn poll(&mut self, limits: PollLimits) -> Result<Vec<InputRecord>, BusError> {
        let mut inner = self.cluster.0.borrow_mut();
        let faults = inner.faults;
        if inner.happens(faults.crash) {
            return Err(SimulatedBus::crashed());
        }
        let most = if inner.happens(faults.slow) { 1 } else { limits.records_max };
        let mut batch = Vec::new();
        let mut behind = false;
        for (partition, next) in &mut self.next {
            for stored in inner.logs.get(&(Arc::clone(&self.topic), *partition)).map_or(&[][..], |log| &log[*next as usize..]) {
                if batch.len() >= most {
                    behind = true;
                    break;
                }
                batch.push(stored.record.clone());
                *next += 1;
            }
        }
        self.reached_end |= !behind;
        Ok(batch)
    }

    fn reached_end(&self) -> bool {
        self.reached_end
    }

    fn look_again(&mut self) -> Result<(), BusError> {
        self.reached_end = false;
        Ok(())
    }
}
