//! The court's registry (立案与档案): its case list as it comes out of a spreadsheet, what the file of a case must hold, and
//! the six indicators.
//!
//! *No IO, no clock: bytes and facts in, values out.* Must not be here: who may do something, where anything is kept.
#![forbid(unsafe_code)]

mod case_list;
mod columns;
mod csv;
mod directory;
mod indicators;
mod number;
#[cfg(test)]
mod outside_bytes;
mod pieces;
mod retention;

pub use case_list::{Fault, ListError, ListedCase, Party, PartySide, Procedures, Reading, Row, Sitting};
pub use columns::list_schema;
pub use csv::cell as csv_cell;
pub use directory::{Entry, Held, MAIN, PLACE_OF_BODIES, SECONDARY, directory, place_of_paper};
pub use indicators::{
    CaseFacts, Fact, Figure, Indicator, IndicatorSettings, Month, NoMonth, Share, figures_csv, of_month,
};
pub use number::{Branch, SECONDARY_END, case_id, is_case_id, key as number_key};
pub use pieces::{PieceFault, RequiredPiece, RequiredPieces, When};
pub use retention::Retention;
