//! Places the blocks of a paper on pages.

use super::font::Ruler;
use super::layout::{Line, break_lines};
use court::Stroke;

use crate::paper::{Block, Paper};

// Lengths in points (1/72 inch); A4 is 210 mm × 297 mm.
const SHORT: f32 = 595.28;
const LONG: f32 = 841.89;
/// Baseline over the size of letters.
const LEADING: f32 = 1.8;
const LABEL_EM: f32 = 3.6;
const ITEM_EM: f32 = 5.2;
/// 二号 and 小二, of titles.
const TITLE: f32 = 22.0;
const COURT: f32 = 20.0;

/// A piece of text at its place on a page.
pub(super) struct Run {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) text: String,
    /// Extra space after every character, in ems.
    pub(super) stretch: f32,
}

/// What stands on one page.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) runs: Vec<Run>,
    /// Straight lines: from, to.
    pub(super) rules: Vec<((f32, f32), (f32, f32))>,
    /// Strokes of pens.
    pub(super) ink: Vec<Vec<(f32, f32)>>,
}

/// The page and where its body stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) left: f32,
    pub(super) right: f32,
    /// Baseline of the first line.
    pub(super) top: f32,
    /// Baseline of the last line.
    pub(super) bottom: f32,
}

pub(super) struct Setter<'f> {
    pub(super) sheets: Vec<Sheet>,
    pub(super) page: Page,
    /// Size of the body's letters.
    pub(super) size: f32,
    pub(super) leading: f32,
    /// Baseline of the line set last; the page's top less a line if there is none.
    pub(super) y: f32,
    pub(super) plain: Ruler<'f>,
    pub(super) bold: Ruler<'f>,
}

impl<'f> Setter<'f> {
    pub(super) fn new(paper: &Paper, plain: Ruler<'f>, bold: Ruler<'f>) -> Self {
        let (width, height) = if paper.landscape { (LONG, SHORT) } else { (SHORT, LONG) };
        let foot = 62.0
            + 10.0 * paper.margins.foot.len() as f32
            + if paper.margins.sign_each_page { 34.0 } else { 0.0 };
        let page = Page { width, height, left: 79.0, right: width - 68.0, top: 88.0, bottom: height - foot };
        let leading = (paper.size_pt * LEADING).round();
        let sheets = vec![Sheet::default()];
        Self { sheets, page, size: paper.size_pt, leading, y: page.top - leading, plain, bold }
    }

    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        for (i, block) in blocks.iter().enumerate() {
            // What signs stays together with what it signs.
            let lead_in =
                matches!(blocks.get(i + 1), Some(Block::Sign { .. } | Block::Blank(_) | Block::Table(_)));
            self.block(block, lead_in);
        }
    }

    fn block(&mut self, block: &Block, lead_in: bool) {
        match block {
            Block::Court(text) => self.heading(text, COURT, 0.06, 30.0, 3.0),
            Block::Title(text) => self.heading(text, TITLE, 0.3, 36.0, 9.0),
            Block::Subtitle(text) => self.centred(text, self.size),
            Block::Centred(text) => self.centred(text, self.size),
            Block::Heading(text) => {
                self.gap(self.leading * 0.3);
                self.flush(text, true, if lead_in { 3.0 } else { 2.0 });
            }
            Block::Item { label, value } => {
                let label = if label.is_empty() { String::new() } else { format!("{label}：") };
                self.labelled(&label, value, ITEM_EM);
            }
            Block::Paragraph(text) => {
                for paragraph in text.split('\n') {
                    self.flush(&format!("　　{paragraph}"), false, 1.0);
                }
            }
            Block::Flush(text) => self.flush(text, false, if lead_in { 2.0 } else { 1.0 }),
            Block::Right(text) => self.right(text),
            Block::Note(text) => self.note(text),
            Block::Speech { label, text, .. } => self.labelled(&format!("{label}："), text, LABEL_EM),
            Block::Sign { who, note, ink } => self.sign(who, note, ink),
            Block::Blank(lines) => (0..*lines).for_each(|_| {
                self.down(self.leading * 1.15, 1.0);
                self.rule((self.page.left, self.y + 4.0), (self.page.right, self.y + 4.0));
            }),
            Block::Rule => {
                self.gap(self.size * 0.8);
                self.rule((self.page.left, self.y), (self.page.right, self.y));
                self.gap(2.0);
            }
            Block::NewPage => self.turn(),
            Block::Table(table) => self.table(table),
        }
    }

    /// The sheet that is being filled: one is made at the start, and sheets are only added.
    fn sheet(&mut self) -> Option<&mut Sheet> {
        self.sheets.last_mut()
    }

    pub(super) fn run(&mut self, x: f32, y: f32, size: f32, bold: bool, text: impl Into<String>) {
        self.stretched(x, y, size, bold, text, 0.0);
    }

    fn stretched(&mut self, x: f32, y: f32, size: f32, bold: bool, text: impl Into<String>, stretch: f32) {
        if let Some(sheet) = self.sheet() {
            sheet.runs.push(Run { x, y, size, bold, text: text.into(), stretch });
        }
    }

    pub(super) fn rule(&mut self, from: (f32, f32), to: (f32, f32)) {
        if let Some(sheet) = self.sheet() {
            sheet.rules.push((from, to));
        }
    }

    /// Begins a page.
    pub(super) fn turn(&mut self) {
        self.sheets.push(Sheet::default());
        self.y = self.page.top - self.leading;
    }

    /// White space; none at the top of a page.
    fn gap(&mut self, by: f32) {
        if self.y >= self.page.top {
            self.y += by;
        }
    }

    /// Moves to the next baseline; begins a page if `lines` lines from there would not fit.
    pub(super) fn down(&mut self, by: f32, lines: f32) {
        if self.y + by + (lines - 1.0) * self.leading > self.page.bottom {
            self.turn();
            self.y = self.page.top;
        } else {
            self.y += by;
        }
    }

    fn heading(&mut self, text: &str, size: f32, stretch: f32, leading: f32, after: f32) {
        let room = (self.page.right - self.page.left) / size;
        for line in break_lines(text, room, |c| self.bold.width(c) + stretch) {
            self.down(leading.max(self.leading), 3.0);
            let gaps = line.text.chars().count().saturating_sub(1) as f32;
            let wide = (self.bold.text_width(&line.text) + gaps * stretch) * size;
            let x = (self.page.left + self.page.right - wide) / 2.0;
            self.stretched(x, self.y, size, true, line.text, stretch);
        }
        self.gap(after);
    }

    fn centred(&mut self, text: &str, size: f32) {
        for line in self.lines(text, size, self.page.right - self.page.left) {
            self.down(self.leading, 1.0);
            let x = (self.page.left + self.page.right - self.plain.text_width(&line.text) * size) / 2.0;
            self.run(x, self.y, size, false, line.text);
        }
        self.gap(self.size * 0.4);
    }

    pub(super) fn lines(&self, text: &str, size: f32, room: f32) -> Vec<Line> {
        break_lines(text, room / size, |c| self.plain.width(c))
    }

    /// Text from edge to edge. The first line takes `together - 1` more with it.
    fn flush(&mut self, text: &str, bold: bool, together: f32) {
        let room = self.page.right - self.page.left;
        for (i, line) in self.lines(text, self.size, room).into_iter().enumerate() {
            self.down(self.leading, if i == 0 { together } else { 1.0 });
            self.justified(self.page.left, room, bold, line);
        }
    }

    /// A line stretched to the full width if its paragraph goes on.
    fn justified(&mut self, x: f32, room: f32, bold: bool, line: Line) {
        let gaps = line.text.chars().count().saturating_sub(1) as f32;
        let slack = room / self.size - self.plain.text_width(&line.text);
        // Beyond a quarter em a gap the line would fall apart: a long number was kept whole.
        let stretch = if line.goes_on && gaps > 0.0 { (slack / gaps).clamp(0.0, 0.25) } else { 0.0 };
        self.stretched(x, self.y, self.size, bold, line.text, stretch);
    }

    fn right(&mut self, text: &str) {
        for line in self.lines(text, self.size, self.page.right - self.page.left) {
            self.down(self.leading * 1.2, 1.0);
            let x = self.page.right - self.plain.text_width(&line.text) * self.size;
            self.run(x, self.y, self.size, false, line.text);
        }
    }

    fn note(&mut self, text: &str) {
        self.gap(6.0);
        for line in self.lines(text, SMALL, self.page.right - self.page.left) {
            self.down(SMALL * 1.6, 1.0);
            self.run(self.page.left, self.y, SMALL, false, line.text);
        }
    }

    /// A bold label and its text, whose lines begin at `indent` ems or behind a longer label.
    fn labelled(&mut self, label: &str, text: &str, indent: f32) {
        let indent = indent.max(self.bold.text_width(label) + 0.2).min(16.0);
        let x = self.page.left + indent * self.size;
        let room = self.page.right - x;
        let lines = self.lines(text, self.size, room);
        let more = lines.len() > 1;
        for (i, line) in lines.into_iter().enumerate() {
            // The first line takes a second one with it: no label stands alone at the foot of a page.
            self.down(self.leading, if i == 0 && more { 2.0 } else { 1.0 });
            if i == 0 {
                self.run(self.page.left, self.y, self.size, true, label);
            }
            self.justified(x, room, false, line);
        }
    }

    /// A signature on the line that begins at `from` and is `room` long.
    fn ink(&mut self, from: f32, room: f32, ink: &[Stroke]) {
        let (wide, high) = (f32::from(court::PAD.0), f32::from(court::PAD.1));
        let scale = (INK_HEIGHT / high).min(room / wide);
        let bottom = self.y + 6.0;
        let place =
            |(x, y): &(u16, u16)| (from + f32::from(*x) * scale, bottom - (high - f32::from(*y)) * scale);
        let strokes: Vec<Vec<_>> = ink.iter().map(|s| s.iter().map(place).collect()).collect();
        if let Some(sheet) = self.sheet() {
            sheet.ink.extend(strokes);
        }
    }

    /// Who signs, a line to sign on, the signature if there is one, and what stands beside it.
    fn sign(&mut self, who: &str, note: &str, ink: &[Stroke]) {
        let size = self.size.min(14.0);
        let note_size = size - 1.5;
        let (left, right) = (self.page.left, self.page.right);
        let higher = if ink.is_empty() { 0.0 } else { INK_HEIGHT };
        self.down((self.leading * 1.45).max(higher), 1.0);
        let mut lines = self.lines(who, size, right - left - 110.0).into_iter();
        if let Some(first) = lines.next() {
            self.run(left, self.y, size, false, first.text.clone());
            let mut last = first;
            for line in lines {
                self.down(self.leading, 1.0);
                self.run(left, self.y, size, false, line.text.clone());
                last = line;
            }
            let from = left + self.plain.text_width(&last.text) * size + 8.0;
            let wide = self.plain.text_width(note) * note_size;
            // A long note takes lines of its own below.
            let beside = right - wide - 8.0 - from >= 90.0;
            let to = if beside && !note.is_empty() { right - wide - 8.0 } else { right };
            self.rule((from, self.y + 4.0), (to, self.y + 4.0));
            self.ink(from, to - from, ink);
            if beside {
                self.run(to + 8.0, self.y, note_size, false, note);
            } else {
                for line in self.lines(note, note_size, right - left) {
                    self.down(note_size * 1.7, 1.0);
                    let x = right - self.plain.text_width(&line.text) * note_size;
                    self.run(x, self.y, note_size, false, line.text);
                }
            }
        }
    }

    /// Says which characters the font has no picture of: an empty box must not pass for a word.
    pub(super) fn missing_letters(&mut self) {
        let mut missing: Vec<char> = self
            .sheets
            .iter()
            .flat_map(|s| &s.runs)
            .flat_map(|r| r.text.chars())
            .filter(|c| !self.plain.has(*c))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return;
        }
        let codes: Vec<_> = missing.iter().take(40).map(|c| format!("U+{:04X}", *c as u32)).collect();
        self.note(&format!("注：打印字体中没有下列字的字形，正文中以空框代替：{}", codes.join("、")));
    }
}

/// Of a signature on the pad.
const INK_HEIGHT: f32 = 40.0;
/// Of remarks.
const SMALL: f32 = 10.5;
