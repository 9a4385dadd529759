//! 正卷 and 副卷: their headings in order, their directories with page numbers, and where the court's own papers belong.

use model::DocId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Headings of the main file (正卷), in order. A heading of the dossier that is none of them stands where the first it
/// contains stands, else before 备考表.
pub const MAIN: [&str; 27] = [
    "流程信息表",
    "起诉状",
    "立案通知",
    "诉讼费",
    "应诉/举证通知及回证",
    "答辩状",
    "身份证明/授权委托",
    "原告证据",
    "被告证据",
    "第三人证据",
    "证据",
    "询问/调查笔录",
    "鉴定",
    "保全",
    "调解材料",
    "传票/公告",
    "庭前会议笔录",
    "法庭笔录",
    "代理词",
    "裁判文书正本",
    "裁判文书",
    "宣判笔录",
    "送达回证",
    "上诉移送",
    "其他材料",
    "备考表",
    "证物袋",
];

/// Headings of the secondary file (副卷), in order.
pub const SECONDARY: [&str; 7] =
    ["阅卷笔录", "审理报告", "评议笔录", "法官会议/审委会记录", "请示批复", "文书原本", "其他"];

/// Where a court paper goes by itself: heading, and whether that is in the secondary file.
#[must_use]
pub fn place_of_paper(kind: &str) -> (&'static str, bool) {
    match kind {
        "record" | "examination" | "corrections" | "interruptions" => ("法庭笔录", false),
        "pretrial" => ("庭前会议笔录", false),
        "deliberation" => ("评议笔录", true),
        "judgment" => ("宣判笔录", false),
        "mediation" => ("调解材料", false),
        "service" => ("送达回证", false),
        _ => ("备考表", false),
    }
}

/// Where the minutes of a body other than the panel belong (法官会议, 审委会).
pub const PLACE_OF_BODIES: (&str, bool) = ("法官会议/审委会记录", true);

/// A document in one of the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// It.
    pub doc: DocId,
    /// Its heading.
    pub heading: String,
    /// Its title.
    pub title: String,
    /// Its pages.
    pub pages: u32,
}

/// A line of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// 序号, from 1.
    pub number: u32,
    /// The document.
    pub doc: DocId,
    /// Its heading.
    pub heading: String,
    /// Its title.
    pub title: String,
    /// Its first page in the file.
    pub from: u32,
    /// Its last page in the file.
    pub to: u32,
}

/// The directory of a file: documents in the order of its headings, pages counted through.
#[must_use]
pub fn directory(held: &[Held], secondary: bool) -> Vec<Entry> {
    let headings: &[&str] = if secondary { &SECONDARY } else { &MAIN };
    let mut order: Vec<_> = held.iter().collect();
    order.sort_by_key(|h| rank(headings, &h.heading));
    let mut page = 0;
    let entry = |(number, h): (u32, &Held)| {
        let from = page + 1;
        page += h.pages;
        let (heading, title) = (h.heading.clone(), h.title.clone());
        Entry { number, doc: h.doc.clone(), heading, title, from, to: page }
    };
    (1..).zip(order).map(entry).collect()
}

fn rank(headings: &[&str], heading: &str) -> usize {
    let exact = headings.iter().position(|h| *h == heading);
    let within = || headings.iter().position(|h| heading.contains(h) || h.contains(heading));
    let last = headings.iter().position(|h| *h == "备考表").unwrap_or(headings.len());
    exact.or_else(within).unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(n: u32, heading: &str, pages: u32) -> Held {
        let doc = DocId::new(format!("d{n}")).expect("well formed");
        Held { doc, heading: heading.to_owned(), title: format!("t{n}"), pages }
    }

    #[test]
    fn a_directory_follows_the_headings_and_counts_pages_through() {
        let all =
            [held(1, "法庭笔录", 4), held(2, "起诉状", 2), held(3, "奇怪的材料", 1), held(4, "备考表", 1)];
        let lines = directory(&all, false);
        let seen: Vec<_> = lines.iter().map(|e| (e.number, e.doc.as_str(), e.from, e.to)).collect();
        assert_eq!(seen, [(1, "d2", 1, 2), (2, "d1", 3, 6), (3, "d3", 7, 7), (4, "d4", 8, 8)]);
        assert_eq!(directory(&[held(1, "评议笔录", 3)], true)[0].to, 3);
    }
}
