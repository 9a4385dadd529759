//! The administration over real connections: who may do what, lists in, figures out, and nothing of 副卷 at a seat.
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

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hub::{Packed, Packer, Room, RoomConfig};
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use media::clock::utc_now;
use model::HearingId;
use protocol::check::CheckItem;
use record::{NewAccount, OfficeRole, Scope, Store};
use server::{CheckSource, Given, Services};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

struct NoPacker;
impl Packer for NoPacker {
    fn pack(&self, _: &HearingId, _: &Path) -> Result<Packed, String> {
        Err("no package is written here".to_owned())
    }
}

struct NoCheck;
impl CheckSource for NoCheck {
    fn check(&self) -> Vec<CheckItem> {
        Vec::new()
    }
}

const PASSWORD: &str = "correct horse 庭";

struct Office {
    address: SocketAddr,
    room: Arc<Room>,
    services: Arc<Services>,
    dir: tempfile::TempDir,
    stop: CancellationToken,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Answer {
    status: u16,
    cookie: String,
    body: String,
}

impl Answer {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

impl Office {
    async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let config = RoomConfig {
            data: dir.path().to_owned(),
            court: "清源法院".to_owned(),
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
        let listener = server::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let stop = CancellationToken::new();
        let services = Services::new(Arc::clone(&room), Given::plain(Arc::new(NoCheck)));
        tokio::spawn(server::serve(listener, None, Arc::clone(&services), stop.clone()));
        Self { address, room, services, dir, stop }
    }

    async fn ask(&self, method: &str, path: &str, cookie: &str, kind: &str, body: &[u8]) -> Answer {
        let stream = TcpStream::connect(self.address).await.expect("the server listens");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let driver = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(format!("/admin/{path}"))
            .header(header::HOST, self.address.to_string())
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, kind)
            .body(Full::new(Bytes::copy_from_slice(body)))
            .expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let set =
            response.headers().get(header::SET_COOKIE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let cookie = set.split(';').next().unwrap_or_default().to_owned();
        let kind = response.headers().get(header::CONTENT_TYPE).cloned();
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        driver.abort();
        let kind = kind.as_ref().and_then(|k| k.to_str().ok()).unwrap_or_default();
        let (document, path) = (described::document(&self.services), format!("/admin/{path}"));
        described::check(document, method, &path, (status, kind, &body));
        Answer { status, cookie, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask("GET", path, cookie, "text/plain", b"").await
    }

    async fn post(&self, path: &str, cookie: &str, body: serde_json::Value) -> Answer {
        self.ask("POST", path, cookie, "application/json", body.to_string().as_bytes()).await
    }

    /// A session by the one-time link.
    async fn link(&self) -> String {
        let code = self.room.issue_code(Scope::Admin).await.expect("a code");
        self.get(&format!("join?code={code}"), "").await.cookie
    }

    async fn account(&self, role: OfficeRole) -> String {
        let name = role.as_str().to_owned();
        let new =
            NewAccount { person: name.clone(), name: name.clone(), role, password: PASSWORD.to_owned() };
        self.room.with_store(move |s| s.add_account(&new, utc_now())).await.expect("made");
        let entered = self.login(&name, PASSWORD).await;
        assert_eq!(entered.status, 204, "{}", entered.body);
        entered.cookie
    }

    async fn login(&self, name: &str, password: &str) -> Answer {
        self.post("api/login", "", serde_json::json!({ "name": name, "password": password })).await
    }
}

const LIST: &str = "案号,案由,程序,立案日期,开庭时间,法庭\n\
    （2026）清0102民初1号,买卖合同纠纷,简易程序,2026-03-01,2026-03-20 09:30,第一法庭\n\
    （2026）清0102民初2号,买卖合同纠纷,,2026-03-32,,\n";

#[tokio::test]
async fn each_role_does_its_part_and_no_other() {
    let office = Office::open().await;
    let link = office.link().await;
    let [judge, clerk, archivist] = [
        office.account(OfficeRole::Judge).await,
        office.account(OfficeRole::Clerk).await,
        office.account(OfficeRole::Archivist).await,
    ];
    let list = LIST.as_bytes();
    for (who, status) in [("", 401), (judge.as_str(), 403), (&archivist, 403), (&clerk, 200), (&link, 200)] {
        assert_eq!(office.ask("POST", "api/import", who, "text/csv", list).await.status, status);
    }
    let cases = office.get("api/cases", &judge).await.json();
    let id = cases[0]["id"].as_str().expect("an id").to_owned();
    let file = format!("api/cases/{id}/file");
    let archive = format!("api/cases/{id}/archive");
    for (path, [judge_may, clerk_may, archivist_may]) in [
        ("api/indicators", [200, 200, 200]),
        ("api/indicators.csv", [200, 200, 200]),
        ("api/rooms", [200, 200, 200]),
        ("api/schedule?from=2026-03-01&to=2026-04-01", [200, 200, 200]),
        ("api/accounts", [403, 403, 403]),
        ("api/logins", [403, 403, 403]),
        (&file, [403, 200, 200]),
        (&format!("api/cases/{id}/print/main.pdf"), [403, 403, 500]),
    ] {
        assert_eq!(office.get(path, &judge).await.status, judge_may, "judge {path}");
        assert_eq!(office.get(path, &clerk).await.status, clerk_may, "clerk {path}");
        assert_eq!(office.get(path, &archivist).await.status, archivist_may, "archivist {path}");
        assert_eq!(office.get(path, "").await.status, 401, "nobody {path}");
    }
    assert_eq!(office.get("api/accounts", &link).await.status, 200);
    let order = || serde_json::json!({ "retention": "long" });
    assert_eq!(office.post(&archive, &clerk, order()).await.status, 403);
    let refused = office.post(&archive, &archivist, order()).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("正卷缺“起诉状”"), "{}", refused.body);
}

/// [R-ADM-2] [R-ADM-3]
#[tokio::test]
async fn a_login_ends_with_logout_and_wrong_passwords_are_throttled_and_noted() {
    let office = Office::open().await;
    let clerk = office.account(OfficeRole::Clerk).await;
    let me = office.get("api/me", &clerk).await.json();
    assert_eq!((me["name"].as_str(), me["role"].as_str()), (Some("clerk"), Some("clerk")));
    assert_eq!((me["prepares"].as_bool(), me["manages"].as_bool()), (Some(true), Some(false)));
    assert_eq!(office.post("api/logout", &clerk, serde_json::json!({})).await.status, 204);
    assert_eq!(office.get("api/me", &clerk).await.status, 401);
    for _ in 0..5 {
        assert_eq!(office.login("clerk", "wrong password").await.status, 401);
    }
    assert_eq!(office.login("clerk", PASSWORD).await.status, 429);
    let link = office.link().await;
    let logins = office.get("api/logins", &link).await.json();
    let outcomes: Vec<_> = logins.as_array().expect("a list").iter().map(|l| l["outcome"].clone()).collect();
    assert_eq!(outcomes, ["throttled", "wrong", "wrong", "wrong", "wrong", "wrong", "out", "in"]);
    assert!(!logins.to_string().contains(PASSWORD));
    let set = serde_json::json!({ "password": "another password" });
    assert_eq!(office.post("api/accounts/clerk/password", &link, set).await.status, 204);
    assert_eq!(office.login("clerk", "another password").await.status, 204);
}

#[tokio::test]
async fn a_list_is_imported_by_page_and_by_api_and_its_cases_are_in_the_figures() {
    let office = Office::open().await;
    let link = office.link().await;
    let done = office.ask("POST", "api/import", &link, "text/csv", LIST.as_bytes()).await.json();
    assert_eq!((done["created"].as_u64(), done["scheduled"].as_u64()), (Some(1), Some(1)));
    assert_eq!(
        (done["faults"][0]["line"].as_u64(), done["faults"][0]["column"].as_str()),
        (Some(3), Some("立案日期"))
    );
    let entry =
        serde_json::json!([{ "number": "(2026)清0102行初9号", "cause": "行政处罚", "filed": "2026-03-31" }]);
    assert_eq!(office.post("api/import", &link, entry).await.json()["created"], 1);
    let wrong = office.ask("POST", "api/import", &link, "text/csv", b"\xff\xff\0").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("CSV"), "{}", wrong.body);
    let figures = |found: serde_json::Value| {
        let all = found["figures"].as_array().expect("a list").clone();
        let of =
            |name: &str| all.iter().rfind(|f| f["indicator"] == name && f["month"] == "2026-03").cloned();
        [of("synchronous"), of("courtroom")]
            .map(|f| f.expect("there")["denominator"].as_u64().expect("a count"))
    };
    let found = office.get("api/indicators?month=2026-03&months=2", &link).await.json();
    assert_eq!(figures(found.clone()), [2, 1]);
    assert_eq!(found["figures"].as_array().map(Vec::len), Some(12));
    std::fs::write(office.dir.path().join("indicators.toml"), "scope = [\"administrative\"]\n")
        .expect("writable");
    assert_eq!(figures(office.get("api/indicators?month=2026-03", &link).await.json()), [1, 0]);
    std::fs::write(office.dir.path().join("indicators.toml"), "scop = []\n").expect("writable");
    let told = office.get("api/indicators?month=2026-03", &link).await.json();
    assert!(told["fault"].as_str().is_some_and(|f| f.contains("line 1")), "{told}");
    let csv = office.get("api/indicators.csv?month=2026-03", &link).await.body;
    assert!(csv.contains("2026-03,电子卷宗随案同步生成率,合计,,0,2,0.00%"), "{csv}");
}
