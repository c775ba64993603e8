//! `hitstream bench kafka`: what a payment costs on the bus, with and without screening, and how long its decision takes. On real
//! Kafka, on topics of its own that are deleted at the end, with the worker's own bus, decoding and screening.

use super::bench::{cpu_time, read_parties};
use super::list_files::index_lists;
use super::run::read_config;
use super::{BadInput, kafka_error};
use crate::bus::kafka::{Delivery, KafkaBus, KafkaConfig, KafkaPublisher, LagTable};
use crate::bus::kafka::{TopicPlan, create_topics, delete_topics, share_memory};
use crate::bus::{Bus, BusError, InputRecord, OutputRecord, PollLimits, next_offsets};
use crate::cli::{BenchKafkaArgs, exit};
use crate::events::{self, Coordinates, DecisionKind, RecordContext};
use crate::index::Snapshot;
use crate::model::{EventKind, Party, Policy};
use crate::screening::Screener;
use crate::worker::{BatchRules, EventRules, List, OutputTopics, Route, RouteKind, process_batch};
use anyhow::{Context, bail};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A run that takes longer is stuck.
pub(super) const RUN_MAX: Duration = Duration::from_secs(300);
/// Where more than one is measured.
pub(super) const LANES: usize = 2;
pub(super) const BATCH: PollLimits = PollLimits { records_max: 1000, bytes_max: 4 << 20, wait_max: Duration::from_millis(100) };

/// What is done with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Decode and decide, screen nobody.
    PassThrough,
    Screen,
    /// Screen, and remember who was clear.
    ScreenRemembering,
}

pub(super) struct Bench {
    pub(super) kafka: KafkaConfig,
    /// What the names of topics and groups begin with.
    name: String,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) parties: Vec<Party>,
    pub(super) messages: usize,
    pub(super) partitions: i32,
    groups: AtomicU64,
}

/// What one run came to.
struct Run {
    per_second: f64,
    cpu_us: f64,
}

pub(super) fn run(args: &BenchKafkaArgs) -> anyhow::Result<u8> {
    let config = read_config(&args.config)?;
    share_memory(LANES);
    let parties = read_parties(&args.input.to_string_lossy())?;
    if parties.len() < 2 {
        return Err(BadInput("a payment has two parties: give at least two lines".to_owned()).into());
    }
    let bench = Bench {
        name: format!("hitstream-bench-{}-{}", std::process::id(), jiff::Timestamp::now().as_millisecond()),
        kafka: config.worker.kafka,
        snapshot: index_lists(&args.lists.lists)?,
        parties,
        messages: args.messages,
        partitions: args.partitions,
        groups: AtomicU64::new(0),
    };
    let topics = ["in", "repeating", "hits", "decisions", "dead-letters"].map(|topic| bench.topic(topic));
    let plans = topics.iter().map(|topic| TopicPlan {
        name: topic.to_string(),
        partitions: bench.partitions,
        replication: 1,
        settings: Vec::new(),
    });
    create_topics(&bench.kafka, &plans.collect::<Vec<_>>()).map_err(kafka_error)?;
    let measured = bench.measure();
    let names: Vec<&str> = topics.iter().map(|topic| &**topic).collect();
    delete_topics(&bench.kafka, &names).map_err(kafka_error)?;
    measured.map(|()| exit::OK)
}

impl Bench {
    fn topic(&self, plain: &str) -> Arc<str> {
        Arc::from(format!("{}-{plain}", self.name))
    }

    fn measure(&self) -> anyhow::Result<()> {
        println!("list      {} entities, {} names", self.snapshot.entity_count(), self.snapshot.name_count());
        let round = self.parties.len() / 2;
        let again = if round < self.messages { format!(", names come again every {round}") } else { String::new() };
        println!("payments  {} of two parties each, {} partitions{again}", self.messages, self.partitions);
        self.fill("in", |number, party| (2 * number + party) % self.parties.len())?;
        let mut random = Zipf::new(self.parties.len());
        self.fill("repeating", |_, _| random.next())?;
        let party_us = self.party_cost()?;
        println!("party     {party_us:.2} us CPU, screened alone\n");
        println!("{:<58} {:>12} {:>16}", "exactly-once, batches of up to 1000", "payments/s", "us CPU a payment");
        let (exactly, least) = (Delivery::ExactlyOnce, Delivery::AtLeastOnce);
        let row = |words: &str, topic: &str, lanes, work, delivery, limits| -> anyhow::Result<Run> {
            let run = self.run(topic, lanes, work, delivery, limits)?;
            println!("{words:<58} {:>12.0} {:>16.1}", run.per_second, run.cpu_us);
            Ok(run)
        };
        let passed = row("pass-through (decode and decide), 1 lane", "in", 1, Work::PassThrough, exactly, BATCH)?;
        let screened = row("screening, 1 lane", "in", 1, Work::Screen, exactly, BATCH)?;
        row(&format!("screening, {LANES} lanes"), "in", LANES, Work::Screen, exactly, BATCH)?;
        row("screening, remembering who was clear, names as in the file", "in", 1, Work::ScreenRemembering, exactly, BATCH)?;
        row("the same, names by Zipf's law (exponent 1)", "repeating", 1, Work::ScreenRemembering, exactly, BATCH)?;
        row("screening, at-least-once, 1 lane", "in", 1, Work::Screen, least, BATCH)?;
        let limit = passed.cpu_us + 2.0 * party_us + 3.0;
        println!("pass-through + 2 parties + 3 us = {limit:.1} us; screening is at {:.2} of it", screened.cpu_us / limit);
        println!("\n{:<58} {:>12} {:>16}", "screening, 1 lane, exactly-once: size of a transaction", "payments/s", "us CPU a payment");
        for records_max in [30, 100, 300, 1000, 3000] {
            row(&format!("up to {records_max} records"), "in", 1, Work::Screen, exactly, PollLimits { records_max, ..BATCH })?;
        }
        let full = self.live(exactly, f64::INFINITY)?.per_second;
        println!("\n{LANES} lanes with who sends and who reads beside them decide {full:.0} payments/s");
        println!("{:<58} {:>12} {:>16}", "from sent to committed decision read", "p50 ms", "p99 ms");
        for (words, delivery, rate) in [
            ("exactly-once, half of that", exactly, full / 2.0),
            ("at-least-once, the same rate", least, full / 2.0),
            ("exactly-once", exactly, 1000.0),
            ("at-least-once", least, 1000.0),
            ("exactly-once, one every 100 ms", exactly, 10.0),
            ("at-least-once, one every 100 ms", least, 10.0),
        ] {
            let latency = self.live(delivery, rate)?.latency;
            let ms = |quantile: f64| latency.value_at_quantile(quantile) as f64 / 1000.0;
            println!("{:<58} {:>12.1} {:>16.1}", format!("{words} ({rate:.0}/s)"), ms(0.5), ms(0.99));
        }
        Ok(())
    }

    /// Writes the payments to screen into a topic.
    fn fill(&self, topic: &str, mut pick: impl FnMut(usize, usize) -> usize) -> anyhow::Result<()> {
        let publisher = KafkaPublisher::connect(&self.kafka)?;
        let topic = self.topic(topic);
        for number in 0..self.messages {
            let parties = [pick(number, 0), pick(number, 1)];
            publisher.send(&self.payment(&topic, number, parties))?;
        }
        publisher.flush(RUN_MAX).context("the payments could not be sent")
    }

    pub(super) fn payment(&self, topic: &Arc<str>, number: usize, parties: [usize; 2]) -> OutputRecord {
        let roles = ["debtor", "creditor"];
        let parties: Vec<Value> =
            roles.iter().zip(parties).map(|(role, at)| json!({"role": role, "name": self.parties[at].name})).collect();
        let value = json!({"id": number.to_string(), "time": "2026-01-01T00:00:00Z", "amount": "100.00", "parties": parties});
        let key = Some(number.to_string().into_bytes());
        OutputRecord { topic: Arc::clone(topic), key, value: Some(value.to_string().into_bytes()), headers: Vec::new() }
    }

    /// CPU microseconds a party, without Kafka.
    fn party_cost(&self) -> anyhow::Result<f64> {
        let (mut screener, policy) = (Screener::default(), Policy::default());
        let (mut screened, mut begun) = (0u64, Duration::ZERO);
        for round in 0..2 {
            // The first round warms up what tokens expand to, as a worker has it.
            (screened, begun) = (0, cpu_time());
            let rounds = if round == 0 { 1 } else { 20_000usize.div_ceil(self.parties.len()) };
            for party in (0..rounds).flat_map(|_| &self.parties) {
                screener.screen(party, &self.snapshot, &policy, 0, None)?;
                screened += 1;
            }
        }
        Ok((cpu_time() - begun).as_secs_f64() * 1e6 / screened as f64)
    }

    pub(super) fn rules(&self, topic: &str) -> BatchRules {
        let event = EventRules::plain(EventKind::Transaction, Policy::default());
        BatchRules {
            routes: vec![Route { topic: self.topic(topic), kind: RouteKind::Event(event) }],
            outputs: OutputTopics {
                hits: self.topic("hits"),
                decisions: Some(self.topic("decisions")),
                dead_letters: self.topic("dead-letters"),
            },
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            config_fingerprint: "0".repeat(16),
        }
    }

    pub(super) fn next_group(&self) -> String {
        format!("{}-{}", self.name, self.groups.fetch_add(1, Ordering::Relaxed))
    }

    /// Reads the whole topic with so many lanes; measured from the first batch that every lane has committed.
    fn run(&self, topic: &str, lanes: usize, work: Work, delivery: Delivery, limits: PollLimits) -> anyhow::Result<Run> {
        let rules = self.rules(topic);
        let kafka = self.kafka.for_group(&self.next_group(), delivery);
        let (done, begun_lanes) = (AtomicU64::new(0), AtomicU64::new(0));
        let begun: Mutex<Option<(Instant, Duration, u64)>> = Mutex::new(None);
        let lane = |number: usize| -> anyhow::Result<()> {
            let mut bus = KafkaBus::connect(&kafka, number, &[self.topic(topic)], LagTable::default(), &|| false)?;
            let mut screener = if work == Work::ScreenRemembering { Screener::remembering() } else { Screener::default() };
            let (patience, mut first) = (Instant::now() + RUN_MAX, true);
            while done.load(Ordering::Relaxed) < self.messages as u64 {
                if Instant::now() > patience {
                    bail!("not all payments were decided in {} s", RUN_MAX.as_secs());
                }
                let records = bus.poll(limits)?;
                if records.is_empty() {
                    continue;
                }
                let outputs = self.decide(&records, &rules, work, &mut screener)?;
                if !committed(&mut bus, &outputs, &records)? {
                    continue;
                }
                let sum = done.fetch_add(records.len() as u64, Ordering::Relaxed) + records.len() as u64;
                if std::mem::take(&mut first) && begun_lanes.fetch_add(1, Ordering::Relaxed) + 1 == lanes as u64 {
                    *begun.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), process_cpu_time(), sum));
                }
            }
            Ok(())
        };
        in_threads(lanes, lane)?;
        let Some((since, cpu, before)) = *begun.lock().unwrap_or_else(PoisonError::into_inner) else {
            bail!("a lane got nothing to do: give more --messages")
        };
        let counted = (done.load(Ordering::Relaxed) - before) as f64;
        if counted < self.messages as f64 / 4.0 {
            bail!("the lanes began too late to measure: give more --messages");
        }
        Ok(Run { per_second: counted / since.elapsed().as_secs_f64(), cpu_us: (process_cpu_time() - cpu).as_secs_f64() * 1e6 / counted })
    }

    pub(super) fn decide(
        &self,
        records: &[InputRecord],
        rules: &BatchRules,
        work: Work,
        screener: &mut Screener,
    ) -> anyhow::Result<Vec<OutputRecord>> {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        if work != Work::PassThrough {
            let result = process_batch(records, &List::fresh(&self.snapshot), rules, screener, now_ms)?;
            if result.records < records.len() {
                bail!("the outputs of {} payments are too many for one commit: give parties of whom fewer are listed", records.len());
            }
            return Ok(result.outputs);
        }
        let (RouteKind::Event(event_rules), Some(decisions)) = (&rules.routes[0].kind, &rules.outputs.decisions) else {
            return Ok(Vec::new());
        };
        let list_version = self.snapshot.version().to_string();
        let decision = |record: &InputRecord| {
            let (event, policy) = event_rules.decode(record.value.as_deref()).map_err(|reason| anyhow::anyhow!(reason.sentence))?;
            let context = RecordContext {
                at: Coordinates {
                    topic: &record.topic,
                    partition: record.partition,
                    offset: record.offset,
                    timestamp_ms: record.timestamp_ms,
                },
                policy,
                list_version: &list_version,
                list_stale: false,
                program_version: &rules.program_version,
                config_fingerprint: &rules.config_fingerprint,
                decided_at_ms: now_ms,
            };
            let said = (Some(event.id.as_str()), event.time.as_deref());
            let json = events::decision(&context, EventKind::Transaction, said, DecisionKind::Clear, &[]);
            let (key, value) = (record.key.clone(), Some(json.to_string().into_bytes()));
            Ok(OutputRecord { topic: Arc::clone(decisions), key, value, headers: record.headers.clone() })
        };
        records.iter().map(decision).collect()
    }
}

/// Commits a batch; false when it was aborted and will be read again.
pub(super) fn committed(bus: &mut KafkaBus, outputs: &[OutputRecord], records: &[InputRecord]) -> anyhow::Result<bool> {
    match bus.commit(outputs, &next_offsets(records)) {
        Ok(()) => Ok(true),
        Err(BusError::Aborted(_)) => {
            bus.rewind()?;
            Ok(false)
        }
        Err(fatal) => Err(fatal.into()),
    }
}

/// The same work on so many threads; the first error ends it.
pub(super) fn in_threads(count: usize, work: impl Fn(usize) -> anyhow::Result<()> + Sync) -> anyhow::Result<()> {
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a lane died"))?)
    })
}

/// CPU time of this process, the Kafka client's threads included.
fn process_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Ranks by Zipf's law with exponent 1, the same in every run.
struct Zipf {
    cumulative: Vec<f64>,
    state: u64,
}

impl Zipf {
    fn new(count: usize) -> Self {
        let mut sum = 0.0;
        let cumulative = (1..=count).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        Self { cumulative: cumulative.collect(), state: 1 }
    }

    fn next(&mut self) -> usize {
        // Constants of Knuth's MMIX generator.
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (self.state >> 11) as f64 / (1u64 << 53) as f64;
        let wanted = share * self.cumulative.last().copied().unwrap_or(1.0);
        self.cumulative.partition_point(|&sum| sum < wanted).min(self.cumulative.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_repeat_by_zipfs_law() {
        let mut zipf = Zipf::new(1000);
        let mut counts = vec![0; 1000];
        (0..100_000).for_each(|_| counts[zipf.next()] += 1);
        // 1 / H(1000) = 0.1336
        assert!((12_000..15_000).contains(&counts[0]) && (5_500..8_000).contains(&counts[1]), "{:?}", &counts[..4]);
    }
}
