//! `huiting proof`: that one line, mark or fragment stands in the journal of a hearing, in a file that needs nothing but the key.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::{Args, Subcommand};
use model::HearingId;
use proof::{Checkpoint, Hash, Signer as _, TlogProof, VerifyingKey, payload_commitment};
use record::{Entry, JournalReader, Key};
use serde::{Deserialize, Serialize};

use crate::config::Config;

/// `huiting proof …`.
#[derive(Debug, Subcommand)]
pub enum ProofCommand {
    /// Writes a .tlog-proof file for each entry of the journal about something.
    Make(MakeArguments),
    /// Checks a .tlog-proof file and says what it proves. Needs no other file.
    Check {
        /// The file.
        file: PathBuf,
        /// The key of the hearing's journal (`huiting proof key`, or data/key.txt of a package), or a file that holds it.
        #[arg(long)]
        key: String,
        /// The result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Checks that a journal only grew since an older signed checkpoint, e.g. data/checkpoint.txt of a package.
    Consistency {
        /// The hearing.
        hearing: HearingId,
        /// The older checkpoint.
        checkpoint: PathBuf,
        /// The result as JSON, with the proof.
        #[arg(long)]
        json: bool,
    },
    /// Prints the public key of a hearing's journal: the trust anchor to be published.
    Key {
        /// The hearing.
        hearing: HearingId,
    },
}

/// What is to be proved.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Subject {
    /// An entry of the journal by its number.
    #[arg(long, value_name = "N")]
    entry: Option<u64>,
    /// A line of the record: its words, and every correction.
    #[arg(long, value_name = "N")]
    line: Option<u64>,
    /// A mark on a page.
    #[arg(long, value_name = "N")]
    mark: Option<u64>,
    /// A fragment of the recording, as TRACK/NUMBER.
    #[arg(long, value_name = "TRACK/NUMBER")]
    fragment: Option<String>,
}

/// Arguments of `huiting proof make`.
#[derive(Debug, Args)]
pub struct MakeArguments {
    /// The hearing, as `huiting case list` names it.
    hearing: HearingId,
    #[command(flatten)]
    subject: Subject,
    /// The folder of the files; without it, the current one.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// The result as JSON.
    #[arg(long)]
    json: bool,
}

/// What travels in the `extra` line of a proof.
#[derive(Debug, Serialize, Deserialize)]
struct Logged {
    /// The bytes that were hashed, base64.
    entry: String,
    /// Base64; nothing where the event is withheld.
    salt: Option<String>,
    /// The event as it stands in the journal; JSON text.
    event: Option<String>,
}

/// Does `huiting proof …`.
pub fn run(command: &ProofCommand, load: impl Fn() -> anyhow::Result<Config>) -> anyhow::Result<ExitCode> {
    match command {
        ProofCommand::Make(arguments) => make(arguments, &load()?),
        ProofCommand::Check { file, key, json } => check(file, key, *json),
        ProofCommand::Consistency { hearing, checkpoint, json } => {
            consistency(hearing, checkpoint, *json, &load()?)
        }
        ProofCommand::Key { hearing } => {
            println!("{}", key_of(hearing, &load()?)?.text());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn key_of(hearing: &HearingId, config: &Config) -> anyhow::Result<VerifyingKey> {
    let path = config.data.join("hub.key");
    if !path.exists() {
        bail!("{} is not there: a hub has not run here yet", path.display());
    }
    Ok(Key::load_or_create(&path)?.signer(&hub::signer_name(hearing))?.key().clone())
}

fn journal(hearing: &HearingId, config: &Config) -> anyhow::Result<(PathBuf, VerifyingKey, JournalReader)> {
    let dir = config.data.join("hearings").join(hearing.as_str()).join("journal");
    if !dir.exists() {
        bail!("there is no hearing {hearing} below {}", config.data.display());
    }
    let key = key_of(hearing, config)?;
    let read = JournalReader::read(&dir, Some(&key))?;
    if let Some(fault) = read.faults.first() {
        bail!("the journal of {hearing} is damaged: {fault}");
    }
    Ok((dir, key, read))
}

fn make(arguments: &MakeArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let (dir, key, read) = journal(&arguments.hearing, config)?;
    let (size, note) =
        read.checkpoints.last().context("the journal has no signed checkpoint yet; wait a second")?;
    let wanted: Vec<&Entry> = read.entries.iter().filter(|e| is_about(e, &arguments.subject)).collect();
    if wanted.is_empty() {
        bail!("the journal of {} holds nothing about that", arguments.hearing);
    }
    if let Some(late) = wanted.iter().find(|e| e.seq > *size) {
        bail!("entry {} is not under a signed checkpoint yet; wait a second", late.seq);
    }
    std::fs::create_dir_all(&arguments.out)
        .with_context(|| format!("{} cannot be made", arguments.out.display()))?;
    let leaves = read.leaves();
    let mut written = Vec::with_capacity(wanted.len());
    for entry in wanted {
        let leaf = JournalReader::leaf(&dir, entry)?;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).context("an event is no text");
        let logged = Logged {
            entry: STANDARD.encode(&leaf.core),
            salt: leaf.payload.as_ref().map(|(salt, _)| STANDARD.encode(salt)),
            event: leaf.payload.map(|(_, payload)| text(payload)).transpose()?,
        };
        let proof = TlogProof::of(&leaves, entry.seq - 1, note, serde_json::to_vec(&logged)?)?;
        proof.verify(&leaf.core, &key)?;
        let path = arguments.out.join(format!("{}-entry-{}.tlog-proof", arguments.hearing, entry.seq));
        std::fs::write(&path, proof.text())
            .with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(
            serde_json::json!({ "path": path, "entry": entry.seq, "kind": entry.kind, "at": entry.at }),
        );
        if !arguments.json {
            println!("{}: entry {} ({}) at {}", path.display(), entry.seq, entry.kind, entry.at);
        }
    }
    if arguments.json {
        super::print_json(&serde_json::json!({ "key": key.text(), "proofs": written }))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether an entry is about the subject: its event names it.
fn is_about(entry: &Entry, subject: &Subject) -> bool {
    if let Some(number) = subject.entry {
        return entry.seq == number;
    }
    let event = entry.payload.as_deref().and_then(|p| serde_json::from_slice::<serde_json::Value>(p).ok());
    let Some(event) = event else { return false };
    let names = |field: &str, number: u64| event["event"][field] == number;
    match subject {
        Subject { line: Some(line), .. } => names("line", *line),
        Subject { mark: Some(mark), .. } => names("mark", *mark),
        Subject { fragment: Some(fragment), .. } => {
            let (track, number) = fragment.split_once('/').unwrap_or((fragment, ""));
            entry.kind == "fragmentWritten"
                && event["event"]["track"] == track
                && number.parse().is_ok_and(|n: u64| names("seq", n))
        }
        _ => false,
    }
}

fn check(file: &Path, key: &str, json: bool) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let key = match std::fs::read_to_string(key) {
        Ok(held) => held,
        Err(_) => key.to_owned(),
    };
    let key = VerifyingKey::parse(key.trim()).context("--key is no key: see `huiting proof key`")?;
    match proved(&text, &key) {
        Ok(found) if json => super::print_json(&found)?,
        Ok(found) => print!("{}", in_words(&found)),
        Err(error) => {
            match json {
                true => super::print_json(&serde_json::json!({ "ok": false, "why": format!("{error:#}") }))?,
                false => eprintln!("huiting: {} proves nothing: {error:#}", file.display()),
            }
            return Ok(ExitCode::from(super::EXIT_NOT_WHOLE));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A proof for people: which entry of which log, what kind of event, when, and the words it holds.
fn in_words(found: &serde_json::Value) -> String {
    let (meta, event) = (&found["meta"], &found["event"]["event"]);
    let wall = meta["wall"].as_i64().map(|ms| {
        let (y, mo, d, h, mi, s) = model::UtcMs(ms).beijing();
        format!("{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02} (Beijing)")
    });
    let mut out = format!(
        "proved: entry {} of the {} in the log {}\n  root {}\n  {} {}\n",
        found["entry"],
        found["of"],
        found["log"].as_str().unwrap_or_default(),
        found["root"].as_str().unwrap_or_default(),
        meta["kind"].as_str().unwrap_or("event"),
        wall.unwrap_or_default(),
    );
    for field in ["line", "mark", "seat", "track", "seq"] {
        match &event[field] {
            serde_json::Value::Null => {}
            serde_json::Value::String(value) => out += &format!("  {field} {value}\n"),
            value => out += &format!("  {field} {value}\n"),
        }
    }
    for text in [&event["text"], &event["recognised"]["text"]].into_iter().filter_map(|t| t.as_str()) {
        out += &format!("  “{text}”\n");
    }
    out + "  (--json shows the whole event)\n"
}

/// What a proof proves: entry, event, and the log it stands in.
fn proved(text: &str, key: &VerifyingKey) -> anyhow::Result<serde_json::Value> {
    let proof = TlogProof::parse(text)?;
    let logged: Logged = serde_json::from_slice(&proof.extra).context("it does not hold the entry")?;
    let core = STANDARD.decode(&logged.entry).context("the entry in it is no base64")?;
    let checkpoint = proof.verify(&core, key)?;
    let commitment = core.get(40..72).context("the entry in it is too short")?;
    let meta: serde_json::Value =
        serde_json::from_slice(core.get(76..).unwrap_or_default()).context("the entry's meta data")?;
    let event = match (&logged.salt, &logged.event) {
        (Some(salt), Some(event)) => {
            let salt = STANDARD.decode(salt).ok().and_then(|s| <[u8; 32]>::try_from(s).ok());
            let salt = salt.context("the salt in it is not 32 bytes")?;
            if payload_commitment(&salt, event.as_bytes()).0 != commitment {
                bail!("the event in it is not the one that was logged");
            }
            serde_json::from_str(event).context("the event is no JSON")?
        }
        _ => serde_json::Value::Null,
    };
    Ok(serde_json::json!({
        "ok": true,
        "log": checkpoint.origin,
        "entry": proof.index + 1,
        "of": checkpoint.size,
        "root": checkpoint.root.to_string(),
        "meta": meta,
        "event": event,
    }))
}

fn consistency(hearing: &HearingId, older: &Path, json: bool, config: &Config) -> anyhow::Result<ExitCode> {
    let (_, key, read) = journal(hearing, config)?;
    let note =
        std::fs::read_to_string(older).with_context(|| format!("{} cannot be read", older.display()))?;
    let old = Checkpoint::open(&note, &key).with_context(|| older.display().to_string())?;
    let leaves = read.leaves();
    let kept = usize::try_from(old.size).ok().filter(|n| *n <= leaves.len());
    let hashes = kept.map(|n| proof::consistency_proof(&leaves, n)).transpose()?;
    let grown = hashes.as_ref().is_some_and(|hashes| {
        let size = leaves.len() as u64;
        proof::verify_consistency(old.size, &old.root, size, &read.root(), hashes).is_ok()
    });
    if json {
        let hashes: Vec<String> = hashes.unwrap_or_default().iter().map(Hash::to_string).collect();
        let (from, to) = (old.size, leaves.len());
        let found = serde_json::json!({ "ok": grown, "from": from, "to": to, "root": read.root().to_string(), "proof": hashes });
        super::print_json(&found)?;
    } else if grown {
        println!(
            "the journal of {hearing} holds the {} entries of that checkpoint unchanged, and {} in all",
            old.size,
            leaves.len()
        );
    } else {
        eprintln!(
            "huiting: the journal of {hearing} is not a continuation of that checkpoint: its history was changed or cut off"
        );
    }
    Ok(if grown { ExitCode::SUCCESS } else { ExitCode::from(super::EXIT_NOT_WHOLE) })
}
