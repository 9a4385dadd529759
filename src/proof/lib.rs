//! Hashes, chain, Merkle tree, checkpoints and proofs; no IO
#![forbid(unsafe_code)]
