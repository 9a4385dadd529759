//! Rules of docs/protocol.md about the door and the WebSocket, over real connections.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[allow(dead_code, reason = "these tests use a part of it")]
mod support;

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{HeaderMap, Request, header};
use hyper_util::rt::TokioIo;
use media::clock::utc_now;
use model::{Role, Seat, SeatId};
use protocol::wire::ServerMsg;
use record::Scope;
use serde_json::{Value, json};
use server::Limits;
use support::{House, described};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

fn id(seat: &str) -> SeatId {
    SeatId::new(seat).expect("well formed")
}

fn seats() -> Vec<Seat> {
    let seat = |(name, role)| Seat {
        id: id(name),
        role,
        name: String::new(),
        authority: String::new(),
        microphone: false,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    [("judge", Role::PresidingJudge), ("clerk", Role::Clerk), ("public", Role::Public)].map(seat).to_vec()
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
}

/// A request with just these headers besides `Host`.
async fn ask(house: &House, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let stream = TcpStream::connect(house.address).await.expect("the server listens");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    let driver = tokio::spawn(connection);
    let mut request =
        Request::builder().method(method).uri(path).header(header::HOST, house.address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).expect("a request");
    let response = sender.send_request(request).await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    if status == 101 {
        return Answer { status, headers, body: String::new() };
    }
    let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
    driver.abort();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
    described::check(described::document(&house.services), method, path, (status, kind, &body));
    Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
}

async fn code(house: &House, seat: &str) -> String {
    let scope = Scope::Seat { hearing: house.hearing.clone(), seat: id(seat) };
    house.room.issue_code(scope).await.expect("a code")
}

fn path(house: &House, seat: &str, rest: &str) -> String {
    format!("/h/{}/{seat}/{rest}", house.hearing)
}

/// [R-JOIN-1] [R-JOIN-3] [R-JOIN-6]
#[tokio::test]
async fn a_link_gives_a_session_once_and_lets_through_who_has_one() {
    let house = House::open(seats()).await;
    let code = code(&house, "judge").await;
    assert_ne!(code.to_lowercase(), code, "there are letters in it");
    let link = path(&house, "judge", &format!("join?code={}", code.to_lowercase()));
    let joined = ask(&house, "GET", &link, &[], "").await;
    assert_eq!((joined.status, joined.header("location")), (303, Some(path(&house, "judge", "").as_str())));
    let set = joined.header("set-cookie").expect("a cookie");
    let (cookie, attributes) = set.split_once("; ").expect("attributes");
    assert!(cookie.strip_prefix("huiting=").is_some_and(|token| !token.is_empty()), "{set}");
    let wanted = format!("Path={}; HttpOnly; SameSite=Strict; Max-Age=57600", path(&house, "judge", ""));
    assert_eq!(attributes, wanted);
    assert_eq!(ask(&house, "GET", &link, &[], "").await.status, 403, "once");
    let any = path(&house, "judge", "join?code=any");
    let again = ask(&house, "GET", &any, &[("cookie", cookie)], "").await;
    assert_eq!((again.status, again.header("set-cookie")), (303, None));
}

/// [R-JOIN-5] [R-ERR-2]
#[tokio::test]
async fn a_bad_code_is_refused_in_html_and_alike_whether_there_is_such_a_seat_or_not() {
    let house = House::open(seats()).await;
    let mut pages = Vec::new();
    for link in [
        path(&house, "judge", "join?code=wrong"),
        path(&house, "nobody", "join?code=wrong"),
        "/h/nothing/judge/join?code=wrong".to_owned(),
        "/h/No%20id/judge/join?code=wrong".to_owned(),
    ] {
        let refused = ask(&house, "GET", &link, &[], "").await;
        assert_eq!(refused.status, 403, "{link}");
        assert!(refused.header("content-type").is_some_and(|t| t.starts_with("text/html")), "{link}");
        pages.push(refused.body);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    let page = ask(&house, "GET", &path(&house, "judge", ""), &[], "").await;
    assert_eq!(page.status, 401);
    assert!(page.header("content-type").is_some_and(|t| t.starts_with("text/html")));
}

/// [R-JOIN-7]
#[tokio::test]
async fn a_session_is_asked_for_and_that_of_another_seat_counts_as_none() {
    let house = House::open(seats()).await;
    let cookie = house.session(&id("judge")).await;
    let mut statuses = Vec::new();
    for (seat, cookie) in [("judge", cookie.as_str()), ("clerk", &cookie), ("judge", "")] {
        let at = path(&house, seat, "api/session");
        statuses.push(ask(&house, "GET", &at, &[("cookie", cookie)], "").await.status);
    }
    assert_eq!(statuses, [204, 401, 401]);
}

const UPGRADE: [(&str, &str); 4] = [
    ("connection", "Upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// Names and values.
type Headers = Vec<(&'static str, String)>;

/// [R-WS-1] [R-WS-3]
#[tokio::test]
async fn a_websocket_is_of_version_13_without_subprotocol_and_extension_and_takes_a_session() {
    let house = House::open(seats()).await;
    let cookie = house.session(&id("judge")).await;
    let at = path(&house, "judge", "ws");
    let with = |change: &dyn Fn(&mut Headers)| {
        let mut headers: Vec<_> = UPGRADE.map(|(name, value)| (name, value.to_owned())).to_vec();
        headers.push(("cookie", cookie.clone()));
        change(&mut headers);
        headers
    };
    let asked = async |headers: Headers| {
        let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        ask(&house, "GET", &at, &headers, "").await
    };
    let open = asked(with(&|headers| {
        headers.push(("sec-websocket-protocol", "huiting".to_owned()));
        headers.push(("sec-websocket-extensions", "permessage-deflate".to_owned()));
    }))
    .await;
    assert_eq!(open.status, 101);
    assert_eq!(open.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(
        (open.header("sec-websocket-protocol"), open.header("sec-websocket-extensions")),
        (None, None)
    );
    for (what, headers) in [
        ("another version", with(&|h| h[2].1 = "8".to_owned())),
        ("no upgrade", with(&|h| h.retain(|(name, _)| *name == "cookie"))),
        ("no key", with(&|h| h.retain(|(name, _)| *name != "sec-websocket-key"))),
    ] {
        assert_eq!(asked(headers).await.status, 400, "{what}");
    }
    assert_eq!(asked(with(&|h| h.retain(|(name, _)| *name != "cookie"))).await.status, 401);
}

/// [R-WS-2]
#[tokio::test]
async fn a_page_of_another_site_opens_no_websocket_and_changes_nothing() {
    let house = House::open(seats()).await;
    let cookie = house.session(&id("judge")).await;
    let own = format!("http://{}", house.address);
    let elsewhere = "http://elsewhere.example";
    let (ws, link) = (path(&house, "judge", "ws"), path(&house, "judge", "api/seats/clerk/code"));
    let session = path(&house, "judge", "api/session");
    for (method, at, origin, status) in [
        ("GET", &ws, elsewhere, 403),
        ("GET", &ws, own.as_str(), 101),
        ("POST", &link, elsewhere, 403),
        ("POST", &link, "null", 403),
        ("POST", &link, own.as_str(), 200),
        ("GET", &session, elsewhere, 204),
    ] {
        let mut headers = vec![("cookie", cookie.as_str()), ("origin", origin)];
        if *at == ws {
            headers.extend(UPGRADE);
        }
        assert_eq!(ask(&house, method, at, &headers, "").await.status, status, "{method} {at} from {origin}");
    }
}

/// A WebSocket by hand, which sees frames as they are.
struct Raw(TcpStream);

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
const LAST: u8 = 0x80;

impl Raw {
    async fn open(house: &House, seat: &str) -> Self {
        let cookie = house.session(&id(seat)).await;
        let stream = TcpStream::connect(house.address).await.expect("the server listens");
        Self::upgraded(stream, &format!("{}", house.address), &path(house, seat, "ws"), &cookie).await
    }

    async fn upgraded(mut stream: TcpStream, host: &str, path: &str, cookie: &str) -> Self {
        let mut head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n");
        UPGRADE.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
        stream.write_all((head + "\r\n").as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.expect("an answer"));
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        Self(stream)
    }

    async fn welcomed(house: &House, seat: &str) -> Self {
        let mut raw = Self::open(house, seat).await;
        raw.say(&json!({ "type": "hello" })).await;
        raw.until("welcome").await;
        raw
    }

    /// `first`: opcode, and [`LAST`] unless more is to come. The mask is zero.
    async fn frame(&mut self, first: u8, payload: &[u8]) {
        let mut frame = vec![first];
        match payload.len() {
            n @ ..126 => frame.push(0x80 | n as u8),
            n => {
                frame.push(0x80 | 127);
                frame.extend((n as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        // The hub may have gone in the middle of it.
        let _ = self.0.write_all(&frame).await;
    }

    async fn say(&mut self, message: &Value) {
        self.frame(LAST | TEXT, message.to_string().as_bytes()).await;
    }

    /// First byte and payload of the next frame; none at the end.
    async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let read = async {
            let first = self.0.read_u8().await.ok()?;
            let len = match self.0.read_u8().await.ok()? {
                126 => u64::from(self.0.read_u16().await.ok()?),
                127 => self.0.read_u64().await.ok()?,
                len => u64::from(len),
            };
            let mut payload = vec![0; len as usize];
            self.0.read_exact(&mut payload).await.ok()?;
            Some((first, payload))
        };
        tokio::time::timeout(Duration::from_secs(20), read).await.expect("something in time")
    }

    /// The next message that is not a status.
    async fn message(&mut self) -> Option<Value> {
        loop {
            let (first, payload) = self.next().await?;
            if first & 0xf == CLOSE {
                return None;
            }
            if first & 0xf != TEXT {
                continue;
            }
            let message: Value = serde_json::from_slice(&payload).expect("JSON");
            if message["type"] != "status" {
                return Some(message);
            }
        }
    }

    async fn until(&mut self, kind: &str) -> Value {
        loop {
            let message = self.message().await.expect("the connection lasts");
            if message["type"] == kind {
                return message;
            }
        }
    }
}

/// [R-WS-5]
#[tokio::test]
async fn anything_before_hello_is_malformed_and_the_end() {
    let house = House::open(seats()).await;
    for first in [json!({ "type": "ping", "sentMs": 1 }), json!({ "type": "nonsense" }), json!(7)] {
        let mut raw = Raw::open(&house, "judge").await;
        raw.say(&first).await;
        assert_eq!(raw.message().await.expect("an answer")["type"], "malformed", "{first}");
        assert_eq!(raw.message().await, None, "{first}");
    }
}

/// [R-WS-6] [R-SEQ-8]
#[tokio::test]
async fn the_hub_sends_whole_texts_and_no_pings_and_takes_fragments_and_the_welcome_comes_first() {
    let house = House::open(seats()).await;
    let mut raw = Raw::open(&house, "clerk").await;
    let hello = json!({ "type": "hello", "resume": null }).to_string();
    let (start, end) = hello.as_bytes().split_at(9);
    raw.frame(TEXT, start).await;
    raw.frame(LAST, end).await;
    let (_, payload) = raw.next().await.expect("a frame");
    let welcome: Value = serde_json::from_slice(&payload).expect("JSON");
    assert_eq!(welcome["type"], "welcome");
    // Long enough for a frame that would be cut, and for a ping.
    let long = json!({ "do": "insertLine", "seat": "clerk", "from": 0, "text": "行".repeat(3900) });
    for n in 0..20 {
        raw.say(&json!({ "type": "command", "cmdId": format!("k{n}"), "command": long })).await;
    }
    let started = Instant::now();
    let mut done = 0;
    while done < 20 || started.elapsed() < Duration::from_millis(2500) {
        let (first, payload) = raw.next().await.expect("a frame");
        assert_eq!(first, LAST | TEXT, "each message is one whole text frame");
        let message: Value = serde_json::from_slice(&payload).expect("one JSON object");
        done += usize::from(message["type"] == "done");
    }
}

/// [R-WS-7]
#[tokio::test]
async fn a_binary_message_is_malformed_and_what_is_no_text_or_too_long_ends_without_a_word() {
    let house = House::open(seats()).await;
    let mut raw = Raw::welcomed(&house, "clerk").await;
    raw.frame(LAST | BINARY, b"{\"type\":\"ping\",\"sentMs\":1}").await;
    assert_eq!(raw.message().await.expect("an answer")["type"], "malformed");
    raw.say(&json!({ "type": "ping", "sentMs": 2 })).await;
    assert_eq!(raw.message().await.expect("an answer")["sentMs"], 2, "nothing of it was done");
    raw.frame(LAST | TEXT, &[b'{', 0xff, b'}']).await;
    assert_eq!(raw.message().await, None);

    let text =
        |bytes: usize| json!({ "type": "search", "queryId": 1, "text": "x".repeat(bytes) }).to_string();
    let over = text(0).len();
    let mut raw = Raw::welcomed(&house, "clerk").await;
    raw.frame(LAST | TEXT, text((1 << 20) - over).as_bytes()).await;
    assert_eq!(raw.message().await.expect("an answer")["type"], "malformed", "too long a search, but heard");
    raw.until("results").await;
    raw.frame(LAST | TEXT, text((1 << 20) - over + 1).as_bytes()).await;
    assert_eq!(raw.message().await, None);
}

/// [R-WS-8] [R-VER-3]
#[tokio::test]
async fn what_is_not_understood_is_malformed_and_denied_where_it_has_an_id() {
    let house = House::open(seats()).await;
    let mut raw = Raw::welcomed(&house, "judge").await;
    for message in [
        json!({ "type": "unheardOf" }),
        json!({ "type": "ping", "sentMs": 1, "besides": 2 }),
        json!({ "type": "ping" }),
    ] {
        raw.say(&message).await;
        assert_eq!(raw.message().await.expect("an answer")["type"], "malformed", "{message}");
    }
    for command in [json!({ "do": "unheardOf" }), json!({ "do": "undoMark", "mark": 1, "besides": 2 })] {
        raw.say(&json!({ "type": "command", "cmdId": "k1", "command": command })).await;
        let answer = raw.message().await.expect("an answer");
        assert_eq!(
            (&answer["type"], &answer["cmdId"], &answer["denial"]["why"]),
            (&json!("denied"), &json!("k1"), &json!("malformed")),
            "{command}"
        );
    }
    // The two places that pass unknown fields over.
    raw.say(&json!({ "type": "command", "cmdId": "k2", "command": { "do": "lock", "besides": 2 } })).await;
    assert_eq!(raw.until("done").await["cmdId"], "k2");
    let page = json!({ "doc": "d1", "page": 1, "besides": 2 });
    raw.say(&json!({ "type": "ephemeral", "what": { "kind": "pointer", "page": page, "at": null, "besides": 2 } })).await;
    raw.say(&json!({ "type": "ping", "sentMs": 5 })).await;
    loop {
        let message = raw.message().await.expect("the connection lasts");
        assert_ne!(message["type"], "malformed");
        if message["type"] == "pong" {
            break;
        }
    }
}

/// [R-LIVE-2] [R-VAL-3]
#[tokio::test]
async fn a_pong_has_what_was_sent_and_hearing_time_is_milliseconds_from_the_origin() {
    let house = House::open(seats()).await;
    let mut raw = Raw::open(&house, "judge").await;
    raw.say(&json!({ "type": "hello" })).await;
    let welcome = raw.until("welcome").await;
    let origin = welcome["snapshot"]["info"]["origin"].as_i64().expect("whole");
    for sent in [0, 81_230, u64::from(u32::MAX) + 1] {
        raw.say(&json!({ "type": "ping", "sentMs": sent })).await;
        let pong = raw.until("pong").await;
        assert_eq!(pong["sentMs"], sent);
        let (now, utc) = (pong["now"].as_i64().expect("whole"), pong["utc"].as_i64().expect("whole"));
        assert!((origin + now - utc).abs() < 1000, "{origin} + {now} is not {utc}");
        assert!((utc_now().0 - utc).abs() < 5000, "{utc} is not now");
    }
    raw.say(&json!({ "type": "ping", "sentMs": 1.5 })).await;
    raw.until("malformed").await;
}

/// A session within `limits`, with buffers that are soon full.
async fn within(house: &House, limits: Limits) -> Raw {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_send_buffer_size(4 << 10).expect("set");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("bound");
    let listener: TcpListener = socket.listen(1).expect("listens");
    let address = listener.local_addr().expect("bound");
    let handle = house.room.hearing(&house.hearing).await.expect("open");
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        server::bare_session(stream, handle, id("clerk"), limits).await;
    });
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4 << 10).expect("set");
    let stream = socket.connect(address).await.expect("connected");
    Raw::upgraded(stream, &address.to_string(), "/", "").await
}

/// How many screens the hub counts at the clerk's seat: one or none.
async fn online(house: &House, seat: &str) -> bool {
    let handle = house.room.hearing(&house.hearing).await.expect("open");
    handle.status().await.expect("runs").online.contains(&id(seat))
}

/// [R-LIVE-1] [R-WS-5]
#[tokio::test]
async fn who_says_nothing_or_reads_nothing_for_too_long_is_left() {
    let house = House::open(seats()).await;
    let short = Duration::from_millis(700);
    let limits = Limits { hello_max: short, ..Limits::default() };
    let mut raw = within(&house, limits).await;
    assert_eq!(raw.next().await.filter(|(first, _)| first & 0xf != CLOSE), None, "no hello, no word");

    let mut raw = within(&house, Limits { silence_max: short, ..Limits::default() }).await;
    raw.say(&json!({ "type": "hello" })).await;
    raw.until("welcome").await;
    let started = Instant::now();
    // A ping of the WebSocket is a frame.
    while started.elapsed() < short * 3 {
        raw.frame(LAST | PING, b"").await;
        while raw.next().await.expect("the connection lasts").0 & 0xf != PONG {}
        tokio::time::sleep(short / 7).await;
    }
    while raw.message().await.is_some() {}

    let mut raw = within(&house, Limits { write_max: short, ..Limits::default() }).await;
    raw.say(&json!({ "type": "hello" })).await;
    raw.until("welcome").await;
    assert!(online(&house, "clerk").await);
    // Says something all the time and reads nothing.
    let long = json!({ "do": "insertLine", "seat": "clerk", "from": 0, "text": "行".repeat(3900) });
    let started = Instant::now();
    for n in 0.. {
        raw.say(&json!({ "type": "command", "cmdId": format!("w{n}"), "command": long })).await;
        if !online(&house, "clerk").await {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "who reads nothing is kept");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// [R-ADM-4]
#[tokio::test]
async fn anybody_may_ask_whether_the_hub_lives_and_what_it_counts() {
    let house = House::open(seats()).await;
    let health = ask(&house, "GET", "/healthz", &[], "").await;
    assert_eq!((health.status, health.body.trim()), (200, "ok"));
    let metrics = ask(&house, "GET", "/metrics", &[], "").await;
    assert_eq!(metrics.status, 200);
    let counted = metrics.body.lines().find_map(|line| line.strip_prefix("huiting_http_requests_total "));
    assert!(counted.and_then(|n| n.parse::<u64>().ok()).is_some_and(|n| n >= 1), "{}", metrics.body);
}

/// [R-VER-4]
#[tokio::test]
async fn a_body_with_an_unknown_field_is_refused_and_in_a_list_it_is_a_fault_of_its_entry() {
    let house = House::open(seats()).await;
    let scope = house.room.issue_code(Scope::Admin).await.expect("a code");
    let joined = ask(&house, "GET", &format!("/admin/join?code={scope}"), &[], "").await;
    let cookie = joined.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
    let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    let case = json!({ "id": "c2", "number": "（2026）清0102民初2号", "cause": "买卖合同纠纷" });
    let mut more = case.clone();
    more["besides"] = json!(1);
    for (at, body, status) in [
        ("/admin/api/cases", &more, 422),
        ("/admin/api/cases", &case, 201),
        ("/admin/api/login", &json!({ "name": "a", "password": "b", "besides": 1 }), 422),
        ("/admin/api/rooms", &json!({ "name": "第九法庭", "besides": 1 }), 422),
    ] {
        let answer = ask(&house, "POST", at, &headers, &body.to_string()).await;
        assert_eq!(answer.status, status, "{at}: {}", answer.body);
    }
    let list = json!([{ "number": "（2026）清0102民初3号", "cause": "买卖合同纠纷", "besides": "x" }]);
    let imported = ask(&house, "POST", "/admin/api/import", &headers, &list.to_string()).await;
    let done: Value = serde_json::from_str(&imported.body).expect("JSON");
    assert_eq!(
        (imported.status, done["created"].as_u64(), done["faults"].as_array().map(Vec::len)),
        (200, Some(0), Some(1))
    );
}

/// [R-VER-1]
#[tokio::test]
async fn no_message_carries_a_version() {
    let house = House::open(seats()).await;
    let cookie = house.session(&id("judge")).await;
    let mut screen = house.screen(&id("judge"), &cookie).await;
    let status = screen.until(|m| matches!(m, ServerMsg::Status(_))).await;
    let mut raw = Raw::open(&house, "judge").await;
    raw.say(&json!({ "type": "hello" })).await;
    for message in [serde_json::to_value(&status).expect("JSON"), raw.until("welcome").await] {
        let fields = message.as_object().expect("an object");
        assert!(!fields.keys().any(|name| name.to_lowercase().contains("version")), "{message}");
    }
}
