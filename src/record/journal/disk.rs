//! The few things the journal asks of a disk, as a trait: the disk is the hardware that tests make fail.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate, fdatasync};

/// A folder's operations.
pub(super) trait Disk: Send {
    /// Creates a file of `bytes` zeros whose blocks are allocated.
    fn create(&self, path: &Path, bytes: u64) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file for writing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Renames within the folder and makes that durable.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes the folder's list of files durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// A file's operations.
pub(super) trait DiskFile: Send {
    /// Writes all bytes at a place.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes what was written durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file at `keep` bytes and allocates zeros up to `bytes`.
    fn cut_and_allocate(&mut self, keep: u64, bytes: u64) -> io::Result<()>;
}

/// The machine's own disk.
pub(super) struct RealDisk;

struct RealFile(File);

impl Disk for RealDisk {
    fn create(&self, path: &Path, bytes: u64) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        let mut file = RealFile(file);
        if let Err(error) = file.cut_and_allocate(0, bytes) {
            // A half allocated file helps nobody; the first error is the one to tell.
            let _ = std::fs::remove_file(path);
            return Err(error);
        }
        Ok(Box::new(file))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(OpenOptions::new().write(true).open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)?;
        self.sync_dir(to.parent().unwrap_or(to))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}

impl DiskFile for RealFile {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(fdatasync(&self.0)?)
    }

    fn cut_and_allocate(&mut self, keep: u64, bytes: u64) -> io::Result<()> {
        self.0.set_len(keep)?;
        if bytes > keep {
            match fallocate(&self.0, FallocateFlags::empty(), keep, bytes - keep) {
                // A file system without allocation ahead: the file grows as it is written, only slower.
                Err(rustix::io::Errno::OPNOTSUPP) => self.0.set_len(bytes)?,
                other => other?,
            }
        }
        self.0.sync_all()
    }
}
