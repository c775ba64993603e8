//! `hitstream topics create|check|acls`: the topics that a configuration needs, how they must be set, and the rights on them.

use super::run::read_config;
use super::{BadInput, kafka_error};
use crate::bus::kafka::{Delivery, TopicPlan, create_topics, look_at_topics};
use crate::cli::{TopicsArgs, TopicsVerb, exit};
use crate::config::Config;
use crate::worker::{TopicFound, TopicUse};
use std::time::{Duration, Instant};

/// How long a topic that was just made may be unknown to the broker.
const CREATED_WAIT_MAX: Duration = Duration::from_secs(10);

pub(super) fn run(args: &TopicsArgs) -> anyhow::Result<u8> {
    match &args.verb {
        TopicsVerb::Create(create) => {
            let config = read_config(&create.config)?;
            let plans: Vec<TopicPlan> = config
                .worker
                .topics()
                .iter()
                .map(|(name, purpose)| plan(&config, name, *purpose, create.partitions, create.replication))
                .collect();
            for topic in create_topics(&config.worker.kafka, &plans).map_err(kafka_error)? {
                println!("created {topic}");
            }
            // A broker tells of a new topic a moment after it has made it.
            let names: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).collect();
            let patience = Instant::now() + CREATED_WAIT_MAX;
            while look_at_topics(&config.worker.kafka, &names, Duration::from_secs(10)).is_ok_and(|counts| counts.contains(&None))
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

/// The alert topic is compacted and has one partition, so that the changes of all keys stay in order.
fn plan(config: &Config, name: &str, purpose: TopicUse, partitions: i32, replication: i32) -> TopicPlan {
    let kept_ms = config.worker.tombstones_kept.as_millis().to_string();
    let compacted = vec![("cleanup.policy", "compact".to_owned()), ("delete.retention.ms", kept_ms)];
    let (partitions, settings) = if purpose == TopicUse::Alerts { (1, compacted) } else { (partitions, Vec::new()) };
    TopicPlan { name: name.to_owned(), partitions, replication, settings }
}

fn check(config: &Config) -> anyhow::Result<u8> {
    let found = config.worker.look_at_topics(&[TopicUse::Alerts, TopicUse::Events, TopicUse::Output]).map_err(kafka_error)?;
    println!("{:<28} {:<10} {:<16} {:<14} largest record", "topic", "partitions", "cleanup", "kept");
    for TopicFound { name, partitions, settings, .. } in &found {
        match (partitions, settings) {
            (None, _) => println!("{name:<28} missing"),
            (Some(count), None) => {
                println!("{name:<28} {count:<10} (not allowed to see its settings: grant DescribeConfigs to check them)")
            }
            (Some(count), Some(set)) => {
                let of = |key: &str| set.get(key).map_or("?", String::as_str);
                let kept = if of("cleanup.policy") == "compact" { "for ever".to_owned() } else { kept(of("retention.ms")) };
                println!("{name:<28} {count:<10} {:<16} {kept:<14} {}", of("cleanup.policy"), of("max.message.bytes"));
            }
        }
    }
    let wrong: Vec<String> = found.iter().flat_map(|topic| topic.faults(config.worker.tombstones_kept)).collect();
    if wrong.is_empty() { Ok(exit::OK) } else { Err(BadInput(wrong.join("\n")).into()) }
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

/// The rights that each part needs and no more, as commands of Kafka's own tool.
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
    let topics = worker.topics();
    let of_use = |wanted: TopicUse| topics.iter().filter(move |(_, purpose)| *purpose == wanted).map(|(name, _)| name.as_str());
    println!("# the worker; with DescribeConfigs it refuses topics that are set so that a promise would break");
    for (name, purpose) in &topics {
        grant(&[if *purpose == TopicUse::Output { "Write" } else { "Read" }, "Describe", "DescribeConfigs"], "topic", name, false);
    }
    grant(&["Read"], "group", worker.kafka.group(), false);
    if worker.kafka.delivery() == Delivery::ExactlyOnce {
        grant(&["Write", "Describe"], "transactional-id", &worker.kafka.transactional_ids(), true);
    }
    println!("# whoever runs `hitstream publish` or `hitstream alerts withdraw|override`");
    grant(&["Read", "Write", "Describe"], "topic", &worker.alert_topic, false);
    grant(&["Write", "Describe"], "transactional-id", &format!("hitstream-publish-{}-", worker.alert_topic), true);
    println!("# whoever runs `hitstream lists`, `hitstream alerts show` or `hitstream hits tail`");
    grant(&["Read", "Describe"], "topic", &worker.alert_topic, false);
    worker.rules.hit_topics().iter().for_each(|name| grant(&["Read", "Describe"], "topic", name, false));
    println!("# whoever runs `hitstream dead-letters`; Write and the transactional id are for `replay` alone");
    let dead_letters = &worker.rules.outputs.dead_letters;
    grant(&["Read", "Describe"], "topic", dead_letters, false);
    of_use(TopicUse::Events).for_each(|name| grant(&["Read", "Write", "Describe"], "topic", name, false));
    grant(&["Write", "Describe"], "transactional-id", &format!("hitstream-replay-{dead_letters}"), false);
    println!("# whoever runs `hitstream topics create|check`; Create is for `create` alone");
    for (name, _) in &topics {
        grant(&["Create", "Describe", "DescribeConfigs"], "topic", name, false);
    }
}
