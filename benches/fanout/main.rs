//! `fanout`: from an act to its arrival on every screen, over real WebSockets; durable acts are journalled first.
//!
//! The server runs in a process of its own on one core, the load generator on the other. In the same run, interleaved:
//! the floor (a loop that writes the same bytes to as many sockets) and the peers (npm `ws` and uWebSockets, pre-serialised broadcast).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench ends where something is not as it must be"
)]

mod desk;
#[path = "../support/no_pages.rs"]
mod no_pages;
mod server;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use desk::{PATIENCE, Trigger};
use futures_util::StreamExt;
use protocol::wire::Resume;
use server::{ROLE, Server};
use support::{Figure, median, ms, percentile, quick, rounds, say, skipped};
use tokio::sync::mpsc;

/// Events of one round.
fn events(screens: usize) -> usize {
    match screens {
        _ if quick() => 20,
        5000.. => 40,
        _ => 100,
    }
}

fn main() {
    let role = std::env::var(ROLE).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match role.as_str() {
        "hub" => runtime.block_on(server::serve_hub()),
        "floor" => runtime.block_on(server::serve_floor()),
        _ => runtime.block_on(measure()),
    }
}

/// `ONLY=stalling` measures that part alone.
async fn measure() {
    let only = std::env::var("ONLY").unwrap_or_default();
    let wanted = |part: &str| only.is_empty() || only == part;
    for screens in if quick() { vec![100] } else { vec![100, 1000, 5000] } {
        if wanted("latency") {
            latency(screens).await;
        }
    }
    if wanted("throughput") {
        throughput(if quick() { 50 } else { 200 }).await;
    }
    if wanted("stalling") {
        stalling(if quick() { 50 } else { 500 }).await;
    }
    if wanted("ink") {
        ink(if quick() { 100 } else { 1000 }).await;
    }
    if wanted("resume") {
        drop_and_resume().await;
        kill_and_resume(if quick() { 100 } else { 1000 }).await;
    }
}

/// What one round found for one target, in milliseconds.
struct Round {
    p50: f64,
    p99: f64,
    /// Median over the events of the time to the last screen.
    last: f64,
}

impl Round {
    fn of(all: &[f64], lasts: &[f64]) -> Self {
        Self { p50: percentile(all, 0.5), p99: percentile(all, 0.99), last: median(lasts) }
    }
}

/// A figure of a round.
type Pick = fn(&Round) -> f64;

/// Goals of a number of screens: ephemeral p50 and p99, durable p50 and p99, and how much of the floor the last screen may take.
fn goals(screens: usize) -> Option<[f64; 5]> {
    match screens {
        100 => Some([1.0, 3.0, 2.0, 8.0, 1.5]),
        1000 => Some([5.0, 14.0, 7.0, 20.0, 1.3]),
        _ => None,
    }
}

async fn latency(screens: usize) {
    let mut found: BTreeMap<&str, Vec<Round>> = BTreeMap::new();
    let (mut principals, mut idle) = (Vec::new(), Vec::new());
    for round in 0..rounds() {
        say(&format!("fanout: {screens} screens, round {}", round + 1));
        for target in ["hub", "floor", "ws", "uws"] {
            let Some(server) = Server::start(target) else { continue };
            let before = server.resident_kib();
            let mut crowd = Crowd::connect(&server, target, screens).await;
            if target == "hub" {
                idle.push((server.resident_kib() - before) / screens as f64);
                let (ephemeral, _) = crowd.events(&server, "speech", events(screens)).await;
                found.entry("ephemeral").or_default().push(ephemeral);
            }
            let (round, of_principals) = crowd.events(&server, target, events(screens)).await;
            found.entry(target).or_default().push(round);
            if target == "hub" {
                principals.push(of_principals);
            }
        }
    }
    let of = |target: &str, pick: Pick| -> Vec<f64> {
        found.get(target).map(|rounds| rounds.iter().map(pick).collect()).unwrap_or_default()
    };
    let goals = goals(screens);
    for (kind, target, first) in [("ephemeral", "ephemeral", 0), ("durable", "hub", 2)] {
        let picks: [(&str, Pick); 3] = [("p50", |r| r.p50), ("p99", |r| r.p99), ("last", |r| r.last)];
        for (n, (name, pick)) in picks.into_iter().enumerate() {
            let floor = of("floor", pick);
            let mut figure =
                Figure::new(format!("fanout_{screens}_{kind}_{name}"), "ms", of(target, pick)).floor(&floor);
            for peer in ["ws", "uws"] {
                let values = of(peer, pick);
                if !values.is_empty() {
                    figure = figure.peer(peer, &values);
                }
            }
            match (goals, n) {
                (Some(goals), 0 | 1) => figure = figure.at_most(goals[first + n]),
                // Without the disk it is the fan-out alone that is held against the floor.
                (Some(goals), _) if kind == "ephemeral" => figure = figure.at_most(goals[4] * median(&floor)),
                _ => {}
            }
            figure.print();
        }
    }
    if screens == 5000 {
        Figure::new("fanout_5000_principals_p99", "ms", principals).at_most(8.0).print();
    }
    if screens == 1000 {
        Figure::new("fanout_idle_kib_per_connection", "KiB", idle).at_most(10.0).print();
    }
    if of("uws", |r| r.p50).is_empty() {
        skipped(&format!("fanout_{screens}_uws"), "PyPI socketify could not be installed");
    }
}

/// Latencies in milliseconds: to every screen, to the last of each event, and to the principals.
#[derive(Default)]
struct Heard {
    all: Vec<f64>,
    lasts: Vec<f64>,
    principals: Vec<f64>,
}

/// Screens that note every event; a few of the hub's are the clerk's.
struct Crowd {
    tasks: Vec<tokio::task::JoinHandle<()>>,
    screens: usize,
    arrivals: mpsc::UnboundedReceiver<Instant>,
    of_principals: mpsc::UnboundedReceiver<Instant>,
    principals: usize,
    _principals_stay: tokio::sync::oneshot::Sender<()>,
}

impl Crowd {
    async fn connect(server: &Server, target: &str, screens: usize) -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let (to_principals, of_principals) = mpsc::unbounded_channel();
        let principals = if target == "hub" { 10 } else { 0 };
        let mut tasks = Vec::new();
        for _ in 0..screens {
            tasks.push(desk::screen(server.address, target, "plaintiff", arrived.clone()).await);
        }
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (seated, all_seated) = tokio::sync::oneshot::channel();
        let (address, target) = (server.address, target.to_owned());
        // Of their own, as their screens would be: they do not wait until the generator has read those of the crowd.
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                for _ in 0..principals {
                    desk::screen(address, &target, "clerk", to_principals.clone()).await;
                }
                let _ = seated.send(());
                let _ = stopped.await;
            });
        });
        all_seated.await.expect("the principals have their seats");
        Self { tasks, screens, arrivals, of_principals, principals, _principals_stay: stop }
    }

    /// Fires events one by one and waits until each is everywhere. Gives the round, and the principals' 99th percentile.
    async fn events(&mut self, server: &Server, by: &str, count: usize) -> (Round, f64) {
        let mut trigger = Trigger::connect(server.address, by).await;
        let Heard { all, lasts, principals } = self.heard(&mut trigger, count).await;
        (Round::of(&all, &lasts), percentile(&principals, 0.99))
    }

    async fn heard(&mut self, trigger: &mut Trigger, count: usize) -> Heard {
        let mut heard = Heard::default();
        for _ in 0..count {
            let sent = Instant::now();
            trigger.fire().await;
            let mut last = 0.0f64;
            for _ in 0..self.screens {
                let latency = ms(next(&mut self.arrivals).await.saturating_duration_since(sent));
                heard.all.push(latency);
                last = last.max(latency);
            }
            for _ in 0..self.principals {
                let arrived = next(&mut self.of_principals).await;
                heard.principals.push(ms(arrived.saturating_duration_since(sent)));
            }
            heard.lasts.push(last);
        }
        heard
    }

    /// Waits until so many events are everywhere.
    async fn hears(&mut self, events: usize) {
        for _ in 0..self.screens * events {
            next(&mut self.arrivals).await;
        }
        for _ in 0..self.principals * events {
            next(&mut self.of_principals).await;
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn next(arrivals: &mut mpsc::UnboundedReceiver<Instant>) -> Instant {
    let arrived = tokio::time::timeout(PATIENCE, arrivals.recv()).await;
    arrived.expect("every screen gets every event").expect("the screens live")
}

/// Deliveries by the seconds that the hub's core worked: one message at a time, and eight at once.
async fn throughput(screens: usize) {
    let (mut single, mut coalesced) = (Vec::new(), Vec::new());
    for round in 0..rounds() {
        say(&format!("fanout: throughput, round {}", round + 1));
        let server = Server::start("hub").expect("the hub starts");
        let mut crowd = Crowd::connect(&server, "hub", screens).await;
        let mut trigger = Trigger::connect(server.address, "speech").await;
        for (per_burst, rates) in [(1u8, &mut single), (8, &mut coalesced)] {
            let bursts = if quick() { 100 } else { 4000 / usize::from(per_burst).min(4) };
            let each = usize::from(per_burst) * (crowd.screens + crowd.principals);
            let before = server.cpu_s();
            for _ in 0..bursts {
                trigger.burst(per_burst).await;
                crowd.hears(per_burst.into()).await;
            }
            rates.push((each * bursts) as f64 / (server.cpu_s() - before));
        }
    }
    Figure::new("fanout_deliveries_per_s_core", "1/s", single)
        .at_least(110_000.0)
        .note("one message at a time to 210 screens, by the CPU seconds of the hub")
        .print();
    Figure::new("fanout_coalesced_messages_per_s", "1/s", coalesced)
        .at_least(600_000.0)
        .note("eight messages at a time, by the CPU seconds of the hub")
        .print();
}

/// The same crowd with and without screens that read nothing, in turns: what the machine does besides falls on both.
async fn stalling(screens: usize) {
    let (mut growth, mut memory) = (Vec::new(), Vec::new());
    for round in 0..rounds() {
        say(&format!("fanout: stalled screens, round {}", round + 1));
        let stuck = screens / 10;
        // Which of them is the older one makes a difference: both orders count alike.
        let (mut ratio, mut kib) = (1.0, 1.0);
        for [older, younger] in [[0, stuck], [stuck, 0]] {
            let (mut older, mut younger) =
                (Beset::by(older, screens).await, Beset::by(younger, screens).await);
            for _ in 0..events(screens) / 10 {
                older.hears(20).await;
                younger.hears(20).await;
            }
            let (free, beset) = if older.stalled.is_empty() { (older, younger) } else { (younger, older) };
            ratio *= percentile(&beset.all, 0.99) / percentile(&free.all, 0.99);
            kib *= beset.server.resident_kib() / free.server.resident_kib();
        }
        growth.push(f64::sqrt(ratio) - 1.0);
        memory.push(f64::sqrt(kib) - 1.0);
    }
    Figure::new("fanout_stalled_p99_growth", "", growth)
        .at_most(0.1)
        .note("a tenth of 500 screens reads nothing, against the same without them, in turns of 20 events")
        .print();
    Figure::new("fanout_stalled_memory_growth", "", memory).at_most(0.05).print();
}

/// A hub, its crowd, and screens that read nothing.
struct Beset {
    server: Server,
    crowd: Crowd,
    judge: Trigger,
    all: Vec<f64>,
    stalled: Vec<desk::Socket>,
}

impl Beset {
    /// So many stalled screens, for whom the kernel takes no more and whose queues are over their bounds.
    async fn by(stuck: usize, screens: usize) -> Self {
        let server = Server::start("hub").expect("the hub starts");
        let mut crowd = Crowd::connect(&server, "hub", screens).await;
        let mut stalled = Vec::new();
        for _ in 0..stuck {
            stalled.push(desk::stalled(server.address, "plaintiff").await);
        }
        let mut judge = Trigger::connect(server.address, "hub").await;
        let many = if quick() { 300 } else { 1500 };
        for _ in 0..many / 10 {
            for _ in 0..10 {
                judge.fire().await;
            }
            crowd.hears(10).await;
            judge.drain().await;
        }
        let judge = Trigger::connect(server.address, "hub").await;
        Self { server, crowd, judge, all: Vec::new(), stalled }
    }

    async fn hears(&mut self, events: usize) {
        let heard = self.crowd.heard(&mut self.judge, events).await;
        self.all.extend(heard.all);
    }
}

/// Twenty pens at 60 Hz onto so many screens.
async fn ink(screens: usize) {
    const PENS: usize = 20;
    const WATCHED: usize = 20;
    let mut p99 = Vec::new();
    for round in 0..rounds() {
        say(&format!("fanout: ink, round {}", round + 1));
        let server = Server::start("hub").expect("the hub starts");
        let (arrived, mut arrivals) = mpsc::unbounded_channel();
        let mut tasks = Vec::new();
        for n in 0..screens {
            let mut socket = desk::seated(server.address, "public").await;
            let arrived = (n < WATCHED).then(|| arrived.clone());
            tasks.push(tokio::spawn(async move {
                while let Some(Ok(message)) = socket.next().await {
                    if let (Some(arrived), Some(point)) = (&arrived, desk::pointed(&message)) {
                        let _ = arrived.send((point, Instant::now()));
                    }
                }
            }));
        }
        let mut judge = Trigger::connect(server.address, "hub").await;
        judge.fire().await;
        judge.drain().await;
        let mut pens = Vec::new();
        for _ in 0..PENS {
            pens.push(desk::seated(server.address, "judge").await);
        }
        let mut sent: HashMap<(usize, usize), Instant> = HashMap::new();
        let mut tick = tokio::time::interval(Duration::from_micros(16_667));
        for n in 0..if quick() { 60 } else { 300 } {
            tick.tick().await;
            for (pen, socket) in pens.iter_mut().enumerate() {
                sent.insert((pen, n), Instant::now());
                desk::point(socket, pen, n).await;
            }
        }
        let mut latencies = Vec::new();
        while let Ok(Some((point, at))) =
            tokio::time::timeout(Duration::from_millis(500), arrivals.recv()).await
        {
            latencies.push(ms(at.saturating_duration_since(sent[&point])));
        }
        assert!(latencies.len() > WATCHED * PENS * 20, "{} points came", latencies.len());
        p99.push(percentile(&latencies, 0.99));
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
    Figure::new("fanout_ink_p99", "ms", p99)
        .at_most(60.0)
        .note("20 pens at 60 Hz, the tick of 33 ms included; of every pen the last point of a tick is sent")
        .print();
}

/// One screen is away for two seconds of acts, and comes back.
async fn drop_and_resume() {
    let mut times = Vec::new();
    for round in 0..rounds() {
        say(&format!("fanout: a line that drops, round {}", round + 1));
        let server = Server::start("hub").expect("the hub starts");
        let mut judge = Trigger::connect(server.address, "hub").await;
        let mut socket = desk::seated(server.address, "clerk").await;
        judge.fire().await;
        let (seq, epoch) = loop {
            let message = socket.next().await.expect("open").expect("whole");
            let msg: serde_json::Value =
                serde_json::from_str(message.to_text().expect("text")).expect("JSON");
            if msg["type"] == "update" {
                let again = desk::seated_again(server.address, "clerk").await;
                break (msg["seq"].as_u64().expect("a number"), again.epoch);
            }
        };
        drop(socket);
        let missed = if quick() { 20 } else { 100 };
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        for _ in 0..missed {
            tick.tick().await;
            judge.fire().await;
        }
        judge.drain().await;
        let began = Instant::now();
        let resumed = desk::resumed(server.address, "clerk", Resume { epoch, seq }, missed as u64).await;
        assert!(resumed, "what was missed comes one by one, without a snapshot");
        times.push(ms(began.elapsed()));
    }
    Figure::new("resume_after_drop_ms", "ms", times)
        .at_most(20.0)
        .note("from the connection to the last of 100 missed updates, over loopback")
        .print();
}

/// The hub is killed under its screens and started again.
async fn kill_and_resume(screens: usize) {
    let mut times = Vec::new();
    for round in 0..rounds() {
        say(&format!("fanout: the hub is killed, round {}", round + 1));
        let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
        let server = Server::hub(folder.path(), 0);
        let address: SocketAddr = server.address;
        let (welcomed, mut welcomes) = mpsc::unbounded_channel();
        let mut tasks = Vec::new();
        for _ in 0..screens {
            let (socket, at) = desk::newcomer(address, "public").await;
            tasks.push(desk::faithful(address, socket, at, welcomed.clone()));
        }
        let mut judge = Trigger::connect(address, "hub").await;
        for _ in 0..20 {
            judge.fire().await;
        }
        judge.drain().await;
        server.kill();
        let again = Server::hub(folder.path(), address.port());
        let listens = Instant::now();
        let mut last = listens;
        for _ in 0..screens {
            last = last.max(next(&mut welcomes).await);
        }
        times.push((last - listens).as_secs_f64());
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        drop(again);
    }
    Figure::new("resume_after_kill_s", "s", times)
        .at_most(2.0)
        .note(
            "from the new hub's listening to the last of 1,000 screens' welcome; they wait as R-BACK-1 says",
        )
        .print();
}
