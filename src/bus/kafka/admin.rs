//! Makes topics, looks whether they are there, and reads how they are set.

use super::client::{KafkaConfig, KafkaError, REQUEST_TIMEOUT};
use super::reports::Reports;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::types::RDKafkaErrorCode;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
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
    // The admin client says of a broker that is away only that time is over.
    let names: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).collect();
    let there = look_at_topics(config, &names, REQUEST_TIMEOUT)?;
    let plans: Vec<&TopicPlan> = plans.iter().zip(there).filter_map(|(plan, count)| count.is_none().then_some(plan)).collect();
    if plans.is_empty() {
        return Ok(Vec::new());
    }
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
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(name) => made.push(name),
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, RDKafkaErrorCode::InvalidReplicationFactor)) => {
                refused.push(format!("topic {name}: there are fewer brokers than copies asked for; give a smaller --replication"));
            }
            Err((name, code)) => refused.push(format!("topic {name}: {code}")),
        }
    }
    if refused.is_empty() {
        return Ok(made);
    }
    if !made.is_empty() {
        refused.push(format!("created: {}", made.join(", ")));
    }
    Err(KafkaError::Settings(refused.join("; ")))
}

/// Deletes topics and all that is in them.
///
/// # Errors
/// When the broker does not answer or refuses.
pub fn delete_topics(config: &KafkaConfig, topics: &[&str]) -> Result<(), KafkaError> {
    let admin: AdminClient<Reports> = config.client().create_with_context(Reports::default())?;
    let options = AdminOptions::new().operation_timeout(Some(REQUEST_TIMEOUT)).request_timeout(Some(REQUEST_TIMEOUT));
    let results = runtime()?.block_on(admin.delete_topics(topics, &options))?;
    let refused = results.into_iter().find_map(Result::err);
    refused.map_or(Ok(()), |(name, code)| Err(KafkaError::Settings(format!("topic {name} cannot be deleted: {code}"))))
}

/// The partition count of each topic; `None` where there is no such topic.
///
/// # Errors
/// When no broker answers in `timeout`, or a topic may not be looked at.
pub fn look_at_topics(config: &KafkaConfig, topics: &[&str], timeout: Duration) -> Result<Vec<Option<usize>>, KafkaError> {
    use rdkafka::error::RDKafkaErrorCode as Code;
    let client: BaseConsumer<Reports> = config.client().create_with_context(Reports::default())?;
    let mut counts = Vec::new();
    for topic in topics {
        let metadata = client.fetch_metadata(Some(topic), timeout).map_err(|error| unreachable(config, &client, &error))?;
        let Some(found) = metadata.topics().first() else {
            counts.push(None);
            continue;
        };
        match found.error().map(Code::from) {
            None if !found.partitions().is_empty() => counts.push(Some(found.partitions().len())),
            Some(Code::TopicAuthorizationFailed) => return Err(KafkaError::NotAllowed((*topic).to_owned())),
            Some(Code::LeaderNotAvailable) => counts.push(Some(found.partitions().len().max(1))),
            _ => counts.push(None),
        }
    }
    Ok(counts)
}

/// No answer, and why, as far as the client was told: its reports come when it is polled.
fn unreachable(config: &KafkaConfig, client: &BaseConsumer<Reports>, error: &rdkafka::error::KafkaError) -> KafkaError {
    let patience = Instant::now() + Duration::from_millis(500);
    while client.context().refused().is_none() && Instant::now() < patience {
        let _ = client.poll(Duration::from_millis(20));
    }
    let mut reason = client.context().refused().map_or_else(|| error.to_string(), |refused| format!("{error}: {refused}"));
    if reason.contains("certificate verify failed") {
        reason.push_str(
            "; the broker's certificate is of another authority than ssl.ca.location, or for another host name, or its time is over: \
             `openssl s_client -connect HOST:PORT` shows it",
        );
    }
    KafkaError::Unreachable(config.bootstrap.clone(), reason)
}

/// The settings of topics, by topic; `None` where they may not be read.
///
/// # Errors
/// When the broker does not answer.
pub fn topic_settings(config: &KafkaConfig, topics: &[&str]) -> Result<BTreeMap<String, Option<BTreeMap<String, String>>>, KafkaError> {
    if topics.is_empty() {
        return Ok(BTreeMap::new());
    }
    let admin: AdminClient<Reports> = config.client().create_with_context(Reports::default())?;
    let resources: Vec<ResourceSpecifier<'_>> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
    let options = AdminOptions::new().request_timeout(Some(REQUEST_TIMEOUT));
    let no_answer = |error| KafkaError::Unreachable(config.bootstrap.clone(), format!("asked how topics are set: {error}"));
    let results = runtime()?.block_on(admin.describe_configs(&resources, &options)).map_err(no_answer)?;
    let settings = results.into_iter().map(|result| {
        let entries = result.ok()?.entries;
        Some(entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?))).collect())
    });
    Ok(topics.iter().map(|topic| (*topic).to_owned()).zip(settings).collect())
}

fn runtime() -> Result<Runtime, KafkaError> {
    tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|error| KafkaError::Settings(error.to_string()))
}
