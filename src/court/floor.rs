//! What the parties ask for.

use model::{DocId, HearingTime, LineId, PageRef, RequestId, SeatId, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum RequestKind {
    /// 申请展示: to put pages on the screens, beginning with this one.
    Present {
        /// The first page, if the asker has one open.
        page: Option<PageRef>,
    },
    /// 申请发言.
    Speak,
    /// 补正申请: a line shall read otherwise.
    Correct {
        /// Which line.
        line: LineId,
        /// The revision the asker saw.
        base: u32,
        /// How it shall read.
        text: String,
        /// Why; empty in older journals.
        #[serde(default)]
        reason: String,
    },
    /// 当庭提交: a document brought in during the hearing, held back until it is let in. Filed by the dossier, never asked for by a desk.
    Offer {
        /// It.
        doc: DocId,
        /// Whose it is.
        side: Side,
        /// Its title.
        title: String,
        /// Its pages.
        pages: u32,
        /// What it shall prove; may be empty.
        purpose: String,
    },
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "is")]
pub enum RequestState {
    /// Not yet decided.
    Open,
    /// 同意.
    Granted {
        /// By whom.
        by: SeatId,
    },
    /// 不同意; the request itself stays in the record.
    Refused {
        /// By whom.
        by: SeatId,
        /// Why; may be empty.
        reason: String,
    },
    /// Taken back by the asker.
    Withdrawn,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub by: SeatId,
    /// When.
    pub at: HearingTime,
    /// For what.
    pub want: RequestKind,
    /// Where it stands.
    pub state: RequestState,
}
