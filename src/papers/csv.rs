//! The 质证表 as CSV, for a spreadsheet: UTF-8 with a mark, one row an item, one column an aspect.

use court::{Aspect, Opinion};

use crate::sheet::{EvidenceRow, Record, side_zh};
use crate::time::{clock, wall};

const ASPECTS: [Aspect; 4] = [Aspect::Authenticity, Aspect::Legality, Aspect::Relevance, Aspect::Purpose];

/// The examination table of a record.
#[must_use]
pub fn examination_csv(record: &Record) -> String {
    let head = ["提交方", "证据号", "证据组", "名称", "来源", "证明目的", "原件核对", "出示时间"];
    let head = head.into_iter().map(str::to_owned).chain(ASPECTS.map(|a| format!("{}意见", a.zh())));
    // Spreadsheets take a file without the mark for one in the system's old encoding.
    let mut csv = format!("\u{feff}{}", row(head));
    for item in &record.evidence {
        csv.push_str(&row(cells(record, item)));
    }
    csv
}

fn cells(record: &Record, item: &EvidenceRow) -> Vec<String> {
    let shown = item.shown.map(|t| clock(wall(record.origin, t))).unwrap_or_default();
    let original = if item.original_checked { "已核对" } else { "" };
    let mut cells = vec![
        side_zh(item.side).to_owned(),
        item.number.to_string(),
        item.group.clone(),
        item.name.clone(),
        item.source.clone(),
        item.purpose.clone(),
        original.to_owned(),
        shown,
    ];
    cells.extend(ASPECTS.map(|aspect| {
        let views: Vec<_> = item.opinions.iter().filter(|o| o.aspect == aspect).map(view).collect();
        views.join("；")
    }));
    cells
}

fn view(o: &Opinion) -> String {
    let reason = if o.reason.is_empty() { String::new() } else { format!("（{}）", o.reason) };
    let line = o.line.map_or_else(String::new, |l| format!("［笔录第{l}行］"));
    let session = o.session.map_or_else(String::new, |n| format!("［第{n}次开庭］"));
    format!("{}：{}{reason}{line}{session}", side_zh(o.side), o.stance.zh())
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<_> = cells.into_iter().map(|c| cell(&c)).collect();
    format!("{}\r\n", cells.join(","))
}

/// Quoted; what a spreadsheet would take for a formula is kept a text.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_stays_one_cell_and_a_text() {
        assert_eq!(cell("借条,\"原件\"\n二页"), "\"借条,\"\"原件\"\"\n二页\"");
        assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
    }
}
