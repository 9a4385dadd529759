//! Cross-talk: a talker is heard in every open microphone, and shall be written down at one only.
//!
//! Pure. Levels of one frame of every channel in, a judgement for each out. A channel is leakage while another is far louder *and*
//! its loudness rises and falls with it; far below that, loudness alone decides. Two who really talk at once are each loud
//! at their own microphone, and move independently: both stay. What is about as loud at three microphones at once, and rises and falls
//! with it at all of them, was said into none: a chair, a door, a cough at the back.

use std::collections::VecDeque;

/// Another channel must be this much louder for leakage, in dB.
const MARGIN_DB: f32 = 10.0;
/// So much louder that nothing of an own voice could be made out in any case.
const CERTAIN_DB: f32 = 18.0;
/// Correlation of the loudness curves from which on they are one voice.
const ALIKE: f32 = 0.5;
/// Frames compared: 640 ms.
const WINDOW: usize = 40;
/// Sound needs time from one microphone to the other (10 m: 30 ms), and rooms echo: the louder one is looked for so far back.
const LAG_FRAMES: usize = 4;

/// Nobody is so far from their own microphone that two others hear them as loudly, within so many dB.
const DIFFUSE_DB: f32 = 6.0;
/// See [`DIFFUSE_DB`].
const DIFFUSE_ALIKE: f32 = 0.8;
/// Other microphones that hear it so.
const DIFFUSE_OTHERS: usize = 2;

/// What a frame of a channel is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Judged {
    /// Another's voice.
    pub leaked: bool,
    /// A sound of the room, said into no microphone.
    pub diffuse: bool,
}

/// Remembers the last levels of each channel.
#[derive(Debug, Default)]
pub struct Gate {
    channels: Vec<VecDeque<f32>>,
}

impl Gate {
    /// Takes the level of every channel in the same 16 ms, in dB (−120 where there is no sound), and says for each
    /// what it is. The number of channels may grow from call to call.
    pub fn push(&mut self, levels_db: &[f32]) -> Vec<Judged> {
        self.channels.resize_with(self.channels.len().max(levels_db.len()), VecDeque::new);
        let frames = self.channels.iter().map(VecDeque::len).max().unwrap_or(0);
        for (n, channel) in self.channels.iter_mut().enumerate() {
            // A channel that joins later was silent before.
            while channel.len() < frames {
                channel.push_front(-120.0);
            }
            channel.push_back(levels_db.get(n).copied().unwrap_or(-120.0));
            if channel.len() > WINDOW + LAG_FRAMES {
                channel.pop_front();
            }
        }
        let others = |c: usize| (0..levels_db.len()).filter(move |o| *o != c);
        let judge = |c: usize| Judged {
            leaked: others(c).any(|o| self.leaks(c, o)),
            diffuse: others(c).filter(|o| self.hears_as_loudly(c, *o)).nth(DIFFUSE_OTHERS - 1).is_some(),
        };
        (0..levels_db.len()).map(judge).collect()
    }

    fn hears_as_loudly(&self, one: usize, other: usize) -> bool {
        let (own, other) = (&self.channels[one], &self.channels[other]);
        // Over the lags: who stands nearer hears it sooner.
        let recent =
            |c: &VecDeque<f32>| c.iter().rev().take(LAG_FRAMES + 1).fold(-120.0f32, |m, l| m.max(*l));
        (recent(own) - recent(other)).abs() <= DIFFUSE_DB
            && (alike(own, other, DIFFUSE_ALIKE) || alike(other, own, DIFFUSE_ALIKE))
    }

    fn leaks(&self, quiet: usize, loud: usize) -> bool {
        let (own, other) = (&self.channels[quiet], &self.channels[loud]);
        let Some(now) = own.back() else { return false };
        let recent = other.iter().rev().take(LAG_FRAMES + 1).fold(-120.0f32, |m, l| m.max(*l));
        let margin = recent - now;
        margin >= CERTAIN_DB || (margin >= MARGIN_DB && alike(own, other, ALIKE))
    }
}

/// Whether the curve of `own` follows that of `other` at any lag allowed, with at least this correlation.
fn alike(own: &VecDeque<f32>, other: &VecDeque<f32>, least: f32) -> bool {
    (0..=LAG_FRAMES).any(|lag| {
        let n = own.len().min(other.len()).saturating_sub(lag).min(WINDOW);
        let own_tail = own.iter().rev().take(n);
        let other_tail = other.iter().rev().skip(lag).take(n);
        correlation(own_tail.zip(other_tail), n) >= least
    })
}

fn correlation<'a>(pairs: impl Iterator<Item = (&'a f32, &'a f32)> + Clone, n: usize) -> f32 {
    if n < 4 {
        return 1.0;
    }
    let count = n as f32;
    let (sum_a, sum_b) = pairs.clone().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let (mean_a, mean_b) = (sum_a / count, sum_b / count);
    let (mut ab, mut aa, mut bb) = (0.0f32, 0.0f32, 0.0f32);
    for (x, y) in pairs {
        let (x, y) = (x - mean_a, y - mean_b);
        (ab, aa, bb) = (ab + x * y, aa + x * x, bb + y * y);
    }
    ab / (aa * bb).sqrt().max(1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A loudness curve as speech has it: syllables of different lengths.
    fn syllables(n: usize, seed: u32, top_db: f32) -> f32 {
        let beat =
            ((n as u32 / 6).wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(40_503)) >> 13) % 20;
        top_db - beat as f32 - (n % 6) as f32
    }

    fn run(frames: usize, levels: impl Fn(usize) -> Vec<f32>) -> Vec<usize> {
        let mut gate = Gate::default();
        let mut leaks = vec![0; levels(0).len()];
        for n in 0..frames {
            let judged = gate.push(&levels(n));
            judged.iter().zip(&mut leaks).for_each(|(j, count)| *count += usize::from(j.leaked));
        }
        leaks
    }

    #[test]
    fn a_voice_in_another_microphone_is_leakage_at_12_db_and_at_28() {
        for down in [12.0, 15.0, 28.0] {
            let leaks = run(300, |n| {
                let voice = syllables(n, 1, -20.0);
                let late = syllables(n.saturating_sub(1), 1, -20.0);
                vec![voice, late - down]
            });
            assert_eq!(leaks[0], 0, "{down}");
            assert!(leaks[1] > 270, "{down}: {leaks:?}");
        }
    }

    #[test]
    fn two_who_talk_at_once_both_stay() {
        let leaks = run(300, |n| vec![syllables(n, 1, -20.0), syllables(n, 7, -24.0)]);
        assert!(leaks.iter().all(|l| *l < 75), "{leaks:?}");
    }

    #[test]
    fn a_chair_is_heard_by_all_alike_and_a_voice_by_its_own_microphone() {
        let diffuse = |levels: &dyn Fn(usize) -> Vec<f32>| {
            let mut gate = Gate::default();
            (0..300)
                .map(|n| gate.push(&levels(n)).iter().filter(|j| j.diffuse && !j.leaked).count())
                .sum::<usize>()
        };
        let chair = |n: usize| syllables(n, 5, -22.0);
        assert!(
            diffuse(&|n| vec![chair(n), chair(n.saturating_sub(1)) - 3.0, chair(n) - 5.0, -60.0]) > 3 * 250
        );
        let voice = |n: usize| syllables(n, 1, -20.0);
        assert_eq!(diffuse(&|n| vec![voice(n), voice(n) - 14.0, voice(n) - 15.0, voice(n) - 20.0]) / 300, 0);
        // Two who agree in chorus are no chair; one microphone's sound in two channels is none either.
        assert!(diffuse(&|n| vec![voice(n), voice(n), -60.0]) < 10, "but for the first frames");
        let three = |n| vec![syllables(n, 1, -20.0), syllables(n, 7, -22.0), syllables(n, 11, -21.0)];
        assert!(diffuse(&three) < 90, "{}", diffuse(&three));
    }

    #[test]
    fn one_alone_is_never_leakage() {
        let leaks = run(300, |n| vec![syllables(n, 3, -45.0), -62.0, -62.0]);
        assert_eq!(leaks[0], 0);
    }
}
