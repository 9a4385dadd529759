//! `huiting statutes`: laws and judicial interpretations, imported and looked up without a running hub.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use dossier::statutes::{ImportReport, Statutes, import};
use hub::STATUTE_HITS_MAX;
use model::Day;
use protocol::wire::StatuteHit;

use crate::config::Config;

/// `huiting statutes …`
#[derive(Debug, Subcommand)]
pub(super) enum StatutesCommand {
    /// Imports a folder of Markdown files; a version's date ends its file's name: 民事诉讼法(2023-09-01).md. The same
    /// folder again takes in what is new or changed.
    Import {
        /// The folder.
        folder: PathBuf,
    },
    /// Finds articles: 民法典第577条, 民法典 违约金, minfadian 577, or words.
    Find {
        /// What to look for.
        #[arg(required = true)]
        query: Vec<String>,
        /// The day whose law is asked for, as 2023-12-29: of each law the newest version not after it. Without it, today.
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: Option<Day>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists the laws with the dates of their versions.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Does `huiting statutes …`.
pub(super) fn run(command: StatutesCommand, config: &Config) -> anyhow::Result<ExitCode> {
    let statutes = Statutes::new(&config.data);
    match command {
        StatutesCommand::Import { folder } => {
            if !folder.is_dir() {
                bail!(
                    "{} is no folder; unpack the statutes and give the folder of Markdown files",
                    folder.display()
                );
            }
            let report = import(&config.data, &folder, &mut |line| eprintln!("{line}"))?;
            tell(&report);
        }
        StatutesCommand::Find { query, date, json } => {
            if statutes.count()? == 0 {
                bail!("no statutes are imported yet; run `huiting statutes import <folder>` first");
            }
            let date = date.unwrap_or_else(|| media::clock::utc_now().beijing_day());
            let hits = statutes.find(&query.join(" "), date, STATUTE_HITS_MAX)?;
            if json {
                super::print_json(&serde_json::json!({ "date": date, "hits": hits }))?;
            } else {
                hits.iter().for_each(|hit| print_hit(hit, date));
            }
        }
        StatutesCommand::List { json } => {
            let laws = statutes.list()?;
            if json {
                super::print_json(&laws)?;
                return Ok(ExitCode::SUCCESS);
            }
            for law in &laws {
                let versions: Vec<String> =
                    law.versions.iter().map(|(date, articles)| format!("{date} ({articles})")).collect();
                println!("{}  {}  {}", law.law, law.name, versions.join(", "));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What could not be read goes to standard error, the count to standard output.
fn tell(report: &ImportReport) {
    for (file, why) in &report.refused {
        eprintln!("not read: {}: {why}", file.display());
    }
    for (file, why) in &report.contradictions {
        eprintln!("contradicts: {}: {why}", file.display());
    }
    println!(
        "{} files: {} unchanged, {} not read; {} laws, {} versions, {} articles",
        report.files,
        report.unchanged,
        report.refused.len(),
        report.laws,
        report.versions,
        report.articles
    );
}

fn print_hit(hit: &StatuteHit, date: Day) {
    let article = &hit.article;
    let sound = super::told_by(hit.by);
    let later = article.effective.filter(|from| *from > date);
    let later = later.map(|from| format!(" (自 {from} 施行)")).unwrap_or_default();
    println!("{} {}（{}）{later}{sound}", article.name, article.label, article.version);
    article.text.lines().for_each(|line| println!("    {line}"));
}
