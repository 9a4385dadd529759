//! What is wrong with pages, in the clerk's words.

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
    pub(crate) fn problem(&self) -> Option<String> {
        let n = self.page;
        if let Some(why) = &self.failed {
            return Some(format!("第{n}页未能读取：{why}"));
        }
        if self.blank {
            return Some(format!("第{n}页似为空白页"));
        }
        match (self.turned_degrees, self.ocr && self.confidence < CONFIDENCE_LOW) {
            (0, false) => None,
            (0, true) => Some(format!("第{n}页不够清晰，识别的文字请核对")),
            (180, false) => Some(format!("第{n}页上下颠倒")),
            (180, true) => Some(format!("第{n}页似上下颠倒，识别的文字请核对")),
            (_, false) => Some(format!("第{n}页横置")),
            (_, true) => Some(format!("第{n}页似横置，识别的文字请核对")),
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
        let check = |note: PageNote, says: &str| assert_eq!(note.problem().as_deref(), Some(says));
        check(PageNote { blank: true, ..good.clone() }, "第2页似为空白页");
        check(PageNote { turned_degrees: 90, ..good.clone() }, "第2页横置");
        check(PageNote { confidence: 0.3, ..good.clone() }, "第2页不够清晰，识别的文字请核对");
        check(PageNote { failed: Some("超时".to_owned()), blank: true, ..good }, "第2页未能读取：超时");
    }
}
