//! Voice activity, recognition, streaming policy
#![forbid(unsafe_code)]
