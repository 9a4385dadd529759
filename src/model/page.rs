//! Pages and places on them. Page units are 1/100 point (1/7200 inch), origin at the top left of the unrotated page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::DocId;

/// One physical page of a document; the first is 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageRef {
    /// The document.
    pub doc: DocId,
    /// Physical page number from 1.
    pub page: u32,
}

/// A point in page units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// From the left edge.
    pub x: i32,
    /// From the top edge.
    pub y: i32,
}

/// A rectangle in page units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Top edge.
    pub y: i32,
    /// Width, not negative.
    pub w: i32,
    /// Height, not negative.
    pub h: i32,
}

impl Rect {
    /// The smallest rectangle that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.w).max(other.x + other.w);
        let bottom = (self.y + self.h).max(other.y + other.h);
        Self { x, y, w: right - x, h: bottom - y }
    }

    /// Whether the sizes make sense and the place is within a sheet of 200 inches.
    #[must_use]
    pub fn is_sane(self) -> bool {
        const LIMIT: i32 = 200 * 7200;
        let within = |v: i32| (-LIMIT..=LIMIT).contains(&v);
        within(self.x) && within(self.y) && (0..=LIMIT).contains(&self.w) && (0..=LIMIT).contains(&self.h)
    }
}

/// How far a page is turned clockwise when shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Rotation {
    /// As it is.
    #[default]
    None,
    /// A quarter turn clockwise.
    Quarter,
    /// Upside down.
    Half,
    /// A quarter turn counter-clockwise.
    ThreeQuarter,
}
