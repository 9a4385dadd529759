//! Scans of signed paper, kept under their digests beside the journal.

use std::fs;
use std::path::Path;

use court::{Scan, ScanFormat};

use crate::package::{PackageError, make_parent, sha256_hex, sync};

/// Why a scan is not kept.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Neither PDF nor JPEG nor PNG.
    #[error("a scan of signed paper is a PDF, JPEG or PNG file; choose the file that the scanner wrote")]
    Unknown,
    /// The disk.
    #[error(transparent)]
    Disk(#[from] PackageError),
}

/// Keeps a scan in `folder`; when it returns, the bytes are on disk under their name. The same bytes are kept once.
pub fn keep_scan(folder: &Path, bytes: &[u8]) -> Result<Scan, ScanError> {
    let format = ScanFormat::of(bytes).ok_or(ScanError::Unknown)?;
    let scan = Scan { sha256: sha256_hex(bytes), format, bytes: bytes.len() as u64 };
    let path = folder.join(scan.file());
    if fs::read(&path).is_ok_and(|there| there == bytes) {
        return Ok(scan);
    }
    make_parent(&path)?;
    let unfinished = folder.join(format!("{}.part", scan.sha256));
    let io = |source| PackageError::Io { path: unfinished.clone(), source };
    fs::write(&unfinished, bytes).map_err(io)?;
    sync(&unfinished)?;
    fs::rename(&unfinished, &path).map_err(|source| PackageError::Io { path: path.clone(), source })?;
    sync(folder)?;
    Ok(scan)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

    use super::*;

    #[test]
    fn a_scan_is_kept_once_under_its_digest_and_only_if_it_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("scans");
        let scan = keep_scan(&folder, b"%PDF-1.4 signed").unwrap();
        assert_eq!(scan.format, ScanFormat::Pdf);
        assert_eq!(fs::read(folder.join(scan.file())).unwrap(), b"%PDF-1.4 signed");
        assert_eq!(keep_scan(&folder, b"%PDF-1.4 signed").unwrap(), scan);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        assert!(matches!(keep_scan(&folder, b"<html>"), Err(ScanError::Unknown)));
    }
}
