//! How long a decision takes: payments sent and decisions read while lanes work, for `hitstream bench kafka`.

use super::bench_kafka::{BATCH, Bench, LANES, RUN_MAX, Work, committed, in_threads};
use super::kafka_error;
use crate::bus::kafka::{Delivery, Isolation, KafkaBus, KafkaPublisher, KafkaTopicLog, LagTable, TopicPlan};
use crate::bus::kafka::{create_topics, delete_topics, topic_state};
use crate::bus::{Bus, LogStart, PollLimits, TopicLog};
use crate::screening::Screener;
use crate::worker::OutputTopics;
use anyhow::bail;
use hdrhistogram::Histogram;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long payments are sent at a rate before they are measured.
const WARM_UP: Duration = Duration::from_secs(2);

/// What a run with payments that are sent meanwhile came to.
pub(super) struct Live {
    pub(super) per_second: f64,
    /// Microseconds from sending a payment to reading its decision.
    pub(super) latency: Histogram<u64>,
}

impl Bench {
    /// Sends payments at a steady rate, or as fast as it goes, and reads their decisions.
    pub(super) fn live(&self, delivery: Delivery, rate: f64) -> anyhow::Result<Live> {
        const SECONDS: f64 = 8.0;
        let count = ((rate * SECONDS) as usize).clamp(20, self.messages);
        let topics =
            ["live", "live-decisions", "live-hits", "live-dead-letters"].map(|topic| Arc::from(format!("{}-{topic}", self.next_group())));
        let plan =
            |topic: &Arc<str>| TopicPlan { name: topic.to_string(), partitions: self.partitions, replication: 1, settings: Vec::new() };
        create_topics(&self.kafka, &topics.iter().map(plan).collect::<Vec<_>>()).map_err(kafka_error)?;
        let measured = self.live_on(&topics, delivery, rate, count);
        delete_topics(&self.kafka, &topics.iter().map(|topic| &**topic).collect::<Vec<_>>()).map_err(kafka_error)?;
        measured
    }

    fn live_on(&self, topics: &[Arc<str>; 4], delivery: Delivery, rate: f64, count: usize) -> anyhow::Result<Live> {
        let [live, decisions, hits, dead_letters] = topics.clone();
        let mut rules = self.rules("in");
        rules.routes[0].topic = Arc::clone(&live);
        rules.outputs = OutputTopics { hits, decisions: Some(Arc::clone(&decisions)), dead_letters };
        let kafka = self.kafka.for_group(&self.next_group(), delivery);
        let (stop, begun_lanes) = (AtomicBool::new(false), AtomicU64::new(0));
        let lane = |number: usize| -> anyhow::Result<()> {
            let mut bus = KafkaBus::connect(&kafka, number, &[Arc::clone(&live)], LagTable::default(), &|| false)?;
            let (mut screener, mut first) = (Screener::default(), true);
            while !stop.load(Ordering::Relaxed) {
                let records = bus.poll(BATCH)?;
                if !records.is_empty() {
                    let outputs = self.decide(&records, &rules, Work::Screen, &mut screener)?;
                    if committed(&mut bus, &outputs, &records)? && std::mem::take(&mut first) {
                        begun_lanes.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let working = scope.spawn(|| in_threads(LANES, lane));
            let measured = self.feed_and_watch([&live, &decisions], rate, count, || begun_lanes.load(Ordering::Relaxed) == LANES as u64);
            stop.store(true, Ordering::Relaxed);
            working.join().map_err(|_| anyhow::anyhow!("the lanes died"))??;
            measured
        })
    }

    /// Who sends and who reads are threads of their own, so that neither waits for the other.
    fn feed_and_watch(
        &self,
        [live, decisions]: [&Arc<str>; 2],
        rate: f64,
        count: usize,
        all_begun: impl Fn() -> bool + Send,
    ) -> anyhow::Result<Live> {
        let state = topic_state(&self.kafka, decisions).map_err(kafka_error)?;
        let mut log = KafkaTopicLog::open(&self.kafka, &state, &LogStart::Beginning, Isolation::ReadCommitted).map_err(kafka_error)?;
        let limits = PollLimits { records_max: 10_000, bytes_max: 16 << 20, wait_max: Duration::from_millis(100) };
        let (sent, stop) = (SentPayments::default(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            let sending = scope.spawn(|| self.feed(live, rate, count, &sent, || stop.load(Ordering::Relaxed), all_begun));
            let mut watch = || -> anyhow::Result<Live> {
                let mut latency = Histogram::<u64>::new_with_bounds(1, 600_000_000, 3)?;
                let (patience, mut begun) = (Instant::now() + RUN_MAX, None);
                while latency.len() < count as u64 {
                    if Instant::now() > patience || sending.is_finished() && sent.none_waits() {
                        bail!("not all decisions came in {} s", RUN_MAX.as_secs());
                    }
                    for record in log.poll(limits)? {
                        // A decision has the key of its payment, here the number.
                        let number = std::str::from_utf8(record.key.as_deref().unwrap_or_default())?.parse().unwrap_or(usize::MAX);
                        if let Some(Sent { at, counts: true }) = sent.decided(number) {
                            begun.get_or_insert(at);
                            latency.saturating_record(at.elapsed().as_micros() as u64);
                        }
                    }
                }
                let took = begun.map_or(f64::INFINITY, |begun| begun.elapsed().as_secs_f64());
                Ok(Live { per_second: count as f64 / took, latency })
            };
            let measured = watch();
            stop.store(true, Ordering::Relaxed);
            sending.join().map_err(|_| anyhow::anyhow!("the sender died"))??;
            measured
        })
    }

    /// Sends a payment now and then until every lane has work, then at the rate; the first [`WARM_UP`] of that does not count.
    fn feed(
        &self,
        topic: &Arc<str>,
        rate: f64,
        count: usize,
        sent: &SentPayments,
        is_stopped: impl Fn() -> bool,
        all_begun: impl Fn() -> bool,
    ) -> anyhow::Result<()> {
        let publisher = KafkaPublisher::connect(&self.kafka)?;
        let warming = if rate.is_finite() { (rate * WARM_UP.as_secs_f64()) as usize } else { 0 };
        let (start, mut number, mut steady) = (Instant::now(), 0, None);
        while !is_stopped() {
            if steady.is_none() && all_begun() && sent.none_waits() {
                steady = Some((Instant::now(), number));
            }
            let (due, counts_from, end) = match steady {
                None => (start.elapsed().as_millis() as usize / 20, usize::MAX, usize::MAX),
                Some((since, first)) => {
                    let end = first + warming + count;
                    ((first as f64 + since.elapsed().as_secs_f64() * rate) as usize, first + warming, end)
                }
            };
            for number in number..due.min(end) {
                let at = number % (self.parties.len() / 2);
                sent.sends(number, Sent { at: Instant::now(), counts: number >= counts_from });
                publisher.send(&self.payment(topic, number, [2 * at, 2 * at + 1]))?;
            }
            number = number.max(due.min(end));
            if number == end {
                return Ok(publisher.flush(RUN_MAX)?);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// A payment on its way.
#[derive(Debug, Clone, Copy)]
struct Sent {
    at: Instant,
    /// Whether it is measured.
    counts: bool,
}

/// Payments on their way, by number.
#[derive(Debug, Default)]
struct SentPayments(Mutex<HashMap<usize, Sent>>);

impl SentPayments {
    fn sends(&self, number: usize, payment: Sent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number, payment);
    }

    fn decided(&self, number: usize) -> Option<Sent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&number)
    }

    fn none_waits(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}
