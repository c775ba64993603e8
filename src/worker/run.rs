//! Starts the threads of a worker on Kafka, watches them, and stops them in order.

use super::batch::BatchRules;
use super::feed::{AlertFeed, FeedError, FeedLimits, StartPlan, plan_start};
use super::lane::{Lane, LaneError, LaneParts, Step};
use super::status::Status;
use super::topics::when_reachable;
use crate::bus::kafka::{Isolation, KafkaBus, KafkaConfig, KafkaError, KafkaTopicLog, topic_state};
use crate::bus::{BusError, LogStart, PollLimits, TopicState};
use crate::did_you_mean;
use crate::index::{AlertIndex, FeedPosition, IndexError, Snapshot};
use crate::metrics::{Metrics, PartitionLabel};
use crate::shutdown::StopSignal;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A lane whose client fails more often than this within the window stops the worker.
const LANE_FAILURES_MAX: usize = 3;
const LANE_FAILURES_WINDOW: Duration = Duration::from_secs(60);
/// No step takes so long, a commit and an abort against a broker that is away included: the client has not come back.
const STEP_MAX: Duration = Duration::from_secs(15 * 60);
/// How often a lane that may not join yet tries.
const LANE_PAUSE: Duration = Duration::from_secs(2);

/// Why a worker could not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Kafka.
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The feed.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The index cannot be written any more.
    #[error("index folder {0}: {1}: make room on its disk or mend it; the folder can be deleted, it is rebuilt from the alert topic")]
    IndexFolder(String, IndexError),
    /// A lane.
    #[error("lane {0}: {1}")]
    Lane(usize, LaneError),
    /// The index does not fit the topic, and must not be rebuilt without being asked.
    #[error("{0}")]
    Refused(String),
    /// The system gives no thread.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// A defect of the program.
    #[error("{0} stopped by a defect; please report it with the lines above")]
    Panicked(&'static str),
}

/// What a worker is made of.
#[derive(Debug, Clone)]
pub struct WorkerParts {
    /// The broker.
    pub kafka: KafkaConfig,
    /// The alert topic.
    pub alert_topic: String,
    /// Where the index lies.
    pub index_dir: PathBuf,
    /// Start with an empty list.
    pub allow_empty: bool,
    /// The alert topic's `delete.retention.ms`.
    pub tombstones_kept: Duration,
    /// Settings of the feed.
    pub feed: FeedLimits,
    /// Lanes of this worker.
    pub lanes: usize,
    /// What one batch may hold.
    pub batch: PollLimits,
    /// So many unreadable events of 1,000 of a topic stop the worker; 0 = none do.
    pub unreadable_max: u64,
    /// What a batch needs.
    pub rules: Arc<BatchRules>,
}

/// A running worker.
pub struct Worker {
    stop: StopSignal,
    status: Status,
    metrics: Arc<Metrics>,
    threads: Vec<(&'static str, JoinHandle<Result<(), WorkerError>>)>,
}

impl Worker {
    /// Opens the index and starts all threads, on topics that were checked ([`WorkerParts::wait_for_topics`]). Waits for a broker as
    /// long as it takes, unless stopped; meanwhile `status` says so.
    ///
    /// # Errors
    /// When the alert topic is missing, settings are refused or the index cannot be used.
    pub fn start(parts: &WorkerParts, status: &Status, metrics: &Arc<Metrics>, stop: &StopSignal) -> Result<Self, WorkerError> {
        let state = when_reachable(stop, || Ok(topic_state(&parts.kafka, &parts.alert_topic)?))?;
        let feed = open_feed(parts, &state, metrics)?;
        let (snapshots, freshness) = (feed.snapshots(), feed.freshness());
        status.set_source(snapshots.clone(), freshness.clone());
        let lane_parts = LaneParts {
            snapshots,
            freshness,
            rules: Arc::clone(&parts.rules),
            limits: parts.batch,
            unreadable_max: parts.unreadable_max,
            metrics: Arc::clone(metrics),
        };
        let mut worker = Self { stop: stop.clone(), status: status.clone(), metrics: Arc::clone(metrics), threads: Vec::new() };
        let (feed_parts, feed_stop, feed_status, feed_metrics) = (parts.clone(), stop.clone(), status.clone(), Arc::clone(metrics));
        worker.spawn("feed", "feed".to_owned(), move || run_feed(feed, &feed_parts, &feed_status, &feed_metrics, &feed_stop))?;
        for number in 0..parts.lanes {
            let (parts, lane_parts, status, stop) = (parts.clone(), lane_parts.clone(), status.clone(), stop.clone());
            worker.spawn("lane", format!("lane-{number}"), move || run_lane(number, &parts, &lane_parts, &status, &stop))?;
        }
        Ok(worker)
    }

    fn spawn(
        &mut self,
        part: &'static str,
        name: String,
        body: impl FnOnce() -> Result<(), WorkerError> + Send + 'static,
    ) -> Result<(), WorkerError> {
        let thread = std::thread::Builder::new().name(name).spawn(body).map_err(WorkerError::Thread)?;
        self.threads.push((part, thread));
        Ok(())
    }

    /// What it says of itself.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What it counts.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// True when a part has ended although nobody asked it to, or has not come back from the Kafka client for 15 minutes.
    pub fn has_failed(&self) -> bool {
        if self.stop.is_requested() {
            return false;
        }
        if let Some(lane) = self.status.lane_stuck_for(STEP_MAX) {
            tracing::error!(lane, "a lane has been in one step for 15 minutes: its client does not come back, only a new process helps");
            return true;
        }
        self.threads.iter().any(|(_, thread)| thread.is_finished())
    }

    /// Asks every part to finish its batch and end, and waits for it. `Ok(false)` when they did not end in time.
    ///
    /// # Errors
    /// The first failure of a part.
    pub fn stop(self, grace: Duration) -> Result<bool, WorkerError> {
        self.stop.request();
        let deadline = Instant::now() + grace;
        while self.threads.iter().any(|(_, thread)| !thread.is_finished()) {
            if Instant::now() > deadline {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let mut first = Ok(true);
        for (part, thread) in self.threads {
            let ended = thread.join().unwrap_or(Err(WorkerError::Panicked(part)));
            if first.is_ok() {
                first = ended.map(|()| true);
            }
        }
        first
    }
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64)
}

fn open_feed(parts: &WorkerParts, state: &TopicState, metrics: &Arc<Metrics>) -> Result<AlertFeed<KafkaTopicLog>, WorkerError> {
    let (mut index, position) = AlertIndex::open(&parts.index_dir, &FeedPosition::current_format(&crate::alerts::fingerprint()))?;
    let fresh = FeedPosition {
        format: FeedPosition::current_format(&crate::alerts::fingerprint()),
        topic: state.identity.clone(),
        next_offsets: state.offsets.iter().map(|(&partition, &(first, _))| (partition, first)).collect(),
        ..FeedPosition::default()
    };
    let (start, position) = match plan_start(position.as_ref(), state, now_ms(), parts.tombstones_kept) {
        StartPlan::Continue(start) => (start, position.unwrap_or(fresh)),
        StartPlan::Rebuild(reason) => {
            tracing::info!(reason, "building the index from the beginning of the alert topic");
            index.clear()?;
            (LogStart::Beginning, fresh)
        }
        StartPlan::Refuse(reason) => return Err(WorkerError::Refused(reason)),
    };
    let log = KafkaTopicLog::open(&parts.kafka, state, &start, Isolation::ReadCommitted)?;
    Ok(AlertFeed::new(log, index, position, parts.feed, Arc::clone(metrics)))
}

fn run_feed(
    mut feed: AlertFeed<KafkaTopicLog>,
    parts: &WorkerParts,
    status: &Status,
    metrics: &Metrics,
    stop: &StopSignal,
) -> Result<(), WorkerError> {
    let mut announced = false;
    while !stop.is_requested() {
        feed.step(now_ms()).map_err(|error| match error {
            FeedError::Index(error) => WorkerError::IndexFolder(parts.index_dir.display().to_string(), error),
            FeedError::Bus(_) => error.into(),
        })?;
        let snapshot = feed.snapshots().newest();
        metrics.list_age_seconds.set((now_ms() - snapshot.sealed_at_ms()).max(0) / 1000);
        if feed.is_caught_up() && !announced {
            if snapshot.entity_count() > 0 || parts.allow_empty {
                warn_of_unknown_lists(&parts.rules, &snapshot)?;
                tracing::info!(entities = snapshot.entity_count(), names = snapshot.name_count(), version = %snapshot.version(), "the list is ready");
                status.set_list(None);
                announced = true;
            } else {
                status.set_list(Some("alerts: the alert topic is empty; publish a list, or set alerts.allow_empty = true".to_owned()));
            }
        }
    }
    Ok(())
}

/// A list that a policy names and the alert topic does not have is most often misspelt: everybody would be clear of it.
fn warn_of_unknown_lists(rules: &BatchRules, snapshot: &Snapshot) -> Result<(), IndexError> {
    let lists = snapshot.lists()?;
    let known: Vec<&str> = lists.keys().map(String::as_str).collect();
    for (policy, list) in rules.unknown_lists(&known) {
        let nearest = did_you_mean(&list, &known);
        tracing::warn!(
            policy,
            list,
            "a policy names a list of which the alert topic holds nothing: nobody is screened against it{nearest}"
        );
    }
    Ok(())
}

/// False when asked to stop first.
fn wait_for_list(status: &Status, stop: &StopSignal) -> bool {
    while !status.list_is_ready() {
        if stop.is_requested() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// A lane whose client is of no more use connects anew: all it knows stands in Kafka. One that Kafka took for its own twin, because
/// the coordinator of its group moved, then goes on; of two workers with one name the older is fenced again and again, and stops.
fn run_lane(number: usize, parts: &WorkerParts, lane_parts: &LaneParts, status: &Status, stop: &StopSignal) -> Result<(), WorkerError> {
    if !wait_for_list(status, stop) {
        return Ok(());
    }
    let topics: Vec<Arc<str>> = parts.rules.routes.iter().map(|route| Arc::clone(&route.topic)).collect();
    let mut failures: Vec<Instant> = Vec::new();
    loop {
        let bus = match KafkaBus::connect(&parts.kafka, number, &topics, status.lags(), &|| stop.is_requested()) {
            Err(KafkaError::Stopped) => return Ok(()),
            connected => connected?,
        };
        status.update_lane(number, |lane| (lane.running, lane.began_at) = (true, None));
        let ended = work(Lane::new(bus, lane_parts.clone()), number, status, stop);
        status.update_lane(number, |lane| lane.running = false);
        failures.retain(|failure| failure.elapsed() < LANE_FAILURES_WINDOW);
        match ended {
            Err(LaneError::Bus(error @ BusError::NotYet(_))) => {
                tracing::warn!(lane = number, %error, "trying again every {} s", LANE_PAUSE.as_secs());
                pause(LANE_PAUSE, stop);
            }
            Err(LaneError::Bus(error)) if failures.len() < LANE_FAILURES_MAX => {
                tracing::warn!(lane = number, %error, "the client of a lane is of no more use; connecting anew");
                failures.push(Instant::now());
                pause(Duration::from_secs(1), stop);
            }
            ended => return ended.map_err(|error| WorkerError::Lane(number, error)),
        }
    }
}

fn pause(time: Duration, stop: &StopSignal) {
    let end = Instant::now() + time;
    while !stop.is_requested() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn work(mut lane: Lane<KafkaBus>, number: usize, status: &Status, stop: &StopSignal) -> Result<(), LaneError> {
    while !stop.is_requested() {
        status.update_lane(number, |lane| lane.began_at = Some(Instant::now()));
        match lane.step(now_ms)? {
            Step::Idle => {}
            Step::Committed(records) => status.update_lane(number, |lane| lane.records += records as u64),
            Step::Aborted => {
                status.update_lane(number, |lane| lane.aborted += 1);
                lane.wait(lane.backoff())?;
            }
        }
    }
    Ok(())
}

impl Worker {
    /// Brings gauges that nobody pushes up to date, and renders all metrics.
    pub fn metrics_text(status: &Status, metrics: &Metrics) -> String {
        for (place, lag) in status.report().lag {
            if let Some((topic, partition)) = place.rsplit_once('/') {
                let label = PartitionLabel { topic: topic.to_owned(), partition: partition.parse().unwrap_or(-1) };
                metrics.lag.get_or_create(&label).set(lag);
            }
        }
        metrics.text()
    }
}
