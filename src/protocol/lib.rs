//! Wire types between hub, screens and processes, and what each view class may see of the court.
//!
//! `wire` is the WebSocket and the small HTTP answers, `check` what the check before 开庭 found, `view` the projection of the court, `links` what the text of a page leads to, `replay` all of it
//! that a class was shown, `link` the sockets between
//! our own processes. TypeScript in `web/src/protocol/` is generated from `wire` and `view` by `tests/typescript.rs`.
#![forbid(unsafe_code)]

pub mod check;
pub mod link;
pub mod links;
pub mod replay;
pub mod rights;
pub mod schema;
pub mod view;
pub mod wire;

#[cfg(test)]
mod outside_bytes;
