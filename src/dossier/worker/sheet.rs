//! A grey sheet on its way to recognition: evened background, ink, blank or not.

use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};

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
    image::imageops::resize(&light, gray.width(), gray.height(), FilterType::Triangle)
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
}
