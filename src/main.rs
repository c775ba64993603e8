//! Parses arguments, starts logging, runs one command, maps its error to an exit code.

use clap::Parser;
use hitstream::cli::{Cli, LogFormat, exit};
use hitstream::{commands, telemetry};
use std::process::ExitCode;

fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let cli = Cli::parse();
    let format = cli.log_format;
    telemetry::start(format, &cli.verb);
    match commands::run(cli.verb) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let code = if error.downcast_ref::<commands::BadInput>().is_some() { exit::BAD_INPUT } else { exit::FAILED };
            match format {
                LogFormat::Human => eprintln!("error: {error:#}"),
                LogFormat::Json => tracing::error!(exit_code = code, "{error:#}"),
            }
            ExitCode::from(code)
        }
    }
}

/// `hitstream lists | head -1`: that the reader of our output has gone needs no words. Verbs that change something print
/// before they begin or after they end.
fn end_quietly_when_nobody_reads() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        if text.starts_with("failed printing to stdout") && text.contains("Broken pipe") {
            std::process::exit(i32::from(exit::FAILED));
        }
        told(panic);
    }));
}
