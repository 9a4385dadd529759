//! What the words of templates stand for in a hearing.

use court::{Aspect, Curtain, How, Interruption, Opinion, RecordMode, Standing};
use model::{HearingTime, Role, Side};

use crate::minutes;
use crate::sheet::{CorrectionRow, EvidenceRow, ground_zh, side_zh};
use crate::template::{INK, Values};
use crate::time::{clock, day, minute, wall};
use crate::{PaperLine, Person, Record};

/// The words that are known everywhere. `lines`: whether the record's lines go into this paper.
pub(crate) fn everywhere(record: &Record, lines: bool, printed: &str) -> Values {
    let lines: &[PaperLine] = if lines { &record.lines } else { &[] };
    let (from, until) = span(record);
    let named = |wanted: fn(Role) -> bool| {
        let people = record.bench.iter().chain(&record.clerks).chain(&record.people);
        people.filter(|p| wanted(p.role)).map(|p| p.name.as_str()).collect::<Vec<_>>().join("、")
    };
    let bench: Vec<_> = record.bench.iter().map(|p| format!("{} {}", p.title, p.name)).collect();
    minutes::of(record)
        .text("法院", &record.court)
        .text("案号", &record.number)
        .text("案由", &record.cause)
        .text("程序", &record.procedure)
        .text("次数", record.session.to_string())
        .text("地点", &record.room)
        .text("公开", if record.public { "公开" } else { "" })
        .text("公开方式", how_public(record))
        .text("开庭日期", record.opened.map(day).unwrap_or_default())
        .text("开始时间", from)
        .text("结束时间", until)
        .text("审判长", named(|r| r == Role::PresidingJudge))
        .text("审判人员", bench.join("　"))
        .text("书记员", named(|r| r == Role::Clerk))
        .text("原告", named(|r| r == Role::Plaintiff))
        .text("被告", named(|r| r == Role::Defendant))
        .text("第三人", named(|r| r == Role::ThirdParty))
        .text("记录方式", if record.mode == RecordMode::Verbatim { "" } else { record.mode.zh() })
        .text("校验值", &record.digest)
        .text("替代校验值", if record.mode == RecordMode::Recording { &record.digest } else { "" })
        .text("打印时间", printed)
        .list("审判席", record.bench.iter().map(|p| person(record, p)))
        .list("到庭人员", record.people.iter().map(|p| person(record, p)))
        .list("签名人员", record.signers().map(|p| person(record, p)))
        .list("审判签名", record.judges().map(|p| person(record, p)))
        .list("书记员签名", record.clerks.iter().map(|p| person(record, p)))
        .list("笔录", said(record, lines))
        .list("证据", record.evidence.iter().map(|e| evidence(record, e)))
        .list("中断", record.interruptions.iter().map(|g| about_gap(Values::default(), record, g)))
        .list("不公开", record.curtains.iter().map(|c| curtain(record, c)))
        .list("补正申请", record.corrections.iter().map(|c| correction(record, c)))
}

fn how_public(record: &Record) -> &'static str {
    match (record.public, record.curtains.is_empty()) {
        (true, true) => "公开开庭审理",
        (true, false) => "公开开庭审理（部分不公开进行）",
        (false, _) => "不公开开庭审理",
    }
}

fn curtain(record: &Record, c: &Curtain) -> Values {
    let at = |t| clock(wall(record.origin, t));
    let name = |seat: &Option<model::SeatId>| {
        let person = seat.as_ref().and_then(|s| record.person(s));
        person.map_or_else(String::new, |p| p.name.clone())
    };
    Values::default()
        .text("不公开起", at(c.from))
        .text("不公开止", c.to.map(at).unwrap_or_default())
        .text("不公开事由", c.ground.zh())
        .text("宣布不公开", name(&c.by))
        .text("宣布恢复", name(&c.lifted_by))
}

/// Beginning and end; the end without its day if it is the same.
fn span(record: &Record) -> (String, String) {
    let from = record.opened.map(minute).unwrap_or_default();
    let until = match (record.opened, record.closed) {
        (Some(a), Some(b)) if day(a) == day(b) => {
            minute(b).split_once(' ').map_or_else(String::new, |(_, time)| time.to_owned())
        }
        (_, Some(b)) => minute(b),
        _ => String::new(),
    };
    (from, until)
}

pub(crate) fn person(record: &Record, p: &Person) -> Values {
    Values::default()
        .text("称谓", &p.title)
        .text("姓名", &p.name)
        .text("被代理人", p.acts_for.join("、"))
        .text("代理权限", &p.authority)
        .text("到庭", if p.present { "到庭" } else { "" })
        .text("签名情况", signed(record, p))
        .ink(INK, ink(record, p))
}

/// The strokes of a signature that counts.
fn ink(record: &Record, person: &Person) -> Vec<court::Stroke> {
    let signed = record.signatures.iter().find(|s| s.seat == person.seat && s.standing == Standing::Signed);
    match signed.map(|s| &s.how) {
        Some(How::Ink { strokes }) => strokes.clone(),
        _ => Vec::new(),
    }
}

/// What stands beside a signer's line: how and when the record was signed, or why not; empty if there is nothing yet.
fn signed(record: &Record, person: &Person) -> String {
    let Some(signed) = record.signatures.iter().find(|s| s.seat == person.seat) else {
        return String::new();
    };
    let when = minute(wall(record.origin, signed.at));
    let name = |seat: &Option<model::SeatId>| {
        seat.as_ref().and_then(|s| record.person(s)).map_or_else(String::new, |p| p.name.clone())
    };
    if signed.standing == Standing::Stale {
        return format!("{when} 签的是更正前的文本，须重新核对签名");
    }
    match &signed.how {
        How::Confirmed => format!("已核对确认，{when}"),
        How::Ink { .. } => format!("手写签名，{when}"),
        How::Paper { scan } => {
            format!("纸质签名，扫描件 {}…，{when}", scan.chars().take(16).collect::<String>())
        }
        How::Refused { reason, attested_by } => {
            let colon = if reason.is_empty() { "" } else { "：" };
            let noted = match (&signed.noted_by, attested_by) {
                (None, _) => String::new(),
                (Some(_), None) => format!("（书记员{}记明）", name(&signed.noted_by)),
                (Some(_), Some(_)) => {
                    format!("（书记员{}记明，{}见证）", name(&signed.noted_by), name(attested_by))
                }
            };
            format!("拒绝签名{colon}{reason}{noted}，{when}")
        }
        How::Later { until } if record.sealed => format!("定于{until}前补阅，期满未签名"),
        How::Later { until } => format!("五日内补阅，至{until}"),
    }
}

/// The lines as the record reads, with the clerk's notes of its course where they belong; nothing of the course alone.
fn said(record: &Record, lines: &[PaperLine]) -> Vec<Values> {
    let mut all: Vec<_> = lines.iter().filter_map(|l| Some((l.from, line(record, l)?))).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let ordered = record.interruptions.iter().filter(|g| g.ground.is_lawful());
    for gap in ordered {
        all.push((gap.from, note(record, gap.from, ground_zh(record, gap))));
        all.extend(gap.to.map(|to| (to, note(record, to, "继续开庭".to_owned()))));
    }
    let closed = record.closed.map(|utc| HearingTime(utc.0.abs_diff(record.origin.0)));
    all.extend(closed.map(|t| (t, note(record, t, "闭庭".to_owned()))));
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, values)| values).collect()
}

/// `书：（09:30:12 休庭）`.
fn note(record: &Record, at: HearingTime, what: String) -> Values {
    let time = clock(wall(record.origin, at));
    Values::default()
        .text("简称", Role::Clerk.label())
        .text("发言人", record.clerks.first().map_or("", |p| p.name.as_str()))
        .text("内容", format!("（{time} {what}）"))
        .text("时间", time)
        .text("不公开", "")
        .text("行号", "")
        .text("更正", "")
}

/// A line as the record reads; `None`: it is not in it.
fn line(record: &Record, l: &PaperLine) -> Option<Values> {
    let words = l.reads(record.mode)?;
    let values = Values::default()
        .text("简称", &l.label)
        .text("发言人", &l.name)
        .text("时间", clock(wall(record.origin, l.from)))
        .text("内容", words)
        .text("不公开", if l.closed { "不公开" } else { "" })
        .text("行号", l.line.to_string())
        .text("更正", if l.revisions > 0 && l.heard.is_some() { "更正" } else { "" });
    Some(values)
}

fn evidence(record: &Record, e: &EvidenceRow) -> Values {
    let views: Vec<_> = e.opinions.iter().map(opinion_zh).collect();
    // Every party of the hearing but the one that offers, whether it has spoken yet or not.
    let mut sides: Vec<Side> = record.people.iter().map(|p| p.role.side()).filter(|s| s.is_party()).collect();
    sides.extend(e.opinions.iter().map(|o| o.side));
    sides.sort_unstable();
    sides.dedup();
    sides.retain(|s| *s != e.side);
    Values::default()
        .text("证据号", format!("{}证据{}", side_zh(e.side), e.number))
        .text("提供方", side_zh(e.side))
        .text("证据组", &e.group)
        .text("名称", &e.name)
        .text("来源", &e.source)
        .text("证明目的", &e.purpose)
        .text("出示时间", e.shown.map(|t| clock(wall(record.origin, t))).unwrap_or_default())
        .text("原件", if e.original_checked { "已核对" } else { "" })
        .text("意见", views.join("；"))
        .list("质证方", sides.into_iter().map(|side| views_of(e, side)))
}

fn views_of(e: &EvidenceRow, side: Side) -> Values {
    let of = |aspect| e.opinions.iter().find(move |o| o.side == side && o.aspect == aspect);
    let stance = |aspect| of(aspect).map_or("", |o| o.stance.zh());
    let reasons: Vec<_> = e.opinions.iter().filter(|o| o.side == side).filter_map(reason).collect();
    Values::default()
        .text("方", side_zh(side))
        .text("真实性", stance(Aspect::Authenticity))
        .text("合法性", stance(Aspect::Legality))
        .text("关联性", stance(Aspect::Relevance))
        .text("对证明目的", stance(Aspect::Purpose))
        .text("理由", reasons.join("；"))
}

/// `真实性：不是原件（第1次开庭）`; nothing if no reason was given in this very session.
fn reason(o: &Opinion) -> Option<String> {
    let said = match (o.reason.as_str(), o.session) {
        ("", None) => return None,
        ("", Some(n)) => format!("第{n}次开庭时的意见"),
        (words, None) => words.to_owned(),
        (words, Some(n)) => format!("{words}（第{n}次开庭）"),
    };
    Some(format!("{}：{said}", o.aspect.zh()))
}

/// `被告：真实性无异议（…）`, with the session where it was noted in an earlier one.
fn opinion_zh(o: &Opinion) -> String {
    let reason = if o.reason.is_empty() { String::new() } else { format!("（{}）", o.reason) };
    let session = o.session.map_or_else(String::new, |n| format!("（第{n}次开庭）"));
    format!("{}：{}{}{reason}{session}", side_zh(o.side), o.aspect.zh(), o.stance.zh())
}

/// `values` with the words of one gap.
pub(crate) fn about_gap(values: Values, record: &Record, g: &Interruption) -> Values {
    let at = |t| clock(wall(record.origin, t));
    let reviewer = g.reviewed_by.as_ref().and_then(|s| record.person(s)).map_or("", |p| p.name.as_str());
    values
        .text("中断号", g.id.to_string())
        .text("中断起", at(g.from))
        .text("中断止", g.to.map(at).unwrap_or_default())
        .text("中断时长", g.to.map(|to| lasted(g.from, to)).unwrap_or_default())
        .text("中断事由", ground_zh(record, g))
        .text("中断备注", &g.note)
        .text("情况说明", g.statement.as_deref().unwrap_or_default())
        .text("审核人", reviewer)
}

/// `2分05秒`, `0.4秒`.
fn lasted(from: HearingTime, to: HearingTime) -> String {
    let ms = to.0.saturating_sub(from.0);
    match (ms / 60_000, ms % 60_000 / 1000) {
        (0, s) if s < 10 => format!("{s}.{}秒", ms % 1000 / 100),
        (0, s) => format!("{s}秒"),
        (min, s) => format!("{min}分{s:02}秒"),
    }
}

fn correction(record: &Record, c: &CorrectionRow) -> Values {
    let name = |seat| record.person(seat).map_or_else(String::new, |p| format!("{} {}", p.title, p.name));
    Values::default()
        .text("申请号", c.request.to_string())
        .text("申请人", name(&c.by))
        .text("申请时间", clock(wall(record.origin, c.at)))
        .text("发言人", &c.speaker)
        .text("笔录行", clock(wall(record.origin, c.from)))
        .text("原文", &c.was)
        .text("申请改为", &c.text)
        .text("申请理由", &c.why)
        .text("处理", c.outcome.zh())
        .text("处理人", c.decided_by.as_ref().map(name).unwrap_or_default())
        .text("理由", &c.reason)
}
