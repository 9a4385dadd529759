//! 卷宗目录 as a paper.

use registry::{Entry, ListedCase, Retention};

use crate::legible::clean;
use crate::paper::{Block, Margins, Paper, Table};

/// The directory of 正卷 or 副卷, to read, to print and to lay before a paper set.
#[must_use]
pub fn directory_paper(
    case: &ListedCase,
    entries: &[Entry],
    secondary: bool,
    retention: Option<Retention>,
) -> Paper {
    let name = if secondary { "副卷目录" } else { "正卷目录" };
    let item = |label: &str, value: &str| Block::Item { label: label.to_owned(), value: clean(value) };
    let pages =
        |e: &Entry| if e.from == e.to { e.from.to_string() } else { format!("{}—{}", e.from, e.to) };
    let row =
        |e: &Entry| vec![e.number.to_string(), clean(&e.heading), clean(&e.title), pages(e), String::new()];
    let table = Table {
        head: ["序号", "归目", "材料名称", "页次", "备注"].map(str::to_owned).to_vec(),
        widths: vec![5, 14, 30, 9, 8],
        rows: entries.iter().map(row).collect(),
        row_lines: 1,
    };
    Paper {
        name: name.to_owned(),
        title: format!("{} {name}", clean(&case.number)),
        court: clean(&case.court),
        size_pt: 12.0,
        landscape: false,
        margins: Margins { running: format!("{}　{name}", clean(&case.number)), ..Margins::default() },
        blocks: vec![
            Block::Court(clean(&case.court)),
            Block::Title(name.to_owned()),
            item("案号", &case.number),
            item("案由", &case.cause),
            item("承办法官", &case.judge),
            item("保管期限", retention.map_or("", Retention::zh)),
            item("页数", &entries.last().map_or(0, |e| e.to).to_string()),
            Block::Table(table),
        ],
    }
}
