//! A grey sheet on its way to recognition: evened background, ink, blank or not.

use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, Luma};

/// Side of the cells whose paper colour is taken, in pixels.
const CELL: u32 = 48;
/// On an evened sheet, darker than this is ink.
pub(super) const INK: u8 = 150;
/// A sheet with a smaller share of ink is blank: a speck or a fold, not a line of text.
const BLANK_SHARE: f64 = 0.000_12;
/// The share of each edge that is not looked at for blankness: punch holes and scanner shadows.
const EDGE: f64 = 0.04;

/// A grey picture whose paper is white everywhere and whose red seals are faint, so that text under them is kept.
pub(super) fn even(image: &DynamicImage) -> GrayImage {
    let rgb = image.to_rgb8();
    let mut gray = GrayImage::from_fn(rgb.width(), rgb.height(), |x, y| {
        let [r, g, b] = rgb.get_pixel(x, y).0.map(u32::from);
        let light = (r * 299 + g * 587 + b * 114) / 1000;
        // Red ink is light in the red channel.
        let seal = r > light + 40;
        Luma([if seal { ((r * 2 + light) / 3) as u8 } else { light as u8 }])
    });
    let paper = paper(&gray);
    for (p, paper) in gray.pixels_mut().zip(paper.pixels()) {
        let paper = u32::from(paper.0[0].max(64));
        p.0[0] = (u32::from(p.0[0]) * 255 / paper).min(255) as u8;
    }
    gray
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
    fn grey_paper_with_a_shadow_is_blank_and_one_line_of_strokes_is_not() {
        let shaded = |x: u32, y: u32| ((200 - x / 8 - y / 20) as u8, (198 - x / 8 - y / 20) as u8);
        let mut page = image::RgbImage::from_fn(800, 1000, |x, y| {
            let (a, b) = shaded(x, y);
            image::Rgb([a, a, b])
        });
        assert!(is_blank(&even(&page.clone().into())));
        for x in (200..400).filter(|x| x % 10 < 3) {
            (300..320).for_each(|y| page.put_pixel(x, y, image::Rgb([20, 20, 20])));
        }
        assert!(!is_blank(&even(&page.into())));
    }
}
