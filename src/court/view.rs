//! What the shared screens show: one absolute, atomic view.

use std::collections::BTreeMap;

use model::{HearingTime, PageRef, Rect, Rotation, SeatId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A view as asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ViewDraft {
    /// The page.
    pub page: PageRef,
    /// SHA-256 (hex) of the page image the asker saw: what is confirmed by the screens.
    pub page_hash: String,
    /// How the page is turned.
    #[serde(default)]
    pub rotation: Rotation,
    /// The part of the page to fill the screen with, in page units; `None`: the whole page.
    #[serde(default)]
    pub viewport: Option<Rect>,
    /// Rectangles to highlight, in page units.
    #[serde(default)]
    pub highlights: Vec<Rect>,
    /// A second page beside the first (比对).
    #[serde(default)]
    pub beside: Option<Beside>,
}

/// The second page of a comparison, with the fields of the first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Beside {
    /// The page.
    pub page: PageRef,
    /// SHA-256 (hex) of the page image the asker saw.
    pub page_hash: String,
    /// How the page is turned.
    #[serde(default)]
    pub rotation: Rotation,
    /// The part of the page to fill its half of the screen with; `None`: the whole page.
    #[serde(default)]
    pub viewport: Option<Rect>,
    /// Rectangles to highlight, in page units.
    #[serde(default)]
    pub highlights: Vec<Rect>,
}

impl ViewDraft {
    /// The pages it shows, one or two, each with the hash of the image that the asker saw.
    pub fn pages(&self) -> impl Iterator<Item = (&PageRef, &str)> {
        let beside = self.beside.iter().map(|b| (&b.page, b.page_hash.as_str()));
        std::iter::once((&self.page, self.page_hash.as_str())).chain(beside)
    }

    /// Whether a page is among them.
    #[must_use]
    pub fn shows(&self, page: &PageRef) -> bool {
        self.pages().any(|(shown, _)| shown == page)
    }

    /// All rectangles it names.
    pub(crate) fn rects(&self) -> impl Iterator<Item = &Rect> {
        let beside = self.beside.iter().flat_map(|b| b.highlights.iter().chain(&b.viewport));
        self.highlights.iter().chain(&self.viewport).chain(beside)
    }
}

/// A view on the screens. Replaces the one before as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Counts the views of the hearing from 1; screens confirm this number.
    pub number: u32,
    /// Who put it there.
    pub by: SeatId,
    /// Since when.
    pub at: HearingTime,
    /// What is shown.
    #[serde(flatten)]
    pub draft: ViewDraft,
    /// It was put there behind the curtain (不公开): never for the gallery.
    #[serde(default)]
    pub closed: bool,
}

/// The state of the shared screens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Screens {
    /// What they show; `None` after 收屏.
    pub view: Option<View>,
    /// 锁定画面: only the presiding judge changes anything.
    pub locked: bool,
    /// Who may present besides the bench (展示权).
    pub presenter: Option<SeatId>,
    /// Which seats confirmed the current view, and when.
    pub confirmed: BTreeMap<SeatId, HearingTime>,
}
