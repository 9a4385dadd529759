//! How a voice sounds, whatever it says: for a proposal of who spoke into a shared microphone, and never for more.
//!
//! The mean log-mel cepstrum of the loud frames, which is the length and shape of a throat as this microphone gives it, and the pitch.
//! Only voices of one microphone compare. Nothing of it is written to disk.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::SAMPLES_PER_MS;

/// 64 ms, every 20 ms.
const FRAME: usize = 1024;
const HOP: usize = 20 * SAMPLES_PER_MS as usize;
const BANDS: usize = 24;
const CEPSTRA: usize = 12;
const LOWEST_HZ: f32 = 120.0;
const HIGHEST_HZ: f32 = 6500.0;
/// Lags of the pitches of people: 400 down to 60 Hz.
const LAGS: std::ops::Range<usize> = 40..267;
/// Less of a frame repeats itself: it has no pitch.
const VOICED: f32 = 0.45;
/// Frames this far below the loudest say nothing of the voice.
const LOUD: f32 = 1e-3;
/// An octave of pitch weighs as much as so much of the cepstrum.
const OCTAVE: f32 = 4.0;
const RATE_HZ: f32 = 1000.0 * SAMPLES_PER_MS as f32;

/// Measures voices.
pub struct Listener {
    spectrum: Arc<dyn RealToComplex<f32>>,
    back: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// How much each bin counts in each band.
    bands: Vec<Vec<(usize, f32)>>,
}

impl Default for Listener {
    fn default() -> Self {
        let mut planner = RealFftPlanner::new();
        let turn = |i: usize, n: usize| std::f32::consts::TAU * i as f32 / n as f32;
        Self {
            spectrum: planner.plan_fft_forward(FRAME),
            back: planner.plan_fft_inverse(FRAME),
            window: (0..FRAME).map(|i| 0.5 - 0.5 * turn(i, FRAME).cos()).collect(),
            bands: bands(),
        }
    }
}

impl Listener {
    /// The voice in 16 kHz samples; empty where too little of it is heard.
    #[must_use]
    pub fn voice(&self, samples: &[f32]) -> Vec<f32> {
        let frames: Vec<_> = samples.windows(FRAME).step_by(HOP).map(|w| self.frame(w)).collect();
        let loudest = frames.iter().map(|f| f.power).fold(0.0, f32::max);
        let loud: Vec<_> = frames.iter().filter(|f| f.power > loudest * LOUD && f.power > 0.0).collect();
        let mut pitches: Vec<f32> = loud.iter().filter_map(|f| f.pitch_hz).collect();
        // A third of a second of voiced sound.
        if pitches.len() < 16 {
            return Vec::new();
        }
        pitches.sort_by(f32::total_cmp);
        let mean = |of: &dyn Fn(&Frame) -> f32| loud.iter().map(|f| of(f)).sum::<f32>() / loud.len() as f32;
        let mut voice: Vec<f32> = (0..CEPSTRA).map(|n| mean(&|f: &Frame| f.cepstrum[n])).collect();
        voice.push(OCTAVE * pitches[pitches.len() / 2].log2());
        voice
    }

    fn frame(&self, samples: &[f32]) -> Frame {
        let mut windowed: Vec<f32> = samples.iter().zip(&self.window).map(|(s, w)| s * w).collect();
        let mut bins = self.spectrum.make_output_vec();
        // Both lengths are those of the plan.
        let _ = self.spectrum.process(&mut windowed, &mut bins);
        let powers: Vec<f32> = bins.iter().map(|c| c.norm_sqr()).collect();
        let of_band = |band: &Vec<(usize, f32)>| band.iter().map(|(bin, w)| powers[*bin] * w).sum::<f32>();
        let logs: Vec<f32> = self.bands.iter().map(|band| (of_band(band) + 1e-9).ln()).collect();
        let cepstrum = std::array::from_fn(|n| {
            let angle = |k: usize| std::f32::consts::PI * (n + 1) as f32 * (k as f32 + 0.5) / BANDS as f32;
            let sum: f32 = logs.iter().enumerate().map(|(k, l)| l * angle(k).cos()).sum();
            sum * (2.0 / BANDS as f32).sqrt()
        });
        for (bin, power) in bins.iter_mut().zip(&powers) {
            (bin.re, bin.im) = (*power, 0.0);
        }
        let mut repeats = self.back.make_output_vec();
        let _ = self.back.process(&mut bins, &mut repeats);
        Frame { power: powers.iter().sum(), cepstrum, pitch_hz: self.pitch_hz(&repeats) }
    }

    /// The lag at which a frame repeats itself most, the window taken out.
    fn pitch_hz(&self, repeats: &[f32]) -> Option<f32> {
        let whole = repeats[0];
        let share = |lag: usize| repeats[lag] / whole / (1.0 - lag as f32 / FRAME as f32).powi(2);
        let best = LAGS.max_by(|a, b| share(*a).total_cmp(&share(*b)))?;
        (whole > 0.0 && share(best) > VOICED).then(|| RATE_HZ / best as f32)
    }
}

struct Frame {
    power: f32,
    cepstrum: [f32; CEPSTRA],
    pitch_hz: Option<f32>,
}

/// Triangles at equal distances on the mel scale.
fn bands() -> Vec<Vec<(usize, f32)>> {
    let mel = |hz: f32| (1.0 + hz / 700.0).ln();
    let step = (mel(HIGHEST_HZ) - mel(LOWEST_HZ)) / (BANDS + 1) as f32;
    (1..=BANDS)
        .map(|k| {
            let centre = mel(LOWEST_HZ) + step * k as f32;
            let weigh = |bin: usize| 1.0 - (mel(bin as f32 * RATE_HZ / FRAME as f32) - centre).abs() / step;
            (0..=FRAME / 2).map(|bin| (bin, weigh(bin))).filter(|(_, w)| *w > 0.0).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A throat: a buzz of so many Hz through two resonances, with a vowel that wanders by `seed`.
    fn speech(pitch_hz: f32, throat: f32, seed: u32) -> Vec<f32> {
        let (mut out, mut phase, mut state) = (Vec::new(), 0.0f32, [[0.0f32; 2]; 2]);
        for i in 0..32_000u32 {
            let t = i as f32 / RATE_HZ;
            let vowel = 1.0 + 0.25 * (t * (3.0 + seed as f32)).sin();
            phase += pitch_hz * (1.0 + 0.08 * (t * 5.0 + seed as f32).sin()) / RATE_HZ;
            let mut sample = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase %= 1.0;
            for (formant, [a, b]) in [700.0, 1600.0].into_iter().zip(&mut state) {
                let w = std::f32::consts::TAU * formant * throat * vowel / RATE_HZ;
                let next = sample + 2.0 * 0.97 * w.cos() * *a - 0.97 * 0.97 * *b;
                (*b, *a) = (*a, next);
                sample = next * 0.1;
            }
            out.push(sample);
        }
        out
    }

    fn distance(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
    }

    #[test]
    fn a_voice_is_nearer_to_itself_saying_something_else_than_to_another_at_any_level() {
        let listener = Listener::default();
        let quiet = |samples: Vec<f32>| samples.iter().map(|s| s * 0.05).collect::<Vec<f32>>();
        let one = [1, 2].map(|seed| listener.voice(&speech(120.0, 1.0, seed)));
        let other = [3, 4].map(|seed| listener.voice(&quiet(speech(210.0, 1.17, seed))));
        let within = distance(&one[0], &one[1]).max(distance(&other[0], &other[1]));
        let between = distance(&one[0], &other[0]).min(distance(&one[1], &other[1]));
        assert!(within * 2.0 < between, "{within} within, {between} between");
    }

    #[test]
    fn of_noise_silence_and_a_short_cry_there_is_no_voice() {
        let listener = Listener::default();
        let mut x = 1u32;
        let noise: Vec<f32> = (0..32_000)
            .map(|_| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (x >> 8) as f32 / (1 << 24) as f32 - 0.5
            })
            .collect();
        for sound in [noise, vec![0.0; 32_000], Vec::new(), speech(150.0, 1.0, 1)[..3000].to_vec()] {
            assert_eq!(listener.voice(&sound), Vec::<f32>::new());
        }
    }
}
