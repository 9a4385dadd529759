//! BagIt 1.0 (RFC 8493).

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::UtcMs;
use sha2::{Digest, Sha256};

use crate::Record;

pub(crate) const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A manifest and what it counts.
pub(crate) struct Manifest {
    pub(crate) text: String,
    pub(crate) bytes: u64,
    pub(crate) files: u64,
}

/// SHA-256 in lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Every file below `root`, relative to it, sorted. A symbolic link is listed as itself and never followed.
pub(crate) fn files_of(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(root.join(&dir))? {
            let entry = entry?;
            let path = dir.join(entry.file_name());
            if entry.file_type()?.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// `root` and every folder below it.
pub(crate) fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = vec![root.to_owned()];
    let mut next = 0;
    while next < found.len() {
        for entry in fs::read_dir(&found[next])? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                found.push(entry.path());
            }
        }
        next += 1;
    }
    Ok(found)
}

/// Manifest of the files below `root/sub`.
pub(crate) fn manifest(root: &Path, sub: &str) -> io::Result<Manifest> {
    let mut out = Manifest { text: String::new(), bytes: 0, files: 0 };
    for file in files_of(&root.join(sub))? {
        let path = Path::new(sub).join(file);
        let bytes = fs::read(root.join(&path))?;
        line(&mut out.text, &path, &bytes);
        out.bytes += bytes.len() as u64;
        out.files += 1;
    }
    Ok(out)
}

/// Manifest of the files at the top of the bag.
pub(crate) fn tag_manifest(root: &Path) -> io::Result<String> {
    let mut out = String::new();
    for file in files_of(root)?.into_iter().filter(|f| f.components().count() == 1) {
        line(&mut out, &file, &fs::read(root.join(&file))?);
    }
    Ok(out)
}

fn line(out: &mut String, path: &Path, bytes: &[u8]) {
    // Writing to a String cannot fail. Names are ours: text ids, digits and dots.
    let _ = writeln!(out, "{}  {}", sha256_hex(bytes), encode_name(&path.to_string_lossy()));
}

fn encode_name(name: &str) -> String {
    name.replace('%', "%25").replace('\n', "%0A").replace('\r', "%0D")
}

/// The name in a manifest line.
pub(crate) fn decode_name(name: &str) -> String {
    name.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
}

pub(crate) fn info(record: &Record, now: UtcMs, payload: &Manifest) -> String {
    let (y, m, d, ..) = now.beijing();
    let one_line = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
    let rows = [
        ("Source-Organization", one_line(&record.court)),
        ("External-Identifier", one_line(&record.number)),
        (
            "External-Description",
            format!("{} 法庭笔录及录音录像（第{}次）", one_line(&record.cause), record.session),
        ),
        ("Internal-Sender-Identifier", record.hearing.to_string()),
        ("Record-SHA-256", record.digest.clone()),
        ("Bagging-Date", format!("{y:04}-{m:02}-{d:02}")),
        ("Bag-Software-Agent", format!("huiting {}", env!("CARGO_PKG_VERSION"))),
        ("Payload-Oxum", format!("{}.{}", payload.bytes, payload.files)),
    ];
    rows.iter().map(|(label, value)| format!("{label}: {value}\n")).collect()
}
