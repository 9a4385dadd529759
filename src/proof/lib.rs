//! Hashes, the entry chain, the Merkle tree, checkpoints and proofs; no IO.
//!
//! An entry of a journal is committed to twice by one hash: [`entry_hash`] is the RFC 6962 leaf hash of the entry's core,
//! and the core of the next entry carries it as `prev`. The payload itself stays outside the core; the core holds only
//! `SHA-256(salt ‖ payload)`, so that a payload can be withheld or erased and the entry stays provable.
//!
//! Must not be here: files, clocks, randomness. Salts and keys are arguments.
#![forbid(unsafe_code)]

mod checkpoint;
mod entry;
mod hash;
mod merkle;
mod note;
#[cfg(test)]
mod outside_bytes;
mod tlog_proof;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use entry::{entry_core, entry_hash, payload_commitment};
pub use hash::{Hash, HashError};
pub use merkle::{
    ProofError, Tree, WholeTree, consistency_proof, inclusion_proof, leaf_hash, node_hash, root_of,
    verify_consistency, verify_inclusion,
};
pub use note::{Ed25519Signer, NoteError, SignError, Signer, VerifyingKey, open_note, sign_note};
pub use tlog_proof::{TlogProof, TlogProofError};
