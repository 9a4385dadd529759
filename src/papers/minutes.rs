//! What the minutes of a meeting say besides what was said: who took part, what was voted on, who voted how and why.

use court::{Matter, Meeting, MeetingKind, Member, Outcome, Part, Question, Turn, TurnOf, Vote};

use crate::Record;
use crate::template::Values;
use crate::values::person;

/// The words of a meeting; none in any other hearing.
pub(crate) fn of(record: &Record) -> Values {
    let Some(meeting) = &record.meeting else { return Values::default() };
    let names = |wanted: fn(Part) -> bool| {
        let wanted = meeting.members.iter().filter(|m| wanted(m.part));
        wanted.map(|m| name(record, m)).collect::<Vec<_>>().join("、")
    };
    Values::default()
        .text("会议", meeting.kind.zh())
        .text("会议名", title(meeting.kind))
        .text("主持人", names(|p| p == Part::Presiding))
        .text("汇报人", names(|p| p == Part::Reporter))
        .text("记录人", names(|p| p == Part::Recorder))
        .text("评议成员", names(|p| matches!(p, Part::Presiding | Part::Judge | Part::Assessor)))
        .text("提交审委会", meeting.submitted.as_deref().unwrap_or_default())
        .list("参加人", meeting.members.iter().filter_map(|m| member(record, meeting.kind, m)))
        .list("发言顺序", meeting.order.iter().filter_map(|t| turn(record, meeting.kind, t)))
        .list("表决", meeting.questions.iter().map(|q| question(record, meeting, q)))
}

/// What the paper is called.
fn title(kind: MeetingKind) -> &'static str {
    match kind {
        MeetingKind::Panel => "合议庭评议笔录",
        MeetingKind::Judges => "法官会议记录",
        MeetingKind::Committee => "审判委员会讨论笔录",
    }
}

fn part_zh(kind: MeetingKind, part: Part) -> &'static str {
    match (kind, part) {
        (MeetingKind::Panel, Part::Presiding) => "审判长",
        (_, Part::Presiding) => "主持人",
        (MeetingKind::Committee, Part::Judge) => "委员",
        (_, Part::Judge) => "审判员",
        (_, Part::Assessor) => "人民陪审员",
        (_, Part::Reporter) => "汇报人",
        (_, Part::Recorder) => "记录人",
    }
}

fn name(record: &Record, member: &Member) -> String {
    record.person(&member.seat).map_or_else(|| member.seat.to_string(), |p| p.name.clone())
}

fn member(record: &Record, kind: MeetingKind, member: &Member) -> Option<Values> {
    let there = record.person(&member.seat)?;
    let title = part_zh(kind, member.part);
    let title = if member.in_charge { format!("{title}（承办法官）") } else { title.to_owned() };
    Some(person(record, there).text("称谓", title))
}

fn turn(record: &Record, kind: MeetingKind, turn: &Turn) -> Option<Values> {
    let who = record.meeting.as_ref()?.member(&turn.seat)?;
    let of = match turn.of {
        TurnOf::Report => "汇报案情",
        TurnOf::Law => "介绍相关法律和证据规则",
        TurnOf::Opinion => "发表意见",
        TurnOf::Conclusion => "最后发表意见并总结",
    };
    let values = Values::default().text("称谓", part_zh(kind, who.part));
    Some(values.text("姓名", name(record, who)).text("发言内容", of))
}

fn question(record: &Record, meeting: &Meeting, question: &Question) -> Values {
    let matter = match question.matter {
        Matter::Facts => "事实认定",
        Matter::Law => "法律适用和裁判结果",
    };
    let option = |n: u32| question.options.get(n as usize).map_or("", String::as_str);
    let conclusion = match question.outcome {
        None => String::new(),
        Some(Outcome::Carried { choice }) => {
            let (votes, voters) = (question.count(choice), meeting.voters(question.matter).count());
            format!("{}（{voters}人表决，{votes}票，过半数）", option(choice))
        }
        Some(Outcome::Undecided) => "未形成多数意见".to_owned(),
    };
    let minority: Vec<_> = question.minority().map(|v| &v.seat).collect();
    // In the order in which the members stand in the roster, not of their seats' ids.
    let votes = meeting.members.iter().filter_map(|m| Some((m, question.vote(&m.seat)?)));
    let vote = |(member, vote): (&Member, &Vote)| {
        Values::default()
            .text("称谓", part_zh(meeting.kind, member.part))
            .text("姓名", name(record, member))
            .text("表决意见", vote.choice.map_or("弃权", option))
            .text("表决理由", &vote.grounds)
            .text("少数意见", if minority.contains(&&vote.seat) { "少数意见" } else { "" })
    };
    Values::default()
        .text("议题号", question.id.0.to_string())
        .text("议题", &question.text)
        .text("议题性质", matter)
        .text("表决选项", question.options.join("；"))
        .text("表决结论", conclusion)
        .list("表决人", votes.map(vote))
}
