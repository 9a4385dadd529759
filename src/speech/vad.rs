//! Whether a frame of sound holds a voice.

/// Samples of one frame: 16 ms.
pub const FRAME: usize = 256;
/// Milliseconds of one frame.
pub const FRAME_MS: u64 = 16;

/// Looks at consecutive frames of one channel.
pub trait VoiceDetector: Send {
    /// How likely the frame of [`FRAME`] samples holds a voice, 0–1.
    fn score(&mut self, frame: &[f32; FRAME]) -> f32;
    /// Forgets what went before: the next frame does not follow it.
    fn reset(&mut self);
}

/// The `earshot` network.
#[derive(Default)]
pub struct Earshot(Box<earshot::Detector>);

impl VoiceDetector for Earshot {
    fn score(&mut self, frame: &[f32; FRAME]) -> f32 {
        let mut bounded = *frame;
        bounded.iter_mut().for_each(|s| *s = s.clamp(-1.0, 1.0));
        self.0.predict_f32(&bounded).clamp(0.0, 1.0)
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Level of samples in dB below full scale, −120 for digital silence.
#[must_use]
pub fn level_db(samples: &[f32]) -> f32 {
    let power = samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32;
    (10.0 * (power + 1e-12).log10()).max(-120.0)
}
