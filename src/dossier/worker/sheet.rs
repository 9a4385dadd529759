//! A grey sheet on its way to recognition: evened background, ink, blank or not.

use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};

use super::scale;

/// Side of the cells whose paper colour is taken, in pixels.
const CELL: u32 = 48;
/// Side of the cells in which seals are looked for, in pixels.
const SPOT: u32 = 16;
/// A seal is wider than this part of the sheet: those of courts and companies measure 38 to 45 mm, of people 15 to 20.
const SEAL_SHARE: u32 = 14;
/// In the red channel, black under a seal; and what lies between it and the red of a seal.
const SEAL_BLACK: u32 = 60;
const SEAL_SPAN: u32 = 120;
/// On an evened sheet, darker than this is ink.
pub(super) const INK: u8 = 150;
/// A sheet with a smaller share of ink is blank: a speck or a fold, not a line of text.
const BLANK_SHARE: f64 = 0.000_12;
/// The share of each edge that is not looked at for blankness: punch holes and scanner shadows.
const EDGE: f64 = 0.04;

/// A grey picture whose paper is white everywhere; of red seals only the text under them is left. Red print stays, if faint.
pub(super) fn even(image: &DynamicImage) -> GrayImage {
    let rgb = image.to_rgb8();
    let seals = Seals::of(&rgb);
    let mut gray = GrayImage::from_fn(rgb.width(), rgb.height(), |x, y| {
        let pixel = rgb.get_pixel(x, y);
        let [r, g, b] = pixel.0.map(u32::from);
        let light = (r * 299 + g * 587 + b * 114) / 1000;
        Luma([match is_red(pixel) {
            false => light as u8,
            // Red ink is light in the red channel, and black under it is not.
            true if seals.at(x, y) => (r.saturating_sub(SEAL_BLACK) * 255 / SEAL_SPAN).min(255) as u8,
            true => ((r * 2 + light) / 3) as u8,
        }])
    });
    let paper = paper(&gray);
    for (p, paper) in gray.pixels_mut().zip(paper.pixels()) {
        let paper = u32::from(paper.0[0].max(64));
        p.0[0] = (u32::from(p.0[0]) * 255 / paper).min(255) as u8;
    }
    gray
}

/// The rulings of tables and forms taken out, which are read as characters; `glyph_px`: how high characters are. Straight and thin, they are
/// longer than any stroke.
pub(super) fn without_rules(sheet: &mut GrayImage, glyph_px: u32) {
    let thick = (glyph_px / 5).max(3);
    let mut gone = vec![false; sheet.as_raw().len()];
    for (down, least) in [(true, glyph_px * 5 / 2), (false, glyph_px * 4)] {
        rules(sheet, down, least, thick, &mut gone);
    }
    for (p, gone) in sheet.pixels_mut().zip(gone) {
        if gone {
            p.0[0] = 255;
        }
    }
}

/// Marks what belongs to straight runs of ink, `least` long and at most `thick` across.
fn rules(sheet: &GrayImage, down: bool, least: u32, thick: u32, gone: &mut [bool]) {
    let (width, height) = sheet.dimensions();
    let (long, across) = if down { (height, width) } else { (width, height) };
    let at = |along: u32, side: u32| if down { (side, along) } else { (along, side) };
    let ink = |along: u32, side: u32| {
        let (x, y) = at(along, side);
        sheet.get_pixel(x, y).0[0] < INK
    };
    // A sheet leans a little: the run may wander by a pixel.
    let near =
        |along: u32, side: u32| (side.saturating_sub(1)..(side + 2).min(across)).any(|s| ink(along, s));
    for side in 0..across {
        let mut from = 0;
        while from < long {
            if !near(from, side) {
                from += 1;
                continue;
            }
            let to = (from..long).find(|&along| !near(along, side)).unwrap_or(long);
            if to - from >= least {
                let thin: Vec<(u32, u32, u32)> = (from..to)
                    .filter_map(|along| {
                        let middle =
                            (side.saturating_sub(1)..(side + 2).min(across)).find(|&s| ink(along, s))?;
                        let first = (0..=middle).rev().take_while(|&s| ink(along, s)).last()?;
                        let last = (middle..across).take_while(|&s| ink(along, s)).last()?;
                        (last - first < thick).then_some((along, first, last))
                    })
                    .collect();
                if thin.len() as u32 >= (to - from) * 7 / 10 {
                    for (along, first, last) in thin {
                        for s in first.saturating_sub(1)..(last + 2).min(across) {
                            let (x, y) = at(along, s);
                            gone[(y * width + x) as usize] = true;
                        }
                    }
                }
            }
            from = to;
        }
    }
}

fn is_red(pixel: &Rgb<u8>) -> bool {
    let [r, g, b] = pixel.0.map(u32::from);
    r > (r * 299 + g * 587 + b * 114) / 1000 + 40
}

/// Where seals stand: red spots about as wide as high, and larger than a line of red print is high.
struct Seals {
    across: u32,
    cells: Vec<bool>,
}

impl Seals {
    fn of(rgb: &RgbImage) -> Self {
        let (across, down) = (rgb.width().div_ceil(SPOT), rgb.height().div_ceil(SPOT));
        let mut red = vec![0u32; (across * down) as usize];
        for (x, y, pixel) in rgb.enumerate_pixels() {
            red[(y / SPOT * across + x / SPOT) as usize] += u32::from(is_red(pixel));
        }
        let mut spots: Vec<bool> = red.iter().map(|n| *n >= SPOT * SPOT / 16).collect();
        let mut cells = vec![false; spots.len()];
        let least = rgb.width() / SPOT / SEAL_SHARE;
        for first in 0..spots.len() {
            if !spots[first] {
                continue;
            }
            let (x0, y0, x1, y1) = Self::spread(&mut spots, across, down, first as u32);
            let (w, h) = (x1 - x0 + 1, y1 - y0 + 1);
            if w.min(h) >= least.max(3) && w.max(h) < 2 * w.min(h) {
                for y in y0..=y1 {
                    (x0..=x1).for_each(|x| cells[(y * across + x) as usize] = true);
                }
            }
        }
        Self { across, cells }
    }

    /// Takes what hangs together out of `spots`; its bounds.
    fn spread(spots: &mut [bool], across: u32, down: u32, first: u32) -> (u32, u32, u32, u32) {
        let (mut x0, mut y0, mut x1, mut y1) = (u32::MAX, u32::MAX, 0, 0);
        let mut open = vec![first];
        spots[first as usize] = false;
        while let Some(at) = open.pop() {
            let (x, y) = (at % across, at / across);
            (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x), y1.max(y));
            // The strokes of a seal lie apart: cells up to two away belong together.
            for ny in y.saturating_sub(2)..(y + 3).min(down) {
                for nx in x.saturating_sub(2)..(x + 3).min(across) {
                    let next = ny * across + nx;
                    if std::mem::take(&mut spots[next as usize]) {
                        open.push(next);
                    }
                }
            }
        }
        (x0, y0, x1, y1)
    }

    fn at(&self, x: u32, y: u32) -> bool {
        self.cells[(y / SPOT * self.across + x / SPOT) as usize]
    }
}

/// The colour of the paper at each pixel: the light end of each cell, smoothed between cells.
fn paper(gray: &GrayImage) -> GrayImage {
    let cells = (gray.width().div_ceil(CELL), gray.height().div_ceil(CELL));
    let mut light = GrayImage::from_fn(cells.0, cells.1, |cx, cy| {
        let mut counts = [0u32; 256];
        let (x1, y1) = (((cx + 1) * CELL).min(gray.width()), ((cy + 1) * CELL).min(gray.height()));
        let mut all = 0;
        for y in (cy * CELL..y1).step_by(2) {
            for x in (cx * CELL..x1).step_by(2) {
                counts[usize::from(gray.get_pixel(x, y).0[0])] += 1;
                all += 1;
            }
        }
        let mut above = 0;
        let at = (0..256usize).rev().find(|&v| {
            above += counts[v];
            above * 4 >= all
        });
        Luma([at.unwrap_or(255) as u8])
    });
    // A cell that is all ink (a heading, a black bar) takes the paper of its neighbours.
    let before = light.clone();
    for (x, y, p) in light.enumerate_pixels_mut() {
        for (dx, dy) in [(-1i64, 0i64), (1, 0), (0, -1), (0, 1)] {
            let (nx, ny) = (i64::from(x) + dx, i64::from(y) + dy);
            if let (Ok(nx), Ok(ny)) = (u32::try_from(nx), u32::try_from(ny))
                && nx < cells.0
                && ny < cells.1
            {
                p.0[0] = p.0[0].max(before.get_pixel(nx, ny).0[0]);
            }
        }
    }
    scale::gray(&light, gray.width(), gray.height())
}

/// Whether an evened sheet has nothing on it.
pub(super) fn is_blank(sheet: &GrayImage) -> bool {
    let edge = |n: u32| (f64::from(n) * EDGE) as u32;
    let (ex, ey) = (edge(sheet.width()), edge(sheet.height()));
    let mut ink = 0u64;
    let mut all = 0u64;
    for y in ey..sheet.height() - ey {
        for x in ex..sheet.width() - ex {
            all += 1;
            ink += u64::from(sheet.get_pixel(x, y).0[0] < INK);
        }
    }
    (ink as f64) < all as f64 * BLANK_SHARE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_under_a_seal_stays_and_its_red_goes_while_red_print_is_left() {
        let (red, black) = (Rgb([205, 60, 70]), Rgb([90, 25, 30]));
        let mut page = RgbImage::from_pixel(800, 1000, Rgb([245, 245, 240]));
        // A ring of strokes, with a line of black through it; and a line of red print.
        for (x, y, p) in page.enumerate_pixels_mut() {
            let (dx, dy) = (f64::from(x) - 500.0, f64::from(y) - 600.0);
            let seal = (80.0..95.0).contains(&dx.hypot(dy)) || dx.hypot(dy) < 30.0;
            let print = (100..130).contains(&y) && (100..700).contains(&x) && x % 10 < 4;
            let text = (590..610).contains(&y) && (450..550).contains(&x) && x % 12 < 4;
            *p = match (text, seal, print) {
                (true, true, _) => black,
                (true, false, _) => Rgb([20, 20, 20]),
                (false, true, _) | (false, _, true) => red,
                _ => *p,
            };
        }
        let even = even(&page.into());
        let at = |x, y| even.get_pixel(x, y).0[0];
        assert!(at(500, 515) > 240, "the ring: {}", at(500, 515));
        assert!(at(505, 600) < INK, "text on the star: {}", at(505, 600));
        assert!(at(101, 115) < 220, "red print: {}", at(101, 115));
    }

    #[test]
    fn grey_paper_with_a_shadow_is_blank_and_one_line_of_strokes_is_not() {
        let shaded = |x: u32, y: u32| ((200 - x / 8 - y / 20) as u8, (198 - x / 8 - y / 20) as u8);
        let mut page = RgbImage::from_fn(800, 1000, |x, y| {
            let (a, b) = shaded(x, y);
            Rgb([a, a, b])
        });
        assert!(is_blank(&even(&page.clone().into())));
        for x in (200..400).filter(|x| x % 10 < 3) {
            (300..320).for_each(|y| page.put_pixel(x, y, Rgb([20, 20, 20])));
        }
        assert!(!is_blank(&even(&page.into())));
    }

    #[test]
    fn rulings_go_and_strokes_stay() {
        let glyph = 30;
        // A leaning table, an underline beneath it, and strokes as long as characters are high.
        let ruled = |x: u32, y: u32| {
            let off = x / 60;
            let across =
                (50..550).contains(&x) && [60, 200].iter().any(|r| (r + off..r + off + 3).contains(&y));
            let down =
                (60..203).contains(&y) && [50, 300, 547].iter().any(|r| (*r..r + 3).contains(&(x + y / 60)));
            across || down
        };
        let stroke = |x: u32, y: u32| {
            let bar = (120..150).contains(&x) && (110..114).contains(&y);
            let stem = (200..204).contains(&x) && (90..125).contains(&y);
            let block = (400..430).contains(&x) && (240..270).contains(&y);
            bar || stem || block
        };
        let mut sheet =
            GrayImage::from_fn(600, 300, |x, y| Luma([if ruled(x, y) || stroke(x, y) { 20 } else { 255 }]));
        without_rules(&mut sheet, glyph);
        let ink = |which: &dyn Fn(u32, u32) -> bool| {
            sheet.enumerate_pixels().filter(|(x, y, p)| which(*x, *y) && p.0[0] < INK).count()
        };
        assert_eq!(ink(&stroke), 30 * 4 + 4 * 35 + 30 * 30);
        // Specks are left where rulings cross.
        let rulings =
            (0..600).flat_map(|x| (0..300).map(move |y| (x, y))).filter(|(x, y)| ruled(*x, *y)).count();
        assert!(ink(&|x, y| ruled(x, y) && !stroke(x, y)) * 50 < rulings);
    }
}
