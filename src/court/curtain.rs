//! 不公开 within a public hearing: while the curtain is down, the gallery sees that it is down and nothing else.
//!
//! ```text
//!   Open ──LowerCurtain (ground of the law)──► Down ──LiftCurtain or 闭庭──► Open
//! ```
//!
//! What was said, shown, marked or worded behind it stays behind it when it is lifted. Parties stay inside, the recording and
//! the record go on; a recess on a ground of the recording rules is another thing and may go with it.

use model::{HearingTime, LineId, SeatId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Event, Line, State};

/// Why a part of a public hearing is not public: the grounds of the law of civil procedure.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum CurtainGround {
    /// 国家秘密.
    StateSecret,
    /// 商业秘密, on a party's application.
    TradeSecret,
    /// 个人隐私.
    Privacy,
    /// 涉及未成年人.
    Minor,
    /// 调解.
    Mediation,
    /// 法律另有规定.
    OtherLaw,
}

impl CurtainGround {
    /// In the words of the law.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::StateSecret => "涉及国家秘密",
            Self::TradeSecret => "涉及商业秘密，当事人申请不公开",
            Self::Privacy => "涉及个人隐私",
            Self::Minor => "涉及未成年人",
            Self::Mediation => "调解",
            Self::OtherLaw => "法律另有规定",
        }
    }
}

/// One time that the curtain was down: an entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Curtain {
    /// Why.
    pub ground: CurtainGround,
    /// Since when.
    pub from: HearingTime,
    /// Who lowered it.
    pub by: Option<SeatId>,
    /// The line of the record that says so.
    pub line: LineId,
    /// Until when; `None` while it is down.
    pub to: Option<HearingTime>,
    /// Who lifted it.
    pub lifted_by: Option<SeatId>,
    /// The line that says so.
    pub lifted_line: Option<LineId>,
}

impl Curtain {
    /// Whether something that lasted so long touches it. Both ends count: in doubt it was said behind the curtain.
    #[must_use]
    pub fn touches(&self, from: HearingTime, to: HearingTime) -> bool {
        to >= self.from && self.to.is_none_or(|end| from <= end)
    }
}

impl State {
    /// The curtain, while it is down.
    #[must_use]
    pub fn curtain(&self) -> Option<&Curtain> {
        self.curtains.last().filter(|c| c.to.is_none())
    }

    /// Whether a line was said or typed behind the curtain. The lines that tell of it were not.
    ///
    /// A correction of a line that was said in public is no new saying: it stays public.
    #[must_use]
    pub fn is_behind_curtain(&self, line: &Line) -> bool {
        let tells = |c: &Curtain| c.line == line.id || c.lifted_line == Some(line.id);
        let touched = line.behind_curtain || self.curtains.iter().any(|c| c.touches(line.from, line.to));
        touched && !self.curtains.iter().any(tells)
    }

    pub(crate) fn apply_curtain(&mut self, at: HearingTime, by: Option<&SeatId>, event: &Event) {
        match event {
            Event::CurtainLowered { ground, line } if self.curtain().is_none() => {
                self.curtains.push(Curtain {
                    ground: *ground,
                    from: at,
                    by: by.cloned(),
                    line: *line,
                    to: None,
                    lifted_by: None,
                    lifted_line: None,
                })
            }
            Event::CurtainLifted { line } => {
                if let Some(curtain) = self.curtains.last_mut().filter(|c| c.to.is_none()) {
                    curtain.to = Some(at);
                    curtain.lifted_by = by.cloned();
                    curtain.lifted_line = Some(*line);
                }
                // Who is there now can be seen by everybody; who was brought in behind the curtain was not named outside.
                for seat in self.seats_outside.values_mut() {
                    seat.present = self.seats.get(&seat.id).is_some_and(|s| s.present);
                }
            }
            _ => {}
        }
    }
}
