//! A Kafka that lives in memory and obeys a seed: crashes, aborts, rebalances and lost answers at every step.
//!
//! It keeps what Kafka promises and nothing more: a Kafka transaction is visible whole or not at all; offsets sent with it
//! move with it; a member that has lost a partition, or a producer that was replaced, cannot commit; a new owner starts at
//! the committed offset; an answer may be lost although the commit was done.

mod cluster;

pub use cluster::{Cluster, Faults, SimulatedBus, SimulatedLog};
