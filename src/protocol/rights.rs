//! Which messages of a screen are heard at all, by who sits there. Commands have their own table in `court::rights`; addresses theirs in
//! the server. Exhaustive: a message without a rule does not build.

use model::{Role, Side, ViewClass};

use crate::view::sees_record;
use crate::wire::ClientMsg;

/// Whether `msg` is heard from a screen of that role and class.
#[must_use]
pub fn hears(role: Role, class: ViewClass, msg: &ClientMsg) -> bool {
    match msg {
        // A command is judged by the court, a confirmation counts for what is shown.
        ClientMsg::Hello { .. }
        | ClientMsg::Command { .. }
        | ClientMsg::Confirm { .. }
        | ClientMsg::Ping { .. } => true,
        ClientMsg::Search { .. } => sees_record(class),
        ClientMsg::TalkKey { .. } | ClientMsg::LookAt { .. } => role == Role::PresidingJudge,
        // Pointing is for who may present; whoever waits to testify sees no page to point at.
        ClientMsg::Ephemeral { .. } => class != ViewClass::Waiting,
        ClientMsg::Rehearse { .. } => matches!(role, Role::PresidingJudge | Role::Clerk),
    }
}

/// The name of a message, as it is on the wire.
#[must_use]
pub fn name(msg: &ClientMsg) -> &'static str {
    match msg {
        ClientMsg::Hello { .. } => "hello",
        ClientMsg::Command { .. } => "command",
        ClientMsg::Search { .. } => "search",
        ClientMsg::Confirm { .. } => "confirm",
        ClientMsg::TalkKey { .. } => "talkKey",
        ClientMsg::LookAt { .. } => "lookAt",
        ClientMsg::Ephemeral { .. } => "ephemeral",
        ClientMsg::Ping { .. } => "ping",
        ClientMsg::Rehearse { .. } => "rehearse",
    }
}

/// Whether pointing counts from there: the bench always, the presenter while the screens are not locked.
#[must_use]
pub fn points(role: Role, locked: bool, presents: bool) -> bool {
    role.side() == Side::Bench || (!locked && presents)
}
