//! Client settings: as written, checked, and as librdkafka takes them.

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A Kafka transaction that is open longer is aborted by the broker; our own deadline for a commit stays below it.
pub(super) const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(60);
/// How long one commit is tried before the batch is aborted and read again.
pub(super) const COMMIT_DEADLINE: Duration = Duration::from_secs(45);
/// How long one question to the broker may take before it is asked again.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// What is left until then in whole milliseconds, rounded up: the client knows no less, and would wait through the rest by asking
/// over and over.
pub(super) fn left_until(deadline: Instant) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    Duration::from_millis(left.as_micros().div_ceil(1000) as u64)
}

/// Why Kafka cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum KafkaError {
    /// Topics that are not there.
    #[error("missing topics: {0}: `hitstream topics create --config FILE` makes them as they must be")]
    MissingTopics(String),
    /// A right that is not granted.
    #[error("not allowed to read the description of topic {0}: grant DESCRIBE on it")]
    NotAllowed(String),
    /// No broker answers.
    #[error("no broker answers at {0}: {1}")]
    Unreachable(String, String),
    /// Asked to stop while it waited for a broker.
    #[error("stopped before a broker answered")]
    Stopped,
    /// A setting that librdkafka refuses.
    #[error("kafka settings: {0}")]
    Settings(String),
    /// Anything else the client says. No source of its own: its text would be said twice.
    #[error("kafka: {0}")]
    Client(rdkafka::error::KafkaError),
}

impl From<rdkafka::error::KafkaError> for KafkaError {
    fn from(error: rdkafka::error::KafkaError) -> Self {
        Self::Client(error)
    }
}

/// `[kafka]` as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawKafkaConfig {
    bootstrap: String,
    #[serde(default = "default_group")]
    group: String,
    #[serde(default)]
    instance: Option<String>,
    #[serde(default)]
    delivery: Delivery,
    #[serde(default)]
    group_protocol: GroupProtocol,
    #[serde(default)]
    start_from: StartFrom,
    #[serde(default)]
    options: BTreeMap<String, String>,
    #[serde(default)]
    secrets: BTreeMap<String, SecretSource>,
}

fn default_group() -> String {
    "hitstream".to_owned()
}

/// Where a secret option is read from. Anything is taken here and refused later: an error of the parser would show the line,
/// and with it a secret that was written there.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum SecretSource {
    /// A file; its trailing line break is left out.
    File { file: std::path::PathBuf },
    /// An environment variable.
    Env { env: String },
    /// A mistake.
    Other(serde::de::IgnoredAny),
}

/// What is promised for outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Outputs and offsets in one Kafka transaction.
    #[default]
    ExactlyOnce,
    /// Outputs first, then offsets: after a crash some come twice, with equal ids.
    AtLeastOnce,
}

/// Which protocol the consumer group speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupProtocol {
    /// The one every broker has.
    #[default]
    Classic,
    /// KIP-848, from Kafka 4.0.
    Consumer,
}

/// Where a group starts that has committed nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartFrom {
    /// At the oldest record.
    #[default]
    Earliest,
    /// At what comes from now on.
    Latest,
}

/// `[kafka]` checked: secrets read, instance known.
#[derive(Debug, Clone)]
pub struct KafkaConfig {
    pub(super) bootstrap: String,
    pub(super) group: String,
    pub(super) instance: String,
    pub(super) delivery: Delivery,
    group_protocol: GroupProtocol,
    pub(super) start_from: StartFrom,
    options: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

/// Options that hitstream's promises rest on; setting them elsewhere would break one silently.
const OWN_OPTIONS: &[&str] = &[
    "bootstrap.servers",
    "group.id",
    "group.instance.id",
    "transactional.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "isolation.level",
    "enable.idempotence",
    "auto.offset.reset",
    "enable.partition.eof",
    "group.protocol",
    "delivery.report.only.error",
];

impl RawKafkaConfig {
    /// Reads secrets and refuses options that would break a promise.
    ///
    /// # Errors
    /// When a secret cannot be read or an option is one of our own.
    pub fn check(self) -> Result<KafkaConfig, KafkaError> {
        let refuse = |reason: String| Err(KafkaError::Settings(reason));
        for option in self.options.keys().chain(self.secrets.keys()) {
            if OWN_OPTIONS.contains(&option.as_str()) {
                return refuse(format!("option {option} is set by hitstream itself: remove it from [kafka.options]"));
            }
        }
        if let Some(option) = self.options.keys().find(|option| option.contains("password") || option.contains("secret")) {
            return refuse(format!("{option} is a secret: move it to [kafka.secrets] as {{ file = \"...\" }} or {{ env = \"...\" }}"));
        }
        // The client says of a file that is not there only that the system library failed.
        let is_file = |option: &str, path: &str| option.starts_with("ssl.") && option.ends_with(".location") && path != "probe";
        for (option, path) in self.options.iter().filter(|(option, path)| is_file(option, path)) {
            if let Err(error) = std::fs::File::open(path) {
                return refuse(format!("option {option}: file {path}: {error}"));
            }
        }
        let mut secrets = BTreeMap::new();
        for (option, source) in self.secrets {
            let secret = match &source {
                SecretSource::File { file } => std::fs::read_to_string(file).map_err(|error| format!("file {}: {error}", file.display())),
                SecretSource::Env { env } => std::env::var(env).map_err(|_| format!("environment variable {env} is not set")),
                SecretSource::Other(_) => Err("write it as { file = \"...\" } or { env = \"...\" }".to_owned()),
            };
            match secret {
                Ok(secret) if secret.trim().is_empty() => return refuse(format!("secret {option} is empty at its source")),
                Ok(secret) => secrets.insert(option, secret.trim_end_matches(['\r', '\n']).to_owned()),
                Err(reason) => return refuse(format!("secret {option}: {reason}")),
            };
        }
        let has_port = |server: &str| server.trim().rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if let Some(server) = self.bootstrap.split(',').find(|server| !has_port(server)) {
            return refuse(format!("kafka.bootstrap: \"{server}\" must be host:port, several joined by commas"));
        }
        let instance = self.instance.unwrap_or_else(host_name);
        if self.group.trim().is_empty() || instance.trim().is_empty() {
            return refuse("kafka.group and kafka.instance must not be empty".to_owned());
        }
        let config = KafkaConfig {
            bootstrap: self.bootstrap,
            group: self.group,
            instance,
            delivery: self.delivery,
            group_protocol: self.group_protocol,
            start_from: self.start_from,
            options: self.options,
            secrets,
        };
        // Only the key is repeated: the value may be a secret.
        match config.client().create_native_config() {
            Err(rdkafka::error::KafkaError::ClientConfig(_, reason, option, _)) => refuse(format!("option {option}: {reason}")),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(config),
        }
    }
}

/// A choice as it is written in the configuration.
fn word(choice: impl Serialize) -> String {
    json!(choice).as_str().unwrap_or_default().to_owned()
}

fn host_name() -> String {
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let name = std::env::var("HOSTNAME").unwrap_or(name);
    if name.trim().is_empty() { "worker".to_owned() } else { name.trim().to_owned() }
}

impl KafkaConfig {
    /// Settings for a broker that needs none: demo and tests.
    pub fn plain(bootstrap: &str, group: &str, instance: &str, delivery: Delivery, group_protocol: GroupProtocol) -> Self {
        Self {
            bootstrap: bootstrap.to_owned(),
            group: group.to_owned(),
            instance: instance.to_owned(),
            delivery,
            group_protocol,
            start_from: StartFrom::Earliest,
            options: BTreeMap::new(),
            secrets: BTreeMap::new(),
        }
    }

    /// The same broker for another group, which starts at the oldest record.
    pub fn for_group(&self, group: &str, delivery: Delivery) -> Self {
        Self { group: group.to_owned(), instance: group.to_owned(), delivery, start_from: StartFrom::Earliest, ..self.clone() }
    }

    /// Brokers to start from.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Consumer group.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// What the transactional ids of all workers of the group begin with, and those of nobody else.
    pub fn transactional_ids(&self) -> String {
        format!("{}-worker-", self.group)
    }

    /// Name of this worker, stable over restarts.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// What is in force, key and value, for an operator; of secrets only that they are set.
    pub fn shown(&self) -> Vec<(String, String)> {
        let own = [("bootstrap", &self.bootstrap), ("group", &self.group), ("instance", &self.instance)];
        let own = own.into_iter().map(|(key, value)| (format!("kafka.{key}"), value.clone()));
        let options = self.options.iter().map(|(key, value)| (format!("kafka.options.{key}"), value.clone()));
        let secrets = self.secrets.keys().map(|key| (format!("kafka.secrets.{key}"), "(set, not shown)".to_owned()));
        let choices = [
            ("kafka.delivery".to_owned(), word(self.delivery)),
            ("kafka.group_protocol".to_owned(), word(self.group_protocol)),
            ("kafka.start_from".to_owned(), word(self.start_from)),
        ];
        own.chain(choices).chain(options).chain(secrets).collect()
    }

    /// What is promised for outputs.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// What a reader of the logs may see of these settings: secrets by name only.
    pub fn describe(&self) -> String {
        let secrets: Vec<&str> = self.secrets.keys().map(String::as_str).collect();
        format!("{} group={} delivery={} options={:?} secrets={secrets:?}", self.bootstrap, self.group, word(self.delivery), self.options)
    }

    pub(super) fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", &self.bootstrap);
        client.set("client.id", format!("hitstream-{}", self.instance));
        client.set("socket.keepalive.enable", "true");
        client.set("reconnect.backoff.max.ms", "5000");
        for (option, value) in self.options.iter().chain(&self.secrets) {
            client.set(option, value);
        }
        client.set_log_level(RDKafkaLogLevel::Warning);
        client
    }

    pub(super) fn consumer(&self) -> ClientConfig {
        let mut consumer = self.client();
        consumer.set("enable.auto.commit", "false");
        consumer.set("enable.auto.offset.store", "false");
        consumer.set("isolation.level", "read_committed");
        // The default of 1000 ms stalls a fast consumer whenever its queue was full once.
        self.unless_set(&mut consumer, "fetch.queue.backoff.ms", "20");
        // Bounds what is held ahead of the batch in work.
        self.unless_set(&mut consumer, "queued.max.messages.kbytes", "16384");
        // Now and then a record comes while the broker already waits, and is seen only when that time is over.
        self.unless_set(&mut consumer, "fetch.wait.max.ms", "10");
        consumer
    }

    pub(super) fn group_consumer(&self, lane: usize) -> ClientConfig {
        let mut consumer = self.consumer();
        consumer.set("group.id", &self.group);
        // Static membership: a restarted worker takes its partitions back without a rebalance.
        consumer.set("group.instance.id", format!("{}-{lane}", self.instance));
        consumer.set("statistics.interval.ms", "2000");
        consumer.set("auto.offset.reset", if self.start_from == StartFrom::Earliest { "earliest" } else { "latest" });
        match self.group_protocol {
            GroupProtocol::Classic => {
                consumer.set("partition.assignment.strategy", "cooperative-sticky");
                self.unless_set(&mut consumer, "session.timeout.ms", "30000");
            }
            GroupProtocol::Consumer => {
                consumer.set("group.protocol", "consumer");
            }
        }
        consumer
    }

    pub(super) fn producer(&self) -> ClientConfig {
        let mut producer = self.client();
        producer.set("enable.idempotence", "true");
        producer.set("delivery.report.only.error", "true");
        // Agrees with Java producers on where a key goes.
        producer.set("partitioner", "murmur2_random");
        self.unless_set(&mut producer, "compression.type", "lz4");
        self.unless_set(&mut producer, "linger.ms", "1");
        self.unless_set(&mut producer, "queue.buffering.max.kbytes", "65536");
        producer.set("message.timeout.ms", COMMIT_DEADLINE.as_millis().to_string());
        producer
    }

    pub(super) fn lane_producer(&self, lane: usize) -> ClientConfig {
        let mut producer = self.producer();
        if self.delivery == Delivery::ExactlyOnce {
            producer.set("transactional.id", format!("{}{}-{lane}", self.transactional_ids(), self.instance));
            producer.set("transaction.timeout.ms", TRANSACTION_TIMEOUT.as_millis().to_string());
            // A commit of offsets that waits for a group coordinator which has left the cluster is looked at again only when a connection
            // of the client changes its state, and heeds no timeout (librdkafka issues 5511 and 5456): an idle one is closed, and that is one.
            self.unless_set(&mut producer, "connections.max.idle.ms", "10000");
            // While the broker still ends the last Kafka transaction the next one is told to come again: by default in 100 ms. It doubles
            // up to retry.backoff.max.ms, a second.
            self.unless_set(&mut producer, "retry.backoff.ms", "2");
        }
        producer
    }

    fn unless_set(&self, client: &mut ClientConfig, option: &str, value: &str) {
        if !self.options.contains_key(option) {
            client.set(option, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<KafkaConfig, String> {
        let raw: RawKafkaConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        raw.check().map_err(|error| error.to_string())
    }

    #[test]
    fn secrets_stay_out_of_sight_and_own_options_are_refused() {
        assert!(check("bootstrap = 'b:1'\n[options]\n'transactional.id' = 'x'").is_err_and(|error| error.contains("transactional.id")));
        assert!(check("bootstrap = 'b:1'\n[options]\n'no.such' = 'x'").is_err_and(|error| error.contains("no.such")));
        let refused = check("bootstrap = 'b:1'\n[secrets]\n'no.such' = { env = 'PATH' }").expect_err("an unknown option");
        assert!(refused.contains("no.such") && !refused.contains("/bin"), "{refused}");
        assert!(check("bootstrap = 'b:1'\n[options]\n'sasl.password' = 'x'").is_err_and(|error| error.contains("[kafka.secrets]")));
        assert!(
            check("bootstrap = 'b:1'\n[secrets]\n'sasl.password' = { env = 'HITSTREAM_NO_SUCH' }")
                .is_err_and(|error| error.contains("HITSTREAM_NO_SUCH"))
        );
        let refused = check("bootstrap = 'b:1'\n[secrets]\n'sasl.password' = 'hunter2'").expect_err("a secret written out");
        assert!(refused.contains("sasl.password") && !refused.contains("hunter2"), "{refused}");
        let both = "bootstrap = 'b:1'\n[secrets]\n'sasl.password' = { file = '/x', env = 'PATH' }";
        assert!(check(both).is_err_and(|error| error.contains("write it as")));
        assert!(check("bootstrap = 'b'").is_err_and(|error| error.contains("host:port")));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        std::fs::write(&file, "hunter2\n").expect("written");
        let config =
            check(&format!("bootstrap = 'b:1'\n[secrets]\n'sasl.password' = {{ file = '{}' }}", file.display())).expect("a configuration");
        assert_eq!(config.client().get("sasl.password"), Some("hunter2"));
        assert!(!config.describe().contains("hunter2") && config.describe().contains("sasl.password"));
    }
}
