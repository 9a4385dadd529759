//! One channel's sound cut into utterances.
//!
//! ```text
//!            voice for 48 ms                    pause ≥ hangover, key released, sound ends
//!   Silent ───────────────────► Speaking ─────────────────────────────────────────────────────► Silent
//!                                  │  ▲
//!                                  └──┘ too long: cut in the quietest place · key pressed: cut there; go on at once
//! ```
//!
//! Where sound is missing that was recorded, what is being said is torn: it and all up to the next pause is left to who reads it from
//! the recording.
//!
//! Pure: frames with their hearing time in, [`Cut`]s out. An utterance begins a little before its first voiced frame, so that
//! onsets are whole, and never before the end of the one before. Everything is counted in frames of 16 ms.

use std::collections::VecDeque;

use model::HearingTime;

use crate::gate::Judged;
use crate::vad::{FRAME, FRAME_MS, VoiceDetector, level_db};

/// How sound is cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentRules {
    /// A pause of this length ends an utterance.
    pub hangover_ms: u64,
    /// The same once the utterance is longer than six tenths of `long_ms_max`.
    pub hangover_long_ms: u64,
    /// Sound kept before the first voiced frame.
    pub pre_roll_ms: u64,
    /// Sound kept behind the last.
    pub tail_ms: u64,
    /// Less voice than this is none.
    pub voice_ms_min: u64,
    /// An utterance is cut at the latest here.
    pub long_ms_max: u64,
    /// Score from which on a frame is voice; a running utterance is content with `score_stay`.
    pub score_start: f32,
    /// See `score_start`.
    pub score_stay: f32,
    /// Voice stands at least so far above the quietest of the last seconds, in dB.
    pub above_floor_db: f32,
    /// How long after the key is released a command may go on.
    pub key_tail_ms: u64,
    /// So much voice before the key goes down is an utterance of its own.
    pub before_key_ms: u64,
}

impl Default for SegmentRules {
    fn default() -> Self {
        Self {
            hangover_ms: 550,
            hangover_long_ms: 250,
            pre_roll_ms: 240,
            tail_ms: 160,
            voice_ms_min: 200,
            long_ms_max: 20_000,
            score_start: 0.5,
            score_stay: 0.35,
            above_floor_db: 6.0,
            key_tail_ms: 200,
            before_key_ms: 400,
        }
    }
}

/// What became of the sound.
#[derive(Debug, Clone, PartialEq)]
pub enum Cut {
    /// Somebody began to speak.
    Began {
        /// Hearing time of the utterance's first sample.
        from: HearingTime,
    },
    /// The utterance is over.
    Ended(Utterance),
    /// What had begun was no voice after all.
    Dropped {
        /// As in `Began`.
        from: HearingTime,
    },
    /// What was being said is torn by a hole in the sound.
    Torn {
        /// As in `Began`.
        from: HearingTime,
    },
    /// Behind a hole, somebody paused: what is said from here on is heard whole.
    Whole {
        /// When that is.
        at: HearingTime,
    },
}

/// A stretch of speech.
#[derive(Debug, Clone, PartialEq)]
pub struct Utterance {
    /// Hearing time of its first sample.
    pub from: HearingTime,
    /// Hearing time behind its last sample.
    pub to: HearingTime,
    /// All of it, 16 kHz.
    pub samples: Vec<f32>,
    /// Whether it was said with the key held.
    pub command: bool,
    /// Other microphones heard most of it as loudly.
    pub diffuse: bool,
}

struct Kept {
    at: HearingTime,
    voiced: bool,
    diffuse: bool,
    level_db: f32,
    samples: [f32; FRAME],
}

/// Frames are numbered from the channel's start.
#[derive(Debug, Clone, Copy)]
struct Speaking {
    start: u64,
    /// Behind the last voiced frame.
    voiced_until: u64,
    command: bool,
}

#[derive(Debug, Clone, Copy)]
struct Press {
    down: HearingTime,
    up: Option<HearingTime>,
    /// Whether a running utterance has been cut for it.
    applied: bool,
}

/// One channel.
pub struct Segmenter {
    rules: SegmentRules,
    detector: Box<dyn VoiceDetector>,
    kept: VecDeque<Kept>,
    /// Number of the frame that comes next; `kept` ends before it.
    next: u64,
    /// Frames before this belong to an utterance that is over.
    taken: u64,
    onset: u64,
    floor_db: f32,
    speaking: Option<Speaking>,
    press: Option<Press>,
    torn: Option<Torn>,
    settled: HearingTime,
}

/// Behind a hole: nothing is cut before somebody pauses.
#[derive(Debug, Clone, Copy)]
struct Torn {
    since: u64,
    voiced_until: u64,
}

impl Segmenter {
    /// A silent channel.
    #[must_use]
    pub fn new(rules: SegmentRules, detector: Box<dyn VoiceDetector>) -> Self {
        let (kept, floor_db) = (VecDeque::new(), -50.0);
        let (speaking, press, torn) = (None, None, None);
        let settled = HearingTime::default();
        Self { rules, detector, kept, next: 0, taken: 0, onset: 0, floor_db, speaking, press, torn, settled }
    }

    /// What was said before `until` has been cut already.
    pub fn settled(&mut self, until: HearingTime) {
        self.settled = self.settled.max(until);
    }

    /// Cuts at the latest after `ms` from now on.
    pub fn set_long_ms_max(&mut self, ms: u64) {
        self.rules.long_ms_max = ms;
    }

    /// The key of this seat goes down or up.
    pub fn key(&mut self, down: bool, at: HearingTime) {
        match (&mut self.press, down) {
            (press, true) => *press = Some(Press { down: at, up: None, applied: false }),
            (Some(press), false) if press.up.is_none() => press.up = Some(at.max(press.down)),
            (_, false) => {}
        }
    }

    /// Takes the next frame, heard from `at` on.
    pub fn frame(&mut self, at: HearingTime, samples: &[f32; FRAME], judged: Judged) -> Vec<Cut> {
        let score = self.detector.score(samples);
        let level_db = level_db(samples);
        // A slow minimum: falls at once, rises 2 dB a second.
        let risen = self.floor_db + 2.0 * FRAME_MS as f32 / 1000.0;
        self.floor_db = if level_db < risen { level_db.max(-90.0) } else { risen };
        let amid = self.speaking.is_some() || self.torn.is_some();
        let threshold = if amid { self.rules.score_stay } else { self.rules.score_start };
        let fresh = at >= self.settled;
        let voiced = fresh
            && !judged.leaked
            && score >= threshold
            && level_db >= self.floor_db + self.rules.above_floor_db;
        self.kept.push_back(Kept { at, voiced, diffuse: judged.diffuse, level_db, samples: *samples });
        self.next += 1;
        if !fresh {
            self.taken = self.next;
        }
        let mut cuts = Vec::new();
        match &mut self.torn {
            Some(torn) => {
                if voiced {
                    torn.voiced_until = self.next;
                }
                let (since, voiced_until) = (torn.since, torn.voiced_until);
                let long = (self.next - since) * FRAME_MS >= self.rules.long_ms_max;
                if long || self.paused(since, voiced_until) {
                    self.heal(&mut cuts);
                }
            }
            None => self.listen(voiced, at, &mut cuts),
        }
        self.forget();
        cuts
    }

    /// The sound ends or has a gap here: a running utterance is over.
    pub fn interrupt(&mut self) -> Vec<Cut> {
        let mut cuts = Vec::new();
        if let Some(s) = self.speaking.take() {
            self.end(s, self.behind_voice(s), &mut cuts);
        }
        if self.torn.is_some() {
            self.heal(&mut cuts);
        }
        self.begin_anew();
        cuts
    }

    /// Sound is missing here that was recorded.
    pub fn tear(&mut self) -> Vec<Cut> {
        let cut = self.speaking.take().map(|s| Cut::Torn { from: self.time(s.start) });
        self.begin_anew();
        self.torn = Some(Torn { since: self.next, voiced_until: self.next });
        cut.into_iter().collect()
    }

    fn begin_anew(&mut self) {
        self.detector.reset();
        self.kept.clear();
        self.taken = self.next;
        self.onset = 0;
    }

    fn heal(&mut self, cuts: &mut Vec<Cut>) {
        self.torn = None;
        self.taken = self.next;
        // With no sound behind the hole, nothing is known to be whole.
        if !self.kept.is_empty() {
            cuts.push(Cut::Whole { at: self.time(self.next) });
        }
    }

    /// Samples of the running utterance so far, and whether it is said with the key held.
    #[must_use]
    pub fn so_far(&self) -> Option<(Vec<f32>, bool)> {
        self.speaking.map(|s| (self.samples(s.start, self.behind_voice(s)), s.command))
    }

    fn listen(&mut self, voiced: bool, at: HearingTime, cuts: &mut Vec<Cut>) {
        self.apply_press(at, cuts);
        let held = self.press.is_some_and(|p| p.down <= at && p.up.is_none_or(|up| at < up));
        let Some(s) = &mut self.speaking else {
            self.onset = if voiced { self.onset + 1 } else { 0 };
            if self.onset >= 3 {
                let pre_roll = self.onset + self.rules.pre_roll_ms / FRAME_MS;
                let start = self.next.saturating_sub(pre_roll).max(self.taken).max(self.first());
                self.begin(Speaking { start, voiced_until: self.next, command: held }, cuts);
            }
            return;
        };
        if voiced {
            s.voiced_until = self.next;
        }
        let s = *s;
        let released = self.press.and_then(|p| p.up).is_some_and(|up| at >= up.plus(self.rules.key_tail_ms));
        if self.paused(s.start, s.voiced_until) || (s.command && released) {
            self.speaking = None;
            self.end(s, self.behind_voice(s), cuts);
        } else if (self.next - s.start) * FRAME_MS >= self.rules.long_ms_max {
            let quietest = self.quietest(s.start);
            self.split(s, quietest, s.command, cuts);
        }
    }

    /// Whether who has spoken since `start` has stopped; the longer it was, the shorter a pause will do.
    fn paused(&self, start: u64, voiced_until: u64) -> bool {
        let long = (self.next - start) * FRAME_MS * 10 > self.rules.long_ms_max * 6;
        let hangover_ms = if long { self.rules.hangover_long_ms } else { self.rules.hangover_ms };
        (self.next - voiced_until) * FRAME_MS >= hangover_ms
    }

    /// The key went down within an utterance: what came before is the record's, unless it is hardly anything.
    fn apply_press(&mut self, at: HearingTime, cuts: &mut Vec<Cut>) {
        let Some(press) = self.press.as_mut().filter(|p| !p.applied && at >= p.down) else { return };
        press.applied = true;
        let (down, Some(s)) = (press.down, self.speaking) else { return };
        let place = self.first() + self.kept.partition_point(|k| k.at < down) as u64;
        if self.voiced(s.start, place) * FRAME_MS >= self.rules.before_key_ms {
            self.split(s, place, true, cuts);
        } else if let Some(s) = &mut self.speaking {
            s.command = true;
        }
    }

    /// Ends `s` before frame `place` and goes on from there.
    fn split(&mut self, s: Speaking, place: u64, command: bool, cuts: &mut Vec<Cut>) {
        let place = place.clamp(s.start + 1, self.next);
        self.speaking = None;
        self.end(s, place, cuts);
        let from = self.taken.max(place);
        if self.voiced(from, self.next) > 0 {
            let voiced_until = s.voiced_until.max(from);
            self.begin(Speaking { start: from, voiced_until, command }, cuts);
        }
    }

    fn begin(&mut self, s: Speaking, cuts: &mut Vec<Cut>) {
        self.onset = 0;
        self.speaking = Some(s);
        cuts.push(Cut::Began { from: self.time(s.start) });
    }

    fn end(&mut self, s: Speaking, end: u64, cuts: &mut Vec<Cut>) {
        let end = end.clamp(s.start, self.next);
        self.taken = end;
        let from = self.time(s.start);
        if self.voiced(s.start, end) * FRAME_MS < self.rules.voice_ms_min {
            cuts.push(Cut::Dropped { from });
            return;
        }
        let (to, samples) = (self.time(end), self.samples(s.start, end));
        let everywhere = self.range(s.start, end).filter(|k| k.voiced && k.diffuse).count() as u64;
        let diffuse = everywhere * 2 > self.voiced(s.start, end);
        cuts.push(Cut::Ended(Utterance { from, to, samples, command: s.command, diffuse }));
    }

    /// Behind the last voiced frame and its tail.
    fn behind_voice(&self, s: Speaking) -> u64 {
        (s.voiced_until + self.rules.tail_ms / FRAME_MS).min(self.next)
    }

    /// The middle of the quietest 160 ms in the later half since `start`.
    fn quietest(&self, start: u64) -> u64 {
        const WIDTH: usize = 10;
        let half = start + (self.next - start) / 2;
        let levels: Vec<f32> = self.range(half, self.next).map(|k| k.level_db).collect();
        let sums = levels.windows(WIDTH).map(|w| w.iter().sum::<f32>());
        let best = sums
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(levels.len() - 1, |(n, _)| n + WIDTH / 2);
        half + best as u64
    }

    fn first(&self) -> u64 {
        self.next - self.kept.len() as u64
    }

    fn range(&self, from: u64, to: u64) -> impl Iterator<Item = &Kept> {
        let first = self.first();
        let (from, to) = (from.saturating_sub(first) as usize, to.saturating_sub(first) as usize);
        self.kept.range(from.min(to)..to.min(self.kept.len()))
    }

    fn voiced(&self, from: u64, to: u64) -> u64 {
        self.range(from, to).filter(|k| k.voiced).count() as u64
    }

    fn samples(&self, from: u64, to: u64) -> Vec<f32> {
        self.range(from, to).flat_map(|k| k.samples).collect()
    }

    /// When frame `n` begins; for the one to come, when the last ends.
    fn time(&self, n: u64) -> HearingTime {
        let at = n.saturating_sub(self.first()) as usize;
        match (self.kept.get(at), self.kept.back()) {
            (Some(k), _) => k.at,
            (None, Some(last)) => last.at.plus(FRAME_MS),
            (None, None) => HearingTime::default(),
        }
    }

    fn forget(&mut self) {
        let pre_roll = self.rules.pre_roll_ms / FRAME_MS + 4;
        let needed = self.speaking.map_or(self.next, |s| s.start).min(self.next.saturating_sub(pre_roll));
        while self.first() < needed {
            self.kept.pop_front();
        }
    }
}
