//! One installation a test: its own topics, group and folders on the shared broker.

use crate::support::{hitstream, rules};
use hitstream::bus::kafka::{Delivery, GroupProtocol, Isolation, KafkaConfig, KafkaPublisher, KafkaTopicLog, read_topic, topic_state};
use hitstream::bus::{InputRecord, LogStart, OutputRecord, PollLimits, TopicLog};
use hitstream::worker::BatchRules;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const PARTITIONS: &str = "3";

pub struct Installation {
    pub name: String,
    pub folder: tempfile::TempDir,
    pub kafka: KafkaConfig,
    bootstrap: String,
}

pub fn bootstrap() -> String {
    std::env::var("KAFKA_BOOTSTRAP").expect("KAFKA_BOOTSTRAP names the broker; ./test starts one")
}

/// What only an administrator does, on the shared broker.
pub mod admin {
    use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
    use rdkafka::client::DefaultClientContext;

    fn run(work: impl AsyncFn(AdminClient<DefaultClientContext>) -> bool) {
        let client = rdkafka::ClientConfig::new().set("bootstrap.servers", super::bootstrap()).create().unwrap();
        assert!(tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work(client)));
    }

    pub fn delete_topic(topic: &str) {
        run(async |admin| admin.delete_topics(&[topic], &AdminOptions::new()).await.unwrap().iter().all(Result::is_ok));
    }

    pub fn grow_topic(topic: &str, partitions: usize) {
        let more = NewPartitions::new(topic, partitions);
        run(async |admin| admin.create_partitions([&more], &AdminOptions::new()).await.unwrap().iter().all(Result::is_ok));
    }
}

/// A broker of a test's own, or several, to be hurt. `KAFKA_LIBS` names its jars.
pub struct OwnBroker {
    pub bootstrap: String,
    pub folder: tempfile::TempDir,
}

/// A port that nobody listens on, below those that Linux gives to clients.
pub fn free_port() -> u16 {
    loop {
        let port = fastrand::u16(15_000..32_000);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl OwnBroker {
    /// Starts one with settings of its own, `key=value`; `@port@` in them is its port.
    pub fn start(settings: &[&str]) -> Self {
        Self::start_by("start", &[], settings)
    }

    /// Starts so many, as one cluster: node 1 keeps its data in `data/1`, and so on.
    pub fn start_cluster(count: usize) -> Self {
        Self::start_by("cluster", &[&count.to_string()], &[])
    }

    fn start_by(verb: &str, count: &[&str], settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let started = Self::script().arg(verb).arg(Self::libs()).arg(&data).args(count).args(settings).output().unwrap();
        // Made before it is asked whether all went well: dropped, it stops what did start.
        let broker = Self { bootstrap: String::from_utf8(started.stdout).unwrap().trim().to_owned(), folder };
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        broker
    }

    pub fn libs() -> String {
        std::env::var("KAFKA_LIBS").expect("KAFKA_LIBS names the jars of Kafka; ./test sets it")
    }

    fn script() -> Command {
        Command::new(crate::support::repository().join("tests/kafka/broker"))
    }

    fn data(&self, node: &str) -> PathBuf {
        self.folder.path().join("data").join(node)
    }

    /// kill -9. `node` is "" of a single broker, "1" and so on of a cluster's.
    pub fn kill(&self, node: &str) {
        assert!(Self::script().arg("kill").arg(self.data(node)).status().unwrap().success());
    }

    /// Ends it as an operator does who restarts it.
    pub fn end(&self, node: &str) {
        assert!(Self::script().arg("end").arg(self.data(node)).status().unwrap().success());
    }

    /// Starts it again on its data and port.
    pub fn again(&self, node: &str) {
        assert!(Self::script().arg("again").arg(Self::libs()).arg(self.data(node)).status().unwrap().success());
    }

    pub fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(self.data("").join("pid")).unwrap();
        assert!(Command::new("kill").args(["-s", name, pid.trim()]).status().unwrap().success());
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        if self.data("").join("pid").exists() {
            self.signal("CONT");
        }
        let _ = Self::script().arg("stop").arg(self.folder.path().join("data")).status();
    }
}

impl Installation {
    /// Makes topics with the program's own verb.
    pub fn new(test: &str) -> Self {
        Self::on(&bootstrap(), test)
    }

    /// As [`Self::new`], on another broker.
    pub fn on(bootstrap: &str, test: &str) -> Self {
        let installation = Self::without_topics_on(bootstrap, test);
        installation.create_topics();
        installation
    }

    /// Makes the topics that are not there, with a copy on each broker.
    pub fn create_topics(&self) {
        let copies = self.bootstrap.split(',').count().to_string();
        let create = ["topics", "create", "--partitions", PARTITIONS, "--replication", &copies, "--config"];
        let made = hitstream().args(create).arg(self.config("setup", "")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    pub fn without_topics(test: &str) -> Self {
        Self::without_topics_on(&bootstrap(), test)
    }

    fn without_topics_on(bootstrap: &str, test: &str) -> Self {
        let unique = format!("{:x}", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos());
        let name = format!("{test}-{unique}");
        let kafka = KafkaConfig::plain(bootstrap, &name, "test", Delivery::AtLeastOnce, GroupProtocol::Classic);
        Self { folder: tempfile::tempdir().unwrap(), name, kafka, bootstrap: bootstrap.to_owned() }
    }

    pub fn topic(&self, plain: &str) -> Arc<str> {
        Arc::from(format!("{}-{plain}", self.name))
    }

    /// Writes the configuration of one worker. `more` is put at its end.
    pub fn config(&self, instance: &str, more: &str) -> PathBuf {
        self.config_at(&self.bootstrap, instance, more)
    }

    pub fn config_at(&self, bootstrap: &str, instance: &str, more: &str) -> PathBuf {
        let Self { name, folder, .. } = self;
        let index = folder.path().join(format!("index-{instance}"));
        let text = format!(
            "[kafka]\nbootstrap = \"{bootstrap}\"\ngroup = \"{name}\"\ninstance = \"{instance}\"\n[kafka.options]\n\"session.timeout.ms\" = \"6000\"\n\
             [alerts]\ntopic = \"{name}-alerts\"\nindex_dir = \"{}\"\n\
             [[inputs]]\ntopic = \"{name}-transactions\"\nkind = \"transaction\"\n[[inputs]]\ntopic = \"{name}-customers\"\nkind = \"customer\"\n\
             [outputs]\nhits = \"{name}-hits\"\ndecisions = \"{name}-decisions\"\ndead_letters = \"{name}-dead-letters\"\n\
             [ops]\nlisten = \"127.0.0.1:0\"\n{more}",
            index.display()
        );
        let path = folder.path().join(format!("{instance}.toml"));
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The configuration of one worker under a group protocol, "classic" or "consumer".
    pub fn config_under(&self, protocol: &str, instance: &str) -> PathBuf {
        let path = self.config(instance, "");
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("[kafka]\n", &format!("[kafka]\ngroup_protocol = \"{protocol}\"\n"));
        // With the newer protocol the broker sets it.
        let option = "\"session.timeout.ms\" = \"6000\"\n";
        std::fs::write(&path, if protocol == "consumer" { text.replace(option, "") } else { text }).unwrap();
        path
    }

    /// Publishes list files with the program's own verb; returns what it says.
    pub fn publish(&self, specs: &[&str]) -> String {
        let config = self.config("publisher", "");
        let published = hitstream().arg("publish").args(specs).arg("--config").arg(config).output().unwrap();
        assert!(published.status.success(), "{}", String::from_utf8_lossy(&published.stderr));
        String::from_utf8(published.stdout).unwrap()
    }

    pub fn send(&self, records: impl Iterator<Item = (Arc<str>, String, Option<Vec<u8>>)>) {
        let publisher = KafkaPublisher::connect(&self.kafka).unwrap();
        for (topic, key, value) in records {
            let headers = vec![("traceparent".to_owned(), Some(key.clone().into_bytes()))];
            publisher.send(&OutputRecord { topic, key: Some(key.into_bytes()), value, headers }).unwrap();
        }
        publisher.flush(Duration::from_secs(60)).unwrap();
    }

    pub fn read(&self, plain: &str, isolation: Isolation) -> Vec<InputRecord> {
        read_topic(&self.kafka, &self.topic(plain), isolation).unwrap()
    }

    pub fn follow(&self, plain: &str) -> Follower {
        self.follow_as(plain, Isolation::ReadCommitted)
    }

    pub fn follow_uncommitted(&self, plain: &str) -> Follower {
        self.follow_as(plain, Isolation::ReadUncommitted)
    }

    fn follow_as(&self, plain: &str, isolation: Isolation) -> Follower {
        let state = topic_state(&self.kafka, &self.topic(plain)).unwrap();
        Follower { log: KafkaTopicLog::open(&self.kafka, &state, &LogStart::Beginning, isolation).unwrap(), seen: Vec::new() }
    }

    pub fn rules(&self) -> BatchRules {
        let mut rules = rules(&self.topic("transactions"), &self.topic("customers"), &self.topic("alerts"));
        rules.outputs.hits = self.topic("hits");
        rules.outputs.decisions = Some(self.topic("decisions"));
        rules.outputs.dead_letters = self.topic("dead-letters");
        rules
    }

    pub fn start(&self, instance: &str) -> WorkerProcess {
        WorkerProcess::start(&self.config(instance, ""), self.folder.path(), instance)
    }
}

/// Follows a topic as it grows.
pub struct Follower {
    log: KafkaTopicLog,
    pub seen: Vec<InputRecord>,
}

impl Follower {
    /// Waits until `enough` says so of everything seen.
    pub fn until(&mut self, what: &str, timeout: Duration, enough: impl Fn(&[InputRecord]) -> bool) {
        let deadline = Instant::now() + timeout;
        loop {
            // At least once: who only looks for doubles asks for nothing.
            self.poll();
            if enough(&self.seen) {
                return;
            }
            assert!(Instant::now() < deadline, "{what}: not within {timeout:?}, {} records seen", self.seen.len());
        }
    }

    /// Takes what is there, or waits for a moment.
    pub fn poll(&mut self) {
        let limits = PollLimits { records_max: 10_000, bytes_max: 64 << 20, wait_max: Duration::from_millis(20) };
        self.seen.extend(self.log.poll(limits).unwrap());
    }
}

/// A running `hitstream run`.
pub struct WorkerProcess {
    child: Child,
    log: PathBuf,
}

impl WorkerProcess {
    pub fn start(config: &Path, folder: &Path, instance: &str) -> Self {
        Self::start_by(hitstream(), config, folder, instance)
    }

    /// No file that it writes may grow beyond so many KiB: a write that would fails as on a full disk.
    pub fn start_with_little_disk(config: &Path, folder: &Path, instance: &str, kib: usize) -> Self {
        let mut limited = Command::new("bash");
        limited.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "bash", &kib.to_string()]);
        limited.arg(hitstream().get_program());
        Self::start_by(limited, config, folder, instance)
    }

    fn start_by(mut program: Command, config: &Path, folder: &Path, instance: &str) -> Self {
        let log = folder.join(format!("{instance}.log"));
        let file = std::fs::File::options().create(true).append(true).open(&log).unwrap();
        let child = program.args(["run", "--config"]).arg(config).stdout(Stdio::null()).stderr(file).spawn().unwrap();
        Self { child, log }
    }

    /// Memory it holds of its own, without files that are mapped, MiB.
    pub fn memory_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Asks to stop; returns the exit code and everything logged.
    pub fn terminate(mut self) -> (Option<i32>, String) {
        self.signal("TERM");
        let code = self.exit_code(Duration::from_secs(30));
        (code, self.log())
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub fn exit_code(&mut self, timeout: Duration) -> Option<i32> {
        let deadline = Instant::now() + timeout;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("still running after {timeout:?}; its log:\n{}", self.log());
    }

    pub fn until_logged(&self, text: &str, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        while !self.log().contains(text) {
            assert!(Instant::now() < deadline, "no {text:?} within {timeout:?}; the log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// GET from the ops endpoint, whose port the log tells: status code and body.
    pub fn get(&self, path: &str) -> (u16, String) {
        self.until_logged("address=127.0.0.1:", Duration::from_secs(20));
        let log = self.log();
        let address: String =
            log.rsplit("address=").next().unwrap().chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let code = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (code, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let status = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.get("/status").1));
            println!("status: {}", status.unwrap_or_default());
            println!("{} ends with:\n{}", self.log.display(), lines[lines.len().saturating_sub(40)..].join("\n"));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
