//! The one task that owns a hearing
#![forbid(unsafe_code)]
