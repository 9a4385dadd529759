//! A copy of the house, made while it runs, and a house made from it.
//!
//! ```text
//!   <out>/<date>-<time>/           a copy; what has not changed since the copy before is a second name of the same file
//!     data/…                       as it lay in the house
//!     manifest-sha256.txt          every file with its digest
//!     backup.json                  when, by which program, how far each journal had come
//! ```
//!
//! Journals only grow, so a copy of one is the journal at an earlier moment; it is read again before it counts, with its hashes and
//! signatures. Databases are copied by SQLite itself. The search index is left out: it is made again from the dossier.
//!
//! A house that was restored signs no second history: its journals take nothing more ([`record::RESTORED_FILE`]), they keep the key that
//! signed them, and what is opened afterwards is signed by a new one. Sessions and links of the old house open nothing in it.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use model::{HearingId, UtcMs};
use record::{JournalError, JournalReader, Key, KeyError, RESTORED_FILE, Store, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::audit::AUDIT_FOLDER;
use crate::room::{KEY_FILE, RoomError, signer_name, signer_of};

const MANIFEST: &str = "manifest-sha256.txt";
const ABOUT: &str = "backup.json";
/// The folder of a house within its copy.
const DATA: &str = "data";
/// Its database.
pub const STORE_FILE: &str = "huiting.sqlite";
/// What is no part of a copy: it belongs to the running processes, or is made again.
const LEFT_OUT: [&str; 4] = ["run", "incoming", "index", "backup"];
/// A journal that grows while it is copied is copied again.
const ATTEMPTS: u32 = 20;
const CHUNK: usize = 1 << 20;

/// Why there is no copy, or no house from it. Nothing half-made is left behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder.
    #[error("{path}: {cause}; check the disk and its rights, then try again")]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
    /// A copy beside the original is lost with it.
    #[error("{0} lies within the data folder; choose a folder on another disk")]
    Inside(PathBuf),
    /// There is nothing to copy.
    #[error("{0} holds no house: there is no hub.key in it; check `data` in the settings")]
    NoHouse(PathBuf),
    /// Something is there.
    #[error(
        "{0} is not empty; restore into a new folder (`data` in the settings), so that nothing is overwritten"
    )]
    NotEmpty(PathBuf),
    /// This is no copy of ours.
    #[error(
        "{0} is no backup: there is no manifest-sha256.txt in it; choose the folder with a date in its name"
    )]
    NoBackup(PathBuf),
    /// The copy is not what was made.
    #[error("{file} in the backup is not what was copied ({what}); take another backup")]
    Damaged {
        /// Which file.
        file: String,
        /// How it differs.
        what: &'static str,
    },
    /// A journal is not whole.
    #[error(
        "the journal {journal} is damaged: {what}; examine it with `huiting verify` before anything is copied over it"
    )]
    Journal {
        /// Whose.
        journal: String,
        /// What is wrong.
        what: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Anything of the room.
    #[error(transparent)]
    Room(#[from] Box<RoomError>),
}

/// How far a journal had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalAt {
    /// Its folder within the house, e.g. `hearings/c1-1/journal`.
    pub folder: String,
    /// Entries.
    pub entries: u64,
    /// Hash of the last one, or zeros.
    pub head: String,
}

/// What `backup.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// When the copy was begun.
    pub made: UtcMs,
    /// Version of the program.
    pub version: String,
    /// Every journal, by its folder. Those of meetings are not named outside their folders, so they are not in it.
    pub journals: Vec<JournalAt>,
}

/// A copy that was made, or checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its folder.
    pub dir: PathBuf,
    /// What it says of itself.
    pub about: About,
    /// Files in it.
    pub files: u64,
    /// Their size, in bytes.
    pub bytes: u64,
    /// Of these bytes, how many are shared with the copy before.
    pub shared: u64,
    /// Links in the house: where they lead is not copied.
    pub links: Vec<String>,
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |cause| BackupError::Io { path, cause }
}

/// Copies the house in `data` into a new folder below `out`, while it runs or not.
pub fn back_up(data: &Path, out: &Path, now: UtcMs) -> Result<Backup, BackupError> {
    if !data.join(KEY_FILE).exists() {
        return Err(BackupError::NoHouse(data.to_owned()));
    }
    fs::create_dir_all(out).map_err(io_at(out))?;
    let real = |path: &Path| fs::canonicalize(path).map_err(io_at(path));
    if real(out)?.starts_with(real(data)?) {
        return Err(BackupError::Inside(out.to_owned()));
    }
    let (y, mo, d, h, mi, s) = now.beijing();
    let name = format!("{y:04}{mo:02}{d:02}-{h:02}{mi:02}{s:02}");
    let (dir, beside) = (out.join(&name), out.join(format!(".{name}.part")));
    if dir.exists() {
        return Err(BackupError::NotEmpty(dir));
    }
    let before = Before::newest(out)?;
    let _ = fs::remove_dir_all(&beside);
    let made =
        Copying { data, to: beside.join(DATA), before, found: BTreeMap::new(), shared: 0, links: Vec::new() }
            .house(now);
    let backup = made.and_then(|(Copying { found, shared, links, .. }, about)| {
        let manifest: String = found.iter().map(|(file, of)| format!("{}  {file}\n", of.digest)).collect();
        write(&beside.join(ABOUT), &serde_json::to_vec_pretty(&about).unwrap_or_default())?;
        write(&beside.join(MANIFEST), manifest.as_bytes())?;
        sync_folders(&beside)?;
        fs::rename(&beside, &dir).map_err(io_at(&dir))?;
        File::open(out).and_then(|f| f.sync_all()).map_err(io_at(out))?;
        let (files, bytes) = (found.len() as u64, found.values().map(|f| f.bytes).sum());
        Ok(Backup { dir: dir.clone(), about, files, bytes, shared, links })
    });
    if backup.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_dir_all(&beside);
    }
    backup
}

/// The copy before this one: what has not changed since is not copied again.
struct Before {
    dir: PathBuf,
    digests: HashMap<String, String>,
}

impl Before {
    fn newest(out: &Path) -> Result<Option<Self>, BackupError> {
        let names = fs::read_dir(out).map_err(io_at(out))?.filter_map(Result::ok).map(|e| e.path());
        let newest = names.filter(|p| p.join(MANIFEST).exists() && p.join(DATA).is_dir()).max();
        let Some(dir) = newest else { return Ok(None) };
        // A copy that is no longer whole is no reason not to make a better one.
        let digests = read_manifest(&dir).unwrap_or_default().into_iter().collect();
        Ok(Some(Self { dir: dir.join(DATA), digests }))
    }
}

struct Found {
    digest: String,
    bytes: u64,
}

struct Copying<'a> {
    data: &'a Path,
    to: PathBuf,
    before: Option<Before>,
    found: BTreeMap<String, Found>,
    shared: u64,
    links: Vec<String>,
}

impl Copying<'_> {
    fn house(mut self, now: UtcMs) -> Result<(Self, About), BackupError> {
        let mut journals = Vec::new();
        self.folder(Path::new(""), &mut journals)?;
        let named = |j: &JournalAt| !j.folder.starts_with("meetings/");
        journals.retain(named);
        let about = About { made: now, version: env!("CARGO_PKG_VERSION").to_owned(), journals };
        Ok((self, about))
    }

    fn folder(&mut self, below: &Path, journals: &mut Vec<JournalAt>) -> Result<(), BackupError> {
        let from = self.data.join(below);
        fs::create_dir_all(self.to.join(below)).map_err(io_at(&self.to))?;
        let rights = fs::metadata(&from).map_err(io_at(&from))?.permissions();
        fs::set_permissions(self.to.join(below), rights).map_err(io_at(&self.to))?;
        if is_journal(below) {
            journals.push(self.journal(below)?);
            return Ok(());
        }
        let mut names: Vec<_> = fs::read_dir(&from).map_err(io_at(&from))?.filter_map(Result::ok).collect();
        // Lists before what they name: what a list names is there before it, and stays.
        names.sort_by_key(|e| (e.path().extension().is_none_or(|x| x != "json"), e.file_name()));
        for entry in names {
            let path = below.join(entry.file_name());
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            let top = below.as_os_str().is_empty();
            if (top && LEFT_OUT.contains(&name.as_str())) || name.starts_with('.') || name.ends_with(".lock")
            {
                continue;
            }
            if kind.is_symlink() {
                self.links.push(in_manifest(&path));
            } else if kind.is_dir() {
                // Its sockets and numbers of processes are of the running house.
                if name != "run" {
                    self.folder(&path, journals)?;
                }
            } else if name.ends_with(".sqlite") {
                self.database(&path)?;
            } else if kind.is_file() && !name.ends_with(".sqlite-wal") && !name.ends_with(".sqlite-shm") {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    /// SQLite copies its own: a copy of the file alone would lack what is still in its log.
    fn database(&mut self, path: &Path) -> Result<(), BackupError> {
        let to = self.to.join(path);
        record::copy_database(&self.data.join(path), &to)?;
        let digest = digest_of(&to)?;
        self.found.insert(in_manifest(path), digest);
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), BackupError> {
        let (from, to) = (self.data.join(path), self.to.join(path));
        let meta = match fs::metadata(&from) {
            // Gone since the folder was listed: a file that was only passing through.
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            meta => meta.map_err(io_at(&from))?,
        };
        let name = in_manifest(path);
        if let Some(digest) = self.as_before(path, &name, &meta, &to) {
            self.shared += meta.len();
            self.found.insert(name, Found { digest, bytes: meta.len() });
            return Ok(());
        }
        let found = copy(&from, &to, &meta)?;
        self.found.insert(name, found);
        Ok(())
    }

    /// Gives the copy of last time a second name, if the file is still the same.
    fn as_before(&self, path: &Path, name: &str, meta: &fs::Metadata, to: &Path) -> Option<String> {
        let before = self.before.as_ref()?;
        let digest = before.digests.get(name)?;
        let old = before.dir.join(path);
        let was = fs::metadata(&old).ok()?;
        // On a later attempt the first name is there already.
        let _ = fs::remove_file(to);
        let same = was.len() == meta.len()
            && (was.mtime(), was.mtime_nsec()) == (meta.mtime(), meta.mtime_nsec())
            && was.mode() == meta.mode();
        (same && fs::hard_link(&old, to).is_ok()).then(|| digest.clone())
    }

    /// A journal as it stood at one moment: copied until the copy reads as a whole.
    fn journal(&mut self, below: &Path) -> Result<JournalAt, BackupError> {
        let (from, to) = (self.data.join(below), self.to.join(below));
        let mut attempt = 0;
        loop {
            attempt += 1;
            // The last checkpoint before the entries: it never covers more than is there.
            for name in journal_files(&from)? {
                let path = from.join(&name);
                let meta = fs::metadata(&path).map_err(io_at(&path))?;
                let (file, to) = (below.join(&name), to.join(&name));
                let named = in_manifest(&file);
                let found = match self.as_before(&file, &named, &meta, &to) {
                    Some(digest) => {
                        self.shared += meta.len();
                        Found { digest, bytes: meta.len() }
                    }
                    None => copy(&path, &to, &meta)?,
                };
                self.found.insert(named, found);
            }
            let key = key_of(self.data, below)?;
            let read = JournalReader::read(&to, key.as_ref()).map_err(|e| wrong(below, &e))?;
            let Some(fault) = read.faults.first() else {
                self.cut(below, &read)?;
                let head = read.entries.last().map_or_else(|| "0".repeat(64), |e| e.hash.to_string());
                return Ok(JournalAt {
                    folder: in_manifest(below),
                    entries: read.entries.len() as u64,
                    head,
                });
            };
            if attempt == ATTEMPTS {
                let journal = below.display().to_string();
                return Err(BackupError::Journal { journal, what: fault.to_string() });
            }
        }
    }

    /// Space allocated ahead is no part of a copy.
    fn cut(&mut self, below: &Path, read: &JournalReader) -> Result<(), BackupError> {
        let Some(last) = read.segments.last().filter(|s| !s.sealed) else { return Ok(()) };
        let path = below.join(&last.file);
        let to = self.to.join(&path);
        let file = File::options().write(true).open(&to).map_err(io_at(&to))?;
        file.set_len(last.whole_bytes).and_then(|()| file.sync_all()).map_err(io_at(&to))?;
        self.found.insert(in_manifest(&path), digest_of(&to)?);
        Ok(())
    }
}

/// Whether something in the house writes there; a journal within a package is a file like others.
fn is_journal(below: &Path) -> bool {
    let parts: Vec<_> = below.iter().filter_map(|p| p.to_str()).collect();
    match parts.as_slice() {
        ["hearings" | "meetings", _, "journal"] | ["meetings", _, AUDIT_FOLDER] | [AUDIT_FOLDER] => true,
        [old, AUDIT_FOLDER] => old.starts_with(AUDIT_FOLDER),
        _ => false,
    }
}

/// Segments and the last checkpoint, that one first.
fn journal_files(dir: &Path) -> Result<Vec<String>, BackupError> {
    let names = fs::read_dir(dir).map_err(io_at(dir))?.filter_map(Result::ok);
    let mut names: Vec<_> = names.filter_map(|e| e.file_name().into_string().ok()).collect();
    let segment = |n: &String| n.strip_suffix(".seg").is_some_and(|n| n.parse::<u64>().is_ok());
    names.retain(|n| segment(n) || n == "head.note" || n == RESTORED_FILE);
    names.sort_by_key(|n| (segment(n), n.clone()));
    Ok(names)
}

/// The key that signed a journal of the house in `data`, where it is known there.
fn key_of(data: &Path, below: &Path) -> Result<Option<proof::VerifyingKey>, BackupError> {
    let parts: Vec<_> = below.iter().filter_map(|p| p.to_str()).collect();
    let of = |file: PathBuf, name: &str| -> Result<_, BackupError> {
        let signer = Key::load_or_create(&file)?.signer(name).map_err(|e| Box::new(e.into()))?;
        Ok(Some(proof::Signer::key(&signer).clone()))
    };
    match parts.as_slice() {
        ["hearings", id, "journal"] => {
            let Ok(id) = HearingId::new(*id) else { return Ok(None) };
            Ok(Some(proof::Signer::key(&signer_of(data, &id).map_err(Box::new)?).clone()))
        }
        ["meetings", id, "journal"] => {
            let Ok(hearing) = HearingId::new(*id) else { return Ok(None) };
            of(data.join("meetings").join(id).join("meeting.key"), &signer_name(&hearing))
        }
        [AUDIT_FOLDER] => of(data.join(KEY_FILE), "huiting/audit"),
        _ => Ok(None),
    }
}

fn wrong(below: &Path, error: &JournalError) -> BackupError {
    BackupError::Journal { journal: below.display().to_string(), what: error.to_string() }
}

fn in_manifest(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn copy(from: &Path, to: &Path, meta: &fs::Metadata) -> Result<Found, BackupError> {
    let mut source = File::open(from).map_err(io_at(from))?;
    // A second name from an earlier attempt must not be written through.
    let _ = fs::remove_file(to);
    let mut target = File::create_new(to).map_err(io_at(to))?;
    target.set_permissions(meta.permissions()).map_err(io_at(to))?;
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        let read = source.read(&mut chunk).map_err(io_at(from))?;
        if read == 0 {
            break;
        }
        hash.update(&chunk[..read]);
        target.write_all(&chunk[..read]).map_err(io_at(to))?;
        bytes += read as u64;
    }
    if let Ok(modified) = meta.modified() {
        target.set_modified(modified).map_err(io_at(to))?;
    }
    target.sync_all().map_err(io_at(to))?;
    Ok(Found { digest: hex::encode(hash.finalize()), bytes })
}

fn digest_of(path: &Path) -> Result<Found, BackupError> {
    let mut file = File::open(path).map_err(io_at(path))?;
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk).map_err(io_at(path))? {
            0 => return Ok(Found { digest: hex::encode(hash.finalize()), bytes }),
            read => {
                hash.update(&chunk[..read]);
                bytes += read as u64;
            }
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let written = File::create(path).and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all()));
    written.map_err(io_at(path))
}

fn sync_folders(dir: &Path) -> Result<(), BackupError> {
    for entry in fs::read_dir(dir).map_err(io_at(dir))?.filter_map(Result::ok) {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            sync_folders(&entry.path())?;
        }
    }
    File::open(dir).and_then(|f| f.sync_all()).map_err(io_at(dir))
}

/// File and digest.
fn read_manifest(backup: &Path) -> Result<Vec<(String, String)>, BackupError> {
    let path = backup.join(MANIFEST);
    let text = fs::read_to_string(&path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => BackupError::NoBackup(backup.to_owned()),
        _ => BackupError::Io { path, cause: e },
    })?;
    let lines = text.lines().map(|line| line.split_once("  ").map(|(d, f)| (f.to_owned(), d.to_owned())));
    let damaged = || BackupError::Damaged { file: MANIFEST.to_owned(), what: "a line cannot be read" };
    lines.collect::<Option<Vec<_>>>().ok_or_else(damaged)
}

/// Reads every file of a copy and every journal in it.
pub fn check_backup(backup: &Path) -> Result<Backup, BackupError> {
    let manifest = read_manifest(backup)?;
    let data = backup.join(DATA);
    let damaged = |file: &str, what| BackupError::Damaged { file: file.to_owned(), what };
    let about = fs::read(backup.join(ABOUT)).map_err(io_at(&backup.join(ABOUT)))?;
    let about: About = serde_json::from_slice(&about).map_err(|_| damaged(ABOUT, "it cannot be read"))?;
    let mut bytes = 0;
    for (file, digest) in &manifest {
        let found = digest_of(&listed(&data, file)?)?;
        if found.digest != *digest {
            return Err(damaged(file, "its digest is another one"));
        }
        bytes += found.bytes;
    }
    for journal in &about.journals {
        let below = Path::new(&journal.folder);
        let key = key_of(&data, below)?;
        let read = JournalReader::read(&data.join(below), key.as_ref()).map_err(|e| wrong(below, &e))?;
        if let Some(fault) = read.faults.first() {
            return Err(BackupError::Journal { journal: journal.folder.clone(), what: fault.to_string() });
        }
        if read.entries.len() as u64 != journal.entries {
            return Err(damaged(&journal.folder, "it holds fewer or more entries than were copied"));
        }
    }
    Ok(Backup {
        dir: backup.to_owned(),
        about,
        files: manifest.len() as u64,
        bytes,
        shared: 0,
        links: Vec::new(),
    })
}

/// Makes a house in `data` from a copy, after every file of it was checked.
pub fn restore(backup: &Path, data: &Path, now: UtcMs) -> Result<Backup, BackupError> {
    let empty = match fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_none(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => true,
        Err(cause) => return Err(BackupError::Io { path: data.to_owned(), cause }),
    };
    if !empty {
        return Err(BackupError::NotEmpty(data.to_owned()));
    }
    let checked = check_backup(backup)?;
    if let Some(parent) = data.parent() {
        fs::create_dir_all(parent).map_err(io_at(parent))?;
    }
    // Made beside its place: a restoration that was cut short is none.
    let mut beside = data.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let _ = fs::remove_dir_all(&beside);
    let made = settle(backup, &beside, &checked, now).and_then(|()| {
        sync_folders(&beside)?;
        let _ = fs::remove_dir(data);
        fs::rename(&beside, data).map_err(io_at(data))
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&beside);
    }
    made.map(|()| checked)
}

fn settle(backup: &Path, data: &Path, checked: &Backup, now: UtcMs) -> Result<(), BackupError> {
    let from = backup.join(DATA);
    make_folders(&from, data)?;
    // What the manifest lists, and nothing that somebody put beside it.
    for (file, digest) in read_manifest(backup)? {
        let path = listed(&from, &file)?;
        let meta = fs::metadata(&path).map_err(io_at(&path))?;
        if copy(&path, &data.join(&file), &meta)?.digest != digest {
            return Err(BackupError::Damaged { file, what: "it was changed while it was restored" });
        }
    }
    let note = format!(
        "restored {} from a backup of {}\nNothing is appended here: elsewhere this journal may have gone on.\n",
        stamp(now),
        stamp(checked.about.made)
    );
    let house = data.join(KEY_FILE);
    for (folder, has_own_key) in [("hearings", false), ("meetings", true)] {
        let Ok(entries) = fs::read_dir(data.join(folder)) else { continue };
        for dir in entries.filter_map(Result::ok).map(|e| e.path()).filter(|p| p.join("journal").is_dir()) {
            write(&dir.join("journal").join(RESTORED_FILE), note.as_bytes())?;
            let own = dir.join(KEY_FILE);
            // Restored before: it has the key of the first house already.
            if !has_own_key && !own.exists() {
                fs::copy(&house, &own).map_err(io_at(&own))?;
            }
        }
    }
    // Who read what in the old house stays to be read; the new one begins its own.
    let audit = data.join(AUDIT_FOLDER);
    if audit.is_dir() {
        let (y, mo, d, h, mi, s) = checked.about.made.beijing();
        let old = data.join(format!("{AUDIT_FOLDER}-{y:04}{mo:02}{d:02}-{h:02}{mi:02}{s:02}"));
        let kept = old.join(AUDIT_FOLDER);
        fs::create_dir_all(&old).map_err(io_at(&old))?;
        fs::rename(&audit, &kept).map_err(io_at(&kept))?;
        write(&kept.join(RESTORED_FILE), note.as_bytes())?;
        fs::copy(&house, old.join(KEY_FILE)).map_err(io_at(&old))?;
    }
    fs::remove_file(&house).map_err(io_at(&house))?;
    Key::load_or_create(&house)?;
    let store = data.join(STORE_FILE);
    if store.exists() {
        Store::open(&store)?.end_all_sessions(now)?;
    }
    Ok(())
}

/// The folders of a copy with their rights, empty ones too; a link is none.
fn make_folders(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::create_dir_all(to).map_err(io_at(to))?;
    let meta = fs::metadata(from).map_err(io_at(from))?;
    fs::set_permissions(to, meta.permissions()).map_err(io_at(to))?;
    for entry in fs::read_dir(from).map_err(io_at(from))?.filter_map(Result::ok) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_folders(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// A file of the manifest that lies within the copy and is a file.
fn listed(data: &Path, file: &str) -> Result<PathBuf, BackupError> {
    let damaged = |what| BackupError::Damaged { file: file.to_owned(), what };
    let inside = Path::new(file).components().all(|c| matches!(c, Component::Normal(_)));
    if file.is_empty() || !inside {
        return Err(damaged("it would lie outside the backup"));
    }
    let path = data.join(file);
    match fs::symlink_metadata(&path) {
        Ok(meta) if meta.is_file() => Ok(path),
        Ok(_) => Err(damaged("it is no file")),
        Err(_) => Err(damaged("it is missing")),
    }
}

fn stamp(at: UtcMs) -> String {
    let (y, mo, d, h, mi, s) = at.beijing();
    format!("{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02}")
}
