//! Headings and order of the catalogue; pure.

use model::Side;

use crate::store::Filed;

/// Headings in the order of a civil file, each with the words of titles that belong under it.
const HEADINGS: &[(&str, &[&str])] = &[
    ("流程信息表", &["流程信息"]),
    ("起诉状", &["起诉状", "起诉书", "诉状", "变更诉讼请求"]),
    ("立案通知", &["受理案件通知", "立案", "受理通知"]),
    ("诉讼费", &["诉讼费", "缴费", "缴纳通知", "预交"]),
    ("应诉/举证通知及回证", &["应诉通知", "举证通知"]),
    ("答辩状", &["答辩"]),
    (
        "身份证明/授权委托",
        &["授权委托", "委托书", "身份证", "身份证明", "律师事务所函", "法定代表人", "营业执照"],
    ),
    ("证据", &["证据", "清单"]),
    ("鉴定", &["鉴定", "评估"]),
    ("保全", &["保全"]),
    ("庭前会议笔录", &["庭前会议"]),
    ("笔录", &["笔录"]),
    ("传票/公告", &["传票", "公告", "开庭通知", "出庭通知"]),
    ("代理词", &["代理词", "代理意见"]),
    ("裁判文书", &["判决书", "裁定书", "调解书", "决定书"]),
    ("送达回证", &["送达", "回证"]),
];

/// The heading for a document, from its title or the name of its file; 其他材料 if nothing fits.
pub(crate) fn heading(side: Side, name: &str, evidence: bool) -> String {
    // The longest word decides: 送达回证 of an 应诉通知书 is named by both.
    let found = HEADINGS.iter().enumerate().flat_map(|(rank, (heading, words))| {
        words
            .iter()
            .filter(|w| name.contains(**w))
            .map(move |w| (w.chars().count(), usize::MAX - rank, *heading))
    });
    let heading = match found.max() {
        _ if evidence => "证据",
        Some((_, _, heading)) => heading,
        None if side.is_party() => "证据",
        None => "其他材料",
    };
    match (heading, side) {
        ("证据", Side::Plaintiff) => "原告证据".to_owned(),
        ("证据", Side::Defendant) => "被告证据".to_owned(),
        ("证据", Side::ThirdParty) => "第三人证据".to_owned(),
        (heading, _) => heading.to_owned(),
    }
}

/// Title and evidence number that the name of a file states: `12-原告证据一-借款合同.pdf` is 借款合同, number 1.
pub(crate) fn title(name: &str) -> (String, Option<u32>) {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let separator = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '—' | '.' | '、' | '：' | ':');
    let plain = stem.trim_start_matches(|c: char| c.is_ascii_digit()).trim_matches(separator);
    let plain = if plain.is_empty() { stem } else { plain };
    let Some((before, after)) = plain.split_once("证据") else { return (plain.to_owned(), None) };
    if !matches!(before, "" | "原告" | "被告" | "第三人") {
        return (plain.to_owned(), None);
    }
    let chars: Vec<char> = after.chars().collect();
    let Some((number, taken)) = text::numeral::take_number(&chars) else { return (plain.to_owned(), None) };
    let rest: String = chars[taken..].iter().collect();
    let rest = rest.trim_matches(separator);
    let title = if rest.is_empty() { plain } else { rest };
    (title.to_owned(), u32::try_from(number).ok())
}

/// Puts documents in catalogue order: the court's, the plaintiff's, the defendant's, others; then by heading; then lists of
/// evidence before numbered evidence; then as filed.
pub(crate) fn sort(documents: &mut [&Filed]) {
    documents.sort_by_key(|d| (side_rank(d.side), heading_rank(&d.heading), d.evidence_number.unwrap_or(0)));
}

fn side_rank(side: Side) -> u8 {
    match side {
        Side::Bench | Side::Clerk => 0,
        Side::Plaintiff => 1,
        Side::Defendant => 2,
        Side::ThirdParty => 3,
        Side::Witness | Side::Public => 4,
    }
}

fn heading_rank(heading: &str) -> usize {
    let exact = HEADINGS.iter().position(|(h, _)| *h == heading);
    let contained = || {
        let ranked = HEADINGS.iter().enumerate();
        let hits = ranked.flat_map(|(rank, (_, words))| {
            words
                .iter()
                .filter(|w| heading.contains(**w))
                .map(move |w| (w.chars().count(), usize::MAX - rank))
        });
        hits.max().map(|(_, from_end)| usize::MAX - from_end)
    };
    exact.or_else(contained).unwrap_or(HEADINGS.len())
}

/// The document as people name it: 证据一 借款合同, or its title.
pub(crate) fn label(number: Option<u32>, title: &str) -> String {
    match number {
        Some(n) => format!("证据{} {title}", text::numeral::to_chinese(u64::from(n))),
        None => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::DocId;

    #[test]
    fn titles_and_numbers_come_out_of_file_names() {
        assert_eq!(title("12-原告证据一-借款合同.pdf"), ("借款合同".to_owned(), Some(1)));
        assert_eq!(title("被告证据12：收条.jpg"), ("收条".to_owned(), Some(12)));
        assert_eq!(title("02-起诉状.pdf"), ("起诉状".to_owned(), None));
        assert_eq!(title("11-原告证据目录.pdf"), ("原告证据目录".to_owned(), None));
        assert_eq!(title("2024.pdf"), ("2024".to_owned(), None));
    }

    #[test]
    fn headings_come_from_titles() {
        for (side, name, is) in [
            (Side::Plaintiff, "民事起诉状", "起诉状"),
            (Side::Defendant, "答辩状", "答辩状"),
            (Side::Plaintiff, "原告证据目录", "原告证据"),
            (Side::Plaintiff, "借款合同", "原告证据"),
            (Side::Bench, "庭前会议笔录", "庭前会议笔录"),
            (Side::Bench, "送达回证", "送达回证"),
            (Side::Bench, "应诉通知书、举证通知书", "应诉/举证通知及回证"),
            (Side::Defendant, "授权委托书", "身份证明/授权委托"),
            (Side::Bench, "信函", "其他材料"),
        ] {
            assert_eq!(heading(side, name, false), is, "{name}");
        }
        assert_eq!(heading(Side::Defendant, "答辩要点的录音", true), "被告证据");
    }

    #[test]
    fn the_catalogue_stands_in_the_order_of_the_file() {
        let filed = |n: u32, side, heading: &str, number| Filed {
            doc: DocId::new(format!("d{n}")).expect("well formed"),
            side,
            heading: heading.to_owned(),
            title: String::new(),
            evidence_number: number,
            name: String::new(),
            sha256: String::new(),
            ext: String::new(),
            pages: Vec::new(),
            at: None,
            auto: None,
            made: None,
            moved: false,
        };
        let documents = [
            filed(1, Side::Defendant, "答辩状", None),
            filed(2, Side::Plaintiff, "原告证据", Some(2)),
            filed(3, Side::Plaintiff, "原告证据", None),
            filed(4, Side::Plaintiff, "原告证据", Some(1)),
            filed(5, Side::Plaintiff, "起诉状", None),
            filed(6, Side::Bench, "送达回证", None),
            filed(7, Side::Bench, "立案通知", None),
        ];
        let mut sorted: Vec<_> = documents.iter().collect();
        sort(&mut sorted);
        assert_eq!(
            sorted.iter().map(|d| d.doc.as_str()).collect::<Vec<_>>(),
            ["d7", "d6", "d5", "d3", "d4", "d2", "d1"]
        );
    }
}
