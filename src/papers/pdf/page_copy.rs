//! Copies of pages to keep, as pictures with their words beneath and a stamp that says which page of what they are:
//!
//! - 带标注的副本: a document with what was marked on it, each mark with its number; below every page who marked what, and when
//! - 证据册: the evidence of a side, one item after the other, its pages counted through
//!
//! The documents themselves are not touched.

use court::{Mark, Shape, Stance};
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Size};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::text::KrillaGlyph;
use model::{PageRef, Rect, Side, UtcMs};

use super::font::{Face, Fonts, PdfError, Ruler};
use super::layout::break_lines;
use crate::Record;
use crate::marks::{arrow_head, place};
use crate::sheet::side_zh;
use crate::time::{clock, day, minute, wall};

/// A copy of pages.
#[derive(Debug, Clone)]
pub struct PageCopy {
    /// What it is called.
    pub title: String,
    /// When it is made.
    pub made: UtcMs,
    /// Of what sort.
    pub kind: CopyKind,
    /// The number of its first page, which is not 1 where it is made in pieces.
    pub first: u32,
}

/// What a copy is for.
#[derive(Debug, Clone)]
pub enum CopyKind {
    /// 带标注的副本.
    Marked {
        /// Marks of the desk alone that the copy is made for; no other desk knows them.
        own: Vec<Mark>,
    },
    /// 证据册.
    Exhibits,
}

/// A page of it.
#[derive(Debug, Clone)]
pub struct CopiedPage {
    /// Which.
    pub at: PageRef,
    /// Whose document it is of.
    pub side: Side,
    /// What that is called on the stamp: 原告证据三, or the document's title.
    pub label: String,
    /// The title of the document.
    pub title: String,
    /// How many pages the document has.
    pub of: u32,
    /// In page units.
    pub size: (i32, i32),
    /// Its image.
    pub image: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub media_type: String,
    /// Its words: the text of a line, and a box a character.
    pub lines: Vec<(String, Vec<Rect>)>,
}

/// White space of what stands below a page.
const EDGE: f32 = 18.0;
const SMALL: f32 = 8.5;
const LEADING: f32 = 12.5;
/// Letters of a stamp; screens have the same.
const STAMP: f32 = 22.0;
/// Letters of a note, and the widest it gets, in ems.
const NOTE: f32 = 10.0;
const NOTE_EMS: f32 = 18.0;
const NUMBER_RADIUS: f32 = 6.5;
const QUOTE_CHARS_MAX: usize = 80;
/// Letters of the stamp of a page, and how far it stands from the corner.
const PAGE_STAMP: f32 = 9.0;
const CORNER: f32 = 14.0;

/// The copy. Pages are asked for one after the other.
pub fn page_copy(
    record: &Record,
    copy: &PageCopy,
    pages: impl Iterator<Item = Result<CopiedPage, String>>,
    fonts: &Fonts,
) -> Result<Vec<u8>, PdfError> {
    let mut document = krilla::Document::new();
    let about = Metadata::new().title(heading(copy)).authors(vec![record.court.clone()]);
    document.set_metadata(about.language("zh-CN".to_owned()));
    let (plain, bold) = (fonts.plain.ruler()?, fonts.bold.ruler()?);
    let mut outline = Outline::new();
    for (n, page) in pages.enumerate() {
        let page = page.map_err(PdfError::Write)?;
        let here = |m: &&Mark| m.page == page.at && m.undone.is_none();
        let mut marks = Vec::new();
        if let CopyKind::Marked { .. } = copy.kind {
            marks.extend(record.marks.iter().filter(here));
        }
        marks.sort_by_key(|m| (m.session.is_none(), m.at, m.id));
        let shared = marks.len();
        if let CopyKind::Marked { own } = &copy.kind {
            marks.extend(own.iter().filter(here));
        }
        let number = copy.first + n as u32;
        if n == 0 || page.at.page == 1 {
            let top = XyzDestination::new(n, Point::from_xy(0.0, 0.0));
            let named = if page.label == page.title {
                page.label.clone()
            } else {
                format!("{} {}", page.label, page.title)
            };
            outline.push_child(OutlineNode::new(named, top));
        }
        let below = below(record, copy, (&page, number), (&marks, shared), &plain);
        let (width, height) = (page.size.0 as f32 / 100.0, page.size.1 as f32 / 100.0);
        let foot = 2.0 * EDGE + LEADING * below.len() as f32;
        let settings = PageSettings::from_wh(width, height + foot).ok_or_else(|| no_size(&page))?;
        let mut sheet = document.start_page_with(settings);
        draw(
            Pen {
                surface: sheet.surface(),
                plain: (&fonts.plain, &plain),
                bold: (&fonts.bold, &bold),
                width,
                height,
            },
            (&page, &stamp(copy, &page, number)),
            &marks,
            &below,
        )?;
        sheet.finish();
    }
    document.set_outline(outline);
    document.finish().map_err(|e| PdfError::Write(format!("{e:?}")))
}

fn draw(
    mut pen: Pen<'_, '_>,
    (page, stamp): (&CopiedPage, &str),
    marks: &[&Mark],
    below: &[Below],
) -> Result<(), PdfError> {
    pen.page(page)?;
    pen.page_stamp(stamp, colour(page.side));
    for (n, mark) in marks.iter().enumerate() {
        pen.mark(mark);
        pen.number(n + 1, mark);
    }
    pen.below(below);
    pen.surface.finish();
    Ok(())
}

fn no_size(page: &CopiedPage) -> PdfError {
    PdfError::Write(format!("page {} of {} has no size", page.at.page, page.at.doc))
}

/// Which page of what it is: 原告证据三 2/5, and in a book its place there.
fn stamp(copy: &PageCopy, page: &CopiedPage, number: u32) -> String {
    let place = format!("{}　{}/{}", page.label, page.at.page, page.of);
    match copy.kind {
        CopyKind::Marked { .. } => place,
        CopyKind::Exhibits => format!("{place}　册{number}"),
    }
}

fn heading(copy: &PageCopy) -> String {
    match copy.kind {
        CopyKind::Marked { .. } => format!("{}（带标注的副本）", copy.title),
        CopyKind::Exhibits => copy.title.clone(),
    }
}

/// A line below the page, in a colour.
struct Below {
    text: String,
    colour: Option<rgb::Color>,
}

fn below(
    record: &Record,
    copy: &PageCopy,
    (page, number): (&CopiedPage, u32),
    (marks, shared): (&[&Mark], usize),
    plain: &Ruler<'_>,
) -> Vec<Below> {
    let room = (page.size.0 as f32 / 100.0 - 2.0 * EDGE).max(SMALL) / SMALL;
    let (sort, place) = match copy.kind {
        CopyKind::Marked { .. } => ("带标注的副本", format!("{}　第{}页", copy.title, page.at.page)),
        CopyKind::Exhibits => (
            "证据副本",
            format!("{}第{number}页　{}　{}第{}页", copy.title, page.label, page.title, page.at.page),
        ),
    };
    let head = format!("{sort}，不是原件　{place}　{}　制作于{}", record.number, minute(copy.made));
    let told = marks.iter().enumerate().map(|(n, m)| {
        let own = if n < shared { "" } else { "　仅本席" };
        (format!("{}　{}{own}", n + 1, says(record, m)), Some(colour(m.side)))
    });
    std::iter::once((head, None))
        .chain(told)
        .flat_map(|(text, colour)| {
            let lines = break_lines(&text, room, |c| plain.width(c));
            lines.into_iter().map(move |l| Below { text: l.text, colour })
        })
        .collect()
}

/// Who marked what, and when.
fn says(record: &Record, mark: &Mark) -> String {
    let when = match mark.session {
        Some(session) => format!("第{session}次开庭"),
        None => {
            let at = wall(record.origin, mark.at);
            format!("{} {}", day(at), clock(at))
        }
    };
    let what = match &mark.shape {
        Shape::Highlight { quote, .. } if quote.is_empty() => "划线高亮".to_owned(),
        Shape::Highlight { quote, .. } => format!("划线高亮“{}”", shortened(quote)),
        Shape::Ink { .. } => "手写".to_owned(),
        Shape::Box { .. } => "方框".to_owned(),
        Shape::Arrow { .. } => "箭头".to_owned(),
        Shape::Stance { stance, .. } => stance.zh().to_owned(),
        Shape::Note { text, .. } => format!("批注：{}", text.replace('\n', " ")),
    };
    format!("{}　{}　{}　{what}", side_zh(mark.side), record.maker(mark), when)
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTE_CHARS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.replace('\n', " ")
}

/// As the screens have them on paper (`--side-on-paper`).
fn colour(side: Side) -> rgb::Color {
    match side {
        Side::Bench => rgb::Color::new(0x3a, 0x44, 0xad),
        Side::Clerk | Side::Public => rgb::Color::new(0x45, 0x4c, 0x5a),
        Side::Plaintiff => rgb::Color::new(0x0b, 0x5c, 0xad),
        Side::Defendant => rgb::Color::new(0xa8, 0x64, 0x00),
        Side::ThirdParty => rgb::Color::new(0x1c, 0x70, 0x40),
        Side::Witness => rgb::Color::new(0x6f, 0x33, 0xa0),
    }
}

fn white() -> rgb::Color {
    rgb::Color::new(255, 255, 255)
}

fn black() -> rgb::Color {
    rgb::Color::new(0, 0, 0)
}

fn pt(p: model::Point) -> (f32, f32) {
    (p.x as f32 / 100.0, p.y as f32 / 100.0)
}

struct Pen<'s, 'f> {
    surface: Surface<'s>,
    plain: (&'f Face, &'f Ruler<'f>),
    bold: (&'f Face, &'f Ruler<'f>),
    width: f32,
    height: f32,
}

impl Pen<'_, '_> {
    /// The words first, the picture over them: what is searched for lies where it is seen.
    fn page(&mut self, page: &CopiedPage) -> Result<(), PdfError> {
        self.fill(black(), 1.0);
        for (text, boxes) in &page.lines {
            self.words(text, boxes);
        }
        let bytes = page.image.clone();
        let image = match page.media_type.as_str() {
            "image/png" => Image::from_png(bytes.into(), false),
            _ => Image::from_jpeg(bytes.into(), false),
        };
        let size = Size::from_wh(self.width, self.height).ok_or_else(|| no_size(page))?;
        self.surface.draw_image(image.map_err(PdfError::Write)?, size);
        Ok(())
    }

    /// At the upper right corner, on white.
    fn page_stamp(&mut self, text: &str, ink: rgb::Color) {
        let wide = self.bold.1.text_width(text) * PAGE_STAMP + PAGE_STAMP;
        let high = PAGE_STAMP * 1.8;
        let (x, y) = ((self.width - wide - CORNER).max(0.0), CORNER);
        self.fill(white(), 0.92);
        self.rect((x, y, wide, high));
        let corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y), (x + wide, y)];
        self.line(&corners, ink, 0.8);
        self.text((x + PAGE_STAMP * 0.5, y + high / 2.0 + PAGE_STAMP * 0.36), PAGE_STAMP, true, text, ink);
    }

    fn words(&mut self, text: &str, boxes: &[Rect]) {
        let Some(first) = boxes.first().filter(|r| r.h > 0) else { return };
        let (face, ruler) = self.plain;
        let size = first.h as f32 / 100.0;
        let ends = boxes.iter().skip(1).map(|r| r.x).chain(boxes.last().map(|r| r.x + r.w));
        let glyphs: Vec<_> = text
            .char_indices()
            .zip(boxes.iter().zip(ends))
            .map(|((at, c), (place, end))| KrillaGlyph {
                glyph_id: ruler.glyph(c),
                text_range: at..at + c.len_utf8(),
                x_advance: (end - place.x) as f32 / 100.0 / size,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            })
            .collect();
        let at = Point::from_xy(first.x as f32 / 100.0, (first.y + first.h) as f32 / 100.0 - size * 0.12);
        self.surface.draw_glyphs(at, &glyphs, face.font.clone(), text, size, false);
    }

    fn mark(&mut self, mark: &Mark) {
        let colour = colour(mark.side);
        match &mark.shape {
            Shape::Highlight { rects, .. } => {
                for r in rects {
                    self.fill(colour, 0.2);
                    self.rect(units(*r, 0.3, 0.4));
                    let (x, y) = pt(model::Point { x: r.x, y: r.y });
                    let under = y + r.h as f32 / 100.0 + 0.6;
                    self.line(&[(x, under), (x + r.w as f32 / 100.0, under)], colour, 1.6);
                }
            }
            Shape::Ink { points } => {
                let points: Vec<_> = points.iter().copied().map(pt).collect();
                self.line(&points, colour, 1.6);
            }
            Shape::Box { rect } => {
                let (x, y, w, h) = units(*rect, 0.0, 0.0);
                let corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y), (x + w, y)];
                self.line(&corners, colour, 1.6);
            }
            Shape::Arrow { from, to } => {
                let [one, other] = arrow_head(*from, *to);
                self.line(&[pt(*from), pt(*to)], colour, 2.4);
                self.line(&[pt(one), pt(*to), pt(other)], colour, 2.4);
            }
            Shape::Note { at, text } => self.note(pt(*at), text, colour),
            Shape::Stance { at, stance } => self.stamp(pt(*at), *stance, mark.side),
        }
    }

    /// 有异议 is filled, the others are outlined: they differ without colour too.
    fn stamp(&mut self, at: (f32, f32), stance: Stance, side: Side) {
        let colour = colour(side);
        // As the screens abbreviate them.
        let letter = match side {
            Side::ThirdParty => "三".to_owned(),
            _ => side_zh(side).chars().take(1).collect(),
        };
        let (letter_wide, high) = (STAMP * 1.5, STAMP * 1.6);
        let wide = letter_wide + STAMP * (stance.zh().chars().count() as f32 + 0.6);
        let x = (at.0 - wide / 2.0).clamp(0.0, (self.width - wide).max(0.0));
        let y = (at.1 - high / 2.0).clamp(0.0, (self.height - high).max(0.0));
        let full = stance == Stance::Disputed;
        self.fill(if full { colour } else { white() }, 0.94);
        self.rect((x, y, wide, high));
        self.fill(colour, 1.0);
        self.rect((x, y, letter_wide, high));
        let corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y), (x + wide, y)];
        self.line(&corners, colour, 1.6);
        let base = y + high / 2.0 + STAMP * 0.36;
        self.text((x + STAMP * 0.25, base), STAMP, true, &letter, white());
        if full {
            self.line(&[(x + letter_wide, y + 2.0), (x + letter_wide, y + high - 2.0)], white(), 1.0);
        }
        let ink = if full { white() } else { colour };
        self.text((x + letter_wide + STAMP * 0.3, base), STAMP, true, stance.zh(), ink);
    }

    fn note(&mut self, at: (f32, f32), text: &str, colour: rgb::Color) {
        let ruler = self.plain.1;
        let lines = break_lines(text, NOTE_EMS, |c| ruler.width(c));
        let widest = lines.iter().map(|l| ruler.text_width(&l.text)).fold(1.0, f32::max);
        let (wide, high) = (NOTE * (widest + 1.0), NOTE * (1.4 * lines.len() as f32 + 0.4));
        let x = at.0.min(self.width - wide).max(0.0);
        let y = at.1.min(self.height - high).max(0.0);
        self.fill(white(), 0.95);
        self.rect((x, y, wide, high));
        let corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y), (x + wide, y)];
        self.line(&corners, colour, 0.8);
        for (n, line) in lines.iter().enumerate() {
            let base = y + NOTE * (1.3 + 1.4 * n as f32);
            self.text((x + NOTE * 0.5, base), NOTE, false, &line.text, colour);
        }
    }

    /// A disc with the number of the mark, at its corner.
    fn number(&mut self, n: usize, mark: &Mark) {
        let (x, y, ..) = units(place(&mark.shape), 0.0, 0.0);
        // A stamp's place is its middle.
        let raised = if matches!(mark.shape, Shape::Stance { .. }) { STAMP * 0.8 + 4.0 } else { 5.0 };
        let r = NUMBER_RADIUS;
        let (x, y) = ((x - 5.0).clamp(r, self.width - r), (y - raised).clamp(r, self.height - r));
        let mut path = PathBuilder::new();
        // Four arcs as cubic curves: this far their handles reach.
        let k = r * 0.5523;
        path.move_to(x + r, y);
        path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
        path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
        path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
        path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
        path.close();
        self.fill(colour(mark.side), 1.0);
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
        let text = n.to_string();
        let size = if n < 100 { 8.0 } else { 6.0 };
        let wide = self.bold.1.text_width(&text) * size;
        self.text((x - wide / 2.0, y + size * 0.36), size, true, &text, white());
    }

    fn below(&mut self, lines: &[Below]) {
        self.line(&[(0.0, self.height), (self.width, self.height)], rgb::Color::new(0x80, 0x80, 0x80), 0.6);
        for (n, line) in lines.iter().enumerate() {
            let y = self.height + EDGE + LEADING * (n as f32 + 0.5);
            let ink = line.colour.unwrap_or_else(black);
            self.text((EDGE, y), SMALL, false, &line.text, ink);
        }
    }

    fn text(&mut self, (x, y): (f32, f32), size: f32, bold: bool, text: &str, ink: rgb::Color) {
        let (face, ruler) = if bold { self.bold } else { self.plain };
        self.fill(ink, 1.0);
        let glyphs = ruler.glyphs(text, 0.0);
        self.surface.draw_glyphs(Point::from_xy(x, y), &glyphs, face.font.clone(), text, size, false);
    }

    fn fill(&mut self, ink: rgb::Color, opacity: f32) {
        let opacity = NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE);
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint: ink.into(), opacity, ..Fill::default() }));
    }

    fn rect(&mut self, (x, y, w, h): (f32, f32, f32, f32)) {
        let mut path = PathBuilder::new();
        path.move_to(x, y);
        path.line_to(x + w, y);
        path.line_to(x + w, y + h);
        path.line_to(x, y + h);
        path.close();
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    fn line(&mut self, points: &[(f32, f32)], ink: rgb::Color, width: f32) {
        let mut path = PathBuilder::new();
        for (n, (x, y)) in points.iter().enumerate() {
            if n == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        let Some(path) = path.finish() else { return };
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: ink.into(),
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        }));
        self.surface.draw_path(&path);
    }
}

/// A rectangle of the page in points, wider by `x` and higher by `y` on either side.
fn units(r: Rect, x: f32, y: f32) -> (f32, f32, f32, f32) {
    let of = |v: i32| v as f32 / 100.0;
    (of(r.x) - x, of(r.y) - y, of(r.w) + 2.0 * x, of(r.h) + 2.0 * y)
}
