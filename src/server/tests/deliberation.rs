//! 合议: not a byte of a deliberation, nor that it takes place, is found outside its folder and its members' screens.
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
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use court::{Command, Matter, MeetingAct, OutlineId, Process, QuestionId, Recognised, Report};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hub::{CaseDraft, Msg, Opening, Packed, Packer, Room, RoomConfig};
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use model::{CaseId, CmdId, HearingId, HearingTime, Role, Seat, SeatId};
use no_pages::NoPages;
use protocol::check::CheckItem;
use protocol::view::Snapshot;
use protocol::wire::{ClientMsg, ServerMsg};
use record::{Scope, Store};
use serde_json::{Value, json};
use server::{CheckSource, Given, Services};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

/// Every text of the deliberation holds this.
const TAINT: &str = "密议某甲";

struct Nothing;
impl Packer for Nothing {
    fn pack(&self, _: &HearingId, _: &Path) -> Result<Packed, String> {
        Err("no package is written here".to_owned())
    }
}
impl CheckSource for Nothing {
    fn check(&self) -> Vec<CheckItem> {
        Vec::new()
    }
}

/// Everything the program says in its log, down to the finest level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no writer panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn begin() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("the only test of this file that listens");
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no writer panicked")).into_owned()
    }
}

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

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("a plain name")
}

async fn room(dir: &Path) -> Arc<Room> {
    let config = RoomConfig {
        data: dir.to_owned(),
        court: "松江市清源区人民法院".to_owned(),
        room: "第三法庭".to_owned(),
        inputs: Vec::new(),
        rehearsal: None,
        font: dir.join("none"),
        outlines: dir.join("outlines"),
        shared: Vec::new(),
        deliberation: None,
        mirror: None,
    };
    let store = Arc::new(Store::open(&dir.join("huiting.sqlite")).expect("a store"));
    Arc::new(Room::open(config, store, Arc::new(NoPages), Arc::new(Nothing)).await.expect("the room opens"))
}

async fn serve(room: &Arc<Room>) -> (SocketAddr, Arc<Services>, CancellationToken) {
    let listener = server::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let stop = CancellationToken::new();
    let services = Services::new(Arc::clone(room), Given::plain(Arc::new(Nothing)));
    tokio::spawn(server::serve(listener, None, Arc::clone(&services), stop.clone()));
    (address, services, stop)
}

impl Court {
    async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let room = room(dir.path()).await;
        let case = CaseId::new("c1").expect("a plain name");
        let draft = CaseDraft {
            id: case.clone(),
            number: "（2026）清0102民初318号".to_owned(),
            cause: "民间借贷纠纷".to_owned(),
            court: String::new(),
            procedure: OutlineId::default(),
        };
        room.create_case(draft).await.expect("a new case");
        let seat = |s: &str, role, name: &str| Seat {
            id: id(s),
            role,
            name: name.to_owned(),
            authority: String::new(),
            microphone: true,
            shared: false,
            present: true,
            in_charge: s == "second",
            acts_for: Vec::new(),
        };
        let seats = vec![
            seat("judge", Role::PresidingJudge, "周明"),
            seat("second", Role::Judge, "吴清"),
            seat("lay", Role::Assessor, "郑和"),
            seat("clerk", Role::Clerk, "钱一"),
            seat("plaintiff", Role::PlaintiffAgent, "李四"),
            seat("public", Role::Public, ""),
        ];
        let opening = Opening { case, public: true, seats, procedure: None };
        let hearing = room.open_hearing(opening).await.expect("a hearing").hearing;
        let (address, services, stop) = serve(&room).await;
        Self { address, room, services, hearing, stop, dir }
    }

    async fn ask(&self, method: &str, path: &str, cookie: &str, body: Value) -> Answer {
        let stream = TcpStream::connect(self.address).await.expect("the server listens");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let driver = tokio::spawn(connection);
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.address.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, cookie);
        let request = request.body(Full::new(body)).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let set =
            response.headers().get(header::SET_COOKIE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let cookie = set.split(';').next().unwrap_or_default().to_owned();
        let headers = format!("{:?}", response.headers());
        let kind = response.headers().get(header::CONTENT_TYPE).cloned();
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        driver.abort();
        let kind = kind.as_ref().and_then(|k| k.to_str().ok()).unwrap_or_default();
        described::check(described::document(&self.services), method, path, (status, kind, &body));
        Answer { status, cookie, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    fn at(&self, seat: &str, path: &str) -> String {
        format!("/h/{}/{seat}/{path}", self.hearing)
    }

    async fn get(&self, seat: &str, path: &str, cookie: &str) -> Answer {
        self.ask("GET", &self.at(seat, path), cookie, Value::Null).await
    }

    async fn session(&self, of: &str) -> String {
        let scope = Scope::Seat { hearing: self.hearing.clone(), seat: id(of) };
        self.redeemed(scope).await
    }

    async fn redeemed(&self, scope: Scope) -> String {
        let code = self.room.issue_code(scope.clone()).await.expect("a code");
        let token =
            self.room.redeem(code, scope, None).await.expect("the store answers").expect("a good code");
        format!("huiting={token}")
    }

    /// A member's way from the hearing's desk into the meeting.
    async fn enter(&self, seat: &str, cookie: &str, meeting: &str) -> (Desk, String) {
        let path = self.at(seat, &format!("api/meetings/{meeting}/enter"));
        let door = self.ask("POST", &path, cookie, Value::Null).await;
        assert_eq!(door.status, 200, "{}", door.body);
        let url = door.json()["url"].as_str().expect("a link").to_owned();
        let path = url.strip_prefix(&format!("http://{}", self.address)).expect("our own address");
        let joined = self.ask("GET", path, "", Value::Null).await;
        assert_eq!(joined.status, 303, "{}", joined.body);
        let key = joined.cookie;
        (self.desk(meeting, seat, &key).await, key)
    }

    async fn desk(&self, hearing: &str, seat: &str, cookie: &str) -> Desk {
        let url = format!("ws://{}/h/{hearing}/{seat}/ws", self.address);
        let mut request = url.as_str().into_client_request().expect("a request");
        request.headers_mut().insert(header::COOKIE, cookie.parse().expect("a value"));
        let (socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
        let mut desk = Desk { socket, seat: seat.to_owned(), wire: String::new(), shown: None, acts: 0 };
        desk.say(&ClientMsg::Hello { resume: None }).await;
        desk.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
        desk
    }

    /// Everything that is on disk outside the meetings' own folder.
    fn disk(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut open = vec![self.dir.path().to_owned()];
        while let Some(dir) = open.pop() {
            for entry in std::fs::read_dir(&dir).expect("readable") {
                let path = entry.expect("an entry").path();
                match path.is_dir() {
                    true if path == self.dir.path().join("meetings") => {}
                    true => open.push(path),
                    false => found.push((path.clone(), std::fs::read(&path).expect("readable"))),
                }
            }
        }
        found
    }
}

struct Answer {
    status: u16,
    cookie: String,
    headers: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
    fn bytes(&self) -> String {
        format!("{}\n{}\n{}", self.status, self.headers, self.body)
    }
}

struct Desk {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    seat: String,
    /// Every byte that came.
    wire: String,
    shown: Option<Snapshot>,
    acts: u32,
}

impl Desk {
    async fn say(&mut self, msg: &ClientMsg) {
        let json = serde_json::to_string(msg).expect("JSON");
        self.socket.send(Message::text(json)).await.expect("sent");
    }

    async fn until(&mut self, stop: impl Fn(&ServerMsg) -> bool) -> ServerMsg {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.socket.next()).await;
            let frame = next.expect("the hub says something").expect("it goes on").expect("whole");
            let Ok(text) = frame.to_text() else { continue };
            self.wire.push_str(text);
            let Ok(msg) = serde_json::from_str::<ServerMsg>(text) else { continue };
            match &msg {
                ServerMsg::Welcome { snapshot: Some(snapshot), .. } => {
                    self.shown = Some((**snapshot).clone())
                }
                ServerMsg::Update { updates, .. } => {
                    if let Some(shown) = &mut self.shown {
                        updates.iter().cloned().for_each(|u| shown.apply(u));
                    }
                }
                _ => {}
            }
            if stop(&msg) {
                return msg;
            }
        }
    }

    async fn act(&mut self, command: Command) -> ServerMsg {
        self.acts += 1;
        let cmd_id = CmdId::new(format!("{}-{}", self.seat, self.acts)).expect("well formed");
        self.say(&ClientMsg::Command { cmd_id: cmd_id.clone(), command, inside: false }).await;
        let answers = |m: &ServerMsg| matches!(m, ServerMsg::Done { cmd_id: c } | ServerMsg::Denied { cmd_id: c, .. } if *c == cmd_id);
        self.until(answers).await
    }

    async fn must(&mut self, command: Command) {
        let answer = self.act(command).await;
        assert!(matches!(answer, ServerMsg::Done { .. }), "{answer:?}");
    }

    async fn meet(&mut self, act: MeetingAct) {
        self.must(Command::Meet { act }).await;
    }

    /// Everything that was sent to this desk until now has come.
    async fn catch_up(&mut self) {
        self.say(&ClientMsg::Ping { sent_ms: 1 }).await;
        self.until(|m| matches!(m, ServerMsg::Pong { .. })).await;
    }
}

/// What a desk outside can ask for, whether or not it may.
const PATHS: [&str; 12] = [
    "",
    "api/session",
    "api/meetings",
    "api/dossier",
    "api/papers",
    "api/package",
    "api/check",
    "api/statutes?q=577",
    "papers/record.html",
    "papers/deliberation.html",
    "papers/record.vtt",
    "media/master.m3u8",
];
const OFFICE: [&str; 7] = [
    "/admin/api/cases",
    "/admin/api/hearings",
    "/admin/api/cases/c1/dossier",
    "/admin/api/cases/c1/file",
    "/admin/api/schedule?from=2020-01-01&to=2040-01-01",
    "/admin/api/indicators?from=2026-01&to=2026-12",
    "/admin/api/logins",
];

/// Everything that people outside can read, by who asks for what. The time of day is theirs to know.
async fn outside(
    court: &Court,
    keys: &[(&str, String)],
    admin: &str,
    meeting: &str,
) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    let undated = |text: String| {
        let lines = text.lines().filter(|l| !l.contains("\"date\": \""));
        lines.collect::<Vec<_>>().join("\n")
    };
    for (seat, key) in keys {
        for path in PATHS {
            seen.push((format!("{seat} {path}"), undated(court.get(seat, path, key).await.bytes())));
        }
        for (method, path) in [("GET", ""), ("GET", "ws"), ("GET", "api/session"), ("GET", "join?code=AAAA")]
        {
            for of in [*seat, "judge"] {
                let answer = court.ask(method, &format!("/h/{meeting}/{of}/{path}"), key, Value::Null).await;
                seen.push((
                    format!("{seat} as {of}: {path}"),
                    undated(answer.bytes()).replace(meeting, "ID"),
                ));
            }
        }
        let enter = court.at(seat, &format!("api/meetings/{meeting}/enter"));
        let answer = court.ask("POST", &enter, key, Value::Null).await;
        seen.push((format!("{seat} enters"), undated(answer.bytes())));
    }
    for path in OFFICE {
        seen.push((path.to_owned(), undated(court.ask("GET", path, admin, Value::Null).await.bytes())));
    }
    let code = format!("/admin/api/hearings/{meeting}/seats/judge/code");
    let answer = court.ask("POST", &code, admin, Value::Null).await;
    seen.push(("code".to_owned(), undated(answer.bytes()).replace(meeting, "ID")));
    let metrics = court.ask("GET", "/metrics", "", Value::Null).await.body;
    // Requests are counted, those of this test too.
    let counted = metrics.lines().filter(|l| !l.contains("_http_") && !l.contains("_joins_refused"));
    seen.push(("metrics".to_owned(), counted.collect::<Vec<_>>().join("\n")));
    seen
}

fn clean(what: &str, bytes: &[u8], meeting: &str) {
    for secret in [TAINT, meeting] {
        let found = bytes.windows(secret.len()).position(|w| w == secret.as_bytes());
        assert!(found.is_none(), "{what} holds {secret}");
    }
}

fn typed(seat: &str, text: String) -> Command {
    Command::InsertLine { seat: id(seat), from: HearingTime(0), text }
}

/// Three members deliberate, in every way there is of leaving something behind.
async fn deliberate(court: &Court, meeting: &str, desks: &mut [Desk; 3], key: &str) {
    let [judge, second, lay] = desks;
    for desk in [&mut *judge, &mut *second, &mut *lay] {
        desk.meet(MeetingAct::Arrive).await;
    }
    judge.must(Command::OpenSession).await;
    judge.meet(MeetingAct::GiveTurn { turn: 1 }).await;
    second.must(typed("second", format!("{TAINT}：借款事实成立"))).await;
    // Spoken: as the recogniser tells it.
    let token = key.strip_prefix("huiting=").expect("a session").to_owned();
    let member = court.room.member(meeting, "judge", token).await.expect("the store").expect("a member");
    let recognised = Recognised {
        utterance: 1,
        seat: id("lay"),
        from: HearingTime(1),
        to: HearingTime(2),
        text: format!("{TAINT}的意见我同意"),
        raw: TAINT.to_owned(),
        pieces: Vec::new(),
        repairs: Vec::new(),
    };
    let report = Box::new(Report::Recognised(recognised));
    member.handle.send(Msg::Report { process: Process::Recogniser, report }).await.expect("it runs");
    let options = vec![format!("支持{TAINT}"), "驳回".to_owned()];
    judge.meet(MeetingAct::Put { text: format!("{TAINT}？"), matter: Matter::Law, options }).await;
    let question = QuestionId(1);
    for (desk, choice) in [(&mut *second, 0), (&mut *lay, 0), (&mut *judge, 1)] {
        let grounds = format!("{TAINT}有理由");
        desk.meet(MeetingAct::Vote { question, choice: Some(choice), grounds }).await;
    }
    judge.meet(MeetingAct::Settle { question }).await;
    // A refusal says what it says to its asker alone.
    let denied = second.act(typed("judge", format!("{TAINT}冒名"))).await;
    assert!(matches!(denied, ServerMsg::Denied { .. }));
    judge.say(&ClientMsg::Search { query_id: 1, text: TAINT.to_owned(), most: None }).await;
    judge.until(|m| matches!(m, ServerMsg::Results { .. })).await;
    judge.must(Command::CloseSession).await;
    for desk in [judge, second, lay] {
        desk.catch_up().await;
        let shown = desk.shown.as_ref().expect("welcomed");
        assert_eq!(shown.lines.iter().filter(|l| l.text.contains(TAINT)).count(), 2, "{}", desk.seat);
        let of = shown.meeting.as_ref().expect("it is a meeting");
        assert_eq!(of.questions[0].minority().count(), 1);
    }
}

/// [R-CLASS-4]
#[tokio::test]
async fn not_a_byte_of_a_deliberation_is_outside_its_folder_and_its_members_screens() {
    let log = Log::begin();
    let mut court = Court::open().await;
    let mut keys = Vec::new();
    for seat in ["clerk", "plaintiff", "public"] {
        keys.push((seat, court.session(seat).await));
    }
    let [judge_key, second_key, lay_key] =
        [court.session("judge").await, court.session("second").await, court.session("lay").await];
    // Who hands out seats has made a link to a member's seat for themselves, in good time.
    let sneak_key = court.session("second").await;
    let admin = court.redeemed(Scope::Admin).await;
    let mut others = Vec::new();
    for (seat, key) in &keys {
        others.push(court.desk(court.hearing.as_str(), seat, key).await);
    }
    let mut at_home = court.desk(court.hearing.as_str(), "judge", &judge_key).await;
    // An id of the same kind that is nobody's: what is said of it is what must be said of the meeting's.
    let nobodys = "0".repeat(30);
    let before = outside(&court, &keys, &admin, &nobodys).await;

    for (seat, key, status) in [
        ("plaintiff", &keys[1].1, 403),
        ("second", &second_key, 403),
        // Who is not in it cannot convene it.
        ("clerk", &keys[0].1, 400),
        ("judge", &judge_key, 201),
    ] {
        let convened =
            court.ask("POST", &court.at(seat, "api/meetings"), key, json!({ "kind": "panel" })).await;
        assert_eq!(convened.status, status, "{seat}: {}", convened.body);
    }
    let listed = court.get("second", "api/meetings", &second_key).await.json();
    let meeting = listed[0]["meeting"].as_str().expect("members find it at their desk").to_owned();
    assert_eq!((meeting.len(), listed[0]["kind"].as_str()), (nobodys.len(), Some("panel")));

    let (judge, judge_in) = court.enter("judge", &judge_key, &meeting).await;
    let second = put_out_and_entered(&court, &meeting, &judge_in, &second_key, &sneak_key).await;
    let (lay, lay_in) = court.enter("lay", &lay_key, &meeting).await;
    let mut desks = [judge, second, lay];
    deliberate(&court, &meeting, &mut desks, &judge_in).await;
    let inside = |path: &str| format!("/h/{meeting}/judge/{path}");
    let minutes = court.ask("GET", &inside("papers/deliberation.html"), &judge_in, Value::Null).await;
    assert!(minutes.status == 200 && minutes.body.contains(TAINT), "{}", minutes.body);
    for (method, path) in [
        ("GET", "papers/record.html"),
        ("GET", "papers/record-public.vtt"),
        ("GET", "package.zip"),
        ("POST", "api/package"),
        ("POST", "api/papers/record/file"),
    ] {
        let body = if path.ends_with("file") { json!({}) } else { Value::Null };
        let refused = court.ask(method, &inside(path), &judge_in, body).await;
        assert_eq!(refused.status, 403, "{path} would take it out: {}", refused.body);
    }
    let shared = court.ask("GET", &inside("api/papers"), &judge_in, Value::Null).await.json();
    assert_eq!(shared["papers"].as_array().map(Vec::len), Some(1), "minutes and nothing else");

    // From outside all is as if it had never been.
    assert_eq!(before, outside(&court, &keys, &admin, &meeting).await);
    // A seat's session of the hearing is none of the meeting, nor one of another seat of it.
    for (seat, key) in [("judge", &judge_key), ("judge", &lay_in)] {
        let refused = court.ask("GET", &format!("/h/{meeting}/{seat}/api/session"), key, Value::Null).await;
        assert_eq!(refused.status, 401);
    }
    // Who comes to a member's seat by a link made since is not the member.
    let late = court.session("second").await;
    assert_eq!(court.get("second", "api/meetings", &late).await.json(), json!([]));
    // Nor is who took a member's place.
    let clerk = &mut others[0];
    let other = Seat { name: "冯八".to_owned(), ..seat_of(clerk, "lay") };
    clerk.must(Command::SetSeat { seat: other }).await;
    assert_eq!(court.get("lay", "api/meetings", &lay_key).await.json(), json!([]));

    at_home.catch_up().await;
    clean("the judge's desk in the hearing", at_home.wire.as_bytes(), &meeting);
    for desk in &mut others {
        desk.catch_up().await;
        clean(&format!("the line of {}", desk.seat), desk.wire.as_bytes(), &meeting);
    }

    // The hub starts again; the meeting goes on where it stood, and is as little seen.
    court.stop.cancel();
    court.room.close().await;
    court.room = room(court.dir.path()).await;
    (court.address, court.services, court.stop) = serve(&court.room).await;
    assert_eq!(court.get("judge", "api/meetings", &judge_key).await.json()[0]["stage"], "closed");
    let again = court.desk(&meeting, "judge", &judge_in).await;
    assert!(again.shown.is_some_and(|s| s.lines.len() == 2), "its record is there");
    court.room.close().await;

    let files = court.disk();
    assert!(files.iter().any(|(p, _)| p.ends_with("huiting.sqlite")) && files.len() > 5, "{}", files.len());
    for (path, bytes) in files {
        clean(&path.display().to_string(), &bytes, &meeting);
        clean("a file's name", path.display().to_string().as_bytes(), &meeting);
    }
    tracing::info!("the log is listened to");
    let told = log.text();
    assert!(told.contains("the log is listened to"));
    clean("the log", told.as_bytes(), &meeting);
    let own = court.dir.path().join("meetings").join(&meeting);
    let mut kept: Vec<_> =
        std::fs::read_dir(own).expect("there").map(|e| e.expect("an entry").file_name()).collect();
    kept.sort();
    assert!(kept.iter().any(|n| n == "journal") && kept.iter().any(|n| n == "meeting.key"), "{kept:?}");
}

/// Somebody who sat down at a member's seat beforehand enters first: the member finds the place held, the chair puts them out, and the
/// member enters.
async fn put_out_and_entered(court: &Court, meeting: &str, chair: &str, member: &str, sneak: &str) -> Desk {
    let (mut taken, taken_in) = court.enter("second", sneak, meeting).await;
    let door = court.at("second", &format!("api/meetings/{meeting}/enter"));
    assert_eq!(court.ask("POST", &door, member, Value::Null).await.status, 409);
    let put_out = |seat: &str| format!("/h/{meeting}/judge/api/seats/{seat}/evict");
    assert_eq!(court.ask("POST", &put_out("judge"), chair, Value::Null).await.status, 400, "not oneself");
    assert_eq!(court.ask("POST", &put_out("second"), chair, Value::Null).await.status, 204);
    let closed = async { while let Some(Ok(_)) = taken.socket.next().await {} };
    tokio::time::timeout(Duration::from_secs(20), closed).await.expect("their screen is closed");
    let session = format!("/h/{meeting}/second/api/session");
    assert_eq!(court.ask("GET", &session, &taken_in, Value::Null).await.status, 401);
    assert_eq!(court.ask("POST", &door, sneak, Value::Null).await.status, 409, "and does not open again");
    court.enter("second", member, meeting).await.0
}

fn seat_of(desk: &Desk, seat: &str) -> Seat {
    let shown = desk.shown.as_ref().expect("welcomed");
    shown.seats.iter().find(|s| s.id.as_str() == seat).expect("such a seat").clone()
}
