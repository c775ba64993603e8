//! `hitstream config check`: what is in force, or the first mistake.

use super::run::read_config;
use crate::cli::{ConfigArgs, exit};
use crate::config::Config;
use crate::events::rounded;
use crate::model::Policy;
use crate::worker::RouteKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn run(args: &ConfigArgs) -> anyhow::Result<u8> {
    let config = read_config(args)?;
    print(&config);
    Ok(exit::OK)
}

fn print(config: &Config) {
    let worker = &config.worker;
    let show = |key: &str, value: &str| println!("{key:<28} {value}");
    for (key, value) in worker.kafka.shown() {
        show(&key, &value);
    }
    show("alerts.topic", &worker.alert_topic);
    show("alerts.index_dir", &worker.index_dir.display().to_string());
    show("alerts.allow_empty", &worker.allow_empty.to_string());
    show("alerts.seal_interval_ms", &worker.feed.seal_interval.as_millis().to_string());
    show("alerts.lag_max_ms", &worker.feed.lag_max.as_millis().to_string());
    show("alerts.rebuild_after_hours", &(worker.tombstones_kept.as_secs() / 3600).to_string());
    let outputs = &worker.rules.outputs;
    show("outputs.hits", &outputs.hits);
    show("outputs.decisions", outputs.decisions.as_deref().unwrap_or("(switched off)"));
    show("outputs.dead_letters", &outputs.dead_letters);
    show("worker.lanes", &worker.lanes.to_string());
    show("worker.batch_records_max", &worker.batch.records_max.to_string());
    show("worker.batch_bytes_max", &worker.batch.bytes_max.to_string());
    show("worker.poll_wait_ms_max", &worker.batch.wait_max.as_millis().to_string());
    show("worker.shutdown_grace_ms", &config.shutdown_grace.as_millis().to_string());
    show("worker.unreadable_max", &format!("{} of 1000 events (0 = never stop)", worker.unreadable_max));
    show("ops.listen", &config.ops_listen.map_or_else(|| "(nowhere)".to_owned(), |listen| listen.to_string()));
    show("configuration fingerprint", &worker.rules.config_fingerprint);
    for route in &worker.rules.routes {
        let RouteKind::Event(rules) = &route.kind else { continue };
        let shape = if rules.mapping.is_some() { "by a mapping" } else { "in our own shape" };
        let kind = json!(rules.kind);
        println!("\ninput {}: {} events {shape}, policy {}", route.topic, kind.as_str().unwrap_or_default(), rules.policy.name);
        for when in &rules.when {
            println!("  where {} is {}: policy {}", when.pointer.as_str(), when.equals.join(" or "), when.policy.name);
        }
    }
    let used: BTreeMap<&str, &Policy> = worker.rules.policies().map(|policy| (policy.name.as_str(), policy)).collect();
    for (name, policy) in &used {
        println!("\npolicy {name}, fingerprint {}", policy.fingerprint());
        if let Value::Object(values) = rounded(json!(policy)) {
            for (key, value) in values.iter().filter(|(key, value)| *key != "name" && !value.is_null()) {
                println!("  {key:<26} {value}");
            }
        }
    }
    for name in config.policies.iter().filter(|name| !used.contains_key(name.as_str())) {
        println!("\npolicy {name} is used by no input");
    }
}
