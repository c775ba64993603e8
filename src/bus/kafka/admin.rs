//! Makes topics, and reads how they are set.

use super::client::{KafkaConfig, KafkaError, REQUEST_TIMEOUT, Reports};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::types::RDKafkaErrorCode;
use std::collections::BTreeMap;
use tokio::runtime::Runtime;

/// A topic to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPlan {
    /// Name.
    pub name: String,
    /// Partitions.
    pub partitions: i32,
    /// Copies of each partition.
    pub replication: i32,
    /// Settings other than the broker's defaults.
    pub settings: Vec<(&'static str, String)>,
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
            plan.settings.iter().fold(topic, |topic, (key, value)| topic.set(key, value))
        })
        .collect();
    let options = AdminOptions::new().operation_timeout(Some(REQUEST_TIMEOUT)).request_timeout(Some(REQUEST_TIMEOUT));
    let results = runtime()?.block_on(admin.create_topics(&topics, &options))?;
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

/// The settings of topics, by topic; `None` where they may not be read.
///
/// # Errors
/// When the broker does not answer.
pub fn topic_settings(config: &KafkaConfig, topics: &[&str]) -> Result<BTreeMap<String, Option<BTreeMap<String, String>>>, KafkaError> {
    let admin: AdminClient<Reports> = config.client().create_with_context(Reports::default())?;
    let resources: Vec<ResourceSpecifier<'_>> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
    let results = runtime()?.block_on(admin.describe_configs(&resources, &AdminOptions::new().request_timeout(Some(REQUEST_TIMEOUT))))?;
    let settings = results.into_iter().map(|result| {
        let entries = result.ok()?.entries;
        Some(entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?))).collect())
    });
    Ok(topics.iter().map(|topic| (*topic).to_owned()).zip(settings).collect())
}

fn runtime() -> Result<Runtime, KafkaError> {
    tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|error| KafkaError::Settings(error.to_string()))
}
