//! What leaves on paper or disk: the record, the hearing package, verification
#![forbid(unsafe_code)]
