//! `hitstream demo`: the real worker on an in-process broker, with sample alerts and a feeder.

use crate::bus::kafka::{BrokerInProcess, Delivery, GroupProtocol, Isolation, KafkaConfig, KafkaPublisher, KafkaTopicLog, topic_state};
use crate::bus::{LogStart, OutputRecord, PollLimits, TopicLog};
use crate::cli::{DemoArgs, exit};
use crate::config::feed_limits;
use crate::demo::{Feeder, Watcher, WatcherSummary, sample_alerts};
use crate::model::{EventKind, Policy};
use crate::shutdown::StopSignal;
use crate::worker::{BatchRules, EventRules, OutputTopics, Route, RouteKind, Status, Worker, WorkerParts};
use anyhow::{Context, bail};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const SEED: u64 = 20_260_101;
/// The in-process broker forgets the oldest of a partition beyond 5 MiB: many partitions, and a feeder that never runs
/// further ahead than this many events, keep everything within it.
const EVENTS_AHEAD_MAX: u64 = 20_000;
const PARTITIONS: i32 = 8;
/// The demo gives up when nothing was decided for so long.
const STUCK_AFTER: Duration = Duration::from_secs(60);
/// With more events than this, hit lines would only scroll past.
const LINES_MAX: u64 = 200;

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<u8> {
    println!("hitstream demo: {} events through the real worker, on a broker inside this process.", args.events);
    println!("That broker has limits: delivery here is at-least-once, and nothing is kept. On Apache Kafka it is exactly-once.\n");
    let folder = std::env::temp_dir().join(format!("hitstream-demo-{}", std::process::id()));
    let result = play(args, &folder);
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn play(args: &DemoArgs, folder: &std::path::Path) -> anyhow::Result<u8> {
    let broker = BrokerInProcess::start(&[
        ("alerts", 1),
        ("transactions", PARTITIONS),
        ("customers", PARTITIONS),
        ("hits", PARTITIONS),
        ("decisions", PARTITIONS),
        ("dead-letters", 1),
    ])?;
    let kafka = KafkaConfig::plain(&broker.bootstrap(), "hitstream-demo", "demo", Delivery::AtLeastOnce, GroupProtocol::Consumer);
    let publisher = KafkaPublisher::connect(&kafka)?;
    let samples = sample_alerts()?;
    for sample in &samples {
        publisher.send(&record("alerts", &sample.key, sample.value.clone()))?;
    }
    publisher.flush(Duration::from_secs(10))?;
    println!("{} sample alerts published: list records and free texts whose name field is empty.\n", samples.len());
    let stop = StopSignal::default();
    let parts = parts(kafka.clone(), folder);
    let worker = Worker::start(&parts, &Status::new(parts.lanes), &Arc::default(), &stop)?;
    let started = Instant::now();
    while !worker.status().report().ready {
        if worker.has_failed() || started.elapsed() > STUCK_AFTER {
            worker.stop(Duration::from_secs(1))?;
            bail!("the worker did not become ready");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let decided = AtomicU64::new(0);
    let start = Instant::now();
    let (summary, seconds) = std::thread::scope(|scope| -> anyhow::Result<_> {
        let feeding = scope.spawn(|| feed(&publisher, args, &decided, &stop));
        let summary = watch(&kafka, args.events, &decided, &worker);
        let seconds = start.elapsed().as_secs_f64();
        stop.request();
        feeding.join().map_err(|_| anyhow::anyhow!("the feeder died"))??;
        Ok((summary?, seconds))
    })?;
    let parties = worker.metrics().parties.get();
    worker.stop(Duration::from_secs(10))?;
    print_table(&summary, parties, seconds);
    Ok(exit::OK)
}

fn parts(kafka: KafkaConfig, folder: &std::path::Path) -> WorkerParts {
    let route = |topic: &str, kind| Route { topic: Arc::from(topic), kind };
    let rules = BatchRules {
        routes: vec![
            route("transactions", RouteKind::Event(EventRules::plain(EventKind::Transaction, Policy::default()))),
            route("customers", RouteKind::Event(EventRules::plain(EventKind::Customer, Policy::default()))),
            route("alerts", RouteKind::Alerts),
        ],
        outputs: OutputTopics { hits: Arc::from("hits"), decisions: Some(Arc::from("decisions")), dead_letters: Arc::from("dead-letters") },
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        config_fingerprint: "demo".to_owned(),
    };
    WorkerParts {
        kafka,
        alert_topic: "alerts".to_owned(),
        index_dir: folder.join("index"),
        allow_empty: false,
        tombstones_kept: Duration::from_secs(86_400),
        feed: feed_limits(Duration::from_millis(200), Duration::from_secs(60)),
        lanes: 2,
        unreadable_max: 0,
        batch: PollLimits { records_max: 1000, bytes_max: 4 << 20, wait_max: Duration::from_millis(100) },
        rules: Arc::new(rules),
    }
}

fn record(topic: &str, key: &str, value: Vec<u8>) -> OutputRecord {
    OutputRecord { topic: Arc::from(topic), key: Some(key.as_bytes().to_vec()), value: Some(value), headers: Vec::new() }
}

/// Sends events at the rate asked for, never too far ahead of the worker.
fn feed(publisher: &KafkaPublisher, args: &DemoArgs, decided: &AtomicU64, stop: &StopSignal) -> anyhow::Result<()> {
    let start = Instant::now();
    for (number, event) in Feeder::new(SEED).take(args.events as usize).enumerate() {
        let number = number as u64;
        while !stop.is_requested()
            && (number > decided.load(Ordering::Relaxed) + EVENTS_AHEAD_MAX
                || args.rate > 0 && start.elapsed().as_secs_f64() < number as f64 / args.rate as f64)
        {
            publisher.flush(Duration::from_secs(10))?;
            std::thread::sleep(Duration::from_millis(1));
        }
        if stop.is_requested() {
            return Ok(());
        }
        let topic = if event.kind == EventKind::Customer { "customers" } else { "transactions" };
        publisher.send(&record(topic, &event.key, event.value))?;
    }
    publisher.flush(Duration::from_secs(30)).context("the in-process broker did not take the events")
}

/// Follows all topics until every event is decided.
fn watch(kafka: &KafkaConfig, events: u64, decided: &AtomicU64, worker: &Worker) -> anyhow::Result<WatcherSummary> {
    let mut watcher = Watcher::new().context("cannot make a histogram")?;
    let limits = PollLimits { records_max: 5000, bytes_max: 16 << 20, wait_max: Duration::from_millis(2) };
    let open = |topic: &str| -> anyhow::Result<KafkaTopicLog> {
        Ok(KafkaTopicLog::open(kafka, &topic_state(kafka, topic)?, &LogStart::Beginning, Isolation::ReadCommitted)?)
    };
    let (mut hits, mut dead_letters, mut decisions) = (open("hits")?, open("dead-letters")?, open("decisions")?);
    let (mut shown, mut last_progress) = (0u64, Instant::now());
    loop {
        for record in decisions.poll(limits)? {
            watcher.decision(&record);
            last_progress = Instant::now();
        }
        decided.store(watcher.events(), Ordering::Relaxed);
        let hit_lines: Vec<String> = hits.poll(limits)?.iter().map(|record| watcher.hit(record)).collect();
        let dead_lines: Vec<String> = dead_letters.poll(limits)?.iter().map(|record| watcher.dead_letter(record)).collect();
        for line in hit_lines.iter().chain(&dead_lines) {
            shown += 1;
            match shown {
                1..=LINES_MAX => println!("{line}"),
                201 => println!("... (more than {LINES_MAX} lines: only the table at the end shows the rest)"),
                _ => {}
            }
        }
        if watcher.events() >= events && watcher.is_complete() {
            return Ok(watcher.summary());
        }
        if worker.has_failed() || last_progress.elapsed() > STUCK_AFTER {
            bail!("nothing was decided for {} s; see the lines above", STUCK_AFTER.as_secs());
        }
    }
}

fn print_table(summary: &WatcherSummary, parties: u64, seconds: f64) {
    let line = |name: &str, text: String| println!("{name:<28} {text}");
    println!("\n{}", "-".repeat(72));
    line("events decided", format!("{} in {seconds:.1} s ({:.0}/s)", summary.events, summary.events as f64 / seconds));
    line("parties screened", parties.to_string());
    for (decision, count) in &summary.decisions {
        line(&format!("  decision {decision}"), count.to_string());
    }
    let [p50, p90, p99, max] = summary.latency_ms;
    line("event to decision", format!("p50 {p50} ms, p90 {p90} ms, p99 {p99} ms, max {max} ms"));
    line("hits", summary.hits.values().sum::<u64>().to_string());
    for (alert, count) in &summary.hits {
        line(&format!("  {count} x"), alert.clone());
    }
    line("dead letters", summary.dead_letters.values().sum::<u64>().to_string());
    for (reason, count) in &summary.dead_letters {
        line(&format!("  {count} x"), reason.clone());
    }
    println!("{}", "-".repeat(72));
    println!("Next: the README's \"From the demo to your own Kafka\".");
}
