//! A meeting whose words are recorded and recognised, by processes of its own.

use std::path::{Path, PathBuf};

use bytes::BytesMut;
use court::{Command, MeetingAct, Stage};
use protocol::link::Frame;
use protocol::link::recorder::ToRecorder;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixStream;

use crate::support::{Courtroom, Desk, kill, repository, shows, wait};

/// A member of the bench and the chair, who is a guest, in the deliberation room.
async fn convened(room: &Courtroom) -> (String, Desk, Desk) {
    let door = room.door();
    let link = door.path_of(room.link("judge")).expect("a link to this hub").to_owned();
    let cookie = door.send("GET", &link, None, None).await.expect("an answer").cookie.expect("a good link");
    let base = link.split("join").next().expect("a join link").to_owned();
    let ask = async |path: &str, body: Value| -> Value {
        let path = format!("{base}{path}");
        door.json("POST", &path, Some(&cookie), Some(body)).await.expect("granted")
    };
    let guests = json!([{ "name": "冯八", "chairs": true }, { "name": "陈九", "chairs": false }]);
    let convening = json!({ "kind": "judges", "recorder": "clerk", "seats": ["judge"], "guests": guests });
    let made = ask("api/meetings", convening).await;
    let meeting = made["meeting"].as_str().expect("an id").to_owned();
    let way_in = ask(&format!("api/meetings/{meeting}/enter"), Value::Null).await;
    let join = async |url: &Value| {
        Desk::join(&door, url.as_str().expect("a link")).await.expect("a member is let in")
    };
    let (judge, chair) = (join(&way_in["url"]).await, join(&made["guests"][0]["url"]).await);
    for member in [&judge, &chair] {
        member.must(Command::Meet { act: MeetingAct::Arrive }).await.expect("there");
    }
    (meeting, judge, chair)
}

/// Voices come from a folder of files, as in a rehearsal.
async fn speak(run: &Path) {
    let mut recorder = UnixStream::connect(run.join("recorder.sock")).await.expect("it listens");
    let mut bytes = BytesMut::new();
    let dir = repository().join("target/fixtures/hearing");
    Frame::bare(ToRecorder::Rehearse { dir, since: None }).encode(&mut bytes).expect("small");
    recorder.write_all(&bytes).await.expect("it reads");
}

fn pid(run: &Path, process: &str) -> Option<i32> {
    std::fs::read_to_string(run.join(format!("{process}.pid"))).ok()?.trim().parse().ok()
}

fn runs(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

/// Files below a folder, the meetings' own left out.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok).map(|e| e.path());
    let others = entries.filter(|p| !p.ends_with("meetings"));
    others.flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_meeting_says_is_recorded_and_recognised_in_its_own_folder_by_processes_that_end_with_it() {
    let room = Courtroom::with_a_thin_dossier();
    let (meeting, judge, chair) = convened(&room).await;
    let own = room.data().join("meetings").join(&meeting);
    let run = own.join("run");
    chair.must(Command::OpenSession).await.expect("the chair opens it");
    shows(&judge, |s| (s.status.recording && s.status.model.is_some()).then_some(())).await;
    speak(&run).await;
    let said = shows(&judge, |s| {
        let lines = &s.snapshot.as_ref()?.lines;
        lines.iter().find(|l| l.text.chars().count() > 4).map(|l| l.text.clone())
    })
    .await;
    assert!(said.starts_with("现在"), "{said}");
    let listed = shows(&judge, |s| Some(s.snapshot.as_ref()?.seats.clone())).await;
    let lines = shows(&judge, |s| Some(s.snapshot.as_ref()?.lines.clone())).await;
    assert!(lines.iter().all(|l| listed.iter().any(|s| s.id == l.seat)), "only members are heard");

    // Killed with -9 they are back; with the hub killed they end by themselves, and the next hub has its own.
    let first = pid(&run, "recorder").expect("its recorder has a number");
    kill(first);
    let second = wait(|| pid(&run, "recorder").filter(|p| *p != first));
    shows(&judge, |s| s.status.recording.then_some(())).await;
    let killed = room.kill("hub");
    wait(|| (!runs(second)).then_some(()));
    room.back("hub", killed);
    wait(|| pid(&run, "recorder").filter(|p| *p != second));
    shows(&judge, |s| (s.connections > 1 && s.status.recording).then_some(())).await;

    chair.must(Command::CloseSession).await.expect("the chair closes it");
    shows(&judge, |s| s.snapshot.as_ref()?.course.media_sealed.then_some(())).await;
    assert_eq!(judge.seen().snapshot.as_ref().map(|s| s.course.stage), Some(Stage::Closed));
    let sound: u64 = files(&own.join("media")).iter().map(|f| f.metadata().map_or(0, |m| m.len())).sum();
    assert!(sound > 10_000, "{sound} bytes of sound");

    // Elsewhere there is nothing of it.
    assert!(!room.log().contains(&meeting), "the log tells of it");
    for file in files(&room.data()) {
        let bytes = std::fs::read(&file).unwrap_or_default();
        for secret in [meeting.as_bytes(), said.as_bytes()] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret), "{} tells of it", file.display());
        }
    }
}
