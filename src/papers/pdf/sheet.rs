//! Setting the record on A4 pages: first everything is placed, then drawn with the number of pages known.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;

use super::font::{Face, Fonts, PdfError, Ruler};
use super::layout::break_lines;
use crate::html::{head_rows, signature_note};
use crate::{Record, Seal};

// Lengths in points (1/72 inch); A4 is 210 mm × 297 mm.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const LEFT: f32 = 79.0;
const RIGHT: f32 = WIDTH - 68.0;
const TOP: f32 = 82.0;
/// Where the body ends and the foot begins.
const BOTTOM: f32 = HEIGHT - 118.0;
const BODY: f32 = 12.0;
const LEADING: f32 = 22.0;
const LABEL_EM: f32 = 3.6;
const HEAD_LABEL_EM: f32 = 5.2;

/// A piece of text at its place on a page.
struct Run {
    x: f32,
    y: f32,
    size: f32,
    bold: bool,
    text: String,
    /// Extra space after every character, in ems.
    stretch: f32,
}

/// What stands on one page above its foot.
#[derive(Default)]
struct Sheet {
    runs: Vec<Run>,
    /// Horizontal lines: from, to, height.
    rules: Vec<(f32, f32, f32)>,
}

struct Setter<'f> {
    sheets: Vec<Sheet>,
    /// Baseline of the next line.
    y: f32,
    plain: Ruler<'f>,
    bold: Ruler<'f>,
}

/// The record as PDF. `seal` is printed in the foot of every page.
pub fn transcript_pdf(record: &Record, seal: Option<&Seal>, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let (plain, bold) = (fonts.plain.ruler()?, fonts.bold.ruler()?);
    let mut setter = Setter { sheets: vec![Sheet::default()], y: TOP, plain, bold };
    setter.title(record);
    setter.head(record);
    for line in &record.lines {
        setter.labelled(&format!("{}：", line.label), &line.text, LABEL_EM);
    }
    setter.end(record);
    let pages = setter.sheets.len();
    for number in 0..pages {
        setter.foot(record, seal, number, pages);
    }
    draw(&setter, record, fonts)
}

impl Setter<'_> {
    fn run(&mut self, x: f32, y: f32, size: f32, bold: bool, text: impl Into<String>, stretch: f32) {
        // There is always a page: one is made at the start and pages are only added.
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.runs.push(Run { x, y, size, bold, text: text.into(), stretch });
        }
    }

    fn centred(&mut self, y: f32, size: f32, bold: bool, text: &str, stretch: f32) {
        let ruler = if bold { &self.bold } else { &self.plain };
        let gaps = text.chars().count().saturating_sub(1) as f32;
        let wide = (ruler.text_width(text) + gaps * stretch) * size;
        self.run((LEFT + RIGHT - wide) / 2.0, y, size, bold, text, stretch);
    }

    /// Moves down; begins a page if `lines` more would not fit.
    fn down(&mut self, by: f32, lines: f32) {
        self.y += by;
        if self.y + (lines - 1.0) * LEADING > BOTTOM {
            self.sheets.push(Sheet::default());
            self.y = TOP;
        }
    }

    fn title(&mut self, record: &Record) {
        self.y = TOP + 14.0;
        self.centred(self.y, 21.0, true, &record.court, 0.06);
        self.y += 38.0;
        self.centred(self.y, 24.0, true, "法庭笔录", 0.35);
        self.y += 26.0;
        self.centred(self.y, 13.0, false, &format!("（第{}次）", record.session), 0.0);
        self.y += 20.0;
    }

    fn head(&mut self, record: &Record) {
        for (label, value) in head_rows(record) {
            let label = if label.is_empty() { label } else { format!("{label}：") };
            self.labelled(&label, &value, HEAD_LABEL_EM);
        }
        self.y += 10.0;
        let y = self.y;
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.rules.push((LEFT, RIGHT, y));
        }
        self.y += 6.0;
    }

    /// A bold label and its text, whose lines begin at `indent` ems.
    fn labelled(&mut self, label: &str, text: &str, indent: f32) {
        let x = LEFT + indent * BODY;
        let room = (RIGHT - x) / BODY;
        let lines = break_lines(text, room, |c| self.plain.width(c));
        for (i, line) in lines.iter().enumerate() {
            // The first line takes a second one with it: no label stands alone at the foot of a page.
            let together = if i == 0 && lines.len() > 1 { 2.0 } else { 1.0 };
            self.down(LEADING, together);
            if i == 0 {
                self.run(LEFT, self.y, BODY, true, label, 0.0);
            }
            let gaps = line.text.chars().count().saturating_sub(1) as f32;
            let slack = room - self.plain.text_width(&line.text);
            // Beyond a quarter em a gap the line would fall apart: a long number was kept whole.
            let stretch = if line.goes_on && gaps > 0.0 { (slack / gaps).clamp(0.0, 0.25) } else { 0.0 };
            self.run(x, self.y, BODY, false, line.text.clone(), stretch);
        }
    }

    fn end(&mut self, record: &Record) {
        self.down(LEADING * 1.6, 2.0);
        self.run(LEFT, self.y, BODY, true, "以上笔录核对无误。", 0.0);
        self.y += 6.0;
        let people: Vec<_> = record
            .signers()
            .map(|p| (format!("{}　{}", p.title, p.name), signature_note(record, p)))
            .chain([("审判人员".to_owned(), DATE.to_owned()), ("书记员".to_owned(), DATE.to_owned())])
            .collect();
        for (who, note) in people {
            self.down(LEADING * 1.5, 1.0);
            let who = format!("{who}（签名捺印）");
            let from = LEFT + self.plain.text_width(&who) * BODY + 8.0;
            let wide = self.plain.text_width(&note) * 10.5;
            // A long note takes a line of its own below.
            let to = if RIGHT - wide - 8.0 - from < 90.0 { RIGHT } else { RIGHT - wide - 8.0 };
            self.run(LEFT, self.y, BODY, false, who, 0.0);
            let y = self.y + 4.0;
            if let Some(sheet) = self.sheets.last_mut() {
                sheet.rules.push((from.min(to - 90.0), to, y));
            }
            if to < RIGHT {
                self.run(to + 8.0, self.y, 10.5, false, note, 0.0);
            } else {
                for line in break_lines(&note, (RIGHT - LEFT) / 10.5, |c| self.plain.width(c)) {
                    self.down(18.0, 1.0);
                    let x = RIGHT - self.plain.text_width(&line.text) * 10.5;
                    self.run(x, self.y, 10.5, false, line.text, 0.0);
                }
            }
        }
    }

    /// Signature line, page number and hashes.
    fn foot(&mut self, record: &Record, seal: Option<&Seal>, number: usize, pages: usize) {
        let y = BOTTOM + 40.0;
        let date = format!("日期：{DATE}");
        let date_x = RIGHT - self.plain.text_width(&date) * 10.5;
        let who_end = LEFT + self.plain.text_width(EACH_PAGE) * 10.5 + 4.0;
        let page = format!("第 {} 页　共 {pages} 页", number + 1);
        let page_x = (LEFT + RIGHT - self.plain.text_width(&page) * 9.0) / 2.0;
        let title = format!("{}　法庭笔录（第{}次）", record.number, record.session);
        let title_x = RIGHT - self.plain.text_width(&title) * 9.0;
        let mut runs = vec![
            small(LEFT, y, 10.5, EACH_PAGE.to_owned()),
            small(date_x, y, 10.5, date),
            small(page_x, HEIGHT - 30.0, 9.0, page),
            small(LEFT, y + 20.0, 7.0, format!("笔录校验值 SHA-256：{}", record.digest)),
        ];
        if number > 0 {
            runs.push(small(title_x, TOP - 30.0, 9.0, title));
        }
        if let Some(seal) = seal {
            let text = format!("庭审日志根（{} 条）：{}", seal.entries, seal.root);
            runs.push(small(LEFT, y + 30.0, 7.0, text));
        }
        let Some(sheet) = self.sheets.get_mut(number) else { return };
        sheet.runs.extend(runs);
        sheet.rules.push((who_end, date_x - 14.0, y + 4.0));
        if number > 0 {
            sheet.rules.push((LEFT, RIGHT, TOP - 24.0));
        }
    }
}

const DATE: &str = "　　　　年　　月　　日";
const EACH_PAGE: &str = "签名（捺印）：";

fn small(x: f32, y: f32, size: f32, text: String) -> Run {
    Run { x, y, size, bold: false, text, stretch: 0.0 }
}

fn draw(setter: &Setter<'_>, record: &Record, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let mut document = krilla::Document::new();
    document.set_metadata(
        Metadata::new()
            .title(format!("{} 法庭笔录（第{}次）", record.number, record.session))
            .authors(vec![record.court.clone()])
            .language("zh-CN".to_owned()),
    );
    let settings = PageSettings::from_wh(WIDTH, HEIGHT)
        .ok_or_else(|| PdfError::Write("A4 is no page size".to_owned()))?;
    for sheet in &setter.sheets {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        for run in &sheet.runs {
            let (face, ruler): (&Face, _) =
                if run.bold { (&fonts.bold, &setter.bold) } else { (&fonts.plain, &setter.plain) };
            surface.set_stroke(None);
            surface.set_fill(Some(Fill { paint: rgb::Color::new(0, 0, 0).into(), ..Fill::default() }));
            let glyphs = ruler.glyphs(&run.text, run.stretch);
            let at = Point::from_xy(run.x, run.y);
            surface.draw_glyphs(at, &glyphs, face.font.clone(), &run.text, run.size, false);
        }
        for rule in &sheet.rules {
            draw_rule(&mut surface, *rule);
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|e| PdfError::Write(format!("{e:?}")))
}

fn draw_rule(surface: &mut Surface<'_>, (from, to, y): (f32, f32, f32)) {
    let mut path = PathBuilder::new();
    path.move_to(from, y);
    path.line_to(to, y);
    let Some(path) = path.finish() else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: rgb::Color::new(0, 0, 0).into(),
        width: 0.6,
        opacity: NormalizedF32::ONE,
        ..Stroke::default()
    }));
    surface.draw_path(&path);
}
