//! The pure courtroom machine: decide and apply
#![forbid(unsafe_code)]
