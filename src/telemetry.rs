//! Log lines on standard error: for people or as JSON.

use crate::cli::LogFormat;
use tracing_subscriber::EnvFilter;

/// Starts logging. `HITSTREAM_LOG` sets levels, e.g. `hitstream=debug`; the default is `info`.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_env("HITSTREAM_LOG").unwrap_or_else(|_| EnvFilter::new("info,tantivy=warn"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        LogFormat::Human => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
}
