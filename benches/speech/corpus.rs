//! The scenes that `fixtures/speech/build.py` renders.

use std::path::Path;

use model::SeatId;
use serde::Deserialize;
use speech::RATE_HZ;

/// Samples of a millisecond.
const PER_MS: usize = RATE_HZ as usize / 1000;

/// Something that is said.
#[derive(Debug, Deserialize)]
pub(crate) struct Cue {
    pub(crate) seat: String,
    pub(crate) text: String,
    pub(crate) start_ms: u64,
    pub(crate) end_ms: u64,
    /// Names of the case in it.
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct About {
    condition: String,
    seats: Vec<String>,
    terms: Vec<String>,
    cues: Vec<Cue>,
    duration_ms: u64,
}

/// A few minutes of a hearing.
pub(crate) struct Scene {
    pub(crate) condition: String,
    pub(crate) seats: Vec<SeatId>,
    pub(crate) terms: Vec<String>,
    pub(crate) cues: Vec<Cue>,
    pub(crate) duration_ms: u64,
    /// What each microphone heard.
    pub(crate) heard: Vec<Vec<i16>>,
    /// The same without the others' voices; empty where nobody speaks.
    pub(crate) own: Vec<Vec<i16>>,
}

impl Scene {
    pub(crate) fn load(folder: &Path, name: &str) -> Self {
        let about = std::fs::read(folder.join(format!("{name}.json"))).expect("the corpus is whole");
        let about: About = serde_json::from_slice(&about).expect("a scene");
        let own = folder.join(format!("{name}-own.wav"));
        Self {
            seats: about.seats.iter().map(|s| SeatId::new(s).expect("a plain name")).collect(),
            condition: about.condition,
            terms: about.terms,
            cues: about.cues,
            duration_ms: about.duration_ms,
            heard: channels(&folder.join(format!("{name}.wav"))),
            own: if own.exists() { channels(&own) } else { Vec::new() },
        }
    }

    /// What the microphones heard from `at_ms` on for `ms`.
    pub(crate) fn chunk(&self, seat: usize, at_ms: u64, ms: u64) -> &[i16] {
        let sound = &self.heard[seat];
        let from = (at_ms as usize * PER_MS).min(sound.len());
        &sound[from..(from + ms as usize * PER_MS).min(sound.len())]
    }

    /// A seat's sound without the others' voices.
    pub(crate) fn alone(&self, seat: usize, from_ms: u64, to_ms: u64) -> Vec<f32> {
        let sound = &self.own[seat];
        let at = |ms: u64| (ms as usize * PER_MS).min(sound.len());
        sound[at(from_ms)..at(to_ms)].iter().map(|s| f32::from(*s) / 32_768.0).collect()
    }

    /// What a seat says, in order.
    pub(crate) fn cues_of(&self, seat: &SeatId) -> impl Iterator<Item = &Cue> {
        self.cues.iter().filter(move |c| c.seat == seat.as_str())
    }
}

fn channels(path: &Path) -> Vec<Vec<i16>> {
    let mut reader = hound::WavReader::open(path).expect("a sound file");
    let count = usize::from(reader.spec().channels);
    let mut channels = vec![Vec::with_capacity(reader.duration() as usize); count];
    for (n, sample) in reader.samples::<i16>().enumerate() {
        channels[n % count].push(sample.expect("a sample"));
    }
    channels
}
