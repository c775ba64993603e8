//! The configuration file: as written ([`RawConfig`]) -> checked ([`Config`]). Every key is explained in
//! `config/hitstream.toml`; an unknown key is an error that names its line.

use crate::bus::PollLimits;
use crate::bus::kafka::RawKafkaConfig;
use crate::did_you_mean;
use crate::model::{EventKind, Policy};
use crate::worker::{BatchRules, FeedLimits, OutputTopics, Route, RouteKind, WorkerParts};
use inputs::{RawInput, RawPolicy, policies};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

mod inputs;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("configuration {file}: {reason}")]
pub struct ConfigError {
    file: String,
    reason: String,
}

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConfig {
    kafka: RawKafkaConfig,
    #[serde(default)]
    alerts: RawAlerts,
    #[serde(default = "default_inputs")]
    inputs: Vec<RawInput>,
    #[serde(default)]
    outputs: RawOutputs,
    #[serde(default)]
    worker: RawWorker,
    #[serde(default)]
    policy: RawPolicy,
    #[serde(default)]
    policies: BTreeMap<String, RawPolicy>,
    #[serde(default)]
    ops: RawOps,
    /// The file's text, for the fingerprint.
    #[serde(skip)]
    text: String,
    /// The file, for errors.
    #[serde(skip)]
    file: String,
    /// Where the file stands: mapping files are named beside it.
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawAlerts {
    topic: String,
    index_dir: PathBuf,
    allow_empty: bool,
    seal_interval_ms: u64,
    rebuild_after_hours: u64,
    lag_max_ms: u64,
}

impl Default for RawAlerts {
    fn default() -> Self {
        Self {
            topic: "alerts".to_owned(),
            index_dir: "data/index".into(),
            allow_empty: false,
            seal_interval_ms: 200,
            rebuild_after_hours: 24,
            lag_max_ms: 60_000,
        }
    }
}

fn default_inputs() -> Vec<RawInput> {
    vec![RawInput::plain("transactions", EventKind::Transaction), RawInput::plain("customers", EventKind::Customer)]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawOutputs {
    hits: String,
    decisions: String,
    dead_letters: String,
}

impl Default for RawOutputs {
    fn default() -> Self {
        Self { hits: "hits".to_owned(), decisions: "decisions".to_owned(), dead_letters: "dead-letters".to_owned() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawWorker {
    lanes: usize,
    batch_records_max: usize,
    batch_bytes_max: usize,
    poll_wait_ms_max: u64,
    shutdown_grace_ms: u64,
    unreadable_max: u64,
}

impl Default for RawWorker {
    fn default() -> Self {
        Self {
            lanes: 2,
            batch_records_max: 1000,
            batch_bytes_max: 4 << 20,
            poll_wait_ms_max: 100,
            shutdown_grace_ms: 20_000,
            unreadable_max: 0,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawOps {
    listen: String,
}

impl Default for RawOps {
    fn default() -> Self {
        Self { listen: "127.0.0.1:9600".to_owned() }
    }
}

/// A configuration that can be used.
#[derive(Debug)]
pub struct Config {
    /// What the worker is made of.
    pub worker: WorkerParts,
    /// Time to finish what is in work after SIGTERM.
    pub shutdown_grace: Duration,
    /// Where operators look; `None` = nowhere.
    pub ops_listen: Option<SocketAddr>,
    /// Names of all policies, used or not.
    pub policies: Vec<String>,
}

impl RawConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or has an unknown key: with line and column.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let error = |reason: String| ConfigError { file: path.display().to_string(), reason };
        let text = std::fs::read_to_string(path).map_err(|reason| error(reason.to_string()))?;
        let mut raw = Self::parse(&text).map_err(error)?;
        raw.file = path.display().to_string();
        raw.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(raw)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut raw: Self = parse_toml(text)?;
        text.clone_into(&mut raw.text);
        Ok(raw)
    }

    /// Checks every value.
    ///
    /// # Errors
    /// With the key and what it may be.
    pub fn check(self) -> Result<Config, ConfigError> {
        let (file, text) = (self.file.clone(), self.text.clone());
        self.checked().map_err(|reason| match line_of(&text, &reason) {
            Some(line) => ConfigError { file: format!("{file}, line {line}"), reason },
            None => ConfigError { file, reason },
        })
    }

    fn checked(self) -> Result<Config, String> {
        let between = |key: &str, value: u64, least: u64, most: u64| {
            if (least..=most).contains(&value) { Ok(value) } else { Err(format!("{key} = {value} must be from {least} to {most}")) }
        };
        let kafka = self.kafka.clone().check().map_err(|error| error.to_string())?;
        let worker = &self.worker;
        between("worker.lanes", worker.lanes as u64, 1, 64)?;
        between("worker.batch_records_max", worker.batch_records_max as u64, 1, 100_000)?;
        between("worker.batch_bytes_max", worker.batch_bytes_max as u64, 1 << 10, 256 << 20)?;
        between("worker.poll_wait_ms_max", worker.poll_wait_ms_max, 1, 10_000)?;
        between("worker.shutdown_grace_ms", worker.shutdown_grace_ms, 100, 600_000)?;
        between("alerts.seal_interval_ms", self.alerts.seal_interval_ms, 10, 60_000)?;
        between("worker.unreadable_max", worker.unreadable_max, 0, 1000)?;
        between("alerts.lag_max_ms", self.alerts.lag_max_ms, 1000, 24 * 3_600_000)?;
        between("alerts.rebuild_after_hours", self.alerts.rebuild_after_hours, 1, 24 * 365)?;
        if self.alerts.lag_max_ms < 2 * self.alerts.seal_interval_ms {
            return Err(format!("alerts.lag_max_ms = {} must be at least twice alerts.seal_interval_ms", self.alerts.lag_max_ms));
        }
        let rules = self.rules()?;
        let ops_listen = match self.ops.listen.as_str() {
            "" => None,
            listen => {
                Some(listen.parse().map_err(|_| format!("ops.listen = \"{listen}\" must be address:port, e.g. 127.0.0.1:9600, or empty"))?)
            }
        };
        let wait_max = Duration::from_millis(worker.poll_wait_ms_max);
        Ok(Config {
            policies: std::iter::once("default".to_owned()).chain(self.policies.keys().cloned()).collect(),
            shutdown_grace: Duration::from_millis(worker.shutdown_grace_ms),
            ops_listen,
            worker: WorkerParts {
                kafka,
                alert_topic: self.alerts.topic,
                index_dir: self.alerts.index_dir,
                allow_empty: self.alerts.allow_empty,
                tombstones_kept: Duration::from_secs(self.alerts.rebuild_after_hours * 3600),
                feed: feed_limits(Duration::from_millis(self.alerts.seal_interval_ms), Duration::from_millis(self.alerts.lag_max_ms)),
                lanes: worker.lanes,
                unreadable_max: worker.unreadable_max,
                batch: PollLimits { records_max: worker.batch_records_max, bytes_max: worker.batch_bytes_max, wait_max },
                rules: Arc::new(rules),
            },
        })
    }

    fn rules(&self) -> Result<BatchRules, String> {
        let mut routes: Vec<Route> = Vec::new();
        let policies = policies(&self.policy, &self.policies)?;
        let mut fingerprint = Sha256::new_with_prefix(&self.text);
        for input in &self.inputs {
            if input.topic == self.alerts.topic || routes.iter().any(|route| *route.topic == *input.topic) {
                return Err(format!("[[inputs]]: topic {} is read twice", input.topic));
            }
            let rules = input.check(&policies, &self.folder, &mut fingerprint)?;
            routes.push(Route { topic: Arc::from(input.topic.as_str()), kind: RouteKind::Event(rules) });
        }
        if routes.is_empty() {
            return Err("[[inputs]]: at least one topic must be read".to_owned());
        }
        let RawOutputs { hits, decisions, dead_letters } = &self.outputs;
        if hits.is_empty() || dead_letters.is_empty() {
            return Err("[outputs]: hits and dead_letters need a topic; only decisions may be empty".to_owned());
        }
        let named =
            |topic: &str| (1..=249).contains(&topic.len()) && topic.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        let inputs = self.inputs.iter().map(|input| input.topic.as_str());
        let of_policies = policies.values().flat_map(|policy| [&policy.hits_topic, &policy.decisions_topic]).flatten().map(String::as_str);
        let outputs = [hits.as_str(), decisions, dead_letters, &self.alerts.topic].into_iter().chain(of_policies);
        if let Some(topic) = inputs.chain(outputs.filter(|topic| !topic.is_empty())).find(|topic| !named(topic)) {
            return Err(format!("\"{topic}\" is no name of a Kafka topic: up to 249 letters, digits, dots, underscores and hyphens"));
        }
        let mut purposes = [("hits", hits), ("decisions", decisions), ("dead_letters", dead_letters)];
        purposes.sort_by_key(|(_, topic)| *topic);
        if let Some([(first, topic), (second, _)]) = purposes.windows(2).find(|pair| pair[0].1 == pair[1].1) {
            return Err(format!("outputs.{second} = \"{topic}\" is outputs.{first} too: each kind of record needs a topic of its own"));
        }
        let hits_to = |policy: &Policy| policy.hits_topic.clone().unwrap_or_else(|| hits.clone());
        let decisions_to = |policy: &Policy| policy.decisions_topic.clone().unwrap_or_else(|| decisions.clone());
        let of_decisions: Vec<String> = policies.values().map(|policy| decisions_to(policy)).chain([decisions.clone()]).collect();
        for policy in policies.values() {
            let (hits_to, decisions_to) = (hits_to(policy), decisions_to(policy));
            if !hits_to.is_empty() && (hits_to == *dead_letters || of_decisions.contains(&hits_to)) {
                return Err(format!("policy {}: its hits and other records would go to one topic, {hits_to}", policy.name));
            }
            if !decisions_to.is_empty() && (decisions_to == *dead_letters || decisions_to == *hits) {
                return Err(format!("policy {}: its decisions and other records would go to one topic, {decisions_to}", policy.name));
            }
        }
        routes.push(Route { topic: Arc::from(self.alerts.topic.as_str()), kind: RouteKind::Alerts });
        let rules = BatchRules {
            routes,
            outputs: OutputTopics {
                hits: Arc::from(hits.as_str()),
                decisions: (!decisions.is_empty()).then(|| Arc::from(decisions.as_str())),
                dead_letters: Arc::from(dead_letters.as_str()),
            },
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            config_fingerprint: crate::hex(&fingerprint.finalize()[..8]),
        };
        match rules.output_topics().into_iter().find(|output| rules.routes.iter().any(|route| route.topic == *output)) {
            Some(loop_topic) => Err(format!("topic {loop_topic} is an input and an output too: the worker would read what it writes")),
            None => Ok(rules),
        }
    }
}

/// Parses TOML; an error has line and column, and of an unknown key the nearest known one.
fn parse_toml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| {
        let message = error.to_string();
        let quoted: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
        match quoted[..] {
            [unknown, ref known @ ..] if error.message().starts_with("unknown") => {
                message.trim_end().to_owned() + &did_you_mean(unknown, known)
            }
            _ => message,
        }
    })
}

/// The line of the key that an error begins with, such as `worker.lanes`.
fn line_of(text: &str, error: &str) -> Option<usize> {
    let (section, key) = error.split([' ', ':']).next()?.rsplit_once('.')?;
    let mut current = "";
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            current = header.trim_end_matches(']');
        } else if current == section && line.split('=').next().is_some_and(|written| written.trim().trim_matches('"') == key) {
            return Some(number + 1);
        }
    }
    None
}

/// Limits of the alert feed; what is not given here is worth no key.
pub fn feed_limits(seal_interval: Duration, lag_max: Duration) -> FeedLimits {
    let poll = PollLimits { records_max: 5000, bytes_max: 16 << 20, wait_max: Duration::from_millis(100) };
    FeedLimits { seal_interval, poll, lag_max }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Config, String> {
        RawConfig::parse(text).and_then(|raw| raw.check().map_err(|error| error.to_string()))
    }

    #[test]
    fn the_shipped_file_is_valid_and_says_the_defaults() {
        let shipped = check(include_str!("../../config/hitstream.toml")).expect("config/hitstream.toml");
        let least = check("[kafka]\nbootstrap = \"localhost:9092\"").expect("defaults");
        let policy = |config: &Config| match &config.worker.rules.routes[0].kind {
            RouteKind::Event(rules) => (*rules.policy).clone(),
            RouteKind::Alerts => panic!("the first input is an event topic"),
        };
        assert_eq!(policy(&shipped), policy(&least));
        assert_eq!(policy(&least), Policy::default());
        assert_eq!(shipped.worker.lanes, least.worker.lanes);
        assert_eq!(shipped.ops_listen, least.ops_listen);
        assert_eq!(shipped.worker.rules.routes.len(), 3);
    }

    #[test]
    fn the_file_of_docker_compose_is_valid() {
        let config = check(include_str!("../../config/compose.toml")).expect("config/compose.toml");
        assert_eq!(config.worker.kafka.instance(), "worker-1");
    }

    #[test]
    fn a_mistake_is_named_with_its_line_or_key() {
        let kafka = "[kafka]\nbootstrap = \"b:1\"\n";
        for (text, part) in [
            ("[kafka]\nbootstrap = \"b:1\"\nbotstrap = 1", "line 3"),
            ("[kafka]\nbootstrap = \"b:1\"\nbotstrap = 1", "did you mean `bootstrap`?"),
            (&format!("{kafka}[policy]\nhits_per_party = 5"), "did you mean `hits_per_party_max`?"),
            (&format!("{kafka}[policy]\nwhen_stale = \"stop\""), "`wait`"),
            (&format!("{kafka}[policy]\nhits_topic = \"customers\""), "customers is an input and an output"),
            (&format!("{kafka}[worker]\nunreadable_max = 2000"), "worker.unreadable_max"),
            (&format!("{kafka}[alerts]\nlag_max_ms = 5"), "alerts.lag_max_ms"),
            (
                &format!(
                    "{kafka}[policies.fast]\nwhen_stale = \"go-on\"\n[[inputs]]\ntopic = \"t\"\nkind = \"customer\"\n\
                     when = [{{ pointer = \"/s\", equals = [\"I\"], policy = \"fast\" }}]"
                ),
                "differ in when_stale",
            ),
            (&format!("{kafka}[alerts]\nlag_max_ms = 5000\nseal_interval_ms = 4000"), "twice alerts.seal_interval_ms"),
            (
                &format!("{kafka}[[inputs]]\ntopic = \"t\"\nkind = \"customer\"\n[inputs.mapping]\nid = \"/id\"\npartys = 1"),
                "did you mean `parties`?",
            ),
            (&format!("{kafka}[[inputs]]\ntopic = \"t\"\nkind = \"customer\"\n[inputs.mapping]\nid = 7"), "expected a JSON Pointer"),
            (&format!("{kafka}[worker]\nlanes = 0"), "line 4: worker.lanes"),
            (&format!("{kafka}[outputs]\nhits = \"x\"\ndecisions = \"x\""), "is outputs."),
            (&format!("{kafka}[policy]\ntiers = []"), "line 4: policy.tiers"),
            (&format!("{kafka}[policy]\ntiers = [\"none\"]"), "policy.tiers"),
            (&format!("{kafka}[outputs]\nhits = \"my hits\""), "no name of a Kafka topic"),
            (&format!("{kafka}[policies.a]\nhits_topic = \"x\"\n[policies.b]\ndecisions_topic = \"x\""), "policy a: its hits"),
            (&format!("{kafka}[policies.a]\nhits_topic = \"decisions\""), "policy a: its hits"),
            (&format!("{kafka}[policy]\noffences = [\"terorism\"]"), "did you mean `terrorism`?"),
            (&format!("{kafka}[kafka.options]\n\"no.such.option\" = \"1\""), "no.such.option"),
            (&format!("{kafka}[policy]\nthreshold = 7"), "policy.threshold"),
            (&format!("{kafka}[outputs]\nhits = \"transactions\""), "transactions is an input and an output"),
            (&format!("{kafka}[[inputs]]\ntopic = \"alerts\"\nkind = \"transaction\""), "read twice"),
            (&format!("{kafka}[ops]\nlisten = \"x\""), "ops.listen"),
            (&format!("{kafka}[policy]\noffences = [\"sorcery\"]"), "sorcery"),
            (&format!("{kafka}[policies.strict]\nthreshold = 2.0"), "line 4: policies.strict.threshold"),
            (&format!("{kafka}[[inputs]]\ntopic = \"t\"\nkind = \"customer\"\npolicy = \"stric\""), "no policy \"stric\""),
            (&format!("{kafka}[[inputs]]\ntopic = \"t\"\nkind = \"customer\"\nmapping = \"none.toml\""), "none.toml"),
            (&format!("{kafka}[[inputs]]\ntopic = \"t\"\nkind = \"customer\"\n[inputs.mapping]\nid = \"id\""), "JSON Pointer"),
        ] {
            let error = check(text).expect_err(text);
            assert!(error.contains(part), "{error}");
        }
    }
}
