//! Tests against real Apache Kafka, at `KAFKA_BOOTSTRAP`; `./test` starts one. Workers are real processes.

mod delivery;
mod faults;
mod harness;
mod lifecycle;
mod lists;
mod security;
mod verbs;
