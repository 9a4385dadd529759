//! `search`: a phrase → ranked pages with boxes inside one case; phrases misheard; spoken commands; from put to found.
//!
//! Invented pages of many cases in one real index, asked as the hub asks it. In the same run, query by query: the floor
//! (a scan of the case's pages in memory) and a peer (SQLite FTS5 trigram over the same pages). MILLION=1 adds 10⁶ pages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench ends where something is not as it must be"
)]

mod support;

#[path = "support/commands.rs"]
mod commands;
#[path = "support/court_text.rs"]
mod court_text;
#[path = "support/fts.rs"]
mod fts;
#[path = "support/homophones.rs"]
mod homophones;
#[path = "support/sample.rs"]
mod sample;
#[path = "support/spoken.rs"]
mod spoken;

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use court_text::{InventedCase, Random};
use dossier::PageText;
use dossier::index::{Found, Index};
use fts::{Fts, unbroken};
use homophones::Homophones;
use model::{PageRef, Rect};
use protocol::link::pages::PageChar;
use support::{Figure, median, ms, percentile, quick, rounds, say, skipped, timed};

/// Pages of one answer, as the hub asks.
const LIMIT: usize = 20;
/// Cases that are asked, the largest among them.
const ASKED: usize = 12;
/// The index commits after so many pages while it is filled.
const BATCH: usize = 10_000;

/// All pages in one index, with the texts of the cases that are asked.
struct Library {
    index: Index,
    cases: Vec<InventedCase>,
    asked: BTreeMap<usize, Asked>,
    fts: Fts,
}

/// What is at hand of a case.
struct Asked {
    texts: HashMap<PageRef, Arc<PageText>>,
    /// For the floor: pages without line ends.
    flat: Vec<String>,
}

fn main() {
    let pages = if quick() { 10_000 } else { 100_000 };
    let name = if quick() { "1e4" } else { "1e5" };
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let mut library = Library::new(folder.path(), pages);
    latency(&library, name, 0.5, 3.0);
    initials(&library, name);
    if quick() {
        skipped("search_case_1e5", "QUICK: 10⁴ pages only");
    }
    misheard(&library);
    commands::measure(folder.path());
    visible(&mut library, folder.path());
    drop(library);
    drop(folder);
    if std::env::var_os("MILLION").is_some() {
        let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
        latency(&Library::new(folder.path(), 1_000_000), "1e6", 1.0, 5.0);
    } else {
        let why = "filling 10⁶ pages takes most of an hour: run with MILLION=1";
        skipped("search_case_1e6_p50", why);
        skipped("search_case_1e6_p99", why);
    }
    skipped(
        "search_all_1e6_p99",
        "the index is only ever asked for one case: there is no search over all cases",
    );
}

impl Library {
    fn new(dir: &Path, pages: usize) -> Self {
        let index = Index::open(&dir.join("index")).expect("a new index");
        let sizes = court_text::sizes(pages);
        let (took, cases) = timed(|| fill(&index, &sizes));
        say(&format!(
            "search: {pages} pages of {} cases in the index, {:.0} pages/s",
            sizes.len(),
            rate(pages, took)
        ));
        let mut fts = Fts::new(dir);
        let (took, ()) = timed(|| cases.iter().for_each(|case| fts.put_case(case)));
        say(&format!("search: the same in FTS5, {:.0} pages/s", rate(pages, took)));
        settle(&dir.join("index"));
        let step = (cases.len() / ASKED).max(1);
        let asked = (0..cases.len()).step_by(step).map(|n| (n, Asked::new(&cases[n]))).collect();
        Self { index, cases, asked, fts }
    }

    fn search(&self, case: usize, phrase: &str) -> Vec<Found> {
        let texts = &self.asked[&case].texts;
        let found = self.index.search(&self.cases[case].id, phrase, LIMIT, &|page| texts.get(page).cloned());
        found.expect("the index answers").found
    }

    /// Pages of the case that hold the phrase as it is written.
    fn holding(&self, case: usize, phrase: &str) -> Vec<usize> {
        let flat = self.asked[&case].flat.iter().enumerate();
        flat.filter(|(_, page)| page.contains(phrase)).map(|(n, _)| n).collect()
    }
}

fn rate(pages: usize, took_ms: f64) -> f64 {
    pages as f64 * 1000.0 / took_ms
}

impl Asked {
    fn new(case: &InventedCase) -> Self {
        let texts = case.pages.iter().map(|(page, text)| (page.clone(), Arc::new(typeset(text)))).collect();
        Self { texts, flat: case.pages.iter().map(|(_, text)| unbroken(text)).collect() }
    }
}

/// Twelve-point characters on a page of A4.
fn typeset(text: &str) -> PageText {
    let (mut x, mut y) = (9_000, 7_200);
    let chars = text.chars().map(|c| {
        if c == '\n' {
            (x, y) = (9_000, y + 2_000);
            return PageChar { c, b: Rect::default() };
        }
        x += 1_200;
        PageChar { c, b: Rect { x: x - 1_200, y, w: 1_200, h: 1_200 } }
    });
    PageText { chars: chars.collect(), confidence: 1.0, ocr: false }
}

/// Invents and puts all cases, on two threads.
fn fill(index: &Index, sizes: &[usize]) -> Vec<InventedCase> {
    let mut out = Vec::with_capacity(sizes.len());
    while out.len() < sizes.len() {
        let first = out.len();
        let mut last = first;
        let mut pages = 0;
        while last < sizes.len() && pages < BATCH {
            pages += sizes[last];
            last += 1;
        }
        let put = |numbers: std::ops::Range<usize>| -> Vec<InventedCase> {
            let cases = numbers.map(|n| court_text::case(n, sizes[n]));
            cases
                .inspect(|case| {
                    let put = |(page, text): &(PageRef, String)| index.put(&case.id, page, text);
                    case.pages.iter().for_each(|page| put(page).expect("put"));
                })
                .collect()
        };
        let middle = (first + last).div_ceil(2);
        let halves = std::thread::scope(|scope| {
            let other = scope.spawn(|| put(middle..last));
            (put(first..middle), other.join().expect("no panic"))
        });
        out.extend(halves.0);
        out.extend(halves.1);
        index.commit().expect("committed");
    }
    out
}

/// Waits until the engine no longer merges: until its folder stays the same for two seconds.
fn settle(dir: &Path) {
    let listed = || {
        let entries = std::fs::read_dir(dir).expect("the folder is there").filter_map(Result::ok);
        let mut names: Vec<_> =
            entries.map(|e| (e.file_name(), e.metadata().map_or(0, |m| m.len()))).collect();
        names.sort();
        names
    };
    let (mut before, mut since) = (listed(), Instant::now());
    while since.elapsed() < Duration::from_secs(2) {
        std::thread::park_timeout(Duration::from_millis(100));
        let now = listed();
        if now != before {
            (before, since) = (now, Instant::now());
        }
    }
}

/// Hanzi that stand one after another on a page of the case.
fn drawn(library: &Library, case: usize, random: &mut Random, length: usize) -> String {
    loop {
        let pages = &library.asked[&case].flat;
        let page: Vec<char> = pages[random.below(pages.len())].chars().collect();
        let from = random.below(page.len().saturating_sub(length).max(1));
        let phrase = &page[from..page.len().min(from + length)];
        if phrase.len() == length && phrase.iter().all(|&c| text::is_hanzi(c)) {
            return phrase.iter().collect();
        }
    }
}

const KEYWORDS: &[&str] = &[
    "违约金",
    "合同",
    "送货单",
    "真实性",
    "连带责任",
    "转账支出",
    "诉讼时效",
    "质量异议",
    "签字",
    "手续费",
    "对账单",
    "口头协议",
];

/// What is typed or said: keywords, phrases of a page, misheard ones, sums and dates, what stands nowhere.
fn query(library: &Library, case: usize, random: &mut Random, sounds: &Homophones) -> String {
    match random.below(100) {
        0..30 => KEYWORDS[random.below(KEYWORDS.len())].to_owned(),
        30..70 => {
            let length = 2 + random.below(7);
            drawn(library, case, random, length)
        }
        70..90 => sounds.misheard(&drawn(library, case, random, 6), 30, random),
        90..95 => format!("{}月{}日", 1 + random.below(12), 1 + random.below(28)),
        95..98 => format!("{}万元", text::numeral::to_chinese(1 + random.below(90) as u64)),
        _ => "鲸鱼座流星雨".to_owned(),
    }
}

fn latency(library: &Library, name: &str, goal_p50: f64, goal_p99: f64) {
    let sounds = Homophones::new();
    let count = if quick() { 200 } else { 600 };
    let asked: Vec<usize> = library.asked.keys().copied().collect();
    let mut figures: [Vec<f64>; 6] = Default::default();
    let mut hits = Vec::new();
    for round in 0..rounds() {
        say(&format!("search: {name}, round {}", round + 1));
        let mut random = Random::new(7 + round as u64);
        let (mut own, mut floor, mut peer) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..count {
            let case = asked[n % asked.len()];
            let query = query(library, case, &mut random, &sounds);
            let (took, found) = timed(|| library.search(case, &query));
            own.push(took);
            hits.push(found.len() as f64);
            floor.push(timed(|| black_box(library.holding(case, &query))).0);
            peer.push(timed(|| black_box(library.fts.search(case, &query))).0);
        }
        for (at, times) in [own, floor, peer].iter().enumerate() {
            figures[at * 2].push(percentile(times, 0.5));
            figures[at * 2 + 1].push(percentile(times, 0.99));
        }
    }
    let sizes: Vec<f64> = library.asked.values().map(|a| a.flat.len() as f64).collect();
    let note = format!(
        "{count} queries a round in {} of {} cases ({:.0} pages in the middle, {:.0} in the largest), {:.1} pages found on the \
         average; floor: a scan of the case's pages for the written phrase alone; peer: row ids without boxes, written phrases alone",
        sizes.len(),
        library.cases.len(),
        median(&sizes),
        percentile(&sizes, 1.0),
        hits.iter().sum::<f64>() / hits.len() as f64,
    );
    let [own50, own99, floor50, floor99, peer50, peer99] = figures;
    for (part, own, floor, peer, goal) in
        [("p50", own50, floor50, peer50, goal_p50), ("p99", own99, floor99, peer99, goal_p99)]
    {
        Figure::new(format!("search_case_{name}_{part}"), "ms", own)
            .floor(&floor)
            .peer("sqlite_fts5_trigram", &peer)
            .at_most(goal)
            .note(note.clone())
            .print();
    }
}

/// Phrases of three to five hanzi that stand on three pages of the case at most, typed by the first letters of their pinyin.
fn initials(library: &Library, name: &str) {
    let asked: Vec<usize> = library.asked.keys().copied().collect();
    let count = if quick() { 100 } else { 400 };
    let [mut p50, mut p99, mut right] = [const { Vec::new() }; 3];
    for round in 0..rounds() {
        let mut random = Random::new(2_003 + round as u64);
        let (mut times, mut found) = (Vec::new(), 0.0);
        while times.len() < count {
            let case = asked[times.len() % asked.len()];
            let length = 3 + random.below(3);
            let phrase = drawn(library, case, &mut random, length);
            let holding = library.holding(case, &phrase);
            let letters: Option<String> =
                phrase.chars().map(|c| text::syllable::reading(c)?.chars().next()).collect();
            let Some(letters) = letters.filter(|_| (1..=3).contains(&holding.len())) else { continue };
            let (took, hits) = timed(|| library.search(case, &letters));
            times.push(took);
            let pages = &library.cases[case].pages;
            found += f64::from(u8::from(hits.iter().any(|h| holding.iter().any(|&n| pages[n].0 == h.page))));
        }
        p50.push(percentile(&times, 0.5));
        p99.push(percentile(&times, 0.99));
        right.push(100.0 * found / count as f64);
    }
    let note = format!("{count} phrases of 3 to 5 hanzi a round, by the first letter of each syllable");
    for (part, own) in [("p50", p50), ("p99", p99)] {
        Figure::new(format!("search_initials_{name}_{part}"), "ms", own).note(note.clone()).print();
    }
    let note =
        "the page is among the twenty found; other words with the same letters stand before it".to_owned();
    Figure::new(format!("search_initials_{name}_top20"), "%", right).note(note).print();
}

/// Phrases of four to eight hanzi that stand on three pages of the case at most, as a recogniser would mishear them.
fn misheard(library: &Library) {
    let sounds = Homophones::new();
    let asked: Vec<usize> = library.asked.keys().copied().collect();
    let count = if quick() { 100 } else { 400 };
    let mut figures: [Vec<f64>; 4] = Default::default();
    for round in 0..rounds() {
        let mut random = Random::new(1_009 + round as u64);
        let mut right = [0.0; 4];
        let mut n = 0;
        while n < count {
            let case = asked[n % asked.len()];
            let length = 4 + random.below(5);
            let phrase = drawn(library, case, &mut random, length);
            let meant = library.holding(case, &phrase);
            let heard = sounds.misheard(&phrase, 30, &mut random);
            if meant.len() > 3 || heard == phrase {
                continue;
            }
            n += 1;
            let pages = &library.cases[case].pages;
            let place = |f: Found| pages.iter().position(|(page, _)| *page == f.page);
            let own: Vec<usize> = library.search(case, &heard).into_iter().filter_map(place).collect();
            let peer = library.fts.search_any(case, &heard);
            for (at, found) in [own, peer].iter().enumerate() {
                for (best, add) in [(1, at * 2), (10, at * 2 + 1)] {
                    let among = found.iter().take(best).any(|f| meant.contains(f));
                    right[add] += f64::from(u8::from(among));
                }
            }
        }
        for (figure, right) in figures.iter_mut().zip(right) {
            figure.push(right * 100.0 / count as f64);
        }
    }
    let note = format!(
        "{count} phrases of 4–8 hanzi a round, each on three pages of its case at most; 30 % of the hanzi but numerals replaced \
         by homophones; peer: any trigram, by rank"
    );
    let [own1, own10, peer1, peer10] = figures;
    for (name, own, peer, goal) in
        [("search_homophone_30_top1", own1, peer1, 95.0), ("search_homophone_30_top10", own10, peer10, 98.0)]
    {
        let figure = Figure::new(name, "%", own).peer("sqlite_fts5_trigram", &peer);
        figure.at_least(goal).note(note.clone()).print();
    }
}

/// From the putting of a page to its being found. The dossier itself gathers pages for a quarter of a second first.
fn visible(library: &mut Library, dir: &Path) {
    let number = library.cases.len() - 1;
    let case = library.cases[number].id.clone();
    let (mut own, mut floor, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    let mut file = std::fs::File::create(dir.join("raw")).expect("writable");
    for round in 0..rounds() {
        say(&format!("search: put to found, round {}", round + 1));
        let mut random = Random::new(90 + round as u64);
        let (mut round_own, mut round_floor, mut round_peer) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..20 {
            let new = court_text::case(900_000 + random.below(90_000), 1);
            let mark = format!("柒{}玖{n}号查封笔录", round + 1);
            let text = format!("{mark}\n{}", new.pages[0].1);
            let page = PageRef { doc: new.pages[0].0.doc.clone(), page: (900_000 + round * 100 + n) as u32 };
            let texts = Arc::new(typeset(&text));
            let began = Instant::now();
            library.index.put(&case, &page, &text).expect("put");
            library.index.commit().expect("committed");
            let found =
                library.index.search(&case, &mark, LIMIT, &|_| Some(Arc::clone(&texts))).expect("asked");
            assert!(found.found.iter().any(|f| f.page == page), "{mark} is found");
            round_own.push(ms(began.elapsed()));
            let began = Instant::now();
            file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).expect("written");
            round_floor.push(ms(began.elapsed()));
            let began = Instant::now();
            library.fts.put_page(&text);
            assert_eq!(library.fts.search(number, &mark).len(), 1, "{mark} is found");
            round_peer.push(ms(began.elapsed()));
        }
        own.push(median(&round_own));
        floor.push(median(&round_floor));
        peer.push(median(&round_peer));
    }
    Figure::new("nrt_visible_ms", "ms", own)
        .floor(&floor)
        .peer("sqlite_fts5_trigram", &peer)
        .note("one page put, committed, found; floor: its text written and synced; the dossier gathers pages for up to 250 ms before")
        .print();
}
