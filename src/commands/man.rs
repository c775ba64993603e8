//! `hitstream man`: the man pages of all verbs.

use super::BadInput;
use crate::cli::{Cli, exit};
use clap::CommandFactory;
use std::path::Path;

pub(super) fn run(folder: &Path) -> anyhow::Result<u8> {
    let named = |error: std::io::Error| BadInput(format!("folder {}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(named)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(named)?;
    println!("wrote the man pages to {}; try: man {}", folder.display(), folder.join("hitstream.1").display());
    Ok(exit::OK)
}
