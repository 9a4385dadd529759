//! Wire types between hub, screens and processes.
#![forbid(unsafe_code)]

pub mod link;
