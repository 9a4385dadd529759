//! `huiting outline`: the outlines a hearing may have, and whether a court's own file is right.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use court::{MEETING_OUTLINES, OutlineId, SHIPPED_OUTLINES};
use hub::Offers;

use crate::config::Config;

/// `huiting outline …`
#[derive(Debug, Subcommand)]
pub enum OutlineCommand {
    /// Lists the outlines, the court's own included, and what is wrong with its files.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Prints the file of an outline: the court's own, else the shipped one.
    Print {
        /// Its id.
        id: String,
    },
    /// Reads a file as the hub would and says what is wrong with it.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// The id of a procedure, or why there is no such outline.
pub fn known(config: &Config, procedure: &str) -> anyhow::Result<OutlineId> {
    let offers = Offers::read(&config.outlines);
    let found = offers.find(procedure).map(|o| o.id.clone());
    found.with_context(|| {
        let ids: Vec<_> = offers.ids().into_iter().map(|id| id.0).collect();
        format!("there is no outline \"{procedure}\": choose one of {}", ids.join(", "))
    })
}

/// Does `huiting outline …`.
pub fn run(command: OutlineCommand, config: &Config) -> anyhow::Result<ExitCode> {
    match command {
        OutlineCommand::List { json } => list(config, json),
        OutlineCommand::Print { id } => print(config, &id),
        OutlineCommand::Check { file } => {
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let outline = court::parse_outline(&file.display().to_string(), &text)?;
            let texts = outline.texts.len() + outline.phases.iter().map(|p| p.texts.len()).sum::<usize>();
            println!("{} {}: {} phases, {texts} texts", outline.id, outline.name, outline.phases.len());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn list(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let Offers { offers, faults, .. } = Offers::read(&config.outlines);
    if json {
        let rows: Vec<_> = offers
            .iter()
            .map(|o| serde_json::json!({ "id": o.outline.id, "name": o.outline.name, "en": o.outline.en, "file": o.file }))
            .collect();
        super::print_json(&serde_json::json!({ "outlines": rows, "faults": faults }))?;
    } else {
        for o in &offers {
            let from = o.file.as_ref().map_or_else(String::new, |f| format!("  {}", f.display()));
            println!("{:<20} {} ({}){from}", o.outline.id.0, o.outline.name, o.outline.en);
        }
        for fault in &faults {
            println!("✗ {fault}");
        }
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(config: &Config, id: &str) -> anyhow::Result<ExitCode> {
    if let Some((_, _, text)) =
        MEETING_OUTLINES.iter().find(|(_, file, _)| file.strip_suffix(".toml") == Some(id))
    {
        print!("{text}");
        return Ok(ExitCode::SUCCESS);
    }
    let id = known(config, id)?;
    let own = Offers::read(&config.outlines).offers.into_iter().find(|o| o.outline.id == id);
    if let Some(file) = own.and_then(|o| o.file) {
        print!("{}", std::fs::read_to_string(&file).with_context(|| file.display().to_string())?);
        return Ok(ExitCode::SUCCESS);
    }
    let shipped = SHIPPED_OUTLINES.iter().find(|(file, _)| file.strip_suffix(".toml") == Some(&id.0));
    let (_, text) = shipped.with_context(|| format!("the file of {id} is gone"))?;
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}
