//! Tests against real Apache Kafka, at `KAFKA_BOOTSTRAP`; `./test` starts one. Workers are real processes.

mod cluster;
mod delivery;
mod faults;
mod harness;
mod lifecycle;
mod lists;
mod network;
mod payments;
mod scaling;
mod security;
mod verbs;
