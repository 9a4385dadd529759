//! The dossier on disk.
//!
//! ```text
//!   cases/<case>/dossier/originals/<sha256>.<ext>   as they came
//!                        documents.json             what is filed; replaced whole
//!                        pages/<doc>/<page>.json    text with boxes
//!                        pages/<doc>/<page>-<dpi>.* images, made anew when missing
//!                        pages/<doc>/ready          a line for each page that can be found
//!
//!   page: (filed) ──► text written ──► in the index ──► line in `ready`
//! ```
//!
//! Files appear whole, by renaming. A process killed between two steps repeats the second; nothing is read twice but the page
//! at hand.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use model::{CaseId, DocId, PageRef, Rect, Side, UtcMs};
use protocol::link::pages::PageChar;
use protocol::wire::{Filing, PageProblem};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::PageText;
use crate::offer::EvidenceOffer;
use crate::quality::PageNote;

/// A document as it is filed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filed {
    pub(crate) doc: DocId,
    pub(crate) side: Side,
    pub(crate) heading: String,
    pub(crate) title: String,
    pub(crate) evidence_number: Option<u32>,
    /// The name it came with.
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) ext: String,
    /// In page units.
    pub(crate) pages: Vec<(i32, i32)>,
    /// When it was filed; unknown of documents of older versions.
    #[serde(default)]
    pub(crate) at: Option<UtcMs>,
    /// The heading the machine found; `None` where a person gave one.
    #[serde(default)]
    pub(crate) auto: Option<String>,
    /// The paper it was drafted as, if it came from a template.
    #[serde(default)]
    pub(crate) made: Option<String>,
    /// A person put it under another heading since.
    #[serde(default)]
    pub(crate) moved: bool,
    /// How sure the machine is of the heading, in percent.
    #[serde(default)]
    pub(crate) sure: u8,
    /// Its title says nothing: one found on its first page takes its place.
    #[serde(default)]
    pub(crate) untitled: bool,
    /// SHA-256 and extension of what it was made from, if it was made into a PDF.
    #[serde(default)]
    pub(crate) made_from: Option<(String, String)>,
    /// Opens an encrypted file.
    #[serde(default)]
    pub(crate) password: Option<String>,
    /// Where each page comes from, of a document that was bound anew.
    #[serde(default)]
    pub(crate) leaves: Vec<PageRef>,
    /// What has taken its place; nothing, if it was withdrawn.
    #[serde(default)]
    pub(crate) retired: Option<Vec<DocId>>,
    /// A binding that was taken back: its pages are in the documents of before.
    #[serde(default)]
    pub(crate) unbound: bool,
    /// Pages that a person has turned, clockwise in degrees.
    #[serde(default)]
    pub(crate) turns: BTreeMap<u32, u16>,
    /// What a person takes as it is.
    #[serde(default)]
    pub(crate) accepted: Vec<PageProblem>,
    /// Who brought it in during a hearing.
    #[serde(default)]
    pub(crate) offer: Option<EvidenceOffer>,
    /// It was brought in during a hearing and the court has not let it in yet.
    #[serde(default)]
    pub(crate) held: bool,
}

impl Filed {
    /// As one that was just handed in.
    pub(crate) fn new(doc: DocId, filing: Filing) -> Self {
        Self {
            doc,
            side: filing.side,
            heading: filing.heading,
            title: filing.title,
            evidence_number: filing.evidence_number,
            name: String::new(),
            sha256: String::new(),
            ext: String::new(),
            pages: Vec::new(),
            at: None,
            auto: None,
            made: None,
            moved: false,
            sure: 0,
            untitled: false,
            made_from: None,
            password: None,
            leaves: Vec::new(),
            retired: None,
            unbound: false,
            turns: BTreeMap::new(),
            accepted: Vec::new(),
            offer: None,
            held: false,
        }
    }

    /// It is in the catalogue: neither held back nor retired.
    pub(crate) fn stands(&self) -> bool {
        self.retired.is_none() && !self.held
    }
}

#[derive(Serialize, Deserialize)]
struct Documents {
    documents: Vec<Filed>,
}

/// The text of a page as a file: boxes are four numbers a character.
#[derive(Serialize, Deserialize)]
struct PageFile {
    text: String,
    boxes: Vec<i32>,
    note: PageNote,
}

/// The files below the data directory.
#[derive(Debug)]
pub(crate) struct Store {
    cases: PathBuf,
    names: AtomicU64,
}

impl Store {
    pub(crate) fn new(data: &Path) -> Self {
        Self { cases: data.join("cases"), names: AtomicU64::new(0) }
    }

    fn dossier(&self, case: &CaseId) -> PathBuf {
        self.cases.join(case.as_str()).join("dossier")
    }

    fn pages(&self, case: &CaseId, doc: &DocId) -> PathBuf {
        self.dossier(case).join("pages").join(doc.as_str())
    }

    /// The original of a document.
    pub(crate) fn original(&self, case: &CaseId, sha256: &str, ext: &str) -> PathBuf {
        self.dossier(case).join("originals").join(format!("{sha256}.{ext}"))
    }

    /// Cases that have documents.
    pub(crate) fn cases(&self) -> io::Result<Vec<CaseId>> {
        let mut cases = Vec::new();
        for entry in present(fs::read_dir(&self.cases))?.into_iter().flatten() {
            if let Some(case) = entry?.file_name().to_str().and_then(|n| CaseId::new(n).ok())
                && self.dossier(&case).join("documents.json").exists()
            {
                cases.push(case);
            }
        }
        Ok(cases)
    }

    /// The documents of a case, in the order in which they were filed.
    pub(crate) fn documents(&self, case: &CaseId) -> io::Result<Vec<Filed>> {
        let Some(bytes) = present(fs::read(self.dossier(case).join("documents.json")))? else {
            return Ok(Vec::new());
        };
        serde_json::from_slice::<Documents>(&bytes).map(|d| d.documents).map_err(io::Error::from)
    }

    /// Replaces the list of documents, synced.
    pub(crate) fn write_documents(&self, case: &CaseId, documents: &[Filed]) -> io::Result<()> {
        let bytes = serde_json::to_vec_pretty(&Documents { documents: documents.to_vec() })?;
        self.write_whole(&self.dossier(case).join("documents.json"), &bytes, true)
    }

    /// Copies a file among the originals, synced, and gives its SHA-256.
    pub(crate) fn take(&self, case: &CaseId, file: &Path, ext: &str) -> io::Result<String> {
        let folder = self.dossier(case).join("originals");
        fs::create_dir_all(&folder)?;
        let temporary = self.temporary(&folder);
        let copied = copy_hashed(file, &temporary).and_then(|sha256| {
            fs::rename(&temporary, self.original(case, &sha256, ext))?;
            File::open(&folder)?.sync_all()?;
            Ok(sha256)
        });
        if copied.is_err() {
            // What is left is a temporary file, removed at the next start.
            let _ = fs::remove_file(&temporary);
        }
        copied
    }

    /// A folder among the originals for files to be made; what is left there is removed at the next start.
    pub(crate) fn new_folder(&self, case: &CaseId) -> io::Result<PathBuf> {
        let folder = self.new_file(case)?;
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// A path among the originals for a file to be made; what is left there is removed at the next start.
    pub(crate) fn new_file(&self, case: &CaseId) -> io::Result<PathBuf> {
        let folder = self.dossier(case).join("originals");
        fs::create_dir_all(&folder)?;
        Ok(self.temporary(&folder))
    }

    /// Removes an original that was refused.
    pub(crate) fn drop_original(&self, case: &CaseId, sha256: &str, ext: &str) -> io::Result<()> {
        fs::remove_file(self.original(case, sha256, ext))
    }

    /// Keeps what was read of a page.
    pub(crate) fn write_page(
        &self,
        case: &CaseId,
        page: &PageRef,
        text: &PageText,
        note: &PageNote,
    ) -> io::Result<()> {
        let boxes = text.chars.iter().flat_map(|c| [c.b.x, c.b.y, c.b.w, c.b.h]).collect();
        let bytes = serde_json::to_vec(&PageFile { text: text.plain(), boxes, note: note.clone() })?;
        self.write_whole(&self.pages(case, &page.doc).join(format!("{}.json", page.page)), &bytes, false)
    }

    /// What was read of a page; `None` if nothing, or if a power failure spoilt the file: then it is read again.
    pub(crate) fn page(&self, case: &CaseId, page: &PageRef) -> io::Result<Option<(PageText, PageNote)>> {
        let path = self.pages(case, &page.doc).join(format!("{}.json", page.page));
        let Some(bytes) = present(fs::read(path))? else { return Ok(None) };
        let Ok(file) = serde_json::from_slice::<PageFile>(&bytes) else { return Ok(None) };
        let boxes = file.boxes.as_chunks::<4>().0;
        let chars =
            file.text.chars().zip(boxes).map(|(c, &[x, y, w, h])| PageChar { c, b: Rect { x, y, w, h } });
        let text = PageText { chars: chars.collect(), confidence: file.note.confidence, ocr: file.note.ocr };
        Ok(Some((text, file.note)))
    }

    /// Notes of the pages that can be found. A line torn by a kill is left out: its page is put again.
    pub(crate) fn ready(&self, case: &CaseId, doc: &DocId) -> io::Result<Vec<PageNote>> {
        let lines = present(fs::read_to_string(self.pages(case, doc).join("ready")))?.unwrap_or_default();
        Ok(lines.lines().filter_map(|l| serde_json::from_str(l).ok()).collect())
    }

    /// No page of the document can be found any more.
    pub(crate) fn forget_ready(&self, case: &CaseId, doc: &DocId) -> io::Result<()> {
        present(fs::remove_file(self.pages(case, doc).join("ready"))).map(|_| ())
    }

    /// Notes that pages can be found.
    pub(crate) fn add_ready(&self, case: &CaseId, doc: &DocId, notes: &[&PageNote]) -> io::Result<()> {
        let folder = self.pages(case, doc);
        fs::create_dir_all(&folder)?;
        let mut lines = Vec::new();
        for note in notes {
            // A line feed first: what a kill has torn before does not spoil this line.
            lines.push(b'\n');
            serde_json::to_writer(&mut lines, note)?;
        }
        lines.push(b'\n');
        OpenOptions::new().append(true).create(true).open(folder.join("ready"))?.write_all(&lines)
    }

    /// A kept image with its media type.
    pub(crate) fn image(
        &self,
        case: &CaseId,
        page: &PageRef,
        dpi: u32,
    ) -> io::Result<Option<(Bytes, &'static str)>> {
        for (ext, media_type) in [("png", "image/png"), ("jpg", "image/jpeg")] {
            if let Some(bytes) = present(fs::read(self.image_path(case, page, dpi, ext)))? {
                return Ok(Some((Bytes::from(bytes), media_type)));
            }
        }
        Ok(None)
    }

    /// Whether an image is kept.
    pub(crate) fn has_image(&self, case: &CaseId, page: &PageRef, dpi: u32) -> bool {
        ["png", "jpg"].iter().any(|ext| self.image_path(case, page, dpi, ext).exists())
    }

    /// Keeps an image.
    pub(crate) fn write_image(
        &self,
        case: &CaseId,
        page: &PageRef,
        dpi: u32,
        media_type: &str,
        bytes: &[u8],
    ) -> io::Result<()> {
        let ext = if media_type == "image/png" { "png" } else { "jpg" };
        self.write_whole(&self.image_path(case, page, dpi, ext), bytes, false)
    }

    fn image_path(&self, case: &CaseId, page: &PageRef, dpi: u32, ext: &str) -> PathBuf {
        self.pages(case, &page.doc).join(format!("{}-{dpi}.{ext}", page.page))
    }

    fn temporary(&self, folder: &Path) -> PathBuf {
        let n = self.names.fetch_add(1, Ordering::Relaxed);
        folder.join(format!(".{}-{n}.tmp", std::process::id()))
    }

    fn write_whole(&self, path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let temporary = self.temporary(folder);
        let written = (|| {
            let mut file = File::create(&temporary)?;
            file.write_all(bytes)?;
            if sync {
                file.sync_all()?;
            }
            fs::rename(&temporary, path)?;
            if sync { File::open(folder)?.sync_all() } else { Ok(()) }
        })();
        if written.is_err() {
            // Only a temporary file is left behind.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Removes what a killed process left half written. Only for the one process that writes.
    pub(crate) fn sweep(&self, case: &CaseId, documents: &[Filed]) -> io::Result<()> {
        let mut folders = vec![self.dossier(case), self.dossier(case).join("originals")];
        folders.extend(documents.iter().map(|d| self.pages(case, &d.doc)));
        for folder in folders {
            for entry in present(fs::read_dir(folder))?.into_iter().flatten() {
                let entry = entry?;
                if entry.file_name().to_str().is_some_and(|n| n.starts_with('.') && n.ends_with(".tmp")) {
                    let folder = entry.file_type()?.is_dir();
                    if folder { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
                }
            }
        }
        Ok(())
    }
}

fn copy_hashed(from: &Path, to: &Path) -> io::Result<String> {
    let (mut from, mut to) = (File::open(from)?, File::create(to)?);
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 256 * 1024];
    loop {
        let n = from.read(&mut chunk)?;
        if n == 0 {
            break;
        }
        hash.update(&chunk[..n]);
        to.write_all(&chunk[..n])?;
    }
    to.sync_all()?;
    Ok(hex::encode(hash.finalize()))
}

/// A file that is not there is no error.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}
