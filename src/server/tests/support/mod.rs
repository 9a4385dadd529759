//! A room with one hearing, served on a free port of loopback, and what asks it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use court::OutlineId;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hub::{CaseDraft, Opening, Packed, Packer, Room, RoomConfig};
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use model::{CaseId, HearingId, Seat, SeatId};
use protocol::check::CheckItem;
use protocol::wire::{ClientMsg, ServerMsg};
use record::{Scope, Store};
use server::{CheckSource, Given, Services};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

pub(crate) mod described;
#[path = "../../../../benches/support/no_pages.rs"]
mod no_pages;

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

pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) room: Arc<Room>,
    pub(crate) services: Arc<Services>,
    pub(crate) hearing: HearingId,
    pub(crate) dir: tempfile::TempDir,
    /// Which addresses have given JSON so far, as `GET /path`.
    pub(crate) given: Mutex<BTreeSet<String>>,
    stop: CancellationToken,
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl House {
    pub(crate) async fn open(seats: Vec<Seat>) -> Self {
        Self::open_as(seats, None, |given| given).await
    }

    /// With other things given than usual; over TLS where there are names for a certificate, and then terminals can be enrolled.
    pub(crate) async fn open_as(
        seats: Vec<Seat>,
        names: Option<&[&str]>,
        change: impl FnOnce(Given) -> Given,
    ) -> Self {
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
        let room = Room::open(config, store, Arc::new(no_pages::NoPages), Arc::new(Nothing)).await;
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
        let opening = Opening { case, public: true, seats, procedure: None };
        let hearing = room.open_hearing(opening).await.expect("a hearing").hearing;
        let listener = server::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let stop = CancellationToken::new();
        let mut given = Given::plain(Arc::new(Nothing));
        let mut tls = None;
        if let Some(names) = names {
            let names: Vec<_> = names.iter().map(ToString::to_string).collect();
            let own = server::own_certificate(&dir.path().join("tls"), &names).expect("a certificate");
            let authority = server::Authority::open(&dir.path().join("terminals"), &own).expect("a key");
            tls = Some(own);
            (given.secure, given.terminals) = (true, Some(Arc::new(authority)));
        }
        let services = Services::new(Arc::clone(&room), change(given));
        tokio::spawn(server::serve(listener, tls, Arc::clone(&services), stop.clone()));
        Self { address, room, services, hearing, dir, given: Mutex::default(), stop }
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, cookie: &str) -> Answer {
        let (status, body) = self.raw(method, path, cookie).await;
        Answer { status, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// The body of an answer that is no text.
    pub(crate) async fn bytes(&self, path: &str, cookie: &str) -> Bytes {
        let (status, body) = self.raw("GET", path, cookie).await;
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        body
    }

    async fn raw(&self, method: &str, path: &str, cookie: &str) -> (u16, Bytes) {
        let stream = TcpStream::connect(self.address).await.expect("the server listens");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let driver = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.address.to_string())
            .header(header::COOKIE, cookie)
            .body(Full::<Bytes>::default())
            .expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let kind = response.headers().get(header::CONTENT_TYPE).cloned();
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        driver.abort();
        let kind = kind.as_ref().and_then(|k| k.to_str().ok()).unwrap_or_default();
        let document = described::document(&self.services);
        let given = described::check(document, method, path, (status, kind, &body));
        self.given.lock().expect("no test has failed").extend(given);
        (status, body)
    }

    /// The cookie of a new session.
    pub(crate) async fn session(&self, seat: &SeatId) -> String {
        let scope = Scope::Seat { hearing: self.hearing.clone(), seat: seat.clone() };
        let code = self.room.issue_code(scope.clone()).await.expect("a code");
        let token =
            self.room.redeem(code, scope, None).await.expect("the store answers").expect("a good code");
        format!("huiting={token}")
    }

    /// A screen that has been welcomed.
    pub(crate) async fn screen(&self, seat: &SeatId, cookie: &str) -> Screen {
        let url = format!("ws://{}/h/{}/{seat}/ws", self.address, self.hearing);
        let mut request = url.as_str().into_client_request().expect("a request");
        request.headers_mut().insert(header::COOKIE, cookie.parse().expect("a value"));
        let (socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
        let mut screen = Screen(socket);
        screen.say(&ClientMsg::Hello { resume: None }).await;
        screen.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
        screen
    }
}

pub(crate) struct Screen(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Screen {
    pub(crate) async fn say(&mut self, msg: &ClientMsg) {
        let text = serde_json::to_string(msg).expect("JSON");
        self.0.send(Message::text(text)).await.expect("sent");
    }

    /// The first message that is wanted.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&ServerMsg) -> bool) -> ServerMsg {
        loop {
            let message = self.0.next().await.expect("the socket is open").expect("whole");
            let Ok(text) = message.to_text() else { continue };
            let Ok(msg) = serde_json::from_str::<ServerMsg>(text) else { continue };
            if wanted(&msg) {
                return msg;
            }
        }
    }
}
