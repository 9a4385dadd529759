//! The device's end of a pty: a serial line without hardware.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::serial::make_raw;
use super::{StreamTransport, Transport, TransportError};

/// Why a pty could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PtyError {
    /// The operating system refused.
    #[error("no pty could be made: {0}; is /dev/pts mounted?")]
    Refused(io::Error),
    /// Something that is not ours lies where the link should be.
    #[error("{0} is there already and is no symbolic link; remove it or choose another path")]
    LinkTaken(PathBuf),
    /// The link could not be made.
    #[error("the link {path} cannot be made: {cause}; choose a path in a folder this user may write")]
    Link {
        /// Where it should be.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
}

/// The device's end of a pty. Dropping it is unplugging: the host hears that the line is gone.
#[derive(Debug)]
pub struct Pty {
    // Declared first, so that the host hears of the end before the line's last handle closes.
    master: StreamTransport,
    /// Held so that the line stays while no host has it open.
    _line: OwnedFd,
    path: PathBuf,
    link: Option<PathBuf>,
}

impl Pty {
    /// A new line, and a symbolic link to it at `link`, if given, that stays the same from one pty to the next.
    pub fn new(link: Option<&Path>) -> Result<Self, PtyError> {
        let refused = |e: rustix::io::Errno| PtyError::Refused(e.into());
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).map_err(refused)?;
        grantpt(&master).map_err(refused)?;
        unlockpt(&master).map_err(refused)?;
        let name = ptsname(&master, Vec::new()).map_err(refused)?;
        let path = PathBuf::from(OsString::from_vec(name.into_bytes()));
        let line_flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let line = rustix::fs::open(&path, line_flags, Mode::empty()).map_err(refused)?;
        // Before anything is written: a line that still echoes would hand the device its own words.
        make_raw(&line).map_err(refused)?;
        let now = rustix::fs::fcntl_getfl(&master).map_err(refused)?;
        rustix::fs::fcntl_setfl(&master, now | OFlags::NONBLOCK).map_err(refused)?;
        let master = StreamTransport::new(master, format!("the host of {}", path.display()));
        let mut pty = Self { master, _line: line, path, link: None };
        if let Some(link) = link {
            place_link(&pty.path, link)?;
            pty.link = Some(link.to_path_buf());
        }
        Ok(pty)
    }

    /// The line for a host to open, e.g. `/dev/pts/7`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Puts the link in place in one step, over an older link but over nothing else.
fn place_link(target: &Path, link: &Path) -> Result<(), PtyError> {
    if fs::symlink_metadata(link).is_ok_and(|m| !m.is_symlink()) {
        return Err(PtyError::LinkTaken(link.to_path_buf()));
    }
    let mut fresh = link.as_os_str().to_owned();
    fresh.push(format!(".{}", std::process::id()));
    let placed = symlink(target, &fresh).and_then(|()| fs::rename(&fresh, link));
    placed.map_err(|cause| PtyError::Link { path: link.to_path_buf(), cause })
}

impl Drop for Pty {
    fn drop(&mut self) {
        let Some(link) = &self.link else { return };
        // Another pty may have taken the link over.
        if fs::read_link(link).is_ok_and(|target| target == self.path) {
            // If it cannot be removed it points nowhere, which a host sees as a device that is away.
            let _ = fs::remove_file(link);
        }
    }
}

impl Transport for Pty {
    fn name(&self) -> &str {
        self.master.name()
    }

    fn read(&mut self, buf: &mut [u8], deadline: Instant) -> Result<usize, TransportError> {
        self.master.read(buf, deadline)
    }

    fn write_all(&mut self, bytes: &[u8], deadline: Instant) -> Result<(), TransportError> {
        self.master.write_all(bytes, deadline)
    }
}
