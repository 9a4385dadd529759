//! Where a typed query is to be looked for: 原告：违约金, 借款合同：签名, 在被告证据三里找五万. Pure.

use model::{DocId, Side};
use protocol::wire::{Catalogue, CatalogueDoc, Within};

use crate::command;

/// The words before a colon or between 在 and 里 have at most so many characters.
const NAME_MAX: usize = 30;
/// What closes 在借款合同里: the longest first.
const INSIDE: [&str; 12] =
    ["里面查找", "里面找", "里查找", "里找", "中查找", "中找", "里面的", "里的", "中的", "里面", "里", "中"];
/// What may follow the name of a side.
const THEIRS: [&str; 12] = [
    "提交的材料",
    "提交的证据",
    "方的材料",
    "方的证据",
    "的材料",
    "的证据",
    "方材料",
    "方证据",
    "材料",
    "证据",
    "方",
    "",
];
const SIDES: [(Side, &[&str]); 4] = [
    (Side::Plaintiff, &["原告", "plaintiff"]),
    (Side::Defendant, &["被告", "defendant"]),
    (Side::ThirdParty, &["第三人", "thirdparty"]),
    (Side::Bench, &["法院", "本院", "court"]),
];

/// The documents that a query is narrowed to, and its words without what says so; `None` where nothing says so.
pub(crate) fn within(query: &str, catalogue: &Catalogue) -> Option<Within> {
    let (name, words) = before_colon(query).or_else(|| inside(query))?;
    let narrowed = named(name.trim(), catalogue)?;
    let words = words.trim_start();
    // 原告：借款合同：违约金
    let Some(inner) = within(words, catalogue) else {
        return Some(Within { words: words.to_owned(), ..narrowed });
    };
    let both = inner.docs.into_iter().filter(|doc| narrowed.docs.contains(doc)).collect();
    Some(Within { side: None, docs: both, words: inner.words })
}

fn before_colon(query: &str) -> Option<(&str, &str)> {
    let (name, words) = query.split_once([':', '：'])?;
    let plain = !name.contains(['"', '“', '「', '『']) && name.chars().count() <= NAME_MAX;
    plain.then_some((name, words))
}

fn inside(query: &str) -> Option<(&str, &str)> {
    let rest = query.trim_start().strip_prefix('在')?;
    let (at, close) = INSIDE
        .iter()
        .filter_map(|close| Some((rest.find(close)?, close)))
        .min_by_key(|(at, close)| (*at, std::cmp::Reverse(close.len())))?;
    Some((&rest[..at], &rest[at + close.len()..]))
}

fn named(name: &str, catalogue: &Catalogue) -> Option<Within> {
    let all = |keep: &dyn Fn(&CatalogueDoc) -> bool| -> Vec<DocId> {
        catalogue.docs.iter().filter(|d| keep(d)).map(|d| d.doc.clone()).collect()
    };
    let of = |docs: Vec<DocId>| Within { side: None, docs, words: String::new() };
    let lower = name.to_lowercase();
    let side = SIDES.iter().find(|(_, names)| {
        names.iter().any(|n| lower.strip_prefix(n).is_some_and(|tail| THEIRS.contains(&tail)))
    });
    let exact = all(&|d| d.doc.as_str() == name || d.heading == name);
    if !exact.is_empty() {
        return Some(of(exact));
    }
    if let Some((side, _)) = side {
        return Some(Within { side: Some(*side), ..of(all(&|d| d.side == *side)) });
    }
    Some(of(command::named(name, catalogue))).filter(|w| !w.docs.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::wire::Filing;

    fn catalogue() -> Catalogue {
        let doc = |(id, side, heading, title, evidence_number): (&str, Side, &str, &str, Option<u32>)| {
            let filing =
                Filing { side, heading: heading.to_owned(), title: title.to_owned(), evidence_number };
            CatalogueDoc::new(DocId::new(id).expect("a well-formed id"), filing, vec![(59_500, 84_200)])
        };
        let docs = [
            ("claim", Side::Plaintiff, "起诉状", "民事起诉状", None),
            ("contract", Side::Plaintiff, "原告证据", "借款合同", Some(1)),
            ("chat-p", Side::Plaintiff, "原告证据", "微信聊天记录", Some(2)),
            ("chat-d", Side::Defendant, "被告证据", "微信聊天记录（被告提交）", Some(1)),
            ("minutes", Side::Bench, "庭前会议笔录", "庭前会议笔录", None),
        ];
        Catalogue { revision: 1, docs: docs.map(doc).into(), ..Catalogue::default() }
    }

    /// `documents | words`, or `-`.
    fn read(query: &str) -> String {
        within(query, &catalogue()).map_or("-".to_owned(), |w| {
            let docs: Vec<_> = w.docs.iter().map(DocId::as_str).collect();
            format!("{} | {}", docs.join(" "), w.words)
        })
    }

    #[test]
    fn a_query_is_narrowed_to_a_side_or_a_document() {
        assert_eq!(read("原告：违约金"), "claim contract chat-p | 违约金");
        assert_eq!(read("原告: 违约金"), "claim contract chat-p | 违约金");
        assert_eq!(read("被告的材料：五万"), "chat-d | 五万");
        assert_eq!(read("原告证据：五万"), "contract chat-p | 五万");
        assert_eq!(read("法院：签名"), "minutes | 签名");
        assert_eq!(read("借款合同：「逾期还款」"), "contract | 「逾期还款」");
        assert_eq!(read("原告证据一：利息"), "contract | 利息");
        assert_eq!(read("借条：利息"), "contract | 利息");
        assert_eq!(read("chat-d:五万"), "chat-d | 五万");
        assert_eq!(read("微信聊天记录：五万"), "chat-p chat-d | 五万");
        assert_eq!(read("被告：微信聊天记录：五万"), "chat-d | 五万");
        assert_eq!(read("在借款合同里找违约金"), "contract | 违约金");
        assert_eq!(read("在原告的材料中找违约金"), "claim contract chat-p | 违约金");
        assert_eq!(read("在庭前会议笔录里面的签名"), "minutes | 签名");
    }

    #[test]
    fn what_names_neither_a_side_nor_a_document_is_looked_for_as_it_is() {
        for query in [
            "违约金",
            "审：请原告",
            "起息日：2024年3月5日",
            "在松江市里",
            "「原告：签名」",
            "14:29",
            "在场",
            "：违约金",
        ] {
            assert_eq!(read(query), "-", "{query}");
        }
    }
}
