//! Boxes of recognised characters, fitted to the ink.
//!
//! The recogniser reads lines well and says poorly where each character stands: its boxes drift by half a character and
//! more, and a highlight would lie over the neighbour. Characters of a Chinese line stand in cells of one em each (letters and figures in
//! about half of one), so the row of cells that cuts the least ink is looked for, near the boxes that were given.
//!
//! ```text
//!   line ─► ink per column along its slope ─► for each em: cheapest row of left edges (dynamic programme) ─► the best em
//! ```

use image::GrayImage;

use super::hocr::{Line, Seen};
use super::sheet::INK;

/// Ems that are tried, in heights of the line.
const EMS: [f64; 10] = [0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3];
/// Widths in ems.
const WIDE: f64 = 1.0;
const NARROW: f64 = 0.55;
/// Places for an edge in an em: to choose the em, and to place the cells.
const PLACES_COARSE: f64 = 8.0;
const PLACES_FINE: f64 = 15.0;
/// How far an edge may lie from where it was given, in ems.
const AWAY_MAX: f64 = 3.0;
/// Height of what is looked at, in heights of the line: ink that goes on above and below is a rule of a table.
const RULE_REACH: f64 = 1.7;
/// The share of a column's reach that a rule fills.
const RULE_FILL: f64 = 0.85;

// Costs, in units of a square em of ink where not said otherwise.
/// Ink under an edge, for a column that is full.
const CUT: f64 = 1.2;
/// Ink between cells.
const STRAY: f64 = 10.0;
/// A cell narrower than its character by one em.
const SQUEEZE: f64 = 14.0;
/// As far as a cell may be squeezed, in ems.
const SQUEEZE_MAX: f64 = -0.35;
/// A cell with no ink.
const EMPTY: f64 = 2.0;
/// An edge one em away from where it was given, squared.
const DRIFT: f64 = 0.03;
/// A row that costs more per character is no better than what was given.
const COST_MAX: f64 = 1.6;

/// What is also read where there is nothing: in the gaps of a table and on its rulings.
const PHANTOMS: &str = "“”‘’\"'`|_。、·";
/// The share of its columns that a character has inked at least.
const PHANTOM_INK: f64 = 0.01;

/// The characters of a line with boxes that lie on the ink, as high as the line.
pub(super) fn line(sheet: &GrayImage, line: &Line) -> Vec<Seen> {
    let band = Band::of(line);
    let line = &Line { seen: without_phantoms(sheet, line, &band), ..line.clone() };
    let fitted = fit(sheet, line, &band).unwrap_or_else(|| line.seen.clone());
    fitted
        .into_iter()
        .map(|mut seen| {
            let (top, bottom) = band.at(f64::from(seen.bounds[0] + seen.bounds[2]) / 2.0, 0.5);
            (seen.bounds[1], seen.bounds[3]) = (top.round() as i32, bottom.round() as i32);
            seen
        })
        .collect()
}

fn without_phantoms(sheet: &GrayImage, line: &Line, band: &Band) -> Vec<Seen> {
    let ink = Ink::of(sheet, band, line.bounds[0], line.bounds[2]);
    let there = |s: &&Seen| {
        let [left, _, right, _] = s.bounds.map(f64::from);
        !PHANTOMS.contains(s.c) || ink.between(left, right) >= PHANTOM_INK * (right - left).max(1.0)
    };
    line.seen.iter().filter(there).cloned().collect()
}

/// The strip of a line that may rise or fall.
struct Band {
    middle: (f64, f64),
    slope: f64,
    height: f64,
}

impl Band {
    fn of(line: &Line) -> Self {
        let [x0, y0, x1, y1] = line.bounds.map(f64::from);
        let slope = line.slope.clamp(-0.2, 0.2);
        let height = (y1 - y0 - slope.abs() * (x1 - x0)).max((y1 - y0) * 0.4).max(4.0);
        Self { middle: ((x0 + x1) / 2.0, (y0 + y1) / 2.0), slope, height }
    }

    /// Top and bottom at `x`, `reach` heights from the middle.
    fn at(&self, x: f64, reach: f64) -> (f64, f64) {
        let middle = self.middle.1 + self.slope * (x - self.middle.0);
        (middle - reach * self.height, middle + reach * self.height)
    }
}

/// Ink along a line: sums of the inked share of its columns.
struct Ink {
    from: i32,
    sums: Vec<f64>,
}

impl Ink {
    fn of(sheet: &GrayImage, band: &Band, from: i32, to: i32) -> Self {
        let mut sums = vec![0.0];
        let mut all = 0.0;
        for x in from..to {
            let share = |reach: f64| {
                let (top, bottom) = band.at(f64::from(x), reach);
                let (top, bottom) = (top.round() as i32, bottom.round() as i32);
                let inked = (top..bottom).filter(|&y| dark(sheet, x, y)).count();
                inked as f64 / f64::from((bottom - top).max(1))
            };
            let own = share(0.5);
            all += if own > RULE_FILL && share(RULE_REACH / 2.0) > RULE_FILL { 0.0 } else { own };
            sums.push(all);
        }
        Self { from, sums }
    }

    fn sum(&self, x: f64) -> f64 {
        let at = (x - f64::from(self.from)).clamp(0.0, (self.sums.len() - 1) as f64);
        let (low, part) = (at.floor() as usize, at.fract());
        let high = (low + 1).min(self.sums.len() - 1);
        self.sums[low] * (1.0 - part) + self.sums[high] * part
    }

    /// Ink between two columns, in columns full of it.
    fn between(&self, from: f64, to: f64) -> f64 {
        (self.sum(to) - self.sum(from)).max(0.0)
    }
}

fn dark(sheet: &GrayImage, x: i32, y: i32) -> bool {
    match (u32::try_from(x), u32::try_from(y)) {
        (Ok(x), Ok(y)) if x < sheet.width() && y < sheet.height() => sheet.get_pixel(x, y).0[0] < INK,
        _ => false,
    }
}

/// The row of cells with the least cost, if it is worth having.
fn fit(sheet: &GrayImage, line: &Line, band: &Band) -> Option<Vec<Seen>> {
    let chars: Vec<&Seen> = line.seen.iter().filter(|s| s.c != ' ').collect();
    let wide = chars.iter().filter(|s| is_wide(s.c)).count();
    // Letters alone stand on no grid, and are given well.
    if wide < 2 || wide * 2 < chars.len() {
        return None;
    }
    let reach = (band.height * 2.0).ceil() as i32;
    let ink = Ink::of(sheet, band, line.bounds[0] - reach, line.bounds[2] + reach);
    let ends = (f64::from(line.bounds[0]), f64::from(line.bounds[2]));
    let rows = EMS.iter().map(|em| row(&ink, &chars, ends, em * band.height, PLACES_COARSE));
    let coarse = rows.min_by(|a, b| a.cost.total_cmp(&b.cost))?;
    let best = row(&ink, &chars, ends, coarse.em, PLACES_FINE);
    if best.cost > COST_MAX * chars.len() as f64 {
        return None;
    }
    let mut lefts = best.lefts.iter();
    let mut placed: Vec<Seen> = Vec::with_capacity(line.seen.len());
    for seen in &line.seen {
        let mut seen = seen.clone();
        if seen.c != ' '
            && let Some(&left) = lefts.next()
        {
            seen.bounds[0] = left.round() as i32;
            seen.bounds[2] = (left + width(seen.c) * best.em).round() as i32;
        }
        placed.push(seen);
    }
    // Cells do not overlap, and a space lies between its neighbours.
    for at in 1..placed.len() {
        let next = placed[at].bounds[0];
        if placed[at].c == ' ' {
            placed[at].bounds[0] = placed[at - 1].bounds[2];
            let after = placed.get(at + 1).map_or(placed[at - 1].bounds[2], |s| s.bounds[0]);
            placed[at].bounds[2] = after.max(placed[at].bounds[0]);
        } else if placed[at - 1].bounds[2] > next {
            placed[at - 1].bounds[2] = next.max(placed[at - 1].bounds[0]);
        }
    }
    Some(placed)
}

fn is_wide(c: char) -> bool {
    !c.is_ascii()
}

/// In ems.
fn width(c: char) -> f64 {
    if is_wide(c) { WIDE } else { NARROW }
}

struct Row {
    em: f64,
    cost: f64,
    lefts: Vec<f64>,
}

/// Where a cell may stand.
#[derive(Clone, Copy)]
struct Place {
    left: f64,
    right: f64,
    /// Ink before its left and its right edge.
    ink: (f64, f64),
    /// What it costs whatever its neighbours do.
    own: f64,
}

/// The places around the middle of what was given, from left to right.
fn places(ink: &Ink, seen: &Seen, em: f64, per_em: f64) -> Vec<Place> {
    let step = em / per_em;
    let away = (AWAY_MAX * per_em).round() as i32;
    let wide = width(seen.c) * em;
    let middle = f64::from(seen.bounds[0] + seen.bounds[2]) / 2.0;
    let at = |n: i32| {
        let off = f64::from(n) * step;
        let left = middle + off - wide / 2.0;
        let right = left + wide;
        let edge = |x: f64| CUT * ink.between(x - 1.0, x + 1.0) / 2.0;
        let empty = if ink.between(left, right) < 0.02 * em { EMPTY } else { 0.0 };
        let own = DRIFT * (off / em).powi(2) + edge(left) + edge(right) + empty;
        Place { left, right, ink: (ink.sum(left), ink.sum(right)), own }
    };
    (-away..=away).map(at).collect()
}

/// The cheapest left edges for cells of this em.
fn row(ink: &Ink, chars: &[&Seen], ends: (f64, f64), em: f64, per_em: f64) -> Row {
    let stray = |ink: f64| STRAY * ink.max(0.0) / em;
    let all: Vec<Vec<Place>> = chars.iter().map(|seen| places(ink, seen, em, per_em)).collect();
    let begin = ink.sum(ends.0 - em);
    let mut costs: Vec<f64> = all[0].iter().map(|p| p.own + stray(p.ink.0 - begin)).collect();
    let mut back: Vec<Vec<usize>> = Vec::with_capacity(all.len());
    for pair in all.windows(2) {
        let (before, now) = (&pair[0], &pair[1]);
        let (mut next, mut from) = (vec![f64::INFINITY; now.len()], vec![0; now.len()]);
        for (at, place) in now.iter().enumerate() {
            for (n, (left, cost)) in before.iter().zip(&costs).enumerate() {
                let gap = (place.left - left.right) / em;
                if gap < SQUEEZE_MAX {
                    // Edges further right only squeeze more.
                    break;
                }
                let between = match gap < 0.0 {
                    true => SQUEEZE * gap * gap,
                    false => (12.0 * gap * gap).min(0.5 + 0.3 * gap) + stray(place.ink.0 - left.ink.1),
                };
                if cost + between < next[at] {
                    (next[at], from[at]) = (cost + between, n);
                }
            }
            next[at] += place.own;
        }
        costs = next;
        back.push(from);
    }
    let (last, end) = (all.len() - 1, ink.sum(ends.1 + em));
    let total = |at: usize| costs[at] + stray(end - all[last][at].ink.1);
    let best = (0..costs.len()).min_by(|a, b| total(*a).total_cmp(&total(*b))).unwrap_or(0);
    let cost = total(best);
    let mut at = best;
    let mut lefts = vec![all[last][at].left];
    for (places, from) in all.iter().zip(&back).rev() {
        at = from[at];
        lefts.push(places[at].left);
    }
    lefts.reverse();
    Row { em, cost, lefts }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// A line of drawn characters: a frame with a cross in each cell of `em` pixels, with `gap` between, rising by `slope`.
    fn drawn(count: i32, em: i32, gap: i32, slope: f64) -> (GrayImage, Vec<i32>) {
        let mut sheet = GrayImage::from_pixel(1000, 200, Luma([255]));
        let lefts: Vec<i32> = (0..count).map(|n| 60 + n * (em + gap)).collect();
        for &left in &lefts {
            for x in 2..em - 2 {
                for y in 2..em - 2 {
                    let frame = x < 5 || y < 5 || x >= em - 5 || y >= em - 5;
                    if frame || x == em / 2 || y == em / 2 {
                        let down = (slope * f64::from(left + x)).round() as i32;
                        sheet.put_pixel((left + x) as u32, (80 + y + down) as u32, Luma([0]));
                    }
                }
            }
        }
        (sheet, lefts)
    }

    fn given(lefts: &[i32], em: i32, slope: f64, drift: impl Fn(usize) -> i32) -> Line {
        let last = lefts.last().map_or(0, |l| l + em);
        let fall = slope * f64::from(last);
        let seen = lefts.iter().enumerate().map(|(n, left)| {
            let left = left + drift(n);
            Seen { c: '字', bounds: [left, 80, left + em - 4, 80 + em], confidence: 90.0 }
        });
        let (top, bottom) = (82.0 + fall.min(0.0), f64::from(78 + em) + fall.max(0.0));
        Line { bounds: [lefts[0], top as i32, last, bottom as i32], slope, seen: seen.collect() }
    }

    fn worst(fitted: &[Seen], lefts: &[i32], em: i32) -> f64 {
        let off = |(s, left): (&Seen, &i32)| {
            (f64::from(s.bounds[0] + s.bounds[2]) / 2.0 - f64::from(left + em / 2)).abs() / f64::from(em)
        };
        fitted.iter().zip(lefts).map(off).fold(0.0, f64::max)
    }

    #[test]
    fn boxes_that_drifted_by_a_character_come_back_to_their_ink() {
        for (em, gap, slope) in [(30, 0, 0.0), (28, 3, 0.0), (32, 1, 0.02), (30, 0, -0.03)] {
            let (sheet, lefts) = drawn(20, em, gap, slope);
            let line = given(&lefts, em, slope, |n| n as i32 * 25 / 19 - 6);
            let fitted = super::line(&sheet, &line);
            let off = worst(&fitted, &lefts, em);
            assert!(off < 0.2, "em {em}, gap {gap}, slope {slope}: off by {off:.2} em");
        }
    }

    #[test]
    fn a_mark_read_in_a_gap_is_left_out_and_one_with_ink_is_kept() {
        let (mut sheet, lefts) = drawn(8, 30, 0, 0.0);
        let mut line = given(&lefts, 30, 0.0, |_| 0);
        line.bounds[2] += 120;
        let mark = |c, left| Seen { c, bounds: [left, 80, left + 20, 110], confidence: 90.0 };
        let end = lefts[7] + 30;
        line.seen.extend([mark('”', end + 10), mark('。', end + 60)]);
        for (x, y) in (0..8).flat_map(|x| (0..8).map(move |y| (x, y))) {
            sheet.put_pixel((end + 64 + x) as u32, 98 + y, Luma([0]));
        }
        let read: String = super::line(&sheet, &line).iter().map(|s| s.c).collect();
        assert_eq!(read, "字字字字字字字字。");
    }

    #[test]
    fn a_rule_between_cells_of_a_table_is_no_ink() {
        let (mut sheet, mut lefts) = drawn(12, 30, 0, 0.0);
        // The second half stands in the next column of the table, behind a rule.
        let (clean, _) = drawn(12, 30, 0, 0.0);
        for x in 240..1000u32 {
            for y in 0..200 {
                let from = x.checked_sub(60).filter(|f| *f >= 240);
                sheet.put_pixel(x, y, from.map_or(Luma([255]), |f| *clean.get_pixel(f, y)));
            }
        }
        (0..200).for_each(|y| (268..271).for_each(|x| sheet.put_pixel(x, y, Luma([0]))));
        lefts.iter_mut().skip(6).for_each(|l| *l += 60);
        let line = given(&lefts, 30, 0.0, |n| if n < 6 { 4 } else { -5 });
        let off = worst(&super::line(&sheet, &line), &lefts, 30);
        assert!(off < 0.2, "off by {off:.2} em");
    }

    #[test]
    fn letters_alone_and_a_line_without_ink_stay_as_they_were_given() {
        let sheet = GrayImage::from_pixel(400, 100, Luma([255]));
        let at = |c, left: i32| Seen { c, bounds: [left, 20, left + 12, 50], confidence: 80.0 };
        for text in ["AB 12", "借款合同"] {
            let seen: Vec<Seen> = text.chars().zip((20..).step_by(31)).map(|(c, x)| at(c, x)).collect();
            let line = Line { bounds: [20, 20, 150, 50], slope: 0.0, seen: seen.clone() };
            let fitted = super::line(&sheet, &line);
            assert_eq!(fitted.len(), seen.len());
            for (a, b) in fitted.iter().zip(&seen) {
                assert!((a.bounds[0] - b.bounds[0]).abs() <= 16, "{text}: {a:?} from {b:?}");
            }
        }
    }
}
