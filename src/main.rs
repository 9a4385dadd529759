//! 慧庭: one binary; `cli` parses the command line and wires the rooms together.
#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "no other crate can reach into a program")]

mod cli;
mod config;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
