//! Text of a page that has none, through Tesseract.
//!
//! The height of the glyphs decides how well Tesseract reads: the page is read once, and once more at another size when its
//! glyphs turn out far from [`GLYPH_PX`]. A page that reads badly is looked at for how it lies.

use std::io::Write;
use std::process::{Command, Stdio};

use image::imageops::FilterType;
use image::{DynamicImage, GrayImage};
use model::Rect;
use protocol::link::pages::{FromPageWorker, PageChar};

use super::Unreadable;

/// Body text of a court paper is about 30 pixels high at this resolution.
pub(super) const DPI: u32 = 200;
/// Where Tesseract reads hanzi best.
const GLYPH_PX: f32 = 30.0;
/// Sizes within this factor of it read well enough.
const GLYPH_TOLERANCE: f32 = 1.5;
/// Below this mean confidence a page may lie on its side.
const DOUBTFUL: f32 = 0.75;
/// A page with less of its middle dark than this is blank (in parts of a million).
const BLANK_PPM: usize = 400;
const LANGUAGE: &str = "chi_sim";

/// What was read from one picture: pixels, in reading order.
#[derive(Debug, Default)]
struct Reading {
    chars: Vec<PixelChar>,
    confidence: f32,
}

#[derive(Debug, Clone, Copy)]
struct PixelChar {
    c: char,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Reading {
    /// How much was read, and how surely.
    fn worth(&self) -> f32 {
        self.confidence * self.chars.iter().filter(|c| c.c.is_alphanumeric()).count() as f32
    }
}

/// Reads a page; `units_per_px` takes its pixels to page units.
pub(super) fn read(page: &DynamicImage, units_per_px: f32) -> Result<FromPageWorker, Unreadable> {
    let grey = page.to_luma8();
    if is_blank(&grey) {
        return Ok(FromPageWorker::Text { chars: Vec::new(), confidence: 1.0, rotation_degrees: 0, blank: true });
    }
    let mut reading = best_size(&grey)?;
    let mut rotation_degrees = 0;
    if reading.confidence < DOUBTFUL
        && let Some(turned) = orientation(&grey)?
    {
        let upright = upright(&grey, turned);
        let mut again = best_size(&upright)?;
        if again.worth() > reading.worth() {
            for c in &mut again.chars {
                *c = back(*c, turned, grey.width() as f32, grey.height() as f32);
            }
            (reading, rotation_degrees) = (again, turned);
        }
    }
    let units = |v: f32| (v * units_per_px).round() as i32;
    let placed = reading.chars.iter().map(|c| {
        let (x, y) = (units(c.left), units(c.top));
        PageChar { c: c.c, b: Rect { x, y, w: units(c.right) - x, h: units(c.bottom) - y } }
    });
    let confidence = reading.confidence;
    Ok(FromPageWorker::Text { chars: placed.collect(), confidence, rotation_degrees, blank: false })
}

/// Whether hardly anything stands in the middle of the page; the edges of a scan are often dark.
fn is_blank(page: &GrayImage) -> bool {
    let (w, h) = page.dimensions();
    let (left, top) = (w / 8, h / 16);
    let mut dark = 0usize;
    let mut all = 0usize;
    for y in top..h - top {
        for x in left..w - left {
            all += 1;
            dark += usize::from(page.get_pixel(x, y).0[0] < 110);
        }
    }
    dark * 1_000_000 < all.max(1) * BLANK_PPM
}

fn best_size(page: &GrayImage) -> Result<Reading, Unreadable> {
    let first = tesseract(page, 1.0)?;
    let mut heights: Vec<f32> =
        first.chars.iter().filter(|c| text::is_hanzi(c.c)).map(|c| c.bottom - c.top).collect();
    heights.sort_by(f32::total_cmp);
    // Few characters tell little of the size.
    let Some(middle) = heights.get(heights.len() / 2).filter(|_| heights.len() >= 12) else { return Ok(first) };
    let scale = GLYPH_PX / middle;
    if (1.0 / GLYPH_TOLERANCE..=GLYPH_TOLERANCE).contains(&scale) {
        return Ok(first);
    }
    let scale = scale.clamp(0.25, 3.0);
    let side = |v: u32| ((v as f32 * scale).round() as u32).max(1);
    let scaled =
        image::imageops::resize(page, side(page.width()), side(page.height()), FilterType::CatmullRom);
    let second = tesseract(&scaled, 1.0 / scale)?;
    Ok(if second.worth() > first.worth() { second } else { first })
}

/// Reads at one size; `scale` takes the picture's pixels to the page's.
fn tesseract(page: &GrayImage, scale: f32) -> Result<Reading, Unreadable> {
    let arguments = ["--psm", "3", "-l", LANGUAGE, "-c", "hocr_char_boxes=1", "hocr"];
    let hocr = run(page, &arguments)?;
    Ok(parse(&hocr, scale))
}

/// How far the content lies turned clockwise: 90, 180 or 270; `None` if it stands upright or cannot be told.
fn orientation(page: &GrayImage) -> Result<Option<u16>, Unreadable> {
    // Too little text to tell is no fault of the page.
    let Ok(told) = run(page, &["--psm", "0", "-l", "osd"]) else { return Ok(None) };
    let value = |key: &str| told.lines().find_map(|l| l.strip_prefix(key)).and_then(|v| v.trim().parse::<f32>().ok());
    let (rotate, trust) = (value("Rotate:"), value("Orientation confidence:"));
    Ok(match (rotate, trust) {
        // What Tesseract names is how far to turn it back clockwise.
        (Some(rotate), Some(trust)) if rotate > 0.0 && trust > 0.5 => Some((360 - rotate as u16) % 360),
        _ => None,
    })
}

fn upright(page: &GrayImage, turned: u16) -> GrayImage {
    match turned {
        90 => image::imageops::rotate270(page),
        180 => image::imageops::rotate180(page),
        270 => image::imageops::rotate90(page),
        _ => page.clone(),
    }
}

/// From the upright picture back to the page of `width` × `height` whose content lies turned clockwise.
fn back(c: PixelChar, turned: u16, width: f32, height: f32) -> PixelChar {
    let (left, top, right, bottom) = match turned {
        90 => (width - c.bottom, c.left, width - c.top, c.right),
        180 => (width - c.right, height - c.bottom, width - c.left, height - c.top),
        270 => (c.top, height - c.right, c.bottom, height - c.left),
        _ => (c.left, c.top, c.right, c.bottom),
    };
    PixelChar { c: c.c, left, top, right, bottom }
}

fn run(page: &GrayImage, arguments: &[&str]) -> Result<String, Unreadable> {
    let mut child = Command::new("tesseract")
        .args(["stdin", "stdout"])
        .args(arguments)
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| Unreadable(format!("文字识别程序 tesseract 无法启动（{e}）：请运行 scripts/setup.sh")))?;
    if let Some(mut input) = child.stdin.take() {
        let head = format!("P5 {} {} 255\n", page.width(), page.height());
        input.write_all(head.as_bytes()).and_then(|()| input.write_all(page.as_raw()))?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(Unreadable(format!("文字识别失败（tesseract {}）：可改用人工录入或重新扫描", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Takes characters and boxes out of hOCR. Only what Tesseract writes is understood; it is no general XML.
fn parse(hocr: &str, scale: f32) -> Reading {
    let mut reading = Reading::default();
    let (mut trust, mut counted) = (0.0, 0u32);
    let mut word_ended = false;
    for piece in hocr.split("<span class='").skip(1) {
        let Some((class, rest)) = piece.split_once('\'') else { continue };
        match class {
            "ocr_line" | "ocr_textfloat" | "ocr_caption" | "ocr_header" => {
                if reading.chars.last().is_some_and(|c| c.c != '\n') {
                    reading.chars.push(PixelChar { c: '\n', left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 });
                }
            }
            "ocrx_word" => word_ended = true,
            "ocrx_cinfo" => {
                let Some((c, confidence)) = character(rest, scale) else { continue };
                let before = reading.chars.last().map(|c| c.c).unwrap_or('\n');
                // Tesseract puts a word's end between any two hanzi; only Latin words are really apart.
                if word_ended && before.is_ascii_alphanumeric() && c.c.is_ascii_alphanumeric() {
                    reading.chars.push(PixelChar { c: ' ', right: c.left, ..c });
                }
                word_ended = false;
                reading.chars.push(c);
                trust += confidence;
                counted += 1;
            }
            _ => {}
        }
    }
    reading.confidence = trust / counted.max(1) as f32;
    reading
}

fn character(rest: &str, scale: f32) -> Option<(PixelChar, f32)> {
    let title = rest.split_once("title='")?.1;
    let (title, after) = title.split_once('\'')?;
    let text = after.split_once('>')?.1;
    let text = text.split_once('<')?.0;
    let c = match text {
        "&amp;" => '&',
        "&lt;" => '<',
        "&gt;" => '>',
        "&quot;" => '"',
        "&#39;" => '\'',
        other => other.chars().next()?,
    };
    let mut boxed = title.split_once("x_bboxes ")?.1.split(|ch: char| !ch.is_ascii_digit() && ch != '-');
    let mut side = || boxed.next()?.parse::<f32>().ok().map(|v| v * scale);
    let (left, top, right, bottom) = (side()?, side()?, side()?, side()?);
    let confidence = title.split_once("x_conf ")?.1.split(';').next()?.trim().parse::<f32>().ok()?;
    Some((PixelChar { c, left, top, right, bottom }, (confidence / 100.0).clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hanzi_are_joined_latin_words_stay_apart_and_lines_end() {
        let hocr = "<span class='ocr_line' id='l1'><span class='ocrx_word' id='w1'>\
            <span class='ocrx_cinfo' title='x_bboxes 10 20 40 50; x_conf 90'>证</span></span>\
            <span class='ocrx_word'><span class='ocrx_cinfo' title='x_bboxes 42 20 70 50; x_conf 80'>据</span></span>\
            <span class='ocrx_word'><span class='ocrx_cinfo' title='x_bboxes 80 20 90 50; x_conf 70'>A</span></span>\
            <span class='ocrx_word'><span class='ocrx_cinfo' title='x_bboxes 99 20 110 50; x_conf 60'>&amp;</span></span></span>\
            <span class='ocr_line'><span class='ocrx_word'><span class='ocrx_cinfo' title='x_bboxes 1 2 3 4; x_conf 50'>B</span>\
            </span><span class='ocrx_word'><span class='ocrx_cinfo' title='x_bboxes 9 2 12 4; x_conf 50'>C</span></span></span>";
        let reading = parse(hocr, 2.0);
        assert_eq!(reading.chars.iter().map(|c| c.c).collect::<String>(), "证据A&\nB C");
        assert_eq!((reading.chars[1].left, reading.chars[1].bottom), (84.0, 100.0));
        assert!((reading.confidence - 400.0 / 600.0).abs() < 1e-6);
    }

    #[test]
    fn a_box_comes_back_to_where_it_lay() {
        let page = GrayImage::from_fn(40, 60, |x, y| image::Luma([if (5..9).contains(&x) && (50..58).contains(&y) { 0 } else { 255 }]));
        for turned in [90, 180, 270] {
            let up = upright(&page, turned);
            let dark = |f: fn((u32, u32)) -> u32| up.enumerate_pixels().filter(|(_, _, p)| p.0[0] == 0).map(move |(x, y, _)| f((x, y)));
            let (left, right) = (dark(|p| p.0).min(), dark(|p| p.0).max());
            let (top, bottom) = (dark(|p| p.1).min(), dark(|p| p.1).max());
            let px = |v: Option<u32>| v.expect("there are dark pixels") as f32;
            let c = PixelChar { c: '字', left: px(left), top: px(top), right: px(right) + 1.0, bottom: px(bottom) + 1.0 };
            let b = back(c, turned, 40.0, 60.0);
            assert_eq!((b.left, b.top, b.right, b.bottom), (5.0, 50.0, 9.0, 58.0), "{turned}");
        }
    }
}
