//! Flags of the verbs that work on files alone.

use super::ConfigArgs;
use crate::model::PartyKind;
use clap::builder::TypedValueParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Lists from files.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// A list file, with the name of the list before it if it should differ from the file's. May be given several times.
    #[arg(long = "list", value_name = "[NAME=]FILE", required = true)]
    pub lists: Vec<String>,
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
    /// At most this many hits (and this many below) a party.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub top: u16,
}

/// Flags of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Lists.
    #[command(flatten)]
    pub lists: ListArgs,
    /// The name as the event has it.
    pub name: String,
    /// Birth date: YYYY, YYYY-MM, YYYY-MM-DD or DD.MM.YYYY.
    #[arg(long)]
    pub birth_date: Option<String>,
    /// Country: two-letter code or English name.
    #[arg(long)]
    pub country: Option<String>,
    /// Any identity number.
    #[arg(long)]
    pub id_number: Option<String>,
    /// Person, Company or Vessel.
    #[arg(long, value_parser = schema)]
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
    #[arg(long, value_parser = schema)]
    pub schema: Option<String>,
    /// Pairs as JSON lines; - = standard input.
    #[arg(long, value_name = "FILE|-", conflicts_with = "query", required_unless_present = "query")]
    pub input: Option<String>,
    /// Where scores go; - = standard output.
    #[arg(long, value_name = "FILE|-", default_value = "-", conflicts_with = "query")]
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

/// Other things that `bench` measures.
#[derive(Debug, Subcommand)]
pub enum BenchVerb {
    /// What does a payment cost on the bus, with and without screening, and how long does its decision take? On real Kafka.
    #[command(after_help = concat!(
        "Example: hitstream bench kafka --config config/hitstream.toml --list sdn.jsonl --input parties.jsonl\n\n",
        "Makes topics of its own and deletes them at the end; takes some minutes."
    ))]
    Kafka(BenchKafkaArgs),
}

/// Flags of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Measure something else.
    #[command(subcommand)]
    pub verb: Option<BenchVerb>,
    /// A list file, with the name of the list before it if it should differ from the file's. May be given several times.
    #[arg(long = "list", value_name = "[NAME=]FILE", required = true)]
    pub lists: Vec<String>,
    /// Party lines to screen.
    #[arg(long, value_name = "FILE", required = true)]
    pub input: Option<PathBuf>,
    /// Measure for at least this many seconds, going round the input.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// Fill the list up to so many names with people and companies made from its words.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=20_000_000).map(|count| count as usize))]
    pub names: Option<usize>,
    /// Change so many alerts a second meanwhile, as the alert feed does, and tell how soon a change is visible.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub changes: Option<u32>,
    /// Keep the figures in this file.
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Print how the figures stand to those kept in this file.
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
}

/// Flags of `bench kafka`.
#[derive(Debug, Args)]
pub struct BenchKafkaArgs {
    /// Where the broker is: only [kafka] is used.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Lists.
    #[command(flatten)]
    pub lists: ListArgs,
    /// Party lines: two make a payment.
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// Payments of each run.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1000..=5_000_000).map(|count| count as usize))]
    pub messages: usize,
    /// Partitions of the topics.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(i32).range(2..=100))]
    pub partitions: i32,
}

/// A schema that is compared in a way of its own.
fn schema(text: &str) -> Result<String, String> {
    match PartyKind::of_schema(text) {
        PartyKind::Unknown => Err("must be Person, Company or Vessel".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Reads a score.
pub(super) fn score(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(score) if (0.0..=1.0).contains(&score) => Ok(score),
        _ => Err("a score is a number from 0 to 1".to_owned()),
    }
}
