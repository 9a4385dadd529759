//! The record as HTML, PDF and WebVTT.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Program, Stdio};

use court::{Command, Mark, Shape, Stance};
use model::{DocId, HearingTime, MarkId, PageRef, Point, Rect, Role, Seat, Side};
use papers::{
    CopiedPage, CopyKind, Fonts, Kind, PageCopy, Paper, PaperName, Printing, Record, Seal, Templates,
    annotations, compose, html, page_copy, pdf, webvtt,
};

use crate::archive::PNG;
use crate::support::{FONT, HOSTILE, Hearing, START, seat};

/// A paper with its seal, by the shipped templates.
fn sealed(kind: Kind, record: &Record) -> Paper {
    let printing = Printing { seal: Some(&seal()), draft: None };
    compose(PaperName::of(kind), record, &Templates::shipped(), printing).unwrap()
}

fn held() -> (tempfile::TempDir, Hearing) {
    let dir = tempfile::tempdir().unwrap();
    let hearing = Hearing::held(dir.path());
    (dir, hearing)
}

fn seal() -> Seal {
    Seal { entries: 40, root: proof::Hash([0xAB; 32]) }
}

/// Reads HTML from stdin; every element that is opened must be closed in order, and nothing may run.
const WELL_FORMED: &str = r#"
import html.parser, sys
class Check(html.parser.HTMLParser):
    open, text, ids = [], [], []
    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "iframe", "object", "link", "img"), tag
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name == "id":
                assert value not in self.ids, value
                self.ids.append(value)
        if tag not in ("meta", "hr", "col"):
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open, self.getpos())
        self.open.pop()
    def handle_data(self, data):
        self.text.append(data)
check = Check()
check.feed(sys.stdin.buffer.read().decode())
check.close()
assert not check.open, check.open
sys.stdout.buffer.write("".join(check.text).encode())
"#;

fn parsed_html(html: &str) -> String {
    let mut child = Program::new("/usr/bin/python3")
        .args(["-I", "-c", WELL_FORMED])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python 3 is there");
    child.stdin.take().unwrap().write_all(html.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "the page is not well formed");
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn the_page_is_well_formed_complete_and_nothing_in_it_runs() {
    let (_dir, hearing) = held();
    let html = html(&sealed(Kind::Record, &hearing.record()));
    assert!(html.starts_with("<!doctype html>\n<html lang=\"zh-CN\">"));
    let text = parsed_html(&html);
    for says in [
        "松江市清源区人民法院",
        "法庭笔录",
        "（第1次）",
        "（2026）清0102民初318号",
        "公开开庭审理",
        "审判员 周正",
        "原告委托诉讼代理人　陈晓明，代理权限：特别授权",
        "审：",
        "现在开庭，请原告陈述诉讼请求。",
        "已归还八万元，其中三万元为现金；违约金过高，请求法庭予以调整。",
        "拒绝签名：对第四行有异议",
        "手写签名，2026年11月23日 09时05分",
        &hearing.state.record_digest(),
        &"ab".repeat(32),
    ] {
        assert!(text.contains(says), "{says} is missing in\n{text}");
    }
    assert!(!text.contains("旁听席"), "the gallery is no part of the record");
    let shown = HOSTILE.replace('\u{202E}', "\u{FFFD}");
    assert!(text.contains(&shown), "what was said is shown as it was said, but turns nothing round");
}

/// Seconds of a WebVTT time stamp, thousandths as an integer.
fn ms(stamp: &str) -> u64 {
    let (clock, thousandths) = stamp.split_once('.').unwrap();
    let parts: Vec<u64> = clock.split(':').map(|p| p.parse().unwrap()).collect();
    assert_eq!((parts.len(), thousandths.len()), (3, 3), "{stamp}");
    ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + thousandths.parse::<u64>().unwrap()
}

#[test]
fn every_line_is_a_cue_with_its_own_times_and_speaker() {
    let (_dir, hearing) = held();
    let record = hearing.record();
    let vtt = webvtt(&record);
    let mut blocks = vtt.split("\n\n");
    assert_eq!(blocks.next(), Some("WEBVTT （2026）清0102民初318号 民间借贷纠纷"));
    assert_eq!(blocks.next(), Some("NOTE\norigin 2026-11-23T09:05:00+08:00 (1795395900000 ms)"));
    let mut last = 0;
    for (line, block) in record.lines.iter().zip(blocks.by_ref()) {
        let rows: Vec<_> = block.trim_end().split('\n').collect();
        let [id, times, text] = rows[..] else { panic!("{block}") };
        assert_eq!(id, line.line.to_string());
        let (from, to) = times.split_once(" --> ").unwrap();
        assert_eq!((ms(from), ms(to)), (line.from.0, line.to.0.max(line.from.0 + 1000)));
        assert!(ms(from) >= last, "cues stand in the order of time");
        last = ms(from);
        assert!(text.starts_with(&format!("<v.{} {} {}>", line.seat, line.label, line.name)), "{text}");
        assert!(text.ends_with("</v>") && text.matches('<').count() == 2, "{text}");
        assert!(!text.contains("-->"), "{text}");
    }
    assert_eq!((last, blocks.next()), (21_000, None), "four lines, four cues");
}

fn poppler(program: &str, arguments: &[&str], pdf: &Path) -> String {
    let out = Program::new(program).args(arguments).arg(pdf).arg("-").output();
    let out = out.unwrap_or_else(|e| panic!("{program} cannot be run ({e}): install poppler-utils"));
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn the_pdf_opens_and_gives_its_text_back_with_hashes_on_every_page() {
    let (dir, mut hearing) = held();
    let file = dir.path().join("record.pdf");
    let mut record = hearing.record();
    // Three pages of it.
    let line = record.lines[1].clone();
    record.lines.extend(std::iter::repeat_n(line, 40));
    let fonts = Fonts::load(Path::new(FONT)).unwrap();
    fs::write(&file, pdf(&sealed(Kind::Record, &record), &fonts).unwrap()).unwrap();
    let out = Program::new("pdfinfo").arg(&file).output().expect("pdfinfo of poppler-utils");
    let info = String::from_utf8(out.stdout).unwrap();
    let pages: usize =
        info.lines().find_map(|l| l.strip_prefix("Pages:")).expect("Pages:").trim().parse().unwrap();
    assert!(pages >= 3, "{info}");
    assert!(info.contains("A4") && info.contains("（2026）清0102民初318号 法庭笔录（第1次）"), "{info}");
    let text = poppler("pdftotext", &["-layout"], &file);
    let sheets: Vec<_> = text.split('\u{C}').filter(|s| !s.trim().is_empty()).collect();
    assert_eq!(sheets.len(), pages);
    for (n, sheet) in sheets.iter().enumerate() {
        for says in [&*record.digest, &*"ab".repeat(32), &*format!("第 {} 页　共 {pages} 页", n + 1)] {
            let squeezed = |t: &str| t.split_whitespace().collect::<String>();
            assert!(
                squeezed(sheet).contains(&squeezed(says)),
                "page {}: {says} is missing in\n{sheet}",
                n + 1
            );
        }
    }
    let whole: String = poppler("pdftotext", &[], &file).split_whitespace().collect();
    for says in [
        "松江市清源区人民法院",
        "法庭笔录",
        "现在开庭，请原告陈述诉讼请求。",
        "其中三万元为现金",
        "拒绝签名：对第四行有异议",
    ] {
        assert!(whole.contains(says), "{says} is missing in\n{whole}");
    }
    assert_eq!(whole.matches("请求判令被告归还借款本金").count(), 41);
    hearing.state.lines.clear();
    let empty = pdf(&sealed(Kind::Record, &hearing.record()), &fonts).unwrap();
    assert!(empty.starts_with(b"%PDF-"), "a hearing without a word has its sheet too");
}

#[test]
fn the_examination_table_says_which_session_a_view_is_from() {
    let (_dir, hearing) = held();
    let mut record = hearing.record();
    let text = parsed_html(&html(&sealed(Kind::Examination, &record)));
    assert!(text.contains("证明目的：另有现金三万元"), "{text}");
    assert!(!text.contains("次开庭）") && !text.contains("次开庭时"), "{text}");
    record.evidence[0].opinions[0].session = Some(1);
    let text = parsed_html(&html(&sealed(Kind::Examination, &record)));
    assert!(text.contains("证明目的：另有现金三万元（第1次开庭）"), "{text}");
    record.evidence[0].opinions[0].reason.clear();
    let text = parsed_html(&html(&sealed(Kind::Examination, &record)));
    assert!(text.contains("证明目的：第1次开庭时的意见"), "{text}");
}

#[test]
fn a_missing_font_is_named_with_the_package_that_has_it() {
    let error = Fonts::load(Path::new("/nowhere/font.ttc")).unwrap_err().to_string();
    assert!(error.contains("/nowhere/font.ttc") && error.contains("fonts-noto-cjk"), "{error}");
}

#[test]
fn marks_are_web_annotations_in_page_units() {
    let (_dir, hearing) = held();
    let found = annotations(&hearing.record(), &[]);
    let item = &found["first"]["items"][0];
    assert_eq!(found["total"], 1);
    assert_eq!(item["creator"]["name"], "审判员 周正");
    assert_eq!(item["target"]["source"], "urn:huiting:document:d3#page=2");
    assert_eq!(item["target"]["selector"][0]["value"], "xywh=100,200,300,40");
    assert_eq!(item["target"]["selector"][1]["exact"], "500,000.00");
}

#[test]
fn what_was_marked_is_an_annotation_of_its_kind_with_who_and_when() {
    let (_dir, hearing) = held();
    let mut record = hearing.record();
    let first = record.marks[0].clone();
    let rect = |y| Rect { x: 100, y, w: 300, h: 40 };
    let lines = Shape::Highlight { rects: vec![rect(200), rect(300)], quote: "两行".to_owned() };
    let at = Point { x: 500, y: 900 };
    let shapes = [
        lines,
        Shape::Note { at, text: "此处有改动".to_owned() },
        Shape::Stance { at, stance: Stance::Disputed },
        Shape::Arrow { from: at, to: Point { x: 2500, y: 400 } },
        Shape::Ink { points: vec![at, Point { x: 600, y: 700 }] },
    ];
    let of = |(id, shape): (u32, &Shape)| Mark {
        id: MarkId(id),
        at: HearingTime(7_000),
        shape: shape.clone(),
        ..first.clone()
    };
    record.marks = (1..).zip(&shapes).map(of).collect();
    record.marks[1].session = Some(1);
    record.marks[4].undone = Some(HearingTime(99_000));
    let own = [Mark { shape: Shape::Box { rect: rect(700) }, ..first.clone() }];
    let found = annotations(&record, &own);
    let [lines, note, stance, arrow, ink, own] = found["first"]["items"].as_array().unwrap().as_slice()
    else {
        panic!("{found}")
    };
    let motivations = [lines, note, stance, arrow].map(|a| a["motivation"].as_str().unwrap());
    assert_eq!(motivations, ["highlighting", "commenting", "assessing", "highlighting"]);
    // Alternatives for the same place: around both lines, both lines, the words.
    assert_eq!(lines["target"]["selector"][0]["value"], "xywh=100,200,300,140");
    assert_eq!(lines["target"]["selector"][1]["value"].as_str().unwrap().matches("<rect").count(), 2);
    assert_eq!(lines["target"]["selector"][2]["exact"], "两行");
    assert_eq!(lines["created"], "2026-11-23T09:05:07+08:00");
    // Of an earlier session neither the person nor the time is known here.
    assert_eq!((&note["session"], &note["created"]), (&1.into(), &serde_json::Value::Null));
    assert_eq!((&note["creator"]["name"], &note["body"][0]["value"]), (&"法院".into(), &"此处有改动".into()));
    assert_eq!(
        (&stance["body"][0]["value"], &stance["body"][0]["stance"]),
        (&"有异议".into(), &"disputed".into())
    );
    assert_eq!(arrow["target"]["selector"][0]["value"], "xywh=500,400,2000,500");
    assert_eq!(arrow["target"]["selector"][1]["type"], "SvgSelector");
    assert_eq!((&own["id"], &own["own"]), (&"urn:huiting:h1:seat:judge:own:1".into(), &true.into()));
    assert_eq!(lines["own"], serde_json::Value::Null);
    assert_eq!((&ink["undoneMs"], &arrow["undoneMs"]), (&99_000.into(), &serde_json::Value::Null));
}

/// [R-MARK-3] [R-MARK-4]
#[test]
fn a_marked_copy_has_the_words_of_the_page_and_who_marked_what_below_it() {
    let (dir, hearing) = held();
    let mut record = hearing.record();
    let first = record.marks[0].clone();
    let at = Point { x: 20_000, y: 30_000 };
    let stamp = Mark {
        id: MarkId(2),
        shape: Shape::Stance { at, stance: Stance::Disputed },
        side: Side::Defendant,
        by: seat("defendant"),
        ..first.clone()
    };
    let note = Shape::Note { at, text: "收款人不符".to_owned() };
    let taken_back = Mark { id: MarkId(3), shape: note, undone: Some(first.at), ..first.clone() };
    let own = Shape::Note { at, text: "庭后再核".to_owned() };
    let own = Mark { id: MarkId(1), shape: own, ..stamp.clone() };
    record.marks.extend([stamp, taken_back]);
    let boxes: Vec<_> = (0..4).map(|n| Rect { x: 10_000 + n * 1200, y: 12_000, w: 1200, h: 1200 }).collect();
    let page = |number| CopiedPage {
        at: PageRef { doc: DocId::new("d3").unwrap(), page: number },
        side: Side::Plaintiff,
        label: "原告证据三".to_owned(),
        title: "银行流水".to_owned(),
        of: 2,
        size: (59_500, 84_200),
        image: PNG.to_vec(),
        media_type: "image/png".to_owned(),
        lines: if number == 2 { vec![("转账凭证".to_owned(), boxes.clone())] } else { Vec::new() },
    };
    let kind = CopyKind::Marked { own: vec![own] };
    let copy = PageCopy { title: "银行流水".to_owned(), made: START, kind, first: 1 };
    let fonts = Fonts::load(Path::new(FONT)).unwrap();
    let pdf = page_copy(&record, &copy, (1..=2).map(|n| Ok(page(n))), &fonts).unwrap();
    let file = dir.path().join("copy.pdf");
    fs::write(&file, pdf).unwrap();
    let text: String = poppler("pdftotext", &[], &file).split_whitespace().collect();
    for words in [
        "转账凭证",
        "带标注的副本，不是原件",
        "第2页",
        "500,000.00",
        "有异议",
        "被告委托诉讼代理人",
        "批注：庭后再核仅本席",
        "原告证据三2/2",
    ] {
        assert!(text.contains(words), "{words} is missing in\n{text}");
    }
    assert!(!text.contains("收款人不符"), "what was taken back is burnt in");

    // The same pages in a piece of a book that goes on: counted through, and no marks.
    let book =
        PageCopy { title: "原告证据册".to_owned(), made: START, kind: CopyKind::Exhibits, first: 17 };
    let pdf = page_copy(&record, &book, (1..=2).map(|n| Ok(page(n))), &fonts).unwrap();
    fs::write(&file, pdf).unwrap();
    let text: String = poppler("pdftotext", &[], &file).split_whitespace().collect();
    for words in ["原告证据三1/2册17", "原告证据三2/2册18", "证据副本，不是原件", "原告证据册第18页"]
    {
        assert!(text.contains(words), "{words} is missing in\n{text}");
    }
    assert!(!text.contains("有异议") && text.contains("转账凭证"), "{text}");
    let broken = std::iter::once(Err("the image is gone".to_owned()));
    let refused = page_copy(&record, &copy, broken, &fonts).unwrap_err().to_string();
    assert!(refused.contains("the image is gone"), "{refused}");
}

#[test]
fn the_examination_table_opens_in_a_spreadsheet() {
    let (_dir, hearing) = held();
    let record = Record::of(&hearing.state).unwrap();
    let csv = papers::examination_csv(&record);
    assert!(csv.starts_with("\u{feff}\"提交方\""), "{csv}");
    assert_eq!(csv.matches("\r\n").count(), 1 + record.evidence.len());
    let item = record.evidence.first().unwrap();
    assert!(csv.contains(&format!("\"{}\"", item.name.replace('"', "\"\""))), "{csv}");
}

#[test]
fn an_agent_stands_behind_whom_they_act_for_on_the_record() {
    let mut hearing = Hearing::open();
    let person = |id: &str, role, name: &str, acts_for: &[&str]| Seat {
        id: seat(id),
        role,
        name: name.to_owned(),
        authority: String::new(),
        microphone: false,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: acts_for.iter().map(|s| seat(s)).collect(),
    };
    for added in [
        person("p1", Role::Plaintiff, "张三", &[]),
        person("p2", Role::Plaintiff, "李四", &[]),
        person("a1", Role::PlaintiffAgent, "王五", &["p1"]),
        person("a2", Role::PlaintiffAgent, "钱六", &["p1", "p2"]),
    ] {
        hearing.must("clerk", Command::SetSeat { seat: added });
    }
    let text = parsed_html(&html(&sealed(Kind::Record, &hearing.record())));
    let place = |says: &str| text.find(says).unwrap_or_else(|| panic!("{says} is missing in\n{text}"));
    let order =
        ["原告　张三", "王五，代理：张三", "钱六，代理：张三、李四", "原告　李四", "陈晓明，代理权限"];
    assert!(order.is_sorted_by_key(|says| place(says)), "{text}");
}
