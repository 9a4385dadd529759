//! `huiting audit`: who took what off its shelf.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use hub::{AUDIT_FOLDER, Audited};
use model::UtcMs;
use record::{JournalReader, Key};
use serde::Serialize;

use crate::config::Config;

/// Arguments of `huiting audit`.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 the journal is whole; 3 it is not, and the place is named.")]
pub struct AuditArguments {
    /// Only acts at seats of this hearing.
    #[arg(long)]
    hearing: Option<String>,
    /// Only acts of this seat or account.
    #[arg(long)]
    who: Option<String>,
    /// The folder of a meeting, which has an audit journal of its own; or `audit-<date>` of a restored house, which holds that of the house before.
    #[arg(long)]
    meeting: Option<PathBuf>,
    /// As JSON lines.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    seq: u64,
    wall: UtcMs,
    #[serde(flatten)]
    audited: &'a Audited,
}

/// Prints the journal, oldest first, and says if it is not whole.
pub fn run(arguments: &AuditArguments, config: &Config) -> anyhow::Result<ExitCode> {
    // A name alone stands in the data folder.
    let named = arguments.meeting.as_ref().map(|m| if m.exists() { m.clone() } else { config.data.join(m) });
    let folder = named.as_ref().unwrap_or(&config.data);
    let dir = folder.join(AUDIT_FOLDER);
    if !dir.is_dir() {
        bail!("{} is not there: nothing has been read here yet, or this is no data folder", dir.display());
    }
    // A meeting's journal is read without a key; nothing is made where none is.
    let file = folder.join(hub::KEY_FILE);
    let signer = file.exists().then(|| anyhow::Ok(Key::load_or_create(&file)?.signer("huiting/audit")?));
    let signer = signer.transpose()?;
    let read = JournalReader::read(&dir, signer.as_ref().map(proof::Signer::key))?;
    for entry in &read.entries {
        let payload = entry.payload.as_deref().context("an entry without its payload")?;
        let audited: Audited = serde_json::from_slice(payload)?;
        let other = |wanted: &Option<String>, is: &String| wanted.as_ref().is_some_and(|w| w != is);
        if other(&arguments.hearing, &audited.hearing) || other(&arguments.who, &audited.who) {
            continue;
        }
        if arguments.json {
            let line = Line { seq: entry.seq, wall: entry.wall, audited: &audited };
            println!("{}", serde_json::to_string(&line)?);
            continue;
        }
        let (y, mo, d, h, mi, s) = entry.wall.beijing();
        let who = if audited.who.is_empty() { "administrator (link)" } else { &audited.who };
        let at = if audited.hearing.is_empty() { String::new() } else { format!(" {}", audited.hearing) };
        let from = if audited.terminal.is_empty() {
            String::new()
        } else {
            format!(" (terminal {})", audited.terminal)
        };
        let (act, what) = (&audited.act, audited.what.trim_end());
        println!("{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02} {who}{at} {act} {what}{from}");
    }
    for fault in &read.faults {
        eprintln!("✗ {fault}");
    }
    Ok(if read.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(super::EXIT_NOT_WHOLE) })
}
