//! From the roster of a hearing to the members of a meeting.

use model::{Role, Seat, SeatId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Meeting, MeetingKind, Member, Part, order};

/// Guests of one meeting.
const GUESTS_MAX: usize = 40;
/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 40;

/// Somebody who has no seat in the hearing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Guest {
    /// The name.
    pub name: String,
    /// Chairs the meeting.
    #[serde(default)]
    pub chairs: bool,
}

/// A meeting to be convened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Convening {
    /// Which kind.
    pub kind: MeetingKind,
    /// Who takes the minutes: a seat of the hearing.
    #[serde(default)]
    pub recorder: Option<SeatId>,
    /// Members and reporters besides those who belong to it anyway: judges of the panel.
    #[serde(default)]
    pub seats: Vec<SeatId>,
    /// Members without a seat in the hearing, juniors first.
    #[serde(default)]
    pub guests: Vec<Guest>,
}

/// Why nobody can meet so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConveneFault {
    /// The panel is no panel.
    #[error("合议庭由三人以上的单数组成，到庭人员中有{0}人：请先补正审判组织")]
    NoPanel(usize),
    /// Nobody is in charge of the case.
    #[error("请先在到庭人员中注明承办法官")]
    NobodyInCharge,
    /// A panel deliberates among itself.
    #[error("合议庭评议只由合议庭成员参加")]
    NoGuests,
    /// Exactly one person chairs.
    #[error("请指定一名主持人（现有{0}名）")]
    Chair(usize),
    /// Too few to be a meeting.
    #[error("参加人员不足：至少{0}人")]
    TooFew(usize),
    /// A name is empty, too long or there twice.
    #[error("参加人员应有各自的姓名，每个不超过{NAME_CHARS_MAX}个字，最多{GUESTS_MAX}人")]
    Names,
    /// The seat cannot be that.
    #[error("席位“{0}”不能这样参加：成员须是审判人员，记录人须是书记员或者法官助理")]
    Seat(SeatId),
}

/// The meeting with its seats. Seats of the hearing keep their ids, so that their people find their way in.
pub fn convene(roster: &[Seat], convening: &Convening) -> Result<(Meeting, Vec<Seat>), ConveneFault> {
    let mut sitters: Vec<(Seat, Part)> = match convening.kind {
        MeetingKind::Panel => panel(roster, convening)?,
        MeetingKind::Judges | MeetingKind::Committee => body(roster, convening)?,
    };
    if let Some(recorder) = &convening.recorder {
        let seat = roster.iter().find(|s| s.id == *recorder);
        let fit = seat.filter(|s| matches!(s.role, Role::Clerk | Role::JudgeAssistant));
        sitters.push((fit.cloned().ok_or_else(|| ConveneFault::Seat(recorder.clone()))?, Part::Recorder));
    }
    let member = |(seat, part): &(Seat, Part)| Member {
        seat: seat.id.clone(),
        part: *part,
        in_charge: *part != Part::Recorder && seat.is_in_charge(),
    };
    let members: Vec<_> = sitters.iter().map(member).collect();
    let seats = sitters.into_iter().map(|(seat, part)| seated(seat, part)).collect();
    let order = order(&members);
    let (turn, questions, submitted) = (None, Vec::new(), None);
    Ok((Meeting { kind: convening.kind, members, order, turn, questions, submitted }, seats))
}

fn seated(seat: Seat, part: Part) -> Seat {
    let role = match part {
        Part::Presiding => Role::PresidingJudge,
        Part::Judge | Part::Reporter => Role::Judge,
        Part::Assessor => Role::Assessor,
        Part::Recorder => Role::Clerk,
    };
    let in_charge = part != Part::Recorder && seat.is_in_charge();
    Seat { role, authority: String::new(), present: false, in_charge, ..seat }
}

/// 合议: the whole panel and nobody else.
fn panel(roster: &[Seat], convening: &Convening) -> Result<Vec<(Seat, Part)>, ConveneFault> {
    if !convening.guests.is_empty() || !convening.seats.is_empty() {
        return Err(ConveneFault::NoGuests);
    }
    let sits = |seat: &Seat| {
        let part = match seat.role {
            Role::PresidingJudge => Part::Presiding,
            Role::Judge => Part::Judge,
            Role::Assessor => Part::Assessor,
            _ => return None,
        };
        Some((seat.clone(), part))
    };
    let panel: Vec<_> = roster.iter().filter_map(sits).collect();
    if panel.len() < 3 || panel.len().is_multiple_of(2) {
        return Err(ConveneFault::NoPanel(panel.len()));
    }
    if !panel.iter().any(|(s, _)| s.is_in_charge()) {
        return Err(ConveneFault::NobodyInCharge);
    }
    Ok(panel)
}

/// 法官会议, 审委会: a body of its own hears the judge in charge.
fn body(roster: &[Seat], convening: &Convening) -> Result<Vec<(Seat, Part)>, ConveneFault> {
    let committee = convening.kind == MeetingKind::Committee;
    let chaired = convening.guests.iter().filter(|g| g.chairs).count();
    let reporter = roster.iter().find(|s| s.is_in_charge()).ok_or(ConveneFault::NobodyInCharge)?;
    let mut sitters = vec![(reporter.clone(), Part::Reporter)];
    for id in convening.seats.iter().filter(|id| **id != reporter.id) {
        let seat =
            roster.iter().find(|s| s.id == *id && matches!(s.role, Role::PresidingJudge | Role::Judge));
        let seat = seat.ok_or_else(|| ConveneFault::Seat(id.clone()))?;
        let part = match seat.role {
            _ if committee => Part::Reporter,
            Role::PresidingJudge if chaired == 0 => Part::Presiding,
            _ => Part::Judge,
        };
        if sitters.iter().all(|(s, _)| s.id != *id) {
            sitters.push((seat.clone(), part));
        }
    }
    let mut names = std::collections::BTreeSet::new();
    for (n, guest) in convening.guests.iter().enumerate() {
        let name = guest.name.trim();
        let tame =
            !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && !name.contains(char::is_control);
        if !tame || n >= GUESTS_MAX || !names.insert(name) {
            return Err(ConveneFault::Names);
        }
        // Apart from every id of the roster; a seat of the hearing that is named so later is not this one.
        let ids = (n + 1..).filter_map(|n| SeatId::new(format!("guest-{n}")).ok());
        let taken =
            |id: &SeatId| roster.iter().any(|s| s.id == *id) || sitters.iter().any(|(s, _)| s.id == *id);
        let id = ids.into_iter().find(|id| !taken(id)).ok_or(ConveneFault::Names)?;
        let part = if guest.chairs { Part::Presiding } else { Part::Judge };
        let seat = Seat {
            id,
            role: Role::Judge,
            name: name.to_owned(),
            authority: String::new(),
            microphone: false,
            shared: false,
            present: false,
            in_charge: false,
            acts_for: Vec::new(),
        };
        sitters.push((seat, part));
    }
    let of = |part| sitters.iter().filter(|(_, p)| *p == part).count();
    match of(Part::Presiding) {
        1 => {}
        n => return Err(ConveneFault::Chair(n)),
    }
    let needed = if committee { 3 } else { 2 };
    match of(Part::Presiding) + of(Part::Judge) >= needed {
        true => Ok(sitters),
        false => Err(ConveneFault::TooFew(needed)),
    }
}
