//! A desk without a browser, at which the demonstration's script, tests and benches sit: it joins by a link, keeps the
//! snapshot as every screen does, acts, and confirms what it is shown. It knows the wire and nothing of the hub.
#![forbid(unsafe_code)]

mod desk;
mod door;

pub use desk::{Desk, Seen};
pub use door::{Answer, Door, Stream};
