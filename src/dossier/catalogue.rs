//! Where a document stands: the order of a civil file, and the heading a paper belongs under by its name.

use model::Side;
use protocol::wire::CatalogueDoc;

use crate::store::{Document, PageRecord};

/// Headings of a first-instance civil file, in its order, with words that name them.
const HEADINGS: [(&str, &[&str]); 18] = [
    ("流程信息表", &["流程信息"]),
    ("起诉状", &["起诉状", "诉状"]),
    ("立案通知", &["受理案件通知", "立案"]),
    ("诉讼费", &["诉讼费", "缴纳通知", "缴费"]),
    ("应诉/举证通知及回证", &["应诉通知", "举证通知"]),
    ("答辩状", &["答辩"]),
    ("身份证明/授权委托", &["身份证", "授权委托", "营业执照", "律师事务所函"]),
    ("原告证据", &[]),
    ("被告证据", &[]),
    ("第三人证据", &[]),
    ("询问/调查笔录", &["询问笔录", "调查笔录"]),
    ("鉴定材料", &["鉴定", "评估报告"]),
    ("庭前会议笔录", &["庭前会议"]),
    ("传票/公告", &["传票", "公告"]),
    ("庭审笔录", &["庭审笔录", "开庭笔录", "法庭笔录"]),
    ("代理词", &["代理词", "辩论意见"]),
    ("裁判文书", &["判决书", "裁定书", "调解书"]),
    ("送达回证", &["送达"]),
];
const EVIDENCE: [&str; 12] =
    ["证据", "合同", "借条", "欠条", "收条", "凭证", "流水", "聊天记录", "发票", "回执", "照片", "协议"];
/// Below this the text of a page is worth a second look.
const DOUBTFUL: f32 = 0.70;

/// The heading of a paper by its title and name.
pub(crate) fn heading_of(side: Side, title: &str, evidence: bool) -> String {
    let of_party = match side {
        Side::Plaintiff => Some("原告证据"),
        Side::Defendant => Some("被告证据"),
        Side::ThirdParty => Some("第三人证据"),
        Side::Bench | Side::Clerk | Side::Witness | Side::Public => None,
    };
    let named = HEADINGS.iter().find(|(_, words)| words.iter().any(|w| title.contains(w)));
    match (of_party, named) {
        (Some(heading), _) if evidence => heading.to_owned(),
        (_, Some((heading, _))) => (*heading).to_owned(),
        (Some(heading), None) if EVIDENCE.iter().any(|w| title.contains(w)) => heading.to_owned(),
        (Some(_), None) | (None, None) => "其他材料".to_owned(),
    }
}

/// A title from a file's name: without its ending, its running number and what the heading says already.
pub(crate) fn title_of(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let title = stem.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | ' ' | '、'));
    if title.is_empty() { stem.to_owned() } else { title.to_owned() }
}

/// Sorts documents into the order of the file: by heading, then by evidence number, then as filed.
pub(crate) fn sort(documents: &mut [&Document]) {
    documents.sort_by_key(|d| {
        let heading = HEADINGS.iter().position(|(h, _)| *h == d.heading).unwrap_or(HEADINGS.len());
        // A list of evidence has no number and stands before the pieces.
        (heading, d.evidence_number.unwrap_or(0))
    });
}

/// 原告证据 › 证据一 借款合同.
pub(crate) fn place(document: &Document) -> String {
    match document.evidence_number {
        Some(n) => {
            format!("{} › 证据{} {}", document.heading, text::numeral::to_chinese(u64::from(n)), document.title)
        }
        None if document.heading == document.title => document.heading.clone(),
        None => format!("{} › {}", document.heading, document.title),
    }
}

/// What is wrong with a page, for the clerk.
pub(crate) fn problem(page: u32, record: &PageRecord) -> Option<String> {
    if let Some(sentence) = &record.failed {
        return Some(format!("第{page}页无法读取：{sentence}"));
    }
    if record.blank {
        return Some(format!("第{page}页似为空白页"));
    }
    if record.turned_degrees != 0 {
        return Some(format!("第{page}页内容横置或倒置（顺时针{}度），显示时请旋转", record.turned_degrees));
    }
    let doubtful = record.text.ocr && record.text.confidence < DOUBTFUL;
    doubtful.then(|| format!("第{page}页识别可信度低（{:.0}%），检索可能遗漏", record.text.confidence * 100.0))
}

/// The document as screens list it.
pub(crate) fn listed(document: &Document, pages_ready: u32, problems: Vec<String>) -> CatalogueDoc {
    CatalogueDoc {
        doc: document.id.clone(),
        side: document.side,
        heading: document.heading.clone(),
        title: document.title.clone(),
        evidence_number: document.evidence_number,
        pages: document.pages.clone(),
        pages_ready,
        problems,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_find_their_heading_by_name() {
        for (side, title, evidence, heading) in [
            (Side::Plaintiff, "民事起诉状", false, "起诉状"),
            (Side::Defendant, "民事答辩状", false, "答辩状"),
            (Side::Plaintiff, "授权委托书", false, "身份证明/授权委托"),
            (Side::Plaintiff, "借款合同", false, "原告证据"),
            (Side::Plaintiff, "答辩期间的短信", true, "原告证据"),
            (Side::Defendant, "现金收条", false, "被告证据"),
            (Side::Bench, "送达回证", false, "送达回证"),
            (Side::Bench, "便笺", false, "其他材料"),
        ] {
            assert_eq!(heading_of(side, title, evidence), heading, "{title}");
        }
    }

    #[test]
    fn a_title_is_the_name_without_number_and_ending() {
        assert_eq!(title_of("12-借款合同.pdf"), "借款合同");
        assert_eq!(title_of("附件/证据三 银行流水.PDF"), "证据三 银行流水");
        assert_eq!(title_of("2024.jpg"), "2024");
    }
}
