//! `hitstream topics create|check`: the topics that a configuration needs.

use super::kafka_error;
use super::run::read_config;
use crate::bus::kafka::{KafkaError, TopicPlan, check_topics, create_topics};
use crate::cli::{TopicsArgs, TopicsVerb, exit};
use crate::config::Config;
use std::time::{Duration, Instant};

/// How long a topic that was just made may be unknown to the broker.
const CREATED_WAIT_MAX: Duration = Duration::from_secs(10);

pub(super) fn run(args: &TopicsArgs) -> anyhow::Result<u8> {
    match &args.verb {
        TopicsVerb::Create(create) => {
            let config = read_config(&create.config)?;
            let made = create_topics(&config.worker.kafka, &plans(&config, create.partitions, create.replication)).map_err(kafka_error)?;
            for topic in made {
                println!("created {topic}");
            }
            // A broker tells of a new topic a moment after it has made it.
            let names = plans(&config, 1, 1);
            let names: Vec<&str> = names.iter().map(|plan| plan.name.as_str()).collect();
            let patience = Instant::now() + CREATED_WAIT_MAX;
            while matches!(check_topics(&config.worker.kafka, &names, Duration::from_secs(10)), Err(KafkaError::MissingTopics(_)))
                && Instant::now() < patience
            {
                std::thread::sleep(Duration::from_millis(200));
            }
            check(&config)
        }
        TopicsVerb::Check(args) => check(&read_config(args)?),
    }
}

fn check(config: &Config) -> anyhow::Result<u8> {
    let plans = plans(config, 1, 1);
    let names: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).collect();
    let counts = check_topics(&config.worker.kafka, &names, Duration::from_secs(10)).map_err(kafka_error)?;
    for (name, count) in names.iter().zip(counts) {
        println!("{name:<24} {count} partitions");
    }
    Ok(exit::OK)
}

/// The alert topic is compacted and has one partition, so that the changes of all keys stay in order.
fn plans(config: &Config, partitions: i32, replication: i32) -> Vec<TopicPlan> {
    let worker = &config.worker;
    let plan = |name: &str, compacted| TopicPlan {
        name: name.to_owned(),
        partitions: if compacted { 1 } else { partitions },
        replication,
        compacted,
    };
    let rules = &worker.rules;
    let events = rules.routes.iter().filter(|route| *route.topic != *worker.alert_topic).map(|route| plan(&route.topic, false));
    let outputs = rules.output_topics();
    std::iter::once(plan(&worker.alert_topic, true)).chain(events).chain(outputs.iter().map(|topic| plan(topic, false))).collect()
}
