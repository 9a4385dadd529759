//! The record as HTML, PDF and WebVTT.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Program, Stdio};

use court::Command;
use model::{Role, Seat};
use papers::{
    Fonts, Kind, Paper, PaperName, Printing, Record, Seal, Templates, annotations, compose, html, pdf, webvtt,
};

use crate::support::{FONT, HOSTILE, Hearing, seat};

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
    let found = annotations(&hearing.record());
    let item = &found["first"]["items"][0];
    assert_eq!(found["total"], 1);
    assert_eq!(item["creator"]["name"], "审判员 周正");
    assert_eq!(item["target"]["source"], "urn:huiting:document:d3#page=2");
    assert_eq!(item["target"]["selector"][0]["value"], "xywh=100,200,300,40");
    assert_eq!(item["target"]["selector"][1]["exact"], "500,000.00");
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
