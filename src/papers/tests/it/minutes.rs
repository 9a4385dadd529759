//! The minutes of a meeting: who took part, who voted how and why, and where each signs.

use court::{Command, Convening, Matter, MeetingAct, MeetingKind, QuestionId, convene};
use model::{Role, Seat, SeatId};
use papers::{Kind, PaperName, Printing, Templates, compose, docx, html};

use crate::support::Hearing;

fn roster() -> Vec<Seat> {
    let seat = |id: &str, role, name: &str| Seat {
        id: SeatId::new(id).unwrap(),
        role,
        name: name.to_owned(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: id == "second",
        acts_for: Vec::new(),
    };
    vec![
        seat("judge", Role::PresidingJudge, "周明"),
        seat("second", Role::Judge, "吴清"),
        seat("lay", Role::Assessor, "郑和"),
        seat("clerk", Role::Clerk, "钱一"),
    ]
}

fn met(convening: &Convening) -> Hearing {
    let (meeting, seats) = convene(&roster(), convening).unwrap();
    let mut hearing = Hearing::unopened();
    hearing.convened(meeting, seats);
    hearing
}

fn vote(question: u32, choice: u32, grounds: &str) -> Command {
    let grounds = grounds.to_owned();
    Command::Meet { act: MeetingAct::Vote { question: QuestionId(question), choice: Some(choice), grounds } }
}

fn text_of(hearing: &Hearing) -> String {
    let printing = Printing { seal: None, draft: None };
    let paper =
        compose(PaperName::of(Kind::Deliberation), &hearing.record(), &Templates::shipped(), printing)
            .unwrap();
    assert!(docx(&paper).is_ok_and(|bytes| bytes.starts_with(b"PK")));
    html(&paper)
}

#[test]
fn the_minutes_of_a_panel_hold_every_vote_its_grounds_and_the_minority() {
    let recorder = Some(SeatId::new("clerk").unwrap());
    let mut h = met(&Convening { kind: MeetingKind::Panel, recorder, seats: Vec::new(), guests: Vec::new() });
    for seat in ["judge", "second", "lay"] {
        h.must(seat, Command::Meet { act: MeetingAct::Arrive });
    }
    h.must("judge", Command::OpenSession);
    let options = vec!["支持".to_owned(), "驳回".to_owned()];
    let text = "是否支持原告的利息请求".to_owned();
    h.must("judge", Command::Meet { act: MeetingAct::Put { text, matter: Matter::Law, options } });
    h.must("second", vote(1, 0, "约定明确且不超过法定上限"));
    h.must("lay", vote(1, 0, "双方对利率均无异议"));
    h.must("judge", vote(1, 1, "借条没有写明利率"));
    h.must("judge", Command::Meet { act: MeetingAct::Settle { question: QuestionId(1) } });
    h.must("judge", Command::CloseSession);
    let text = text_of(&h);
    for says in [
        "合议庭评议笔录",
        "（副卷，不得公开）",
        "审判员（承办法官） 吴清",
        "是否支持原告的利息请求（法律适用和裁判结果）",
        "约定明确且不超过法定上限",
        "借条没有写明利率",
        "少数意见",
        "支持（3人表决，2票，过半数）",
        "人民陪审员　郑和（签名）",
        "记录人　钱一（签名）",
    ] {
        assert!(text.contains(says), "{says} is missing in {text}");
    }
    assert_eq!(text.matches("<td>少数意见").count(), 1, "{text}");
}

#[test]
fn a_judges_meeting_has_its_own_name_and_no_votes() {
    let guest = |name: &str, chairs| court::Guest { name: name.to_owned(), chairs };
    let guests = vec![guest("蒋法官", false), guest("沈法官", false), guest("冯主任", true)];
    let h = met(&Convening { kind: MeetingKind::Judges, recorder: None, seats: Vec::new(), guests });
    let text = text_of(&h);
    assert!(text.contains("法官会议记录") && text.contains("主持人 冯主任"), "{text}");
    assert!(!text.contains("结论："), "{text}");
}

#[test]
fn the_form_for_a_hearing_without_a_meeting_is_left_to_be_filled_in_by_hand() {
    let text = text_of(&Hearing::open());
    assert!(text.contains("合议庭评议笔录") && text.contains("评议结论"), "{text}");
}
