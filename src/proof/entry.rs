//! What of a journal entry is hashed.

use crate::{Hash, merkle::leaf_hash};

/// `SHA-256(salt ‖ payload)`: binds a payload without telling it.
#[must_use]
pub fn payload_commitment(salt: &[u8; 32], payload: &[u8]) -> Hash {
    Hash::of(&[salt, payload])
}

/// The bytes that are hashed: sequence number (u64 little-endian), previous entry's hash, payload commitment, length of
/// the meta data (u32 little-endian), the meta data.
#[must_use]
pub fn entry_core(seq: u64, prev: &Hash, commitment: &Hash, meta: &[u8]) -> Vec<u8> {
    let mut core = Vec::with_capacity(76 + meta.len());
    core.extend_from_slice(&seq.to_le_bytes());
    core.extend_from_slice(&prev.0);
    core.extend_from_slice(&commitment.0);
    core.extend_from_slice(&(meta.len() as u32).to_le_bytes());
    core.extend_from_slice(meta);
    core
}

/// Link of the chain and leaf of the tree at once.
#[must_use]
pub fn entry_hash(core: &[u8]) -> Hash {
    leaf_hash(core)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_entry_changes_its_hash() {
        let c = payload_commitment(&[1; 32], b"{}");
        let base = entry_hash(&entry_core(1, &Hash::ZERO, &c, b"m"));
        let others = [
            entry_core(2, &Hash::ZERO, &c, b"m"),
            entry_core(1, &Hash([1; 32]), &c, b"m"),
            entry_core(1, &Hash::ZERO, &payload_commitment(&[2; 32], b"{}"), b"m"),
            entry_core(1, &Hash::ZERO, &payload_commitment(&[1; 32], b"{ }"), b"m"),
            entry_core(1, &Hash::ZERO, &c, b"n"),
        ];
        for other in others {
            assert_ne!(entry_hash(&other), base);
        }
    }
}
