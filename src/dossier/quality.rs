//! What is wrong with pages: what reading a page has shown, and what of it somebody should mend.

use protocol::link::pages::Looks;
use protocol::wire::PageProblem;
use serde::{Deserialize, Serialize};

use crate::sketch::Sketch;

/// Below this mean confidence a recognised page should be checked by eye.
const CONFIDENCE_LOW: f32 = 0.70;
/// From this mean confidence on a page was read well.
const CONFIDENCE_SURE: f32 = 0.95;
/// Paper darker than this was photographed in the dark.
const PAPER_DARK: u8 = 96;
/// Of a sheet in focus blurring leaves less than half of its edges.
const BLUR_HIGH: f32 = 0.5;
/// Lines that lean further are seen to lean.
const LEAN_TENTHS: i32 = 25;
/// So many letters at a border are no accident.
const CUT_LETTERS: u32 = 4;

/// What reading a page has shown, as it is kept once the page can be found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Of a page that is a picture.
    #[serde(default)]
    pub(crate) looks: Option<Looks>,
    /// The number that seems to be printed on it.
    #[serde(default)]
    pub(crate) printed: Option<u32>,
    /// Of its text, if there is enough.
    #[serde(default)]
    pub(crate) sketch: Option<Sketch>,
    /// Hash of its text, where that is the file's own and not read from a picture.
    #[serde(default)]
    pub(crate) wording: Option<u64>,
}

impl PageNote {
    /// How far the sheet lies turned clockwise, where it surely does.
    pub(crate) fn turned(&self) -> Option<u16> {
        // How a sheet lies cannot be told from a blur.
        let sure = !self.blurred() || self.confidence >= CONFIDENCE_SURE;
        (self.turned_degrees != 0 && sure && self.failed.is_none()).then_some(self.turned_degrees)
    }

    fn blurred(&self) -> bool {
        self.looks.and_then(|l| l.blur).is_some_and(|b| b > BLUR_HIGH)
    }

    /// What is wrong with the page, the gravest first.
    pub(crate) fn problems(&self) -> Vec<PageProblem> {
        let page = self.page;
        if let Some(why) = &self.failed {
            return vec![PageProblem::Unreadable { page, why: why.clone() }];
        }
        if self.blank {
            return vec![PageProblem::Blank { page }];
        }
        let mut found = Vec::new();
        let unclear = self.ocr && self.confidence < CONFIDENCE_LOW;
        match self.turned() {
            Some(degrees) => found.push(PageProblem::Turned { page, degrees, unclear }),
            // A blur says why.
            None if unclear && !self.blurred() => found.push(PageProblem::Unclear { page }),
            None => {}
        }
        let Some(looks) = self.looks else { return found };
        if looks.paper < PAPER_DARK {
            found.push(PageProblem::Dark { page });
        }
        if self.blurred() {
            found.push(PageProblem::Blurred { page });
        }
        if looks.lean_tenths.abs() >= LEAN_TENTHS {
            // Said in whole degrees; what leans is never said to lean by none.
            let degrees = (looks.lean_tenths + looks.lean_tenths.signum() * 5) / 10;
            found.push(PageProblem::Leaning { page, degrees });
        }
        if looks.cut >= CUT_LETTERS {
            found.push(PageProblem::CutOff { page });
        }
        found
    }

    /// Whether the other page seems to be the same sheet once more.
    pub(crate) fn same_sheet(&self, other: &Self) -> bool {
        // Two receipts of one form differ in a few digits: where these are known for sure, they count.
        if let (Some(a), Some(b)) = (self.wording, other.wording)
            && a != b
        {
            return false;
        }
        match (&self.sketch, &other.sketch) {
            (Some(a), Some(b)) => a.same(b),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_receipts_of_one_form_are_no_twins_where_their_digits_are_sure() {
        let receipt = |amount: &str| {
            format!(
                "电子回单 付款人 李志强 收款人 王建国 币种 人民币 金额 {amount} 用途 归还借款 交易时间 2024年9月10日 松江银行营业部 本回单不作记账凭证"
            )
        };
        let read = |text: &str, ocr: bool| PageNote {
            ocr,
            sketch: Sketch::of(text),
            wording: (!ocr).then(|| crate::sketch::wording(text)),
            ..PageNote::default()
        };
        let (one, other) = (receipt("50000.00"), receipt("30000.00"));
        assert!(read(&one, true).same_sheet(&read(&other, true)), "a reading can err in a digit");
        assert!(!read(&one, false).same_sheet(&read(&other, false)));
        assert!(read(&one, false).same_sheet(&read(&one.replace(' ', ""), false)));
        assert!(read(&one, false).same_sheet(&read(&other, true)), "a scan of the file");
    }

    #[test]
    fn only_pages_with_a_problem_are_named_and_the_worst_is_said() {
        let good = PageNote { page: 2, confidence: 0.9, ocr: true, ..PageNote::default() };
        assert_eq!(good.problems(), []);
        let check = |note: PageNote, says: &[PageProblem]| assert_eq!(note.problems(), says);
        check(PageNote { blank: true, ..good.clone() }, &[PageProblem::Blank { page: 2 }]);
        let turned = PageProblem::Turned { page: 2, degrees: 90, unclear: false };
        check(PageNote { turned_degrees: 90, ..good.clone() }, &[turned]);
        check(PageNote { confidence: 0.3, ..good.clone() }, &[PageProblem::Unclear { page: 2 }]);
        let failed = PageNote { failed: Some("timeout".to_owned()), blank: true, ..good.clone() };
        check(failed, &[PageProblem::Unreadable { page: 2, why: "timeout".to_owned() }]);
        let fine = Looks { paper: 230, blur: Some(0.3), ..Looks::default() };
        check(PageNote { looks: Some(fine), ..good.clone() }, &[]);
        let bad = Looks { paper: 60, blur: Some(0.7), lean_tenths: -31, cut: 9 };
        check(
            PageNote { looks: Some(bad), ..good },
            &[
                PageProblem::Dark { page: 2 },
                PageProblem::Blurred { page: 2 },
                PageProblem::Leaning { page: 2, degrees: -3 },
                PageProblem::CutOff { page: 2 },
            ],
        );
    }
}
