//! How high the characters of a sheet are, and which way its lines run, from the gaps between them.

use image::GrayImage;

use super::sheet::INK;

/// Side of the tiles that are looked at, in pixels of the source picture.
const TILE: usize = 240;
/// Heights that a character can have in the source picture, in pixels.
const HEIGHTS: std::ops::Range<usize> = 10..160;
/// A row or column of pixels with ink over more than this share of the sheet is a ruled line.
const RULE_SHARE: f64 = 0.3;
/// Across by so much more gap than down, the lines run down the sheet.
const SIDEWAYS: f64 = 1.25;

/// What the gaps say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Glyphs {
    /// Height of most characters in pixels; `None` where there is too little to tell.
    pub(super) height_px: Option<usize>,
    /// The lines run from top to bottom of the sheet: it lies on its side.
    pub(super) sideways: bool,
}

/// Looks at an evened sheet.
pub(super) fn look(sheet: &GrayImage) -> Glyphs {
    let ink = Ink::of(sheet);
    let (rows, columns) = (ink.bands(false), ink.bands(true));
    let sideways = columns.gap_share > rows.gap_share * SIDEWAYS && columns.gap_share > 0.15;
    let bands = if sideways { columns } else { rows };
    Glyphs { height_px: bands.height_px, sideways }
}

struct Ink {
    width: usize,
    height: usize,
    dark: Vec<bool>,
}

struct Bands {
    height_px: Option<usize>,
    gap_share: f64,
}

impl Ink {
    /// Ink without ruled lines.
    fn of(sheet: &GrayImage) -> Self {
        let (width, height) = (sheet.width() as usize, sheet.height() as usize);
        let mut dark: Vec<bool> = sheet.pixels().map(|p| p.0[0] < INK).collect();
        let (mut rows, mut columns) = (vec![0usize; height], vec![0usize; width]);
        for (at, _) in dark.iter().enumerate().filter(|(_, d)| **d) {
            rows[at / width] += 1;
            columns[at % width] += 1;
        }
        let rule = |count: usize, length: usize| count as f64 > length as f64 * RULE_SHARE;
        for (at, d) in dark.iter_mut().enumerate() {
            let (x, y) = (at % width, at / width);
            let near = |counts: &[usize], i: usize, length| {
                counts[i.saturating_sub(1)..(i + 2).min(counts.len())].iter().any(|c| rule(*c, length))
            };
            // Rows of close text also carry much ink: only columns, and rows darker still, are rules.
            *d &= !near(&columns, x, height) && !rule(rows[y], width * 2);
        }
        Self { width, height, dark }
    }

    /// Bands of ink between gaps, tile by tile: lines of text if `down` is false, columns of characters otherwise.
    fn bands(&self, down: bool) -> Bands {
        let mut weights = vec![0usize; HEIGHTS.end];
        let (mut gaps, mut spans) = (0usize, 0usize);
        for ty in (0..self.height).step_by(TILE) {
            for tx in (0..self.width).step_by(TILE) {
                let profile = self.profile(tx, ty, down);
                let Some(first) = profile.iter().position(|n| *n > 0) else { continue };
                let last = profile.iter().rposition(|n| *n > 0).unwrap_or(first);
                let inked = &profile[first..=last];
                if inked.len() < TILE / 3 {
                    continue;
                }
                spans += inked.len();
                gaps += inked.iter().filter(|n| **n == 0).count();
                for band in inked.split(|n| *n == 0).filter(|b| HEIGHTS.contains(&b.len())) {
                    weights[band.len()] += band.iter().sum::<usize>();
                }
            }
        }
        let all: usize = weights.iter().sum();
        let mut below = 0;
        let middle = weights.iter().position(|w| {
            below += w;
            below * 2 >= all
        });
        Bands {
            height_px: middle.filter(|_| all > 200),
            gap_share: if spans == 0 { 0.0 } else { gaps as f64 / spans as f64 },
        }
    }

    /// Ink per row (or, `down`, per column) of a tile.
    fn profile(&self, tx: usize, ty: usize, down: bool) -> Vec<usize> {
        let (x1, y1) = ((tx + TILE).min(self.width), (ty + TILE).min(self.height));
        let mut profile = vec![0; if down { x1 - tx } else { y1 - ty }];
        for y in ty..y1 {
            for x in tx..x1 {
                if self.dark[y * self.width + x] {
                    profile[if down { x - tx } else { y - ty }] += 1;
                }
            }
        }
        profile
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    /// Square characters of 40 pixels, four apart, lines 36 apart; a quarter of them is ink, as of hanzi.
    fn page() -> GrayImage {
        GrayImage::from_fn(900, 1200, |x, y| {
            let (in_char, in_line) = (x % 44 < 40, y % 76 < 40);
            let shift = x / 44 * 3 + y / 76 * 5;
            let stroke = (x % 44 + shift) % 8 < 1 || (y % 76 + shift) % 8 < 1;
            Luma([if in_char && in_line && stroke { 0 } else { 255 }])
        })
    }

    #[test]
    fn line_height_and_direction_are_seen_upright_and_turned() {
        let upright = look(&page());
        assert!(!upright.sideways);
        assert!(upright.height_px.is_some_and(|h| (38..=41).contains(&h)), "{upright:?}");
        let turned = look(&image::imageops::rotate90(&page()));
        assert!(turned.sideways);
        assert!(turned.height_px.is_some_and(|h| (38..=41).contains(&h)), "{turned:?}");
    }

    #[test]
    fn an_empty_sheet_has_no_height() {
        assert_eq!(look(&GrayImage::from_pixel(300, 300, Luma([255]))).height_px, None);
    }
}
