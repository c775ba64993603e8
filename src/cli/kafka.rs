//! Flags of the verbs that take a configuration: most of them talk to Kafka.

use super::files::score;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Configuration file; every key is explained in config/hitstream.toml.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

/// Flags of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Events to feed: customers and payments, a few of them broken.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub events: u64,
    /// Events a second; 0 = as fast as the worker takes them.
    #[arg(long, default_value_t = 500)]
    pub rate: u64,
}

/// Flags of `publish`.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// List files and documents, each with the name of its list before it if it should differ from the file's.
    #[arg(value_name = "[NAME=]FILE", required = true)]
    pub files: Vec<String>,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Only show what would change.
    #[arg(long)]
    pub dry_run: bool,
    /// Withdraw even more than a tenth of what the lists held: without this a file that was cut off would empty a list.
    #[arg(long)]
    pub withdraw_many: bool,
}

/// Verbs of `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Show what is in force, secrets left out, or the first mistake with its line.
    Check(ConfigArgs),
}

/// Verbs of `map`.
#[derive(Debug, Subcommand)]
pub enum MapVerb {
    /// Show what each sample record yields, field by field, and what is missing.
    Check(MapCheckArgs),
}

/// Flags of `map check`.
#[derive(Debug, Args)]
pub struct MapCheckArgs {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Input topic; may be left out when there is one.
    #[arg(long)]
    pub topic: Option<String>,
    /// Sample records; - = standard input.
    #[arg(long, value_name = "FILE|-")]
    pub sample: String,
}

/// Verbs of `dead-letters`.
#[derive(Debug, Subcommand)]
pub enum DeadLettersVerb {
    /// One line each, newest last, and how many of each reason.
    List(DeadLettersListArgs),
    /// One whole: reason, source, key, headers and value.
    Show(DeadLettersShowArgs),
    /// Send records again to the topic they came from: each gets a decision of its own. What was replayed before is left out.
    Replay(DeadLettersReplayArgs),
}

/// Which dead letters.
#[derive(Debug, Args)]
pub struct DeadLetterFilter {
    /// Only this reason, e.g. missing_field.
    #[arg(long)]
    pub reason: Option<String>,
    /// Only those that came from this topic.
    #[arg(long, value_name = "TOPIC")]
    pub from: Option<String>,
}

/// Flags of `dead-letters list`.
#[derive(Debug, Args)]
pub struct DeadLettersListArgs {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Which.
    #[command(flatten)]
    pub filter: DeadLetterFilter,
    /// Show the newest so many; all are counted.
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
}

/// Flags of `dead-letters show`.
#[derive(Debug, Args)]
pub struct DeadLettersShowArgs {
    /// Which: PARTITION:OFFSET.
    pub place: String,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Flags of `dead-letters replay`.
#[derive(Debug, Args)]
pub struct DeadLettersReplayArgs {
    /// Which: PARTITION:OFFSET, several.
    #[arg(value_name = "PLACE", required_unless_present = "all", conflicts_with = "all")]
    pub places: Vec<String>,
    /// All that the filters let through.
    #[arg(long)]
    pub all: bool,
    /// Which.
    #[command(flatten)]
    pub filter: DeadLetterFilter,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Only say what would be sent.
    #[arg(long)]
    pub dry_run: bool,
}

/// Verbs of `alerts`.
#[derive(Debug, Subcommand)]
pub enum AlertsVerb {
    /// The newest record of one key, the entities read from it, and what operators overruled.
    Show(AlertsShowArgs),
}

/// Flags of `alerts show`.
#[derive(Debug, Args)]
pub struct AlertsShowArgs {
    /// Key of the record: `<list>/<entity id>`, or the alert id; its last part is enough where only one record has it.
    pub key: String,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Verbs of `hits`.
#[derive(Debug, Subcommand)]
pub enum HitsVerb {
    /// One line a hit and its sentence below, as they come.
    Tail(HitsTailArgs),
}

/// Flags of `hits tail`.
#[derive(Debug, Args)]
pub struct HitsTailArgs {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Begin with the oldest hit; without it, with what comes from now on.
    #[arg(long)]
    pub from_beginning: bool,
    /// Only these tiers: high, medium, low. May be given several times.
    #[arg(long, value_parser = ["high", "medium", "low"])]
    pub tier: Vec<String>,
    /// Only this list.
    #[arg(long, value_name = "NAME")]
    pub list: Option<String>,
    /// Only hits that score so much, 0 to 1.
    #[arg(long, value_parser = score)]
    pub score_min: Option<f32>,
    /// End after so many hits.
    #[arg(long)]
    pub count: Option<usize>,
    /// The records as they are, one a line.
    #[arg(long)]
    pub json: bool,
}

/// Flags of `topics`.
#[derive(Debug, Args)]
pub struct TopicsArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: TopicsVerb,
}

/// Verbs of `topics`.
#[derive(Debug, Subcommand)]
pub enum TopicsVerb {
    /// Make those that are missing, then check. Running it again does no harm.
    Create(TopicsCreateArgs),
    /// Say which are there and how they are set; fail when one is missing or set so that a promise would break.
    Check(ConfigArgs),
    /// Print the rights that a worker, a publisher and a replay need, as commands of Kafka's own tool.
    Acls(TopicsAclsArgs),
}

/// Flags of `topics acls`.
#[derive(Debug, Args)]
pub struct TopicsAclsArgs {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Whom the rights are for.
    #[arg(long, default_value = "User:hitstream")]
    pub principal: String,
}

/// Flags of `topics create`.
#[derive(Debug, Args)]
pub struct TopicsCreateArgs {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Partitions of the event and output topics; the alert topic always gets one.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub partitions: i32,
    /// Copies of each partition.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=9))]
    pub replication: i32,
}
