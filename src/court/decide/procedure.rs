//! Steps of the procedure: each is a fact and a standard line with the persons' names.

use model::{Role, Seat, SeatId, Side};

use super::record::next_line;
use super::{Asker, tame_text};
use crate::step::includes;
use crate::{Denial, Event, RecordMode, Stage, Step};

impl Asker<'_> {
    pub(super) fn take_step(&self, step: &Step) -> Result<Vec<Event>, Denial> {
        self.stage_in(&[Stage::Preparing, Stage::InSession, Stage::Recess])?;
        let step = self.tame_step(step)?;
        if self.state.steps.iter().any(|done| done.step == step) {
            return Ok(Vec::new());
        }
        let (seat, text) = self.line_of_step(&step)?;
        let line = next_line(self.state);
        let inserted = Event::LineInserted { line, seat, from: self.now, text, taken_over: None };
        let withdrawn = matches!(step, Step::RecordingConsent { agreed: false, .. })
            && self.state.record_mode == RecordMode::Recording;
        // The line first: a screen that learns of the step can already find it.
        let mut events = vec![inserted, Event::StepTaken { step, line }];
        events.extend(withdrawn.then_some(Event::RecordKept { mode: RecordMode::Verbatim }));
        Ok(events)
    }

    /// Whose line it is, and how it reads.
    fn line_of_step(&self, step: &Step) -> Result<(SeatId, String), Denial> {
        let bench = |text: String| Ok((self.presiding(), text));
        match step {
            Step::Identity { side, parties } => {
                let here = self.state.seats.values().filter(|s| s.role.side() == *side && s.present);
                let mut here: Vec<_> = here.filter(|s| includes(parties, s)).collect();
                here.sort_by_key(|s| s.rank(self.state.seats.values()));
                // A party stands before those who act for it alone, whatever seat they were given first.
                here.sort_by_key(|s| s.role.is_agent());
                let names: Vec<_> = here.into_iter().map(|s| self.state.called(s)).collect();
                if names.is_empty() {
                    return Err(Denial::NobodyPresent { side: *side });
                }
                let whose = self.whose(*side, parties);
                let whose = if parties.is_empty() { whose } else { format!("{whose}一方") };
                bench(format!("核对{whose}到庭人员身份：{}。核对无误。", names.join("、")))
            }
            Step::Authority { agent, objection } => {
                let seat = self.at_seat(agent)?;
                let agents = [Role::PlaintiffAgent, Role::DefendantAgent, Role::ThirdPartyAgent];
                if !agents.contains(&seat.role) || seat.authority.is_empty() {
                    return Err(Denial::NoAuthority { seat: agent.clone() });
                }
                let who = format!("{}{}", seat.role.title(), seat.name);
                bench(match objection.as_str() {
                    "" => format!("{who}的代理权限为{}，经核对，各方对其出庭无异议。", seat.authority),
                    words => format!("{who}的代理权限为{}，经核对，异议如下：{words}", seat.authority),
                })
            }
            Step::NoRecusal { side, parties } => {
                bench(format!("询问{}是否申请回避，{0}答：不申请回避。", self.whose(*side, parties)))
            }
            Step::RecordingConsent { side, parties, agreed } => {
                let agrees = if *agreed { "同意" } else { "不同意" };
                let whose = self.whose(*side, parties);
                bench(format!("经征询，{whose}{agrees}以庭审录音录像替代法庭笔录。"))
            }
            Step::RecusalSought { side, parties, whom, reason } => {
                let whom = self.state.called(self.at_seat(whom)?);
                bench(format!("{}申请{whom}回避，理由：{reason}", self.whose(*side, parties)))
            }
            Step::RecusalDecided { whom, by, granted, reason } => {
                let whom = self.state.called(self.at_seat(whom)?);
                let outcome = if *granted { "准许" } else { "驳回" };
                let why = if reason.is_empty() { "。".to_owned() } else { format!("，理由：{reason}") };
                bench(format!("对申请{whom}回避一事，经{}决定：{outcome}回避申请{why}", by.zh()))
            }
            Step::Undertaking { witness } => {
                let seat = self.witness(witness)?;
                let text = "已签署保证书，保证如实陈述；已告知作证的权利义务及作伪证的法律责任。";
                bench(format!("{}{text}", self.state.called(seat)))
            }
            Step::WitnessCalled { witness } => {
                bench(format!("传{}到庭作证。", self.state.called(self.witness(witness)?)))
            }
            Step::WitnessExcused { witness } => {
                bench(format!("{}作证完毕，退庭。", self.state.called(self.witness(witness)?)))
            }
        }
    }

    /// `原告方`; where parties of the side are named, `原告张三、李四`.
    fn whose(&self, side: Side, parties: &[SeatId]) -> String {
        let names: Vec<_> =
            parties.iter().filter_map(|p| self.state.seats.get(p)).map(|s| s.name.as_str()).collect();
        match names.is_empty() {
            true => format!("{}方", side_zh(side)),
            false => format!("{}{}", side_zh(side), names.join("、")),
        }
    }

    fn at_seat(&self, seat: &SeatId) -> Result<&Seat, Denial> {
        self.state.seats.get(seat).ok_or_else(|| Denial::UnknownSeat { seat: seat.clone() })
    }

    fn witness(&self, seat: &SeatId) -> Result<&Seat, Denial> {
        let found = self.at_seat(seat)?;
        match found.role {
            Role::Witness => Ok(found),
            _ => Err(Denial::Malformed { what: format!("no witness sits at {seat}") }),
        }
    }

    fn tame_step(&self, step: &Step) -> Result<Step, Denial> {
        if let Some((side, parties)) = step.concerned() {
            if !side.is_party() {
                return Err(Denial::Malformed { what: "this step is about a party's side".to_owned() });
            }
            for party in parties {
                let seat = self.at_seat(party)?;
                if seat.role.side() != side || seat.role.is_agent() {
                    let what = format!("{party} is no party of this side; name parties, not their agents");
                    return Err(Denial::Malformed { what });
                }
            }
        }
        let mut step = step.clone();
        match &mut step {
            Step::Authority { objection, .. } => *objection = tame_text("the objection", objection, true)?,
            Step::RecusalSought { reason, .. } => *reason = tame_text("the reason", reason, false)?,
            Step::RecusalDecided { reason, .. } => *reason = tame_text("the reason", reason, true)?,
            _ => {}
        }
        Ok(step)
    }

    /// The seat in whose name the bench's standard lines stand.
    pub(super) fn presiding(&self) -> SeatId {
        let presiding = self.state.seats.values().find(|s| s.role == Role::PresidingJudge);
        presiding.map_or_else(|| self.seat.clone(), |s| s.id.clone())
    }
}

/// 原告, 被告, 第三人.
pub(super) fn side_zh(side: Side) -> &'static str {
    match side {
        Side::Bench => "审判",
        Side::Clerk => "书记员",
        Side::Plaintiff => "原告",
        Side::Defendant => "被告",
        Side::ThirdParty => "第三人",
        Side::Witness => "证人",
        Side::Public => "旁听",
    }
}
