//! What the recorder shall be doing, from the state of the court alone. Said anew whenever it reports something else.

use std::path::PathBuf;

use court::{Ground, Stage, State};
use model::HearingTime;
use protocol::link::recorder::ToRecorder;

/// The recorder as it last reported itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// It has this hearing open.
    pub(crate) open: bool,
    /// It is writing.
    pub(crate) recording: bool,
}

/// The next command that brings the recorder where the court wants it, if it is not there.
pub(crate) fn next_command(
    state: &State,
    seen: &Seen,
    open: impl FnOnce() -> ToRecorder,
) -> Option<ToRecorder> {
    if state.media_sealed {
        return None;
    }
    match state.stage {
        _ if !seen.open => Some(open()),
        Stage::Preparing => None,
        Stage::InSession => (!seen.recording).then_some(ToRecorder::Record),
        Stage::Recess => seen.recording.then(|| ToRecorder::Pause { ground: ground(state) }),
        Stage::Closed | Stage::Sealed => Some(ToRecorder::Seal),
    }
}

fn ground(state: &State) -> String {
    let open = state.ledger.iter().rev().find(|g| g.to.is_none());
    match open.map(|g| &g.ground) {
        Some(Ground::ClosedEvidence) => "closedEvidence",
        Some(Ground::Mediation) => "mediation",
        Some(Ground::Recess | Ground::Fault { .. }) | None => "recess",
    }
    .to_owned()
}

/// The rehearsal as far as the hub knows, so that its voices go on after a recorder that was lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Playing {
    began: Option<HearingTime>,
    /// The recorder that played it has gone.
    lost: bool,
}

impl Playing {
    /// What the recorder says of it.
    pub(crate) fn hear(&mut self, position_ms: Option<u64>, now: HearingTime) {
        match position_ms {
            Some(ms) if self.began.is_none() || self.lost => {
                *self = Self { began: Some(HearingTime(now.0.saturating_sub(ms))), lost: false };
            }
            // One that has just come back knows of none.
            None if !self.lost => self.began = None,
            Some(_) | None => {}
        }
    }

    pub(crate) fn lose(&mut self) {
        self.lost = self.began.is_some();
    }

    /// The command by which a recorder that came back goes on with it, given once.
    pub(crate) fn resume(&mut self, dir: PathBuf) -> Option<ToRecorder> {
        let since = self.began.filter(|_| self.lost)?;
        self.lost = false;
        Some(ToRecorder::Rehearse { dir, since: Some(since) })
    }

    /// The command that ends it, if it plays.
    pub(crate) fn stop(&mut self) -> Option<ToRecorder> {
        std::mem::take(self).began.map(|_| ToRecorder::StopRehearsal)
    }

    pub(crate) fn position_ms(&self, now: HearingTime) -> Option<u64> {
        self.began.map(|began| now.since(began))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(stage: Stage) -> State {
        let mut state = State::default();
        state.stage = stage;
        state
    }

    #[test]
    fn voices_go_on_after_a_lost_recorder_where_they_would_be_and_end_with_the_hearing() {
        let mut playing = Playing::default();
        playing.hear(Some(2_000), HearingTime(10_000));
        assert_eq!(playing.resume(PathBuf::new()), None, "it plays");
        playing.lose();
        playing.hear(None, HearingTime(11_000));
        assert_eq!(playing.position_ms(HearingTime(12_000)), Some(4_000));
        let again = ToRecorder::Rehearse { dir: PathBuf::new(), since: Some(HearingTime(8_000)) };
        assert_eq!(playing.resume(PathBuf::new()), Some(again));
        assert_eq!(playing.resume(PathBuf::new()), None, "once");
        assert_eq!(playing.stop(), Some(ToRecorder::StopRehearsal));
        assert_eq!(playing.stop(), None);
        playing.hear(Some(1), HearingTime(20_000));
        playing.hear(None, HearingTime(21_000));
        assert_eq!(playing.position_ms(HearingTime(21_000)), None, "it came to its end");
    }

    fn ask() -> ToRecorder {
        ToRecorder::Ask
    }

    #[test]
    fn a_recorder_that_came_back_idle_in_mid_session_is_told_to_open_and_then_to_record() {
        let state = at(Stage::InSession);
        let idle = Seen::default();
        assert_eq!(next_command(&state, &idle, ask), Some(ToRecorder::Ask));
        let open = Seen { open: true, recording: false };
        assert_eq!(next_command(&state, &open, ask), Some(ToRecorder::Record));
        let writing = Seen { open: true, recording: true };
        assert_eq!(next_command(&state, &writing, ask), None);
    }

    #[test]
    fn nothing_is_written_while_the_hearing_is_interrupted() {
        let state = at(Stage::Recess);
        let writing = Seen { open: true, recording: true };
        assert_eq!(
            next_command(&state, &writing, ask),
            Some(ToRecorder::Pause { ground: "recess".to_owned() })
        );
    }
}
