//! Court, hub and screens over lines that lose, delay and repeat: whatever happens between them, all screens of a class show the same in the
//! end, what was acknowledged happened once, and nothing reaches a screen that may not have it.
//!
//! Every seed is one hearing: the same acts at the same points, with the real hub and its real journal (whose thread keeps its own time).
//! `HUITING_SEEDS=100000` for the long run; a seed that fails is named, and `HUITING_SEED=n` runs it alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

mod support;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use court::{Command, CurtainGround, Ground, RequestKind, Shape, Step, ViewDraft};
use hub::{Handle, Msg, Outbox, OutboxItem};
use media::clock::HearingClock;
use model::{CmdId, DocId, HearingTime, PageRef, Point, Role, Rotation, SeatId, ViewClass};
use protocol::link::recorder::ClockOrigin;
use protocol::view::Snapshot;
use protocol::wire::{ClientMsg, Resume, ServerMsg};
use support::{id, seat};

/// In every line: neither gallery nor witness ever gets one.
const LINE: &str = "金丝雀";
/// In everything that is written or shown behind the curtain.
const BEHIND: &str = "behind";

const SEATS: [(&str, Role); 7] = [
    ("judge", Role::PresidingJudge),
    ("side", Role::Judge),
    ("clerk", Role::Clerk),
    ("plaintiff", Role::PlaintiffAgent),
    ("defendant", Role::Defendant),
    ("witness", Role::Witness),
    ("public", Role::Public),
];

/// A generator of our own: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.roll() % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

fn start(dir: &Path, origin: &ClockOrigin, opens: bool) -> Handle {
    support::start(dir, origin, opens.then(|| SEATS.map(|(name, role)| seat(name, role)).to_vec()))
}

/// A connection: what the hub has written and the screen has not read is lost with it; what the screen has sent may arrive late.
struct Line {
    conn: u64,
    outbox: Arc<Outbox>,
    under_way: VecDeque<ClientMsg>,
}

/// A screen, which knows what it shows, where it stopped, and what it has not been answered.
struct Screen {
    seat: SeatId,
    line: Option<Line>,
    shown: Option<Snapshot>,
    at: Option<Resume>,
    class: Option<ViewClass>,
    /// With whether the curtain was down on it.
    waiting: BTreeMap<String, (Command, bool)>,
    /// Every byte it was sent, with the classes it had then.
    wire: Vec<(ViewClass, String)>,
}

impl Screen {
    fn is_inside(&self) -> bool {
        self.shown.as_ref().is_some_and(|s| s.course.curtain.is_some())
    }
}

struct Room<'a> {
    dir: &'a Path,
    origin: ClockOrigin,
    handle: Handle,
    screens: Vec<Screen>,
    /// Lines that were cut and still deliver what was under way.
    ghosts: Vec<Line>,
    dice: Dice,
    acts: u32,
    /// The text of each line that somebody asked for, by the id of the command; and whether it was acknowledged.
    lines: BTreeMap<String, (String, bool)>,
}

impl Room<'_> {
    async fn connect(&mut self, n: usize) {
        let screen = &self.screens[n];
        let outbox = Arc::new(Outbox::default());
        let joined = self.handle.join(screen.seat.clone(), screen.at, Arc::clone(&outbox)).await;
        let joined = joined.expect("the seat is there");
        let line = Line { conn: joined.conn, outbox, under_way: VecDeque::new() };
        let screen = &mut self.screens[n];
        screen.line = Some(line);
        // What was never answered is sent again, with the same ids.
        for (cmd, (command, inside)) in screen.waiting.clone() {
            let cmd_id = CmdId::new(cmd).expect("well formed");
            let msg = ClientMsg::Command { cmd_id, command, inside };
            screen.line.as_mut().expect("just made").under_way.push_back(msg);
        }
    }

    /// The line breaks. The hub may learn of it late, or only when the next one is there.
    async fn cut(&mut self, n: usize) {
        let Some(mut line) = self.screens[n].line.take() else { return };
        if self.dice.one_in(2) {
            line.under_way.clear();
        }
        if self.dice.one_in(2) {
            self.handle.send(Msg::Leave { conn: line.conn }).await.expect("runs");
        } else {
            self.ghosts.push(line);
        }
    }

    /// Delivers what is under way, some of it twice.
    async fn deliver(handle: &Handle, line: &mut Line, dice: &mut Dice, most: usize) {
        for _ in 0..most {
            let Some(msg) = line.under_way.pop_front() else { return };
            if dice.one_in(8) {
                handle.send(Msg::Client { conn: line.conn, msg: msg.clone() }).await.expect("runs");
            }
            handle.send(Msg::Client { conn: line.conn, msg }).await.expect("runs");
        }
    }

    /// Reads up to `most` messages; whether there was one.
    async fn read(&mut self, n: usize, most: usize) -> bool {
        let Some(line) = &self.screens[n].line else { return false };
        let (items, conn) = (line.outbox.take(most), line.conn);
        let some = !items.is_empty();
        for item in items {
            match item {
                OutboxItem::Message(frame) => self.take(n, frame.payload()),
                OutboxItem::Resync => self.handle.send(Msg::Resync { conn }).await.expect("runs"),
                OutboxItem::Closed => self.screens[n].line = None,
            }
        }
        some
    }

    fn take(&mut self, n: usize, bytes: &[u8]) {
        let screen = &mut self.screens[n];
        let text = String::from_utf8_lossy(bytes).into_owned();
        let msg: ServerMsg = serde_json::from_slice(bytes).expect("a message");
        if let ServerMsg::Welcome { class, .. } = &msg {
            screen.class = Some(*class);
        }
        screen.wire.push((screen.class.expect("a welcome comes first"), text));
        match msg {
            ServerMsg::Welcome { epoch, seq, snapshot, .. } => {
                screen.at = Some(Resume { epoch, seq });
                if let Some(snapshot) = snapshot {
                    screen.shown = Some(*snapshot);
                }
            }
            ServerMsg::Resync { seq, snapshot } => {
                screen.at = screen.at.map(|r| Resume { seq, ..r });
                screen.shown = Some(*snapshot);
            }
            ServerMsg::Update { seq, updates, .. } => {
                let at = screen.at.as_mut().expect("a welcome comes first");
                assert_eq!(seq, at.seq + 1, "the sequence of a class is dense at {}", screen.seat);
                at.seq = seq;
                let shown = screen.shown.as_mut().expect("a snapshot comes first");
                updates.into_iter().for_each(|u| shown.apply(u));
            }
            ServerMsg::Done { cmd_id } => {
                screen.waiting.remove(cmd_id.as_str());
                if let Some((_, acknowledged)) = self.lines.get_mut(cmd_id.as_str()) {
                    *acknowledged = true;
                }
            }
            ServerMsg::Denied { cmd_id, .. } => {
                screen.waiting.remove(cmd_id.as_str());
            }
            _ => {}
        }
    }

    fn act(&mut self, n: usize) {
        self.acts += 1;
        let cmd = format!("c{}", self.acts);
        let inside = self.screens[n].is_inside();
        let command = self.command(&cmd, n);
        let screen = &mut self.screens[n];
        screen.waiting.insert(cmd.clone(), (command.clone(), inside));
        let cmd_id = CmdId::new(cmd).expect("well formed");
        if let Some(line) = &mut screen.line {
            line.under_way.push_back(ClientMsg::Command { cmd_id, command, inside });
        }
    }

    /// Something this seat would do, or try to.
    fn command(&mut self, cmd: &str, n: usize) -> Command {
        // Whoever has not been told of the curtain yet means everybody.
        let tag = if self.screens[n].is_inside() { BEHIND } else { "open" };
        let doc = format!("{tag}-{}", self.dice.below(3));
        let page = PageRef { doc: DocId::new(doc).expect("well formed"), page: 1 };
        match SEATS[n % SEATS.len()].1 {
            Role::PresidingJudge => match self.dice.below(12) {
                0 => Command::OpenSession,
                1 => Command::CallRecess { ground: Ground::Recess, note: String::new() },
                2 => Command::Resume,
                3 => Command::LowerCurtain { ground: CurtainGround::TradeSecret },
                4 => Command::LiftCurtain,
                5 => Command::Lock,
                6 => Command::Unlock,
                7 => Command::SetPresenter { presenter: self.dice.one_in(2).then(|| id("plaintiff")) },
                8 => Command::TakeStep { step: Step::WitnessCalled { witness: id("witness") } },
                9 => Command::TakeStep { step: Step::WitnessExcused { witness: id("witness") } },
                10 => Command::Hide,
                _ => show(page),
            },
            Role::Clerk => match self.dice.below(6) {
                // Who sits there may read more from now on, or nothing any more.
                0 => {
                    let role = [Role::Defendant, Role::Public, Role::Witness][self.dice.below(3)];
                    Command::SetSeat { seat: seat("defendant", role) }
                }
                1 => mark(page, tag),
                _ => {
                    let text = format!("{LINE}{tag}{cmd}");
                    self.lines.insert(cmd.to_owned(), (text.clone(), false));
                    Command::InsertLine { seat: id("clerk"), from: HearingTime(0), text }
                }
            },
            Role::PlaintiffAgent => match self.dice.below(3) {
                0 => Command::Ask { want: RequestKind::Present { page: None } },
                1 => mark(page, tag),
                _ => show(page),
            },
            _ => Command::Ask { want: RequestKind::Speak },
        }
    }

    async fn step(&mut self) {
        let n = self.dice.below(self.screens.len());
        match self.dice.below(16) {
            0 => self.cut(n).await,
            1 if self.dice.one_in(4) => {
                self.handle.send(Msg::Evict { seat: self.screens[n].seat.clone() }).await.expect("runs");
            }
            2 if self.dice.one_in(10) => self.restart().await,
            3..=5 => {
                let most = 1 + self.dice.below(6);
                self.read(n, most).await;
            }
            6 => {
                // What the dead send arrives after the living have gone on.
                if !self.ghosts.is_empty() {
                    let g = self.dice.below(self.ghosts.len());
                    let mut ghost = self.ghosts.swap_remove(g);
                    Self::deliver(&self.handle, &mut ghost, &mut self.dice, 10).await;
                    self.handle.send(Msg::Leave { conn: ghost.conn }).await.expect("runs");
                }
            }
            _ if self.screens[n].line.is_none() => self.connect(n).await,
            7..=11 => {
                self.act(n);
                if let Some(line) = &mut self.screens[n].line {
                    Self::deliver(&self.handle, line, &mut self.dice, 4).await;
                }
            }
            _ => {
                if let Some(line) = &mut self.screens[n].line {
                    Self::deliver(&self.handle, line, &mut self.dice, 2).await;
                }
                self.read(n, 40).await;
            }
        }
    }

    /// The hub ends and begins again; every line is cut.
    async fn restart(&mut self) {
        self.handle.stop().await;
        self.handle.ended().await;
        self.ghosts.clear();
        for screen in &mut self.screens {
            screen.line = None;
        }
        self.handle = start(self.dir, &self.origin, false);
    }

    /// All lines are whole again and everything is answered.
    async fn settle(&mut self) {
        for mut ghost in std::mem::take(&mut self.ghosts) {
            Self::deliver(&self.handle, &mut ghost, &mut self.dice, 100).await;
            self.handle.send(Msg::Leave { conn: ghost.conn }).await.expect("runs");
        }
        let answered = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                for n in 0..self.screens.len() {
                    if self.screens[n].line.is_none() {
                        self.connect(n).await;
                    }
                    let line = self.screens[n].line.as_mut().expect("connected");
                    Self::deliver(&self.handle, line, &mut self.dice, 100).await;
                    self.read(n, 1000).await;
                }
                if self.screens.iter().all(|s| s.waiting.is_empty() && s.line.is_some()) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        });
        answered.await.expect("every command is answered");
    }

    /// Every screen shows what a new one of its seat shows, and has been sent nothing that was not for it.
    async fn judge(&mut self) {
        for n in 0..self.screens.len() {
            let outbox = Arc::new(Outbox::default());
            let seat = self.screens[n].seat.clone();
            self.handle.join(seat.clone(), None, Arc::clone(&outbox)).await.expect("the seat is there");
            let OutboxItem::Message(first) = &outbox.next(1).await[0] else { panic!("no welcome") };
            let ServerMsg::Welcome { epoch, seq, snapshot, .. } =
                serde_json::from_slice(first.payload()).expect("JSON")
            else {
                panic!("no welcome")
            };
            let caught_up = tokio::time::timeout(Duration::from_secs(30), async {
                while self.screens[n].at != Some(Resume { epoch, seq }) {
                    if !self.read(n, 1000).await {
                        tokio::task::yield_now().await;
                    }
                }
            });
            caught_up.await.expect("every screen catches up");
            let (shown, fresh) =
                (self.screens[n].shown.as_ref().expect("welcomed"), *snapshot.expect("whole"));
            assert!(
                *shown == fresh,
                "{seat} does not show what a new screen of it shows: {}",
                apart(shown, &fresh)
            );
        }
        let state = self.handle.state().await.expect("runs");
        for (cmd, (text, acknowledged)) in &self.lines {
            let times = state.lines.values().filter(|l| l.text() == text).count();
            assert!(times <= 1, "{cmd} acted {times} times");
            assert!(!acknowledged || times == 1, "{cmd} was acknowledged and is not there");
        }
        for screen in &self.screens {
            for (class, sent) in &screen.wire {
                let reads = !matches!(class, ViewClass::Public | ViewClass::Witness | ViewClass::Waiting);
                assert!(reads || !sent.contains(LINE), "{} ({class:?}) was sent a line: {sent}", screen.seat);
                // What was shown behind the curtain, or marked there, has its tag in the name of the document.
                let gallery = matches!(class, ViewClass::Public | ViewClass::Waiting);
                assert!(!gallery || !sent.contains(BEHIND), "{} ({class:?}): {sent}", screen.seat);
            }
        }
    }
}

/// The fields in which two pictures differ.
fn apart(a: &Snapshot, b: &Snapshot) -> String {
    let json = |s: &Snapshot| serde_json::to_value(s).expect("JSON");
    let (a, b) = (json(a), json(b));
    let fields = a.as_object().into_iter().flatten().filter(|(k, v)| b.get(k) != Some(v));
    fields.map(|(k, v)| format!("\n{k}: {v}\n   not {}", b[k])).collect()
}

fn show(page: PageRef) -> Command {
    let page_hash = "ab".repeat(32);
    let (viewport, highlights) = (None, Vec::new());
    Command::Show {
        view: ViewDraft { page, page_hash, rotation: Rotation::None, viewport, highlights, beside: None },
    }
}

fn mark(page: PageRef, tag: &str) -> Command {
    Command::MakeMark { page, shape: Shape::Note { at: Point { x: 1, y: 1 }, text: tag.to_owned() } }
}

async fn hearing(seed: u64) {
    // In memory where there is such a place: a seed is not to wait for a disk.
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.expect("a folder");
    let origin = HearingClock::start_now();
    let handle = start(dir.path(), &origin, true);
    handle.status().await.expect("runs");
    let screen = |n: usize| Screen {
        seat: id(SEATS[n % SEATS.len()].0),
        line: None,
        shown: None,
        at: None,
        class: None,
        waiting: BTreeMap::new(),
        wire: Vec::new(),
    };
    let mut room = Room {
        dir: dir.path(),
        origin,
        handle,
        // Two of each seat, but for the gallery's second.
        screens: (0..SEATS.len() * 2 - 1).map(screen).collect(),
        ghosts: Vec::new(),
        dice: Dice(seed),
        acts: 0,
        lines: BTreeMap::new(),
    };
    for _ in 0..60 + room.dice.below(120) {
        room.step().await;
    }
    room.settle().await;
    room.judge().await;
    room.handle.stop().await;
}

#[test]
fn whatever_the_lines_do_all_screens_agree_in_the_end_and_nothing_leaks() {
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let seeds = match number("HUITING_SEED") {
        Some(one) => one..one + 1,
        None => 0..number("HUITING_SEEDS").unwrap_or(500),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for seed in seeds {
        let run = std::panic::AssertUnwindSafe(|| runtime.block_on(hearing(seed)));
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("HUITING_SEED={seed} fails");
            std::panic::resume_unwind(panic);
        }
    }
}
