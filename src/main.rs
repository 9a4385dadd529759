//! 慧庭: one binary; `cli` parses the command line and wires the rooms together.
#![forbid(unsafe_code)]
fn main() {}
