//! `huiting case import-list`, `huiting case restore` and `huiting indicators`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use hub::{Deposit, ListFormat, Offers};
use model::CaseId;
use papers::{ArchiveManifest, ArchivedPiece};
use record::{NewCase, Store};
use registry::{Month, number_key};

use super::filing::{Filing, open_pages};
use crate::config::Config;

/// Imports a case list; wrong rows are named, and make the exit code 1.
pub fn import_list(file: &Path, json: bool, store: &Store, config: &Config) -> anyhow::Result<ExitCode> {
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let is_json = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let format = if is_json { ListFormat::Json } else { ListFormat::Csv };
    let outlines: Vec<_> =
        Offers::read(&config.outlines).offers.into_iter().map(|o| (o.outline.id.0, o.outline.name)).collect();
    let list = format.read(&bytes, &outlines)?;
    let done = store.import_list(list, &config.court, media::clock::utc_now())?;
    if json {
        super::print_json(&done)?;
    } else {
        for fault in &done.faults {
            println!("{}:{}: {} {}", file.display(), fault.line, fault.column, fault.sentence);
        }
        println!(
            "{} cases new, {} changed, {} unchanged, {} hearings scheduled, {} faults",
            done.created,
            done.changed,
            done.unchanged,
            done.scheduled,
            done.faults.len()
        );
    }
    Ok(if done.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Brings an archive into this Huiting: verifies it, keeps a copy, and files its documents so that they can be found.
pub fn restore(package: &Path, wait: bool, store: &Store, config: &Config) -> anyhow::Result<ExitCode> {
    let report = papers::verify(package)?;
    if !report.ok {
        print!("{report}");
        return Ok(ExitCode::from(super::EXIT_NOT_WHOLE));
    }
    let said = papers::read_manifest(package).map_err(anyhow::Error::msg)?;
    let case = said.case.id.clone();
    let same = |n: &str| number_key(n) == number_key(&said.case.number);
    if let Some(there) = store.cases()?.into_iter().find(|c| c.case.id == case || same(&c.case.number)) {
        bail!("case {} ({}) is here already; nothing was restored", there.case.id, there.case.number);
    }
    // Its secondary file (副卷) is nothing that a hub takes at its door: restored with the hub stopped.
    let filing = Filing::Own(Box::new(open_pages(config, true)?));
    let kept = keep(package, config)?;
    add_case(&said, store, config)?;
    let secondary = hub::secondary_of(&case)?;
    for piece in &said.main {
        add(&filing, &case, &kept, piece)?;
    }
    for piece in &said.secondary {
        add(&filing, &secondary, &kept, piece)?;
    }
    println!(
        "case {case} restored: {} documents, {} in the secondary file, {} hearings; the archive is kept in {}",
        said.main.len(),
        said.secondary.len(),
        said.hearings.len(),
        kept.display()
    );
    if wait {
        filing.wait_until_read(&case)?;
        filing.wait_until_read(&secondary)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn add_case(said: &ArchiveManifest, store: &Store, config: &Config) -> anyhow::Result<()> {
    let c = &said.case;
    // A court that keeps the case need not have the outline it was heard by.
    let procedure = super::outline::known(config, &c.procedure).map_or_else(|_| c.procedure.clone(), |o| o.0);
    let new = NewCase {
        id: c.id.clone(),
        number: c.number.clone(),
        cause: c.cause.clone(),
        court: c.court.clone(),
        procedure,
        json: serde_json::to_string(c)?,
    };
    store.set_setting(&hub::restored_key(&c.id), &serde_json::to_string(&said.archived)?)?;
    Ok(store.add_case(&new, media::clock::utc_now())?)
}

fn add(filing: &Filing, of: &CaseId, root: &Path, piece: &ArchivedPiece) -> anyhow::Result<()> {
    let file = root.join("data").join(&piece.file);
    let ending = file.extension().map_or_else(String::new, |e| format!(".{}", e.to_string_lossy()));
    let evidence = piece.evidence_number.map_or_else(String::new, |n| format!("证据{n} "));
    let title = piece.entry.title.strip_prefix(&evidence).unwrap_or(&piece.entry.title).to_owned();
    let deposit = Deposit {
        name: format!("{title}{ending}"),
        file,
        side: piece.side,
        heading: piece.entry.heading.clone(),
        title,
        evidence_number: piece.evidence_number,
        made: None,
        password: None,
        offer: None,
    };
    filing.add(of, deposit).map(drop).with_context(|| piece.file.clone())
}

/// Copies the archive among those of this machine, where it verifies as before.
fn keep(package: &Path, config: &Config) -> anyhow::Result<PathBuf> {
    let package = std::fs::canonicalize(package)?;
    let name = package.file_name().context("the archive is a folder with a name")?;
    let kept = config.data.join("archive").join(name);
    if kept.exists() && std::fs::canonicalize(&kept)? == package {
        return Ok(kept);
    }
    if kept.exists() {
        bail!("{} is there already; move it away first", kept.display());
    }
    copy(&package, &kept).with_context(|| format!("{} cannot be written", kept.display()))?;
    if papers::verify(&kept)?.ok {
        return Ok(kept);
    }
    bail!("the copy in {} is not whole; check the disk, remove it, and restore again", kept.display())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), &to)?;
            std::fs::File::open(&to)?.sync_all()?;
        }
    }
    Ok(())
}

/// Arguments of `huiting indicators`.
#[derive(Debug, Args)]
pub struct IndicatorArguments {
    /// The month, e.g. 2026-03; without it, the one that is going on.
    #[arg(long)]
    month: Option<Month>,
    /// With every case, as CSV.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// With every case, as JSON.
    #[arg(long)]
    json: bool,
}

/// Does `huiting indicators`: the figures over what has been noted in the store. The hub notes what happens in dossiers and
/// hearings whenever its own page of the indicators is opened.
pub fn indicators(arguments: &IndicatorArguments, config: &Config) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&config.data)?;
    let store = Store::open(&config.data.join("huiting.sqlite"))?;
    let (settings, fault) = hub::read_indicators(&config.data.join("indicators.toml"))?;
    let (required, pieces_fault) = hub::read_pieces(&config.data.join("pieces.toml"))?;
    fault.iter().chain(&pieces_fault).for_each(|f| tracing::warn!("{f}"));
    let now = media::clock::utc_now();
    let month = arguments.month.unwrap_or_else(|| Month::at(now));
    let cases = hub::case_facts(&store, &required)?;
    let figures = registry::of_month(&settings, &cases, month, now);
    if arguments.json {
        super::print_json(&figures)?;
    } else if arguments.csv {
        print!("{}", registry::figures_csv(&figures));
    } else {
        for f in &figures {
            let rate = f64::from(f.numerator) * 100.0 / f64::from(f.denominator.max(1));
            println!("{month}  {}  {}/{}  {rate:.2}%", f.indicator.zh(), f.numerator, f.denominator);
        }
    }
    Ok(ExitCode::SUCCESS)
}
