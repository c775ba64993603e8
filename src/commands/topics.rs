//! `hitstream topics create|check|acls`: the topics that a configuration needs, how they must be set, and the rights on them.

use super::run::read_config;
use super::{BadInput, kafka_error};
use crate::bus::kafka::{Delivery, KafkaError, TopicPlan, check_topics, create_topics, topic_settings};
use crate::cli::{TopicsArgs, TopicsVerb, exit};
use crate::config::Config;
use crate::worker::RouteKind;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a topic that was just made may be unknown to the broker.
const CREATED_WAIT_MAX: Duration = Duration::from_secs(10);

/// A record of the worker may have so many bytes.
const RECORD_BYTES: u64 = 1_000_000;

/// What a topic is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Alerts,
    Events,
    Output,
}

pub(super) fn run(args: &TopicsArgs) -> anyhow::Result<u8> {
    match &args.verb {
        TopicsVerb::Create(create) => {
            let config = read_config(&create.config)?;
            let plans: Vec<TopicPlan> = topics(&config)
                .iter()
                .map(|(name, purpose)| plan(&config, name, *purpose, create.partitions, create.replication))
                .collect();
            for topic in create_topics(&config.worker.kafka, &plans).map_err(kafka_error)? {
                println!("created {topic}");
            }
            // A broker tells of a new topic a moment after it has made it.
            let names: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).collect();
            let patience = Instant::now() + CREATED_WAIT_MAX;
            while matches!(check_topics(&config.worker.kafka, &names, Duration::from_secs(10)), Err(KafkaError::MissingTopics(_)))
                && Instant::now() < patience
            {
                std::thread::sleep(Duration::from_millis(200));
            }
            check(&config)
        }
        TopicsVerb::Check(args) => check(&read_config(args)?),
        TopicsVerb::Acls(args) => {
            acls(&read_config(&args.config)?, &args.principal);
            Ok(exit::OK)
        }
    }
}

/// Every topic of a configuration, the alert topic first.
fn topics(config: &Config) -> Vec<(String, Use)> {
    let worker = &config.worker;
    let events = worker.rules.routes.iter().filter(|route| matches!(route.kind, RouteKind::Event(_)));
    let outputs = worker.rules.output_topics();
    std::iter::once((worker.alert_topic.clone(), Use::Alerts))
        .chain(events.map(|route| (route.topic.to_string(), Use::Events)))
        .chain(outputs.iter().map(|topic| (topic.to_string(), Use::Output)))
        .collect()
}

/// The alert topic is compacted and has one partition, so that the changes of all keys stay in order.
fn plan(config: &Config, name: &str, purpose: Use, partitions: i32, replication: i32) -> TopicPlan {
    let kept_ms = config.worker.tombstones_kept.as_millis().to_string();
    let compacted = vec![("cleanup.policy", "compact".to_owned()), ("delete.retention.ms", kept_ms)];
    let (partitions, settings) = if purpose == Use::Alerts { (1, compacted) } else { (partitions, Vec::new()) };
    TopicPlan { name: name.to_owned(), partitions, replication, settings }
}

fn check(config: &Config) -> anyhow::Result<u8> {
    let topics = topics(config);
    let names: Vec<&str> = topics.iter().map(|(name, _)| name.as_str()).collect();
    let kafka = &config.worker.kafka;
    let counts = check_topics(kafka, &names, Duration::from_secs(10)).map_err(kafka_error)?;
    let settings = topic_settings(kafka, &names).map_err(kafka_error)?;
    let mut wrong = Vec::new();
    println!("{:<28} {:<10} {:<16} {:<14} largest record", "topic", "partitions", "cleanup", "kept");
    for ((name, purpose), count) in topics.iter().zip(counts) {
        let Some(Some(set)) = settings.get(name) else {
            println!("{name:<28} {count:<10} (not allowed to see its settings: grant DESCRIBE_CONFIGS to check them)");
            continue;
        };
        let of = |key: &str| set.get(key).map_or("?", String::as_str);
        println!("{name:<28} {count:<10} {:<16} {:<14} {}", of("cleanup.policy"), kept(of("retention.ms")), of("max.message.bytes"));
        wrong.extend(faults(*purpose, count, set, config.worker.tombstones_kept).into_iter().map(|fault| format!("topic {name}: {fault}")));
    }
    if wrong.is_empty() { Ok(exit::OK) } else { Err(BadInput(wrong.join("\n")).into()) }
}

/// What would break a promise.
fn faults(purpose: Use, partitions: usize, set: &BTreeMap<String, String>, tombstones_kept: Duration) -> Vec<String> {
    let number = |key: &str| set.get(key).and_then(|value| value.parse::<u64>().ok());
    let compacted = set.get("cleanup.policy").is_some_and(|policy| policy.contains("compact"));
    let mut faults = Vec::new();
    if purpose == Use::Alerts {
        if partitions != 1 {
            faults.push(format!("has {partitions} partitions and must have 1: changes of all keys must stay in order; make it anew"));
        }
        if !compacted || set.get("cleanup.policy").is_some_and(|policy| policy.contains("delete")) {
            faults.push("must have cleanup.policy = compact, or alerts are forgotten with time".to_owned());
        }
        if number("delete.retention.ms").is_some_and(|kept| u128::from(kept) < tombstones_kept.as_millis()) {
            faults.push(format!(
                "delete.retention.ms must be at least {} (alerts.rebuild_after_hours), or a worker that was away misses withdrawals",
                tombstones_kept.as_millis()
            ));
        }
    } else if compacted && purpose == Use::Output {
        faults.push("must not be compacted: of several records of one key only the newest would stay".to_owned());
    }
    if number("max.message.bytes").is_some_and(|most| most < RECORD_BYTES) {
        faults.push(format!("max.message.bytes must be at least {RECORD_BYTES}"));
    }
    faults
}

/// Milliseconds as people say them.
fn kept(retention_ms: &str) -> String {
    match retention_ms.parse::<i64>() {
        Ok(-1) => "for ever".to_owned(),
        Ok(ms) if ms >= 86_400_000 => format!("{} days", ms / 86_400_000),
        Ok(ms) => format!("{} s", ms / 1000),
        Err(_) => "?".to_owned(),
    }
}

/// The rights that a worker needs and no more, as commands of Kafka's own tool.
fn acls(config: &Config, principal: &str) {
    let worker = &config.worker;
    let grant = |operations: &[&str], resource: &str, name: &str, prefixed: bool| {
        let operations: Vec<String> = operations.iter().map(|operation| format!("--operation {operation}")).collect();
        let pattern = if prefixed { " --resource-pattern-type prefixed" } else { "" };
        println!(
            "kafka-acls.sh --bootstrap-server {} --add --allow-principal {principal} {} --{resource} '{name}'{pattern}",
            worker.kafka.bootstrap(),
            operations.join(" ")
        );
    };
    println!("# the worker");
    for (name, purpose) in topics(config) {
        grant(&[if purpose == Use::Output { "Write" } else { "Read" }, "Describe"], "topic", &name, false);
    }
    grant(&["Read"], "group", worker.kafka.group(), false);
    if worker.kafka.delivery() == Delivery::ExactlyOnce {
        grant(&["Write", "Describe"], "transactional-id", &format!("{}-", worker.kafka.group()), true);
    }
    println!("# whoever runs `hitstream publish`");
    grant(&["Read", "Write", "Describe"], "topic", &worker.alert_topic, false);
    grant(&["Write", "Describe"], "transactional-id", &format!("hitstream-publish-{}-", worker.alert_topic), true);
    println!("# whoever runs `hitstream dead-letters replay`");
    let dead_letters = &worker.rules.outputs.dead_letters;
    grant(&["Read", "Describe"], "topic", dead_letters, false);
    for (name, _) in topics(config).iter().filter(|(_, purpose)| *purpose == Use::Events) {
        grant(&["Read", "Write", "Describe"], "topic", name, false);
    }
    grant(&["Write", "Describe"], "transactional-id", &format!("hitstream-replay-{dead_letters}"), false);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_would_break_a_promise_is_named() {
        let day = Duration::from_secs(86_400);
        let good = set(&[("cleanup.policy", "compact"), ("delete.retention.ms", "86400000"), ("max.message.bytes", "1048588")]);
        assert_eq!(faults(Use::Alerts, 1, &good, day), Vec::<String>::new());
        let bad = set(&[("cleanup.policy", "delete"), ("delete.retention.ms", "1000"), ("max.message.bytes", "1000")]);
        let found = faults(Use::Alerts, 3, &bad, day).join(" ");
        for part in ["3 partitions", "cleanup.policy", "delete.retention.ms", "max.message.bytes"] {
            assert!(found.contains(part), "{found}");
        }
        assert!(faults(Use::Output, 3, &good, day)[0].contains("must not be compacted"));
        assert!(faults(Use::Events, 3, &good, day).is_empty());
    }
}
