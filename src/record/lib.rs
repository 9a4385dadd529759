//! The journal, its recovery, the views rebuilt from it, and the durable store of cases and sessions.
//!
//! Must not be here: the meaning of an event. An entry's payload is bytes; who reads them is `hub`, `papers` or the caller
//! of [`Views`].
#![forbid(unsafe_code)]

mod journal;
mod store;
mod views;

pub use journal::{
    Alarm, AppendReceipt, Appending, Checkpointed, Entry, Fault, FaultKind, Journal, JournalConfig,
    JournalError, JournalReader, Key, KeyError, Leaf, NewEntry, Pending, Place, RESTORED_FILE, Recovered,
    SegmentInfo, TornTail,
};
pub use store::{
    Account, CaseRow, Enrolled, HearingRow, HearingState, Imported, Login, NewAccount, NewCase, NewHearing,
    NewTerminal, OfficeRole, Scheduled, Scope, Session, Store, StoreError, Terminal, Token, copy_database,
    fact_kind, new_password, random,
};
pub use views::{ViewEntry, ViewQuery, Views, ViewsError};
