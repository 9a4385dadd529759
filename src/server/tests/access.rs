//! Links, sessions, and what each seat may read, over real connections.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[path = "support/described.rs"]
mod described;
#[path = "../../../benches/support/no_pages.rs"]
mod no_pages;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use court::OutlineId;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hub::{CaseDraft, Opening, Packed, Packer, Room, RoomConfig};
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use model::{CaseId, Day, HearingId, Role, Seat, SeatId, UtcMs, ViewClass};
use protocol::check::{CheckItem, Finding};
use protocol::wire::{ClientMsg, ServerMsg, StatuteResults};
use record::{Scope, Store};
use server::{CheckSource, Given, Services};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_util::sync::CancellationToken;

struct NoPacker;
impl Packer for NoPacker {
    fn pack(&self, _: &HearingId, _: &Path) -> Result<Packed, String> {
        Err("no package is written here".to_owned())
    }
}

struct Disk;
impl CheckSource for Disk {
    fn check(&self) -> Vec<CheckItem> {
        vec![Finding::DiskRoom { hours: 10 }.into()]
    }
}

struct Answer {
    status: u16,
    headers: hyper::HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    fn session(&self) -> String {
        self.header(header::SET_COOKIE).split(';').next().unwrap_or_default().to_owned()
    }
}

/// A room with one hearing, served on a free port of loopback.
struct Court {
    address: SocketAddr,
    room: Arc<Room>,
    services: Arc<Services>,
    hearing: HearingId,
    stop: CancellationToken,
    dir: tempfile::TempDir,
}

impl Drop for Court {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn seat(id: &str, role: Role) -> Seat {
    let id = SeatId::new(id).expect("a plain name");
    Seat {
        id,
        role,
        name: String::new(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    }
}

impl Court {
    async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let config = RoomConfig {
            data: dir.path().to_owned(),
            court: "松江市清源区人民法院".to_owned(),
            room: "第三法庭".to_owned(),
            inputs: Vec::new(),
            rehearsal: None,
            font: dir.path().join("none"),
            outlines: dir.path().join("outlines"),
            shared: Vec::new(),
            deliberation: None,
            mirror: None,
        };
        let store = Arc::new(Store::open(&dir.path().join("huiting.sqlite")).expect("a store"));
        let room = Room::open(config, store, Arc::new(no_pages::NoPages), Arc::new(NoPacker)).await;
        let room = Arc::new(room.expect("the room opens"));
        let case = CaseId::new("c1").expect("a plain name");
        let draft = CaseDraft {
            id: case.clone(),
            number: "（2026）清0102民初318号".to_owned(),
            cause: "民间借贷纠纷".to_owned(),
            court: String::new(),
            procedure: OutlineId::default(),
        };
        room.create_case(draft).await.expect("a new case");
        let seats = vec![
            seat("judge", Role::PresidingJudge),
            seat("clerk", Role::Clerk),
            seat("plaintiff", Role::PlaintiffAgent),
            seat("public", Role::Public),
        ];
        let opening = Opening { case, public: true, seats, procedure: None };
        let hearing = room.open_hearing(opening).await.expect("a hearing").hearing;
        let listener = server::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let stop = CancellationToken::new();
        let services = Services::new(Arc::clone(&room), Given::plain(Arc::new(Disk)));
        tokio::spawn(server::serve(listener, None, Arc::clone(&services), stop.clone()));
        Self { address, room, services, hearing, stop, dir }
    }

    async fn code(&self, seat: &str) -> String {
        let seat = SeatId::new(seat).expect("a plain name");
        let scope = Scope::Seat { hearing: self.hearing.clone(), seat };
        self.room.issue_code(scope).await.expect("a code")
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
        let stream = TcpStream::connect(self.address).await.expect("the server listens");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let driver = tokio::spawn(connection);
        let mut request =
            Request::builder().method(method).uri(path).header(header::HOST, self.address.to_string());
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Full::<Bytes>::default()).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        driver.abort();
        let kind = headers.get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
        described::check(described::document(&self.services), method, path, (status, kind, &body));
        Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask("GET", path, &[(header::COOKIE, cookie)]).await
    }

    fn at(&self, seat: &str, path: &str) -> String {
        format!("/h/{}/{seat}/{path}", self.hearing)
    }

    async fn join(&self, seat: &str) -> String {
        let code = self.code(seat).await;
        let answer = self.get(&self.at(seat, &format!("join?code={code}")), "").await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.session()
    }
}

/// [R-JOIN-1] [R-JOIN-6] [R-JOIN-7]
#[tokio::test]
async fn a_link_works_once_and_the_session_is_for_its_seat_alone() {
    let court = Court::open().await;
    let code = court.code("judge").await;
    let link = court.at("judge", &format!("join?code={code}"));
    let joined = court.get(&link, "").await;
    let set = joined.header(header::SET_COOKIE).to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    assert!(set.contains(&format!("Path={}", court.at("judge", ""))), "{set}");
    let again = court.get(&link, "").await;
    assert_eq!(again.status, 403);
    assert!(again.body.contains("席位链接无效或已被使用"));
    // Whoever has the session already is let through.
    assert_eq!(court.get(&link, &joined.session()).await.status, 303);

    let session = joined.session();
    assert_eq!(court.get(&court.at("judge", "api/check"), &session).await.status, 200);
    assert_eq!(court.get(&court.at("clerk", "api/check"), &session).await.status, 401);
    assert_eq!(court.get("/admin/api/cases", &session).await.status, 401);
    let other = court.at("clerk", "api/check").replace(court.hearing.as_str(), "c1-9");
    assert_eq!(court.get(&other, &session).await.status, 401);
    assert_eq!(court.get(&court.at("judge", "api/check"), "").await.status, 401);
}

#[tokio::test]
async fn a_code_for_one_seat_opens_no_other() {
    let court = Court::open().await;
    let code = court.code("public").await;
    assert_eq!(court.get(&court.at("judge", &format!("join?code={code}")), "").await.status, 403);
    // Tried at the wrong door it still opens the right one.
    assert_eq!(court.get(&court.at("public", &format!("join?code={code}")), "").await.status, 303);
}

/// [R-HTTP-2]
#[tokio::test]
async fn each_seat_reads_what_is_open_to_it() {
    let court = Court::open().await;
    let [judge, plaintiff, public] =
        [court.join("judge").await, court.join("plaintiff").await, court.join("public").await];
    for (seat, cookie, path, status) in [
        ("judge", &judge, "papers/record.html", 200),
        ("judge", &judge, "media/master.m3u8", 404),
        ("judge", &judge, "papers/elsewhere.html", 404),
        ("judge", &judge, "papers/deliberation.docx", 200),
        ("judge", &judge, "papers/record-copy.html", 200),
        ("judge", &judge, "papers/record.exe", 404),
        ("judge", &judge, "papers/fault-1.html", 404),
        ("judge", &judge, "api/papers", 200),
        ("plaintiff", &plaintiff, "papers/record.html", 200),
        ("plaintiff", &plaintiff, "papers/record.vtt", 200),
        ("plaintiff", &plaintiff, "papers/record.docx", 403),
        ("plaintiff", &plaintiff, "papers/deliberation.html", 403),
        ("plaintiff", &plaintiff, "papers/examination.pdf", 403),
        ("plaintiff", &plaintiff, "papers/fault-1.html", 403),
        ("plaintiff", &plaintiff, "api/papers", 403),
        ("plaintiff", &plaintiff, "media/master.m3u8", 403),
        ("plaintiff", &plaintiff, "api/check", 403),
        ("plaintiff", &plaintiff, "api/package", 403),
        ("judge", &judge, "api/statutes?q=%E6%B0%91%E6%B3%95%E5%85%B8", 200),
        ("judge", &judge, "api/statutes?q=x&date=2023-02-30", 400),
        ("judge", &judge, "api/statutes", 400),
        ("judge", &judge, "api/statutes/0a1b/2020-05-28/577", 404),
        ("judge", &judge, "api/statutes/0a1b/yesterday/577", 400),
        ("plaintiff", &plaintiff, "api/statutes?q=x&date=2023-02-28", 200),
        ("public", &public, "api/statutes?q=x", 403),
        ("public", &public, "api/statutes/0a1b/2020-05-28/577", 403),
        ("public", &public, "papers/record.html", 403),
        ("public", &public, "api/dossier", 403),
        ("public", &public, "api/pages/d1/1/image", 403),
        ("public", &public, "media/master.m3u8", 403),
    ] {
        let answer = court.get(&court.at(seat, path), cookie).await;
        assert_eq!(answer.status, status, "{seat} {path}: {}", answer.body);
    }
    let code = court.at("plaintiff", "api/seats/judge/code");
    let taken = court.ask("POST", &code, &[(header::COOKIE, &plaintiff)]).await;
    assert_eq!(taken.status, 403, "{}", taken.body);
}

#[tokio::test]
async fn statutes_are_those_of_the_day_of_the_hearing_unless_another_is_asked_for() {
    let court = Court::open().await;
    let judge = court.join("judge").await;
    let date = |answer: &Answer| {
        let results: StatuteResults = serde_json::from_str(&answer.body).expect("results");
        results.date
    };
    let opened = today();
    let plain = court.get(&court.at("judge", "api/statutes?q=x"), &judge).await;
    assert!([opened, today()].contains(&date(&plain)), "{}", plain.body);
    let asked = court.get(&court.at("judge", "api/statutes?q=x&date=2012-03-04"), &judge).await;
    assert_eq!(date(&asked).to_string(), "2012-03-04");
}

/// Today in Beijing.
fn today() -> Day {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    UtcMs(since.as_millis() as i64).beijing_day()
}

#[tokio::test]
async fn a_paper_printed_in_mid_hearing_is_a_draft_and_a_party_gets_a_copy() {
    let court = Court::open().await;
    let (clerk, plaintiff) = (court.join("clerk").await, court.join("plaintiff").await);
    let draft = court.get(&court.at("clerk", "papers/record.html"), &clerk).await.body;
    assert!(draft.contains("草稿（庭中打印）") && !draft.contains("副本"), "{draft}");
    let copy = court.get(&court.at("plaintiff", "papers/record.html"), &plaintiff).await.body;
    assert!(copy.contains("副本　草稿（庭中打印）"), "{copy}");
    let form = court.get(&court.at("clerk", "papers/service.html"), &clerk).await.body;
    assert!(form.contains("送达回证") && !form.contains("草稿"), "a form is no draft: {form}");
    let docx = court.get(&court.at("clerk", "papers/record.docx"), &clerk).await;
    assert!(docx.body.starts_with("PK"));
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    assert_eq!(docx.header(header::CONTENT_TYPE), word);
    let menu = court.get(&court.at("clerk", "api/papers"), &clerk).await.body;
    assert!(menu.contains(r#"{"name":"record","title":"法庭笔录（第1次）"}"#), "{menu}");
    assert!(menu.contains(r#""faults":[]"#) && !menu.contains("fault-"), "{menu}");
}

/// [R-WS-2]
#[tokio::test]
async fn another_page_of_the_browser_can_do_nothing() {
    let court = Court::open().await;
    let judge = court.join("judge").await;
    let path = court.at("judge", "api/seats/clerk/code");
    let foreign = [(header::COOKIE, judge.as_str()), (header::ORIGIN, "http://elsewhere.example")];
    assert_eq!(court.ask("POST", &path, &foreign).await.status, 403);
    let origin = format!("http://{}", court.address);
    let own = [(header::COOKIE, judge.as_str()), (header::ORIGIN, origin.as_str())];
    let answer = court.ask("POST", &path, &own).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("/clerk/join?code="));
    let page = court.get(&court.at("judge", ""), &judge).await;
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
}

#[tokio::test]
async fn a_screen_says_hello_and_is_welcomed_as_what_its_session_says() {
    let court = Court::open().await;
    let public = court.join("public").await;
    let url = format!("ws://{}{}", court.address, court.at("public", "ws"));
    let mut request = url.as_str().into_client_request().expect("a request");
    let refused = tokio_tungstenite::connect_async(request.clone()).await;
    assert!(refused.is_err(), "no session, no socket");
    request.headers_mut().insert(header::COOKIE, public.parse().expect("a value"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
    let hello = serde_json::to_string(&ClientMsg::Hello { resume: None }).expect("JSON");
    socket.send(Message::text(hello)).await.expect("sent");
    let first = socket.next().await.expect("an answer").expect("whole");
    let welcome: ServerMsg = serde_json::from_str(first.to_text().expect("text")).expect("a message");
    let ServerMsg::Welcome { seat, class, snapshot, .. } = welcome else {
        panic!("not a welcome: {welcome:?}")
    };
    assert_eq!((seat.as_str(), class), ("public", ViewClass::Public));
    assert!(snapshot.expect("everything at first").lines.is_empty());

    socket.send(Message::text("{\"type\":\"nonsense\"}")).await.expect("sent");
    loop {
        let message = socket.next().await.expect("an answer").expect("whole");
        let message: ServerMsg = serde_json::from_str(message.to_text().expect("text")).expect("a message");
        if let ServerMsg::Malformed { sentence } = message {
            assert!(sentence.contains("nonsense"), "{sentence}");
            return;
        }
    }
}

#[tokio::test]
async fn the_administrator_sees_the_outlines_to_choose_from_and_what_is_wrong_with_the_courts_files() {
    let court = Court::open().await;
    let folder = court.dir.path().join("outlines");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("own.toml"), "id = \"own\"\nnmae = \"\"\n").expect("writable");
    let code = court.room.issue_code(Scope::Admin).await.expect("a code");
    let session = court.get(&format!("/admin/join?code={code}"), "").await.session();
    let judge = court.join("judge").await;
    assert_eq!(court.get("/admin/api/outlines", &judge).await.status, 401);
    let answer = court.get("/admin/api/outlines", &session).await;
    let found: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    let ids: Vec<_> = found["outlines"].as_array().into_iter().flatten().map(|o| o["id"].clone()).collect();
    assert!(ids.contains(&"civil-small-claims".into()) && !ids.contains(&"own".into()), "{ids:?}");
    assert!(found["faults"][0].as_str().is_some_and(|f| f.contains("own.toml, line 2")), "{found}");
    let hearings = court.get("/admin/api/hearings", &session).await.body;
    assert!(hearings.contains("\"session\":1") && hearings.contains("民事一审普通程序"), "{hearings}");
}

/// [R-ERR-1]
#[tokio::test]
async fn every_refusal_is_json_with_a_sentence_and_nobody_unknown_fills_the_memory() {
    let court = Court::open().await;
    let sentence = |answer: &Answer| {
        let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        json["sentence"].as_str().map(str::to_owned).filter(|s| !s.is_empty()).expect("a sentence")
    };
    let session = court.join("judge").await;
    for (method, path, cookie, status) in [
        ("GET", "/nowhere".to_owned(), "", 404),
        ("DELETE", court.at("judge", "api/check"), session.as_str(), 405),
        ("GET", court.at("judge", "api/pages/x/abc"), &session, 400),
        ("GET", court.at("judge", "join"), "", 400),
        ("POST", "/admin/api/login".to_owned(), "", 415),
        ("POST", court.at("judge", "api/seats/nobody/code"), &session, 404),
    ] {
        let answer = court.ask(method, &path, &[(header::COOKIE, cookie)]).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        sentence(&answer);
    }
    // Whoever is unknown yet cannot have a large body read.
    let head = format!(
        "POST /admin/api/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n",
        court.address
    );
    let mut stream = TcpStream::connect(court.address).await.expect("the server listens");
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.write_all(&vec![b' '; (1 << 20) + 1]).await.expect("sent");
    let mut first = [0; 64];
    let answered = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut first)).await;
    let n = answered.expect("in time").expect("an answer");
    let said = String::from_utf8_lossy(&first[..n]);
    assert!(said.contains(" 413 "), "{said}");
}
