//! The journal, its recovery, and the views rebuilt from it
#![forbid(unsafe_code)]
