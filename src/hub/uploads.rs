//! Uploads that go on where they broke off: a file grows chunk by chunk, each synced before it is acknowledged.
//!
//! ```text
//!   begin ──► growing ──── all bytes here ──► whole ──► taken, or dropped
//!               │ ▲ append at its end
//!               └─┘           nothing for three days: removed
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use protocol::wire::Upload;
use serde::{Deserialize, Serialize};

/// An upload that nobody went on with for so long is removed.
const KEPT: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// One upload; a scanned dossier of a thousand pages.
const BYTES_MAX: u64 = 8 << 30;
/// Unfinished uploads of one owner.
const OF_ONE_MAX: usize = 64;

/// An upload cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It is not there, is another's, or was removed after three days.
    #[error("没有这个未完成的上传，请重新选择文件")]
    Unknown,
    /// Its end is elsewhere.
    #[error("已收到{received}字节，请从这里接着传")]
    Elsewhere {
        /// Where it goes on.
        received: u64,
    },
    /// Not all of it is here.
    #[error("文件还没有传完（{received}/{bytes}字节）")]
    Unfinished {
        /// What is here.
        received: u64,
        /// Its length.
        bytes: u64,
    },
    /// It cannot be begun.
    #[error("{0}")]
    Refused(String),
    /// The disk refused.
    #[error("the upload could not be kept: {0}; check the disk")]
    Disk(#[from] io::Error),
}

#[derive(Serialize, Deserialize)]
struct About {
    owner: String,
    name: String,
    bytes: u64,
}

/// The unfinished uploads in a folder. Calls block.
#[derive(Debug)]
pub struct Uploads {
    dir: PathBuf,
}

impl Uploads {
    /// Those in `dir`, which is made.
    pub fn open(dir: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        Ok(Self { dir })
    }

    /// Begins one of so many bytes.
    pub fn begin(&self, owner: &str, name: &str, bytes: u64) -> Result<Upload, UploadError> {
        if name.trim().is_empty() || name.chars().count() > 255 {
            return Err(UploadError::Refused("文件名用1至255个字".to_owned()));
        }
        if bytes == 0 {
            return Err(UploadError::Refused("文件是空的（0字节），请核对后重新选择".to_owned()));
        }
        if bytes > BYTES_MAX {
            return Err(UploadError::Refused(format!("文件超过{}GB，请分开后再提交", BYTES_MAX >> 30)));
        }
        if self.sweep(owner)? >= OF_ONE_MAX {
            return Err(UploadError::Refused(format!("未完成的上传已有{OF_ONE_MAX}个，请先完成或取消")));
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let id = hex::encode(random);
        let about = About { owner: owner.to_owned(), name: name.to_owned(), bytes };
        File::create(self.part(&id))?.sync_all()?;
        fs::write(self.about(&id), serde_json::to_vec(&about).map_err(io::Error::from)?)?;
        Ok(Upload { id, name: about.name, bytes, received: 0 })
    }

    /// How far one is.
    pub fn find(&self, owner: &str, id: &str) -> Result<Upload, UploadError> {
        let known = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
        let about = if known { fs::read(self.about(id)).ok() } else { None };
        let about = about.and_then(|bytes| serde_json::from_slice::<About>(&bytes).ok());
        let about = about.filter(|a| a.owner == owner).ok_or(UploadError::Unknown)?;
        let received = fs::metadata(self.part(id)).map_err(|_| UploadError::Unknown)?.len();
        Ok(Upload { id: id.to_owned(), name: about.name, bytes: about.bytes, received })
    }

    /// Adds a chunk that begins at byte `from`.
    pub fn append(&self, owner: &str, id: &str, from: u64, chunk: &[u8]) -> Result<Upload, UploadError> {
        let upload = self.find(owner, id)?;
        let whole = upload.received + chunk.len() as u64;
        if from != upload.received || whole > upload.bytes {
            return Err(UploadError::Elsewhere { received: upload.received });
        }
        let mut part = OpenOptions::new().append(true).open(self.part(id))?;
        if let Err(error) = part.write_all(chunk).and_then(|()| part.sync_data()) {
            // Half a chunk is no chunk: it is sent again.
            part.set_len(from)?;
            return Err(error.into());
        }
        Ok(Upload { received: whole, ..upload })
    }

    /// The file of an upload that is whole; it stays until it is dropped.
    pub fn whole(&self, owner: &str, id: &str) -> Result<(PathBuf, String), UploadError> {
        let Upload { name, bytes, received, .. } = self.find(owner, id)?;
        if received < bytes {
            return Err(UploadError::Unfinished { received, bytes });
        }
        Ok((self.part(id), name))
    }

    /// Removes one.
    pub fn drop(&self, owner: &str, id: &str) -> Result<(), UploadError> {
        self.find(owner, id)?;
        fs::remove_file(self.about(id))?;
        Ok(fs::remove_file(self.part(id))?)
    }

    /// Removes what was left long ago; how many the owner still has.
    fn sweep(&self, owner: &str) -> io::Result<usize> {
        let mut own = 0;
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_none_or(|e| e != "json") {
                continue;
            }
            let part = path.with_extension("part");
            let changed = fs::metadata(&part).and_then(|m| m.modified());
            let old = |at: SystemTime| at.elapsed().is_ok_and(|age| age > KEPT);
            if changed.map_or(true, old) {
                fs::remove_file(&path)?;
                // Not there, it need not be removed.
                let _ = fs::remove_file(&part);
                continue;
            }
            let about = serde_json::from_slice::<About>(&fs::read(&path)?);
            own += usize::from(about.is_ok_and(|a| a.owner == owner));
        }
        Ok(own)
    }

    fn part(&self, id: &str) -> PathBuf {
        self.dir.join(id).with_extension("part")
    }

    fn about(&self, id: &str) -> PathBuf {
        self.dir.join(id).with_extension("json")
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on says why")]
mod tests {
    use super::*;

    /// [R-HTTP-5]
    #[test]
    fn an_upload_goes_on_where_it_broke_off_and_is_nobody_elses() {
        let dir = tempfile::tempdir().expect("a folder");
        let uploads = Uploads::open(dir.path().join("uploads")).expect("made");
        let Upload { id, .. } = uploads.begin("clerk", "卷宗.zip", 10).expect("begun");
        assert_eq!(uploads.append("clerk", &id, 0, b"01234").expect("kept").received, 5);
        let again = uploads.append("clerk", &id, 0, b"01234");
        assert!(matches!(again, Err(UploadError::Elsewhere { received: 5 })), "{again:?}");
        assert!(matches!(
            uploads.whole("clerk", &id),
            Err(UploadError::Unfinished { received: 5, bytes: 10 })
        ));
        assert!(matches!(uploads.find("other", &id), Err(UploadError::Unknown)));
        assert!(matches!(uploads.find("clerk", "../x"), Err(UploadError::Unknown)));
        // Over a restart.
        let uploads = Uploads::open(dir.path().join("uploads")).expect("there");
        assert_eq!(uploads.find("clerk", &id).expect("known").received, 5);
        let more = uploads.append("clerk", &id, 5, b"567890");
        assert!(matches!(more, Err(UploadError::Elsewhere { .. })), "more than was said: {more:?}");
        uploads.append("clerk", &id, 5, b"56789").expect("kept");
        let (path, name) = uploads.whole("clerk", &id).expect("whole");
        assert_eq!((fs::read(path).expect("there"), name.as_str()), (b"0123456789".to_vec(), "卷宗.zip"));
        uploads.drop("clerk", &id).expect("removed");
        assert!(matches!(uploads.find("clerk", &id), Err(UploadError::Unknown)));
        assert!(uploads.begin("clerk", " ", 1).is_err() && uploads.begin("clerk", "a", 0).is_err());
    }
}
