//! The command line: verbs, flags and exit codes.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Exit codes, the same for every verb. 2 is also what a wrong command line gives.
pub mod exit {
    /// Done.
    pub const OK: u8 = 0;
    /// Something failed while running; the message says what and what to do.
    pub const FAILED: u8 = 1;
    /// Wrong command line, configuration or input file: running it again changes nothing.
    pub const BAD_INPUT: u8 = 2;
    /// Stopped before the work in hand could be finished: second signal or grace period over. Kafka redelivers it.
    pub const ABORTED: u8 = 3;
}

const EXIT_CODES: &str =
    "Exit codes: 0 done; 1 failed while running; 2 wrong command line, configuration or input; 3 stopped before work in hand was finished.";

/// Real-time alert matching for payment streams.
#[derive(Debug, Parser)]
#[command(name = "hitstream", version, about, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    /// How log lines look on standard error.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Human)]
    pub log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Shape of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// See it work: in-process broker, sample alerts, a feeder and the real worker. Needs nothing else.
    #[command(after_help = concat!("Example: hitstream demo --events 2000 --rate 500\n\n", "Ends by itself; press Ctrl-C to end it earlier."))]
    Demo(DemoArgs),
    /// Run the worker: events in from Kafka, hits, decisions and dead letters out.
    #[command(after_help = "Example: hitstream run --config config/hitstream.toml")]
    Run(ConfigArgs),
    /// Publish list files and alert documents to the alert topic.
    #[command(after_help = concat!(
        "Example: hitstream publish ofac=sdn.jsonl alerts.txt --config config/hitstream.toml\n\n",
        "Only what differs from the topic is sent, all at once; what has gone from a list is withdrawn. Running it again does no harm."
    ))]
    Publish(PublishArgs),
    /// Make or check the topics that a configuration needs.
    #[command(after_help = "Example: hitstream topics create --config config/hitstream.toml --partitions 6 --replication 3")]
    Topics(TopicsArgs),
    /// Check a configuration or a mapping without Kafka.
    #[command(after_help = "Example: hitstream config check --config config/hitstream.toml")]
    Config {
        /// What to check.
        #[command(subcommand)]
        verb: ConfigVerb,
    },
    /// See what a mapping finds in sample records of a topic.
    #[command(after_help = concat!(
        "Example: hitstream map check --config hitstream.toml --topic payments --sample payments.jsonl\n\n",
        "Sample: one JSON record, or one a line."
    ))]
    Map {
        /// What to do.
        #[command(subcommand)]
        verb: MapVerb,
    },
    /// Look at records that nobody could read, and send them again once the cause is mended.
    #[command(after_help = concat!(
        "Example: hitstream dead-letters list --config config/hitstream.toml --reason missing_field\n",
        "Example: hitstream dead-letters replay --all --dry-run --config config/hitstream.toml\n\n",
        "PLACE is PARTITION:OFFSET in the topic of dead letters, as `list` shows it."
    ))]
    DeadLetters {
        /// What to do.
        #[command(subcommand)]
        verb: DeadLettersVerb,
    },
    /// See one alert as the topic has it, and what is read from it.
    #[command(after_help = "Example: hitstream alerts show ofac/Q12345 --config config/hitstream.toml")]
    Alerts {
        /// What to do.
        #[command(subcommand)]
        verb: AlertsVerb,
    },
    /// See which lists the alert topic holds: records, versions, ages.
    #[command(after_help = concat!(
        "Example: hitstream lists --config config/hitstream.toml\n\n",
        "What a running worker has loaded stands in its /status."
    ))]
    Lists(ConfigArgs),
    /// Watch hits as they are published.
    #[command(after_help = concat!(
        "Example: hitstream hits tail --config config/hitstream.toml --tier high --score-min 0.9\n\n",
        "Ends with Ctrl-C, or after --count hits."
    ))]
    Hits {
        /// What to do.
        #[command(subcommand)]
        verb: HitsVerb,
    },
    /// Write the man pages of all verbs into a folder.
    #[command(after_help = "Example: hitstream man /usr/local/share/man/man1")]
    Man {
        /// Where they go; made if missing.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Print the completions of a shell.
    #[command(after_help = "Example: hitstream completions bash > /etc/bash_completion.d/hitstream")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Screen parties or events from a file against lists from files. No Kafka.
    #[command(after_help = concat!(
        "Example: hitstream screen --list ofac=sdn.jsonl --input parties.jsonl --output results.jsonl\n\n",
        "Input lines: {\"id\", \"name\", \"schema\"?, \"birthDate\"?, \"country\"?, \"idNumber\"?, ...} or whole events; unknown fields are ignored.\n",
        "Output lines, in input order: {\"id\", \"decision\", \"hits\": [...], \"below\": [...] with --floor, \"elapsed_us\"}."
    ))]
    Screen(ScreenArgs),
    /// Say in words why a name hits a list, or what kept the nearest candidates from hitting.
    #[command(after_help = "Example: hitstream explain --list ofac=sdn.jsonl \"ABLYAZOV MUKHTAR\" --birth-date 1963-05-16")]
    Explain(ExplainArgs),
    /// Score two names, or pairs of records from a file: the same score as `screen` gives.
    #[command(after_help = concat!(
        "Example: hitstream compare \"Muhammad Al Fayed\" \"Mohamed al-Fayid\"\n",
        "Example: hitstream compare --input pairs.jsonl --output scores.jsonl\n\n",
        "Input lines: {\"id\", \"query\": {\"name\", \"schema\"?, \"birthDate\"?, ...}, \"candidate\": {the same}}.\n",
        "Output lines: {\"id\", \"score\", \"grade\", \"evidence\"}."
    ))]
    Compare(CompareArgs),
    /// Read alert documents: who is named, in which part, for what.
    #[command(after_help = concat!(
        "Example: hitstream extract alert.txt --pretty\n\n",
        "Input: raw text that starts with `Name:`, or JSON lines {\"alert_id\", \"name\", \"text\"}.\n",
        "Output lines: {\"alert_id\", \"entities\": [{\"name\", \"aliases\", \"type\", \"role\", \"tier\", \"offences\", ...}]}, the main subject first."
    ))]
    Extract(ExtractArgs),
    /// Measure how good matching is on labelled parties: recall by class, alerts, thresholds, calibration, worst errors.
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = concat!(
        "Example: hitstream eval --list sdn.jsonl --queries labelled.jsonl --html report.html\n\n",
        "Query lines: a party line with \"expected\": [entity ids], \"class\", \"label\": positive, negative or policy.\n\n",
        "Example: hitstream eval extract --gold documents.jsonl"
    ))]
    Eval(EvalArgs),
    /// Measure screening on one core: parties a second, CPU a party, latency, memory.
    #[command(after_help = "Example: hitstream bench --list sdn.jsonl --input parties.jsonl")]
    Bench(BenchArgs),
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Configuration file; every key is explained in config/hitstream.toml.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

/// Lists from files.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// A list file, with the name of the list before it if it should differ from the file's. May be given several times.
    #[arg(long = "list", value_name = "[NAME=]FILE", required = true)]
    pub lists: Vec<String>,
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

/// Flags of `screen`.
#[derive(Debug, Args)]
pub struct ScreenArgs {
    /// Lists.
    #[command(flatten)]
    pub lists: ListArgs,
    /// JSON lines to screen; - = standard input.
    #[arg(long, value_name = "FILE|-")]
    pub input: String,
    /// Where results go; - = standard output.
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub output: String,
    /// Score from which a candidate is a hit, 0 to 1.
    #[arg(long, default_value_t = 0.70, value_parser = score)]
    pub threshold: f32,
    /// Also return candidates under the threshold down to this score, as `below`.
    #[arg(long, value_parser = score)]
    pub floor: Option<f32>,
    /// At most so many hits (and so many below) a party.
    #[arg(long, default_value_t = 20)]
    pub top: usize,
}

/// Flags of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Lists.
    #[command(flatten)]
    pub lists: ListArgs,
    /// The name as the event has it.
    pub name: String,
    /// Birth date: YYYY, YYYY-MM or YYYY-MM-DD.
    #[arg(long)]
    pub birth_date: Option<String>,
    /// Country: two-letter code or English name.
    #[arg(long)]
    pub country: Option<String>,
    /// Any identity number.
    #[arg(long)]
    pub id_number: Option<String>,
    /// Person, Company or Vessel.
    #[arg(long)]
    pub schema: Option<String>,
}

/// Flags of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The name as an event has it.
    #[arg(requires = "candidate")]
    pub query: Option<String>,
    /// The name as a list has it.
    pub candidate: Option<String>,
    /// Person, Company or Vessel, for both names.
    #[arg(long)]
    pub schema: Option<String>,
    /// Pairs as JSON lines; - = standard input.
    #[arg(long, value_name = "FILE|-", conflicts_with = "query", required_unless_present = "query")]
    pub input: Option<String>,
    /// Where scores go; - = standard output.
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub output: String,
}

/// Flags of `extract`.
#[derive(Debug, Args)]
pub struct ExtractArgs {
    /// Alert documents; - = standard input.
    #[arg(value_name = "FILE|-")]
    pub input: String,
    /// For people: the text with every entity marked, and the entities below it.
    #[arg(long)]
    pub pretty: bool,
}

/// Other things that `eval` measures.
#[derive(Debug, Subcommand)]
pub enum EvalVerb {
    /// How well are alert documents read? Entities, subjects, offences, and the worst errors.
    #[command(after_help = concat!(
        "Example: hitstream eval extract --gold documents.jsonl\n\n",
        "Lines: {\"alert_id\", \"name\", \"text\", \"entities\": [{\"name\", \"type\": PERSON|ORG|VESSEL, \"aliases\": [],\n",
        "\"role\": subject|associate|victim|official|media|other, \"topics\": []}]}"
    ))]
    Extract(EvalExtractArgs),
}

/// Flags of `eval extract`.
#[derive(Debug, Args)]
pub struct EvalExtractArgs {
    /// Labelled documents as JSON lines; - = standard input.
    #[arg(long, value_name = "FILE|-")]
    pub gold: String,
}

/// Flags of `eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Measure something else.
    #[command(subcommand)]
    pub verb: Option<EvalVerb>,
    /// A list file, with the name of the list before it if it should differ from the file's. May be given several times.
    #[arg(long = "list", value_name = "[NAME=]FILE", required = true)]
    pub lists: Vec<String>,
    /// Labelled parties as JSON lines; - = standard input.
    #[arg(long, value_name = "FILE|-", required = true)]
    pub queries: Option<String>,
    /// Threshold of the tables.
    #[arg(long, default_value_t = 0.70, value_parser = score)]
    pub threshold: f32,
    /// Also write one HTML page with plots.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Flags of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Lists.
    #[command(flatten)]
    pub lists: ListArgs,
    /// Party lines to screen.
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// Measure for at least so many seconds, going round the input.
    #[arg(long, default_value_t = 5)]
    pub seconds: u64,
}

fn score(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(score) if (0.0..=1.0).contains(&score) => Ok(score),
        _ => Err("a score is a number from 0 to 1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
