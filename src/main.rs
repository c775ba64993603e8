//! Parses arguments, starts logging, runs one command, maps its error to an exit code.

use clap::Parser;
use hitstream::cli::{Cli, exit};
use hitstream::{commands, telemetry};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::start(cli.log_format, &cli.verb);
    match commands::run(cli.verb) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let code = if error.downcast_ref::<commands::BadInput>().is_some() { exit::BAD_INPUT } else { exit::FAILED };
            eprintln!("error: {error:#}");
            ExitCode::from(code)
        }
    }
}
