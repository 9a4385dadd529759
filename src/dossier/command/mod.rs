//! Spoken commands of the bench.
