//! How a scanned or photographed sheet came out: dark, blurred, leaning, cut off. Measures only; what is too much of each is
//! judged where the list of faults is made.

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage};
use protocol::link::pages::Looks;

use super::sheet::INK;

/// Longer side of the picture whose lean and brightness are looked at, in pixels.
const SMALL: u32 = 900;
/// Angles that are tried for the lean, in tenths of a degree either way.
const LEAN_MAX: i32 = 150;
/// A stretch of pixels across the edge of a stroke.
const REACH: usize = 8;
/// An edge is one where so much lies between its light and its dark side.
const CONTRAST_MIN: u8 = 40;
/// With fewer edges there is nothing to be blurred.
const EDGES_MIN: usize = 400;
/// How much of the border is looked at for letters that go on beyond it, in pixels.
const BORDER: u32 = 3;

/// Looks at a sheet: as it came, evened, and evened with characters `glyph_px` high that run upright.
pub(super) fn look(picture: &DynamicImage, even: &GrayImage, upright: &GrayImage, glyph_px: f64) -> Looks {
    Looks {
        paper: paper(picture),
        sharpness: sharpness(upright),
        lean_tenths: lean(upright),
        cut: cut(even, glyph_px),
    }
}

fn small(sheet: &GrayImage) -> GrayImage {
    let longer = sheet.width().max(sheet.height());
    if longer <= SMALL {
        return sheet.clone();
    }
    let at = |n: u32| (u64::from(n) * u64::from(SMALL) / u64::from(longer)).max(1) as u32;
    imageops::resize(sheet, at(sheet.width()), at(sheet.height()), FilterType::Triangle)
}

/// How light the paper is: a quarter of the sheet is lighter.
fn paper(picture: &DynamicImage) -> u8 {
    let mut counts = [0u32; 256];
    let gray = picture.to_luma8();
    let step = (gray.len() / 200_000).max(1);
    gray.iter().step_by(step).for_each(|v| counts[usize::from(*v)] += 1);
    let all: u32 = counts.iter().sum();
    let mut above = 0;
    let at = (0..256usize).rev().find(|&v| {
        above += counts[v];
        above * 4 >= all
    });
    at.unwrap_or(0) as u8
}

/// How steep the edges of strokes are: the steepest step between two pixels as a share of the whole edge, over all edges. `None`
/// where there are hardly any.
fn sharpness(sheet: &GrayImage) -> Option<f32> {
    let (mut sum, mut edges) = (0.0f64, 0usize);
    let width = sheet.width() as usize;
    if width <= 2 * REACH + 1 {
        return None;
    }
    for row in sheet.as_raw().chunks_exact(width).step_by(3) {
        let mut x = REACH;
        while x + REACH < width {
            let stretch = &row[x - REACH..=x + REACH];
            let (dark, light) = stretch.iter().fold((u8::MAX, 0), |(a, b), v| (a.min(*v), b.max(*v)));
            let contrast = light - dark;
            if contrast >= CONTRAST_MIN {
                let steepest = stretch.windows(2).map(|w| w[0].abs_diff(w[1])).max().unwrap_or(0);
                sum += f64::from(steepest) / f64::from(contrast);
                edges += 1;
                // Each edge counts once.
                x += REACH;
            }
            x += 1;
        }
    }
    (edges >= EDGES_MIN).then(|| (sum / edges as f64) as f32)
}

/// How far the lines of text fall to the right, in tenths of a degree: the angle under which ink gathers in rows best.
fn lean(sheet: &GrayImage) -> i32 {
    let sheet = small(sheet);
    let (width, height) = (f64::from(sheet.width()), sheet.height() as usize);
    let dark: Vec<(f64, f64)> = sheet
        .enumerate_pixels()
        .filter(|(_, _, p)| p.0[0] < INK)
        .map(|(x, y, _)| (f64::from(x) - width / 2.0, f64::from(y)))
        .collect();
    if dark.len() < 500 {
        return 0;
    }
    let gathered = |tenths: i32| {
        let slope = (f64::from(tenths) / 10.0).to_radians().tan();
        let mut rows = vec![0u32; height];
        for (x, y) in &dark {
            let row = (y - x * slope).round();
            if row >= 0.0
                && let Some(count) = rows.get_mut(row as usize)
            {
                *count += 1;
            }
        }
        // Between neighbours: a margin that ink moves into is not gathered.
        rows.windows(2).map(|w| f64::from(w[0].abs_diff(w[1])).powi(2)).sum::<f64>()
    };
    let best = |angles: &mut dyn Iterator<Item = i32>| {
        angles.map(|a| (a, gathered(a))).max_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(a, _)| a)
    };
    let rough = best(&mut (-LEAN_MAX..=LEAN_MAX).step_by(10));
    best(&mut (rough - 9..=rough + 9))
}

/// How many letters go on beyond the border, on the side where most do.
fn cut(sheet: &GrayImage, glyph_px: f64) -> u32 {
    let (w, h) = sheet.dimensions();
    if w <= 2 * BORDER || h <= 2 * BORDER || glyph_px < 4.0 {
        return 0;
    }
    let inked = |x: u32, y: u32| sheet.get_pixel(x, y).0[0] < INK;
    let (thin, thick) = ((glyph_px * 0.05).max(1.5), glyph_px * 1.3);
    let letters = |length: u32, at: &dyn Fn(u32) -> bool| {
        let (mut letters, mut run) = (0, 0u32);
        for i in 0..=length {
            if i < length && at(i) {
                run += 1;
            } else {
                letters += u32::from((thin..thick).contains(&f64::from(run)));
                run = 0;
            }
        }
        letters
    };
    let across = |y0: u32| letters(w, &|x| (y0..y0 + BORDER).all(|y| inked(x, y)));
    let down = |x0: u32| letters(h, &|y| (x0..x0 + BORDER).all(|x| inked(x, y)));
    [across(0), across(h - BORDER), down(0), down(w - BORDER)].into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    /// Lines of square letters with strokes two pixels wide, falling by `slope`.
    fn page(slope: f64) -> GrayImage {
        let mut sheet = GrayImage::from_pixel(800, 1000, Luma([255]));
        for line in 0..18u32 {
            for letter in 0..20u32 {
                let (left, top) = (60 + letter * 34, 60 + line * 50);
                for dx in 0..26u32 {
                    for dy in 0..26u32 {
                        let stroke = dx < 2
                            || dy < 2
                            || dx >= 24
                            || dy >= 24
                            || (12..14).contains(&(dx + line + letter));
                        let x = left + dx;
                        let y = f64::from(top + dy) + slope * (f64::from(x) - 400.0);
                        if stroke && y >= 0.0 && (y as u32) < 1000 {
                            sheet.put_pixel(x, y as u32, Luma([20]));
                        }
                    }
                }
            }
        }
        sheet
    }

    #[test]
    fn lines_that_fall_are_measured_to_a_fraction_of_a_degree() {
        for degrees in [-6.0, -1.5, 0.0, 0.8, 4.0, 11.0f64] {
            let seen = f64::from(lean(&page(degrees.to_radians().tan()))) / 10.0;
            assert!((seen - degrees).abs() <= 0.3, "{degrees}: {seen}");
        }
        assert_eq!(lean(&GrayImage::from_pixel(300, 300, Luma([255]))), 0);
    }

    #[test]
    fn a_blurred_page_has_flatter_edges() {
        let sharp = sharpness(&page(0.0)).expect("edges");
        let soft = sharpness(&imageops::blur(&page(0.0), 2.5)).expect("edges");
        assert!(sharp > 0.8 && soft < 0.35, "{sharp} {soft}");
        assert_eq!(sharpness(&GrayImage::from_pixel(300, 300, Luma([255]))), None);
    }

    #[test]
    fn letters_at_the_border_are_counted_and_a_scanners_shadow_is_not() {
        let whole = page(0.0);
        assert_eq!(cut(&whole, 26.0), 0);
        let part = imageops::crop_imm(&whole, 71, 0, 729, 1000).to_image();
        assert!(cut(&part, 26.0) >= 10, "{}", cut(&part, 26.0));
        let mut shadow = whole;
        (0..1000).for_each(|y| (0..8).for_each(|x| shadow.put_pixel(x, y, Luma([10]))));
        assert!(cut(&shadow, 26.0) <= 1);
    }

    #[test]
    fn dark_paper_is_dark_however_much_ink_is_on_it() {
        let shade = |v: u8| {
            DynamicImage::from(GrayImage::from_fn(200, 200, |x, _| Luma([if x % 5 == 0 { 5 } else { v }])))
        };
        assert_eq!((paper(&shade(240)), paper(&shade(70))), (240, 70));
    }
}
