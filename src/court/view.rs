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
