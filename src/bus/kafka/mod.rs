//! Apache Kafka by rdkafka; the only folder that names it.

mod admin;
mod broker_in_process;
mod client;
mod lane_bus;
mod memory;
mod publisher;
mod records;
mod reports;
mod topic_log;
mod topic_shape;
mod transactions;

pub use admin::{TopicPlan, create_topics, delete_topics, look_at_topics, topic_settings};
pub use broker_in_process::BrokerInProcess;
pub use client::{Delivery, GroupProtocol, KafkaConfig, KafkaError, RawKafkaConfig, StartFrom};
pub use lane_bus::KafkaBus;
pub use memory::share_memory;
pub use publisher::KafkaPublisher;
pub use reports::LagTable;
pub use topic_log::{Isolation, KafkaTopicLog, fetch_record, for_each_record, for_each_record_from, offsets_at, read_topic, topic_state};
