//! The 法庭笔录 as one HTML page without scripts, for the screen and for printing.

use std::fmt::Write as _;

use crate::sheet::{ground_zh, side_zh};
use crate::time::{clock, day, minute, wall};
use crate::{Person, Record, Seal};

/// The whole page. `seal` is printed in the foot.
#[must_use]
pub fn transcript_html(record: &Record, seal: Option<&Seal>) -> String {
    let mut out = String::with_capacity(8192);
    let title = format!("{} 法庭笔录（第{}次）", record.number, record.session);
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n",
        escape(&title)
    );
    let _ = writeln!(
        out,
        "<h1><span>{}</span><span>法庭笔录</span><small>（第{}次）</small></h1>",
        escape(&record.court),
        record.session
    );
    head(&mut out, record);
    out.push_str("<section class=\"lines\">\n");
    for line in &record.lines {
        let corrected = if line.revisions > 0 && line.heard.is_some() { " class=\"corrected\"" } else { "" };
        let _ = writeln!(
            out,
            "<p id=\"line-{}\"{corrected}><time>{}</time><b title=\"{}\">{}：</b><span>{}</span></p>",
            line.line,
            clock(wall(record.origin, line.from)),
            escape(&line.name),
            escape(&line.label),
            escape(&line.text)
        );
    }
    out.push_str("</section>\n<p class=\"end\">以上笔录核对无误。</p>\n");
    signatures(&mut out, record);
    evidence(&mut out, record);
    interruptions(&mut out, record);
    foot(&mut out, record, seal);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn head(out: &mut String, record: &Record) {
    out.push_str("<dl>\n");
    let mut row = |label: &str, value: &str| {
        let _ = writeln!(out, "<dt>{label}</dt><dd>{}</dd>", escape(value));
    };
    for (label, value) in head_rows(record) {
        row(&label, &value);
    }
    out.push_str("</dl>\n");
}

/// Label and value of each row of the head, for HTML and PDF alike.
pub(crate) fn head_rows(record: &Record) -> Vec<(String, String)> {
    let from = record.opened.map_or_else(|| "　".to_owned(), minute);
    let until = match (record.opened, record.closed) {
        (Some(a), Some(b)) if day(a) == day(b) => {
            minute(b).split_once(' ').map_or_else(String::new, |(_, time)| time.to_owned())
        }
        (_, Some(b)) => minute(b),
        _ => "　　时　　分".to_owned(),
    };
    let names = |people: &[Person], with_title: bool| {
        let one = |p: &Person| if with_title { format!("{} {}", p.title, p.name) } else { p.name.clone() };
        people.iter().map(one).collect::<Vec<_>>().join("　")
    };
    let mut rows = vec![
        ("时间".to_owned(), format!("{from} 至 {until}")),
        ("地点".to_owned(), record.room.clone()),
        ("案号".to_owned(), record.number.clone()),
        ("案由".to_owned(), record.cause.clone()),
        ("是否公开".to_owned(), if record.public { "公开开庭审理" } else { "不公开开庭审理" }.to_owned()),
        ("审判人员".to_owned(), names(&record.bench, true)),
        ("书记员".to_owned(), names(&record.clerks, false)),
    ];
    for (i, p) in record.people.iter().enumerate() {
        let label = if i == 0 { "到庭人员" } else { "" };
        let mut value = format!("{}　{}", p.title, p.name);
        if !p.authority.is_empty() {
            value += &format!("，代理权限：{}", p.authority);
        }
        if !p.present {
            value += "（未到庭）";
        }
        rows.push((label.to_owned(), value));
    }
    rows
}

fn signatures(out: &mut String, record: &Record) {
    out.push_str("<section class=\"signatures\">\n");
    for p in record.signers() {
        let _ = writeln!(
            out,
            "<p><b>{}　{}</b><i></i><span>{}</span></p>",
            escape(&p.title),
            escape(&p.name),
            escape(&signature_note(record, p))
        );
    }
    out.push_str("<p><b>审判人员</b><i></i><span>年　　月　　日</span></p>\n");
    out.push_str("<p><b>书记员</b><i></i><span>年　　月　　日</span></p>\n</section>\n");
}

/// What stands beside a signer's line: the confirmation, the refusal, or room for a date.
pub(crate) fn signature_note(record: &Record, person: &Person) -> String {
    let Some(signed) = record.signatures.iter().find(|s| s.seat == person.seat) else {
        return "年　　月　　日".to_owned();
    };
    let when = minute(wall(record.origin, signed.at));
    match &signed.refusal {
        Some(reason) if reason.is_empty() => format!("拒绝签名，{when}"),
        Some(reason) => format!("拒绝签名：{reason}，{when}"),
        None if signed.digest == record.digest => format!("已核对确认，{when}"),
        None => format!("{when} 确认的是更正前的文本，须重新核对"),
    }
}

fn evidence(out: &mut String, record: &Record) {
    if record.evidence.is_empty() {
        return;
    }
    out.push_str(
        "<section><h2>质证表</h2>\n<table>\n<tr><th>证据</th><th>名称</th><th>证明目的</th><th>原件</th><th>质证意见</th></tr>\n",
    );
    for e in &record.evidence {
        let views: Vec<_> = e.opinions.iter().map(opinion_zh).collect();
        let _ = writeln!(
            out,
            "<tr><td>{}证据{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            side_zh(e.side),
            e.number,
            escape(&e.name),
            escape(&e.purpose),
            if e.original_checked { "已核对" } else { "" },
            escape(&views.join("；"))
        );
    }
    out.push_str("</table></section>\n");
}

/// `被告：真实性无异议（…）`, with the session where it was noted in an earlier one.
pub(crate) fn opinion_zh(o: &court::Opinion) -> String {
    let reason = if o.reason.is_empty() { String::new() } else { format!("（{}）", o.reason) };
    let session = o.session.map_or_else(String::new, |n| format!("（第{n}次开庭）"));
    format!("{}：{}{}{reason}{session}", side_zh(o.side), o.aspect.zh(), o.stance.zh())
}

fn interruptions(out: &mut String, record: &Record) {
    if record.interruptions.is_empty() {
        return;
    }
    out.push_str("<section><h2>录音录像中断记录</h2>\n<table>\n<tr><th>起</th><th>止</th><th>原因</th><th>说明</th><th>审核</th></tr>\n");
    for g in &record.interruptions {
        let at = |t| clock(wall(record.origin, t));
        let reviewed = g.reviewed_by.as_ref().and_then(|s| record.person(s)).map_or("", |p| p.name.as_str());
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            at(g.from),
            g.to.map_or_else(String::new, at),
            escape(&ground_zh(&g.ground)),
            escape(g.statement.as_deref().unwrap_or(&g.note)),
            escape(reviewed)
        );
    }
    out.push_str("</table></section>\n");
}

fn foot(out: &mut String, record: &Record, seal: Option<&Seal>) {
    let _ = write!(out, "<footer><p>笔录校验值（SHA-256）：<code>{}</code></p>", record.digest);
    if let Some(seal) = seal {
        let _ = write!(out, "<p>庭审日志根（{} 条）：<code>{}</code></p>", seal.entries, seal.root);
    }
    out.push_str("</footer>\n");
}

pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().map(legible) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The character as it may stand on paper: direction overrides could make a line read as something else than it says.
pub(crate) fn legible(c: char) -> char {
    match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        c => c,
    }
}

const CSS: &str = "
body{margin:0;background:#e9e8e4;color:#111;font:16px/1.9 'Noto Serif CJK SC','Source Han Serif SC',SimSun,serif}
main{box-sizing:border-box;width:210mm;max-width:100%;margin:8mm auto;padding:22mm 24mm;background:#fff;box-shadow:0 1px 6px #0003}
h1{margin:0 0 9mm;text-align:center;font-size:26px;line-height:1.5;letter-spacing:.1em}
h1 span{display:block}h1 small{font-size:17px;font-weight:400;letter-spacing:0}
h2{font-size:18px;margin:8mm 0 2mm}
dl{display:grid;grid-template-columns:5.5em 1fr;margin:0 0 6mm;padding-bottom:4mm;border-bottom:1px solid #111}
dt{font-weight:700}dt::after{content:'：'}dt:empty::after{content:''}dd{margin:0}
.lines p{display:grid;grid-template-columns:4.5em 3.2em 1fr;margin:0;break-inside:avoid}
.lines time{color:#777;font:12px/2.5 ui-monospace,monospace}.lines b{white-space:nowrap}
.lines span{text-align:justify;white-space:pre-wrap}.lines p:target{background:#fff5cc}
.end{margin:8mm 0 5mm;font-weight:700}
.signatures p{display:flex;gap:.8em;margin:3mm 0}.signatures b{font-weight:400}
.signatures i{flex:1;border-bottom:1px solid #111}
table{width:100%;border-collapse:collapse;font-size:14px;line-height:1.6}th,td{border:1px solid #111;padding:3px 6px;text-align:left;vertical-align:top}
footer{margin-top:9mm;padding-top:2mm;border-top:1px solid #999;color:#444;font-size:12px;line-height:1.6}footer p{margin:0;overflow-wrap:anywhere}
code{font-family:ui-monospace,monospace}
@media print{body{background:#fff}main{width:auto;margin:0;padding:0;box-shadow:none}.lines time{visibility:hidden}@page{size:A4;margin:22mm 24mm}}
@media(max-width:700px){main{padding:6mm}.lines p{grid-template-columns:3.2em 1fr}.lines time{display:none}}
";
