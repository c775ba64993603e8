//! Log lines on standard error: for people or as JSON.

use crate::cli::{LogFormat, Verb};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging. `HITSTREAM_LOG` sets levels, e.g. `hitstream=debug`. The default is `info` for the worker and `warn`
/// for verbs that talk to a person by themselves.
pub fn start(format: LogFormat, verb: &Verb) {
    let level = if matches!(verb, Verb::Run(_)) { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("HITSTREAM_LOG").unwrap_or_else(|_| EnvFilter::new(format!("{level},tantivy=warn")));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        LogFormat::Human => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().init(),
    }
}
