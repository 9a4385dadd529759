//! Times as they stand on paper: Beijing time.

use model::{HearingTime, UtcMs};

/// `2026年11月23日 09时05分`.
pub(crate) fn minute(t: UtcMs) -> String {
    let (y, m, d, h, min, _) = t.beijing();
    format!("{y}年{m}月{d}日 {h:02}时{min:02}分")
}

/// `2026年11月23日`.
pub(crate) fn day(t: UtcMs) -> String {
    let (y, m, d, ..) = t.beijing();
    format!("{y}年{m}月{d}日")
}

/// `09:05:07`.
pub(crate) fn clock(t: UtcMs) -> String {
    let (_, _, _, h, m, s) = t.beijing();
    format!("{h:02}:{m:02}:{s:02}")
}

/// `2026-11-23T09:05:07+08:00`.
pub(crate) fn iso(t: UtcMs) -> String {
    let (y, m, d, h, min, s) = t.beijing();
    format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}+08:00")
}

/// Wall time of a hearing time.
pub(crate) fn wall(origin: UtcMs, at: HearingTime) -> UtcMs {
    UtcMs(origin.0.saturating_add(i64::try_from(at.0).unwrap_or(i64::MAX)))
}
