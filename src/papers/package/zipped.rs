//! A package as one file, made while it is sent: nothing of it is kept in memory or on disk.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::bag::files_of;

/// From this size on a file needs the longer fields of ZIP64.
const LARGE_BYTES: u64 = u32::MAX as u64;

/// Writes the package's folder as a ZIP archive with the folder at its root, so that it verifies when unpacked. Sound and
/// picture are compressed already; nothing is compressed again.
pub fn zip_package(folder: &Path, out: impl Write) -> io::Result<()> {
    let root = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut zip = ZipWriter::new_stream(out);
    for below in files_of(folder)? {
        let parts = below.components().map(|c| c.as_os_str().to_string_lossy());
        let name = parts.fold(root.clone(), |name, part| format!("{name}/{part}"));
        let mut file = File::open(folder.join(&below))?;
        let large = file.metadata()?.len() >= LARGE_BYTES;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(large)
            .unix_permissions(0o644);
        zip.start_file(name, options)?;
        io::copy(&mut file, &mut zip)?;
    }
    zip.finish()?.into_inner().flush()
}

/// Unpacks the archive `file` into the empty folder `into` and says where in it the package is: at its root, or in its only
/// folder, as [`zip_package`] makes it.
pub fn unzip_package(file: &Path, into: &Path) -> io::Result<PathBuf> {
    // Names that lead out of the folder are refused by the library.
    ZipArchive::new(File::open(file)?)?.extract(into)?;
    if into.join("bagit.txt").is_file() {
        return Ok(into.to_owned());
    }
    let folders = std::fs::read_dir(into)?.collect::<io::Result<Vec<_>>>()?;
    let package = folders.into_iter().map(|f| f.path()).find(|f| f.join("bagit.txt").is_file());
    Ok(package.unwrap_or_else(|| into.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test ends where something is not as it must be")]
    use std::io::{Cursor, Read};

    use super::*;

    #[test]
    fn the_archive_holds_every_file_of_the_folder_byte_for_byte() {
        let dir = tempfile::tempdir().expect("a folder");
        let bag = dir.path().join("h1-record");
        std::fs::create_dir_all(bag.join("data/音像")).expect("made");
        let files =
            [("bagit.txt", b"BagIt-Version: 1.0\n".to_vec()), ("data/音像/cam-1.mp4", vec![7; 300_000])];
        for (name, bytes) in &files {
            std::fs::write(bag.join(name), bytes).expect("written");
        }
        let mut out = Vec::new();
        zip_package(&bag, &mut out).expect("zipped");
        let (packed, unpacked) = (dir.path().join("h1-record.zip"), dir.path().join("unpacked"));
        std::fs::write(&packed, &out).expect("written");
        let root = unzip_package(&packed, &unpacked).expect("unpacked");
        assert_eq!(root, unpacked.join("h1-record"));
        let mut zip = ZipArchive::new(Cursor::new(out)).expect("readable");
        assert_eq!(zip.len(), files.len());
        for (name, bytes) in &files {
            let mut read = Vec::new();
            let mut entry = zip.by_name(&format!("h1-record/{name}")).expect("the file is there");
            entry.read_to_end(&mut read).expect("readable");
            assert_eq!(&read, bytes, "{name}");
        }
    }
}
