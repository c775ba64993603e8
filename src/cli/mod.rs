//! The command line: verbs, flags and exit codes.

mod files;
mod kafka;

pub use files::*;
pub use kafka::*;

use clap::{Parser, Subcommand, ValueEnum};
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
    /// See it work: the real worker on an in-process broker with sample alerts and events. Needs nothing else.
    #[command(after_help = concat!("Example: hitstream demo --events 2000 --rate 500\n\n", "Stops by itself; Ctrl-C stops it earlier."))]
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
    /// Create or check the topics that a configuration needs, or print the rights on them.
    #[command(after_help = "Example: hitstream topics create --config config/hitstream.toml --partitions 6 --replication 3")]
    Topics(TopicsArgs),
    /// Check a configuration or a mapping without Kafka.
    #[command(after_help = "Example: hitstream config check --config config/hitstream.toml")]
    Config {
        /// What to check.
        #[command(subcommand)]
        verb: ConfigVerb,
    },
    /// Show what a mapping finds in sample records of a topic.
    #[command(after_help = concat!(
        "Example: hitstream map check --config hitstream.toml --topic payments --sample payments.jsonl\n\n",
        "Sample: one JSON record, or one a line."
    ))]
    Map {
        /// What to do.
        #[command(subcommand)]
        verb: MapVerb,
    },
    /// List records that could not be read, and send them again once the cause is mended.
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
    /// Show one alert and what is read from it; withdraw it, or overrule how it was read.
    #[command(after_help = "Example: hitstream alerts show ofac/Q12345 --config config/hitstream.toml")]
    Alerts {
        /// What to do.
        #[command(subcommand)]
        verb: AlertsVerb,
    },
    /// Show which lists the alert topic holds: records, versions, ages.
    #[command(after_help = concat!(
        "Example: hitstream lists --config config/hitstream.toml\n\n",
        "What a running worker has loaded stands in its /status."
    ))]
    Lists(ConfigArgs),
    /// Watch hits as they are published.
    #[command(after_help = concat!(
        "Example: hitstream hits tail --config config/hitstream.toml --tier high --score-min 0.9\n\n",
        "Stops with Ctrl-C, or after --count hits."
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
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = concat!(
        "Example: hitstream bench --list sdn.jsonl --input parties.jsonl\n",
        "Example: hitstream bench kafka --config config/hitstream.toml --list sdn.jsonl --input parties.jsonl"
    ))]
    Bench(BenchArgs),
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
