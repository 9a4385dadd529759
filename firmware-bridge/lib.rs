//! Wire codec, transports and simulators for courtroom hardware
#![forbid(unsafe_code)]
