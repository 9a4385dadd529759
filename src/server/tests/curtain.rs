//! 不公开: not a byte of what was said, shown or marked behind the curtain reaches the gallery, by no way and at no time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[path = "../../../benches/support/no_pages.rs"]
mod no_pages;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use court::{Command, CurtainGround, EvidenceDraft, IssueAct, OutlineId, RequestKind, Shape, ViewDraft};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hub::{
    Bearings, CaseDraft, Deposit, EvidenceOffer, Offered, Opening, Packed, Packer, PageImage, Pages, Piece,
    Room, RoomConfig,
};
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use model::{
    CaseId, CmdId, Day, DocId, HearingId, HearingTime, PageRef, Point, Role, Rotation, Seat, SeatId, Side,
};
use no_pages::NoPages;
use protocol::check::CheckItem;
use protocol::view::Snapshot;
use protocol::wire::{
    Catalogue, CatalogueDoc, ClientMsg, CommandOutcome, Ephemeral, Filing, Found, FoundBy, Hit, Mend,
    PageInfo, Resume, ServerMsg, StatutePage, StatuteResults, Taken,
};
use record::{Scope, Store};
use server::{CheckSource, Given, Services};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

/// Every text, name and page behind the curtain holds one of these.
const TAINTS: [&str; 2] = ["幕后", "taint"];

/// A dossier in which every page can be opened, and every search finds something secret.
struct Dossier;

impl Pages for Dossier {
    fn search(&self, _: &CaseId, _: &str, _: usize) -> Found {
        let hit = Hit {
            page: page("taint-doc"),
            title: "幕后合同".to_owned(),
            place: String::new(),
            snippet: "幕后".to_owned(),
            matched: Vec::new(),
            rects: Vec::new(),
            by: FoundBy::Letter,
        };
        Found { hits: vec![hit], pages: Some(1), within: None, places: vec![page("taint-doc")] }
    }
    fn page(&self, _: &CaseId, page: &PageRef) -> Result<PageInfo, String> {
        Ok(PageInfo {
            side: Side::Plaintiff,
            evidence_number: None,
            title: page.doc.to_string(),
            size: (100, 100),
            turn: 0,
            image_hash: page.doc.to_string(),
            lines: Vec::new(),
            text_ready: true,
            marks: Vec::new(),
            links: Vec::new(),
        })
    }
    fn image(&self, _: &CaseId, page: &PageRef, _: u32) -> Result<PageImage, String> {
        let bytes = Bytes::from(format!("image of {}", page.doc));
        Ok(PageImage { bytes, media_type: "image/png".to_owned(), hash: page.doc.to_string() })
    }
    fn understand(&self, case: &CaseId, bearings: &Bearings, text: &str) -> CommandOutcome {
        NoPages.understand(case, bearings, text)
    }
    fn pages_ready(&self, _: &CaseId) -> (u32, u32) {
        (7, 7)
    }
    fn revision(&self, case: &CaseId) -> u64 {
        NoPages.revision(case)
    }
    fn vocabulary(&self, case: &CaseId) -> Vec<String> {
        NoPages.vocabulary(case)
    }
    fn alike(&self, case: &CaseId, heard: &str, terms: &[String]) -> Vec<String> {
        NoPages.alike(case, heard, terms)
    }
    fn evidence(&self, case: &CaseId) -> Vec<EvidenceDraft> {
        NoPages.evidence(case)
    }
    fn catalogue(&self, _: &CaseId) -> Result<Catalogue, String> {
        let filing = Filing {
            side: Side::Plaintiff,
            heading: "原告证据".to_owned(),
            title: "补充流水".to_owned(),
            evidence_number: None,
        };
        let held = CatalogueDoc::new(page("held-doc").doc, filing, vec![(100, 100)]);
        let docs = ["open-doc", "taint-doc"].map(|d| CatalogueDoc { doc: page(d).doc, ..held.clone() });
        let refused = CatalogueDoc { doc: page("refused-doc").doc, ..held.clone() };
        Ok(Catalogue {
            offered: vec![held],
            docs: docs.into(),
            retired: vec![refused],
            ..Catalogue::default()
        })
    }
    fn withheld(&self, _: &CaseId) -> Vec<(DocId, Side)> {
        ["held-doc", "refused-doc"].map(|d| (page(d).doc, Side::Plaintiff)).into()
    }
    fn offered(&self, _: &CaseId) -> Vec<Offered> {
        let offer = EvidenceOffer {
            hearing: HearingId::new("elsewhere").expect("well formed"),
            seat: SeatId::new("plaintiff").expect("well formed"),
            purpose: String::new(),
        };
        let (doc, title, side) = (page("held-doc").doc, "补充流水".to_owned(), Side::Plaintiff);
        vec![Offered { doc, offer, side, title, pages: 1, number: None, evidence: true }]
    }
    fn statutes(&self, query: &str, date: Day) -> Result<StatuteResults, String> {
        NoPages.statutes(query, date)
    }
    fn statute(&self, law: &str, version: Day, article: &str) -> Result<Option<StatutePage>, String> {
        NoPages.statute(law, version, article)
    }
    fn pieces(&self, case: &CaseId) -> Vec<Piece> {
        NoPages.pieces(case)
    }
    fn refile(&self, case: &CaseId, doc: &DocId, heading: &str) -> Result<(), String> {
        NoPages.refile(case, doc, heading)
    }
    fn take(&self, case: &CaseId, deposit: Deposit) -> Result<Taken, String> {
        NoPages.take(case, deposit)
    }
    fn mend(&self, case: &CaseId, mend: Mend) -> Result<(), String> {
        NoPages.mend(case, mend)
    }
    fn add(&self, case: &CaseId, deposit: Deposit) -> Result<CatalogueDoc, String> {
        NoPages.add(case, deposit)
    }
}

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

struct Court {
    address: SocketAddr,
    room: Arc<Room>,
    hearing: HearingId,
    stop: CancellationToken,
    _dir: tempfile::TempDir,
}

impl Drop for Court {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn seat(id: &str, role: Role, name: &str) -> Seat {
    let id = SeatId::new(id).expect("a plain name");
    Seat {
        id,
        role,
        name: name.to_owned(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    }
}

fn page(doc: &str) -> PageRef {
    PageRef { doc: DocId::new(doc).expect("well formed"), page: 1 }
}

fn show(doc: &str) -> Command {
    let (page, page_hash) = (page(doc), "0a".repeat(32));
    let view = ViewDraft {
        page,
        page_hash,
        rotation: Rotation::None,
        viewport: None,
        highlights: Vec::new(),
        beside: None,
    };
    Command::Show { view }
}

fn note(doc: &str, text: &str) -> Command {
    Command::MakeMark {
        page: page(doc),
        shape: Shape::Note { at: Point { x: 1, y: 1 }, text: text.to_owned() },
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
        let room = Room::open(config, store, Arc::new(Dossier), Arc::new(Nothing)).await;
        let room = Arc::new(room.expect("the room opens"));
        let case = CaseId::new("c1").expect("a plain name");
        let draft = CaseDraft {
            id: case.clone(),
            number: "（2026）清0102民初318号".to_owned(),
            cause: "侵害商业秘密纠纷".to_owned(),
            court: String::new(),
            procedure: OutlineId::default(),
        };
        room.create_case(draft).await.expect("a new case");
        let seats = vec![
            seat("judge", Role::PresidingJudge, "周明"),
            seat("clerk", Role::Clerk, "钱一"),
            seat("plaintiff", Role::PlaintiffAgent, "李四"),
            seat("defendant", Role::Defendant, "王五"),
            seat("public", Role::Public, ""),
        ];
        let opening = Opening { case, public: true, seats, procedure: None };
        let hearing = room.open_hearing(opening).await.expect("a hearing").hearing;
        let listener = server::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let stop = CancellationToken::new();
        let services = Services::new(Arc::clone(&room), Given::plain(Arc::new(Nothing)));
        tokio::spawn(server::serve(listener, None, services, stop.clone()));
        Self { address, room, hearing, stop, _dir: dir }
    }

    async fn get(&self, seat: &str, path: &str, cookie: &str) -> (u16, String, String) {
        let stream = TcpStream::connect(self.address).await.expect("the server listens");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let driver = tokio::spawn(connection);
        let request = Request::builder()
            .uri(format!("/h/{}/{seat}/{path}", self.hearing))
            .header(header::HOST, self.address.to_string())
            .header(header::COOKIE, cookie);
        let request = request.body(Full::<Bytes>::default()).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), format!("{:?}", response.headers()));
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        driver.abort();
        (status, headers, String::from_utf8_lossy(&body).into_owned())
    }

    async fn session(&self, of: &str) -> String {
        let seat = SeatId::new(of).expect("a plain name");
        let scope = Scope::Seat { hearing: self.hearing.clone(), seat };
        let code = self.room.issue_code(scope.clone()).await.expect("a code");
        let token =
            self.room.redeem(code, scope, None).await.expect("the store answers").expect("a good code");
        format!("huiting={token}")
    }

    async fn desk(&self, seat: &str, cookie: &str, resume: Option<Resume>) -> Desk {
        let url = format!("ws://{}/h/{}/{seat}/ws", self.address, self.hearing);
        let mut request = url.as_str().into_client_request().expect("a request");
        request.headers_mut().insert(header::COOKIE, cookie.parse().expect("a value"));
        let (socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
        let seat = seat.to_owned();
        let mut desk = Desk { socket, seat, wire: String::new(), shown: None, at: resume, acts: 0 };
        desk.say(&ClientMsg::Hello { resume }).await;
        desk.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
        desk
    }
}

struct Desk {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    seat: String,
    /// Every byte that came.
    wire: String,
    shown: Option<Snapshot>,
    at: Option<Resume>,
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
                ServerMsg::Welcome { epoch, seq, snapshot, .. } => {
                    self.at = Some(Resume { epoch: *epoch, seq: *seq });
                    if let Some(snapshot) = snapshot {
                        self.shown = Some((**snapshot).clone());
                    }
                }
                ServerMsg::Update { seq, updates, .. } => {
                    self.at = self.at.map(|at| Resume { seq: *seq, ..at });
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

    /// Everything that was sent to this desk until now has come.
    async fn catch_up(&mut self) {
        self.say(&ClientMsg::Ping { sent_ms: 1 }).await;
        self.until(|m| matches!(m, ServerMsg::Pong { .. })).await;
    }

    fn screen(&self) -> &Snapshot {
        self.shown.as_ref().expect("welcomed")
    }
}

fn clean(what: &str, bytes: &str) {
    for taint in TAINTS {
        assert!(!bytes.contains(taint), "{what} holds {taint}: {bytes}");
    }
}

/// What goes on behind the curtain: everything that can be said, shown, marked, listed, worded and pointed at.
async fn behind(judge: &mut Desk, clerk: &mut Desk, plaintiff: &mut Desk) {
    judge.must(note("open-doc", "幕后标注一")).await;
    judge.must(show("taint-doc")).await;
    judge.must(note("taint-doc", "幕后标注二")).await;
    let (from, text) = (HearingTime(0), "幕后的话".to_owned());
    let judge_seat = SeatId::new("judge").expect("well formed");
    clerk.must(Command::InsertLine { seat: judge_seat, from, text }).await;
    let draft = EvidenceDraft {
        side: Side::Plaintiff,
        number: 1,
        name: "幕后配方".to_owned(),
        source: "幕后".to_owned(),
        purpose: "幕后".to_owned(),
        doc: Some(page("taint-doc").doc),
    };
    clerk.must(Command::ListEvidence { draft }).await;
    clerk.must(Command::SetSeat { seat: seat("taint-expert", Role::Expert, "幕后专家") }).await;
    judge.must(Command::ChangeIssues { act: IssueAct::Add { text: "幕后焦点".to_owned() } }).await;
    judge.must(Command::ChangeIssues { act: IssueAct::Settle }).await;
    plaintiff.must(Command::Ask { want: RequestKind::Present { page: Some(page("taint-doc")) } }).await;
    let point = Ephemeral::Pointer { page: page("taint-doc"), at: Some(Point { x: 5, y: 5 }) };
    judge.say(&ClientMsg::Ephemeral { what: point }).await;
    // It goes to all who may see it in one go: once it is here, it is also there if it ever will be.
    plaintiff.until(|m| matches!(m, ServerMsg::Ephemeral { .. })).await;
    plaintiff.until(|m| matches!(m, ServerMsg::Status(_))).await;
}

/// [R-CLASS-3] [R-HTTP-2]
#[tokio::test]
async fn nothing_behind_the_curtain_reaches_the_gallery_by_any_way_at_any_time() {
    let court = Court::open().await;
    let [judge_key, clerk_key, plaintiff_key, public_key] = [
        court.session("judge").await,
        court.session("clerk").await,
        court.session("plaintiff").await,
        court.session("public").await,
    ];
    let mut judge = court.desk("judge", &judge_key, None).await;
    let mut clerk = court.desk("clerk", &clerk_key, None).await;
    let mut plaintiff = court.desk("plaintiff", &plaintiff_key, None).await;
    let mut public = court.desk("public", &public_key, None).await;
    let image = |doc: &str| format!("api/pages/{doc}/1/image");
    let mut seen = String::new();

    judge.must(Command::OpenSession).await;
    judge.must(show("open-doc")).await;
    judge.must(note("open-doc", "公开标注")).await;
    public.catch_up().await;
    assert_eq!(public.screen().screens.view.as_ref().map(|v| v.draft.page.clone()), Some(page("open-doc")));
    assert_eq!(court.get("public", &image("open-doc"), &public_key).await.0, 200);
    let before = public.at;

    assert!(matches!(
        clerk.act(Command::LowerCurtain { ground: CurtainGround::TradeSecret }).await,
        ServerMsg::Denied { .. }
    ));
    judge.must(Command::LowerCurtain { ground: CurtainGround::TradeSecret }).await;
    behind(&mut judge, &mut clerk, &mut plaintiff).await;
    public.catch_up().await;
    let screen = public.screen();
    assert!(screen.course.curtain.is_some() && screen.screens.view.is_none() && screen.marks.is_empty());
    assert!(plaintiff.screen().screens.view.is_some(), "the parties stay inside");
    assert!(plaintiff.screen().lines.iter().any(|l| l.closed && l.text == "幕后的话"));

    // A question, a confirmation of what is not shown, an act: nothing comes of them.
    public.say(&ClientMsg::Search { query_id: 1, text: "合同".to_owned(), most: None }).await;
    let found = public.until(|m| matches!(m, ServerMsg::Results { .. })).await;
    assert!(matches!(found, ServerMsg::Results { found, .. } if found == Found::default()));
    public.say(&ClientMsg::Confirm { view: 2 }).await;
    for doc in ["taint-doc", "open-doc"] {
        for path in [image(doc), format!("api/pages/{doc}/1")] {
            let (status, headers, body) = court.get("public", &path, &public_key).await;
            assert_eq!(status, 403, "{path}");
            seen += &(headers + &body);
            assert_eq!(court.get("plaintiff", &path, &plaintiff_key).await.0, 200, "{path}");
        }
    }
    // Reloaded, and come back by number, while it is down.
    let mut reloaded = court.desk("public", &public_key, None).await;
    let mut resumed = court.desk("public", &public_key, before).await;
    reloaded.catch_up().await;
    resumed.catch_up().await;
    assert!(reloaded.screen().course.curtain.is_some());

    judge.must(Command::LiftCurtain).await;
    for desk in [&mut public, &mut reloaded] {
        desk.catch_up().await;
        let screen = desk.screen();
        assert!(screen.course.curtain.is_none() && screen.screens.view.is_none());
        assert_eq!(screen.marks.len(), 1, "the mark that was made in public");
    }
    let (status, headers, body) = court.get("public", &image("taint-doc"), &public_key).await;
    assert_eq!(status, 403, "the page stays on the screens of those inside only");
    seen += &(headers + &body);
    let mut later = court.desk("public", &public_key, None).await;
    let mut long_away = court.desk("public", &public_key, before).await;
    judge.must(show("open-doc")).await;
    let (status, headers, body) = court.get("public", "api/pages/open-doc/1", &public_key).await;
    assert!(status == 200 && body.contains("公开标注"), "{body}");
    seen += &(headers + &body);
    for path in [
        "papers/record.html",
        "papers/record-public.html",
        "papers/record.vtt",
        "api/dossier",
        "api/marks.jsonld",
        "api/marked/taint-doc.pdf",
        "media/master.m3u8",
    ] {
        let (status, headers, body) = court.get("public", path, &public_key).await;
        assert_eq!(status, 403, "{path}");
        seen += &(headers + &body);
    }
    for desk in [&mut public, &mut reloaded, &mut resumed, &mut later, &mut long_away] {
        desk.catch_up().await;
        clean("the gallery's line", &desk.wire);
        clean("the gallery's screen", &serde_json::to_string(&desk.shown).expect("JSON"));
    }
    clean("what the gallery fetched", &seen);

    judge.catch_up().await;
    let ledger = &judge.screen().curtains;
    let judge_seat = SeatId::new("judge").ok();
    assert_eq!(ledger.len(), 1);
    assert_eq!((&ledger[0].by, &ledger[0].lifted_by), (&judge_seat, &judge_seat));
    assert!(ledger[0].ground == CurtainGround::TradeSecret && ledger[0].to.is_some());
    let state = court.room.hearing(&court.hearing).await.expect("runs").state().await.expect("a state");
    assert!(!state.screens.confirmed.contains_key(&SeatId::new("public").expect("well formed")));
}

/// [R-MARK-2]
#[tokio::test]
async fn the_record_keeps_what_was_said_and_marks_it_and_the_public_copy_leaves_it_out() {
    let court = Court::open().await;
    let [judge_key, clerk_key, plaintiff_key] =
        [court.session("judge").await, court.session("clerk").await, court.session("plaintiff").await];
    let mut judge = court.desk("judge", &judge_key, None).await;
    let mut clerk = court.desk("clerk", &clerk_key, None).await;
    let mut plaintiff = court.desk("plaintiff", &plaintiff_key, None).await;
    judge.must(Command::OpenSession).await;
    judge.must(Command::LowerCurtain { ground: CurtainGround::TradeSecret }).await;
    behind(&mut judge, &mut clerk, &mut plaintiff).await;
    // 闭庭 lifts it too.
    judge.must(Command::CloseSession).await;
    judge.catch_up().await;
    assert!(judge.screen().course.curtain.is_none() && judge.screen().curtains[0].to.is_some());

    for (path, holds) in
        [("papers/record.html", "（不公开）幕后的话"), ("papers/record.vtt", "（不公开）幕后的话")]
    {
        let (_, _, body) = court.get("judge", path, &judge_key).await;
        assert!(body.contains(holds), "{path}: {body}");
    }
    // Who sits inside keeps what they see, and who does not sees nothing to keep.
    let (status, headers, body) = court.get("plaintiff", "api/marks.jsonld", &plaintiff_key).await;
    assert!(status == 200 && headers.contains("application/ld+json"), "{headers}");
    let kept: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    plaintiff.catch_up().await;
    assert_eq!(kept["first"]["items"].as_array().map(Vec::len), Some(plaintiff.screen().marks.len()));
    assert!(body.contains("幕后") && body.contains("commenting"), "{body}");
    for path in ["papers/record-public.html", "papers/record-public.vtt", "papers/examination-public.html"] {
        let (status, _, body) = court.get("judge", path, &judge_key).await;
        assert_eq!(status, 200, "{path}");
        clean(path, &body);
    }
    let (_, _, body) = court.get("judge", "papers/record-public.html", &judge_key).await;
    assert!(
        body.contains("公开副本") && body.contains("以下不公开进行。") && body.contains("恢复公开进行。"),
        "{body}"
    );
    let (_, _, body) = court.get("judge", "papers/interruptions.html", &judge_key).await;
    assert!(body.contains("涉及商业秘密") && body.contains("周明"), "{body}");
}

/// [R-HTTP-7]
#[tokio::test]
async fn what_a_side_offers_is_seen_by_the_court_and_that_side_until_it_is_let_in_or_shown() {
    let court = Court::open().await;
    let judge_key = court.session("judge").await;
    let mut judge = court.desk("judge", &judge_key, None).await;
    judge.must(Command::OpenSession).await;
    let (page, image) = ("api/pages/held-doc/1", "api/pages/held-doc/1/image");
    for (seat, sees) in [("judge", true), ("clerk", true), ("plaintiff", true), ("defendant", false)] {
        let key = court.session(seat).await;
        for path in [page, image, "api/pages/refused-doc/1", "api/pages/refused-doc/1/image"] {
            let (status, _, _) = court.get(seat, path, &key).await;
            assert_eq!(status, if sees { 200 } else { 403 }, "{seat}: {path}");
        }
        let (status, _, listed) = court.get(seat, "api/dossier", &key).await;
        assert_eq!((status, listed.contains("held-doc")), (200, sees), "{seat}: {listed}");
        assert_eq!(listed.contains("refused-doc"), sees, "{seat}: {listed}");
    }
    // The bench may have all look at it before it decides.
    judge.must(show("held-doc")).await;
    for seat in ["defendant", "public"] {
        let key = court.session(seat).await;
        assert_eq!(court.get(seat, image, &key).await.0, 200, "{seat}");
    }
}
