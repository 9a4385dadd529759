//! Titles and order of the catalogue; pure.

use model::Side;

use crate::headings::Headings;
use crate::store::Filed;

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

/// Whether a file is called as scanners and cameras call theirs.
pub(crate) fn says_nothing(name: &str) -> bool {
    let (title, number) = title(name);
    let plain = ["扫描件", "扫描", "图片", "照片", "截图", "文档", "新建", "未命名", "微信", "附件"];
    let said = plain.iter().fold(title, |said, word| said.replace(word, ""));
    number.is_none() && said.chars().filter(|c| text::is_hanzi(*c)).count() < 2
}

/// Puts documents in catalogue order: the court's, the plaintiff's, the defendant's, others; then by heading; then lists of
/// evidence, numbered evidence, and what has no number; then as filed.
pub(crate) fn sort(documents: &mut [&Filed], headings: &Headings) {
    let number = |d: &Filed| match d.evidence_number {
        Some(n) => n,
        None if d.title.contains("目录") || d.title.contains("清单") => 0,
        None => u32::MAX,
    };
    documents.sort_by_key(|d| (side_rank(d.side), headings.rank(&d.heading), number(d)));
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
    use protocol::wire::Filing;

    #[test]
    fn titles_and_numbers_come_out_of_file_names() {
        assert_eq!(title("12-原告证据一-借款合同.pdf"), ("借款合同".to_owned(), Some(1)));
        assert_eq!(title("被告证据12：收条.jpg"), ("收条".to_owned(), Some(12)));
        assert_eq!(title("02-起诉状.pdf"), ("起诉状".to_owned(), None));
        assert_eq!(title("11-原告证据目录.pdf"), ("原告证据目录".to_owned(), None));
        assert_eq!(title("2024.pdf"), ("2024".to_owned(), None));
    }

    #[test]
    fn the_catalogue_stands_in_the_order_of_the_file() {
        let filed = |n: u32, side, heading: &str, evidence_number| {
            let title = if n == 3 { "原告证据目录".to_owned() } else { String::new() };
            let filing = Filing { side, heading: heading.to_owned(), title, evidence_number };
            Filed::new(DocId::new(format!("d{n}")).expect("well formed"), filing)
        };
        let documents = [
            filed(1, Side::Defendant, "答辩状", None),
            filed(2, Side::Plaintiff, "原告证据", Some(2)),
            filed(3, Side::Plaintiff, "原告证据", None),
            filed(4, Side::Plaintiff, "原告证据", Some(1)),
            filed(5, Side::Plaintiff, "起诉状", None),
            filed(6, Side::Bench, "送达回证", None),
            filed(7, Side::Bench, "立案通知", None),
            filed(8, Side::Plaintiff, "原告证据", None),
        ];
        let mut sorted: Vec<_> = documents.iter().collect();
        sort(&mut sorted, &Headings::default());
        assert_eq!(
            sorted.iter().map(|d| d.doc.as_str()).collect::<Vec<_>>(),
            ["d7", "d6", "d5", "d3", "d4", "d2", "d8", "d1"]
        );
    }
}
