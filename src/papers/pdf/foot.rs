//! What stands at the edges of every page.

use super::setter::{Run, Setter};
use crate::paper::{DATE, Margins};

const EACH_PAGE: &str = "签名（捺印）：";

impl Setter<'_> {
    /// Head and foot of every page, once their number is known.
    pub(super) fn feet(&mut self, margins: &Margins) {
        for number in 0..self.sheets.len() {
            self.foot(margins, number);
        }
    }

    fn foot(&mut self, margins: &Margins, number: usize) {
        let page = self.page;
        let width = |text: &str, size: f32| self.plain.text_width(text) * size;
        let (mut runs, mut rules) = (Vec::new(), Vec::new());
        let mut y = page.bottom + 8.0;
        if margins.sign_each_page {
            y += 24.0;
            let date = format!("日期：{DATE}");
            let date_x = page.right - width(&date, 10.5);
            let who_end = page.left + width(EACH_PAGE, 10.5) + 4.0;
            rules.push(((who_end, y + 4.0), (date_x - 14.0, y + 4.0)));
            runs.push(small(page.left, y, 10.5, EACH_PAGE.to_owned()));
            runs.push(small(date_x, y, 10.5, date));
            y += 8.0;
        }
        for line in &margins.foot {
            y += 10.0;
            runs.push(small(page.left, y, 7.0, line.clone()));
        }
        let count = format!("第 {} 页　共 {} 页", number + 1, self.sheets.len());
        let count_x = (page.left + page.right - width(&count, 9.0)) / 2.0;
        runs.push(small(count_x, page.height - 30.0, 9.0, count));
        let head_y = page.top - 36.0;
        if number > 0 {
            runs.push(small(page.left, head_y, 9.0, margins.running.clone()));
        }
        if !margins.marking.is_empty() {
            runs.push(small(page.right - width(&margins.marking, 9.0), head_y, 9.0, margins.marking.clone()));
        }
        if number > 0 || !margins.marking.is_empty() {
            rules.push(((page.left, head_y + 6.0), (page.right, head_y + 6.0)));
        }
        if let Some(sheet) = self.sheets.get_mut(number) {
            sheet.runs.extend(runs);
            sheet.rules.extend(rules);
        }
    }
}

fn small(x: f32, y: f32, size: f32, text: String) -> Run {
    Run { x, y, size, bold: false, text, stretch: 0.0 }
}
