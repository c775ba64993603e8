//! Moves bytes between Kafka and the worker, and knows no domain.
//!
//! [`Bus`] is what a lane holds: one consumer and one producer whose outputs and offsets become visible together.
//! [`TopicLog`] is what the alert feed reads. Both have two implementers: `kafka` (the only folder that names rdkafka) and
//! `simulation`, in which crashes can be played by the thousand.

pub mod kafka;
pub mod simulation;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Headers as Kafka has them: a name may repeat, a value may be absent.
pub type Headers = Vec<(String, Option<Vec<u8>>)>;

/// One record read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRecord {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Record time, milliseconds since 1970, where there is one.
    pub timestamp_ms: Option<i64>,
    /// Key.
    pub key: Option<Vec<u8>>,
    /// Value; `None` = null.
    pub value: Option<Vec<u8>>,
    /// Headers.
    pub headers: Headers,
}

impl InputRecord {
    /// Memory it holds, roughly.
    pub fn bytes(&self) -> usize {
        bytes_of(&self.key, &self.value, &self.headers)
    }
}

/// One record to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputRecord {
    /// Topic.
    pub topic: Arc<str>,
    /// Key; decides the partition.
    pub key: Option<Vec<u8>>,
    /// Value; `None` = null.
    pub value: Option<Vec<u8>>,
    /// Headers.
    pub headers: Headers,
}

impl OutputRecord {
    /// Size on the wire, roughly.
    pub fn bytes(&self) -> usize {
        bytes_of(&self.key, &self.value, &self.headers)
    }
}

/// Payload of a record, and what the client keeps beside it.
fn bytes_of(key: &Option<Vec<u8>>, value: &Option<Vec<u8>>, headers: &Headers) -> usize {
    let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
    64 + length(key) + length(value) + headers.iter().map(|(name, value)| name.len() + length(value)).sum::<usize>()
}

/// Offset of the NEXT record to read, so that nobody can commit the last one read by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NextOffset(i64);

impl NextOffset {
    /// The offset after the last one read.
    pub fn after(last_read: i64) -> Self {
        Self(last_read + 1)
    }

    /// For offsets that are "next" already, such as committed ones.
    pub fn at(next: i64) -> Self {
        Self(next)
    }

    /// As Kafka counts.
    pub fn number(self) -> i64 {
        self.0
    }
}

/// Next offsets of the partitions that a batch touched.
pub type NextOffsets = BTreeMap<(Arc<str>, i32), NextOffset>;

/// How much one poll may take.
#[derive(Debug, Clone, Copy)]
pub struct PollLimits {
    /// Records.
    pub records_max: usize,
    /// Bytes, checked after each record: one record more may come.
    pub bytes_max: usize,
    /// How long to wait for the first record. Nothing is held back to fill a batch.
    pub wait_max: Duration,
}

/// Why the bus could not do its part, by what the caller must do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// The batch was not committed and none of it is visible: rewind and process it again.
    #[error("aborted: {0}")]
    Aborted(String),
    /// This client cannot join yet: connect anew a little later.
    #[error("{0}")]
    NotYet(String),
    /// This client is of no more use: connect anew, and read again from the committed offsets.
    #[error("{0}")]
    Fatal(String),
}

/// One lane's way to Kafka. Rebalances happen inside `poll` and `wait`, where no batch is in work.
pub trait Bus {
    /// Takes the next records of the partitions assigned to this lane; empty when there were none in time.
    ///
    /// # Errors
    /// `Fatal` only: a broker that is away is waited for, with a message.
    fn poll(&mut self, limits: PollLimits) -> Result<Vec<InputRecord>, BusError>;

    /// Makes outputs and offsets durable together: both or neither.
    ///
    /// # Errors
    /// `Aborted`: nothing is visible. `Fatal`: unknown to this client; the restarted one will find out.
    fn commit(&mut self, outputs: &[OutputRecord], next: &NextOffsets) -> Result<(), BusError>;

    /// Goes back to the committed offsets, after an abort.
    ///
    /// # Errors
    /// `Aborted` when the broker does not answer: try again.
    fn rewind(&mut self) -> Result<(), BusError>;

    /// From the next poll on takes no records of these topics, and stays where it is in them; empty = takes all again.
    fn hold(&mut self, topics: &[Arc<str>]);

    /// Stays a member of the group for so long without taking records.
    ///
    /// # Errors
    /// As `poll`.
    fn wait(&mut self, time: Duration) -> Result<(), BusError>;
}

/// One topic read whole, by assignment and not as a member of a group: every worker needs every alert.
pub trait TopicLog {
    /// Takes the next records; empty when there were none in time.
    ///
    /// # Errors
    /// `Fatal` only.
    fn poll(&mut self, limits: PollLimits) -> Result<Vec<InputRecord>, BusError>;

    /// Whether the end of every partition has been reached since the start, or since [`TopicLog::look_again`].
    fn reached_end(&self) -> bool;

    /// Asks the broker anew where the end is: the answer is more records, or the end reached again. A broker that is away
    /// gives none.
    ///
    /// # Errors
    /// `Fatal` when the topic is another one than at the start: made anew, or with more partitions.
    fn look_again(&mut self) -> Result<(), BusError>;
}

/// What the broker says of a topic before it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicState {
    /// Topic.
    pub topic: String,
    /// Cluster, topic and the id it has there: another cluster's topic is another topic, and so is one that was made anew.
    pub identity: String,
    /// First and next offset of each partition.
    pub offsets: BTreeMap<i32, (i64, i64)>,
}

/// Where to start reading a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogStart {
    /// At the oldest record of every partition.
    Beginning,
    /// At these next offsets.
    At(BTreeMap<i32, i64>),
}

/// The offsets to commit for records read in this order.
pub fn next_offsets(records: &[InputRecord]) -> NextOffsets {
    let mut next = NextOffsets::new();
    for record in records {
        let after = NextOffset::after(record.offset);
        next.entry((Arc::clone(&record.topic), record.partition)).and_modify(|known| *known = (*known).max(after)).or_insert(after);
    }
    next
}
