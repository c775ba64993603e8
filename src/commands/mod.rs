//! One file a verb: wires parts together, decides nothing.

mod alerts_change;
mod alerts_show;
mod bench;
mod bench_kafka;
mod bench_latency;
mod compare;
mod config_check;
mod dead_letters;
mod demo;
mod eval;
mod eval_extract;
mod explain;
mod extract;
mod hits_tail;
mod list_files;
mod lists;
mod man;
mod map_check;
mod publish;
mod run;
mod screen;
mod synthetic;
mod topics;

use crate::cli::{AlertsVerb, BenchVerb, Cli, ConfigVerb, EvalVerb, HitsVerb, MapVerb, Verb, exit};
use clap::CommandFactory;

/// The user can mend it: wrong file, wrong configuration. Maps to its own exit code.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadInput(pub String);

/// Runs one verb and returns its exit code.
///
/// # Errors
/// With a text for a person; a [`BadInput`] inside means that running it again changes nothing.
pub fn run(verb: Verb) -> anyhow::Result<u8> {
    match verb {
        Verb::Screen(args) => screen::run(&args),
        Verb::Explain(args) => explain::run(&args),
        Verb::Compare(args) => compare::run(&args),
        Verb::Extract(args) => extract::run(&args),
        Verb::Eval(args) => match &args.verb {
            Some(EvalVerb::Extract(args)) => eval_extract::run(args),
            None => eval::run(&args),
        },
        Verb::Bench(args) => match &args.verb {
            Some(BenchVerb::Kafka(args)) => bench_kafka::run(args),
            None => bench::run(&args),
        },
        Verb::Run(args) => run::run(&args),
        Verb::Publish(args) => publish::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Topics(args) => topics::run(&args),
        Verb::Config { verb: ConfigVerb::Check(args) } => config_check::run(&args),
        Verb::Map { verb: MapVerb::Check(args) } => map_check::run(&args),
        Verb::DeadLetters { verb } => dead_letters::run(&verb),
        Verb::Alerts { verb } => match verb {
            AlertsVerb::Show(args) => alerts_show::run(&args),
            AlertsVerb::Withdraw(args) => alerts_change::withdraw(&args),
            AlertsVerb::Override(args) => alerts_change::overrule(&args),
        },
        Verb::Lists(args) => lists::run(&args),
        Verb::Hits { verb: HitsVerb::Tail(args) } => hits_tail::run(&args),
        Verb::Man { folder } => man::run(&folder),
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "hitstream", &mut std::io::stdout());
            Ok(exit::OK)
        }
    }
}

/// `1 record`, `2 records`.
fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Missing topics, missing rights and refused settings do not heal by trying again; a broker that is away may.
fn kafka_error(error: crate::bus::kafka::KafkaError) -> anyhow::Error {
    use crate::bus::kafka::KafkaError::{Client, MissingTopics, NotAllowed, Settings, Stopped, Unreachable};
    match error {
        MissingTopics(_) | NotAllowed(_) | Settings(_) => BadInput(error.to_string()).into(),
        Unreachable(..) | Stopped | Client(_) => error.into(),
    }
}
