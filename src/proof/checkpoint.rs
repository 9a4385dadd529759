//! Checkpoints as C2SP `tlog-checkpoint` defines them: origin, size, root; signed as a note.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::note::{NoteError, SignError, Signer, VerifyingKey, open_note, sign_note};
use crate::{Hash, Tree};

/// Why a checkpoint cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The signature part.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text part.
    #[error("the checkpoint cannot be read: {0}")]
    Malformed(&'static str),
}

/// What a log was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Merkle root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The checkpoint of a tree.
    #[must_use]
    pub fn of(origin: &str, tree: &Tree) -> Self {
        Self { origin: origin.to_owned(), size: tree.size(), root: tree.root() }
    }

    /// The three lines that are signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.0))
    }

    /// The signed note.
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, SignError> {
        sign_note(&self.text(), signer)
    }

    /// Reads the text part; extension lines are allowed and passed over.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let bad = CheckpointError::Malformed;
        if !text.ends_with('\n') {
            return Err(bad("its last line does not end"));
        }
        let mut lines = text.lines();
        let origin = lines.next().filter(|o| !o.is_empty()).ok_or(bad("it names no origin"))?;
        let size = lines.next().ok_or(bad("it has no size"))?;
        if size.len() > 1 && size.starts_with('0') || !size.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad("its size is not a plain number"));
        }
        let size = size.parse().map_err(|_| bad("its size is not a plain number"))?;
        let root = STANDARD
            .decode(lines.next().unwrap_or_default())
            .ok()
            .and_then(|raw| <[u8; 32]>::try_from(raw).ok())
            .ok_or(bad("its root is not 32 bytes in base64"))?;
        Ok(Self { origin: origin.to_owned(), size, root: Hash(root) })
    }

    /// Reads a signed note without asking who signed it: for naming what is there, never for trusting it.
    pub fn read_unverified(note: &str) -> Result<Self, CheckpointError> {
        let cut = note.rfind("\n\n").ok_or(CheckpointError::Malformed("it has no signature"))?;
        Self::parse(&note[..=cut])
    }

    /// Checks the signature and reads the text.
    pub fn open(note: &str, key: &VerifyingKey) -> Result<Self, CheckpointError> {
        Self::parse(open_note(note, key)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ed25519Signer, leaf_hash};

    #[test]
    fn a_signed_checkpoint_reads_back_and_no_changed_one_does() {
        let signer = Ed25519Signer::new("huiting.test/h1", &[3; 32]).expect("a good name");
        let mut tree = Tree::default();
        (0..5u8).for_each(|i| tree.push(leaf_hash(&[i])));
        let checkpoint = Checkpoint::of("huiting.test/h1", &tree);
        let note = checkpoint.sign(&signer).expect("a software key");
        assert_eq!(Checkpoint::open(&note, signer.key()), Ok(checkpoint.clone()));
        assert_eq!(Checkpoint::read_unverified(&note), Ok(checkpoint));
        for i in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[i] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(Checkpoint::open(&changed, signer.key()).is_err(), "byte {i}");
            }
        }
    }

    #[test]
    fn sizes_have_one_spelling() {
        let root = STANDARD.encode([0; 32]);
        assert!(Checkpoint::parse(&format!("o\n0\n{root}\n")).is_ok());
        for size in ["01", "+1", "-1", "", "1 ", "99999999999999999999999"] {
            assert!(Checkpoint::parse(&format!("o\n{size}\n{root}\n")).is_err(), "{size}");
        }
    }
}
