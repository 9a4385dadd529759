//! Room on the disk. What a hearing may need is set aside before it begins and given back as it is used, so that nothing else on the machine
//! fills the disk under it; where it becomes short all the same, pictures give way to sound.
//!
//! ```text
//!   minutes left    over 10        10 and less                   2 and less
//!                   everything     without optional cameras      sound alone
//!   back from       5              15                            –
//! ```

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::FallocateFlags;

/// In a media directory. A backup leaves out what begins with a full stop.
const NAME: &str = ".reserve";
/// Never set aside: the journal and the dossier live from it.
const FOR_OTHERS: u64 = 2 << 30;

/// What there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Room {
    Sound,
    Needed,
    Everything,
}

impl Room {
    /// A rung is left upwards only where there is clearly more than it needs, or cameras would come and go.
    fn after(self, minutes_left: u64) -> Self {
        let by = |sound: u64, needed: u64| match minutes_left {
            n if n <= sound => Self::Sound,
            n if n <= needed => Self::Needed,
            _ => Self::Everything,
        };
        match self {
            Self::Sound => by(5, 15),
            Self::Needed => by(2, 15),
            Self::Everything => by(2, 10),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Space {
    dir: PathBuf,
    bytes_per_minute: u64,
    /// The file whose blocks nobody else can have, and its bytes.
    reserve: Option<(File, u64)>,
    used_since: Option<Instant>,
    room: Room,
}

impl Space {
    /// Sets aside what `minutes` of recording take, unless a predecessor has: then what is left of that.
    pub(super) fn open(dir: &Path, bytes_per_minute: u64, minutes: u64) -> Self {
        let mut space = Self {
            dir: dir.to_owned(),
            bytes_per_minute: bytes_per_minute.max(1),
            reserve: None,
            used_since: None,
            room: Room::Everything,
        };
        match space.set_aside(minutes) {
            Ok(reserve) => space.reserve = reserve,
            // It records without, and says how long it can.
            Err(error) => {
                tracing::warn!(%error, dir = %dir.display(), "no room could be set aside for the recording")
            }
        }
        space.room = space.room.after(space.minutes_left());
        space
    }

    fn set_aside(&self, minutes: u64) -> io::Result<Option<(File, u64)>> {
        let path = self.dir.join(NAME);
        if let Ok(file) = OpenOptions::new().write(true).open(&path) {
            let bytes = file.metadata()?.len();
            return Ok(Some((file, bytes)));
        }
        let bytes = (minutes * self.bytes_per_minute).min(self.free().saturating_sub(FOR_OTHERS));
        if bytes == 0 {
            return Ok(None);
        }
        let file = File::create_new(&path)?;
        if let Err(error) = rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, bytes) {
            drop(file);
            std::fs::remove_file(&path)?;
            return Err(error.into());
        }
        Ok(Some((file, bytes)))
    }

    fn free(&self) -> u64 {
        rustix::fs::statvfs(&self.dir).map_or(0, |s| s.f_bavail * s.f_frsize)
    }

    /// How long the disk lasts if every track takes all it may.
    pub(super) fn minutes_left(&self) -> u64 {
        let reserved = self.reserve.as_ref().map_or(0, |(_, bytes)| *bytes);
        (self.free() + reserved) / self.bytes_per_minute
    }

    /// What there was room for last.
    pub(super) fn room(&self) -> Room {
        self.room
    }

    /// Gives back what was recorded since the last call, and more where others have left less than the next minute takes; `recording` says
    /// whether anything is recorded. Gives what there is room for now.
    pub(super) fn used(&mut self, recording: bool) -> Room {
        let now = Instant::now();
        let since = std::mem::replace(&mut self.used_since, recording.then_some(now));
        let ms = since.map_or(0, |since| now.duration_since(since).as_millis());
        let used = u64::try_from(ms).unwrap_or(u64::MAX).saturating_mul(self.bytes_per_minute) / 60_000;
        let lacking = if recording { self.bytes_per_minute.saturating_sub(self.free()) } else { 0 };
        self.give_back(used.max(lacking));
        self.room = self.room.after(self.minutes_left());
        self.room
    }

    fn give_back(&mut self, used: u64) {
        let Some((file, bytes)) = &mut self.reserve else { return };
        *bytes = bytes.saturating_sub(used);
        if let Err(error) = file.set_len(*bytes) {
            tracing::warn!(%error, "room that was set aside could not be given back");
        }
        if *bytes == 0 {
            self.end();
        }
    }

    /// The hearing is over: nothing is set aside any more.
    pub(super) fn end(&mut self) {
        if self.reserve.take().is_some()
            && let Err(error) = std::fs::remove_file(self.dir.join(NAME))
        {
            tracing::warn!(%error, dir = %self.dir.display(), "the file of what was set aside could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_decides_and_more_is_needed_to_come_back() {
        let mut room = Room::Everything;
        for (minutes, next) in [
            (600, Room::Everything),
            (11, Room::Everything),
            (10, Room::Needed),
            (12, Room::Needed),
            (15, Room::Needed),
            (16, Room::Everything),
            (2, Room::Sound),
            (4, Room::Sound),
            (6, Room::Needed),
            (0, Room::Sound),
            (100, Room::Everything),
        ] {
            room = room.after(minutes);
            assert_eq!(room, next, "{minutes} minutes");
        }
    }

    #[test]
    fn what_is_set_aside_is_kept_over_a_restart_and_gone_in_the_end() {
        let dir = tempfile::tempdir().expect("a folder");
        let on_disk = || std::fs::metadata(dir.path().join(NAME)).map(|m| m.len()).ok();
        let mut space = Space::open(dir.path(), 60_000, 10);
        assert_eq!(on_disk(), Some(600_000));
        space.give_back(200_000);
        drop(space);
        let mut space = Space::open(dir.path(), 60_000, 10);
        assert_eq!(on_disk(), Some(400_000), "as the predecessor left it");
        space.give_back(399_999);
        assert_eq!(on_disk(), Some(1));
        space.end();
        assert_eq!(on_disk(), None);
        assert_eq!(space.used(true), Room::Everything);
    }
}
