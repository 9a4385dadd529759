//! A hearing that is over, as one view class saw it: what its screens began with, and every update with its time. A replay applies them as the
//! screens did.

use court::{Stamped, State};
use model::{HearingTime, ViewClass};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::view::{self, Snapshot, Update};

/// All that screens of a class were sent of a hearing. Pointers and unfinished strokes are shown and never kept, so they are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reel {
    /// Whose screens.
    pub class: ViewClass,
    /// What they began with.
    pub start: Snapshot,
    /// What they were told, in order.
    pub steps: Vec<ReelStep>,
}

/// What the screens were told at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReelStep {
    /// When, on the hearing clock; never before the step that precedes it.
    pub at: HearingTime,
    /// What reads otherwise since.
    pub updates: Vec<Update>,
}

/// The reel of a class from the events of the journal; `None` where they open no hearing.
pub fn reel<'a>(events: impl IntoIterator<Item = &'a Stamped>, class: ViewClass) -> Option<Reel> {
    let mut state = State::default();
    let mut reel: Option<Reel> = None;
    for stamped in events {
        state.apply(stamped);
        match &mut reel {
            None => {
                reel = view::snapshot(&state, class).map(|start| Reel { class, start, steps: Vec::new() });
            }
            Some(reel) => reel.tell(stamped.at, view::project(&stamped.event, &state, class)),
        }
    }
    reel
}

impl Reel {
    fn tell(&mut self, at: HearingTime, updates: Vec<Update>) {
        if updates.is_empty() {
            return;
        }
        match self.steps.last_mut() {
            Some(last) if at <= last.at => last.updates.extend(updates),
            _ => self.steps.push(ReelStep { at, updates }),
        }
    }
}
