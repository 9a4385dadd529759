//! A desk without a browser: joins by its link, keeps the snapshot as every screen does, confirms what it is shown.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use court::{Command, Denial};
use futures_util::{SinkExt, StreamExt};
use model::{CmdId, HearingTime, PageRef};
use protocol::view::{LineView, Snapshot, Update};
use protocol::wire::{Catalogue, ClientMsg, CommandOutcome, Hit, PageInfo, Resume, ServerMsg, Status};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, http};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::{Door, Stream};

/// What a desk has seen, for whoever watches it.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Everything on the screen.
    pub snapshot: Option<Snapshot>,
    /// The health strip.
    pub status: Status,
    /// Lines with the hearing time at which they first arrived.
    pub lines: HashMap<model::LineId, (HearingTime, LineView)>,
    /// First text of each utterance still being recognised, with the hearing time of its arrival.
    pub partials: Vec<(HearingTime, HearingTime, String)>,
    /// Spoken commands as heard and understood.
    pub heard: Vec<(String, CommandOutcome)>,
    /// Connections so far.
    pub connections: u32,
}

/// See the module.
pub struct Desk {
    door: Door,
    base: String,
    cookie: String,
    out: mpsc::Sender<Outgoing>,
    seen: watch::Receiver<Arc<Seen>>,
}

struct Unanswered {
    command: Command,
    /// The curtain was down when it was given.
    inside: bool,
    reply: oneshot::Sender<Result<(), Denial>>,
}

enum Outgoing {
    Say(ClientMsg),
    Command(CmdId, Command, oneshot::Sender<Result<(), Denial>>),
    Search(u32, String, oneshot::Sender<Vec<Hit>>),
}

impl Desk {
    /// Joins by a link `…/h/<hearing>/<seat>/join?code=…`.
    pub async fn join(door: &Door, link: &str) -> anyhow::Result<Self> {
        Self::joined(door, link, true).await
    }

    /// The same for a script that acts at a seat and shows nobody anything: it confirms no page, so that the record names only real screens.
    pub async fn join_without_screen(door: &Door, link: &str) -> anyhow::Result<Self> {
        Self::joined(door, link, false).await
    }

    async fn joined(door: &Door, link: &str, screen: bool) -> anyhow::Result<Self> {
        let path = door.path_of(link)?;
        let answer = door.send("GET", path, None, None).await?;
        let Some(cookie) = answer.cookie else {
            bail!("{link} was not accepted: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        };
        let base = path.split("join").next().unwrap_or("/").to_owned();
        let (out, queue) = mpsc::channel(64);
        let (seen_tx, mut seen) = watch::channel(Arc::new(Seen::default()));
        let run = Run { screen, ..Run::new(door.clone(), base.clone(), cookie.clone(), seen_tx) };
        tokio::spawn(self::run(run, queue));
        seen.wait_for(|s| s.snapshot.is_some()).await.context("the desk was not let in")?;
        Ok(Self { door: door.clone(), base, cookie, out, seen })
    }

    /// What the desk shows now.
    pub fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen.borrow())
    }

    /// Waits until the desk shows what `ready` asks for.
    pub async fn until<T>(&self, mut ready: impl FnMut(&Seen) -> Option<T>) -> anyhow::Result<T> {
        let mut seen = self.seen.clone();
        loop {
            if let Some(found) = ready(&seen.borrow_and_update()) {
                return Ok(found);
            }
            seen.changed().await.context("the desk lost its hearing")?;
        }
    }

    /// Says something that has no answer.
    pub async fn say(&self, msg: ClientMsg) -> anyhow::Result<()> {
        self.out.send(Outgoing::Say(msg)).await.map_err(|_| anyhow::anyhow!("the desk has ended"))
    }

    /// Does something and waits for the word of the court.
    pub async fn act(&self, command: Command) -> anyhow::Result<Result<(), Denial>> {
        let id = CmdId::new(format!("demo-{}", uuid::Uuid::now_v7()))?;
        let (reply, answer) = oneshot::channel();
        let sent = self.out.send(Outgoing::Command(id, command, reply)).await;
        sent.map_err(|_| anyhow::anyhow!("the desk has ended"))?;
        answer.await.context("the desk ended before the answer")
    }

    /// Does something that must be allowed.
    pub async fn must(&self, command: Command) -> anyhow::Result<()> {
        let text = format!("{command:?}");
        match self.act(command).await? {
            Ok(()) => Ok(()),
            Err(denial) => bail!("{text} was refused: {denial}"),
        }
    }

    /// Looks for a text in the dossier.
    pub async fn search(&self, query_id: u32, text: &str) -> anyhow::Result<Vec<Hit>> {
        let (reply, answer) = oneshot::channel();
        let sent = self.out.send(Outgoing::Search(query_id, text.to_owned(), reply)).await;
        sent.map_err(|_| anyhow::anyhow!("the desk has ended"))?;
        answer.await.context("the desk ended before the answer")
    }

    /// The catalogue of the dossier.
    pub async fn catalogue(&self) -> anyhow::Result<Catalogue> {
        self.get("api/dossier").await
    }

    /// A page with its text.
    pub async fn page(&self, page: &PageRef) -> anyhow::Result<PageInfo> {
        self.get(&format!("api/pages/{}/{}", page.doc, page.page)).await
    }

    /// A GET below the desk's path.
    pub async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.door.json("GET", &format!("{}{path}", self.base), Some(&self.cookie), None).await
    }

    /// A POST below the desk's path.
    pub async fn post<T: serde::de::DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.door.json("POST", &format!("{}{path}", self.base), Some(&self.cookie), None).await
    }
}

/// Keeps the desk connected; a lost connection is made again with `resume`.
async fn run(mut desk: Run, mut queue: mpsc::Receiver<Outgoing>) {
    loop {
        match desk.connect().await {
            Ok(socket) => match desk.connected(socket, &mut queue).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => tracing::info!(%error, "a desk lost its connection"),
            },
            Err(error) => tracing::debug!(%error, "a desk could not connect"),
        }
        if desk.seen.is_closed() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

struct Run {
    /// Whether somebody looks: it confirms what it is shown.
    screen: bool,
    door: Door,
    base: String,
    cookie: String,
    seen: watch::Sender<Arc<Seen>>,
    now: Seen,
    resume: Option<Resume>,
    clock: (HearingTime, Instant),
    /// Unanswered commands, said again after a reconnect.
    commands: HashMap<CmdId, Unanswered>,
    searches: HashMap<u32, oneshot::Sender<Vec<Hit>>>,
    confirmed: u32,
}

type Socket = WebSocketStream<Box<dyn Stream>>;

impl Run {
    fn new(door: Door, base: String, cookie: String, seen: watch::Sender<Arc<Seen>>) -> Self {
        Self {
            screen: true,
            door,
            base,
            cookie,
            seen,
            now: Seen::default(),
            resume: None,
            clock: (HearingTime(0), Instant::now()),
            commands: HashMap::new(),
            searches: HashMap::new(),
            confirmed: 0,
        }
    }

    async fn connect(&self) -> anyhow::Result<Socket> {
        let stream = self.door.open().await?;
        let mut request = format!("ws://{}{}ws", self.door.host(), self.base).into_client_request()?;
        request.headers_mut().insert(http::header::COOKIE, self.cookie.parse()?);
        Ok(client_async(request, stream).await?.0)
    }

    /// `Ok(true)`: nobody holds the desk any more.
    async fn connected(
        &mut self,
        socket: Socket,
        queue: &mut mpsc::Receiver<Outgoing>,
    ) -> anyhow::Result<bool> {
        let (mut sink, mut stream) = socket.split();
        let mut out = vec![ClientMsg::Hello { resume: self.resume }];
        for (cmd_id, Unanswered { command, inside, .. }) in &self.commands {
            let (cmd_id, command, inside) = (cmd_id.clone(), command.clone(), *inside);
            out.push(ClientMsg::Command { cmd_id, command, inside });
        }
        self.now.connections += 1;
        let mut ping = tokio::time::interval(std::time::Duration::from_secs(5));
        loop {
            for msg in out.drain(..) {
                sink.feed(Message::text(serde_json::to_string(&msg)?)).await?;
            }
            sink.flush().await?;
            tokio::select! {
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let msg: ServerMsg = serde_json::from_str(&text).context("a message was not understood")?;
                        self.receive(msg)?;
                        let _ = self.seen.send(Arc::new(self.now.clone()));
                        out.extend(self.confirm().await?);
                    }
                    Some(Ok(Message::Close(_))) | None => return Ok(false),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error.into()),
                },
                wanted = queue.recv() => match wanted {
                    Some(Outgoing::Say(msg)) => out.push(msg),
                    Some(Outgoing::Command(cmd_id, command, reply)) => {
                        let inside = self.now.snapshot.as_ref().is_some_and(|s| s.course.curtain.is_some());
                        out.push(ClientMsg::Command { cmd_id: cmd_id.clone(), command: command.clone(), inside });
                        self.commands.insert(cmd_id, Unanswered { command, inside, reply });
                    }
                    Some(Outgoing::Search(query_id, text, reply)) => {
                        out.push(ClientMsg::Search { query_id, text, most: None });
                        self.searches.insert(query_id, reply);
                    }
                    None => return Ok(true),
                },
                _ = ping.tick() => out.push(ClientMsg::Ping { sent_ms: 0 }),
            }
        }
    }

    fn hearing_now(&self) -> HearingTime {
        self.clock.0.plus(u64::try_from(self.clock.1.elapsed().as_millis()).unwrap_or(0))
    }

    fn receive(&mut self, msg: ServerMsg) -> anyhow::Result<()> {
        match msg {
            ServerMsg::Welcome { epoch, seq, now, snapshot, .. } => {
                self.clock = (now, Instant::now());
                self.resume = Some(Resume { epoch, seq });
                if let Some(snapshot) = snapshot {
                    self.replace(*snapshot);
                }
            }
            ServerMsg::Resync { seq, snapshot } => {
                if let Some(r) = &mut self.resume {
                    r.seq = seq;
                }
                self.replace(*snapshot);
            }
            ServerMsg::Update { seq, updates, .. } => {
                let Some(resume) = &mut self.resume else { bail!("an update before the welcome") };
                if seq != resume.seq + 1 {
                    bail!("update {seq} after {}: something was lost", resume.seq);
                }
                resume.seq = seq;
                for update in updates {
                    self.update(update);
                }
            }
            ServerMsg::Done { cmd_id } => self.answer(&cmd_id, Ok(())),
            ServerMsg::Denied { cmd_id, denial, .. } => self.answer(&cmd_id, Err(denial)),
            ServerMsg::Results { query_id, found, .. } => {
                if let Some(reply) = self.searches.remove(&query_id) {
                    // Who asked may have gone.
                    let _ = reply.send(found.hits);
                }
            }
            ServerMsg::Partial { from, text, .. } => {
                if !text.is_empty() && self.now.partials.iter().all(|(f, _, _)| *f != from) {
                    let now = self.hearing_now();
                    self.now.partials.push((from, now, text));
                }
            }
            ServerMsg::Heard { text, outcome } => self.now.heard.push((text, outcome)),
            ServerMsg::Status(status) => self.now.status = status,
            ServerMsg::Malformed { sentence } => tracing::warn!(sentence, "the hub did not understand"),
            ServerMsg::PartialGone { .. }
            | ServerMsg::Ephemeral { .. }
            | ServerMsg::Levels { .. }
            | ServerMsg::DossierChanged { .. }
            | ServerMsg::Pong { .. }
            | ServerMsg::Bye { .. } => {}
        }
        Ok(())
    }

    /// As a screen does: fetches the image of the shared page, then says that it is shown.
    async fn confirm(&mut self) -> anyhow::Result<Vec<ClientMsg>> {
        let view = self.now.snapshot.as_ref().and_then(|s| s.screens.view.clone());
        let Some(view) = view.filter(|v| self.screen && v.number != self.confirmed) else {
            return Ok(Vec::new());
        };
        self.confirmed = view.number;
        for (page, _) in view.draft.pages() {
            let path = format!("{}api/pages/{}/{}/image?dpi=120", self.base, page.doc, page.page);
            let image = self.door.send("GET", &path, Some(&self.cookie), None).await?;
            if image.status != 200 {
                return Ok(Vec::new());
            }
        }
        Ok(vec![ClientMsg::Confirm { view: view.number }])
    }

    fn replace(&mut self, snapshot: Snapshot) {
        let now = self.hearing_now();
        for line in &snapshot.lines {
            self.now.lines.entry(line.id).or_insert_with(|| (now, line.clone())).1 = line.clone();
        }
        self.now.snapshot = Some(snapshot);
    }

    fn update(&mut self, update: Update) {
        if let Update::Line(line) = &update {
            let now = self.hearing_now();
            self.now.lines.entry(line.id).or_insert_with(|| (now, line.clone())).1 = line.clone();
        }
        if let Some(snapshot) = &mut self.now.snapshot {
            snapshot.apply(update);
        }
    }

    fn answer(&mut self, cmd_id: &CmdId, answer: Result<(), Denial>) {
        if let Some(Unanswered { reply, .. }) = self.commands.remove(cmd_id) {
            // Who asked may have gone.
            let _ = reply.send(answer);
        }
    }
}
