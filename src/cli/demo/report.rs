//! What `huiting demo --once --json` prints: one JSON object.

use desk::Seen;
use model::{HearingTime, PageRef};
use serde::Serialize;

use super::script::{Timeline, What};

/// The object.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Every spoken cue with what was recognised.
    pub lines: Vec<LineResult>,
    /// Character error rate over all lines that are record, punctuation and blanks not counted: edits ÷ characters.
    pub cer: f64,
    /// Spoken commands and the typed search.
    pub commands: Vec<CommandResult>,
    /// Percentiles in milliseconds.
    pub latency_ms: Latency,
    /// Holes in the recording that nobody ordered.
    pub gaps: usize,
    /// The package that was written.
    pub package: Option<String>,
    /// Whether it verifies.
    pub verified: bool,
    /// What was found wrong, if not.
    pub findings: Vec<String>,
}

/// One spoken cue.
#[derive(Debug, Serialize)]
pub struct LineResult {
    /// Its name in the script.
    pub cue: String,
    /// Who spoke.
    pub seat: String,
    /// What was said.
    pub expected: String,
    /// What the machine wrote.
    pub recognised: String,
    /// Edits between the two.
    pub edits: usize,
}

/// What became of a command.
#[derive(Debug, Clone, Serialize)]
pub struct CommandResult {
    /// What was said or typed.
    pub spoken: String,
    /// What the machine heard.
    pub heard: String,
    /// The page it led to.
    pub reached: Option<PageRef>,
    /// Whether that is where it had to lead.
    pub right: bool,
    /// From the release of the key (or the query) to the page.
    pub latency_ms: u64,
}

/// Percentiles; `None` where nothing was measured.
#[derive(Debug, Default, Serialize)]
pub struct Latency {
    /// Last sample of an utterance → its settled line on a desk, median.
    pub line_p50: Option<u64>,
    /// The same, 95th percentile.
    pub line_p95: Option<u64>,
    /// First sample of an utterance → its first unsettled text on a desk, median.
    pub first_text_p50: Option<u64>,
}

/// Compares what the clerk's desk has seen with the script.
pub fn compare(timeline: &Timeline, zero: HearingTime, seen: &Seen) -> (Vec<LineResult>, f64, Latency) {
    let mut lines = Vec::new();
    let (mut edits, mut characters) = (0, 0);
    let spoken: Vec<_> = timeline
        .cues
        .iter()
        .filter_map(|c| match &c.what {
            What::Speech { text } => Some((c, text)),
            _ => None,
        })
        .collect();
    for (cue, text) in &spoken {
        // Each recognised line belongs to the cue of its seat that it overlaps most.
        let overlap = |c: &super::script::Cue, from: HearingTime, to: HearingTime| {
            let (start, end) = (zero.plus(c.start_ms), zero.plus(c.end_ms));
            end.min(to).since(start.max(from))
        };
        let mut own: Vec<_> = seen
            .lines
            .values()
            .map(|(_, l)| l)
            .filter(|l| l.seat == cue.seat)
            .filter(|l| {
                let rivals = spoken.iter().filter(|(c, _)| c.seat == cue.seat);
                let best = rivals.max_by_key(|(c, _)| overlap(c, l.from, l.to));
                best.is_some_and(|(c, _)| c.id == cue.id) && overlap(cue, l.from, l.to) > 0
            })
            .collect();
        own.sort_by_key(|l| (l.from, l.id));
        let recognised: String = own.iter().map(|l| l.heard.as_deref().unwrap_or(&l.text)).collect();
        let (want, got) = (speech::cer::characters(text), speech::cer::characters(&recognised));
        let distance = speech::cer::edits(&want, &got);
        edits += distance;
        characters += want.len();
        lines.push(LineResult {
            cue: cue.id.clone(),
            seat: cue.seat.to_string(),
            expected: (*text).clone(),
            recognised,
            edits: distance,
        });
    }
    let cer = edits as f64 / characters.max(1) as f64;
    (lines, cer, latency(seen))
}

fn latency(seen: &Seen) -> Latency {
    let mut settled: Vec<u64> = seen.lines.values().map(|(at, l)| at.since(l.to)).collect();
    let mut first: Vec<u64> = seen.partials.iter().map(|(from, at, _)| at.since(*from)).collect();
    settled.sort_unstable();
    first.sort_unstable();
    let at = |all: &[u64], part: f64| {
        all.get(((all.len() as f64 - 1.0) * part).round().max(0.0) as usize).copied()
    };
    Latency { line_p50: at(&settled, 0.5), line_p95: at(&settled, 0.95), first_text_p50: at(&first, 0.5) }
}
