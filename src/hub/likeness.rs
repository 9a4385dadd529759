//! Whose voice a line said into a shared microphone is like: a proposal for the clerk, who tells who spoke.
//!
//! What a voice sounds like comes with its utterance, is compared with the lines of the same microphone whose speaker the clerk has told,
//! and is kept in memory alone: the journal gets the proposal and never the voice.

use std::collections::{BTreeMap, HashMap};

use court::{Line, RevisionBasis, State};
use model::{HearingTime, LineId, SeatId};

/// Utterances whose voices are remembered, per microphone.
const REMEMBERED: usize = 2000;
/// Lines that wait for their speaker and are compared again when another one is told.
const WAITING: usize = 50;
/// The likest voice must be nearer than the next by this.
const NEARER: f32 = 0.8;

/// The voices of a hearing.
#[derive(Debug, Default)]
pub(crate) struct Voices(HashMap<SeatId, BTreeMap<HearingTime, Vec<f32>>>);

impl Voices {
    /// How the voice of an utterance sounds.
    pub(crate) fn heard(&mut self, microphone: &SeatId, from: HearingTime, voice: Vec<f32>) {
        if voice.is_empty() || voice.iter().any(|v| !v.is_finite()) {
            return;
        }
        let of = self.0.entry(microphone.clone()).or_default();
        of.insert(from, voice);
        if of.len() > REMEMBERED {
            of.pop_first();
        }
    }

    /// For the newest lines of a microphone whose speaker nobody has told: the seats they are like, the likest first; none where no two
    /// speakers are known or their voices do not tell them apart.
    pub(crate) fn proposals(&self, state: &State, microphone: &SeatId) -> Vec<(LineId, Vec<SeatId>)> {
        let Some(voices) = self.0.get(microphone) else { return Vec::new() };
        let said = |line: &'_ Line| {
            let heard = line.recognised.as_ref().filter(|r| r.seat == *microphone)?;
            voices.get(&heard.from)
        };
        let mut known: BTreeMap<&SeatId, (Vec<f32>, f32)> = BTreeMap::new();
        for line in state.lines.values().filter(|l| l.whose.is_none() && told_whole(l)) {
            let Some(voice) = said(line) else { continue };
            let (sum, n) = known.entry(line.speaker()).or_insert_with(|| (vec![0.0; voice.len()], 0.0));
            sum.iter_mut().zip(voice).for_each(|(s, v)| *s += v);
            *n += 1.0;
        }
        let open = state.lines.values().rev().filter(|l| l.whose.is_some() && told_whole(l));
        open.filter_map(|l| Some((l.id, likest(said(l)?, &known)))).take(WAITING).collect()
    }
}

/// Nothing was cut off it: it is one voice.
fn told_whole(line: &Line) -> bool {
    let cut = |basis: &RevisionBasis| {
        matches!(
            basis,
            RevisionBasis::Split { .. } | RevisionBasis::Joined { .. } | RevisionBasis::JoinedTo { .. }
        )
    };
    !line.revisions.iter().any(|r| cut(&r.basis))
}

fn likest(voice: &[f32], known: &BTreeMap<&SeatId, (Vec<f32>, f32)>) -> Vec<SeatId> {
    let distance = |(sum, n): &(Vec<f32>, f32)| {
        sum.iter().zip(voice).map(|(s, v)| (s / n - v).powi(2)).sum::<f32>().sqrt()
    };
    let mut by_distance: Vec<(f32, &SeatId)> = known.iter().map(|(seat, of)| (distance(of), *seat)).collect();
    by_distance.sort_by(|a, b| a.0.total_cmp(&b.0));
    match by_distance.as_slice() {
        [(near, _), (next, _), ..] if *near < NEARER * next => {
            by_distance.into_iter().map(|(_, seat)| seat.clone()).collect()
        }
        _ => Vec::new(),
    }
}
