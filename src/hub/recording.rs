//! What the recorder shall be doing, from the state of the court alone. Said anew whenever it reports something else.

use court::{Ground, Stage, State};
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(stage: Stage) -> State {
        let mut state = State::default();
        state.stage = stage;
        state
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
