//! Recognition of a page's picture by a Tesseract child process.
//!
//! The height of the characters decides how many are read rightly, so the sheet is scaled until they are about thirty
//! pixels high; and a sheet is turned until it reads well.

use std::borrow::Cow;
use std::io::Write;
use std::process::{Command, Stdio};

use image::imageops;
use image::{DynamicImage, GrayImage};
use model::Rect;
use protocol::link::pages::{Looks, PageChar};

use super::hocr::{self, Seen};
use super::{Unreadable, fit, glyphs, looks, scale, sheet};

/// Height of characters that is read best, in pixels.
const GLYPH_PX: f64 = 30.0;
/// How far a sheet is scaled at most, up or down.
const SCALE: std::ops::RangeInclusive<f64> = 0.3..=2.5;
/// Density of the picture that is looked at first.
const SOURCE_DPI: u32 = 300;
/// Longer sides of the source are bounded, in pixels.
const SOURCE_WIDTH_PX_MAX: u32 = 3600;
/// Mean confidence from which a reading is taken without asking how the sheet lies, 0–100: a page upside down is read with 85 to 93,
/// one that lies right with 97 and more.
const SURE: f32 = 95.0;
/// Confidence above which a character counts when turns are compared.
const COUNTS: f32 = 85.0;
/// The recogniser's own word on how a sheet lies is taken from this confidence on.
const ORIENTATION_SURE: f32 = 4.0;
/// A line read with less is a guess at what is no text: strokes of a seal, a drawing, a shadow.
const GUESS: f32 = 40.0;
/// With fewer characters the confidence says little.
const CHARS_SURE: usize = 12;

/// What was read.
pub(super) struct Read {
    pub(super) chars: Vec<PageChar>,
    /// 0–1.
    pub(super) confidence: f32,
    /// How far the sheet lies turned clockwise: 0, 90, 180 or 270.
    pub(super) turned_degrees: u16,
    pub(super) blank: bool,
    pub(super) looks: Looks,
}

/// A quarter turn clockwise, so many times, makes the sheet upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    No,
    Quarter,
    Half,
    ThreeQuarter,
}

impl Turn {
    const ALL: [Self; 4] = [Self::No, Self::Half, Self::ThreeQuarter, Self::Quarter];

    /// The sheet turned by it.
    fn upright(self, sheet: &GrayImage) -> Cow<'_, GrayImage> {
        match self {
            Self::No => Cow::Borrowed(sheet),
            Self::Quarter => Cow::Owned(imageops::rotate90(sheet)),
            Self::Half => Cow::Owned(imageops::rotate180(sheet)),
            Self::ThreeQuarter => Cow::Owned(imageops::rotate270(sheet)),
        }
    }
}

struct Reading {
    turn: Turn,
    /// The recogniser turns a sheet on its side by itself, without saying so: its lines then run from top to bottom.
    runs_down: bool,
    lines: Vec<Vec<Seen>>,
}

/// Width of the picture to start from, for a page of `size` page units.
pub(super) fn source_pixels(size: (i32, i32)) -> u32 {
    super::pixels_at(size, SOURCE_DPI).min(SOURCE_WIDTH_PX_MAX)
}

/// Reads the picture of a page of `size` page units.
pub(super) fn read(image: &DynamicImage, size: (i32, i32)) -> Result<Read, Unreadable> {
    let sheet = sheet::even(image);
    if sheet::is_blank(&sheet) {
        let looks = looks::look(image, &sheet, &sheet, 0.0);
        return Ok(Read { chars: Vec::new(), confidence: 1.0, turned_degrees: 0, blank: true, looks });
    }
    let glyphs = glyphs::look(&sheet);
    let scale = glyphs.height_px.map_or(1.0, |h| GLYPH_PX / h as f64).clamp(*SCALE.start(), *SCALE.end());
    let at = |n: u32| (f64::from(n) * scale).round().max(1.0) as u32;
    let mut scaled = scale::gray(&sheet, at(sheet.width()), at(sheet.height()));
    sheet::without_rules(&mut scaled, GLYPH_PX as u32);
    let best = best_reading(&scaled, glyphs.sideways)?;
    let glyph_px = glyphs.height_px.map_or(GLYPH_PX / scale, |h| h as f64);
    let looks = looks::look(image, &sheet, &best.turn.upright(&scaled), glyph_px);
    let chars = place(&best, scaled.dimensions(), size);
    let blank = chars.is_empty() && glyphs.height_px.is_none();
    let confidence = best.confidence() / 100.0;
    let turned_degrees = match best.turn {
        Turn::No => 0,
        Turn::Quarter => 270,
        Turn::Half => 180,
        Turn::ThreeQuarter => 90,
    };
    let confidence = if chars.is_empty() { 0.0 } else { confidence };
    Ok(Read { chars, confidence, turned_degrees, blank, looks })
}

/// The likely turn first. While that does not read well the recogniser is asked how the sheet lies; and where it cannot say, the
/// others are tried.
fn best_reading(sheet: &GrayImage, sideways: bool) -> Result<Reading, Unreadable> {
    let likely = if sideways { Turn::ThreeQuarter } else { Turn::No };
    let first = recognise(sheet, likely)?;
    if first.sure() {
        return Ok(first);
    }
    let mut readings = vec![first];
    let turns = match orientation(sheet) {
        Some(turn) => vec![turn],
        None => Turn::ALL.to_vec(),
    };
    for turn in turns {
        if turn != likely {
            readings.push(recognise(sheet, turn)?);
        }
        if let Some(at) = readings.iter().position(|r| r.turn == turn && r.sure()) {
            return Ok(readings.swap_remove(at));
        }
    }
    let best = readings.into_iter().max_by(|a, b| a.score().total_cmp(&b.score()));
    best.ok_or_else(|| Unreadable::new("文字识别没有结果"))
}

impl Reading {
    fn seen(&self) -> impl Iterator<Item = &Seen> {
        self.lines.iter().flatten().filter(|s| s.c != ' ')
    }

    /// Mean over characters, 0–100.
    fn confidence(&self) -> f32 {
        let n = self.seen().count();
        if n == 0 { 0.0 } else { self.seen().map(|s| s.confidence).sum::<f32>() / n as f32 }
    }

    /// Sure characters count, guesses do not: upside-down text yields many guesses.
    fn score(&self) -> f32 {
        let sum: f32 = self.seen().map(|s| (s.confidence - COUNTS).max(0.0)).sum();
        if self.runs_down { 0.0 } else { sum }
    }

    fn sure(&self) -> bool {
        self.confidence() >= SURE && self.seen().count() >= CHARS_SURE && !self.runs_down
    }
}

fn recognise(sheet: &GrayImage, turn: Turn) -> Result<Reading, Unreadable> {
    let upright = &*turn.upright(sheet);
    let characters = ["-c", "tessedit_create_hocr=1", "-c", "hocr_char_boxes=1"];
    let hocr =
        tesseract(upright, &[&["-l", "chi_sim", "--psm", "4", "--dpi", "200"], &characters[..]].concat())?;
    let lines = hocr::lines(&hocr);
    let runs_down = hocr::run_down(&lines);
    let lines = lines.iter().filter(|line| line.confidence() >= GUESS);
    let lines = lines.map(|line| fit::line(upright, line)).collect();
    Ok(Reading { turn, runs_down, lines })
}

/// What the recogniser says of how the sheet lies; `None` if there is too little on it, or its data for that are not installed.
fn orientation(sheet: &GrayImage) -> Option<Turn> {
    let said = tesseract(sheet, &["-l", "osd", "--psm", "0", "--dpi", "200"]).ok()?;
    let value = |key: &str| said.lines().find_map(|l| l.strip_prefix(key)?.trim().parse::<f32>().ok());
    let turn = match value("Rotate:")? as i32 {
        0 => Turn::No,
        90 => Turn::Quarter,
        180 => Turn::Half,
        270 => Turn::ThreeQuarter,
        _ => return None,
    };
    (value("Orientation confidence:")? >= ORIENTATION_SURE).then_some(turn)
}

fn tesseract(sheet: &GrayImage, args: &[&str]) -> Result<String, Unreadable> {
    let failed = |e: &dyn std::fmt::Display| {
        Unreadable::new(format!("文字识别程序无法运行（{e}），请检查tesseract及其chi_sim数据"))
    };
    let mut child = Command::new("tesseract")
        .args(["stdin", "stdout"])
        .args(args)
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| failed(&e))?;
    if let Some(mut pipe) = child.stdin.take() {
        let head = format!("P5\n{} {}\n255\n", sheet.width(), sheet.height());
        // A pipe closed early shows in the exit status.
        let _ = pipe.write_all(head.as_bytes()).and_then(|()| pipe.write_all(sheet.as_raw()));
    }
    let output = child.wait_with_output().map_err(|e| failed(&e))?;
    if !output.status.success() {
        return Err(failed(&output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Characters with boxes in page units of the sheet as it lies; `px` its size in pixels.
fn place(reading: &Reading, px: (u32, u32), size: (i32, i32)) -> Vec<PageChar> {
    let (w, h) = (px.0 as i32, px.1 as i32);
    let (sx, sy) = (f64::from(size.0) / f64::from(w.max(1)), f64::from(size.1) / f64::from(h.max(1)));
    let rect = |[x0, y0, x1, y1]: [i32; 4]| {
        let (x0, y0, x1, y1) = match reading.turn {
            Turn::No => (x0, y0, x1, y1),
            Turn::Quarter => (y0, h - x1, y1, h - x0),
            Turn::Half => (w - x1, h - y1, w - x0, h - y0),
            Turn::ThreeQuarter => (w - y1, x0, w - y0, x1),
        };
        let unit = |v: i32, s: f64| (f64::from(v) * s).round() as i32;
        let (x, y) = (unit(x0, sx), unit(y0, sy));
        Rect { x, y, w: (unit(x1, sx) - x).max(0), h: (unit(y1, sy) - y).max(0) }
    };
    let mut chars = Vec::new();
    for line in &reading.lines {
        if !chars.is_empty() {
            chars.push(PageChar { c: '\n', b: Rect::default() });
        }
        chars.extend(line.iter().map(|s| PageChar { c: s.c, b: rect(s.bounds) }));
    }
    chars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_of_a_turned_sheet_come_back_to_the_sheet_as_it_lies() {
        // A sheet of 100 × 200 pixels; a character at its top left corner, 10 × 20, as it lies.
        for (turn, bounds) in [
            (Turn::No, [0, 0, 10, 20]),
            (Turn::Quarter, [180, 0, 200, 10]),
            (Turn::Half, [90, 180, 100, 200]),
            (Turn::ThreeQuarter, [0, 90, 20, 100]),
        ] {
            let lines = vec![vec![Seen { c: '字', bounds, confidence: 90.0 }]];
            let placed = place(&Reading { turn, runs_down: false, lines }, (100, 200), (1000, 2000));
            assert_eq!(placed, [PageChar { c: '字', b: Rect { x: 0, y: 0, w: 100, h: 200 } }], "{turn:?}");
        }
    }
}
