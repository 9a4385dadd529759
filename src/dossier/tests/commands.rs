//! What a bench says, over a catalogue like the sample case's, and what it must come to.
#![allow(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::collections::BTreeMap;
use std::sync::Arc;

use dossier::command::{Bearings, EvidenceGroup, Law, Laws, understand};
use model::{Day, DocId, PageRef, Rect, Side};
use protocol::wire::{Catalogue, CatalogueDoc, CommandOutcome, Filing, FoundBy, Hit};
use text::citation::ArticleNumber;
use text::syllable::{folded_reading, is_numeral, reading};

/// Id, side, heading, title, evidence number, pages.
type Doc = (&'static str, Side, &'static str, &'static str, Option<u32>, usize);

const DOCS: &[Doc] = &[
    ("claim", Side::Plaintiff, "起诉状", "民事起诉状", None, 3),
    ("notice", Side::Bench, "立案通知", "受理案件通知书", None, 1),
    ("answer", Side::Defendant, "答辩状", "民事答辩状", None, 2),
    ("power-p", Side::Plaintiff, "身份证明/授权委托", "授权委托书、律师事务所函（原告）", None, 2),
    ("id-w", Side::Plaintiff, "身份证明/授权委托", "身份证明（王建国）", None, 1),
    ("power-d", Side::Defendant, "身份证明/授权委托", "授权委托书、律师事务所函（被告）", None, 2),
    ("id-l", Side::Defendant, "身份证明/授权委托", "身份证明（李志强）", None, 1),
    ("list-p", Side::Plaintiff, "原告证据", "原告证据目录", None, 1),
    ("contract", Side::Plaintiff, "原告证据", "借款合同", Some(1), 3),
    ("transfer", Side::Plaintiff, "原告证据", "转账凭证", Some(2), 1),
    ("flow", Side::Plaintiff, "原告证据", "银行流水", Some(3), 13),
    ("chat-p", Side::Plaintiff, "原告证据", "微信聊天记录", Some(4), 5),
    ("demand", Side::Plaintiff, "原告证据", "催款函及快递回执", Some(5), 2),
    ("list-d", Side::Defendant, "被告证据", "被告证据目录", None, 1),
    ("repaid", Side::Defendant, "被告证据", "还款凭证", Some(1), 1),
    ("receipt", Side::Defendant, "被告证据", "现金收条", Some(2), 1),
    ("chat-d", Side::Defendant, "被告证据", "微信聊天记录（被告提交）", Some(3), 3),
    ("minutes", Side::Bench, "庭前会议笔录", "庭前会议笔录", None, 3),
    ("summons", Side::Bench, "传票/公告", "传票", None, 1),
    ("plea", Side::Plaintiff, "代理词", "代理词（原告代理人庭前提交）", None, 2),
    ("served", Side::Bench, "送达回证", "送达回证", None, 1),
];

/// What stands on some pages.
const TEXTS: &[(&str, u32, &str)] = &[
    ("contract", 1, "借款合同。第三条 借款期限十二个月，违反的按第七条处理。"),
    ("contract", 2, "第六条 还款方式。第七条 违约责任：逾期按日万分之五支付违约金。"),
    ("contract", 3, "签字：王建国 李志强，盖章"),
    ("claim", 2, "诉讼请求：判令被告支付违约金；事实见合同第七条"),
    ("flow", 2, "三月五号转出五十万元"),
    ("repaid", 1, "还款五万元"),
];

fn catalogue() -> Catalogue {
    let doc = |&(id, side, heading, title, evidence_number, pages): &Doc| {
        let (heading, title) = (heading.to_owned(), title.to_owned());
        let filing = Filing { side, heading, title, evidence_number };
        CatalogueDoc::new(DocId::new(id).expect("a well-formed id"), filing, vec![(59_500, 84_200); pages])
    };
    Catalogue { revision: 1, docs: DOCS.iter().map(doc).collect(), ..Catalogue::default() }
}

fn at(doc: &str, page: u32) -> PageRef {
    PageRef { doc: DocId::new(doc).expect("a well-formed id"), page }
}

fn find(phrase: &str) -> Vec<Hit> {
    let hit = |&(doc, page, text): &(&str, u32, &str)| {
        let byte = text.find(phrase)?;
        let from = text[..byte].chars().count() as u32;
        Some(Hit {
            page: at(doc, page),
            title: doc.to_owned(),
            place: String::new(),
            snippet: text.to_owned(),
            matched: vec![(from, from + phrase.chars().count() as u32)],
            rects: vec![Rect { x: 1, y: 2, w: 3, h: 4 }],
            by: FoundBy::Letter,
        })
    };
    TEXTS.iter().filter_map(hit).collect()
}

/// The second page of the bank statement is on the screens while the plaintiff presents.
fn presenting(side: Option<Side>) -> Bearings {
    Bearings { page: Some(at("flow", 2)), presenting: side, ..Bearings::default() }
}

fn short(outcome: &CommandOutcome) -> String {
    let page = |p: &PageRef| format!("{} {}", p.doc, p.page);
    match outcome {
        CommandOutcome::Page { page: p, .. } => page(p),
        CommandOutcome::Choose { choices } => {
            let choices: Vec<_> = choices.iter().map(|c| page(&c.page)).collect();
            format!("? {}", choices.join(", "))
        }
        CommandOutcome::Found { phrase, .. } => format!("find {phrase}"),
        CommandOutcome::Statute { title, version, .. } => format!("{title} {version}"),
        CommandOutcome::Compare { choices } => {
            let beside: Vec<_> = choices.iter().map(|c| page(&c.page)).collect();
            format!("beside {}", beside.join(", "))
        }
        CommandOutcome::Desk { act, amount } => format!("{act} {amount}"),
        CommandOutcome::Prefilled { act } => format!("key {act}"),
        CommandOutcome::Note { text } => format!("note {text}"),
        CommandOutcome::NotUnderstood => "-".to_owned(),
    }
}

fn said(text: &str) -> String {
    short(&understand(text, &catalogue(), &presenting(Some(Side::Plaintiff)), &find))
}

/// An outcome and the ways to say it.
const SAID: &[(&str, &str)] = &[
    // 翻到倒数第二页, of which 数 was not heard.
    ("? flow 2, flow 12", "翻到到第二页 请翻到到第二页吧 翻到倒第二页"),
    ("turn 1", "下一页 往后翻 翻页 下一页吧 请翻到下一页 请书记员翻到下一页 往后翻一页 下页"),
    ("turn -1", "上一页 退回去 往前翻 请往前翻一页 前一页"),
    ("turn 3", "往后三页 往后翻三页 再翻三页 请往后翻3页"),
    ("turn -2", "往前两页 往前翻两页 退回两页"),
    ("first 0", "首页 第一页 翻到第一页 翻到首页"),
    ("last 0", "末页 最后一页 翻到最后一页 请翻到末页"),
    ("back 0", "回到刚才那页 刚才那页 返回"),
    ("nextHit 0", "下一处 还有吗 看下一处"),
    ("previousHit 0", "上一处"),
    ("zoomIn 0", "放大 看不清 放大一点 请放大一点 放大公章 再放大"),
    ("zoomOut 0", "缩小 缩小一点"),
    ("fit 0", "恢复 整页 恢复原样"),
    ("rotate 0", "转过来 横过来 旋转一下 把它转过来"),
    ("show 0", "投屏 大家看屏幕 请大家看屏幕 投到大屏"),
    ("hide 0", "收屏 只给我看"),
    ("lock 0", "锁定画面 都别动 锁定"),
    ("unlock 0", "解锁 解除锁定 取消锁定"),
    ("takeBack 0", "收回 收回操作权"),
    ("undo 0", "撤销 不对 错了 搞错了"),
    ("undoMark 0", "撤销标注 擦掉标注"),
    ("clearMarks 0", "清除标注 清除所有标注"),
    ("compare 0", "两份比对 放一起看 并排 请把两份放在一起看 两份材料比对一下 比对一下"),
    ("endCompare 0", "结束比对 不比对了"),
    (
        "beside contract 1, receipt 1",
        "把借款合同和收条放一起看 借款合同和收条比对 借款合同跟现金收条对比一下",
    ),
    ("beside chat-d 1", "和被告证据三比对 与被告证据三对比 把被告证据三放旁边 请打开被告证据三放旁边"),
    ("beside chat-d 2", "和被告证据三第二页比对"),
    ("mark 0", "划出来 标一下 请划出来 把这句划出来"),
    ("giveToPlaintiff 0", "由原告操作 请由原告操作 让原告操作 交给原告操作"),
    ("giveToDefendant 0", "由被告操作 现在由被告操作 让被告操作"),
    ("replayLast 0", "回放刚才那句 请回放刚才那句 再放一遍 请书记员回放刚才那句"),
    ("note 记明：", "记明 记录在案 请书记员记录在案 书记员记明"),
    (
        "note 记明：被告认可收到五十万元",
        "记明被告认可收到五十万元 请书记员记明，被告认可收到五十万元。 记录在案：被告认可收到五十万元",
    ),
    ("key judgment", "宣判 现在宣判 当庭宣判"),
    ("key recess", "休庭 现在休庭 宣布休庭 休庭十分钟"),
    ("key close", "闭庭 现在闭庭 宣布闭庭"),
    ("key resume", "继续开庭 恢复开庭 现在继续开庭"),
    ("flow 12", "翻到十二页 第十二页 幺二页 12页 请翻到第12页 翻到第十二页"),
    ("flow 12", "倒数第二页 翻到倒数第二页"),
    ("flow 13", "请翻到第十三页 十三页"),
    (
        "flow 1",
        "出示原告证据三 原告第三份 原告第三份证据 请出示原告证据三 打开原告证据3 原告三号证据 原告的证据三 看一下原告证据三 \
      请书记员出示原告证据三 原告提交的证据三 原告方证据三 证据三 第三份证据 银行流水 打开银行流水 流水 原告的银行流水 证据三银行流水 \
      请把原告证据三打开 麻烦打开一下银行流水",
    ),
    (
        "flow 2",
        "原告证据三第二页 请翻到原告证据三第二页 请翻到原告证据三的第二页 翻到原告证据3第2页 原告第三份第二页 银行流水第二页 \
      请翻到原告证据三第二页。 请打开原告证据三，第二页 源告政据三第二页 请翻到源告政据三第二页 证据三第二页 看原告证据三第二页",
    ),
    (
        "flow 2",
        "呃请翻到原告那个证据三的第二页 书记员请翻到原告证据三第二页吧 好的那么请出示原告证据三的第二页 \
      原告证据三第而页 请帮我翻到原告提供的证据三第二页看一下",
    ),
    ("flow 13", "原告证据三最后一页 银行流水末页 原告证据三第十三页"),
    ("flow 12", "原告证据三倒数第二页 银行流水第十二页"),
    (
        "chat-d 1",
        "被告证据三 出示被告证据三 被告第三份证据 请出示被告的证据三 被告的微信聊天记录 被告提交的微信聊天记录",
    ),
    ("chat-d 3", "被告证据三第三页 请翻到被告证据三第三页 被告证据三最后一页"),
    (
        "contract 1",
        "借款合同 请打开借款合同 打开借款合同 借条 欠条 借据 原告证据一 合同 那份借款合同 证据一 原告证据一借款合同",
    ),
    ("contract 3", "借款合同第三页 翻到借款合同第三页 合同最后一页"),
    ("transfer 1", "那张转账截图 转账凭证 转账截图 原告证据二 转账记录"),
    ("chat-p 1", "原告证据四 原告的微信聊天记录 证据四"),
    ("chat-p 5", "原告证据四第五页 证据四第5页"),
    ("demand 1", "催款函 快递回执 原告证据五 催款函及快递回执"),
    ("repaid 1", "还款凭证 被告证据一 被告的还款凭证 还款记录"),
    ("receipt 1", "现金收条 收条 被告证据二"),
    ("answer 1", "答辩状 打开答辩状 被告的答辩状 民事答辩状"),
    ("answer 2", "答辩状第二页 答辩状最后一页"),
    ("claim 1", "起诉状 打开起诉状 诉状 民事起诉状"),
    ("minutes 1", "上次笔录 庭前会议笔录 庭前笔录 打开上次笔录"),
    ("minutes 3", "庭前会议笔录第三页"),
    ("summons 1", "传票 打开传票"),
    ("served 1", "送达回证"),
    ("plea 1", "代理词 原告代理词"),
    ("id-l 1", "被告的身份证明 李志强的身份证明 李志强身份证明"),
    ("list-p 1", "原告证据目录 打开原告证据目录"),
    ("list-d 1", "被告证据目录"),
    ("chat-p 1", "下一份 下一份证据 看下一份 下一组"),
    ("transfer 1", "上一份 上一份证据"),
    ("contract 2", "合同第七条 借款合同第七条 请翻到合同第七条 借款合同第7条 合同的第七条"),
    (
        "find 违约金",
        "找违约金 哪儿写了违约金 哪里写了违约金 查找违约金 违约金在哪儿 搜索违约金 请找一下违约金 借款合同里的违约金 \
      在借款合同里找违约金 违约金",
    ),
    ("find 违约责任", "违约责任那条 找违约责任那条 违约责任那一条 翻到违约责任那条"),
    ("find 诉讼请求", "诉讼请求那段 找诉讼请求 起诉状诉讼请求那段"),
    ("find 签字", "签字那页 找签字 合同签字那页 借款合同的签字页"),
    ("find 盖章", "盖章页 盖章那页"),
    ("find 五万", "五万那笔"),
    ("find 伍万元", "伍万元 找伍万元"),
    ("find 三月五号", "三月五号那笔 三月五号"),
    ("find 民法典第六百七十五条", "民法典六百七十五条 民法典第六百七十五条 民法典第675条"),
    (
        "-",
        "原告证据九 原告证据三第十四页 被告证据四 借款合同第四页 被告证据三第九页 第五十页 \
      今天天气不错 证据 原告 的 ok 原告证据三十 鉴定结论 第二组第三份",
    ),
];

#[test]
fn what_a_bench_says_comes_to_what_it_means() {
    let table: Vec<(&str, &str)> =
        SAID.iter().flat_map(|(meant, ways)| ways.split_whitespace().map(move |w| (*meant, w))).collect();
    assert!(table.len() >= 150, "{}", table.len());
    let wrong: Vec<_> = table
        .iter()
        .filter_map(|&(meant, way)| {
            let came = said(way);
            (came != meant).then(|| format!("{way}: {came}, meant {meant}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn a_bare_number_is_of_the_side_presenting_or_is_asked() {
    let said = |text: &str, side| short(&understand(text, &catalogue(), &presenting(side), &find));
    assert_eq!(said("证据三", Some(Side::Defendant)), "chat-d 1");
    assert_eq!(said("证据三", None), "? flow 1, chat-d 1");
    assert_eq!(said("证据三第二页", None), "? flow 2, chat-d 2");
    assert_eq!(said("证据三第九页", None), "flow 9");
    assert_eq!(said("证据五", Some(Side::Defendant)), "demand 1");
    assert_eq!(said("微信聊天记录", None), "? chat-p 1, chat-d 1");
    assert_eq!(said("授权委托书", None), "? power-p 1, power-d 1");
}

/// The plaintiff's five pieces in two groups, one of the defendant's.
fn grouped() -> Bearings {
    let group = |side, docs: &[&str]| EvidenceGroup {
        side,
        docs: docs.iter().map(|&d| DocId::new(d).expect("a well-formed id")).collect(),
    };
    let groups = vec![
        group(Side::Plaintiff, &["contract", "transfer"]),
        group(Side::Plaintiff, &["flow", "chat-p", "demand"]),
        group(Side::Defendant, &["repaid", "receipt"]),
    ];
    Bearings { groups, ..presenting(Some(Side::Plaintiff)) }
}

#[test]
fn groups_of_evidence_are_counted_as_their_side_put_them() {
    let said = |text: &str| short(&understand(text, &catalogue(), &grouped(), &find));
    for (text, page) in [
        ("第二组第三份", "demand 1"),
        ("请出示第二组第二份", "chat-p 1"),
        ("第一组", "contract 1"),
        ("原告第二组第一份第五页", "flow 5"),
        ("被告第一组第二份", "receipt 1"),
        ("被告的第一组", "repaid 1"),
        ("上一组", "contract 1"),
        ("下一组", "repaid 1"),
        ("第三组第一份", "-"),
        ("第二组第四份", "-"),
        ("第十二页", "flow 12"),
    ] {
        assert_eq!(said(text), page, "{text}");
    }
}

#[test]
fn a_place_of_signing_is_looked_for_first_in_the_document_on_the_screens() {
    let texts = [("plea", 2, "代理人签字"), ("contract", 3, "甲方（签名捺印）"), ("chat-d", 1, "请你签字")];
    let find = |phrase: &str| {
        let hit = |&(doc, page, text): &(&str, u32, &str)| {
            text.contains(phrase).then(|| Hit {
                page: at(doc, page),
                title: String::new(),
                place: String::new(),
                snippet: text.to_owned(),
                matched: Vec::new(),
                rects: Vec::new(),
                by: FoundBy::Letter,
            })
        };
        texts.iter().filter_map(hit).collect::<Vec<_>>()
    };
    let first = |text: &str, on: &str| {
        let bearings = Bearings { page: Some(at(on, 1)), ..Bearings::default() };
        match understand(text, &catalogue(), &bearings, &find) {
            CommandOutcome::Found { hits, .. } => hits.first().map(|h| h.page.clone()),
            other => panic!("{text}: {other:?}"),
        }
    };
    assert_eq!(first("签字那页", "contract"), Some(at("contract", 3)));
    assert_eq!(first("签字那页", "chat-d"), Some(at("chat-d", 1)));
    assert_eq!(first("借款合同的签字页", "plea"), Some(at("contract", 3)));
}

#[test]
fn a_choice_says_whose_paper_it_is() {
    let outcome = understand("证据三", &catalogue(), &presenting(None), &find);
    let CommandOutcome::Choose { choices } = outcome else { panic!("{outcome:?}") };
    assert_eq!(choices[0].label, "原告证据三 银行流水 第1页");
    assert_eq!(choices[1].label, "被告证据三 微信聊天记录（被告提交） 第1页");
}

#[test]
fn without_a_page_on_the_screens_a_bare_page_is_not_understood() {
    let nowhere = Bearings::default();
    for text in ["第十二页", "倒数第二页", "下一份"] {
        assert_eq!(understand(text, &catalogue(), &nowhere, &find), CommandOutcome::NotUnderstood, "{text}");
    }
    let empty = Catalogue::default();
    assert_eq!(understand("借款合同", &empty, &nowhere, &|_| Vec::new()), CommandOutcome::NotUnderstood);
}

#[test]
fn an_article_opens_where_it_stands_and_a_search_stays_within_its_document() {
    let CommandOutcome::Page { page, rects, .. } =
        understand("合同第七条", &catalogue(), &presenting(None), &find)
    else {
        panic!("no page")
    };
    assert_eq!((page, rects.len()), (at("contract", 2), 1));
    let outcome = understand("借款合同里的违约金", &catalogue(), &presenting(None), &find);
    let CommandOutcome::Found { hits, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(hits.iter().map(|h| h.page.clone()).collect::<Vec<_>>(), [at("contract", 2)]);
    let outcome = understand("找违约金", &catalogue(), &presenting(None), &find);
    let CommandOutcome::Found { hits, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(hits.len(), 2);
}

/// Characters by their usual syllable as it is or folded, numerals left out.
fn homophones(heard: fn(char) -> Option<String>) -> BTreeMap<String, Vec<char>> {
    let mut out: BTreeMap<String, Vec<char>> = BTreeMap::new();
    for c in ('一'..='龥').filter(|&c| !is_numeral(c)) {
        if let Some(sound) = heard(c) {
            out.entry(sound).or_default().push(c);
        }
    }
    out
}

fn syllable(c: char) -> Option<String> {
    reading(c).map(str::to_owned)
}

#[test]
fn homophones_of_a_recogniser_never_open_a_wrong_page() {
    let ears: [fn(char) -> Option<String>; 2] = [syllable, folded_reading];
    let classes = ears.map(homophones);
    let mut seed = 20_260_318u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let (mut right, mut all, mut missed) = (0, 0, Vec::new());
    let mut wrong_pages = Vec::new();
    // What is looked for, or noted, is whatever was heard.
    let goes =
        |meant: &str| !meant.starts_with("find") && !meant.starts_with("note 记明：被") && meant != "-";
    for (meant, ways) in SAID.iter().filter(|(meant, _)| goes(meant)) {
        for way in ways.split_whitespace() {
            for round in 0..4 {
                let (ear, sounds) = (ears[round / 2], &classes[round / 2]);
                let heard: String = way
                    .chars()
                    .map(|c| {
                        let swap = !is_numeral(c) && random(10) < 3;
                        let same = ear(c).and_then(|s| sounds.get(&s)).filter(|_| swap);
                        same.map_or(c, |same| same[random(same.len())])
                    })
                    .collect();
                let outcome = said(&heard);
                all += 1;
                if outcome == *meant {
                    right += 1;
                    continue;
                }
                let words = format!("{way} as {heard}: {outcome}, meant {meant}");
                let page = DOCS.iter().any(|d| outcome.starts_with(&format!("{} ", d.0)));
                if page {
                    wrong_pages.push(words.clone());
                }
                missed.push(words);
            }
        }
    }
    println!("{right} of {all} right");
    assert!(wrong_pages.is_empty(), "wrong pages:\n{}", wrong_pages.join("\n"));
    assert!(right * 100 >= all * 98, "{right} of {all}:\n{}", missed.join("\n"));
}

#[test]
fn another_number_is_another_page_or_none() {
    for number in ["一", "二", "四", "五", "十", "三十", "四十", "1", "10"] {
        let outcome = said(&format!("原告证据{number}第二页"));
        assert!(!outcome.starts_with("flow"), "{number}: {outcome}");
        let outcome = said(&format!("请翻到原告证据三第{number}页"));
        assert_eq!(outcome == "flow 2", number == "二", "{number}: {outcome}");
    }
    assert_eq!(said("原告证据三第四页"), "flow 4");
    assert_eq!(said("原告证据三第十页"), "flow 10");
    assert_eq!(said("原告证据三第是页"), "? flow 4, flow 10");
    assert_eq!(said("原告证据三第而页"), "flow 2");
}

/// The statutes of the room: two laws, and an interpretation that is named after a document's kind.
fn with_laws() -> Bearings {
    let law = |id: &str, name: &str, names: &[&str], articles: &[(u32, u32)]| Law {
        id: id.to_owned(),
        name: name.to_owned(),
        version: Day::new(2023, 9, 1).expect("a day"),
        articles: articles.iter().map(|&(article, branch)| ArticleNumber { article, branch }).collect(),
        names: names.iter().map(|&n| n.to_owned()).collect(),
    };
    let laws = vec![
        law("a1", "民法典", &["民法典"], &[(10, 0), (577, 0), (675, 0)]),
        law("b2", "民事诉讼法", &["民事诉讼法", "民诉法"], &[(67, 0), (67, 1)]),
        law("c3", "借款合同法", &["借款合同法"], &[(7, 0)]),
    ];
    Bearings { laws: Arc::new(Laws::new(laws)), ..presenting(Some(Side::Plaintiff)) }
}

#[test]
fn an_article_of_a_law_is_opened_however_it_is_said() {
    let said = |text: &str| short(&understand(text, &catalogue(), &with_laws(), &find));
    for (text, article) in [
        ("民法典第六百七十五条", "民法典 第六百七十五条 2023-09-01"),
        ("民法典六百七十五条", "民法典 第六百七十五条 2023-09-01"),
        ("请打开民法典第675条", "民法典 第六百七十五条 2023-09-01"),
        ("明发点第五百七十七条", "民法典 第五百七十七条 2023-09-01"),
        ("看一下民诉法六十七条第二款", "民事诉讼法 第六十七条 2023-09-01"),
        ("民事诉讼法第六十七条之一", "民事诉讼法 第六十七条之一 2023-09-01"),
        ("民诉法的第六十七条", "民事诉讼法 第六十七条 2023-09-01"),
    ] {
        assert_eq!(said(text), article, "{text}");
    }
}

#[test]
fn no_article_is_opened_that_is_not_there_or_was_not_named() {
    let said = |text: &str| understand(text, &catalogue(), &with_laws(), &find);
    let opens = |text: &str| matches!(said(text), CommandOutcome::Statute { .. });
    for text in
        ["民法典第四条", "刑法第十条", "第六百七十五条", "借款合同第七条", "合同第七条", "第十二页", "民法典"]
    {
        assert!(!opens(text), "{text}: {:?}", said(text));
    }
    let without = |text: &str| understand(text, &catalogue(), &presenting(None), &find);
    // A bare article is one of the document on the screens, with laws as without.
    assert_eq!(said("第七条"), without("第七条"));
}

#[test]
fn hostile_bytes_in_a_spoken_command_open_no_page_that_is_not_there() {
    let said = [
        "请翻到原告证据一第二页",
        "打开借款合同第六条",
        "看一下被告证据二",
        "民法典第五百七十七条",
        "下一页",
        "找违约金",
        "休庭",
        "放大三倍",
        "源告政据三第十三页",
    ];
    let catalogue = catalogue();
    let bearings = Bearings { presenting: Some(Side::Plaintiff), ..Bearings::default() };
    hostile::attack_text("spoken", &said, 200, |text| {
        if let CommandOutcome::Page { page, .. } = understand(text, &catalogue, &bearings, &|_| Vec::new()) {
            let doc = catalogue.docs.iter().find(|d| d.doc == page.doc).expect("a document of the catalogue");
            assert!((1..=doc.pages.len()).contains(&(page.page as usize)), "{text}: {page:?}");
        }
    });
}
