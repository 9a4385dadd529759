//! One voice written down twice: what a neighbour's microphone caught is no line of its own. The last of three nets, behind the level ratio and the
//! correlation of [`crate::gate`]: it looks at the words. Two who really say the same at once are heard equally loud, and both stay.

use std::collections::VecDeque;

use model::{HearingTime, SeatId};

use crate::cer;

/// Lines that are remembered: more than are spoken while one waits.
const REMEMBERED: usize = 16;
/// An echo is so much quieter, in dB.
const QUIETER_DB: f32 = 6.0;
/// And lies within the other line's time, but for so much.
const OUTSIDE_MS: u64 = 600;
/// One character of so many may differ.
const CHARACTERS_PER_SLIP: usize = 4;
/// Shorter words are said by two at once too easily.
const CHARACTERS_MIN: usize = 3;

/// A line as it was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Sounding {
    /// Whose microphone.
    pub seat: SeatId,
    /// Its beginning.
    pub from: HearingTime,
    /// Its end.
    pub to: HearingTime,
    /// What was written down.
    pub text: String,
    /// How loud, in dB.
    pub level_db: f32,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Echoes {
    recent: VecDeque<Sounding>,
}

impl Echoes {
    /// Whether the line is an echo of one before; one that is none is remembered.
    pub fn is_echo(&mut self, line: Sounding) -> bool {
        if self.recent.iter().any(|louder| echoes(&line, louder)) {
            return true;
        }
        self.recent.push_back(line);
        if self.recent.len() > REMEMBERED {
            self.recent.pop_front();
        }
        false
    }

    /// Everything is forgotten: another hearing begins.
    pub fn clear(&mut self) {
        self.recent.clear();
    }
}

fn echoes(line: &Sounding, louder: &Sounding) -> bool {
    let within = line.from.plus(OUTSIDE_MS) >= louder.from && line.to <= louder.to.plus(OUTSIDE_MS);
    if line.seat == louder.seat || !within || line.level_db > louder.level_db - QUIETER_DB {
        return false;
    }
    let (own, other) = (cer::characters(&line.text), cer::characters(&louder.text));
    // A part of what the other said: the best place in it counts.
    let best = other.windows(own.len().max(1)).map(|part| cer::edits(&own, part)).min();
    let slips = best.unwrap_or_else(|| cer::edits(&own, &other));
    own.len() >= CHARACTERS_MIN && slips * CHARACTERS_PER_SLIP <= own.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seat: &str, from: u64, to: u64, text: &str, level_db: f32) -> Sounding {
        let seat = SeatId::new(seat).expect("a plain name");
        Sounding { seat, from: HearingTime(from), to: HearingTime(to), text: text.to_owned(), level_db }
    }

    fn after(first: Sounding, second: Sounding) -> bool {
        let mut echoes = Echoes::default();
        assert!(!echoes.is_echo(first));
        echoes.is_echo(second)
    }

    #[test]
    fn the_same_words_quieter_at_the_same_time_are_an_echo_even_in_part_or_misheard() {
        let said = || line("judge", 1000, 5000, "请原告陈述诉讼请求及事实理由。", -20.0);
        for (text, from, to) in [
            ("请原告陈述诉讼请求及事实理由", 1100, 5100),
            ("原告陈述诉讼", 1600, 3000),
            ("请原告称述诉讼请求及事实里由", 900, 5400),
        ] {
            assert!(after(said(), line("clerk", from, to, text, -34.0)), "{text}");
        }
    }

    #[test]
    fn other_words_another_time_the_same_loudness_and_short_answers_stay() {
        let said = || line("judge", 1000, 5000, "请原告陈述诉讼请求，是吗？", -20.0);
        for other in [
            line("plaintiff", 1200, 4800, "被告从来没有归还过本金", -34.0),
            line("plaintiff", 6000, 9000, "请原告陈述诉讼请求", -34.0),
            line("plaintiff", 1200, 4800, "请原告陈述诉讼请求", -22.0),
            line("plaintiff", 4000, 4500, "是", -34.0),
            line("judge", 1200, 4800, "请原告陈述诉讼请求", -34.0),
        ] {
            assert!(!after(said(), other.clone()), "{other:?}");
        }
    }

    #[test]
    fn nothing_of_another_hearing_is_echoed() {
        let mut echoes = Echoes::default();
        assert!(!echoes.is_echo(line("judge", 0, 2000, "现在开庭", -20.0)));
        echoes.clear();
        assert!(!echoes.is_echo(line("clerk", 0, 2000, "现在开庭", -40.0)));
    }
}
