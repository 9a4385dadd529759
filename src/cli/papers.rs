//! `huiting export`, `huiting verify` and `huiting templates`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use hub::Packed;
use model::HearingId;
use papers::{Fonts, Format, PaperName, Printing, Record, Seal};
use record::JournalReader;

use crate::config::Config;

/// Arguments of `huiting export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The hearing, as `huiting case list` names it.
    hearing: HearingId,
    /// The folder the package or paper is written into; without it, beside the hearing.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// One paper instead of the package: record, examination, fault-3 …; with -copy, a party's copy.
    #[arg(long, value_name = "NAME")]
    paper: Option<PaperName>,
    /// The paper's format: pdf, docx or html.
    #[arg(long, value_name = "FORMAT", default_value = "pdf", requires = "paper")]
    format: Format,
    /// The result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `huiting verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 whole and unaltered; 3 something is wrong, and named; 1 it could not be checked."
)]
pub struct VerifyArguments {
    /// The package: its folder, or the .zip in which it was downloaded.
    package: PathBuf,
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}

/// Writes packages for the hub, and for `huiting export`.
pub struct Packer {
    /// The folder of everything.
    pub data: PathBuf,
    /// Font of the PDF.
    pub font: PathBuf,
}

impl Packer {
    fn write(&self, hearing: &HearingId, hearing_dir: &Path, out: &Path) -> anyhow::Result<papers::Written> {
        let (templates, faults) = super::templates::of_court(&self.data);
        faults.iter().for_each(|fault| tracing::warn!("{fault}"));
        let signer = hub::signer_of(&self.data, hearing)?;
        std::fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
        Ok(papers::write_package(&papers::PackageInput {
            journal_dir: &hearing_dir.join("journal"),
            media_dir: &hearing_dir.join("media"),
            scans_dir: &hearing_dir.join("scans"),
            out_dir: out,
            font: &self.font,
            templates: &templates,
            signer: &signer,
            now: media::clock::utc_now(),
        })?)
    }
}

impl hub::Packer for Packer {
    fn pack(&self, hearing: &HearingId, hearing_dir: &Path) -> Result<Packed, String> {
        let written = self.write(hearing, hearing_dir, &hearing_dir.join("package"));
        let written = written.map_err(|e| format!("{e:#}"))?;
        Ok(Packed { name: written.name, verified: written.report.ok })
    }
}

/// Does `huiting export`.
pub fn export(arguments: &ExportArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let dir = config.data.join("hearings").join(arguments.hearing.as_str());
    if !dir.join("journal").exists() {
        bail!("there is no hearing {} below {}", arguments.hearing, config.data.display());
    }
    if let Some(name) = arguments.paper {
        return export_paper(arguments, name, &dir, config);
    }
    let packer = Packer { data: config.data.clone(), font: config.font.clone() };
    let out = arguments.out.clone().unwrap_or_else(|| dir.join("package"));
    let written = packer.write(&arguments.hearing, &dir, &out)?;
    if arguments.json {
        super::print_json(&serde_json::json!({ "path": written.path, "ok": written.report.ok }))?;
    } else {
        println!("{}: {}", written.path.display(), if written.report.ok { "whole" } else { "NOT whole" });
    }
    Ok(if written.report.ok { ExitCode::SUCCESS } else { ExitCode::from(super::EXIT_NOT_WHOLE) })
}

/// Writes one paper of a hearing as it stands in its journal.
fn export_paper(
    arguments: &ExportArguments,
    name: PaperName,
    dir: &Path,
    config: &Config,
) -> anyhow::Result<ExitCode> {
    let journal = JournalReader::read(&dir.join("journal"), None)?;
    let state = papers::fold(&journal.entries).map_err(anyhow::Error::msg)?;
    let record = Record::of(&state).context("the journal holds no hearing yet")?;
    let (templates, faults) = super::templates::of_court(&config.data);
    faults.iter().for_each(|fault| tracing::warn!("{fault}"));
    let seal = Seal::last_of(&journal).filter(|_| record.closed.is_some());
    let draft = record.closed.is_none().then(media::clock::utc_now);
    let paper = papers::compose(name, &record, &templates, Printing { seal: seal.as_ref(), draft })?;
    let (ending, bytes) = match arguments.format {
        Format::Html => ("html", papers::html(&paper).into_bytes()),
        Format::Docx => ("docx", papers::docx(&paper)?),
        Format::Pdf => ("pdf", papers::pdf(&paper, &Fonts::load(&config.font)?)?),
    };
    let out = arguments.out.clone().unwrap_or_else(|| dir.join("papers"));
    std::fs::create_dir_all(&out).with_context(|| format!("{} cannot be made", out.display()))?;
    let path = out.join(format!("{name}.{ending}"));
    std::fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    if arguments.json {
        super::print_json(&serde_json::json!({ "path": path, "faults": faults }))?;
    } else {
        println!("{}: {}", path.display(), paper.name());
    }
    Ok(ExitCode::SUCCESS)
}

/// Does `huiting verify`.
pub fn verify(arguments: &VerifyArguments) -> anyhow::Result<ExitCode> {
    if !arguments.package.exists() {
        bail!("{} is not there: give a package's folder or its .zip", arguments.package.display());
    }
    // A folder for the contents of an archive, for as long as they are looked at.
    let mut unpacked = None;
    let package = if arguments.package.is_file() {
        let dir = unpacked.insert(tempfile::tempdir().context("no folder to unpack into")?);
        match papers::unzip_package(&arguments.package, dir.path()) {
            Ok(package) => package,
            Err(error) => {
                return not_a_package(&format!("{}: {error}", arguments.package.display()), arguments.json);
            }
        }
    } else {
        arguments.package.clone()
    };
    let report = match papers::verify(&package) {
        Ok(report) => report,
        Err(error @ papers::VerifyError::NotAPackage(_)) => {
            return not_a_package(&error.to_string(), arguments.json);
        }
        Err(error) => return Err(error.into()),
    };
    if arguments.json {
        super::print_json(&report)?;
    } else {
        print!("{report}");
    }
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::from(super::EXIT_NOT_WHOLE) })
}

/// What is no package is not whole either; and a program that asked for JSON gets JSON.
fn not_a_package(why: &str, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        let finding = serde_json::json!({ "file": "bagit.txt", "what": "missing", "detail": why });
        super::print_json(&serde_json::json!({ "ok": false, "findings": [finding] }))?;
    } else {
        eprintln!("huiting: {why}: give a package's folder or the .zip it was downloaded in");
    }
    Ok(ExitCode::from(super::EXIT_NOT_WHOLE))
}

/// What is wrong with a package, one sentence each; empty if it is whole.
pub fn findings(package: &Path) -> anyhow::Result<Vec<String>> {
    let report = papers::verify(package)?;
    Ok(report.findings.iter().map(ToString::to_string).collect())
}
