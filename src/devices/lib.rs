//! The hub's end of the courtroom hardware bridge
#![forbid(unsafe_code)]
