//! From 闭庭 to the archived file of a real hearing: papers file themselves, 副卷 stays away from the parties, the archive
//! proves itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use court::{Command, SignAct, Stage};
use desk::Seen;
use serde_json::{Value, json};

use crate::support::{Courtroom, Desk, Door, shows};

struct Office {
    door: Door,
    cookie: String,
}

impl Office {
    async fn enter(room: &Courtroom) -> Self {
        let door = room.door();
        let link = door.path_of(room.link("admin")).expect("a link to this hub").to_owned();
        let entered = door.send("GET", &link, None, None).await.expect("the hub answers");
        Self { door, cookie: entered.cookie.expect("the link is good") }
    }

    async fn get(&self, path: &str) -> Value {
        let path = format!("/admin/api/{path}");
        self.door.json("GET", &path, Some(&self.cookie), None).await.expect("an answer")
    }

    async fn post(&self, path: &str, body: Value) -> (u16, String) {
        let path = format!("/admin/api/{path}");
        let answer = self.door.send("POST", &path, Some(&self.cookie), Some(body)).await.expect("an answer");
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    }
}

async fn sign_and_seal(clerk: &Desk) {
    let listed = |s: &Seen| Some(s.snapshot.as_ref()?.signing.clone()).filter(|s| !s.is_empty());
    for signer in shows(clerk, listed).await {
        let (seat, digest) = (signer.seat, signer.version);
        let act = SignAct::Ink { seat, digest, strokes: vec![vec![(400, 300), (1800, 900)]] };
        clerk.must(Command::Sign { act }).await.expect("signed");
    }
    let digest = shows(clerk, |s| s.snapshot.as_ref()?.record_digest.clone()).await;
    clerk.must(Command::SealRecord { digest }).await.expect("sealed");
}

/// Eleven scanned pages of the sample case are recognised before its file can be archived.
const READING_MAX: Duration = Duration::from_secs(900);

/// Asks until the answer is good: pages are being read, files closed.
async fn until<T>(mut ask: impl AsyncFnMut() -> Result<T, String>) -> T {
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(why) => assert!(begun.elapsed() < READING_MAX, "waited {READING_MAX:?} in vain: {why}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Papers drafted from templates: heading, title, whether in 副卷.
fn pieces(file: &Value) -> Vec<(&str, &str, bool)> {
    let all = file["pieces"].as_array().expect("a list").iter();
    let piece = |p: &'_ Value| p["secondary"] == true;
    all.filter(|p| p["drafted"] == true)
        .map(|p| (p["heading"].as_str().unwrap_or(""), p["title"].as_str().unwrap_or(""), piece(p)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hearing_becomes_an_archived_file_whose_papers_filed_themselves() {
    let room = Courtroom::open();
    let (judge, clerk) = (room.desk("judge").await, room.desk("clerk").await);
    shows(&judge, |s| (s.status.sound_ok && s.status.picture_ok).then_some(())).await;
    let catalogue = judge.catalogue().await.expect("the judge reads");
    let page = model::PageRef { doc: catalogue.docs[0].doc.clone(), page: 1 };
    judge.page(&page).await.expect("the judge reads before the hearing");
    judge.must(Command::OpenSession).await.expect("opened");
    shows(&judge, |s| s.status.recording.then_some(())).await;
    let early = clerk.post::<Value>("api/papers/record/file").await;
    let refused = early.expect_err("a draft is not filed").to_string();
    assert!(refused.contains("还没有闭庭"), "{refused}");
    let filed: Value =
        clerk.post("api/papers/service/file").await.expect("a return of service is filed at any time");
    assert_eq!(filed, json!({ "heading": "送达回证", "secondary": false }));
    judge.must(Command::CloseSession).await.expect("closed");
    shows(&judge, |s| (s.snapshot.as_ref()?.course.stage == Stage::Closed).then_some(())).await;
    let filed: Value = clerk.post("api/papers/deliberation/file").await.expect("filed");
    assert_eq!(filed, json!({ "heading": "评议笔录", "secondary": true }));

    let office = Office::enter(&room).await;
    let order =
        |explained: &BTreeMap<String, String>| json!({ "retention": "permanent", "explained": explained });
    let (status, said) = office.post("cases/loan-318/archive", order(&BTreeMap::new())).await;
    assert_eq!(status, 409);
    assert!(said.contains("笔录还没有封存") && said.contains("裁判文书"), "{said}");
    sign_and_seal(&clerk).await;
    until(async || clerk.post::<Value>("api/package").await.map_err(|e| e.to_string())).await;

    let file = until(async || {
        let file = office.get("cases/loan-318/file?retention=permanent").await;
        let properties = file["properties"].as_array().cloned().unwrap_or_default();
        let usable = properties.iter().find(|p| p["name"] == "usable").cloned().unwrap_or_default();
        if usable["ok"] == true { Ok(file) } else { Err(usable.to_string()) }
    })
    .await;
    let made = pieces(&file);
    assert!(made.contains(&("法庭笔录", "法庭笔录（第1次）", false)), "{made:?}");
    assert!(made.iter().any(|p| p.0 == "评议笔录" && p.2), "{made:?}");
    assert_eq!(made.iter().filter(|p| p.2).count(), 1);
    let seen = clerk.get::<Value>("api/dossier").await.expect("a catalogue").to_string();
    assert!(
        !seen.contains("评议") && seen.contains("法庭笔录（第1次）"),
        "nothing of 副卷 at any seat: {seen}"
    );

    let missing = file["missing"].as_array().expect("a list").iter();
    let explained: BTreeMap<String, String> = missing
        .filter_map(|m| m["heading"].as_str())
        .map(|h| (h.to_owned(), "演示案件，未制作".to_owned()))
        .collect();
    let (status, said) = office.post("cases/loan-318/archive", order(&explained)).await;
    assert_eq!(status, 202, "{said}");
    let said = until(async || {
        let said = office.get("cases/loan-318/archive").await;
        if said["state"] == "writing" { Err(said.to_string()) } else { Ok(said) }
    })
    .await;
    assert_eq!(said["verified"], true, "{said}");
    let archive = room.data().join(said["name"].as_str().expect("a name"));
    let report = papers::verify(&archive).expect("readable");
    assert!(report.ok && report.fragments > 0, "the recording is in it: {report}");

    let figures = office.get("indicators").await;
    let of = |name: &str| {
        let all = figures["figures"].as_array().expect("a list");
        let f =
            all.iter().rfind(|f| f["indicator"] == name && f["month"] == figures["month"]).expect("there");
        (f["numerator"].as_u64().unwrap_or_default(), f["denominator"].as_u64().unwrap_or_default())
    };
    assert_eq!(of("reading"), (1, 1), "the judge had read before");
    assert_eq!(of("archiving"), (1, 1));
    assert_eq!(of("courtroom").1, 1);
}
