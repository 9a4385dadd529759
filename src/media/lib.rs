//! Hearing clock, capture, recorder, recovery and playback
#![forbid(unsafe_code)]
