//! 归档: the whole file of a case as one package that proves itself, after the four properties (真实 完整 可用 安全) have been
//! checked.
//!
//! ```text
//!  <case>-archive-<date>-<time>/
//!    bagit.txt  bag-info.txt  manifest-sha256.txt  tagmanifest-sha256.txt  README.txt
//!    package.note               signed note over both manifests
//!    data/key.txt               the key as a verifier key
//!    data/case.json             the case, its retention class, both directories, what was missing and why, the check
//!    data/main/directory.html   data/main/001.pdf …         正卷
//!    data/secondary/directory.html   data/secondary/001.pdf …   副卷
//!    data/hearings/<package>/…  a hearing package each, which proves itself
//! ```

mod check;
mod directory;
mod verify;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use model::{HearingId, Side, UtcMs, shown};
use proof::{Ed25519Signer, sign_note};
use record::{Key, KeyError};
use registry::{Entry, Held, ListedCase, RequiredPiece, Retention};
use serde::{Deserialize, Serialize};

use crate::package::{
    DECLARATION, folders, io, manifest, package_text, put, remove_if_there, sha256_hex, sync, tag_manifest,
};
use crate::time::iso;
use crate::verify::stays_inside;
use crate::{PackageError, PackageInput, Report, Templates, html, write_package};

pub use check::{Property, PropertyName, check};
pub use directory::directory_paper;
pub(crate) use verify::{is_archive, verify_archive};

/// A document to be archived.
#[derive(Debug, Clone)]
pub struct ArchivePiece {
    /// As it stands in its directory.
    pub held: Held,
    /// Whose.
    pub side: Side,
    /// The party's evidence number.
    pub evidence_number: Option<u32>,
    /// Its original.
    pub file: PathBuf,
    /// SHA-256 of the original, hex, as it was filed.
    pub sha256: String,
    /// Pages that can be read and found.
    pub pages_read: u32,
    /// Pages that cannot, in words.
    pub unread: Vec<String>,
}

/// A hearing of the case.
#[derive(Debug, Clone)]
pub struct ArchiveHearing {
    /// It.
    pub id: HearingId,
    /// Its folder, with `journal` and `media`.
    pub dir: PathBuf,
}

/// What is archived, and by what.
#[derive(Clone, Copy)]
pub struct ArchiveInput<'a> {
    /// The case.
    pub case: &'a ListedCase,
    /// 保管期限; `None`: not chosen yet.
    pub retention: Option<Retention>,
    /// 正卷.
    pub main: &'a [ArchivePiece],
    /// 副卷.
    pub secondary: &'a [ArchivePiece],
    /// Required pieces that are not there.
    pub missing: &'a [RequiredPiece],
    /// Why a missing piece is missing, by heading; goes on the file.
    pub explained: &'a BTreeMap<String, String>,
    /// Its hearings, the first session first.
    pub hearings: &'a [ArchiveHearing],
    /// The machine's key.
    pub key: &'a Key,
    /// Who signs a hearing; of one from a backup, the key of the house it was held in.
    pub signer_of: &'a dyn Fn(&HearingId) -> Result<Ed25519Signer, String>,
    /// The forms of the papers.
    pub templates: &'a Templates,
    /// Font of the PDFs.
    pub font: &'a Path,
    /// Where archives go.
    pub out_dir: &'a Path,
    /// Gives the archive its name and date.
    pub now: UtcMs,
}

impl std::fmt::Debug for ArchiveInput<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArchiveInput").field("case", &self.case.id).finish_non_exhaustive()
    }
}

/// Why there is no archive. Nothing half-written is left behind.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A property does not hold.
    #[error("卷宗还不能归档：{}", sentences(.0))]
    NotReady(Vec<Property>),
    /// A hearing package, a file, a signature.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Its name.
    #[error(transparent)]
    Note(#[from] proof::NoteError),
}

fn sentences(properties: &[Property]) -> String {
    let all: Vec<_> = properties.iter().flat_map(|p| &p.sentences).map(String::as_str).collect();
    all.join("；")
}

/// What `data/case.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The case.
    pub case: ListedCase,
    /// 保管期限.
    pub retention: Retention,
    /// When it was archived, in Beijing.
    pub archived: String,
    /// 正卷目录.
    pub main: Vec<ArchivedPiece>,
    /// 副卷目录.
    pub secondary: Vec<ArchivedPiece>,
    /// 备考: pieces that are missing, and why.
    pub explained: BTreeMap<String, String>,
    /// The packages of the hearings.
    pub hearings: Vec<String>,
    /// What the check found.
    pub properties: Vec<Property>,
}

/// A document of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchivedPiece {
    /// Its line of the directory.
    #[serde(flatten)]
    pub entry: Entry,
    /// Whose.
    pub side: Side,
    /// The party's evidence number.
    pub evidence_number: Option<u32>,
    /// Its file below `data/`.
    pub file: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
}

/// An archive on disk.
#[derive(Debug, Clone)]
pub struct Archived {
    /// Its folder's name.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// What verifying it at once found.
    pub report: Report,
}

/// Checks the four properties, writes the archive beside its final name, renames it, and verifies it.
pub fn write(input: &ArchiveInput<'_>) -> Result<Archived, ArchiveError> {
    let properties = check(input);
    let (true, Some(retention)) = (properties.iter().all(|p| p.ok), input.retention) else {
        return Err(ArchiveError::NotReady(properties));
    };
    let (y, m, d, h, min, s) = input.now.beijing();
    let name = format!("{}-archive-{y:04}{m:02}{d:02}-{h:02}{min:02}{s:02}", input.case.id);
    let (path, beside) = (input.out_dir.join(&name), input.out_dir.join(format!(".{name}.part")));
    remove_if_there(&beside)?;
    if let Err(error) = fill(&beside, input, retention, properties) {
        // The first error is the one to tell.
        let _ = fs::remove_dir_all(&beside);
        return Err(error);
    }
    remove_if_there(&path)?;
    fs::rename(&beside, &path).map_err(io(&path))?;
    sync(input.out_dir)?;
    let report = crate::verify(&path).map_err(PackageError::from)?;
    Ok(Archived { name, path, report })
}

fn fill(
    root: &Path,
    input: &ArchiveInput<'_>,
    retention: Retention,
    properties: Vec<Property>,
) -> Result<(), ArchiveError> {
    let data = root.join("data");
    let main = file_of(&data, input, "main")?;
    let secondary = file_of(&data, input, "secondary")?;
    let mut hearings = Vec::new();
    for hearing in input.hearings {
        hearings.push(pack(&data.join("hearings"), input, hearing)?);
    }
    let case = Manifest {
        case: input.case.clone(),
        retention,
        archived: iso(input.now),
        main,
        secondary,
        explained: input.explained.clone(),
        hearings,
        properties,
    };
    // Plain data with text keys always encodes.
    let text = serde_json::to_string_pretty(&case).unwrap_or_default();
    put(&data.join("case.json"), format!("{text}\n").as_bytes())?;
    seal(root, input)
}

/// Copies the originals of one file, with its directory.
fn file_of(data: &Path, input: &ArchiveInput<'_>, name: &str) -> Result<Vec<ArchivedPiece>, PackageError> {
    let secondary = name == "secondary";
    let pieces = if secondary { input.secondary } else { input.main };
    let held: Vec<_> = pieces.iter().map(|p| p.held.clone()).collect();
    let entries = registry::directory(&held, secondary);
    let paper = directory_paper(input.case, &entries, secondary, input.retention);
    put(&data.join(name).join("directory.html"), html(&paper).as_bytes())?;
    let mut archived = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(piece) = pieces.iter().find(|p| p.held.doc == entry.doc) else { continue };
        let ending =
            piece.file.extension().map_or_else(|| "bin".to_owned(), |e| e.to_string_lossy().into_owned());
        let file = format!("{name}/{:03}.{ending}", entry.number);
        let bytes = fs::read(&piece.file).map_err(io(&piece.file))?;
        put(&data.join(&file), &bytes)?;
        let (side, evidence_number) = (piece.side, piece.evidence_number);
        archived.push(ArchivedPiece { entry, side, evidence_number, file, sha256: sha256_hex(&bytes) });
    }
    Ok(archived)
}

fn pack(out: &Path, input: &ArchiveInput<'_>, hearing: &ArchiveHearing) -> Result<String, ArchiveError> {
    fs::create_dir_all(out).map_err(io(out))?;
    let signer = (input.signer_of)(&hearing.id).map_err(PackageError::Events)?;
    let written = write_package(&PackageInput {
        journal_dir: &hearing.dir.join("journal"),
        media_dir: &hearing.dir.join("media"),
        scans_dir: &hearing.dir.join("scans"),
        out_dir: out,
        font: input.font,
        templates: input.templates,
        signer: &signer,
        now: input.now,
    })?;
    Ok(written.name)
}

/// Manifests, bag info and signature.
fn seal(root: &Path, input: &ArchiveInput<'_>) -> Result<(), ArchiveError> {
    let origin = format!("huiting/archive/{}", input.case.id);
    let signer = input.key.signer(&origin)?;
    put(&root.join("data/key.txt"), format!("{}\n", proof::Signer::key(&signer).text()).as_bytes())?;
    let payload = manifest(root, "data").map_err(io(root))?;
    put(&root.join("manifest-sha256.txt"), payload.text.as_bytes())?;
    put(&root.join("bagit.txt"), DECLARATION.as_bytes())?;
    put(&root.join("bag-info.txt"), info(input, payload.bytes, payload.files).as_bytes())?;
    put(&root.join("README.txt"), README.replace("{number}", &input.case.number).as_bytes())?;
    let tags = tag_manifest(root).map_err(io(root))?;
    put(&root.join("tagmanifest-sha256.txt"), tags.as_bytes())?;
    let text = package_text(&origin, payload.text.as_bytes(), tags.as_bytes());
    let note = sign_note(&text, &signer).map_err(PackageError::from)?;
    put(&root.join("package.note"), note.as_bytes())?;
    for dir in folders(root).map_err(io(root))? {
        sync(&dir)?;
    }
    Ok(())
}

fn info(input: &ArchiveInput<'_>, bytes: u64, files: u64) -> String {
    let one_line = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
    let rows = [
        ("Source-Organization", one_line(&input.case.court)),
        ("External-Identifier", one_line(&input.case.number)),
        ("External-Description", format!("{} 诉讼卷宗", one_line(&input.case.cause))),
        ("Internal-Sender-Identifier", input.case.id.to_string()),
        ("Bagging-Date", input.now.beijing_day().to_string()),
        ("Bag-Software-Agent", format!("huiting {}", env!("CARGO_PKG_VERSION"))),
        ("Payload-Oxum", format!("{bytes}.{files}")),
    ];
    rows.iter().map(|(label, value)| format!("{label}: {value}\n")).collect()
}

const README: &str = "\
诉讼卷宗归档包 {number}

data/case.json 为案件、保管期限、正卷和副卷目录；data/main 为正卷，data/secondary 为副卷，data/hearings 为各次开庭的庭审归档包。
核验：huiting verify 本文件夹；各庭审归档包另附 verify.py，可单独核验。
文件校验值可用 sha256sum -c manifest-sha256.txt 核对，两份清单由 package.note 签名。

The file of a case. `huiting verify FOLDER` checks it; `huiting case restore FOLDER` brings it into another Huiting.
";

/// What the archive in `root` says of itself. The error is a sentence.
pub fn read_manifest(root: &Path) -> Result<Manifest, String> {
    let path = root.join("data/case.json");
    let bytes =
        fs::read(&path).map_err(|e| format!("{}: {e}; give the folder of an archive", path.display()))?;
    let said: Manifest = serde_json::from_slice(&bytes)
        .map_err(|e| format!("{}: {}; use the newer program", path.display(), shown(&e.to_string(), 300)))?;
    // What it names is read, and copied into a dossier: nothing outside the archive may be.
    let pieces = said.main.iter().chain(&said.secondary).map(|p| &p.file);
    let strange = pieces
        .chain(&said.hearings)
        .find(|name| !stays_inside(name))
        .or_else(|| said.hearings.iter().find(|name| name.contains('/')));
    match strange {
        Some(name) => Err(format!("{}: \"{}\" is no file of an archive", path.display(), shown(name, 80))),
        None => Ok(said),
    }
}
