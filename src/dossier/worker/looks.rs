//! How a scanned or photographed sheet came out: dark, blurred, leaning, cut off. Measures only; what is too much of each is
//! judged where the list of faults is made.

use image::{DynamicImage, GrayImage};
use protocol::link::pages::Looks;

use super::scale;
use super::sheet::INK;

/// Longer side of the picture whose lean and brightness are looked at, in pixels.
const SMALL: u32 = 900;
/// Angles that are tried for the lean, in tenths of a degree either way.
const LEAN_MAX: i32 = 150;
/// Pixels either side over which a sheet is blurred once more.
const REACH: usize = 3;
/// Pixels at the ends of a row that are not looked at.
const AGAIN: usize = REACH + 1;
/// The sum of nine pixels changes by so much at an edge, at least, and at most.
const STEP_MIN: usize = 54;
const STEP_MAX: usize = 9 * 255;
/// An edge is so many times as steep as most steps: those are grain.
const GRAIN: usize = 6;
/// With a smaller share of edges there is nothing to be blurred.
const EDGE_SHARE: f64 = 0.001_5;
/// How much of the border is looked at for letters that go on beyond it, in pixels.
const BORDER: u32 = 3;

/// Looks at a sheet: as it came, evened, and evened with characters `glyph_px` high that run upright.
pub(super) fn look(picture: &DynamicImage, even: &GrayImage, upright: &GrayImage, glyph_px: f64) -> Looks {
    // What is blurred badly has edges only from further away.
    let blur = blur(upright).or_else(|| blur(&half(upright)));
    Looks { paper: paper(picture), blur, lean_tenths: lean(upright), cut: cut(even, glyph_px) }
}

fn small(sheet: &GrayImage) -> GrayImage {
    let longer = sheet.width().max(sheet.height());
    if longer <= SMALL {
        return sheet.clone();
    }
    let at = |n: u32| (u64::from(n) * u64::from(SMALL) / u64::from(longer)).max(1) as u32;
    scale::gray(sheet, at(sheet.width()), at(sheet.height()))
}

fn half(sheet: &GrayImage) -> GrayImage {
    let at = |n: u32| (n / 2).max(1);
    scale::gray(sheet, at(sheet.width()), at(sheet.height()))
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

/// How much of the steepness of the edges is left when the sheet is blurred once more: a third or less of a sharp sheet's, most of a
/// blurred one's. Grain is no edge. `None` where there are hardly any edges.
fn blur(sheet: &GrayImage) -> Option<f32> {
    let width = sheet.width() as usize;
    if width <= 2 * AGAIN || sheet.height() < 3 {
        return None;
    }
    let rows: Vec<&[u8]> = sheet.as_raw().chunks_exact(width).collect();
    // Steps between neighbours by their height, each with what is left of it.
    let (mut counts, mut left) = (vec![0u32; STEP_MAX + 1], vec![0u64; STEP_MAX + 1]);
    let mut smooth = vec![0i32; width];
    for three in rows.windows(3).step_by(2) {
        let column = |x: usize| three.iter().map(|r| i32::from(r[x])).sum::<i32>();
        (1..width - 1).for_each(|x| smooth[x] = column(x - 1) + column(x) + column(x + 1));
        for x in AGAIN..width - AGAIN - 1 {
            let step = smooth[x + 1].abs_diff(smooth[x]) as usize;
            counts[step] += 1;
            left[step] += u64::from(smooth[x + 1 + REACH].abs_diff(smooth[x - REACH]));
        }
    }
    let all: u32 = counts.iter().sum();
    let mut below = 0;
    let median = counts.iter().position(|n| {
        below += n;
        below * 2 >= all
    });
    let edge = STEP_MIN.max(median.unwrap_or(0) * GRAIN);
    let edges: u32 = counts[edge..].iter().sum();
    if f64::from(edges) < f64::from(all) * EDGE_SHARE {
        return None;
    }
    let before: u64 = (edge..).zip(&counts[edge..]).map(|(step, n)| step as u64 * u64::from(*n)).sum();
    let after = left[edge..].iter().sum::<u64>() as f64 / (2 * REACH + 1) as f64;
    Some((after / before as f64) as f32)
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
    use image::imageops;

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
    fn a_blurred_page_is_told_from_a_sharp_one_however_faint_or_grainy() {
        let mut state = 7u32;
        let mut grainy = |sheet: &GrayImage, ink: f32, grain: i32| {
            GrayImage::from_fn(sheet.width(), sheet.height(), |x, y| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let light = 240.0 - (255.0 - f32::from(sheet.get_pixel(x, y).0[0])) * ink;
                Luma([(light as i32 + (state >> 16) as i32 % (2 * grain + 1) - grain).clamp(0, 255) as u8])
            })
        };
        for (ink, grain) in [(0.9, 1), (0.9, 8), (0.5, 8), (0.9, 12)] {
            let mut seen =
                |sigma: f32| blur(&grainy(&imageops::blur(&page(0.0), sigma), ink, grain)).expect("edges");
            let (sharp, soft) = (seen(0.7), seen(3.0));
            assert!(sharp < 0.42 && soft > 0.5, "ink {ink}, grain {grain}: {sharp} {soft}");
        }
        assert_eq!(blur(&grainy(&GrayImage::from_pixel(300, 300, Luma([255])), 1.0, 8)), None);
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
