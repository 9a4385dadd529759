//! What the journal asks of a disk, as a trait: the disk is the hardware that tests make fail.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, FlockOperation, fallocate, fdatasync, flock};

/// A folder's operations.
pub(super) trait Disk: Send {
    /// Makes the folder where it is missing and keeps every other process out of it for as long as the claim lives; nothing if another
    /// process has it.
    fn claim(&self, dir: &Path) -> io::Result<Option<Claim>>;
    /// Names of the files in the folder.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// A whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Creates a file of `bytes` zeros whose blocks are allocated.
    fn create(&self, path: &Path, bytes: u64) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file for writing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Renames within the folder and makes that durable.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes the folder's list of files durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Removes a file; whether that is durable does not matter.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Puts a small file in the place of another one, whole or not at all. Not synced: after a power cut the old one may be there.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
}

/// A file's operations.
pub(super) trait DiskFile: Send {
    /// Writes all bytes at a place.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes what was written durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file at `keep` bytes, allocates zeros up to `bytes`, and makes both durable.
    fn cut_and_allocate(&mut self, keep: u64, bytes: u64) -> io::Result<()>;
}

/// The folder is this process's until this is dropped.
#[derive(Debug, Default)]
pub(super) struct Claim {
    _lock: Option<File>,
}

/// The machine's own disk.
pub(super) struct RealDisk;

struct RealFile(File);

impl Disk for RealDisk {
    fn claim(&self, dir: &Path) -> io::Result<Option<Claim>> {
        std::fs::create_dir_all(dir)?;
        let path = dir.join("journal.lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        let ours = flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
        Ok(ours.then_some(Claim { _lock: Some(file) }))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(dir)?;
        entries.filter_map(|e| e.map(|e| e.file_name().into_string().ok()).transpose()).collect()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

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

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let beside = path.with_extension("tmp");
        std::fs::write(&beside, bytes)?;
        std::fs::rename(beside, path)
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

/// Two disks with the same files: what is done to the first is done to the second, and durable on both. A second one that
/// fails is left alone from then on, with a word to the room.
pub(super) struct Both {
    first: Box<dyn Disk>,
    second: Box<dyn Disk>,
    dir: PathBuf,
    mirror: PathBuf,
    lost: Lost,
}

/// Whether the second disk still takes part; shared with its files.
#[derive(Clone)]
pub(super) struct Lost(std::sync::Arc<LostState>);

struct LostState {
    lost: std::sync::atomic::AtomicBool,
    say: Box<dyn Fn(String) + Send + Sync>,
}

impl Lost {
    pub(super) fn new(say: Box<dyn Fn(String) + Send + Sync>) -> Self {
        Self(std::sync::Arc::new(LostState { lost: false.into(), say }))
    }

    fn is(&self) -> bool {
        self.0.lost.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Takes note of a failure of the second disk; the first one is told.
    fn note<T>(&self, outcome: io::Result<T>) -> Option<T> {
        outcome
            .inspect_err(|error| {
                if !self.0.lost.swap(true, std::sync::atomic::Ordering::SeqCst) {
                    (self.0.say)(format!(
                        "the second copy of the journal is no longer written ({error}): there is one copy only; mend that \
                         disk, it is brought level at the next start"
                    ));
                }
            })
            .ok()
    }
}

impl Both {
    pub(super) fn new(
        first: Box<dyn Disk>,
        second: Box<dyn Disk>,
        dir: &Path,
        mirror: &Path,
        lost: Lost,
    ) -> Self {
        Self { first, second, dir: dir.to_owned(), mirror: mirror.to_owned(), lost }
    }

    /// The same path on the second disk.
    fn there(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.dir).map_or_else(|_| self.mirror.clone(), |rest| self.mirror.join(rest))
    }

    fn also<T>(&self, act: impl FnOnce(&dyn Disk) -> io::Result<T>) -> Option<T> {
        if self.lost.is() { None } else { self.lost.note(act(&*self.second)) }
    }

    fn pair(&self, first: Box<dyn DiskFile>, second: Option<Box<dyn DiskFile>>) -> Box<dyn DiskFile> {
        match second {
            Some(second) => Box::new(BothFiles { first, second, lost: self.lost.clone() }),
            None => first,
        }
    }
}

impl Disk for Both {
    fn claim(&self, dir: &Path) -> io::Result<Option<Claim>> {
        self.first.claim(dir)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.first.list(dir)
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.first.read(path)
    }
    fn create(&self, path: &Path, bytes: u64) -> io::Result<Box<dyn DiskFile>> {
        let first = self.first.create(path, bytes)?;
        let second = self.also(|d| d.create(&self.there(path), bytes));
        Ok(self.pair(first, second))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let first = self.first.open(path)?;
        let second = self.also(|d| d.open(&self.there(path)));
        Ok(self.pair(first, second))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.first.rename(from, to)?;
        self.also(|d| d.rename(&self.there(from), &self.there(to)));
        Ok(())
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.first.sync_dir(dir)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.first.remove(path)?;
        self.also(|d| d.remove(&self.there(path)));
        Ok(())
    }
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.first.replace(path, bytes)?;
        self.also(|d| d.replace(&self.there(path), bytes));
        Ok(())
    }
}

struct BothFiles {
    first: Box<dyn DiskFile>,
    second: Box<dyn DiskFile>,
    lost: Lost,
}

impl BothFiles {
    /// Both at the same time: a sync lasts as long as the slower disk, not as long as both.
    fn at_once(&mut self, act: impl Fn(&mut dyn DiskFile) -> io::Result<()> + Sync) -> io::Result<()> {
        if self.lost.is() {
            return act(&mut *self.first);
        }
        let Self { first, second, lost } = self;
        std::thread::scope(|scope| {
            let other = scope.spawn(|| act(&mut **second));
            let own = act(&mut **first);
            let other = other.join().unwrap_or_else(|_| Err(io::Error::other("its thread ended")));
            lost.note(other);
            own
        })
    }
}

impl DiskFile for BothFiles {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.first.write_at(bytes, offset)?;
        if !self.lost.is() {
            self.lost.note(self.second.write_at(bytes, offset));
        }
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        self.at_once(|file| file.sync())
    }
    fn cut_and_allocate(&mut self, keep: u64, bytes: u64) -> io::Result<()> {
        self.at_once(|file| file.cut_and_allocate(keep, bytes))
    }
}
