//! Proofs that one line, mark or fragment stands in a hearing's journal: one `.tlog-proof` file for each entry about it, which needs nothing
//! beside it but the public key.

use std::io::{Cursor, Write};
use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::HearingTime;
use proof::{Checkpoint, TlogProof, TlogProofError, VerifyingKey, WholeTree, payload_commitment};
use record::{Entry, JournalError, JournalReader};
use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What is to be proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An entry of the journal by its number, from 1.
    Entry(u64),
    /// A line of the record: its words, and every correction.
    Line(u64),
    /// A mark on a page.
    Mark(u64),
    /// A fragment of the recording.
    Fragment {
        /// Its track.
        track: String,
        /// Its number within the track.
        seq: u64,
    },
}

/// A proof of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryProof {
    /// The entry's number.
    pub seq: u64,
    /// What kind of event.
    pub kind: String,
    /// When, on the hearing clock.
    pub at: HearingTime,
    /// The file.
    pub text: String,
}

/// Why nothing can be proved.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What is damaged proves nothing.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// No root has been signed.
    #[error("the journal has no signed checkpoint yet; wait a second")]
    NoCheckpoint,
    /// There is no such thing.
    #[error("the journal holds nothing about that")]
    Nothing,
    /// It was written after the last signed root.
    #[error("entry {0} is not under a signed checkpoint yet; wait a second")]
    Late(u64),
    /// The proof itself.
    #[error(transparent)]
    Proof(#[from] TlogProofError),
    /// A proof holds something that cannot be read.
    #[error("{0}")]
    Unreadable(&'static str),
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

/// Proves every entry of the journal in `dir` about `subject` under its last signed checkpoint; `key` is the journal's.
pub fn prove(dir: &Path, key: &VerifyingKey, subject: &Subject) -> Result<Vec<EntryProof>, ProveError> {
    let read = JournalReader::read(dir, Some(key))?;
    if let Some(fault) = read.faults.first() {
        return Err(ProveError::Damaged(fault.to_string()));
    }
    let (size, note) = read.checkpoints.last().ok_or(ProveError::NoCheckpoint)?;
    let wanted: Vec<&Entry> = read.entries.iter().filter(|e| subject.is_of(e)).collect();
    if wanted.is_empty() {
        return Err(ProveError::Nothing);
    }
    if let Some(late) = wanted.iter().find(|e| e.seq > *size) {
        return Err(ProveError::Late(late.seq));
    }
    let proofs = of_entries(dir, &read, note, &wanted)?;
    // What proves nothing is not handed out.
    for proof in &proofs {
        check_proof(&proof.text, key)?;
    }
    Ok(proofs)
}

/// Proofs of every entry about a line or a mark, under the last checkpoint: name of the file and its text, in the order of the entries.
pub(crate) fn of_lines_and_marks(
    dir: &Path,
    read: &JournalReader,
    note: &str,
) -> Result<Vec<(String, String)>, ProveError> {
    let size = Checkpoint::read_unverified(note).map_err(TlogProofError::from)?.size;
    let about = |entry: &Entry| {
        let payload = entry.payload.as_deref().filter(|_| entry.seq <= size)?;
        let event: serde_json::Value = serde_json::from_slice(payload).ok()?;
        let event = &event["event"];
        let line = event["line"].as_u64().map(|n| format!("line-{n}"));
        // A mark that is made travels whole; one that is undone by its number.
        let mark = event["mark"]["id"].as_u64().or_else(|| event["mark"].as_u64());
        line.or_else(|| mark.map(|n| format!("mark-{n}")))
    };
    let named: Vec<(String, &Entry)> = read.entries.iter().filter_map(|e| Some((about(e)?, e))).collect();
    let wanted: Vec<&Entry> = named.iter().map(|(_, e)| *e).collect();
    let proofs = of_entries(dir, read, note, &wanted)?;
    let file = |name: &str, p: &EntryProof| format!("{name}-entry-{}.tlog-proof", p.seq);
    Ok(named.iter().zip(proofs).map(|((name, _), p)| (file(name, &p), p.text)).collect())
}

fn of_entries(
    dir: &Path,
    read: &JournalReader,
    note: &str,
    wanted: &[&Entry],
) -> Result<Vec<EntryProof>, ProveError> {
    let size = Checkpoint::read_unverified(note).map_err(TlogProofError::from)?.size;
    let mut leaves = read.leaves();
    leaves.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let tree = WholeTree::over(&leaves);
    let bodies = JournalReader::bodies(dir, wanted)?;
    let proof = |(entry, leaf): (&&Entry, record::Leaf)| {
        let text =
            |bytes| String::from_utf8(bytes).map_err(|_| ProveError::Unreadable("an event is no text"));
        let logged = Logged {
            entry: STANDARD.encode(&leaf.core),
            salt: leaf.payload.as_ref().map(|(salt, _)| STANDARD.encode(salt)),
            event: leaf.payload.map(|(_, payload)| text(payload)).transpose()?,
        };
        let extra = serde_json::to_vec(&logged).unwrap_or_default();
        let index = entry.seq - 1;
        let hashes = tree.inclusion_proof(usize::try_from(index).unwrap_or(usize::MAX));
        let hashes = hashes.map_err(TlogProofError::from)?;
        let text = TlogProof { extra, index, hashes, checkpoint: note.to_owned() }.text();
        Ok(EntryProof { seq: entry.seq, kind: entry.kind.clone(), at: entry.at, text })
    };
    wanted.iter().zip(bodies).map(proof).collect()
}

impl Subject {
    /// Whether an entry is about it: its event names it.
    fn is_of(&self, entry: &Entry) -> bool {
        let event =
            || entry.payload.as_deref().and_then(|p| serde_json::from_slice::<serde_json::Value>(p).ok());
        let names = |field: &str, number: u64| event().is_some_and(|e| e["event"][field] == number);
        match self {
            Self::Entry(number) => entry.seq == *number,
            Self::Line(line) => names("line", *line),
            Self::Mark(mark) => {
                names("mark", *mark) || event().is_some_and(|e| e["event"]["mark"]["id"] == *mark)
            }
            Self::Fragment { track, seq } => {
                entry.kind == "fragmentWritten"
                    && names("seq", *seq)
                    && event().is_some_and(|e| e["event"]["track"] == track.as_str())
            }
        }
    }
}

/// What a proof proves: entry, event, and the log it stands in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proved {
    /// Always true: what proves nothing is an error.
    pub ok: bool,
    /// Name of the log.
    pub log: String,
    /// The entry's number.
    pub entry: u64,
    /// Entries under the signed root.
    pub of: u64,
    /// The signed root.
    pub root: String,
    /// Kind, actor and times of the entry.
    pub meta: serde_json::Value,
    /// The event; null where it is withheld.
    pub event: serde_json::Value,
}

/// Checks a `.tlog-proof` file against the journal's public key.
pub fn check_proof(text: &str, key: &VerifyingKey) -> Result<Proved, ProveError> {
    let unreadable = ProveError::Unreadable;
    let proof = TlogProof::parse(text)?;
    let logged: Logged = serde_json::from_slice(&proof.extra)
        .map_err(|_| unreadable("the entry in it cannot be read: it was changed"))?;
    let core = STANDARD.decode(&logged.entry).map_err(|_| unreadable("the entry in it is no base64"))?;
    let checkpoint = proof.verify(&core, key)?;
    let commitment = core.get(40..72).ok_or(unreadable("the entry in it is too short"))?;
    let meta = serde_json::from_slice(core.get(76..).unwrap_or_default())
        .map_err(|_| unreadable("the meta data of the entry cannot be read"))?;
    let event = match (&logged.salt, &logged.event) {
        (Some(salt), Some(event)) => {
            let salt = STANDARD.decode(salt).ok().and_then(|s| <[u8; 32]>::try_from(s).ok());
            let salt = salt.ok_or(unreadable("the salt in it is not 32 bytes"))?;
            if payload_commitment(&salt, event.as_bytes()).0 != commitment {
                return Err(unreadable("the event in it is not the one that was logged"));
            }
            serde_json::from_str(event).map_err(|_| unreadable("the event is no JSON"))?
        }
        _ => serde_json::Value::Null,
    };
    let (entry, of) = (proof.index + 1, checkpoint.size);
    Ok(Proved { ok: true, log: checkpoint.origin, entry, of, root: checkpoint.root.to_string(), meta, event })
}

/// The proofs and the key as one .zip: what is handed to somebody who wants to check them elsewhere.
pub fn zip_proofs(name: &str, proofs: &[EntryProof], key: &VerifyingKey) -> std::io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(0o644);
    let key = format!("{}\n", key.text());
    let files = proofs.iter().map(|p| (format!("{name}-entry-{}.tlog-proof", p.seq), &p.text));
    for (file, text) in files.chain([("key.txt".to_owned(), &key)]) {
        zip.start_file(file, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}
