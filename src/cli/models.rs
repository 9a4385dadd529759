//! `huiting models`: what the manifest knows, and whether a file is what it says.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::config::Config;

/// `huiting models …`
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Lists the models of the manifest.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Looks at a model file: its form, its size, its SHA-256 against the manifest.
    Check {
        /// The file; without it, the one of the settings.
        file: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Does it.
pub fn run(command: &ModelsCommand, config: &Config) -> anyhow::Result<ExitCode> {
    todo!()
}
