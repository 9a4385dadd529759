//! Who will sit in the next hearing of a case, as far as its case list says.

use model::{Role, Seat, SeatId};
use record::Scheduled;
use registry::{ListedCase, PartySide, Sitting};
use schemars::JsonSchema;
use serde::Serialize;

use crate::room::{Room, RoomError};

/// What a hearing of a case may start from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Prepared {
    /// The seats, with the names of the list; nobody is present yet but bench and clerk.
    pub seats: Vec<Seat>,
    /// When and where it is scheduled, the next first.
    pub sittings: Vec<Sitting>,
}

impl Room {
    /// What the case list says for the next hearing of a case.
    pub async fn prepared(&self, case: &model::CaseId) -> Result<Prepared, RoomError> {
        let seats = seats_of(&self.listed(case).await?);
        let now = media::clock::utc_now();
        let all = self
            .with_store(move |s| s.schedule(model::UtcMs(now.0 - DAY_MS), model::UtcMs(i64::MAX)))
            .await?;
        let sittings = all.into_iter().filter(|s: &Scheduled| s.case == *case).map(|s| s.sitting).collect();
        Ok(Prepared { seats, sittings })
    }
}

const DAY_MS: i64 = 24 * 3_600_000;

/// Who judges in charge presides, until somebody says otherwise; each party has a seat of its own, and a screen.
fn seats_of(listed: &ListedCase) -> Vec<Seat> {
    let mut seats: Vec<Seat> = Vec::new();
    let mut add = |id: &str, role: Role, name: &str, microphone: bool| {
        let n = seats
            .iter()
            .filter(|s| s.id.as_str() == id || s.id.as_str().starts_with(&format!("{id}-")))
            .count();
        let id = if n == 0 { id.to_owned() } else { format!("{id}-{}", n + 1) };
        // The names above are plain.
        let Ok(id) = SeatId::new(id) else { return };
        seats.push(Seat {
            id,
            role,
            name: name.to_owned(),
            authority: String::new(),
            microphone,
            shared: false,
            present: matches!(role, Role::PresidingJudge | Role::Judge | Role::Assessor | Role::Clerk),
            in_charge: role == Role::PresidingJudge && !name.is_empty(),
            acts_for: Vec::new(),
        });
    };
    add("judge", Role::PresidingJudge, &listed.judge, true);
    for name in listed.panel.iter().filter(|n| **n != listed.judge) {
        add("judge", Role::Judge, name, false);
    }
    add("clerk", Role::Clerk, &listed.clerk, true);
    for (side, id, role) in [
        (PartySide::Plaintiff, "plaintiff", Role::Plaintiff),
        (PartySide::Defendant, "defendant", Role::Defendant),
        (PartySide::ThirdParty, "third", Role::ThirdParty),
    ] {
        for (n, party) in listed.parties.iter().filter(|p| p.side == side).enumerate() {
            add(id, role, &party.name, n == 0);
        }
    }
    add("public", Role::Public, "", false);
    seats
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry::{Branch, Party};

    #[test]
    fn the_list_fills_bench_clerk_and_a_seat_for_each_party() {
        let party = |side, name: &str| Party { side, name: name.to_owned() };
        let listed = ListedCase {
            id: model::CaseId::new("c1").expect("plain"),
            number: "（2026）清0102民初501号".to_owned(),
            branch: Branch::of("（2026）清0102民初501号"),
            cause: "买卖合同纠纷".to_owned(),
            procedure: "civil-ordinary".to_owned(),
            court: String::new(),
            filed: None,
            judge: "沈岚".to_owned(),
            panel: vec!["沈岚".to_owned(), "高远".to_owned(), "周平".to_owned()],
            clerk: "何静".to_owned(),
            parties: vec![
                party(PartySide::Plaintiff, "林晓"),
                party(PartySide::Plaintiff, "林立"),
                party(PartySide::Defendant, "陈川"),
            ],
        };
        let seats = seats_of(&listed);
        let shown: Vec<_> =
            seats.iter().map(|s| (s.id.as_str(), s.role, s.name.as_str(), s.present)).collect();
        assert_eq!(
            shown,
            [
                ("judge", Role::PresidingJudge, "沈岚", true),
                ("judge-2", Role::Judge, "高远", true),
                ("judge-3", Role::Judge, "周平", true),
                ("clerk", Role::Clerk, "何静", true),
                ("plaintiff", Role::Plaintiff, "林晓", false),
                ("plaintiff-2", Role::Plaintiff, "林立", false),
                ("defendant", Role::Defendant, "陈川", false),
                ("public", Role::Public, "", false),
            ]
        );
    }
}
