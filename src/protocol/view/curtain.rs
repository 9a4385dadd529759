//! What the curtain (不公开) takes from those outside, and what they get when it is lifted.

use court::{Event, Issue, Line, Mark, Screens, State, View};
use model::{HearingTime, Seat, SeatId, ViewClass};

use super::{Update, course, issues, line_view, seat_view, sees_issues, sees_record, sees_screens};

/// Whether a class is of those whom the curtain shuts out: the gallery, and who waits to testify.
#[must_use]
pub fn outside(class: ViewClass) -> bool {
    matches!(class, ViewClass::Public | ViewClass::Waiting)
}

/// Whether the curtain is down before this class.
pub(super) fn shut_out(state: &State, class: ViewClass) -> bool {
    outside(class) && state.curtain().is_some()
}

/// Whether a class sees now what goes on: the phase, and who points where.
#[must_use]
pub fn sees_course(state: &State, class: ViewClass) -> bool {
    sees_screens(class) && !shut_out(state, class)
}

/// The view on the screens, if this class sees it.
#[must_use]
pub fn shown(state: &State, class: ViewClass) -> Option<&View> {
    state.screens.view.as_ref().filter(|v| sees_course(state, class) && !(v.closed && outside(class)))
}

/// Whether a class sees a mark that stands.
#[must_use]
pub fn sees_mark(state: &State, class: ViewClass, mark: &Mark) -> bool {
    mark.undone.is_none() && sees_course(state, class) && of_class(mark, class)
}

/// Whether a mark may ever be this class's.
pub(super) fn of_class(mark: &Mark, class: ViewClass) -> bool {
    !(mark.closed && outside(class))
}

/// Whether a class reads a line of the record.
pub(super) fn sees_line(state: &State, class: ViewClass, line: &Line) -> bool {
    sees_record(class) && !(outside(class) && state.is_behind_curtain(line))
}

pub(super) fn sees_issue(issue: &Issue, class: ViewClass) -> bool {
    !(issue.closed && outside(class))
}

pub(super) fn screens(state: &State, class: ViewClass) -> Screens {
    if !sees_course(state, class) {
        return Screens::default();
    }
    let mut seen = state.screens.clone();
    if seen.view.as_ref().is_some_and(|v| v.closed) && outside(class) {
        seen.view = None;
        seen.confirmed.clear();
    }
    if outside(class) {
        // Who was brought in behind the curtain is not named outside.
        seen.presenter = seen.presenter.filter(|s| state.seats_outside.contains_key(s));
        seen.confirmed.retain(|s, _| state.seats_outside.contains_key(s));
    }
    seen
}

/// A seat as a class sees it. People's names and presence are for everyone, as far as they were named in public.
pub(super) fn seat(state: &State, id: &SeatId, class: ViewClass) -> Option<Seat> {
    let seats = if outside(class) { &state.seats_outside } else { &state.seats };
    seats.get(id).map(|s| seat_view(s, class))
}

/// What an event tells those before whom the curtain is down: whether the hearing goes on, and nothing of what it does.
pub(super) fn told_outside(event: &Event, after: &State, class: ViewClass) -> Vec<Update> {
    match event {
        Event::SessionOpened | Event::RecessCalled { .. } | Event::Resumed { .. } | Event::MediaSealed => {
            vec![Update::Course(course(after, class))]
        }
        _ => Vec::new(),
    }
}

pub(super) fn lowered(after: &State, class: ViewClass) -> Vec<Update> {
    let since = after.curtain().map(|c| c.from).unwrap_or_default();
    let mut updates = inside(after, class, |line| line.to >= since);
    if outside(class) && sees_screens(class) {
        updates.push(Update::Screens(screens(after, class)));
        let seen = after.marks.values().filter(|m| m.undone.is_none() && of_class(m, class));
        updates.extend(seen.map(|m| Update::MarkGone(m.id)));
        updates.extend(issue_list(after, class));
    }
    updates
}

pub(super) fn lifted(after: &State, class: ViewClass) -> Vec<Update> {
    let end = after.curtains.last().and_then(|c| c.to).unwrap_or_default();
    let mut updates = inside(after, class, |line| line.from > end);
    if outside(class) {
        let seats = after.seats_outside.keys().filter_map(|id| seat(after, id, class));
        updates.extend(seats.map(Update::Seat));
    }
    if outside(class) && sees_screens(class) {
        updates.push(Update::Screens(screens(after, class)));
        let seen = after.marks.values().filter(|m| sees_mark(after, class, m));
        updates.extend(seen.cloned().map(Update::Mark));
        updates.extend(issue_list(after, class));
    }
    updates
}

/// That it is down or not any more; and for those inside the ledger, and the lines that read as closed or open now.
fn inside(after: &State, class: ViewClass, concerned: impl Fn(&Line) -> bool) -> Vec<Update> {
    let mut updates = vec![Update::Course(course(after, class))];
    if sees_record(class) {
        updates.push(Update::Curtains(after.curtains.clone()));
        let lines = after.lines.values().filter(|l| concerned(l) && sees_line(after, class, l));
        updates.extend(lines.map(|l| Update::Line(line_view(after, l, class))));
    }
    updates
}

fn issue_list(after: &State, class: ViewClass) -> Option<Update> {
    sees_issues(after.issues.stage, class).then(|| Update::Issues(issues(after, class)))
}

/// Since when the curtain is down.
pub(super) fn since(state: &State) -> Option<HearingTime> {
    state.curtain().map(|c| c.from)
}
