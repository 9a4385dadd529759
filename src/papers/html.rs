//! A paper as one HTML page without scripts, for the screen.

use std::fmt::Write as _;

use court::Stroke;

use crate::legible::escape;
use crate::paper::{Anchor, Block, Paper, Table};

/// The whole page.
#[must_use]
pub fn html(paper: &Paper) -> String {
    let mut out = String::with_capacity(8192);
    let wide = if paper.landscape { " class=\"wide\"" } else { "" };
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main{wide}>\n",
        escape(&paper.title)
    );
    if !paper.margins.marking.is_empty() {
        let _ = writeln!(out, "<p class=\"marking\">{}</p>", escape(&paper.margins.marking));
    }
    for block in &paper.blocks {
        set(&mut out, block);
    }
    if !paper.margins.foot.is_empty() {
        out.push_str("<footer>\n");
        for line in &paper.margins.foot {
            let _ = writeln!(out, "<p>{}</p>", escape(line));
        }
        out.push_str("</footer>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn set(out: &mut String, block: &Block) {
    let _ = match block {
        Block::Court(text) => writeln!(out, "<p class=\"court\">{}</p>", escape(text)),
        Block::Title(text) => writeln!(out, "<h1>{}</h1>", escape(text)),
        Block::Subtitle(text) => writeln!(out, "<p class=\"subtitle\">{}</p>", escape(text)),
        Block::Centred(text) => writeln!(out, "<p class=\"centred\">{}</p>", escape(text)),
        Block::Heading(text) => writeln!(out, "<h2>{}</h2>", escape(text)),
        Block::Item { label, value } => {
            let colon = if label.is_empty() { "" } else { "：" };
            writeln!(
                out,
                "<p class=\"item\"><b>{}{colon}</b><span>{}</span></p>",
                escape(label),
                escape(value)
            )
        }
        Block::Paragraph(text) => writeln!(out, "<p class=\"paragraph\">{}</p>", escape(text)),
        Block::Flush(text) => writeln!(out, "<p>{}</p>", escape(text)),
        Block::Right(text) => writeln!(out, "<p class=\"right\">{}</p>", escape(text)),
        Block::Note(text) => writeln!(out, "<p class=\"note\">{}</p>", escape(text)),
        Block::Speech { label, text, anchor } => speech(out, label, text, anchor.as_ref()),
        Block::Sign { who, note, ink } => writeln!(
            out,
            "<p class=\"sign\"><b>{}</b><i>{}</i><span>{}</span></p>",
            escape(who),
            drawn(ink),
            escape(note)
        ),
        Block::Blank(lines) => {
            (0..*lines).for_each(|_| out.push_str("<p class=\"blank\"></p>\n"));
            Ok(())
        }
        Block::Rule => writeln!(out, "<hr>"),
        Block::NewPage => writeln!(out, "<p class=\"break\"></p>"),
        Block::Table(found) => table(out, found),
    };
}

/// A signature as a drawing; nothing if there is none.
fn drawn(ink: &[Stroke]) -> String {
    if ink.is_empty() {
        return String::new();
    }
    let (wide, high) = court::PAD;
    let mut path = String::new();
    for stroke in ink {
        for (n, (x, y)) in stroke.iter().enumerate() {
            let _ = write!(path, "{}{x} {y}", if n == 0 { 'M' } else { 'L' });
        }
    }
    format!(
        "<svg viewBox=\"0 0 {wide} {high}\" role=\"img\" aria-label=\"手写签名\"><path d=\"{path}\"></path></svg>"
    )
}

fn speech(out: &mut String, label: &str, text: &str, anchor: Option<&Anchor>) -> std::fmt::Result {
    let (label, text) = (escape(label), escape(text));
    let Some(at) = anchor else {
        return writeln!(out, "<p class=\"speech\"><time></time><b>{label}：</b><span>{text}</span></p>");
    };
    let corrected = if at.corrected { " corrected" } else { "" };
    writeln!(
        out,
        "<p id=\"line-{}\" class=\"speech{corrected}\"><time>{}</time><b title=\"{}\">{label}：</b><span>{text}</span></p>",
        at.line,
        escape(&at.time),
        escape(&at.name)
    )
}

fn table(out: &mut String, table: &Table) -> std::fmt::Result {
    let sum = table.widths.iter().sum::<u32>().max(1);
    out.push_str("<table>\n<colgroup>");
    for width in &table.widths {
        write!(out, "<col style=\"width:{}%\">", width * 100 / sum)?;
    }
    out.push_str("</colgroup>\n");
    if !table.head.is_empty() {
        cells(out, "th", &table.head, 1)?;
    }
    for row in &table.rows {
        cells(out, "td", row, table.row_lines)?;
    }
    out.push_str("</table>\n");
    Ok(())
}

fn cells(out: &mut String, tag: &str, cells: &[String], lines: u32) -> std::fmt::Result {
    if lines > 1 {
        write!(out, "<tr style=\"height:{}em\">", f64::from(lines) * 1.6)?;
    } else {
        out.push_str("<tr>");
    }
    for cell in cells {
        write!(out, "<{tag}>{}</{tag}>", escape(cell))?;
    }
    out.push_str("</tr>\n");
    Ok(())
}

const CSS: &str = "
body{margin:0;background:#e9e8e4;color:#111;font:16px/1.9 'Noto Serif CJK SC','Source Han Serif SC',SimSun,serif}
main{box-sizing:border-box;width:210mm;max-width:100%;margin:8mm auto;padding:22mm 24mm;background:#fff;box-shadow:0 1px 6px #0003}
main.wide{width:297mm}
p{margin:0;text-align:justify;white-space:pre-wrap;overflow-wrap:anywhere}
.marking{margin-bottom:4mm;text-align:right;font-size:14px}
.court{text-align:center;font-size:26px;font-weight:700;letter-spacing:.06em}
h1{margin:0 0 4mm;text-align:center;font-size:29px;line-height:1.5;letter-spacing:.35em;text-indent:.35em}
.subtitle,.centred{margin-bottom:5mm;text-align:center;font-size:17px}
h2{font-size:16px;margin:5mm 0 2mm}
.item{display:grid;grid-template-columns:6em 1fr}
.item b,.speech b{white-space:nowrap}
.paragraph{text-indent:2em}.right{text-align:right}.note{margin-top:4mm;font-size:13px}
hr{margin:4mm 0;border:0;border-top:1px solid #111}
.speech{display:grid;grid-template-columns:4.5em minmax(3.2em,auto) 1fr;break-inside:avoid}
.speech time{color:#777;font:12px/2.5 ui-monospace,monospace}.speech:target{background:#fff5cc}
.sign{display:flex;align-items:flex-end;gap:.8em;margin:3mm 0}.sign b{font-weight:400}.sign i{flex:1;min-width:6em;border-bottom:1px solid #111}
.sign svg{display:block;height:13mm}.sign path{fill:none;stroke:#111;stroke-width:45;stroke-linecap:round;stroke-linejoin:round}
.blank{height:1.9em;border-bottom:1px solid #111}.break{break-before:page}
table{width:100%;margin:3mm 0;table-layout:fixed;border-collapse:collapse;font-size:14px;line-height:1.6}
th,td{border:1px solid #111;padding:3px 6px;text-align:left;vertical-align:middle;white-space:pre-wrap;overflow-wrap:anywhere}th{text-align:center}
footer{margin-top:9mm;padding-top:2mm;border-top:1px solid #999;color:#444;font-size:12px;line-height:1.6}
@media print{body{background:#fff}main,main.wide{width:auto;margin:0;padding:0;box-shadow:none}.speech time{visibility:hidden}@page{size:A4;margin:22mm 24mm}}
@media(max-width:700px){main{padding:6mm}.speech{grid-template-columns:3.2em 1fr}.speech time{display:none}}
";
