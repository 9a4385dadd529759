//! A proof in one file, as C2SP `tlog-proof` defines it: an entry's place in a tree, the way to the root, and the signed checkpoint.
//! What was logged travels in its `extra` line, so that the file needs nothing beside it but the key.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::merkle::{inclusion_proof, leaf_hash, verify_inclusion};
use crate::{Checkpoint, CheckpointError, Hash, ProofError, VerifyingKey};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Not such a file.
    #[error("the proof cannot be read: {0}")]
    Malformed(&'static str),
    /// The checkpoint in it.
    #[error("the checkpoint of the proof: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The way to the root.
    #[error(transparent)]
    Inclusion(#[from] ProofError),
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// What the application adds; here the entry and what it commits to.
    pub extra: Vec<u8>,
    /// Place of the leaf, from 0.
    pub index: u64,
    /// From the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The signed note.
    pub checkpoint: String,
}

impl TlogProof {
    /// Proves leaf `index` of `leaves` under a signed checkpoint over a first part of them.
    pub fn of(leaves: &[Hash], index: u64, checkpoint: &str, extra: Vec<u8>) -> Result<Self, TlogProofError> {
        let covered = Checkpoint::read_unverified(checkpoint)?.size;
        let within = leaves.get(..usize::try_from(covered).unwrap_or(usize::MAX));
        let within = within.ok_or(TlogProofError::Malformed("its checkpoint covers more than there is"))?;
        let hashes = inclusion_proof(within, usize::try_from(index).unwrap_or(usize::MAX))?;
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }

    /// The file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n");
        if !self.extra.is_empty() {
            text.push_str(&format!("extra {}\n", STANDARD.encode(&self.extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            text.push_str(&STANDARD.encode(hash.0));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads a file.
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        let bad = TlogProofError::Malformed;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(bad("it has no checkpoint"))?;
        let mut lines = head.lines().peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(bad("its first line is another"));
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            Some(line) => STANDARD.decode(&line[6..]).map_err(|_| bad("its extra line is no base64"))?,
            None => Vec::new(),
        };
        let index =
            lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(bad("it has no index"))?;
        if index.len() > 1 && index.starts_with('0') || !index.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad("its index is not a plain number"));
        }
        let index = index.parse().map_err(|_| bad("its index is not a plain number"))?;
        let hash = |line: &str| {
            let raw = STANDARD.decode(line).ok().and_then(|raw| <[u8; 32]>::try_from(raw).ok());
            raw.map(Hash).ok_or(bad("one of its hashes is not 32 bytes in base64"))
        };
        let hashes = lines.map(hash).collect::<Result<_, _>>()?;
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }

    /// Whether `leaf` (the bytes that were logged) stands where the proof says, under a checkpoint signed by `key`.
    pub fn verify(&self, leaf: &[u8], key: &VerifyingKey) -> Result<Checkpoint, TlogProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        verify_inclusion(&leaf_hash(leaf), self.index, checkpoint.size, &self.hashes, &checkpoint.root)?;
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ed25519Signer, Signer as _, Tree};

    #[test]
    fn every_leaf_is_proved_and_no_changed_byte_of_a_proof_is_accepted() {
        let signer = Ed25519Signer::new("huiting.test/h1", &[3; 32]).expect("a good name");
        let leaves: Vec<Hash> = (0..7u8).map(|i| leaf_hash(&[i])).collect();
        let mut tree = Tree::default();
        leaves[..6].iter().for_each(|leaf| tree.push(*leaf));
        let note = Checkpoint::of("huiting.test/h1", &tree).sign(&signer).expect("a software key");
        for index in 0..6u8 {
            let proof = TlogProof::of(&leaves, index.into(), &note, vec![index; 3]).expect("covered");
            let text = proof.text();
            assert_eq!(TlogProof::parse(&text), Ok(proof));
            for at in 0..text.len() {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                let accepted = TlogProof::parse(&changed)
                    .is_ok_and(|p| p.extra == vec![index; 3] && p.verify(&[index], signer.key()).is_ok());
                assert!(!accepted, "leaf {index}, byte {at} of\n{changed}");
            }
        }
        assert!(TlogProof::of(&leaves, 6, &note, Vec::new()).is_err(), "not covered yet");
    }
}
