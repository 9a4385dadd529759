//! Says whether a hearing package is whole, and if not, exactly what is wrong. Needs nothing but the package.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use court::{Event, Scan, Stamped, State};
use model::{Fragment, shown};
use proof::{Checkpoint, Hash, VerifyingKey, open_note};
use record::{Entry, JournalReader};
use serde::Serialize;

use crate::package::{PAPERS, decode_name, documents, files_of, package_text, sha256_hex};
use crate::{Record, Seal, Templates};

/// Why nothing could be said at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Not a package.
    #[error("{0} is not a hearing package: it has no bagit.txt; give the folder that holds it")]
    NotAPackage(PathBuf),
    /// A file could not be read.
    #[error("{path}: {source}; check the disk and your rights, then verify again")]
    Io {
        /// Which.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// A file that must be there is not.
    Missing,
    /// A file that must not be there is.
    Added,
    /// A file is not as it was written.
    Changed,
    /// The journal contradicts itself or its checkpoint.
    Broken,
    /// A signature does not fit.
    Signature,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Which file of the package.
    pub file: String,
    /// What kind of thing.
    pub what: What,
    /// One sentence: entry, fragment and hearing time where they are known.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", shown(&self.file, 300), shown(&self.detail, 1000))
    }
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// The hearing, if the journal could be read.
    pub hearing: Option<String>,
    /// 案号, if the journal could be read.
    pub number: Option<String>,
    /// The key the package is signed with: compare it with the one the court has published.
    pub key: Option<String>,
    /// Merkle root of the journal.
    pub root: String,
    /// Entries of the journal.
    pub entries: u64,
    /// Recorded fragments that were compared.
    pub fragments: u64,
    /// Files that were compared.
    pub files: u64,
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Report {
    /// Several lines: the verdict, what was compared, then everything that is wrong.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name =
            [self.number.as_deref(), self.hearing.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        let name = if name.is_empty() { "no hearing could be read".to_owned() } else { name.join("  ") };
        writeln!(f, "{}: {name}", if self.ok { "完整 / WHOLE" } else { "已被改动 / NOT WHOLE" })?;
        writeln!(f, "  {} entries, {} fragments, {} files", self.entries, self.fragments, self.files)?;
        writeln!(f, "  root {}", self.root)?;
        if let Some(key) = &self.key {
            writeln!(f, "  key  {key}  (compare it with the one the court has published)")?;
        }
        self.findings.iter().try_for_each(|finding| writeln!(f, "  {finding}"))
    }
}

/// Folds journal entries into the state of the hearing; withheld ones are passed over. The error is a sentence.
pub fn fold(entries: &[Entry]) -> Result<State, String> {
    let mut state = State::default();
    for entry in entries {
        if let Some(payload) = &entry.payload {
            state.apply(&stamped(entry.seq, payload)?);
        }
    }
    Ok(state)
}

fn stamped(seq: u64, payload: &[u8]) -> Result<Stamped, String> {
    serde_json::from_slice(payload).map_err(|e| {
        let e = shown(&e.to_string(), 300);
        format!("entry {seq} of the journal is not an event this version knows ({e}); use the newer program")
    })
}

/// Checks the package in `root` offline.
pub fn verify(root: &Path) -> Result<Report, VerifyError> {
    if !root.join("bagit.txt").is_file() {
        return Err(VerifyError::NotAPackage(root.to_owned()));
    }
    if crate::archive::is_archive(root) {
        return crate::archive::verify_archive(root);
    }
    let mut check = Check { root, findings: Vec::new(), files: 0 };
    let key = check.key();
    let journal_dir = root.join("data/journal");
    // A device or a link in the place of a segment is named with the files, and never read.
    let segments = fs::read_dir(&journal_dir).into_iter().flatten().flatten();
    let plain = is_plain(root, "data/journal", fs::Metadata::is_dir)
        && segments.map(|s| s.path()).all(|s| fs::symlink_metadata(s).is_ok_and(|m| m.is_file()));
    let journal = if plain {
        JournalReader::read(&journal_dir, key.as_ref()).map_err(|e| VerifyError::Io {
            path: journal_dir.clone(),
            source: std::io::Error::other(e.to_string()),
        })?
    } else {
        JournalReader::default()
    };
    check.journal(&journal);
    let checkpoint = check.checkpoint(&journal, key.as_ref());
    let Facts { fragments, scans } = check.facts(&journal.entries);
    check.scans(&scans);
    let record = fold(&journal.entries).ok().and_then(|s| Record::of(&s));
    let mut rendered = match (&record, &checkpoint) {
        (Some(record), Some(checkpoint)) => {
            let templates = check.templates();
            documents(record, &Seal::from(checkpoint), &journal.entries, templates.as_ref())
                .unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let signed = check.signature(key.as_ref());
    if let (false, Some((_, note))) = (signed, journal.checkpoints.last()) {
        let proofs = crate::proofs::of_lines_and_marks(&journal_dir, &journal, note).unwrap_or_default();
        rendered.extend(proofs.into_iter().map(|(file, text)| (format!("proofs/{file}"), text)));
    }
    check.files(&fragments, &rendered, signed)?;
    let mut findings = check.findings;
    findings.sort_by(|a, b| (a.what, &a.file).cmp(&(b.what, &b.file)));
    findings.dedup();
    Ok(Report {
        ok: findings.is_empty(),
        hearing: record.as_ref().map(|r| r.hearing.to_string()),
        number: record.map(|r| r.number),
        key: key.map(|k| k.text()),
        root: journal.root().hex(),
        entries: journal.entries.len() as u64,
        fragments: fragments.values().map(|f| f.len() as u64).sum(),
        files: check.files,
        findings,
    })
}

/// Whether `file` of the package is what `kind` asks for, and no step to it is a link: it could lead out of the package.
pub(crate) fn is_plain(root: &Path, file: &str, kind: fn(&fs::Metadata) -> bool) -> bool {
    let mut path = root.to_owned();
    let mut steps = Path::new(file).components().peekable();
    while let Some(step) = steps.next() {
        path.push(step);
        let Ok(found) = fs::symlink_metadata(&path) else { return false };
        if steps.peek().is_none() {
            return kind(&found);
        }
        if !found.is_dir() {
            return false;
        }
    }
    false
}

pub(crate) struct Check<'a> {
    pub(crate) root: &'a Path,
    pub(crate) findings: Vec<Finding>,
    pub(crate) files: u64,
}

pub(crate) type Fragments = BTreeMap<String, Vec<Fragment>>;

/// What the journal says must lie beside it.
#[derive(Default)]
struct Facts {
    fragments: Fragments,
    scans: Vec<Scan>,
}

impl Check<'_> {
    pub(crate) fn find(&mut self, file: impl Into<String>, what: What, detail: impl Into<String>) {
        self.findings.push(Finding { file: file.into(), what, detail: detail.into() });
    }

    /// The bytes of a plain file; nothing of what is missing, a link or a device.
    pub(crate) fn plain(&self, file: &str) -> Option<Vec<u8>> {
        is_plain(self.root, file, fs::Metadata::is_file).then(|| fs::read(self.root.join(file)).ok())?
    }

    fn text(&mut self, file: &str) -> Option<String> {
        match self.plain(file) {
            Some(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            None => {
                self.find(file, What::Missing, "the file is missing");
                None
            }
        }
    }

    /// The templates the papers were set with; `None` if they are not all there, or cannot be read.
    fn templates(&self) -> Option<Templates> {
        let read = |(kind, _): (crate::Kind, &str)| {
            let text = String::from_utf8(self.plain(&format!("data/templates/{}", kind.file()))?).ok()?;
            Some((kind.file(), text))
        };
        let files = PAPERS.into_iter().map(read).collect::<Option<Vec<_>>>()?;
        let (templates, faults) = Templates::with(files.iter().map(|(n, t)| (n.as_str(), t.as_str())));
        faults.is_empty().then_some(templates)
    }

    pub(crate) fn key(&mut self) -> Option<VerifyingKey> {
        let text = self.text("data/key.txt")?;
        match VerifyingKey::parse(&text) {
            Ok(key) => Some(key),
            Err(error) => {
                self.find("data/key.txt", What::Changed, error.to_string());
                None
            }
        }
    }

    fn journal(&mut self, journal: &JournalReader) {
        for fault in &journal.faults {
            let file = format!("data/journal/{}", fault.place.file);
            let mut place = format!("byte {}", fault.place.offset);
            if let Some(seq) = fault.seq {
                place += &format!(", entry {seq}");
            }
            if let Some(at) = fault.at {
                place += &format!(", hearing time {at}");
            }
            self.find(file, What::Broken, format!("{place}: {}", fault.what));
        }
        // A package is cut after its checkpoint: nothing unfinished may follow.
        if let Some(torn) = &journal.torn {
            let at = journal.entries.last().map_or_else(String::new, |e| format!(", hearing time {}", e.at));
            let detail = format!(
                "byte {}, after entry {}{at}: {}",
                torn.place.offset,
                journal.entries.len(),
                torn.what
            );
            self.find(format!("data/journal/{}", torn.place.file), What::Broken, detail);
        }
    }

    fn checkpoint(&mut self, journal: &JournalReader, key: Option<&VerifyingKey>) -> Option<Checkpoint> {
        let file = "data/checkpoint.txt";
        let note = self.text(file)?;
        let opened = match key {
            Some(key) => Checkpoint::open(&note, key),
            None => Checkpoint::read_unverified(&note),
        };
        match opened {
            Err(error) => {
                self.find(file, What::Signature, error.to_string());
                None
            }
            Ok(checkpoint) => {
                let found = journal.entries.len() as u64;
                if checkpoint.size != found {
                    let detail = format!("{} entries are signed, {found} are there", checkpoint.size);
                    self.find("data/journal", What::Broken, detail);
                } else if checkpoint.root != journal.root() {
                    let detail = "the Merkle root over the entries is not the signed one";
                    self.find("data/journal", What::Broken, detail);
                }
                Some(checkpoint)
            }
        }
    }

    /// Fragments by the file they are in, and scans of signed paper.
    fn facts(&mut self, entries: &[Entry]) -> Facts {
        let mut found = Facts::default();
        for entry in entries {
            let Some(payload) = &entry.payload else { continue };
            match stamped(entry.seq, payload) {
                Ok(Stamped { event: Event::FragmentWritten(fragment), .. }) => {
                    let file = format!("data/media/{}", fragment.file);
                    found.fragments.entry(file).or_default().push(fragment);
                }
                Ok(Stamped { event: Event::ScanKept { scan }, .. }) => found.scans.push(scan),
                Ok(_) => {}
                Err(sentence) => self.find("data/journal", What::Broken, sentence),
            }
        }
        found
    }

    /// Scans of signed paper against the journal, which names each by its digest.
    fn scans(&mut self, scans: &[Scan]) {
        for scan in scans {
            let name = scan.file();
            let file = format!("data/scans/{name}");
            // A damaged journal may name anything; nothing outside the package is read.
            if !stays_inside(&name) || name.contains('/') {
                self.find("data/journal", What::Broken, "a scan is named that could not be in a package");
                continue;
            }
            match self.plain(&file) {
                None => self.find(file, What::Missing, "the scan of signed paper is missing"),
                Some(bytes) if sha256_hex(&bytes) != scan.sha256 => {
                    self.find(file, What::Changed, "the scan of signed paper is not the one that was kept");
                }
                Some(_) => {}
            }
        }
    }

    /// Every file against the manifests, recordings against the journal as well.
    ///
    /// If the manifests are not the `signed` ones, a file that fits its line may have been changed together with it: then
    /// the readable files are compared with the journal as well.
    pub(crate) fn files(
        &mut self,
        fragments: &Fragments,
        rendered: &[(String, String)],
        signed: bool,
    ) -> Result<(), VerifyError> {
        let payload = self.manifest("manifest-sha256.txt");
        let tags = self.manifest("tagmanifest-sha256.txt");
        let io = |source| VerifyError::Io { path: self.root.to_owned(), source };
        let mut present: BTreeSet<String> =
            files_of(self.root).map_err(io)?.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        let recorded = fragments.keys().filter(|f| !payload.contains_key(*f)).map(|f| (f.clone(), None));
        let listed = payload.iter().chain(&tags).map(|(f, h)| (f.clone(), Some(h.clone())));
        for (file, digest) in listed.chain(recorded).collect::<Vec<_>>() {
            self.files += 1;
            let path = self.root.join(&file);
            // Never through a link: it could lead out of the package.
            let plain = is_plain(self.root, &file, fs::Metadata::is_file);
            present.remove(&file);
            if !plain {
                let named = self.findings.iter().any(|f| f.file == file && f.what == What::Missing);
                if !named {
                    self.missing(&file, fragments.get(&file));
                }
                continue;
            }
            let bytes = fs::read(&path).map_err(|source| VerifyError::Io { path, source })?;
            let named = self.recording(&file, &bytes, fragments.get(&file));
            if named {
                continue;
            }
            let detail = match digest {
                Some(d) if d != sha256_hex(&bytes) => self.difference(&file, &bytes, rendered),
                _ if signed => None,
                _ => from_journal(&file, &bytes, rendered),
            };
            if let Some(detail) = detail {
                self.find(file, What::Changed, detail);
            }
        }
        for file in present {
            if !matches!(&*file, "tagmanifest-sha256.txt" | "package.note") {
                self.find(file, What::Added, "no manifest lists this file");
            }
        }
        Ok(())
    }

    fn missing(&mut self, file: &str, fragments: Option<&Vec<Fragment>>) {
        let detail = match fragments.map(|f| (f.first(), f.last())) {
            Some((Some(first), Some(last))) => format!(
                "the file is missing: it held fragments {} to {} of {}, hearing time {} to {}",
                first.seq, last.seq, first.track, first.from, last.to
            ),
            _ => "the file is missing".to_owned(),
        };
        self.find(file, What::Missing, detail);
    }

    /// Compares the fragments of a recording; whether something was found.
    fn recording(&mut self, file: &str, bytes: &[u8], fragments: Option<&Vec<Fragment>>) -> bool {
        let before = self.findings.len();
        for f in fragments.into_iter().flatten() {
            let range =
                usize::try_from(f.offset).ok().zip(usize::try_from(f.offset.saturating_add(f.bytes)).ok());
            let held = range.and_then(|(from, to)| bytes.get(from..to));
            if held.is_none_or(|held| sha256_hex(held) != f.sha256) {
                let detail = format!(
                    "fragment {} of {}, hearing time {} to {}: bytes {} to {} are not what was recorded",
                    f.seq,
                    f.track,
                    f.from,
                    f.to,
                    f.offset,
                    f.offset.saturating_add(f.bytes)
                );
                self.find(file, What::Changed, detail);
            }
        }
        self.findings.len() > before
    }

    /// A sentence on a file that is not as its manifest says; `None` if a closer finding names the file already.
    fn difference(&self, file: &str, bytes: &[u8], rendered: &[(String, String)]) -> Option<String> {
        if let Some(detail) = from_journal(file, bytes, rendered) {
            return Some(detail);
        }
        let named = self.findings.iter().any(|f| f.file == file && f.what != What::Missing);
        (!named).then(|| "the file is not the one that was packed".to_owned())
    }

    fn manifest(&mut self, name: &str) -> BTreeMap<String, String> {
        let mut listed = BTreeMap::new();
        for (number, line) in self.text(name).unwrap_or_default().lines().enumerate() {
            let parsed = line.split_once("  ").map(|(digest, file)| (digest, decode_name(file)));
            match parsed {
                Some((digest, file)) if digest.parse::<Hash>().is_ok() && stays_inside(&file) => {
                    listed.insert(file, digest.to_owned());
                }
                _ => self.find(name, What::Changed, format!("line {} is not a manifest line", number + 1)),
            }
        }
        listed
    }

    /// The signature over both manifests: whoever changes a file and its manifest line is found here. Whether it holds.
    pub(crate) fn signature(&mut self, key: Option<&VerifyingKey>) -> bool {
        let file = "package.note";
        let (Some(note), Some(key)) = (self.text(file), key) else { return false };
        let read = |name: &str| self.plain(name).unwrap_or_default();
        let (manifest, tags) = (read("manifest-sha256.txt"), read("tagmanifest-sha256.txt"));
        match open_note(&note, key) {
            Err(error) => self.find(file, What::Signature, error.to_string()),
            Ok(text) if !text.starts_with(&format!("{}/package\n", key.name())) => {
                self.find(file, What::Signature, "it does not sign a package of this log");
            }
            Ok(text) if text != package_text(key.name(), &manifest, &tags) => {
                let lines: Vec<_> = text.lines().collect();
                for (name, bytes, line) in
                    [("manifest-sha256.txt", &manifest, 1), ("tagmanifest-sha256.txt", &tags, 2)]
                {
                    if lines.get(line).is_none_or(|l| *l != sha256_hex(bytes)) {
                        self.find(name, What::Signature, "the manifest is not the signed one");
                    }
                }
            }
            Ok(_) => return true,
        }
        false
    }
}

/// How a readable file differs from what the journal gives; `None` if it does not, or is no such file.
fn from_journal(file: &str, bytes: &[u8], rendered: &[(String, String)]) -> Option<String> {
    let name = file.strip_prefix("data/")?;
    let (_, expected) = rendered.iter().find(|(n, _)| *n == name)?;
    first_difference(&String::from_utf8_lossy(bytes), expected)
}

/// A relative path without a step upwards.
pub(crate) fn stays_inside(file: &str) -> bool {
    !file.is_empty() && Path::new(file).components().all(|c| matches!(c, std::path::Component::Normal(_)))
}

/// The first line that differs, with what the journal gives instead.
fn first_difference(found: &str, expected: &str) -> Option<String> {
    let cut = |t: Option<&str>| match t {
        Some(t) => format!("\"{}\"", shown(t.trim(), 120)),
        None => "nothing".to_owned(),
    };
    let (mut a, mut b) = (found.split('\n'), expected.split('\n'));
    let mut number = 0;
    loop {
        number += 1;
        match (a.next(), b.next()) {
            (None, None) => return None,
            (x, y) if x == y => {}
            (x, y) => {
                return Some(format!("line {number} reads {}, by the journal it is {}", cut(x), cut(y)));
            }
        }
    }
}
