//! Makes topics.

use super::client::{KafkaConfig, KafkaError, REQUEST_TIMEOUT, Reports};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::types::RDKafkaErrorCode;

/// A topic to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPlan {
    /// Name.
    pub name: String,
    /// Partitions.
    pub partitions: i32,
    /// Copies of each partition.
    pub replication: i32,
    /// Keep the newest record of each key only.
    pub compacted: bool,
}

/// Makes the topics that are not there yet; returns the names of those it made.
///
/// # Errors
/// When the broker does not answer or refuses.
pub fn create_topics(config: &KafkaConfig, plans: &[TopicPlan]) -> Result<Vec<String>, KafkaError> {
    let admin: AdminClient<Reports> = config.client().create_with_context(Reports::default())?;
    let topics: Vec<NewTopic<'_>> = plans
        .iter()
        .map(|plan| {
            let topic = NewTopic::new(&plan.name, plan.partitions, TopicReplication::Fixed(plan.replication));
            if plan.compacted { topic.set("cleanup.policy", "compact") } else { topic }
        })
        .collect();
    let options = AdminOptions::new().operation_timeout(Some(REQUEST_TIMEOUT)).request_timeout(Some(REQUEST_TIMEOUT));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|error| KafkaError::Settings(error.to_string()))?;
    let results = runtime.block_on(admin.create_topics(&topics, &options))?;
    let mut made = Vec::new();
    for result in results {
        match result {
            Ok(name) => made.push(name),
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => return Err(KafkaError::Settings(format!("topic {name}: {code}"))),
        }
    }
    Ok(made)
}
