//! Processes killed in mid-hearing.

use court::{Command, Ground, Stage, ViewDraft};
use model::{DocId, HearingTime, PageRef, Rotation, SeatId};
use protocol::wire::ClientMsg;

use crate::support::{Courtroom, Desk, shows, wait};

async fn in_session(room: &Courtroom) -> (Desk, Desk) {
    let judge = room.desk("judge").await;
    let clerk = room.desk("clerk").await;
    // The recorder must be capturing before it can record.
    shows(&judge, |s| (s.status.sound_ok && s.status.picture_ok).then_some(())).await;
    judge.must(Command::OpenSession).await.expect("the judge opens the session");
    shows(&judge, |s| s.status.recording.then_some(())).await;
    (judge, clerk)
}

fn media_bytes(room: &Courtroom) -> u64 {
    fn below(dir: &std::path::Path) -> u64 {
        let entries = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
        entries
            .map(|e| if e.path().is_dir() { below(&e.path()) } else { e.metadata().map_or(0, |m| m.len()) })
            .sum()
    }
    let hearings =
        std::fs::read_dir(room.data().join("hearings")).into_iter().flatten().filter_map(Result::ok);
    hearings.map(|h| below(&h.path().join("media"))).sum()
}

fn insert(text: &str) -> Command {
    let seat = SeatId::new("clerk").expect("well formed");
    Command::InsertLine { seat, from: HearingTime(1), text: text.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recording_goes_on_while_the_hub_is_killed_and_nothing_acknowledged_is_missing() {
    let room = Courtroom::with_a_thin_dossier();
    let (judge, clerk) = in_session(&room).await;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        for n in 0..20 {
            let text = format!("第{round}轮第{n}行");
            clerk.must(insert(&text)).await.expect("the clerk writes");
            acknowledged.push(text);
        }
        let recorder = room.pid("recorder");
        let before = media_bytes(&room);
        let killed = room.kill("hub");
        wait(|| (media_bytes(&room) > before + 4096).then_some(()));
        room.back("hub", killed);
        assert_eq!(room.pid("recorder"), recorder, "the recorder was disturbed");
        let connections = clerk.seen().connections;
        shows(&clerk, |s| (s.connections > connections || s.connections > round + 1).then_some(())).await;
    }
    clerk.must(insert("最后一行")).await.expect("the desk is back by itself");
    let lines = shows(&clerk, |s| {
        let lines: Vec<String> = s.snapshot.as_ref()?.lines.iter().map(|l| l.text.clone()).collect();
        lines.iter().any(|t| t == "最后一行").then_some(lines)
    })
    .await;
    for text in &acknowledged {
        assert_eq!(lines.iter().filter(|t| *t == text).count(), 1, "{text} stands once");
    }
    let stage = shows(&judge, |s| s.snapshot.as_ref().map(|s| s.course.stage)).await;
    assert_eq!(stage, Stage::InSession);
    shows(&judge, |s| s.status.recording.then_some(())).await;
}

/// `HUITING_HUB_KILLS=200` for the long run.
/// [R-BYE-3] [R-CMD-2]
#[tokio::test(flavor = "multi_thread")]
async fn the_hub_killed_at_any_instant_under_load_loses_nothing_acknowledged() {
    let kills = std::env::var("HUITING_HUB_KILLS").ok().and_then(|v| v.parse().ok()).unwrap_or(10);
    let room = Courtroom::with_a_thin_dossier();
    let (judge, clerk) = in_session(&room).await;
    // The clerk writes as fast as lines are acknowledged, until the last kill is over.
    let (over, stop) = tokio::sync::watch::channel(false);
    let writer = async {
        let mut acknowledged = 0_u32;
        while !*stop.borrow() {
            clerk.must(insert(&format!("第{acknowledged}行"))).await.expect("the clerk writes on");
            acknowledged += 1;
        }
        acknowledged
    };
    let killer = async {
        // A small generator, so that the instants are spread and the same in every run.
        let mut x = 88_172_645_463_325_252_u64;
        for _ in 0..kills {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            let lines = clerk.seen().snapshot.as_ref().map_or(0, |s| s.lines.len());
            // Some lines after the hub is there again, and then at any instant within them.
            shows(&clerk, |s| (s.snapshot.as_ref()?.lines.len() > lines + 3).then_some(())).await;
            tokio::time::sleep(std::time::Duration::from_micros(x % 40_000)).await;
            let killed = room.kill("hub");
            tokio::task::block_in_place(|| room.back("hub", killed));
        }
        over.send_replace(true);
    };
    let (acknowledged, ()) = tokio::join!(writer, killer);
    let last = acknowledged.checked_sub(1).expect("something was written");
    let wanted = format!("第{last}行");
    let lines = shows(&judge, |s| {
        let lines: Vec<String> = s.snapshot.as_ref()?.lines.iter().map(|l| l.text.clone()).collect();
        lines.contains(&wanted).then_some(lines)
    })
    .await;
    for n in 0..acknowledged {
        let text = format!("第{n}行");
        assert_eq!(lines.iter().filter(|t| **t == text).count(), 1, "{text} of {acknowledged} stands once");
    }
    println!("{kills} kills, {acknowledged} lines acknowledged, none lost and none twice");
    shows(&judge, |s| s.status.recording.then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_recorder_is_back_by_itself_and_its_hole_stands_in_the_ledger() {
    let room = Courtroom::with_a_thin_dossier();
    let (judge, clerk) = in_session(&room).await;
    judge.say(ClientMsg::Rehearse { play: true }).await.expect("the rehearsal starts");
    shows(&clerk, |s| s.partials.first().map(drop)).await;
    wait(|| (media_bytes(&room) > 20_000).then_some(()));
    let (hub, recogniser) = (room.pid("hub"), room.pid("recogniser"));
    let killed = room.kill("recorder");
    let at_kill = clerk.seen().status.now;
    room.back("recorder", killed);
    let gaps = shows(&judge, |s| {
        let ledger = &s.snapshot.as_ref()?.ledger;
        let faults: Vec<_> = ledger.iter().filter(|g| !g.ground.is_lawful()).cloned().collect();
        (!faults.is_empty()).then_some(faults)
    })
    .await;
    assert_eq!(gaps.len(), 1, "one fault of all tracks is one entry: {gaps:#?}");
    for gap in &gaps {
        assert!(matches!(gap.ground, Ground::Fault { .. }));
        let length_ms = gap.to.map(|to| to.since(gap.from));
        assert!(length_ms.is_some_and(|ms| ms > 0), "a hole has a beginning and an end: {gap:?}");
    }
    shows(&judge, |s| (s.status.recording && s.status.sound_ok).then_some(())).await;
    let before = media_bytes(&room);
    wait(|| (media_bytes(&room) > before + 4096).then_some(()));
    assert_eq!((room.pid("hub"), room.pid("recogniser")), (hub, recogniser), "nothing else was disturbed");
    // Whoever speaks goes on speaking, and is heard.
    shows(&clerk, |s| {
        let lines = &s.snapshot.as_ref()?.lines;
        lines.iter().any(|l| l.from > at_kill.plus(3000)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_recogniser_is_back_and_misses_no_speech() {
    let room = Courtroom::with_a_thin_dossier();
    let (judge, clerk) = in_session(&room).await;
    judge.say(ClientMsg::Rehearse { play: true }).await.expect("the rehearsal starts");
    let (spoken_from, ..) = shows(&clerk, |s| s.partials.first().cloned()).await;
    let recorder = room.pid("recorder");
    let killed = room.kill("recogniser");
    let at_kill = clerk.seen().status.now;
    room.back("recogniser", killed);
    // Speech from before the kill that had not settled, and speech from after it, both arrive.
    shows(&clerk, |s| {
        let lines = &s.snapshot.as_ref()?.lines;
        let before = lines.iter().any(|l| l.from <= spoken_from.plus(500) && l.to > spoken_from);
        (before && lines.iter().any(|l| l.from > at_kill)).then_some(())
    })
    .await;
    assert_eq!(room.pid("recorder"), recorder, "the recorder was disturbed");
    let ledger = clerk.seen().snapshot.as_ref().map(|s| s.ledger.clone());
    assert!(ledger.as_ref().is_some_and(Vec::is_empty), "the recording has a hole: {ledger:#?}");
}

/// Recorder and recogniser get a tenth of a processor's time: nothing of the sound is lost, and what is said becomes lines all the same.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a tenth of what the other tests leave may be nothing: `make torture` runs it alone"]
async fn starved_to_a_tenth_no_sound_is_lost_and_speech_becomes_lines() {
    let room = Courtroom::with_a_thin_dossier();
    let (judge, clerk) = in_session(&room).await;
    let processes = ["recorder", "recogniser"].map(|name| room.pid(name));
    let starved = room.starve(&processes);
    judge.say(ClientMsg::Rehearse { play: true }).await.expect("the rehearsal starts");
    shows(&judge, |s| s.status.rehearsal_ms.filter(|ms| *ms > 20_000)).await;
    let ended = clerk.seen().status.now;
    drop(starved);
    // Everything that was said meanwhile stands in a line, from the first word on: somebody speaks at least every six seconds.
    let lines = shows(&clerk, |s| {
        let lines = s.snapshot.as_ref()?.lines.clone();
        lines.iter().any(|l| l.from > ended).then_some(lines)
    })
    .await;
    let first = lines.iter().min_by_key(|l| l.from);
    assert!(first.is_some_and(|l| l.text.contains("法庭纪律")), "{lines:?}");
    let mut spoken: Vec<_> = lines.iter().map(|l| (l.from, l.to)).collect();
    spoken.sort();
    for pair in spoken.windows(2) {
        assert!(
            pair[1].0.0.saturating_sub(pair[0].1.0) < 6000,
            "nobody is heard within: {pair:?} of {spoken:?}"
        );
    }
    let seen = clerk.seen();
    // A tenth of a core encodes no picture: of cameras the ledger may tell holes, of sound none.
    let ledger = seen.snapshot.as_ref().map(|s| s.ledger.clone()).expect("a snapshot");
    let holes = ledger.iter().flat_map(|g| &g.holes);
    let of_sound: Vec<_> = holes.filter(|h| !h.track.as_str().starts_with("cam-")).collect();
    assert!(of_sound.is_empty(), "{of_sound:#?}");
    assert_eq!(["recorder", "recogniser"].map(|name| room.pid(name)), processes, "none was given up");
}

/// [R-VIEW-4]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_dossier_has_not_is_neither_shown_nor_marked() {
    let room = Courtroom::with_a_thin_dossier();
    let judge = room.desk("judge").await;
    let view = |doc: &str, page| ViewDraft {
        page: PageRef { doc: DocId::new(doc).expect("well formed"), page },
        page_hash: "ab".repeat(32),
        rotation: Rotation::None,
        viewport: None,
        highlights: Vec::new(),
        beside: None,
    };
    for (doc, page) in [("nowhere", 1), ("nowhere", 0)] {
        let refused = judge.must(Command::Show { view: view(doc, page) }).await;
        let sentence = refused.expect_err("there is no such page").to_string();
        assert!(sentence.contains("the dossier has no page"), "{sentence}");
    }
    let page = view("nowhere", 1).page;
    let shape = court::Shape::Note { at: model::Point { x: 1, y: 1 }, text: "字".to_owned() };
    assert!(judge.must(Command::MakeMark { page, shape }).await.is_err());
    assert!(judge.seen().snapshot.as_ref().is_some_and(|s| s.screens.view.is_none() && s.marks.is_empty()));
}
