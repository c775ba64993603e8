//! Crashes, aborts, rebalances and lost answers by the thousand. The checker knows the promises, not the worker's code.

use crate::support::{LISTED, event, json_of, list_record, listed_index, rules};
use hitstream::bus::simulation::{Cluster, Faults, SimulatedBus, SimulatedLog};
use hitstream::bus::{Bus, BusError, InputRecord, LogStart, NextOffsets, OutputRecord, PollLimits};
use hitstream::index::{AlertIndex, FeedPosition, IndexError, SnapshotSource};
use hitstream::metrics::Metrics;
use hitstream::model::{EventKind, Policy, WhenStale};
use hitstream::screening::Screener;
use hitstream::worker::{
    AlertFeed, BatchRules, EventRules, FeedLimits, Freshness, Lane, LaneParts, List, RouteKind, StartPlan, plan_start, process_batch,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const LIMITS: PollLimits = PollLimits { records_max: 5, bytes_max: 1 << 20, wait_max: Duration::ZERO };
const FAULTS: Faults = Faults { crash: 30, abort: 40, rebalance: 60, lost_answer: 30, slow: 100 };
const EVENTS: usize = 40;
const PARTITIONS: i32 = 3;
/// More steps than any schedule needs once it has calmed down.
const STEPS_MAX: usize = 5000;

fn schedules() -> u64 {
    std::env::var("HITSTREAM_SCHEDULES").ok().and_then(|text| text.parse().ok()).unwrap_or(2000)
}

fn topic(name: &str) -> Arc<str> {
    Arc::from(name)
}

fn fill(cluster: &Cluster, events: usize) {
    for number in 0..events {
        let (key, value) = event(number);
        cluster.append(&topic("transactions"), number as i32 % PARTITIONS, key.as_bytes(), Some(&value));
    }
    cluster.append(&topic("alerts"), 0, b"test/x", Some(b"rubbish"));
}

fn lane_parts(snapshots: &SnapshotSource, freshness: Freshness, rules: &Arc<BatchRules>) -> LaneParts {
    let (snapshots, rules, metrics) = (snapshots.clone(), Arc::clone(rules), Arc::new(Metrics::default()));
    LaneParts { snapshots, freshness, rules, limits: LIMITS, unreadable_max: 0, metrics }
}

/// Runs lanes on the cluster until every record is committed. The clock runs, and jumps by an hour, ahead or back; the list is behind
/// after a jump ahead, until its feed comes round.
fn drain<B: Bus>(
    cluster: &Cluster,
    snapshots: &SnapshotSource,
    rules: &Arc<BatchRules>,
    connect: impl Fn(&Cluster, &str, &[Arc<str>]) -> B,
) -> Result<(), String> {
    let topics: Vec<Arc<str>> = rules.routes.iter().map(|route| Arc::clone(&route.topic)).collect();
    let (freshness, mut now_ms) = (Freshness::within(Duration::from_secs(60)), 0);
    let parts = lane_parts(snapshots, freshness.clone(), rules);
    let start = |number: usize| Lane::new(connect(cluster, &format!("lane-{number}"), &topics), parts.clone());
    let mut lanes: Vec<Lane<B>> = (0..3).map(start).collect();
    for step in 0..STEPS_MAX {
        if cluster.is_drained(&topics) {
            return Ok(());
        }
        if step == STEPS_MAX / 2 {
            cluster.calm_down();
        }
        now_ms += 1000;
        if step < STEPS_MAX / 2 {
            now_ms += [3_600_000, -3_600_000, 0][cluster.choose(60).min(2)];
        }
        if step >= STEPS_MAX / 2 || cluster.choose(4) == 0 {
            freshness.was_whole(now_ms);
        }
        let number = cluster.choose(lanes.len());
        // A lane that died is started again under its own name.
        if lanes[number].step(|| now_ms).is_err() {
            lanes[number] = start(number);
        }
    }
    Err(format!("not drained after {STEPS_MAX} steps"))
}

/// What must be there, computed without any bus: one decision for each input, hits and dead letters by id.
fn expected(cluster: &Cluster, snapshots: &SnapshotSource, rules: &BatchRules) -> BTreeMap<String, Vec<String>> {
    let mut outputs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for input in ["transactions", "alerts"] {
        for record in cluster.read(input, true) {
            let result =
                process_batch(std::slice::from_ref(&record), &List::fresh(&snapshots.newest()), rules, &mut Screener::default(), 0)
                    .unwrap();
            for output in result.outputs {
                outputs.entry(output.topic.to_string()).or_default().push(identity(&output.topic, &json_of(output.value.as_deref())));
            }
        }
    }
    outputs.values_mut().for_each(|list| list.sort());
    outputs
}

/// What makes an output the same output: hit id, or the place of its event and the decision.
fn identity(topic: &str, body: &Value) -> String {
    match topic {
        "hits" => body["hit_id"].to_string(),
        "decisions" => format!("{}/{} {} {}", body["event"]["partition"], body["event"]["offset"], body["decision"], body["hit_ids"]),
        _ => format!("{}/{}/{} {}", body["source"]["topic"], body["source"]["partition"], body["source"]["offset"], body["reason"]),
    }
}

/// The promises: every output exactly once, nothing else, and decisions of one key in the order of its events.
fn check(cluster: &Cluster, expected: &BTreeMap<String, Vec<String>>) -> Result<(), String> {
    for output in ["hits", "decisions", "dead-letters"] {
        let records = cluster.read(output, true);
        let mut found: Vec<String> = records.iter().map(|record| identity(output, &json_of(record.value.as_deref()))).collect();
        found.sort();
        let wanted = expected.get(output).cloned().unwrap_or_default();
        if found != wanted {
            return Err(format!("{output}: {} found, {} expected", found.len(), wanted.len()));
        }
        if records.iter().any(|record| record.headers.iter().all(|(name, _)| name != "traceparent")) {
            return Err(format!("{output}: a header was lost"));
        }
    }
    let mut last: BTreeMap<(Option<Vec<u8>>, i64), i64> = BTreeMap::new();
    for record in cluster.read("decisions", true) {
        let body = json_of(record.value.as_deref());
        if body.get("list_stale").is_some() {
            return Err(format!("decided on a list that was behind: {body}"));
        }
        let (partition, offset) = (body["event"]["partition"].as_i64().unwrap(), body["event"]["offset"].as_i64().unwrap());
        if last.insert((record.key.clone(), partition), offset).is_some_and(|before| before > offset) {
            return Err(format!("decisions of a key are out of order at {partition}/{offset}"));
        }
    }
    Ok(())
}

/// All that a run follows from.
#[derive(Debug, Clone, Copy)]
struct Schedule {
    seed: u64,
    faults: Faults,
    events: usize,
}

impl Schedule {
    fn of(seed: u64) -> Self {
        Self { seed, faults: FAULTS, events: EVENTS }
    }

    /// The same with one thing less.
    fn simpler(self) -> impl Iterator<Item = Self> {
        let Faults { crash, abort, rebalance, lost_answer, slow } = self.faults;
        let without = [
            (crash, Faults { crash: 0, ..self.faults }),
            (abort, Faults { abort: 0, ..self.faults }),
            (rebalance, Faults { rebalance: 0, ..self.faults }),
            (lost_answer, Faults { lost_answer: 0, ..self.faults }),
            (slow, Faults { slow: 0, ..self.faults }),
        ];
        let fewer = [self.events / 2, self.events - 1].map(|events| Self { events, ..self });
        let calmer = without.into_iter().filter(|(rate, _)| *rate > 0).map(move |(_, faults)| Self { faults, ..self });
        fewer.into_iter().filter(|schedule| schedule.events > 0).chain(calmer)
    }

    /// A schedule that still breaks a promise, of which nothing can be left out.
    fn shrunk(self, play: &dyn Fn(Self) -> Result<(), String>) -> Self {
        self.simpler().find(|simpler| play(*simpler).is_err()).map_or(self, |simpler| simpler.shrunk(play))
    }
}

fn play<B: Bus>(schedule: Schedule, snapshots: &SnapshotSource, connect: impl Fn(&Cluster, &str, &[Arc<str>]) -> B) -> Result<(), String> {
    let rules = Arc::new(rules("transactions", "customers", "alerts"));
    let cluster = Cluster::new(schedule.seed, schedule.faults);
    fill(&cluster, schedule.events);
    let expected = expected(&cluster, snapshots, &rules);
    drain(&cluster, snapshots, &rules, connect)?;
    check(&cluster, &expected)
}

#[test]
fn every_schedule_ends_with_exactly_one_decision_for_each_record() {
    let (_index, snapshots) = listed_index();
    let play = |schedule| play(schedule, &snapshots, SimulatedBus::connect);
    for seed in 0..schedules() {
        if let Err(broken) = play(Schedule::of(seed)) {
            panic!("seed {seed}: {broken}; as small as it gets: {:?}", Schedule::of(seed).shrunk(&play));
        }
    }
}

/// A bus whose commits are tampered with.
struct TamperedBus<F>(SimulatedBus, F);

impl<F: FnMut(&mut SimulatedBus, &[OutputRecord], &NextOffsets) -> Result<(), BusError>> Bus for TamperedBus<F> {
    fn poll(&mut self, limits: PollLimits) -> Result<Vec<InputRecord>, BusError> {
        self.0.poll(limits)
    }
    fn commit(&mut self, outputs: &[OutputRecord], next: &NextOffsets) -> Result<(), BusError> {
        (self.1)(&mut self.0, outputs, next)
    }
    fn rewind(&mut self) -> Result<(), BusError> {
        self.0.rewind()
    }
    fn hold(&mut self, topics: &[Arc<str>]) {
        self.0.hold(topics);
    }
    fn wait(&mut self, time: Duration) -> Result<(), BusError> {
        self.0.wait(time)
    }
}

/// Payments of a thousand listed parties each, and a poll that takes them all: their outputs are too many for one commit.
const LARGE_EVENTS: usize = 30;
const LARGE_LIMITS: PollLimits = PollLimits { records_max: LARGE_EVENTS, bytes_max: 1 << 30, wait_max: Duration::ZERO };

fn large_events() -> Cluster {
    let cluster = Cluster::new(7, Faults::default());
    let parties: Vec<Value> = (0..1000).map(|_| serde_json::json!({"name": LISTED[0].1})).collect();
    for number in 0..LARGE_EVENTS {
        let event = serde_json::json!({"id": format!("t{number}"), "parties": parties}).to_string();
        cluster.append(&topic("transactions"), 0, b"k", Some(event.as_bytes()));
    }
    cluster
}

/// Few bytes of events may make many bytes of hits: they are committed in parts, none lost, none twice, also when parts are aborted.
#[test]
fn a_batch_whose_outputs_are_many_is_committed_in_parts() {
    let (_index, snapshots) = listed_index();
    let rules = Arc::new(rules("transactions", "customers", "alerts"));
    let cluster = large_events();
    let parts = LaneParts { limits: LARGE_LIMITS, ..lane_parts(&snapshots, Freshness::always(), &rules) };
    let given: std::cell::RefCell<Vec<usize>> = Default::default();
    let every_second_is_refused = |bus: &mut SimulatedBus, outputs: &[OutputRecord], next: &NextOffsets| {
        let mut given = given.borrow_mut();
        given.push(outputs.iter().map(OutputRecord::bytes).sum());
        if given.len().is_multiple_of(2) { Err(BusError::Aborted("every second one".to_owned())) } else { bus.commit(outputs, next) }
    };
    let bus = SimulatedBus::connect(&cluster, "lane", &[topic("transactions")]);
    let mut lane = Lane::new(TamperedBus(bus, every_second_is_refused), parts);
    for _ in 0..100 {
        lane.step(|| 0).unwrap();
    }
    let ids: std::collections::BTreeSet<String> =
        cluster.read("hits", true).iter().map(|record| json_of(record.value.as_deref())["hit_id"].to_string()).collect();
    assert_eq!(
        (cluster.read("decisions", true).len(), cluster.read("hits", true).len(), ids.len()),
        (LARGE_EVENTS, 1000 * LARGE_EVENTS, 1000 * LARGE_EVENTS)
    );
    let given = given.borrow();
    assert!(given.len() > 2 && given.iter().all(|&bytes| bytes < 24 << 20), "{given:?}");
}

/// Negative control: a bus that forgets to send some offsets doubles outputs, and the checker must see it.
#[test]
fn a_bus_that_forgets_offsets_is_caught() {
    let (_index, snapshots) = listed_index();
    let forgetful = |cluster: &Cluster, id: &str, topics: &[Arc<str>]| {
        let (mut commits, none) = (0, NextOffsets::new());
        TamperedBus(
            SimulatedBus::connect(cluster, id, topics),
            move |bus: &mut SimulatedBus, outputs: &[OutputRecord], next: &NextOffsets| {
                commits += 1;
                bus.commit(outputs, if commits == 2 { &none } else { next })
            },
        )
    };
    let play = |schedule| play(schedule, &snapshots, forgetful);
    let caught: Vec<u64> = (0..20).filter(|&seed| play(Schedule::of(seed)).is_err()).collect();
    assert!(caught.len() > 10, "caught {} of 20", caught.len());
    // And what is shown of it is small: a few events, most faults switched off.
    let shown = Schedule::of(caught[0]).shrunk(&play);
    let Faults { crash, abort, rebalance, lost_answer, slow } = shown.faults;
    let left = [crash, abort, rebalance, lost_answer, slow].iter().filter(|rate| **rate > 0).count();
    assert!(play(shown).is_err() && shown.events < EVENTS && left <= 2, "{shown:?}");
}

#[test]
fn a_reader_of_uncommitted_records_sees_more_than_was_promised() {
    let (_index, snapshots) = listed_index();
    let rules = Arc::new(rules("transactions", "customers", "alerts"));
    let cluster = Cluster::new(1, FAULTS);
    fill(&cluster, EVENTS);
    drain(&cluster, &snapshots, &rules, SimulatedBus::connect).unwrap();
    assert!(cluster.read("decisions", false).len() > cluster.read("decisions", true).len());
}

/// While the list is stale, topics whose policy waits are left where they are, the others are decided and say so.
#[test]
fn a_stale_list_holds_the_topics_that_wait_and_marks_the_decisions_of_the_others() {
    let (_index, snapshots) = listed_index();
    let mut rules = rules("transactions", "customers", "alerts");
    let go_on = Policy { when_stale: WhenStale::GoOn, ..Policy::default() };
    rules.routes[1].kind = RouteKind::Event(EventRules::plain(EventKind::Customer, go_on));
    let rules = Arc::new(rules);
    let cluster = Cluster::new(1, Faults::default());
    fill(&cluster, EVENTS);
    cluster.append(&topic("customers"), 0, b"c", Some(br#"{"id":"c","party":{"name":"Clara Brandvold"}}"#));
    let topics: Vec<Arc<str>> = rules.routes.iter().map(|route| Arc::clone(&route.topic)).collect();
    let freshness = Freshness::within(Duration::from_secs(60));
    freshness.was_whole(1_000);
    let mut lane = Lane::new(SimulatedBus::connect(&cluster, "lane", &topics), lane_parts(&snapshots, freshness.clone(), &rules));
    for _ in 0..50 {
        lane.step(|| 100_000).unwrap();
    }
    let decided = |topic: &str| {
        let of_topic = |body: &Value| body["event"]["topic"] == topic;
        cluster.read("decisions", true).iter().map(|record| json_of(record.value.as_deref())).filter(of_topic).collect::<Vec<_>>()
    };
    assert_eq!((decided("transactions").len(), decided("customers").len()), (0, 1));
    assert_eq!(decided("customers")[0]["list_stale"], true);
    freshness.was_whole(100_000);
    for _ in 0..50 {
        lane.step(|| 100_000).unwrap();
    }
    assert_eq!(decided("transactions").len(), EVENTS);
    assert!(decided("transactions").iter().all(|body| body.get("list_stale").is_none()));
}

/// A poll that is worked off in parts is given up when the list becomes stale between two of them.
#[test]
fn what_is_left_of_a_poll_waits_too_when_the_list_becomes_stale() {
    let (_index, snapshots) = listed_index();
    let rules = Arc::new(rules("transactions", "customers", "alerts"));
    let cluster = large_events();
    let freshness = Freshness::within(Duration::from_secs(60));
    let parts = LaneParts { limits: LARGE_LIMITS, ..lane_parts(&snapshots, freshness.clone(), &rules) };
    let mut lane = Lane::new(SimulatedBus::connect(&cluster, "lane", &[topic("transactions")]), parts);
    freshness.was_whole(0);
    lane.step(|| 0).unwrap();
    let decided = || cluster.read("decisions", true).len();
    let first = decided();
    for _ in 0..5 {
        lane.step(|| 100_000).unwrap();
    }
    assert!(first > 0 && first < LARGE_EVENTS && decided() == first, "{first}, {}", decided());
    freshness.was_whole(100_000);
    for _ in 0..5 {
        lane.step(|| 100_000).unwrap();
    }
    let stale =
        cluster.read("decisions", true).iter().filter(|record| json_of(record.value.as_deref()).get("list_stale").is_some()).count();
    assert_eq!((decided(), stale), (LARGE_EVENTS, 0));
}

/// A producer that changed its schema stops the lane before its topic is drained into the dead letters.
#[test]
fn a_burst_of_unreadable_events_stops_the_lane_where_asked_for() {
    let (_index, snapshots) = listed_index();
    let rules = Arc::new(rules("transactions", "customers", "alerts"));
    let run = |unreadable_max: u64| {
        let cluster = Cluster::new(1, Faults::default());
        (0..100).for_each(|number: usize| cluster.append(&topic("transactions"), 0, b"k", Some(if number < 50 { b"{}" } else { b"[]" })));
        let topics = [topic("transactions")];
        let parts = LaneParts { unreadable_max, ..lane_parts(&snapshots, Freshness::always(), &rules) };
        let mut lane = Lane::new(SimulatedBus::connect(&cluster, "lane", &topics), parts);
        let ended = (0..50).find_map(|_| lane.step(|| 0).err()).map(|error| error.to_string());
        (ended, cluster.read("dead-letters", true).len())
    };
    assert_eq!(run(0), (None, 100));
    let (ended, dead_letters) = run(20);
    let ended = ended.unwrap();
    assert!(ended.contains("of topic transactions") && ended.contains("worker.unreadable_max"), "{ended}");
    // Batches hold five records here: the one that goes over the limit is not committed.
    assert_eq!(dead_letters, 20);
}

/// Opens an index that this process had open. A program that another test is just starting holds its lock, too, until it has begun.
fn open_again(folder: &std::path::Path) -> (AlertIndex, Option<FeedPosition>) {
    let format = FeedPosition::current_format(&hitstream::alerts::fingerprint());
    for _ in 0..500 {
        match AlertIndex::open(folder, &format) {
            Err(IndexError::InUse(_)) => std::thread::sleep(Duration::from_millis(10)),
            opened => return opened.unwrap(),
        }
    }
    panic!("the index is in use");
}

/// The feed, killed at any poll, ends with what the topic says and with a position that fits it.
#[test]
fn the_alert_feed_survives_crashes_at_every_step() {
    for seed in 0..60 {
        let cluster = Cluster::new(seed, Faults { crash: 150, slow: 300, ..Faults::default() });
        let alerts = topic("alerts");
        for round in 0..3 {
            for number in 0..8 {
                let id = format!("{number}");
                let key = format!("test/{id}");
                let record = list_record(&id, &[&format!("Person Number{number} Round{round}")]).to_string();
                let withdrawn = round == 2 && number % 2 == 0;
                cluster.append(&alerts, 0, key.as_bytes(), (!withdrawn).then_some(record.as_bytes()));
            }
        }
        cluster.append(&alerts, 0, b"test/x", Some(b"rubbish"));
        let folder = tempfile::tempdir().unwrap();
        let mut restarts = 0;
        let snapshot = loop {
            if restarts > 30 {
                cluster.calm_down();
            }
            restarts += 1;
            let (mut index, position) = open_again(folder.path());
            let state = cluster.topic_state("alerts");
            let (start, position) = match plan_start(position.as_ref(), &state, 0, Duration::from_secs(3600)) {
                StartPlan::Continue(start) => (start, position.unwrap()),
                StartPlan::Rebuild(_) => {
                    index.clear().unwrap();
                    let fresh = FeedPosition {
                        format: FeedPosition::current_format(&hitstream::alerts::fingerprint()),
                        topic: state.identity.clone(),
                        ..Default::default()
                    };
                    (LogStart::Beginning, fresh)
                }
                StartPlan::Refuse(reason) => panic!("{reason}"),
            };
            let limits = FeedLimits {
                lag_max: Duration::from_secs(60),
                seal_interval: Duration::ZERO,
                poll: PollLimits { records_max: 4, ..LIMITS },
            };
            let mut feed =
                AlertFeed::new(SimulatedLog::open(&cluster, &state, &start), index, position, limits, Arc::new(Metrics::default()));
            let ended = (0..200).find_map(|_| match feed.step(0) {
                Ok(()) if feed.is_caught_up() => Some(Ok(feed.snapshots().newest())),
                Ok(()) => None,
                Err(error) => Some(Err(error)),
            });
            if let Some(Ok(snapshot)) = ended {
                break snapshot;
            }
        };
        assert_eq!(snapshot.entity_count(), 4, "seed {seed}");
        assert_eq!(snapshot.version().position, "0:25", "seed {seed}");
    }
}
