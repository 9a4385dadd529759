//! Any device rate to 16 kHz: a streaming polyphase filter (windowed sinc), one a channel.

use crate::RATE_HZ;

/// Zero crossings of the sinc on each side.
const CROSSINGS: usize = 16;
/// Cut below the lower of both half rates, so that the filter's slope ends there.
const ROLLOFF: f64 = 0.92;

/// One channel's converter. Output sample n stands for the same moment as input sample n·from/16000: the filter's own delay is
/// taken off.
#[derive(Debug)]
pub struct Resampler {
    /// Output rate ÷ gcd, input rate ÷ gcd.
    up: u64,
    down: u64,
    /// One set of taps per phase.
    phases: Vec<Vec<f32>>,
    half: usize,
    /// Input not yet done with; `held[0]` is input sample `held_from` (counted with `half` zeros before the first).
    held: Vec<f32>,
    held_from: u64,
    produced: u64,
}

impl Resampler {
    /// A converter from `rate_hz`; `None` when it is 16 kHz already.
    #[must_use]
    pub fn from(rate_hz: u32) -> Option<Self> {
        if rate_hz == RATE_HZ || rate_hz == 0 {
            return None;
        }
        let gcd = gcd(u64::from(rate_hz), u64::from(RATE_HZ));
        let (up, down) = (u64::from(RATE_HZ) / gcd, u64::from(rate_hz) / gcd);
        // Cycles per input sample that may pass, as a part of the input's Nyquist frequency.
        let cutoff = ROLLOFF * (f64::from(RATE_HZ) / f64::from(rate_hz)).min(1.0);
        let half = (CROSSINGS as f64 / cutoff).ceil() as usize;
        let phases = (0..up).map(|p| taps(p as f64 / up as f64, half, cutoff)).collect();
        Some(Self { up, down, phases, half, held: vec![0.0; half], held_from: 0, produced: 0 })
    }

    /// Takes input, gives the output that is complete.
    pub fn push(&mut self, input: &[f32]) -> Vec<f32> {
        self.held.extend_from_slice(input);
        let mut out = Vec::with_capacity(input.len() * self.up as usize / self.down as usize + 1);
        loop {
            let position = self.produced * self.down;
            let (at, phase) = (position / self.up, (position % self.up) as usize);
            let from = (at - self.held_from) as usize;
            let Some(window) = self.held.get(from..from + 2 * self.half + 1) else { break };
            out.push(window.iter().zip(&self.phases[phase]).map(|(x, t)| x * t).sum());
            self.produced += 1;
        }
        let done = (self.produced * self.down / self.up - self.held_from) as usize;
        self.held.drain(..done.min(self.held.len()));
        self.held_from += done as u64;
        out
    }
}

/// Taps for an output that lies `phase` input samples behind the window's middle.
fn taps(phase: f64, half: usize, cutoff: f64) -> Vec<f32> {
    let width = half as f64 + 1.0;
    let raw: Vec<f64> = (0..2 * half + 1)
        .map(|n| {
            let x = n as f64 - half as f64 - phase;
            let window = (std::f64::consts::FRAC_PI_2 * x / width).cos().powi(2);
            sinc(cutoff * x) * window
        })
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|t| (t / sum) as f32).collect()
}

fn sinc(x: f64) -> f64 {
    let x = std::f64::consts::PI * x;
    if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate_hz: u32, hz: f64, n: usize) -> Vec<f32> {
        (0..n).map(|i| (std::f64::consts::TAU * hz * i as f64 / f64::from(rate_hz)).sin() as f32).collect()
    }

    fn power(x: &[f32]) -> f64 {
        x.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / x.len().max(1) as f64
    }

    #[test]
    fn a_tone_keeps_its_place_and_level_from_every_common_rate() {
        for rate_hz in [8_000, 22_050, 44_100, 48_000, 96_000] {
            let mut r = Resampler::from(rate_hz).expect("another rate");
            let input = tone(rate_hz, 1000.0, rate_hz as usize);
            // In pieces of an odd length, as devices deliver.
            let got: Vec<f32> = input.chunks(441).flat_map(|c| r.push(c)).collect();
            let want = tone(RATE_HZ, 1000.0, RATE_HZ as usize);
            let difference: Vec<f32> =
                got[400..15_000].iter().zip(&want[400..]).map(|(g, w)| g - w).collect();
            assert!(power(&difference) < 1e-4, "{rate_hz}: {}", power(&difference));
            assert!(got.len() > 15_900, "{rate_hz}: {}", got.len());
        }
    }

    #[test]
    fn what_16_khz_cannot_hold_does_not_fold_back() {
        let mut r = Resampler::from(48_000).expect("another rate");
        let out = r.push(&tone(48_000, 12_000.0, 48_000));
        assert!(power(&out[400..15_000]) < 1e-5, "{}", power(&out[400..15_000]));
    }
}
