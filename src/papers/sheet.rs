//! The record as paper needs it: who, when, where, and every line as it reads now.

use court::{
    Curtain, How, Interruption, Line, Mark, Meeting, Opinion, RecordMode, Request, RequestKind, RequestState,
    Stage, Standing, State, StatuteCitation,
};
use model::{HearingId, HearingTime, LineId, RequestId, Role, Seat, SeatId, Side, UtcMs};
use proof::{Checkpoint, Hash};
use record::JournalReader;
use serde::{Deserialize, Serialize};

use crate::time::wall;

/// More tracks than this are counted where they are missing, not named.
const TRACKS_NAMED: usize = 3;

/// Somebody in the head of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The seat.
    pub seat: SeatId,
    /// The role.
    pub role: Role,
    /// 审判长, 原告委托诉讼代理人 …
    pub title: String,
    /// The name; may be empty.
    pub name: String,
    /// 代理权限; may be empty.
    pub authority: String,
    /// Names of those they act for, where that is not everybody of their side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acts_for: Vec<String>,
    /// 到庭.
    pub present: bool,
    /// Brought in behind the curtain (不公开): not named in a public copy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

impl Person {
    fn of(state: &State, seat: &Seat) -> Self {
        Self {
            seat: seat.id.clone(),
            role: seat.role,
            title: state.title_of(seat).to_owned(),
            name: seat.name.clone(),
            authority: seat.authority.clone(),
            acts_for: seat
                .acts_for
                .iter()
                .filter_map(|id| state.seats.get(id))
                .map(|s| s.name.clone())
                .collect(),
            present: seat.present,
            closed: !state.seats_outside.contains_key(&seat.id),
        }
    }
}

/// One line of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaperLine {
    /// Its id in the journal.
    pub line: LineId,
    /// Beginning, on the hearing clock.
    pub from: HearingTime,
    /// End.
    pub to: HearingTime,
    /// Who spoke.
    pub seat: SeatId,
    /// 审, 原, 原代 …, with the name where several have the same.
    pub label: String,
    /// The speaker's name; may be empty.
    pub name: String,
    /// As it reads now.
    pub text: String,
    /// How it reads in the points record (要点笔录); empty: it is not in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub point: String,
    /// What the machine heard, where a person changed it.
    pub heard: Option<String>,
    /// A person typed it: no machine heard it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub typed: bool,
    /// How many corrections lie on it.
    pub revisions: u32,
    /// The article of a law that it cites, with the digest of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cites: Option<StatuteCitation>,
    /// It was said behind the curtain (不公开).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

impl PaperLine {
    /// How it reads in a record kept so, with the mark of a line that is not public; `None`: it is not in it.
    #[must_use]
    pub fn reads(&self, mode: RecordMode) -> Option<String> {
        let text = match mode {
            RecordMode::Verbatim => &self.text,
            RecordMode::Points => &self.point,
            RecordMode::Recording if self.typed => &self.text,
            RecordMode::Recording => return None,
        };
        let mark = if self.closed { "（不公开）" } else { "" };
        (!text.is_empty()).then(|| format!("{mark}{text}"))
    }
}

/// One row of the 质证表.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceRow {
    /// Whose.
    pub side: Side,
    /// The side's own number.
    pub number: u32,
    /// 证据组; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// 名称.
    pub name: String,
    /// 来源.
    pub source: String,
    /// 证明目的.
    pub purpose: String,
    /// When it was first on the screens.
    pub shown: Option<HearingTime>,
    /// 原件已核对.
    pub original_checked: bool,
    /// The other sides' views.
    pub opinions: Vec<Opinion>,
    /// It was listed, described or first shown behind the curtain (不公开).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

/// How somebody settled the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    /// Whose.
    pub seat: SeatId,
    /// When.
    pub at: HearingTime,
    /// The version that it binds.
    pub digest: String,
    /// By hand, on paper, refused, put off.
    pub how: How,
    /// The clerk, where the clerk noted it.
    pub noted_by: Option<SeatId>,
    /// What it is worth for the record as it reads now.
    pub standing: Standing,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Not yet decided.
    Open,
    /// 同意.
    Granted,
    /// 不同意; the request itself stays in the record.
    Refused,
    /// Taken back.
    Withdrawn,
}

impl Outcome {
    /// As it stands on paper.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Open => "待处理",
            Self::Granted => "同意补正",
            Self::Refused => "不同意，申请附卷",
            Self::Withdrawn => "申请人撤回",
        }
    }
}

/// One 补正申请.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CorrectionRow {
    /// The request.
    pub request: RequestId,
    /// Who asks.
    pub by: SeatId,
    /// When.
    pub at: HearingTime,
    /// The line it is about.
    pub line: LineId,
    /// When that was said.
    pub from: HearingTime,
    /// Label of its speaker.
    pub speaker: String,
    /// As it read when it was asked.
    pub was: String,
    /// As it shall read.
    pub text: String,
    /// Why it was asked for; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Who decided.
    pub decided_by: Option<SeatId>,
    /// Why it was refused; may be empty.
    pub reason: String,
}

/// What of the journal is printed in the foot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Entries.
    pub entries: u64,
    /// Merkle root over them.
    pub root: Hash,
}

impl From<&Checkpoint> for Seal {
    fn from(checkpoint: &Checkpoint) -> Self {
        Self { entries: checkpoint.size, root: checkpoint.root }
    }
}

impl Seal {
    /// What the last signed checkpoint of a journal vouches for; `None` before there is one.
    #[must_use]
    pub fn last_of(journal: &JournalReader) -> Option<Self> {
        let (_, note) = journal.checkpoints.last()?;
        Checkpoint::read_unverified(note).ok().map(|c| Self::from(&c))
    }
}

/// Everything the papers say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The hearing.
    pub hearing: HearingId,
    /// 法院.
    pub court: String,
    /// 案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// Procedure, e.g. 民事一审普通程序.
    pub procedure: String,
    /// 第几次开庭.
    pub session: u32,
    /// 地点.
    pub room: String,
    /// 是否公开.
    pub public: bool,
    /// UTC at hearing time zero.
    pub origin: UtcMs,
    /// 宣布开庭.
    pub opened: Option<UtcMs>,
    /// 闭庭.
    pub closed: Option<UtcMs>,
    /// 审判人员.
    pub bench: Vec<Person>,
    /// 书记员.
    pub clerks: Vec<Person>,
    /// Everybody else of the roster but the gallery.
    pub people: Vec<Person>,
    /// How the record is kept (笔录方式).
    #[serde(default)]
    pub mode: RecordMode,
    /// The lines in reading order, whether the record takes them or not; lines whose text is empty are left out.
    pub lines: Vec<PaperLine>,
    /// The 质证表.
    pub evidence: Vec<EvidenceRow>,
    /// Marks, taken back ones too.
    pub marks: Vec<Mark>,
    /// Interruptions of the recording.
    pub interruptions: Vec<Interruption>,
    /// Parts that were not public (不公开).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curtains: Vec<Curtain>,
    /// 补正申请, whatever became of them.
    #[serde(default)]
    pub corrections: Vec<CorrectionRow>,
    /// Signatures, refusals, terms to read.
    pub signatures: Vec<Signed>,
    /// The record is sealed.
    #[serde(default)]
    pub sealed: bool,
    /// The meeting, where this is one of the members alone (合议, 法官会议, 审委会).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<Meeting>,
    /// Merkle root of the record as it reads now, or was sealed ([`State::record_digest`]).
    pub digest: String,
}

impl Record {
    /// What an item is called on a stamp: 原告第一组证据三.
    #[must_use]
    pub fn exhibit(&self, side: Side, number: u32) -> String {
        let group = self.item(side, number).map_or("", |e| e.group.as_str());
        format!("{}{group}证据{}", side_zh(side), text::numeral::to_chinese(u64::from(number)))
    }

    /// What the book of a side's evidence is called.
    #[must_use]
    pub fn book_of(&self, side: Side) -> String {
        format!("{}证据册", side_zh(side))
    }

    /// Where an item stands among those of its side: a group stands together, where the first of it stands.
    #[must_use]
    pub fn place_of(&self, side: Side, number: u32) -> u32 {
        let group = self.item(side, number).map(|e| &e.group).filter(|g| !g.is_empty());
        let same = |group: &String| {
            self.evidence.iter().filter(|e| e.side == side && e.group == *group).map(|e| e.number).min()
        };
        group.and_then(same).unwrap_or(number)
    }

    fn item(&self, side: Side, number: u32) -> Option<&EvidenceRow> {
        self.evidence.iter().find(|e| e.side == side && e.number == number)
    }

    /// The record of a hearing; `None` before it was opened.
    #[must_use]
    pub fn of(state: &State) -> Option<Self> {
        let info = state.info.clone()?;
        let persons = |wanted: fn(Role) -> bool| {
            let mut found: Vec<_> = state.seats.values().filter(|s| wanted(s.role)).collect();
            found.sort_by_key(|s| s.rank(state.seats.values()));
            found.into_iter().map(|s| Person::of(state, s)).collect::<Vec<_>>()
        };
        let seen = |t: HearingTime| wall(info.origin, t);
        Some(Self {
            procedure: state.outline.as_ref().map(|o| o.name.clone()).unwrap_or_default(),
            opened: state.opened.map(seen),
            closed: state.closed.map(seen),
            bench: persons(|r| r.side() == Side::Bench),
            clerks: persons(|r| r == Role::Clerk),
            people: persons(|r| !matches!(r.side(), Side::Bench | Side::Clerk | Side::Public)),
            mode: state.record_mode,
            lines: state.lines_in_order().into_iter().filter_map(|l| line(state, l)).collect(),
            evidence: state.evidence.values().map(evidence).collect(),
            marks: state.marks.values().cloned().collect(),
            interruptions: state.ledger.clone(),
            curtains: state.curtains.clone(),
            corrections: state.requests.values().filter_map(|r| correction(state, r)).collect(),
            signatures: state.signatures.values().map(|s| signed(state, s)).collect(),
            sealed: state.stage == Stage::Sealed,
            meeting: state.meeting.clone(),
            digest: state.record_digest(),
            hearing: info.hearing,
            court: info.court,
            number: info.number,
            cause: info.cause,
            session: info.session,
            room: info.room,
            public: info.public,
            origin: info.origin,
        })
    }

    /// The person at a seat.
    #[must_use]
    pub fn person(&self, seat: &SeatId) -> Option<&Person> {
        self.bench.iter().chain(&self.clerks).chain(&self.people).find(|p| p.seat == *seat)
    }

    /// Those who sign at the end: the parties' people who were present.
    pub fn signers(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|p| p.present)
    }

    /// The judges and assessors, who sign with the clerk below.
    pub fn judges(&self) -> impl Iterator<Item = &Person> {
        self.bench.iter().filter(|p| p.role != Role::JudgeAssistant)
    }
}

fn line(state: &State, line: &Line) -> Option<PaperLine> {
    if line.text().is_empty() && line.point().is_empty() {
        return None;
    }
    let seat = state.seats.get(line.speaker());
    Some(PaperLine {
        line: line.id,
        from: line.from,
        to: line.to,
        seat: line.speaker().clone(),
        label: label(state, line),
        name: seat.map(|s| s.name.clone()).unwrap_or_default(),
        text: line.text().to_owned(),
        point: line.point().to_owned(),
        typed: line.recognised.is_none(),
        heard: line.recognised.as_ref().filter(|r| r.text != line.text()).map(|r| r.text.clone()),
        revisions: line.revision(),
        cites: line.cites.clone(),
        closed: state.is_behind_curtain(line),
    })
}

/// 审, 原, 原代; with the name, where several have the same.
fn label(state: &State, line: &Line) -> String {
    let Some(seat) = state.seats.get(line.speaker()) else { return line.speaker().to_string() };
    let label = seat.role.label();
    let shared = state.seats.values().any(|s| s.id != seat.id && s.role.label() == label);
    if shared { format!("{label}{}", seat.name) } else { label.to_owned() }
}

fn evidence(e: &court::Evidence) -> EvidenceRow {
    EvidenceRow {
        side: e.draft.side,
        number: e.draft.number,
        group: e.group.clone(),
        name: e.draft.name.clone(),
        source: e.draft.source.clone(),
        purpose: e.draft.purpose.clone(),
        shown: e.shown,
        original_checked: e.original_checked,
        opinions: e.opinions.clone(),
        closed: e.closed,
    }
}

/// `None` for requests of another kind.
fn correction(state: &State, request: &Request) -> Option<CorrectionRow> {
    let RequestKind::Correct { line, base, text, reason: why } = &request.want else { return None };
    let (outcome, decided_by, reason) = match &request.state {
        RequestState::Open => (Outcome::Open, None, ""),
        RequestState::Granted { by } => (Outcome::Granted, Some(by), ""),
        RequestState::Refused { by, reason } => (Outcome::Refused, Some(by), reason.as_str()),
        RequestState::Withdrawn => (Outcome::Withdrawn, None, ""),
    };
    let about = state.lines.get(line);
    Some(CorrectionRow {
        request: request.id,
        by: request.by.clone(),
        at: request.at,
        line: *line,
        from: about.map(|l| l.from).unwrap_or_default(),
        speaker: about.map(|l| label(state, l)).unwrap_or_default(),
        was: about.map(|l| text_at(state.record_mode, l, *base)).unwrap_or_default(),
        text: text.clone(),
        why: why.clone(),
        outcome,
        decided_by: decided_by.cloned(),
        reason: reason.to_owned(),
    })
}

/// A line as it read in the record at a revision.
fn text_at(mode: RecordMode, line: &Line, revision: u32) -> String {
    if mode == RecordMode::Points {
        let wording = (revision as usize).checked_sub(1).and_then(|n| line.points.get(n));
        let typed = || if line.recognised.is_none() { line.text() } else { "" };
        return wording.map_or_else(typed, |w| w.text.as_str()).to_owned();
    }
    let layer = (revision as usize).checked_sub(1).and_then(|n| line.revisions.get(n));
    let heard = || line.recognised.as_ref().map(|r| r.text.as_str()).unwrap_or_default();
    layer.map_or_else(heard, |r| r.text.as_str()).to_owned()
}

fn signed(state: &State, s: &court::Signature) -> Signed {
    let (seat, digest, how, noted_by) = (s.seat.clone(), s.digest.clone(), s.how.clone(), s.noted_by.clone());
    Signed { standing: state.standing(&seat), seat, at: s.at, digest, how, noted_by }
}

/// 原告, 被告 … as they stand before an evidence number.
pub(crate) fn side_zh(side: Side) -> &'static str {
    match side {
        Side::Bench => "法院",
        Side::Clerk => "书记员",
        Side::Plaintiff => "原告",
        Side::Defendant => "被告",
        Side::ThirdParty => "第三人",
        Side::Witness => "证人",
        Side::Public => "旁听",
    }
}

/// A ground of an interruption in words.
pub(crate) fn ground_zh(record: &Record, gap: &Interruption) -> String {
    match &gap.ground {
        court::Ground::Recess => "休庭".to_owned(),
        court::Ground::ClosedEvidence => "不公开质证".to_owned(),
        court::Ground::Mediation => "不宜录制的调解".to_owned(),
        court::Ground::Fault { cause } => {
            let cause = match cause {
                model::GapCause::Paused => "暂停",
                model::GapCause::DeviceLost => "设备断开",
                model::GapCause::Overrun => "写盘过慢",
                model::GapCause::RecorderDown => "录制进程中断",
                model::GapCause::DiskSpace => "磁盘将满",
            };
            let tracks = match &gap.holes[..] {
                few if few.len() <= TRACKS_NAMED => {
                    few.iter().map(|h| track_zh(record, h.track.as_str())).collect::<Vec<_>>().join("、")
                }
                many => format!("录音录像共{}路", many.len()),
            };
            format!("设备故障（{tracks}：{cause}）")
        }
    }
}

/// A track by the name under which people know it.
fn track_zh(record: &Record, track: &str) -> String {
    match track.split_once('-') {
        Some(("mic", seat)) => {
            let title = record.people.iter().find(|p| p.seat.as_str() == seat).map(|p| p.title.as_str());
            format!("{}话筒", title.unwrap_or(seat))
        }
        Some(("cam", number)) => format!("画面{number}"),
        _ if track == "mix" => "混合声".to_owned(),
        _ => track.to_owned(),
    }
}
