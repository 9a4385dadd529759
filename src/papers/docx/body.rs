//! The blocks of a paper as WordprocessingML.

use std::fmt::Write as _;

use court::Stroke;

use super::{PageSize, ems, twips};
use crate::legible::escape;
use crate::paper::{Block, Paper, Table};

const LABEL_EM: f32 = 3.6;
const ITEM_EM: f32 = 5.2;

/// `word/document.xml`.
pub(super) fn document(paper: &Paper, page: &PageSize) -> String {
    let mut out = String::with_capacity(16 << 10);
    out.push_str(DOCUMENT_HEAD);
    let mut writer = Writer { out: &mut out, size: paper.size_pt, room: page.room(), break_before: false };
    for block in &paper.blocks {
        writer.block(block);
    }
    // A body does not end with a table.
    if matches!(paper.blocks.last(), None | Some(Block::Table(_))) {
        writer.paragraph("Flush", "", "");
    }
    let lying = if paper.landscape { " w:orient=\"landscape\"" } else { "" };
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        out,
        "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId4\"/><w:headerReference w:type=\"first\" r:id=\"rId5\"/>\
         <w:footerReference w:type=\"default\" r:id=\"rId6\"/><w:footerReference w:type=\"first\" r:id=\"rId6\"/>\
         <w:pgSz w:w=\"{}\" w:h=\"{}\"{lying}/>\
         <w:pgMar w:top=\"{}\" w:right=\"{}\" w:bottom=\"{}\" w:left=\"{}\" w:header=\"900\" w:footer=\"560\" w:gutter=\"0\"/>\
         <w:titlePg/></w:sectPr></w:body></w:document>",
        page.width, page.height, page.top, page.right, page.bottom, page.left
    );
    out
}

const DOCUMENT_HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:v=\"urn:schemas-microsoft-com:vml\"><w:body>";

struct Writer<'o> {
    out: &'o mut String,
    /// Size of the body's letters in points.
    size: f32,
    /// Width of the body in twips.
    room: u32,
    /// The next paragraph begins a page.
    break_before: bool,
}

impl Writer<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Court(text) => self.paragraph("Court", "", &run(text, false)),
            Block::Title(text) => self.paragraph("Title", "", &run(text, false)),
            Block::Subtitle(text) | Block::Centred(text) => self.paragraph("Centred", "", &run(text, false)),
            Block::Heading(text) => self.paragraph("Heading", "", &run(text, false)),
            Block::Item { label, value } => {
                let label = if label.is_empty() { String::new() } else { format!("{label}：") };
                self.labelled(&label, value, ITEM_EM);
            }
            Block::Paragraph(text) => {
                for paragraph in text.split('\n') {
                    self.paragraph("Paragraph", "", &run(paragraph, false));
                }
            }
            Block::Flush(text) => self.paragraph("Flush", "", &run(text, false)),
            Block::Right(text) => self.paragraph("Right", "", &run(text, false)),
            Block::Note(text) => self.paragraph("Note", "", &run(text, false)),
            Block::Speech { label, text, .. } => self.labelled(&format!("{label}："), text, LABEL_EM),
            Block::Sign { who, note, ink } => self.sign(who, note, ink),
            Block::Blank(lines) => {
                let tab = tab("left", "underscore", self.room);
                (0..*lines).for_each(|_| self.paragraph("Sign", &tab, TAB));
            }
            Block::Rule => self.paragraph("Rule", "", ""),
            Block::NewPage => self.break_before = true,
            Block::Table(table) => self.table(table),
        }
    }

    fn paragraph(&mut self, style: &str, properties: &str, runs: &str) {
        let turn = if std::mem::take(&mut self.break_before) { "<w:pageBreakBefore/>" } else { "" };
        let _ = write!(
            self.out,
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{turn}{properties}</w:pPr>{runs}</w:p>"
        );
    }

    /// A bold label, and its text with a hanging indent.
    fn labelled(&mut self, label: &str, text: &str, indent_em: f32) {
        let indent = twips(indent_em.max(ems(label) + 0.2).min(16.0) * self.size);
        let properties = format!("<w:ind w:left=\"{indent}\" w:hanging=\"{indent}\"/>");
        let runs = format!("{}{TAB}{}", run(label, true), run(text, false));
        self.paragraph("Labelled", &properties, &runs);
    }

    /// Who signs, a line to sign on, and what stands beside it or, if it is long, below.
    fn sign(&mut self, who: &str, note: &str, ink: &[Stroke]) {
        let size = self.size.min(14.0);
        let wide = |text: &str| twips(ems(text) * size);
        let beside = wide(who) + wide(note) + 2000 <= self.room;
        let to = if beside && !note.is_empty() { self.room - wide(note) - 160 } else { self.room };
        let note_run =
            if beside && !note.is_empty() { run(&format!(" {note}"), false) } else { String::new() };
        let tab = tab("left", "underscore", to);
        let hand = drawn(ink, twips(ems(who) * size));
        self.paragraph("Sign", &tab, &format!("{}{hand}{TAB}{note_run}", run(who, false)));
        if !beside {
            self.paragraph("Right", "", &run(note, false));
        }
    }

    fn table(&mut self, table: &Table) {
        let sum = table.widths.iter().sum::<u32>().max(1);
        let widths: Vec<u32> = table.widths.iter().map(|w| self.room * w / sum).collect();
        self.out.push_str(
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"Grid\"/><w:tblW w:w=\"5000\" w:type=\"pct\"/>\
             <w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>",
        );
        for width in &widths {
            let _ = write!(self.out, "<w:gridCol w:w=\"{width}\"/>");
        }
        self.out.push_str("</w:tblGrid>");
        if !table.head.is_empty() {
            self.row(&table.head, &widths, true, 1);
        }
        for row in &table.rows {
            self.row(row, &widths, false, table.row_lines);
        }
        self.out.push_str("</w:tbl>");
    }

    fn row(&mut self, cells: &[String], widths: &[u32], head: bool, lines: u32) {
        let height = twips((self.size - 1.5).max(9.0) * 1.5) * lines + 100;
        // A row that could fill a page may be torn.
        let long = cells.iter().zip(widths).any(|(text, w)| ems(text) * self.size * 20.0 / *w as f32 > 12.0);
        let _ = write!(
            self.out,
            "<w:tr><w:trPr>{}<w:trHeight w:val=\"{height}\" w:hRule=\"atLeast\"/>{}</w:trPr>",
            if long { "" } else { "<w:cantSplit/>" },
            if head { "<w:tblHeader/>" } else { "" }
        );
        for (text, width) in cells.iter().zip(widths) {
            let style = if head { "CellHead" } else { "Cell" };
            let _ = write!(
                self.out,
                "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>\
                 <w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{}</w:p></w:tc>",
                run(text, false)
            );
        }
        self.out.push_str("</w:tr>");
    }
}

/// A signature as a vector drawing that floats over the line, `left` twips from the edge of the text.
fn drawn(ink: &[Stroke], left: u32) -> String {
    if ink.is_empty() {
        return String::new();
    }
    let (wide, high) = court::PAD;
    let mut path = String::new();
    for stroke in ink {
        for (n, (x, y)) in stroke.iter().enumerate() {
            let _ = write!(path, "{}{x},{y} ", if n == 0 { "m" } else { "l" });
        }
    }
    let left = left / 20 + 6;
    format!(
        "<w:r><w:pict><v:shape style=\"position:absolute;margin-left:{left}pt;margin-top:-16pt;width:100pt;height:40pt;z-index:1;\
         mso-position-horizontal-relative:text;mso-position-vertical-relative:text\" coordsize=\"{wide},{high}\" \
         path=\"{path}e\" filled=\"f\" stroked=\"t\" strokecolor=\"black\" strokeweight=\"1.1pt\"/></w:pict></w:r>"
    )
}

pub(super) const TAB: &str = "<w:r><w:tab/></w:r>";

pub(super) fn tab(align: &str, leader: &str, at: u32) -> String {
    format!("<w:tabs><w:tab w:val=\"{align}\" w:leader=\"{leader}\" w:pos=\"{at}\"/></w:tabs>")
}

/// A run of text; line breaks stay.
pub(super) fn run(text: &str, bold: bool) -> String {
    if text.is_empty() {
        return String::new();
    }
    // Quotation marks and dashes are set with the Chinese font.
    let properties =
        format!("<w:rPr><w:rFonts w:hint=\"eastAsia\"/>{}</w:rPr>", if bold { "<w:b/>" } else { "" });
    let lines: Vec<_> =
        text.split('\n').map(|l| format!("<w:t xml:space=\"preserve\">{}</w:t>", escape(l))).collect();
    format!("<w:r>{properties}{}</w:r>", lines.join("<w:br/>"))
}
