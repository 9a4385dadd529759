//! Marks (标注) on pages.

use model::{HearingTime, MarkId, PageRef, Point, Rect, SeatId, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Stance;

/// The form of a mark; places in page units.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Shape {
    /// Highlighted text, with the words it covers.
    Highlight {
        /// One rectangle a line.
        rects: Vec<Rect>,
        /// The covered text; may be empty on an image.
        quote: String,
    },
    /// A free line of the pen, whole.
    Ink {
        /// Its points in drawing order.
        points: Vec<Point>,
    },
    /// A box.
    Box {
        /// The box.
        rect: Rect,
    },
    /// An arrow.
    Arrow {
        /// Its tail.
        from: Point,
        /// Its tip.
        to: Point,
    },
    /// A view of a party, stamped on a place of evidence that was shown to it.
    Stance {
        /// The middle of the stamp.
        at: Point,
        /// 有异议, 无异议 or 保留.
        stance: Stance,
    },
    /// A note at a place.
    Note {
        /// Where.
        at: Point,
        /// What it says.
        text: String,
    },
}

/// A committed mark.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// Its id.
    pub id: MarkId,
    /// Where.
    pub page: PageRef,
    /// Its form.
    pub shape: Shape,
    /// Whose it is.
    pub by: SeatId,
    /// Gives the colour.
    pub side: Side,
    /// When it was committed.
    pub at: HearingTime,
    /// When it was taken back, if it was; it stays in the record.
    pub undone: Option<HearingTime>,
    /// The earlier session of the case in which it was made; `by` and `at` are of that hearing then.
    #[serde(default)]
    pub session: Option<u32>,
    /// It was made behind the curtain (不公开): never for the gallery.
    #[serde(default)]
    pub closed: bool,
}
