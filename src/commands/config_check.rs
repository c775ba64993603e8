//! `hitstream config check`: what is in force, or the first mistake.

use super::run::read_config;
use crate::cli::{ConfigArgs, exit};
use crate::config::Config;
use crate::events::rounded;
use crate::worker::RouteKind;
use serde_json::json;

pub(super) fn run(args: &ConfigArgs) -> anyhow::Result<u8> {
    let config = read_config(args)?;
    print(&config);
    Ok(exit::OK)
}

fn print(config: &Config) {
    let worker = &config.worker;
    for (key, value) in worker.kafka.shown() {
        println!("{key:<26} {value}");
    }
    println!("alerts.topic               {}", worker.alert_topic);
    println!("alerts.index_dir           {}", worker.index_dir.display());
    println!("alerts.seal_interval       {} ms", worker.feed.seal_interval.as_millis());
    println!("alerts.lag_max             {} ms", worker.feed.lag_max.as_millis());
    println!("alerts.rebuild_after       {} hours", worker.tombstones_kept.as_secs() / 3600);
    println!("alerts.allow_empty         {}", worker.allow_empty);
    println!("worker.lanes               {}", worker.lanes);
    println!("worker.unreadable_max      {} of 1000 events (0 = never stop)", worker.unreadable_max);
    println!("worker.shutdown_grace      {} ms", config.shutdown_grace.as_millis());
    println!(
        "worker.batch               up to {} records, {} bytes, {} ms",
        worker.batch.records_max,
        worker.batch.bytes_max,
        worker.batch.wait_max.as_millis()
    );
    for route in &worker.rules.routes {
        let RouteKind::Event(rules) = &route.kind else { continue };
        let shape = if rules.mapping.is_some() { "a mapping" } else { "our own shape" };
        println!("input {:<20} {} in {shape}, policy {}", route.topic, json!(rules.kind).as_str().unwrap_or_default(), rules.policy.name);
        for when in &rules.when {
            println!("  where {} is {}: policy {}", when.pointer.as_str(), when.equals.join(" or "), when.policy.name);
        }
        for policy in std::iter::once(&rules.policy).chain(rules.when.iter().map(|when| &when.policy)) {
            println!("  policy {}", rounded(json!(**policy)));
        }
    }
    let outputs = &worker.rules.outputs;
    println!(
        "outputs                    hits {}, decisions {}, dead letters {}",
        outputs.hits,
        outputs.decisions.as_deref().unwrap_or("off"),
        outputs.dead_letters
    );
    println!("ops.listen                 {}", config.ops_listen.map_or_else(|| "nowhere".to_owned(), |listen| listen.to_string()));
    println!("configuration fingerprint  {}", worker.rules.config_fingerprint);
}
