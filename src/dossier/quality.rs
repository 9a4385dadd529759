//! What is wrong with pages.

use protocol::wire::PageProblem;
use serde::{Deserialize, Serialize};

/// Below this mean confidence a recognised page should be checked by eye.
const CONFIDENCE_LOW: f32 = 0.70;

/// What reading a page has shown, as it is kept once the page can be found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageNote {
    /// From 1.
    pub(crate) page: u32,
    pub(crate) blank: bool,
    /// How far the sheet lies turned clockwise.
    pub(crate) turned_degrees: u16,
    /// 0–1.
    pub(crate) confidence: f32,
    pub(crate) ocr: bool,
    /// Why the page could not be read, if it could not.
    pub(crate) failed: Option<String>,
}

impl PageNote {
    /// The problem of the page, if it has one.
    pub(crate) fn problem(&self) -> Option<PageProblem> {
        let page = self.page;
        if let Some(why) = &self.failed {
            return Some(PageProblem::Unreadable { page, why: why.clone() });
        }
        if self.blank {
            return Some(PageProblem::Blank { page });
        }
        match (self.turned_degrees, self.ocr && self.confidence < CONFIDENCE_LOW) {
            (0, false) => None,
            (0, true) => Some(PageProblem::Unclear { page }),
            (degrees, unclear) => Some(PageProblem::Turned { page, degrees, unclear }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_with_a_problem_are_named_and_the_worst_is_said() {
        let good =
            PageNote { page: 2, blank: false, turned_degrees: 0, confidence: 0.9, ocr: true, failed: None };
        assert_eq!(good.problem(), None);
        let check = |note: PageNote, says: PageProblem| assert_eq!(note.problem(), Some(says));
        check(PageNote { blank: true, ..good.clone() }, PageProblem::Blank { page: 2 });
        let turned = PageProblem::Turned { page: 2, degrees: 90, unclear: false };
        check(PageNote { turned_degrees: 90, ..good.clone() }, turned);
        check(PageNote { confidence: 0.3, ..good.clone() }, PageProblem::Unclear { page: 2 });
        let failed = PageNote { failed: Some("timeout".to_owned()), blank: true, ..good };
        check(failed, PageProblem::Unreadable { page: 2, why: "timeout".to_owned() });
    }
}
