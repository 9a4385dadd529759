//! Places of the dossier as they are said: pieces of evidence, documents by title, pages of them.

use std::collections::{BTreeMap, BTreeSet};

use model::{DocId, PageRef, Side};
use protocol::wire::{Catalogue, CatalogueDoc, Choice, CommandOutcome};
use text::citation::{NUMBERED, OWNED};
use text::numeral::to_chinese;

use super::hearing::{Tok, at_front, distance, numbers, phrase};
use super::{Bearings, EvidenceGroup};

/// Readings this near to the best are shown beside it.
const AS_GOOD: f32 = 0.25;
const CHOICES_MAX: usize = 6;

/// One way to name a document.
struct Form {
    toks: Vec<Tok>,
    doc: usize,
    /// Added to its cost: a nickname stands behind a name.
    nickname: f32,
}

/// Every way to name the documents of a catalogue.
pub(super) struct Places<'a> {
    docs: &'a [CatalogueDoc],
    bearings: &'a Bearings,
    forms: Vec<Form>,
}

/// A page of a document as said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Number(u32),
    FromEnd(u32),
}

/// A command read as a place, with its cost.
pub(super) struct Reading {
    pub(super) cost: f32,
    pub(super) outcome: CommandOutcome,
}

impl<'a> Places<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, bearings: &'a Bearings) -> Self {
        let docs = catalogue.docs.as_slice();
        let form = |doc| move |(toks, nickname)| Form { toks, doc, nickname };
        let forms = docs.iter().enumerate().flat_map(|(at, doc)| names_of(doc).into_iter().map(form(at)));
        let forms = forms.filter(|f| f.toks.len() >= 2).collect();
        Self { docs, bearings, forms }
    }

    /// The place that the whole of `heard` names, if it names one.
    pub(super) fn read(&self, heard: &[Tok]) -> Option<Reading> {
        let mut best: Option<Reading> = None;
        let mut offer = |reading: Option<Reading>| {
            if let Some(new) = reading
                && best.as_ref().is_none_or(|b| new.cost < b.cost)
            {
                best = Some(new);
            }
        };
        offer(self.settle(heard, 0.0, &[Which::Number(1)]));
        for (head, cost, which) in page_endings(heard) {
            if head == 0 {
                offer(self.on_the_screens(cost, &which));
            } else {
                offer(self.settle(&heard[..head], cost, &which));
            }
        }
        best
    }

    /// Documents that `heard` names, nearest first, as indices with their costs; only those as good as the best.
    pub(super) fn documents(&self, heard: &[Tok]) -> Vec<(usize, f32)> {
        let grouped = self.grouped(heard);
        if !grouped.is_empty() {
            return grouped;
        }
        let mut near: BTreeMap<usize, f32> = BTreeMap::new();
        for form in &self.forms {
            if let Some(cost) = distance(heard, &form.toks) {
                let cost = cost + form.nickname;
                let known = near.entry(form.doc).or_insert(cost);
                *known = known.min(cost);
            }
        }
        let best = near.values().copied().fold(f32::INFINITY, f32::min);
        near.retain(|_, cost| *cost <= best + AS_GOOD);
        // Whoever presents is meant, where the words leave it open.
        let presents = |doc: &usize| Some(self.docs[*doc].side) == self.bearings.presenting;
        if near.keys().any(presents) {
            near.retain(|doc, _| presents(doc));
        }
        let mut near: Vec<_> = near.into_iter().collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1));
        near
    }

    /// Documents that are called so, letter by letter.
    pub(super) fn named(&self, name: &str) -> Vec<DocId> {
        let said = phrase(name);
        let same = |form: &&Form| form.toks.iter().map(|t| t.c).eq(said.iter().map(|t| t.c));
        let best = self.forms.iter().filter(same).map(|f| f.nickname).fold(f32::INFINITY, f32::min);
        let docs = self.forms.iter().filter(same).filter(|f| f.nickname <= best).map(|f| f.doc);
        let docs: BTreeSet<usize> = docs.collect();
        docs.into_iter().map(|at| self.docs[at].doc.clone()).collect()
    }

    pub(super) fn doc(&self, at: usize) -> &CatalogueDoc {
        &self.docs[at]
    }

    /// The document on the screens.
    pub(super) fn shown(&self) -> Option<&CatalogueDoc> {
        let page = self.bearings.page.as_ref()?;
        self.docs.iter().find(|d| d.doc == page.doc)
    }

    /// The document `by` places after the one on the screens.
    pub(super) fn neighbour(&self, by: i32) -> Option<CommandOutcome> {
        let page = self.bearings.page.as_ref()?;
        let at = self.docs.iter().position(|d| d.doc == page.doc)?;
        let doc = self.docs.get(at.checked_add_signed(by as isize)?)?;
        Some(open(doc, 1))
    }

    /// The first document of the group `by` places after the one on the screens.
    pub(super) fn neighbour_group(&self, by: i32) -> Option<CommandOutcome> {
        let page = self.bearings.page.as_ref()?;
        let groups = &self.bearings.groups;
        let at = groups.iter().position(|g| g.docs.contains(&page.doc))?;
        let group = groups.get(at.checked_add_signed(by as isize)?)?;
        let first = group.docs.first()?;
        self.docs.iter().find(|d| d.doc == *first).map(|doc| open(doc, 1))
    }

    /// The one place that the whole of `heard` names.
    pub(super) fn only(&self, heard: &[Tok]) -> Option<Choice> {
        let CommandOutcome::Page { page, .. } = self.read(heard)?.outcome else { return None };
        self.docs.iter().find(|d| d.doc == page.doc).map(|doc| choice(doc, page.page))
    }

    /// Pages of which one is meant.
    pub(super) fn choose(&self, pages: &[PageRef]) -> CommandOutcome {
        let choice =
            |page: &PageRef| self.docs.iter().find(|d| d.doc == page.doc).map(|doc| choice(doc, page.page));
        CommandOutcome::Choose { choices: pages.iter().filter_map(choice).collect() }
    }

    /// 第二组第三份: documents of the groups, nearest first, for [`Places::documents`].
    fn grouped(&self, heard: &[Tok]) -> Vec<(usize, f32)> {
        if self.bearings.groups.is_empty() {
            return Vec::new();
        }
        let (nth, group, piece) = (phrase("第"), phrase("组"), phrase("份"));
        let is = |at: usize, what: &[Tok]| heard.get(at).is_some_and(|t| t.differs(&what[0]) < 0.5);
        let of = PARTIES.iter().find_map(|&(side, name)| {
            let cost = at_front(heard, &phrase(name))?;
            (cost < 0.5).then_some((side, name.chars().count()))
        });
        let begin = of.map_or(0, |(_, len)| len + usize::from(heard.get(len).is_some_and(Tok::possessive)));
        let Some(unit) = (begin + 1..heard.len()).find(|&at| is(at, &group)) else { return Vec::new() };
        if !is(begin, &nth) {
            return Vec::new();
        }
        let [number] = numbers(&heard[begin + 1..unit])[..] else { return Vec::new() };
        let rest = &heard[unit + 1..];
        let within = match rest {
            [] => 1,
            [first, number @ .., last] if first.differs(&nth[0]) < 0.5 && last.differs(&piece[0]) < 0.5 => {
                let [number] = numbers(number)[..] else { return Vec::new() };
                number
            }
            _ => return Vec::new(),
        };
        let ours = |g: &&EvidenceGroup| {
            of.map_or(self.bearings.presenting, |(s, _)| Some(s)).is_none_or(|s| s == g.side)
        };
        let Some(asked) = self.bearings.groups.iter().filter(ours).nth(number.saturating_sub(1) as usize)
        else {
            return Vec::new();
        };
        let doc = asked.docs.get(within.saturating_sub(1) as usize);
        self.docs.iter().position(|d| Some(&d.doc) == doc).map(|at| (at, 0.0)).into_iter().collect()
    }

    fn settle(&self, name: &[Tok], cost: f32, which: &[Which]) -> Option<Reading> {
        let documents = self.documents(name);
        let nearest = documents.first()?.1;
        // Pages a document does not have are pruned last: a name that fits must not give way to one that fits less.
        let mut found: Vec<(usize, u32)> = Vec::new();
        for &(doc, _) in &documents {
            found.extend(which.iter().filter_map(|w| Some((doc, w.page(&self.docs[doc])?))));
        }
        found.sort_unstable();
        let outcome = match found.as_slice() {
            [] => return None,
            [(doc, page)] => open(&self.docs[*doc], *page),
            several => {
                let choice = |&(doc, page): &(usize, u32)| choice(&self.docs[doc], page);
                CommandOutcome::Choose { choices: several.iter().take(CHOICES_MAX).map(choice).collect() }
            }
        };
        Some(Reading { cost: cost + nearest, outcome })
    }

    /// 第十二页, said of the document on the screens.
    fn on_the_screens(&self, cost: f32, which: &[Which]) -> Option<Reading> {
        if which.iter().all(|w| *w == Which::Number(1)) {
            // The first page of whatever the desk has open, which may be another document than the screens show.
            return Some(Reading {
                cost,
                outcome: CommandOutcome::Desk { act: "first".to_owned(), amount: 0 },
            });
        }
        let doc = self.shown()?;
        let pages: Vec<u32> = which.iter().filter_map(|w| w.page(doc)).collect();
        let outcome = match pages.as_slice() {
            [] => return None,
            [page] => open(doc, *page),
            several => {
                CommandOutcome::Choose { choices: several.iter().map(|&page| choice(doc, page)).collect() }
            }
        };
        Some(Reading { cost, outcome })
    }
}

impl Which {
    fn page(self, doc: &CatalogueDoc) -> Option<u32> {
        // A document whose pages are not counted yet has a first page.
        let pages = u32::try_from(doc.pages.len()).unwrap_or(u32::MAX).max(1);
        match self {
            Self::Number(n) => (1..=pages).contains(&n).then_some(n),
            Self::FromEnd(n) => (1..=pages).contains(&n).then(|| pages + 1 - n),
        }
    }
}

fn open(doc: &CatalogueDoc, page: u32) -> CommandOutcome {
    let page = PageRef { doc: doc.doc.clone(), page };
    CommandOutcome::Page { page, title: doc.title.clone(), rects: Vec::new() }
}

fn choice(doc: &CatalogueDoc, page: u32) -> Choice {
    let party = party(doc.side).unwrap_or_default();
    let evidence = doc.evidence_number.map(|n| format!("{party}证据{} ", to_chinese(u64::from(n))));
    let label = format!("{}{} 第{page}页", evidence.unwrap_or_default(), doc.title);
    Choice { label, page: PageRef { doc: doc.doc.clone(), page } }
}

/// Ways in which the end of `heard` says a page: the length of what stands before, the cost, the pages it may be.
fn page_endings(heard: &[Tok]) -> Vec<(usize, f32, Vec<Which>)> {
    let mut out = Vec::new();
    for (words, which) in [
        ("最后一页", Which::FromEnd(1)),
        ("最后那页", Which::FromEnd(1)),
        ("末页", Which::FromEnd(1)),
        ("尾页", Which::FromEnd(1)),
        ("首页", Which::Number(1)),
    ] {
        let words = phrase(words);
        if let Some(cost) = super::hearing::at_end(heard, &words) {
            let head = before_possessive(heard, heard.len() - words.len());
            out.extend((head > 0).then(|| (head, cost, vec![which])));
        }
    }
    let (page, ordinal, from_end) = (phrase("页"), phrase("第"), phrase("倒数"));
    let Some((last, front)) = heard.split_last() else { return out };
    let page_cost = last.differs(&page[0]);
    if page_cost >= 0.5 {
        return out;
    }
    for begin in (front.len().saturating_sub(7)..front.len()).rev() {
        let number = &front[begin..];
        // Part of a longer number says nothing.
        if begin > 0 && front[begin - 1].numeral && number[0].numeral {
            continue;
        }
        let said = numbers(number);
        if said.is_empty() {
            continue;
        }
        let written = number.iter().all(|t| t.numeral);
        let misheard = if written { 0.0 } else { 0.3 };
        let th = begin.checked_sub(1).map(|at| front[at].differs(&ordinal[0])).filter(|&c| c < 0.5);
        let Some(th) = th.or(written.then_some(0.0)) else { continue };
        let has_ordinal = begin > 0 && front[begin - 1].differs(&ordinal[0]) < 0.5;
        let head = if has_ordinal { begin - 1 } else { begin };
        let counted = super::hearing::at_end(&front[..head], &from_end);
        let (head, which): (usize, Vec<Which>) = match counted {
            Some(_) => (head - from_end.len(), said.into_iter().map(Which::FromEnd).collect()),
            None => (head, said.into_iter().map(Which::Number).collect()),
        };
        let cost = page_cost + misheard + th + counted.unwrap_or(0.0);
        out.push((before_possessive(front, head), cost, which));
    }
    out
}

fn before_possessive(heard: &[Tok], head: usize) -> usize {
    if head > 0 && heard[head - 1].possessive() { head - 1 } else { head }
}

const PARTIES: [(Side, &str); 3] =
    [(Side::Plaintiff, "原告"), (Side::Defendant, "被告"), (Side::ThirdParty, "第三人")];

fn party(side: Side) -> Option<&'static str> {
    PARTIES.iter().find(|(s, _)| *s == side).map(|(_, name)| *name)
}

/// What a command calls a piece of evidence by its number besides [`NUMBERED`].
const SHORT: [(&str, &str); 2] = [("第", "份"), ("第", "组证据")];

const NICKNAME: f32 = 0.3;
const PART: f32 = 0.6;

/// Names for one document, each with what it costs to use it.
fn names_of(doc: &CatalogueDoc) -> Vec<(Vec<Tok>, f32)> {
    let mut numbered: Vec<String> = Vec::new();
    if let Some(number) = doc.evidence_number {
        let n = to_chinese(u64::from(number));
        numbered.extend(NUMBERED.iter().chain(&SHORT).map(|(lead, tail)| format!("{lead}{n}{tail}")));
    }
    let mut titled: BTreeMap<String, f32> = BTreeMap::new();
    let headings = heading_names(doc).into_iter().map(|h| (h, NICKNAME));
    for (title, cost) in titles(&doc.title).into_iter().chain(headings) {
        let known = titled.entry(title).or_insert(cost);
        *known = known.min(cost);
    }
    let numbered: Vec<Vec<Tok>> = numbered.iter().map(|n| phrase(n)).collect();
    let titled: Vec<(Vec<Tok>, f32)> = titled.iter().map(|(t, cost)| (phrase(t), *cost)).collect();
    let party = party(doc.side).map(phrase);
    let links: Vec<Vec<Tok>> = OWNED.map(phrase).into();

    let mut names: Vec<(Vec<Tok>, f32)> = Vec::new();
    let plain = numbered.iter().map(|n| (n, 0.0)).chain(titled.iter().map(|(t, cost)| (t, *cost)));
    for (name, cost) in plain {
        if let Some(party) = &party {
            let links = if cost < PART { &links[..] } else { &links[..2] };
            names.extend(links.iter().map(|link| ([&party[..], &link[..], &name[..]].concat(), cost)));
        }
        names.push((name.clone(), cost));
    }
    if let Some(number) = numbered.first() {
        for (title, cost) in titled.iter().filter(|t| t.1 == 0.0) {
            names.push(([&number[..], &title[..]].concat(), *cost));
            names.extend(party.iter().map(|party| ([&party[..], &number[..], &title[..]].concat(), *cost)));
        }
    }
    names
}

/// What a title is called by: itself, without 民事, its parts, with what stands in brackets in front, its last words.
fn titles(title: &str) -> Vec<(String, f32)> {
    let (mut main, mut bracket) = (String::new(), String::new());
    let mut depth = 0;
    for c in title.chars() {
        match c {
            '（' | '(' => depth += 1,
            '）' | ')' => depth -= 1,
            _ if depth > 0 => bracket.push(c),
            _ => main.push(c),
        }
    }
    let mut out = vec![(title.to_owned(), 0.0)];
    for part in main.split(['、', '，', '/', '及', '和']).map(str::trim).filter(|p| !p.is_empty()) {
        let bare = part.strip_prefix("民事").unwrap_or(part);
        for name in [part, bare] {
            out.push((name.to_owned(), 0.0));
            if !bracket.is_empty() && bracket.chars().count() <= 4 {
                out.extend([(format!("{bracket}{name}"), 0.0), (format!("{bracket}的{name}"), 0.0)]);
            }
        }
        out.extend(nicknames(part).map(|n| (n.to_owned(), NICKNAME)));
        let chars: Vec<char> = bare.chars().collect();
        out.extend((1..chars.len().saturating_sub(1)).map(|at| (chars[at..].iter().collect(), PART)));
    }
    out.push((main, 0.0));
    out
}

/// Names of the heading, where a heading names a kind of document and not a party's evidence.
fn heading_names(doc: &CatalogueDoc) -> Vec<String> {
    if doc.evidence_number.is_some() || doc.heading.ends_with("证据") {
        return Vec::new();
    }
    doc.heading.split('/').map(str::to_owned).collect()
}

/// Words of the bench for kinds of papers: a document whose title holds a word of the second list is also called by
/// every word of the first.
const NICKNAMES: &[(&str, &str)] = &[
    ("借条 欠条 借据 借款协议 借款合同 合同", "借条 欠条 借据 借款合同 借款协议"),
    (
        "转账凭证 转账截图 转账记录 转款凭证 汇款凭证 付款凭证 转账单 那张转账截图",
        "转账凭证 转账截图 转账记录 转款凭证 汇款凭证",
    ),
    ("聊天记录 微信记录 微信聊天 微信截图 聊天截图 微信聊天截图", "聊天记录 微信记录"),
    ("收条 收据 现金收据 现金收条", "收条 收据"),
    ("流水 银行流水 账户明细 交易明细 银行明细 对账单 流水账 银行账单", "流水 账户明细 交易明细 对账单"),
    ("催款函 催告函 催收函 律师函", "催款函 催告函 催收函 律师函"),
    ("快递回执 回执 快递单 邮寄回执 邮寄单", "快递回执 邮寄回执"),
    ("还款凭证 还款记录 还款截图 还款单", "还款凭证 还款记录"),
    ("笔录 上次笔录 庭前笔录 庭前会议笔录 上次的笔录 上次开庭笔录 上次开庭的笔录 会议笔录", "笔录"),
    ("起诉状 诉状 起诉书 民事诉状", "起诉状"),
    ("答辩状 答辩书 答辩意见", "答辩状"),
    ("鉴定结论 鉴定意见 鉴定报告 鉴定书 鉴定意见书", "鉴定"),
    ("委托书 授权书 委托手续 授权委托书", "授权委托书"),
    ("律师函 律所函 事务所函 律师事务所函", "律师事务所函"),
    ("代理词 代理意见", "代理词"),
    ("送达回证 回证 送达回执", "送达回证"),
    ("传票 开庭传票", "传票"),
    ("身份证 身份证明 身份信息 身份证复印件", "身份证明"),
    ("证据目录 证据清单 目录", "证据目录"),
    ("流程表 流程信息表", "流程信息表"),
];

fn nicknames(title: &str) -> impl Iterator<Item = &'static str> {
    let kinds = NICKNAMES.iter().filter(move |(_, held)| held.split(' ').any(|word| title.contains(word)));
    kinds.flat_map(|(said, _)| said.split(' '))
}
