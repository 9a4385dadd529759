//! A package as one file, made while it is sent: nothing of it is kept in memory or on disk.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::bag::files_of;

/// Sound and picture hardly become smaller by packing, and nothing else of a package is large: an archive that unpacks to more than so many
/// times its size, and [`UNPACKED_MORE_BYTES`], was made to fill a disk.
const UNPACKED_TIMES_MAX: u64 = 20;
/// For small packages, which hold little but text.
const UNPACKED_MORE_BYTES: u64 = 256 << 20;
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
/// folder, as [`zip_package`] makes it. A file whose bytes do not match the archive's own sum is unpacked as it is: what is wrong
/// with it is for the verification to say.
pub fn unzip_package(file: &Path, into: &Path) -> io::Result<PathBuf> {
    let packed = File::open(file)?;
    let mut left =
        packed.metadata()?.len().saturating_mul(UNPACKED_TIMES_MAX).saturating_add(UNPACKED_MORE_BYTES);
    let mut zip = ZipArchive::new(packed)?;
    for n in 0..zip.len() {
        let mut entry = zip.by_index(n)?;
        // Nothing outside the folder is written, whatever the archive says.
        let Some(below) = entry.enclosed_name() else { continue };
        let path = into.join(below);
        if entry.is_dir() {
            std::fs::create_dir_all(&path)?;
            continue;
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        left = unpack(&mut entry, &mut File::create(&path)?, left)?;
    }
    if into.join("bagit.txt").is_file() {
        return Ok(into.to_owned());
    }
    let folders = std::fs::read_dir(into)?.collect::<io::Result<Vec<_>>>()?;
    let package = folders.into_iter().map(|f| f.path()).find(|f| f.join("bagit.txt").is_file());
    Ok(package.unwrap_or_else(|| into.to_owned()))
}

/// Copies what can be read; only a fault in writing is one, and more than `left` bytes. Gives what is left then.
fn unpack(entry: &mut impl Read, out: &mut impl Write, mut left: u64) -> io::Result<u64> {
    let mut piece = vec![0; 256 << 10];
    loop {
        match entry.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => {
                let rest = left.checked_sub(read as u64);
                left = rest.ok_or_else(|| {
                    io::Error::other("it unpacks to far more than a package holds; do not trust it")
                })?;
                out.write_all(&piece[..read])?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    out.flush().map(|()| left)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test ends where something is not as it must be")]
    use std::io::Cursor;

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
        // One byte in the archive: it is unpacked, so that the verification names the file.
        let mut damaged = out.clone();
        let at = damaged.windows(64).position(|w| w == [7; 64]).expect("the picture is there");
        damaged[at + 10] = 8;
        let (packed, unpacked) = (dir.path().join("damaged.zip"), dir.path().join("damaged"));
        std::fs::write(&packed, &damaged).expect("written");
        let root = unzip_package(&packed, &unpacked).expect("unpacked");
        let picture = std::fs::read(root.join("data/音像/cam-1.mp4")).expect("there");
        assert_eq!(picture.iter().filter(|b| **b == 8).count(), 1);
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
