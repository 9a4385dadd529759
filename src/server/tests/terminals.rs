//! Terminals over real TLS: enrolled, bound to their seats, revoked; and logins that another house vouches for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[allow(dead_code, reason = "other tests ask over plain HTTP")]
mod support;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use model::{Role, Seat, SeatId};
use protocol::wire::{ClientMsg, Parting, ServerMsg};
use record::{NewAccount, NewTerminal, OfficeRole, Scope};
use server::rights::Demand;
use server::{Answered, Asked, Directory, DirectoryError};
use support::{Answer, House, described};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

fn seats() -> Vec<Seat> {
    let seat = |(id, role): (&str, Role)| Seat {
        id: SeatId::new(id).expect("a plain name"),
        role,
        name: id.to_owned(),
        authority: String::new(),
        microphone: false,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    let of = [("judge", Role::PresidingJudge), ("clerk", Role::Clerk), ("plaintiff", Role::Plaintiff)];
    of.map(seat).to_vec()
}

async fn house(demand: Demand) -> House {
    House::open_as(seats(), Some(&["localhost"]), |given| server::Given { demand, ..given }).await
}

/// A computer: it trusts the house, and may have a certificate.
struct Computer {
    tls: TlsConnector,
}

impl Computer {
    fn new(house: &House, own: Option<(CertificateDer<'static>, PrivateKeyDer<'static>)>) -> Self {
        let mut roots = RootCertStore::empty();
        let file = house.dir.path().join("tls/certificate.pem");
        roots.add(CertificateDer::from_pem_file(file).expect("a certificate")).expect("a root");
        let builder = ClientConfig::builder().with_root_certificates(roots);
        let config = match own {
            Some((certificate, key)) => {
                builder.with_client_auth_cert(vec![certificate], key).expect("it belongs to its key")
            }
            None => builder.with_no_client_auth(),
        };
        Self { tls: TlsConnector::from(Arc::new(config)) }
    }

    /// Makes a key, and enrols it with a code.
    async fn enrolled(house: &House, code: &str) -> Result<Self, Answer> {
        let key = rcgen::KeyPair::generate().expect("a key");
        // It may ask for what it likes.
        let mut asked = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        asked.distinguished_name.push(rcgen::DnType::CommonName, "huiting");
        let request = asked.serialize_request(&key).expect("signed").pem().expect("PEM");
        let answer = Self::new(house, None).enrol(house, code, &request).await;
        if answer.status != 200 {
            return Err(answer);
        }
        let certificate = CertificateDer::from_pem_slice(answer.body.as_bytes()).expect("a certificate");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Self::new(house, Some((certificate, key))))
    }

    async fn enrol(&self, house: &House, code: &str, request: &str) -> Answer {
        let field = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let form = field("code", code) + &field("request", request) + "--b--\r\n";
        let kind = [(header::CONTENT_TYPE, "multipart/form-data; boundary=b")];
        self.ask(house, "POST", "/enrol", &kind, form).await.0
    }

    async fn connect(&self, house: &House) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(house.address).await.expect("the server listens");
        self.tls.connect(ServerName::try_from("localhost").expect("a name"), stream).await
    }

    /// The answer, with its cookie if it gives one.
    async fn ask(
        &self,
        house: &House,
        method: &str,
        path: &str,
        headers: &[(header::HeaderName, &str)],
        body: impl Into<Bytes>,
    ) -> (Answer, String) {
        let stream = self.connect(house).await.expect("a handshake");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let driver = tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Full::new(body.into())).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let given = |name| {
            let value = response.headers().get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (kind, cookie) = (given(header::CONTENT_TYPE), given(header::SET_COOKIE));
        let place = given(header::LOCATION);
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        driver.abort();
        described::check(described::document(&house.services), method, path, (status, &kind, &body));
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let body = if place.is_empty() { String::from_utf8_lossy(&body).into_owned() } else { place };
        (Answer { status, body }, cookie)
    }

    async fn get(&self, house: &House, path: &str, cookie: &str) -> u16 {
        self.ask(house, "GET", path, &[(header::COOKIE, cookie)], "").await.0.status
    }

    /// Opens the link of a seat.
    async fn join(&self, house: &House, seat: &str, code: &str) -> (u16, String) {
        let path = format!("/h/{}/{seat}/join?code={code}", house.hearing);
        let (answer, cookie) = self.ask(house, "GET", &path, &[], "").await;
        (answer.status, cookie)
    }

    async fn screen(&self, house: &House, seat: &str, cookie: &str) -> WebSocketStream<TlsStream<TcpStream>> {
        let url = format!("wss://localhost/h/{}/{seat}/ws", house.hearing);
        let mut request = url.as_str().into_client_request().expect("a request");
        request.headers_mut().insert(header::COOKIE, cookie.parse().expect("a value"));
        let stream = self.connect(house).await.expect("a handshake");
        let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("a socket");
        let hello = serde_json::to_string(&ClientMsg::Hello { resume: None }).expect("JSON");
        socket.send(Message::text(hello)).await.expect("sent");
        let first = socket.next().await.expect("a message").expect("whole");
        assert!(first.to_text().expect("text").contains("\"welcome\""), "{first:?}");
        socket
    }
}

async fn code(house: &House, seat: &str) -> String {
    let seat = SeatId::new(seat).expect("a plain name");
    let scope = Scope::Seat { hearing: house.hearing.clone(), seat };
    house.room.issue_code(scope).await.expect("a code")
}

/// A terminal for these seats: its id and its code.
async fn add(house: &House, seats: &[&str]) -> (String, String) {
    let seats = seats.iter().map(ToString::to_string).collect();
    let new = NewTerminal { name: "席位电脑".to_owned(), seats };
    let room = house.room.name().to_owned();
    let added = house.room.with_store(move |s| s.add_terminal(&new, &room, media::clock::utc_now())).await;
    let (terminal, code) = added.expect("added");
    (terminal.id, code)
}

fn page(house: &House, seat: &str) -> String {
    format!("/h/{}/{seat}/", house.hearing)
}

/// [R-TERM-1] [R-TERM-2]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_court_sits_at_its_terminals_alone_and_a_session_stays_where_it_began() {
    let house = house(Demand::Court).await;
    let unknown = Computer::new(&house, None);
    let (_, of_judge) = add(&house, &["judge"]).await;
    let judge = Computer::enrolled(&house, &of_judge).await.ok().expect("enrolled");

    let link = code(&house, "judge").await;
    let (refused, no_cookie) = unknown.join(&house, "judge", &link).await;
    assert_eq!((refused, no_cookie.as_str()), (403, ""), "the bench sits at terminals");
    let (joined, cookie) = judge.join(&house, "judge", &link).await;
    assert_eq!(joined, 303, "and the code has not been used up by the wrong computer");
    let check = format!("{}api/check", page(&house, "judge"));
    for path in [&page(&house, "judge"), &check] {
        assert_eq!(judge.get(&house, path, &cookie).await, 200, "{path}");
        assert_eq!(unknown.get(&house, path, &cookie).await, 401, "a stolen session opens nothing: {path}");
    }
    // Another seat is not opened from there, another terminal does not open this one.
    let link = code(&house, "clerk").await;
    assert_eq!(judge.join(&house, "clerk", &link).await.0, 403);
    let (_, of_all) = add(&house, &[]).await;
    let any = Computer::enrolled(&house, &of_all).await.ok().expect("enrolled");
    assert_eq!(any.get(&house, &check, &cookie).await, 401);
    let (joined, clerk) = any.join(&house, "clerk", &link).await;
    assert_eq!(joined, 303);
    assert_eq!(any.get(&house, &page(&house, "clerk"), &clerk).await, 200);
    // A party brings its own computer; a session it began on none goes on anywhere that is fit for it.
    let link = code(&house, "plaintiff").await;
    let (joined, party) = unknown.join(&house, "plaintiff", &link).await;
    assert_eq!(joined, 303);
    assert_eq!(unknown.get(&house, &page(&house, "plaintiff"), &party).await, 200);
    assert_eq!(judge.get(&house, &page(&house, "plaintiff"), &party).await, 403);

    // The administration is a place of the court as well: no password is looked at on an unknown computer.
    let json = [(header::CONTENT_TYPE, "application/json")];
    let body = r#"{"name":"nobody","password":"wrong password"}"#;
    assert_eq!(unknown.ask(&house, "POST", "/admin/api/login", &json, body).await.0.status, 403);
    assert_eq!(judge.ask(&house, "POST", "/admin/api/login", &json, body).await.0.status, 403);
    assert_eq!(any.ask(&house, "POST", "/admin/api/login", &json, body).await.0.status, 401);
    let admin = house.room.issue_code(Scope::Admin).await.expect("a code");
    let door = format!("/admin/join?code={admin}");
    assert_eq!(unknown.get(&house, &door, "").await, 403);
    let (answer, officer) = any.ask(&house, "GET", &door, &[], "").await;
    assert_eq!(answer.status, 303);
    assert_eq!(any.get(&house, "/admin/api/me", &officer).await, 200);
    assert_eq!(unknown.get(&house, "/admin/api/me", &officer).await, 401);
}

/// [R-TERM-1]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_enrols_once_and_a_bad_request_does_not_use_it_up() {
    let house = house(Demand::Everybody).await;
    let unknown = Computer::new(&house, None);
    let (_, code) = add(&house, &["judge"]).await;
    for request in
        ["", "no request", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"]
    {
        let answer = unknown.enrol(&house, &code, request).await;
        assert_eq!(answer.status, 400, "{request:?}");
        assert!(answer.body.contains("openssl req -new"), "{}", answer.body);
    }
    // The key of another under one's own name.
    let (mine, theirs) =
        (rcgen::KeyPair::generate().expect("a key"), rcgen::KeyPair::generate().expect("a key"));
    let signed = |key| {
        let params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
        params.serialize_request(key).expect("signed").der().to_vec()
    };
    let (of_mine, mut of_theirs) = (signed(&mine), signed(&theirs));
    let tail = of_mine.len().min(of_theirs.len()) - 40;
    of_theirs.truncate(tail);
    of_theirs.extend(&of_mine[tail..]);
    let forged = pem("CERTIFICATE REQUEST", &of_theirs);
    assert_eq!(unknown.enrol(&house, &code, &forged).await.status, 400);

    assert!(Computer::enrolled(&house, &code.to_lowercase()).await.is_ok());
    for used in [code.as_str(), "", "22222222222222222222"] {
        let again = Computer::enrolled(&house, used).await.err().expect("refused");
        assert_eq!(again.status, 403, "{used:?}: {}", again.body);
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

/// [R-TERM-3]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_is_revoked_or_replaced_sees_nothing_more_within_a_second() {
    let house = house(Demand::Court).await;
    let (id, first) = add(&house, &["judge"]).await;
    let stolen = Computer::enrolled(&house, &first).await.ok().expect("enrolled");
    let (_, cookie) = stolen.join(&house, "judge", &code(&house, "judge").await).await;
    let mut screen = stolen.screen(&house, "judge", &cookie).await;

    // Set up anew: what the disk that was taken out holds is worth nothing from then on.
    let of = id.clone();
    let renewed = house.room.with_store(move |s| s.renew_terminal(&of, media::clock::utc_now())).await;
    let renewed = renewed.expect("a code");
    assert_eq!(stolen.get(&house, &page(&house, "judge"), &cookie).await, 200, "until the new one is there");
    let anew = Computer::enrolled(&house, &renewed).await.ok().expect("enrolled");
    told_to_go(&mut screen).await;
    assert_eq!(stolen.get(&house, &page(&house, "judge"), &cookie).await, 403);
    let link = code(&house, "judge").await;
    assert_eq!(stolen.join(&house, "judge", &link).await.0, 403, "its certificate has been replaced");

    let (joined, cookie) = anew.join(&house, "judge", &link).await;
    assert_eq!(joined, 303);
    let mut screen = anew.screen(&house, "judge", &cookie).await;
    // As the command line does it: in the database, with nothing said to the hub.
    let of = id.clone();
    let at = Instant::now();
    house.room.with_store(move |s| s.revoke_terminal(&of, media::clock::utc_now())).await.expect("revoked");
    for path in [&page(&house, "judge"), "/admin/api/me"] {
        assert_eq!(anew.get(&house, path, &cookie).await, 403, "its sessions are dead at once: {path}");
    }
    told_to_go(&mut screen).await;
    eprintln!("a revoked terminal's screen ended after {:?}", at.elapsed());
    let link = code(&house, "judge").await;
    assert_eq!(anew.join(&house, "judge", &link).await.0, 403);
    let renewed = house.room.with_store(move |s| s.renew_terminal(&id, media::clock::utc_now())).await;
    assert!(renewed.is_err(), "what is revoked stays so");
}

async fn told_to_go(screen: &mut WebSocketStream<TlsStream<TcpStream>>) {
    let bye = async {
        while let Some(Ok(message)) = screen.next().await {
            let Ok(ServerMsg::Bye { why, retry_ms, .. }) =
                serde_json::from_str(message.to_text().unwrap_or_default())
            else {
                continue;
            };
            assert_eq!((why, retry_ms), (Parting::TerminalRevoked, None));
            return true;
        }
        false
    };
    let told = tokio::time::timeout(Duration::from_secs(20), bye).await.expect("the screen ends");
    assert!(told, "the screen was cut off without a word");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_another_house_or_of_ones_own_is_no_certificate() {
    let (ours, theirs) = (house(Demand::Court).await, house(Demand::Court).await);
    let (_, code_there) = add(&theirs, &[]).await;
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
    let request = params.serialize_request(&key).expect("signed").pem().expect("PEM");
    let answer = Computer::new(&theirs, None).enrol(&theirs, &code_there, &request).await;
    let of_theirs = CertificateDer::from_pem_slice(answer.body.as_bytes()).expect("a certificate");
    let own = params.self_signed(&key).expect("signed").der().clone();
    for certificate in [of_theirs, own] {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let stranger = Computer::new(&ours, Some((certificate, key)));
        // TLS 1.3 lets the client finish before the server has looked: the refusal comes with the first read.
        let refused = async {
            let stream = stranger.connect(&ours).await?;
            let (mut sender, connection) = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream))
                .await
                .map_err(std::io::Error::other)?;
            let driver = tokio::spawn(connection);
            let request = Request::builder().uri("/healthz").header(header::HOST, "localhost");
            let answer = sender.send_request(request.body(Full::default()).expect("a request")).await;
            driver.abort();
            answer.map(drop).map_err(std::io::Error::other)
        };
        assert!(refused.await.is_err(), "the handshake fails");
    }
}

/// Vouches for whoever has the code `good`, if the verifier fits the challenge the login began with.
struct Palace(std::sync::Mutex<Vec<Asked>>);

impl Directory for Palace {
    fn name(&self) -> &str {
        "全省法院统一身份认证"
    }

    fn begin(&self, asked: &Asked) -> String {
        self.0.lock().expect("no test has failed").push(asked.clone());
        format!("https://id.example/authorize?state={}", asked.state)
    }

    fn finish(
        &self,
        a: Answered,
    ) -> Pin<Box<dyn Future<Output = Result<String, DirectoryError>> + Send + '_>> {
        use base64::Engine as _;
        let challenge = proof::Hash::of(&[a.verifier.as_bytes()]).0;
        let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(challenge);
        let asked =
            self.0.lock().expect("no test has failed").iter().find(|b| b.challenge == challenge).cloned();
        let fits = asked.is_some_and(|b| b.nonce == a.nonce && b.returns_to == a.returns_to);
        Box::pin(async move {
            match a.code.strip_prefix("good-") {
                Some(name) if fits => Ok(name.to_owned()),
                _ => Err(DirectoryError::Refused("授权码无效".to_owned())),
            }
        })
    }
}

/// [R-ADM-2]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_of_the_court_says_who_it_is_and_the_house_what_they_may() {
    let palace = Arc::new(Palace(std::sync::Mutex::default()));
    let directory: Arc<dyn Directory> = palace;
    let house = House::open_as(seats(), Some(&["localhost"]), |given| server::Given {
        directory: Some(directory),
        ..given
    })
    .await;
    let account = |name: &str, role| NewAccount {
        name: name.to_owned(),
        person: "何静".to_owned(),
        role,
        password: "correct horse 庭".to_owned(),
    };
    let (open, closed) = (account("hejing", OfficeRole::Clerk), account("gone", OfficeRole::Administrator));
    let now = media::clock::utc_now();
    let made = house.room.with_store(move |s| {
        s.add_account(&open, now)?;
        s.add_account(&closed, now)?;
        s.close_account("gone", true, now)
    });
    made.await.expect("accounts");
    let browser = Computer::new(&house, None);
    let begin = async || {
        let (answer, cookie) = browser.ask(&house, "GET", "/admin/login/directory", &[], "").await;
        assert_eq!(answer.status, 303);
        let state = answer.body.split_once("state=").expect("a state").1.to_owned();
        (state, cookie)
    };
    let back = async |state: &str, code: &str, cookie: &str| {
        let path = format!("/admin/login/return?state={state}&code={code}");
        let (answer, session) = browser.ask(&house, "GET", &path, &[(header::COOKIE, cookie)], "").await;
        (answer.status, session)
    };
    let (state, cookie) = begin().await;
    let (entered, session) = back(&state, "good-hejing", &cookie).await;
    assert_eq!(entered, 200);
    let me = browser.ask(&house, "GET", "/admin/api/me", &[(header::COOKIE, &session)], "").await.0;
    assert!(me.body.contains("\"role\":\"clerk\""), "the role is the one given here: {}", me.body);
    assert_eq!(back(&state, "good-hejing", &cookie).await.0, 403, "an answer is good once");

    let (state, cookie) = begin().await;
    assert_eq!(back(&state, "good-hejing", "huiting-login=other").await.0, 403, "in the browser it began in");
    assert_eq!(back(&state, "good-hejing", &cookie).await.0, 403, "and a failed try ends it");
    for (code, status) in [("good-nobody", 401), ("good-gone", 401), ("bad", 401), ("", 401)] {
        let (state, cookie) = begin().await;
        let (answered, session) = back(&state, code, &cookie).await;
        assert_eq!((answered, session.as_str()), (status, ""), "{code:?}");
    }
    assert_eq!(back("made-up", "good-hejing", "huiting-login=made-up").await.0, 403);
    // A house without one says so.
    let plain = House::open(seats()).await;
    assert_eq!(plain.ask("GET", "/admin/login/directory", "").await.status, 404);
    assert!(plain.ask("GET", "/admin/api/directory", "").await.body.contains("null"));
}
