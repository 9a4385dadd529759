//! The hearing package (庭审归档包): a BagIt 1.0 bag that proves itself.
//!
//! ```text
//!  <hearing>-<date>-<time>/
//!    bagit.txt  bag-info.txt  manifest-sha256.txt  tagmanifest-sha256.txt
//!    package.note              signed note over both manifests
//!    README.txt  verify.py     how to check it, and a checker that needs nothing but Python
//!    data/checkpoint.txt       signed checkpoint of the journal      data/key.txt   the key as a verifier key
//!    data/journal/*.seg        the journal up to that checkpoint     data/log.jsonl the same to read
//!    data/record/record.{html,pdf,docx,vtt,json}
//!    data/record/examination.{html,pdf,docx}   data/record/corrections.{html,pdf,docx}
//!    data/proofs/*.tlog-proof   one for each entry about a line or a mark, to be handed out and checked alone
//!    data/templates/*.txt      the templates these papers were set with
//!    data/evidence.json  data/marks.json  data/interruptions.json
//!    data/scans/<sha256>.<pdf|jpg|png>   paper that was signed by hand and scanned back
//!    data/media/<track>/…      the recording
//! ```

mod bag;
mod documents;
mod zipped;

use std::fs;
use std::path::{Path, PathBuf};

use model::UtcMs;
use proof::{Checkpoint, SignError, Signer, sign_note};
use record::{JournalError, JournalReader};

use crate::{
    ComposeError, DocxError, Fonts, PdfError, Record, Report, Seal, Templates, VerifyError, docx, fold, pdf,
    verify,
};

pub(crate) use bag::{DECLARATION, decode_name, files_of, folders, manifest, sha256_hex, tag_manifest};
pub(crate) use documents::{PAPERS, documents};
pub use zipped::{unzip_package, zip_package};

/// Why no package was written. Nothing half-written is left behind.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A file could not be read or written.
    #[error("{path}: {source}; check the disk and the rights of this folder, then write the package again")]
    Io {
        /// Which.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal has no checkpoint over its end.
    #[error(
        "the journal has no checkpoint yet; ask for one (`Journal::checkpoint`), then write the package again"
    )]
    NoCheckpoint,
    /// An event cannot be understood, or there is none.
    #[error("{0}")]
    Events(String),
    /// A paper.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// A PDF.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// A DOCX.
    #[error(transparent)]
    Docx(#[from] DocxError),
    /// A proof.
    #[error(transparent)]
    Prove(#[from] crate::ProveError),
    /// The signer refused.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The package was written but could not be checked.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

/// What goes into a package.
#[derive(Clone, Copy)]
pub struct PackageInput<'a> {
    /// Folder of the journal; a checkpoint must have been written after the last event that shall be in.
    pub journal_dir: &'a Path,
    /// Folder of the recording; may be absent.
    pub media_dir: &'a Path,
    /// Folder of the scans of signed paper; may be absent where the journal knows of none.
    pub scans_dir: &'a Path,
    /// Where packages go, e.g. `hearings/<hearing>/package`.
    pub out_dir: &'a Path,
    /// Font of the PDF.
    pub font: &'a Path,
    /// The forms of the papers.
    pub templates: &'a Templates,
    /// Signs the package; the key that signed the journal's checkpoints.
    pub signer: &'a dyn Signer,
    /// Gives the package its name and date.
    pub now: UtcMs,
}

impl std::fmt::Debug for PackageInput<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PackageInput").field("journal_dir", &self.journal_dir).finish_non_exhaustive()
    }
}

/// A package on disk.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its folder's name.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// What checking it at once found.
    pub report: Report,
}

/// Writes a package beside its final name, syncs it, renames it, and verifies it. Blocks for as long as copying takes.
pub fn write(input: &PackageInput<'_>) -> Result<Written, PackageError> {
    let read = JournalReader::read(input.journal_dir, Some(input.signer.key()))?;
    if let Some(fault) = read.faults.first() {
        return Err(JournalError::Damaged(fault.clone()).into());
    }
    let note = checkpoint_at_end(&read)?;
    let checkpoint = Checkpoint::read_unverified(&note).map_err(|e| PackageError::Events(e.to_string()))?;
    let entries =
        &read.entries[..usize::try_from(checkpoint.size).unwrap_or(usize::MAX).min(read.entries.len())];
    let state = fold(entries).map_err(PackageError::Events)?;
    let record = Record::of(&state)
        .ok_or_else(|| PackageError::Events("the journal holds no hearing; nothing to pack".to_owned()))?;

    let (y, m, d, h, min, s) = input.now.beijing();
    let name = format!("{}-{y:04}{m:02}{d:02}-{h:02}{min:02}{s:02}", record.hearing);
    let path = input.out_dir.join(&name);
    let beside = input.out_dir.join(format!(".{name}.part"));
    remove_if_there(&beside)?;
    let seal = Seal::from(&checkpoint);
    let filled = (|| {
        fill_data(input, &beside.join("data"), &read, &note, &record, &seal)?;
        for file in state.scans.values().map(court::Scan::file) {
            let from = input.scans_dir.join(&file);
            let bytes = fs::read(&from).map_err(io(&from))?;
            put(&beside.join("data/scans").join(&file), &bytes)?;
        }
        for (file, contents) in documents(&record, &seal, entries, Some(input.templates))? {
            put(&beside.join("data").join(file), contents.as_bytes())?;
        }
        let proofs = crate::proofs::of_lines_and_marks(input.journal_dir, &read, &note)?;
        for (file, text) in proofs {
            // What proves nothing is not handed out.
            crate::check_proof(&text, input.signer.key())?;
            put(&beside.join("data/proofs").join(file), text.as_bytes())?;
        }
        printed(input, &beside.join("data"), &record, &seal)?;
        finish(&beside, input, &record, &checkpoint.origin)
    })();
    if let Err(error) = filled {
        // The first error is the one to tell.
        let _ = fs::remove_dir_all(&beside);
        return Err(error);
    }
    remove_if_there(&path)?;
    fs::rename(&beside, &path).map_err(io(&path))?;
    sync(input.out_dir)?;
    let report = verify(&path)?;
    Ok(Written { name, path, report })
}

/// The checkpoint that stands in the last segment.
fn checkpoint_at_end(read: &JournalReader) -> Result<String, PackageError> {
    let in_last = read.segments.last().is_some_and(|s| s.checkpointed_bytes > 0);
    let (_, note) = read.checkpoints.last().filter(|_| in_last).ok_or(PackageError::NoCheckpoint)?;
    Ok(note.clone())
}

/// Journal, checkpoint, key and recording.
fn fill_data(
    input: &PackageInput<'_>,
    data: &Path,
    read: &JournalReader,
    note: &str,
    record: &Record,
    seal: &Seal,
) -> Result<(), PackageError> {
    tracing::debug!(hearing = %record.hearing, entries = seal.entries, "writing a package");
    put(&data.join("checkpoint.txt"), note.as_bytes())?;
    put(&data.join("key.txt"), format!("{}\n", input.signer.key().text()).as_bytes())?;
    let last = read.segments.last().map(|s| s.number);
    for segment in &read.segments {
        let from = input.journal_dir.join(&segment.file);
        let mut bytes = fs::read(&from).map_err(io(&from))?;
        // What follows the last checkpoint is not sealed by it, and the rest is space allocated ahead.
        let keep =
            if Some(segment.number) == last { segment.checkpointed_bytes } else { segment.whole_bytes };
        bytes.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        put(&data.join("journal").join(&segment.file), &bytes)?;
    }
    if !input.media_dir.exists() {
        return Ok(());
    }
    for file in files_of(input.media_dir).map_err(io(input.media_dir))? {
        let (from, to) = (input.media_dir.join(&file), data.join("media").join(&file));
        make_parent(&to)?;
        // A copy, not a second name: what happens to the package outside must not happen to the recording.
        fs::copy(&from, &to).map_err(io(&from))?;
        sync(&to)?;
    }
    Ok(())
}

/// The papers to print and to write on in.
fn printed(input: &PackageInput<'_>, data: &Path, record: &Record, seal: &Seal) -> Result<(), PackageError> {
    let fonts = Fonts::load(input.font)?;
    for (kind, path) in PAPERS {
        let paper = documents::paper(kind, record, seal, input.templates)?;
        put(&data.join(format!("{path}.pdf")), &pdf(&paper, &fonts)?)?;
        put(&data.join(format!("{path}.docx")), &docx(&paper)?)?;
    }
    Ok(())
}

/// Manifests, bag info, the signature, and the files for the reader.
fn finish(root: &Path, input: &PackageInput<'_>, record: &Record, origin: &str) -> Result<(), PackageError> {
    let payload = manifest(root, "data").map_err(io(root))?;
    put(&root.join("manifest-sha256.txt"), payload.text.as_bytes())?;
    put(&root.join("bagit.txt"), DECLARATION.as_bytes())?;
    put(&root.join("bag-info.txt"), bag::info(record, input.now, &payload).as_bytes())?;
    put(&root.join("README.txt"), readme(record, origin).as_bytes())?;
    put(&root.join("verify.py"), VERIFIER.as_bytes())?;
    let tags = tag_manifest(root).map_err(io(root))?;
    put(&root.join("tagmanifest-sha256.txt"), tags.as_bytes())?;
    let text = package_text(origin, payload.text.as_bytes(), tags.as_bytes());
    put(&root.join("package.note"), sign_note(&text, input.signer)?.as_bytes())?;
    for dir in folders(root).map_err(io(root))? {
        sync(&dir)?;
    }
    Ok(())
}

/// What `package.note` signs: the log's origin, and SHA-256 of both manifests.
pub(crate) fn package_text(origin: &str, manifest: &[u8], tag_manifest: &[u8]) -> String {
    format!("{origin}/package\n{}\n{}\n", sha256_hex(manifest), sha256_hex(tag_manifest))
}

const VERIFIER: &str = include_str!("verify.py");

fn readme(record: &Record, origin: &str) -> String {
    include_str!("README.txt")
        .replace("{court}", &record.court)
        .replace("{number}", &record.number)
        .replace("{cause}", &record.cause)
        .replace("{session}", &record.session.to_string())
        .replace("{origin}", origin)
}

pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> PackageError + use<> {
    let path = path.to_owned();
    move |source| PackageError::Io { path, source }
}

pub(crate) fn make_parent(path: &Path) -> Result<(), PackageError> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(io(parent)),
        None => Ok(()),
    }
}

pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), PackageError> {
    make_parent(path)?;
    fs::write(path, bytes).map_err(io(path))?;
    sync(path)
}

pub(crate) fn sync(path: &Path) -> Result<(), PackageError> {
    fs::File::open(path).and_then(|f| f.sync_all()).map_err(io(path))
}

pub(crate) fn remove_if_there(path: &Path) -> Result<(), PackageError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io(path)(e)),
        _ => Ok(()),
    }
}
