//! Events on their way into the journal.
//!
//! ```text
//!   decide ──► applied to `ahead` ──► journal.append ──synced──► applied to `settled` ──► published
//! ```
//!
//! `ahead` is what the next command is judged against, `settled` is what screens may see. Should an append fail, `ahead`
//! is worthless: the task ends, and the restarted hub folds the journal anew.

use std::collections::VecDeque;

use court::{Event, Stamped, State};
use model::{CmdId, HearingTime, UtcMs};
use record::NewEntry;

use crate::fanout::Conn;

/// One decision in flight.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) events: Vec<Stamped>,
    /// Who waits for it to be on disk.
    pub(crate) askers: Vec<(Conn, CmdId)>,
}

/// The two states and what lies between them.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    pub(crate) ahead: State,
    pub(crate) settled: State,
    pub(crate) in_flight: VecDeque<InFlight>,
}

impl Commit {
    /// Folds recovered events into both states.
    pub(crate) fn recover(&mut self, events: impl IntoIterator<Item = Stamped>) {
        for stamped in events {
            self.settled.apply(&stamped);
        }
        self.ahead = self.settled.clone();
    }

    /// Applies a decision ahead of the journal and gives the entries to append.
    pub(crate) fn begin(&mut self, decision: InFlight, wall: UtcMs) -> Vec<NewEntry> {
        let entries = decision.events.iter().filter_map(|s| entry(s, wall)).collect();
        decision.events.iter().for_each(|s| self.ahead.apply(s));
        self.in_flight.push_back(decision);
        entries
    }

    /// The oldest decision is on disk.
    pub(crate) fn settle(&mut self) -> Option<InFlight> {
        self.in_flight.pop_front()
    }
}

fn entry(stamped: &Stamped, wall: UtcMs) -> Option<NewEntry> {
    let payload = match serde_json::to_vec(stamped) {
        Ok(json) => json,
        Err(error) => {
            // Plain data with text keys: this cannot fail; if it ever does, the log says so.
            tracing::error!(%error, "an event could not be encoded");
            return None;
        }
    };
    Some(NewEntry {
        kind: kind(&stamped.event),
        actor: actor(stamped),
        device: String::new(),
        at: stamped.at,
        wall,
        payload,
    })
}

fn actor(stamped: &Stamped) -> String {
    match &stamped.actor {
        court::Actor::Seat { seat } => seat.to_string(),
        court::Actor::Machine { process } => format!("{process:?}").to_lowercase(),
    }
}

/// The tag of an event as it stands in its JSON.
pub(crate) fn kind(event: &Event) -> String {
    #[derive(serde::Deserialize)]
    struct Tag {
        r#type: String,
    }
    let json = serde_json::to_vec(event).unwrap_or_default();
    serde_json::from_slice::<Tag>(&json).map_or_else(|_| "unknown".to_owned(), |t| t.r#type)
}

/// Reads an event back from its journal payload.
pub(crate) fn event_of(payload: &[u8]) -> Result<Stamped, serde_json::Error> {
    serde_json::from_slice(payload)
}

/// How long sound and picture have been recorded: since 宣布开庭 without the interruptions.
pub(crate) fn recorded_ms(state: &State, now: HearingTime) -> u64 {
    let Some(opened) = state.opened else { return 0 };
    let end = state.closed.unwrap_or(now);
    let paused: u64 = state
        .ledger
        .iter()
        .filter(|g| g.ground.is_lawful())
        .map(|g| g.to.unwrap_or(end).min(end).since(g.from.max(opened)))
        .sum();
    end.since(opened).saturating_sub(paused)
}
