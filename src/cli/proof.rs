//! `huiting proof`: that one line, mark or fragment stands in the journal of a hearing, in a file that needs nothing but the key.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use model::HearingId;
use proof::{Checkpoint, Hash, Signer as _, VerifyingKey};
use record::JournalReader;

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
    let path = config.data.join(hub::KEY_FILE);
    if !path.exists() {
        bail!("{} is not there: a hub has not run here yet", path.display());
    }
    Ok(hub::signer_of(&config.data, hearing)?.key().clone())
}

/// Folder and key of a hearing's journal.
fn place(hearing: &HearingId, config: &Config) -> anyhow::Result<(PathBuf, VerifyingKey)> {
    let dir = config.data.join("hearings").join(hearing.as_str()).join("journal");
    if !dir.exists() {
        bail!("there is no hearing {hearing} below {}", config.data.display());
    }
    Ok((dir, key_of(hearing, config)?))
}

fn make(arguments: &MakeArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let hearing = &arguments.hearing;
    let (dir, key) = place(hearing, config)?;
    let proofs = papers::prove(&dir, &key, &arguments.subject.parse()?)
        .with_context(|| format!("nothing of {hearing} can be proved"))?;
    std::fs::create_dir_all(&arguments.out)
        .with_context(|| format!("{} cannot be made", arguments.out.display()))?;
    let mut written = Vec::with_capacity(proofs.len());
    for p in proofs {
        let path = arguments.out.join(format!("{hearing}-entry-{}.tlog-proof", p.seq));
        std::fs::write(&path, &p.text).with_context(|| format!("{} cannot be written", path.display()))?;
        if !arguments.json {
            println!("{}: entry {} ({}) at {}", path.display(), p.seq, p.kind, p.at);
        }
        written.push(serde_json::json!({ "path": path, "entry": p.seq, "kind": p.kind, "at": p.at }));
    }
    if arguments.json {
        super::print_json(&serde_json::json!({ "key": key.text(), "proofs": written }))?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Subject {
    fn parse(&self) -> anyhow::Result<papers::Subject> {
        Ok(match (self.entry, self.line, self.mark, &self.fragment) {
            (Some(entry), ..) => papers::Subject::Entry(entry),
            (_, Some(line), ..) => papers::Subject::Line(line),
            (_, _, Some(mark), _) => papers::Subject::Mark(mark),
            (.., fragment) => {
                let named = fragment.as_deref().and_then(|f| f.split_once('/'));
                let named = named.and_then(|(track, n)| Some((track.to_owned(), n.parse().ok()?)));
                let (track, seq) = named.context("--fragment is written TRACK/NUMBER, e.g. cam-1/7")?;
                papers::Subject::Fragment { track, seq }
            }
        })
    }
}

fn check(file: &Path, key: &str, json: bool) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let key = match std::fs::read_to_string(key) {
        Ok(held) => held,
        Err(_) => key.to_owned(),
    };
    let key = VerifyingKey::parse(key.trim()).context("--key is no key: see `huiting proof key`")?;
    match papers::check_proof(&text, &key) {
        Ok(found) if json => super::print_json(&found)?,
        Ok(found) => print!("{}", in_words(&found)),
        Err(error) => {
            match json {
                true => super::print_json(&serde_json::json!({ "ok": false, "why": error.to_string() }))?,
                false => eprintln!("huiting: {} proves nothing: {error}", file.display()),
            }
            return Ok(ExitCode::from(super::EXIT_NOT_WHOLE));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A proof for people: which entry of which log, what kind of event, when, and the words it holds.
fn in_words(found: &papers::Proved) -> String {
    let (meta, event) = (&found.meta, &found.event["event"]);
    let wall = meta["wall"].as_i64().map(|ms| {
        let (y, mo, d, h, mi, s) = model::UtcMs(ms).beijing();
        format!("{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02} (Beijing)")
    });
    let mut out = format!(
        "proved: entry {} of the {} in the log {}\n  root {}\n  {} {}\n",
        found.entry,
        found.of,
        found.log,
        found.root,
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

fn consistency(hearing: &HearingId, older: &Path, json: bool, config: &Config) -> anyhow::Result<ExitCode> {
    let (dir, key) = place(hearing, config)?;
    let read = JournalReader::read(&dir, Some(&key))?;
    if let Some(fault) = read.faults.first() {
        bail!("the journal of {hearing} is damaged: {fault}");
    }
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
