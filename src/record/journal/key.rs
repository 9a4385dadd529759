//! The machine's signing key in a file.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use proof::{Ed25519Signer, NoteError};

/// Why the key file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("the key file {path}: {cause}")]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's own words.
        cause: String,
    },
    /// Others can read it.
    #[error(
        "the key file {0} can be read by others; set its rights to 600 and consider the key as known to them"
    )]
    Exposed(PathBuf),
    /// It does not hold a key.
    #[error(
        "the key file {0} does not hold a key of this program; put back the right file, or move this one away to get a new key"
    )]
    Malformed(PathBuf),
}

/// The secret seed of an Ed25519 key. Signs under a name of its own per journal.
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    /// Never the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

const PREFIX: &str = "huiting-ed25519-seed ";

impl Key {
    /// Reads the key, or makes one with rights 600 at the first start.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        let io = |e: std::io::Error| KeyError::Io { path: path.to_owned(), cause: e.to_string() };
        match std::fs::metadata(path) {
            Ok(meta) if meta.permissions().mode() & 0o077 != 0 => {
                return Err(KeyError::Exposed(path.to_owned()));
            }
            Ok(_) => {
                let text = std::fs::read_to_string(path).map_err(io)?;
                let mut seed = [0; 32];
                let hex = text.trim_end().strip_prefix(PREFIX).unwrap_or_default();
                hex::decode_to_slice(hex, &mut seed).map_err(|_| KeyError::Malformed(path.to_owned()))?;
                return Ok(Self(seed));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(io(e)),
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|e| KeyError::Io { path: path.to_owned(), cause: e.to_string() })?;
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).map_err(io)?;
        }
        // Written whole under another name first: a crash leaves no half key, and two first starts agree on one.
        let beside = path.with_extension(format!("new-{}", std::process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)
            .map_err(io)?;
        file.write_all(format!("{PREFIX}{}\n", hex::encode(seed)).as_bytes()).map_err(io)?;
        file.sync_all().map_err(io)?;
        let linked = std::fs::hard_link(&beside, path);
        std::fs::remove_file(&beside).map_err(io)?;
        match linked {
            Ok(()) => Ok(Self(seed)),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Self::load_or_create(path),
            Err(e) => Err(io(e)),
        }
    }

    /// A signer whose key has the name `name` (the origin of a journal).
    pub fn signer(&self, name: &str) -> Result<Ed25519Signer, NoteError> {
        Ed25519Signer::new(name, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proof::Signer as _;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_read_again() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("keys/journal.key");
        let first = Key::load_or_create(&path).expect("made");
        let again = Key::load_or_create(&path).expect("read");
        let vkey = |k: &Key| k.signer("x").expect("a good name").key().text();
        assert_eq!(vkey(&first), vkey(&again));
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_none_is_refused() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("journal.key");
        std::fs::write(&path, "nothing").expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("set");
        assert!(matches!(Key::load_or_create(&path), Err(KeyError::Exposed(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
        assert!(matches!(Key::load_or_create(&path), Err(KeyError::Malformed(_))));
    }
}
