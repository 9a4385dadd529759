//! What was written against what was said.

use speech::cer::{characters, edits};

use super::corpus::{Cue, Scene};
use super::policies::Told;

/// Counts of one policy over scenes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Score {
    /// Characters said, and edits of what was written.
    pub(crate) said: usize,
    pub(crate) wrong: usize,
    /// Characters written, and those of them that somebody else said.
    pub(crate) written: usize,
    pub(crate) strayed: usize,
    /// From the end of a cue to its settled text, and from its beginning to the first text, in milliseconds.
    pub(crate) final_ms: Vec<f64>,
    pub(crate) first_ms: Vec<f64>,
    /// Names said, and those of them that are written in the line.
    pub(crate) names: usize,
    pub(crate) names_right: usize,
    /// Characters of names that nobody said there.
    pub(crate) inserted: usize,
    pub(crate) busy_ms: f64,
    pub(crate) sound_ms: f64,
}

/// A line is looked for so far around its cue.
const NEAR_MS: u64 = 400;

impl Score {
    pub(crate) fn cer(&self) -> f64 {
        100.0 * self.wrong as f64 / self.said.max(1) as f64
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.said += other.said;
        self.wrong += other.wrong;
        self.written += other.written;
        self.strayed += other.strayed;
        self.final_ms.extend(&other.final_ms);
        self.first_ms.extend(&other.first_ms);
        self.names += other.names;
        self.names_right += other.names_right;
        self.inserted += other.inserted;
        self.busy_ms += other.busy_ms;
        self.sound_ms += other.sound_ms;
    }

    /// What a policy told of a scene.
    pub(crate) fn of(scene: &Scene, told: &[Told]) -> Self {
        let mut score = Self { sound_ms: scene.duration_ms as f64, ..Self::default() };
        for (seat, id) in scene.seats.iter().enumerate() {
            let cues: Vec<&Cue> = scene.cues_of(id).collect();
            let mut lines: Vec<Line> = told.iter().filter_map(|t| Line::of(t, seat)).collect();
            lines.sort_by_key(|l| (l.from_ms, l.at_ms));
            score.text(&cues, lines.iter().map(|l| l.raw));
            score.strays(scene, &cues, &lines);
            score.times(&cues, &lines, told, seat);
            score.names(scene, &cues, &lines);
        }
        score
    }

    /// Texts of one seat, in order.
    pub(crate) fn text<'a>(&mut self, cues: &[&Cue], lines: impl Iterator<Item = &'a str>) {
        let said: Vec<char> = cues.iter().flat_map(|c| characters(&c.text)).collect();
        let written: Vec<char> = lines.flat_map(characters).collect();
        self.said += said.len();
        self.written += written.len();
        self.wrong += edits(&said, &written);
    }

    fn strays(&mut self, scene: &Scene, own: &[&Cue], lines: &[Line]) {
        for line in lines {
            let near = |c: &&Cue| c.start_ms < line.to_ms.max(line.from_ms + 1) && c.end_ms > line.from_ms;
            let others =
                scene.cues.iter().filter(|c| own.first().is_none_or(|o| o.seat != c.seat)).filter(near);
            let others: Vec<char> = others.flat_map(|c| characters(&c.text)).collect();
            let mine: Vec<char> =
                own.iter().copied().filter(|c| near(c)).flat_map(|c| characters(&c.text)).collect();
            let extra = beyond(&mine, &characters(line.raw));
            // One or two characters in common are chance.
            let shared = common(&extra, &others);
            self.strayed += if shared >= 3 { shared } else { 0 };
        }
    }

    fn times(&mut self, cues: &[&Cue], lines: &[Line], told: &[Told], seat: usize) {
        for (n, cue) in cues.iter().enumerate() {
            let next = cues.get(n + 1).map_or(u64::MAX, |c| c.start_ms);
            let settled = lines
                .iter()
                .filter(|l| l.to_ms + NEAR_MS >= cue.end_ms && l.from_ms < cue.end_ms && !l.raw.is_empty())
                .min_by_key(|l| l.at_ms);
            // A line that goes on with the next cue ends with that.
            if let Some(line) = settled.filter(|l| l.to_ms <= next) {
                self.final_ms.push(line.at_ms as f64 - cue.end_ms as f64);
            }
            let first = told.iter().filter_map(|t| match t {
                Told::Shown { seat: s, at_ms } if *s == seat => Some(*at_ms),
                _ => None,
            });
            let first = first.filter(|at| *at > cue.start_ms && *at < cue.end_ms + 1000).min();
            self.first_ms.extend(first.map(|at| (at - cue.start_ms) as f64));
        }
    }

    fn names(&mut self, scene: &Scene, cues: &[&Cue], lines: &[Line]) {
        for cue in cues {
            let near = lines.iter().filter(|l| l.from_ms < cue.end_ms && l.to_ms > cue.start_ms);
            let text: String = near.map(|l| l.text).collect();
            self.names += cue.names.len();
            self.names_right += cue.names.iter().filter(|n| text.contains(n.as_str())).count();
        }
        for line in lines {
            let near = cues.iter().filter(|c| c.start_ms < line.to_ms && c.end_ms > line.from_ms);
            let said: String = near.map(|c| c.text.as_str()).collect();
            for term in
                scene.terms.iter().filter(|t| line.text.contains(t.as_str()) && !said.contains(t.as_str()))
            {
                self.inserted += term.chars().count();
            }
        }
    }
}

struct Line<'a> {
    from_ms: u64,
    to_ms: u64,
    raw: &'a str,
    text: &'a str,
    at_ms: u64,
}

impl<'a> Line<'a> {
    fn of(told: &'a Told, seat: usize) -> Option<Self> {
        match told {
            Told::Settled { seat: s, from_ms, to_ms, raw, text, at_ms } if *s == seat => {
                Some(Self { from_ms: *from_ms, to_ms: *to_ms, raw, text, at_ms: *at_ms })
            }
            _ => None,
        }
    }
}

/// Characters of `got` that stand for nothing in `want`, by an alignment of fewest edits.
fn beyond(want: &[char], got: &[char]) -> Vec<char> {
    let mut rows = vec![vec![0usize; got.len() + 1]; want.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0].iter_mut().enumerate().for_each(|(j, cell)| *cell = j);
    for i in 1..=want.len() {
        for j in 1..=got.len() {
            let same = rows[i - 1][j - 1] + usize::from(want[i - 1] != got[j - 1]);
            rows[i][j] = same.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
        }
    }
    let (mut i, mut j, mut extra) = (want.len(), got.len(), Vec::new());
    while j > 0 {
        if i > 0 && rows[i][j] == rows[i - 1][j - 1] + usize::from(want[i - 1] != got[j - 1]) {
            (i, j) = (i - 1, j - 1);
        } else if i > 0 && rows[i][j] == rows[i - 1][j] + 1 {
            i -= 1;
        } else {
            j -= 1;
            extra.push(got[j]);
        }
    }
    extra.reverse();
    extra
}

/// The longest common subsequence.
fn common(a: &[char], b: &[char]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[b.len()]
}
