//! 复听: another process hears the recording again, and what it reads otherwise is offered for lines that nobody has touched.
#![allow(dead_code, reason = "each test uses its part of the support")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

mod support;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use court::{Command, Process, Recognised, Report};
use hub::Msg;
use model::{CmdId, HearingTime, LineId, Role, Seat, SeatId};
use protocol::wire::{ClientMsg, SecondPass, ServerMsg};
use server::{Given, SecondListener};
use support::{House, Screen};

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("a plain name")
}

fn seats() -> Vec<Seat> {
    let seat = |(s, role): (&str, Role)| Seat {
        id: id(s),
        role,
        name: format!("某{s}"),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    [("judge", Role::PresidingJudge), ("clerk", Role::Clerk), ("plaintiff", Role::PlaintiffAgent)]
        .into_iter()
        .map(seat)
        .collect()
}

/// Answers what a script prints; the script has what was asked in `$asked`.
struct Scripted(&'static str);

impl SecondListener for Scripted {
    fn command(&self, media_dir: &Path) -> io::Result<tokio::process::Command> {
        let mut command = tokio::process::Command::new("sh");
        command.arg("-c").arg(format!("read asked; {}", self.0)).env("MEDIA", media_dir);
        Ok(command)
    }
}

async fn house(script: &'static str) -> (House, Screen, String) {
    let given = |given: Given| Given { second: Some(Arc::new(Scripted(script))), ..given };
    let house = House::open_as(seats(), None, given).await;
    let (judge, clerk) = (house.session(&id("judge")).await, house.session(&id("clerk")).await);
    let mut screen = house.screen(&id("judge"), &judge).await;
    act(&mut screen, "open", Command::OpenSession).await;
    for (n, text) in [(1, "被告借款四万元。"), (2, "没有归还。"), (3, "我方认可。")] {
        let recognised = Recognised {
            utterance: n,
            seat: id("plaintiff"),
            from: HearingTime(n * 1000),
            to: HearingTime(n * 1000 + 900),
            text: text.to_owned(),
            raw: text.to_owned(),
            pieces: Vec::new(),
            repairs: Vec::new(),
        };
        let handle = house.room.hearing(&house.hearing).await.expect("it is open");
        let report = Box::new(Report::Recognised(recognised));
        handle.send(Msg::Report { process: Process::Recogniser, report }).await.expect("it runs");
    }
    (house, screen, clerk)
}

async fn act(screen: &mut Screen, cmd: &str, command: Command) {
    let cmd_id = CmdId::new(cmd).expect("a plain name");
    screen.say(&ClientMsg::Command { cmd_id: cmd_id.clone(), command, inside: false }).await;
    let answer = screen
        .until(|m| {
            matches!(m, ServerMsg::Done { cmd_id: c } | ServerMsg::Denied { cmd_id: c, .. } if *c == cmd_id)
        })
        .await;
    assert!(matches!(answer, ServerMsg::Done { .. }), "{answer:?}");
}

/// Until it is over.
async fn over(house: &House, cookie: &str) -> SecondPass {
    let path = format!("/h/{}/clerk/api/second-pass", house.hearing);
    loop {
        let answer = house.ask("GET", &path, cookie).await;
        let pass: SecondPass = serde_json::from_str(&answer.body).expect("a state");
        if !pass.running {
            return pass;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_otherwise_is_offered_in_a_recess_for_lines_that_nobody_has_touched() {
    let (house, mut judge, clerk) = house(
        r#"case "$asked" in *'"line":2'*) exit 3;; esac
        test -n "$MEDIA" || exit 4
        echo '{"type":"begun","model":"larger"}'
        echo '{"type":"heard","line":1,"text":"被告借款十万元。"}'
        echo '{"type":"heard","line":3,"text":null}'"#,
    )
    .await;
    let path = format!("/h/{}/clerk/api/second-pass", house.hearing);
    let early = house.ask("POST", &path, &clerk).await;
    assert_eq!(early.status, 409, "{}", early.body);
    act(
        &mut judge,
        "recess",
        Command::CallRecess { ground: court::Ground::Recess, note: "休息十分钟".to_owned() },
    )
    .await;
    let mut desk = house.screen(&id("clerk"), &clerk).await;
    let text = "一直没有归还。".to_owned();
    act(&mut desk, "mine", Command::CorrectLine { line: LineId(2), base: 0, text }).await;
    let begun = house.ask("POST", &path, &clerk).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let pass = over(&house, &clerk).await;
    assert_eq!((pass.model.as_deref(), pass.total, pass.done, pass.fault), (Some("larger"), 2, 2, None));
    let state = house.room.hearing(&house.hearing).await.expect("open").state().await.expect("it runs");
    let offered: Vec<_> = state.lines.values().map(|l| (l.text(), l.suggestion.as_deref())).collect();
    assert_eq!(
        offered,
        [("被告借款四万元。", Some("被告借款十万元。")), ("一直没有归还。", None), ("我方认可。", None)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_stopped_in_the_middle_and_begun_again() {
    let (house, mut judge, clerk) = house(
        r#"echo '{"type":"begun","model":"larger"}'
        echo '{"type":"heard","line":1,"text":"被告借款十万元。"}'
        exec tail -f /dev/null"#,
    )
    .await;
    act(&mut judge, "close", Command::CloseSession).await;
    let path = format!("/h/{}/clerk/api/second-pass", house.hearing);
    for _ in 0..2 {
        assert_eq!(house.ask("POST", &path, &clerk).await.status, 200);
        loop {
            let pass: SecondPass =
                serde_json::from_str(&house.ask("GET", &path, &clerk).await.body).expect("a state");
            if pass.done == 1 {
                break;
            }
            assert!(pass.running);
        }
        assert_eq!(house.ask("DELETE", &path, &clerk).await.status, 200);
        let pass = over(&house, &clerk).await;
        assert_eq!((pass.total, pass.done, pass.fault), (3, 1, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_is_told_and_what_it_gave_stays() {
    let (house, mut judge, clerk) = house(
        r#"echo '{"type":"begun","model":"larger"}'
        echo '{"type":"heard","line":1,"text":"被告借款十万元。"}'
        kill -9 $$"#,
    )
    .await;
    act(&mut judge, "close", Command::CloseSession).await;
    let path = format!("/h/{}/clerk/api/second-pass", house.hearing);
    assert_eq!(house.ask("POST", &path, &clerk).await.status, 200);
    let pass = over(&house, &clerk).await;
    assert_eq!((pass.total, pass.done), (3, 1));
    assert!(matches!(pass.fault, Some(protocol::wire::SecondPassFault::Ended { .. })));
    let state = house.room.hearing(&house.hearing).await.expect("open").state().await.expect("it runs");
    assert_eq!(state.lines[&LineId(1)].suggestion.as_deref(), Some("被告借款十万元。"));
}
