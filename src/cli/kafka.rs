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
    /// Withdraw even more than a tenth of what the lists held (of more than ten records), or all of it: without this a file that
    /// was cut off would empty a list.
    #[arg(long)]
    pub withdraw_many: bool,
}

/// Verbs of `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Show the effective values, secrets masked, or the first mistake with its line.
    #[command(after_help = "Example: hitstream config check --config config/hitstream.toml")]
    Check(ConfigArgs),
}

/// Verbs of `map`.
#[derive(Debug, Subcommand)]
pub enum MapVerb {
    /// Show what each sample record yields, field by field, and what is missing.
    #[command(after_help = "Example: hitstream map check --config hitstream.toml --topic payments --sample payments.jsonl")]
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
    /// List them, one a line, newest last, and count them by reason.
    #[command(after_help = "Example: hitstream dead-letters list --reason missing_field --limit 20 --config config/hitstream.toml")]
    List(DeadLettersListArgs),
    /// Show one in full: reason, source, key, headers and value.
    #[command(after_help = "Example: hitstream dead-letters show 0:17 --config config/hitstream.toml")]
    Show(DeadLettersShowArgs),
    /// Send records again to the topic they came from: each gets a decision of its own. Left out is what was replayed before, and
    /// what the configuration still could not read. Restart the workers first: they read their configuration at the start.
    #[command(after_help = "Example: hitstream dead-letters replay --all --reason missing_field --dry-run --config config/hitstream.toml")]
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

impl DeadLetterFilter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.reason.is_none() && self.from.is_none()
    }
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
    /// Show this many of the newest; all are counted.
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
}

/// Flags of `dead-letters show`.
#[derive(Debug, Args)]
pub struct DeadLettersShowArgs {
    /// Where it stands in the topic of dead letters: PARTITION:OFFSET.
    pub place: String,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Flags of `dead-letters replay`.
#[derive(Debug, Args)]
pub struct DeadLettersReplayArgs {
    /// Where they stand in the topic of dead letters: PARTITION:OFFSET each.
    #[arg(value_name = "PLACE", required_unless_present = "all", conflicts_with = "all")]
    pub places: Vec<String>,
    /// Also what failed again after an earlier replay.
    #[arg(long)]
    pub again: bool,
    /// All that match the filters.
    #[arg(long)]
    pub all: bool,
    /// Which.
    #[command(flatten)]
    pub filter: DeadLetterFilter,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Only show what would be sent.
    #[arg(long)]
    pub dry_run: bool,
}

/// Verbs of `alerts`.
#[derive(Debug, Subcommand)]
pub enum AlertsVerb {
    /// Show the newest record of one key, the entities read from it, and what operators overruled.
    #[command(after_help = "Example: hitstream alerts show ofac/Q12345 --config config/hitstream.toml")]
    Show(AlertsShowArgs),
    /// Withdraw single alerts, or take overrides back; whole lists are withdrawn by `publish`.
    #[command(after_help = "Example: hitstream alerts withdraw TMML2024037327448 --config config/hitstream.toml")]
    Withdraw(AlertsWithdrawArgs),
    /// Overrule the part or tier that one subject of an alert was given; hits show who did it and why.
    #[command(after_help = concat!(
        "Example: hitstream alerts override T1 \"anna ruritani|T1\" --role witness --reason \"see case 17\" --author ops --config h.toml\n\n",
        "SUBJECT KEY stands in the hit and in `alerts show`. A role alone brings its tier."
    ))]
    Override(AlertsOverrideArgs),
}

/// Flags of `alerts withdraw`.
#[derive(Debug, Args)]
pub struct AlertsWithdrawArgs {
    /// Whole keys of the records: `<list>/<entity id>`, an alert id, or `override/<alert id>/<subject key>`.
    #[arg(required = true, value_name = "KEY")]
    pub keys: Vec<String>,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Flags of `alerts override`.
#[derive(Debug, Args)]
pub struct AlertsOverrideArgs {
    /// The alert's id, as in its hits.
    pub alert_id: String,
    /// The subject's key, as in its hits.
    pub subject_key: String,
    /// The part it plays, e.g. subject, associate, victim, witness, official, lawyer.
    #[arg(long, required_unless_present_any = ["tier", "take_back"])]
    pub role: Option<String>,
    /// high, medium, low or none.
    #[arg(long)]
    pub tier: Option<String>,
    /// Why, for whoever reads the hit.
    #[arg(long, required_unless_present = "take_back")]
    pub reason: Option<String>,
    /// Who decided it.
    #[arg(long, required_unless_present = "take_back")]
    pub author: Option<String>,
    /// Let the reader's verdict stand again.
    #[arg(long, conflicts_with_all = ["role", "tier", "reason", "author"])]
    pub take_back: bool,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
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
    /// Print hits as they come: a line each, and the sentence below it.
    #[command(after_help = "Example: hitstream hits tail --config config/hitstream.toml --list ofac --count 10")]
    Tail(HitsTailArgs),
}

/// Flags of `hits tail`.
#[derive(Debug, Args)]
pub struct HitsTailArgs {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Start with the oldest hit; without this flag, only new hits are shown.
    #[arg(long)]
    pub from_beginning: bool,
    /// Only these tiers: high, medium, low. May be given several times.
    #[arg(long, value_parser = ["high", "medium", "low"])]
    pub tier: Vec<String>,
    /// Only this list.
    #[arg(long, value_name = "NAME")]
    pub list: Option<String>,
    /// Only hits with at least this score, 0 to 1.
    #[arg(long, value_parser = score)]
    pub score_min: Option<f32>,
    /// Stop after this many hits.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// Print the records themselves, one JSON object a line.
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
    /// Create the topics that are missing, then check all. Running it again does no harm.
    #[command(after_help = "Example: hitstream topics create --config config/hitstream.toml --partitions 6 --replication 3")]
    Create(TopicsCreateArgs),
    /// Show which topics exist and how they are set; fail when one is missing or set so that a promise would break.
    #[command(after_help = "Example: hitstream topics check --config config/hitstream.toml")]
    Check(ConfigArgs),
    /// Print the rights that a worker and each verb need, as commands of Kafka's own tool.
    #[command(after_help = "Example: hitstream topics acls --principal User:hitstream --config config/hitstream.toml")]
    Acls(TopicsAclsArgs),
}

/// Flags of `topics acls`.
#[derive(Debug, Args)]
pub struct TopicsAclsArgs {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Whom the rights are for: Type:name.
    #[arg(long, default_value = "User:hitstream", value_parser = principal)]
    pub principal: String,
}

fn principal(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        Some((kind, name)) if !kind.is_empty() && !name.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("write it as Type:name, e.g. User:{text}")),
    }
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
