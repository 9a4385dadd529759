//! `huiting export` and `huiting verify`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use model::HearingId;

use crate::config::Config;

/// Arguments of `huiting export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The hearing.
    hearing: HearingId,
    /// Where the package goes; without it, beside the hearing.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `huiting verify`.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The package (a folder).
    package: PathBuf,
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}
