//! Desks over bad lines: one 300 ms away in either direction, one whose packets get lost. In a network of their own, where the kernel lets
//! us make one; where it does not, the test says so.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command as Program;
use std::time::{Duration, Instant};

use court::{Command, Shape, ViewDraft};
use model::{PageRef, Point, Rotation, SeatId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::support::{Courtroom, Desk, Door, PATIENCE, shows};

const NAME: &str = "network::five_desks_over_slow_and_lossy_lines_stay_on_one_page_and_lose_no_mark";
/// Set for the test within its own network.
const WITHIN: &str = "HUITING_WITHIN_A_NETWORK";
const SLOW: [u8; 4] = [127, 0, 0, 4];
const LOSSY: [u8; 4] = [127, 0, 0, 5];
const DELAY: Duration = Duration::from_millis(300);
/// All desks are on the page by then.
const TOGETHER: Duration = Duration::from_secs(3);

/// Loses so many of a hundred packets to and from [`LOSSY`].
fn lose(percent: u32) -> bool {
    let rule = |side: &str| format!("ip {side} 127.0.0.5 numgen random mod 100 < {percent} counter drop\n");
    let chain = format!("type filter hook input priority 0\n{}{}", rule("daddr"), rule("saddr"));
    // Made if it is not there, so that it can be taken away and made anew at once.
    let rules = format!(
        "table inet lossy\ndelete table inet lossy\ntable inet lossy {{\nchain in {{\n{chain}}}\n}}\n"
    );
    let file = std::env::temp_dir().join(format!("huiting-lossy-{}.nft", std::process::id()));
    std::fs::write(&file, rules).expect("writable");
    let done = Program::new("nft").arg("-f").arg(&file).status().is_ok_and(|s| s.success());
    let _ = std::fs::remove_file(&file);
    done
}

/// Packets lost since the rules were set.
fn lost() -> u64 {
    let out = Program::new("nft").args(["list", "table", "inet", "lossy"]).output().expect("nft runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let counts = text.split("counter packets ").skip(1);
    counts.filter_map(|t| t.split(' ').next()?.parse::<u64>().ok()).sum()
}

#[test]
fn five_desks_over_slow_and_lossy_lines_stay_on_one_page_and_lose_no_mark() {
    if std::env::var_os(WITHIN).is_some() {
        let up = Program::new("ip").args(["link", "set", "lo", "up"]).status();
        assert!(up.is_ok_and(|s| s.success()), "the loopback device");
        assert!(lose(0), "nft takes the rules");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        return runtime.block_on(hearing());
    }
    let probe = "ip link set lo up && nft add table inet t && nft add chain inet t i '{ type filter hook input priority 0; }' \
                 && nft add rule inet t i numgen random mod 100 '<' 1 drop";
    let probed = Program::new("unshare").args(["-rn", "sh", "-c", probe]).output();
    if !probed.as_ref().is_ok_and(|out| out.status.success()) {
        let why = probed.map(|out| String::from_utf8_lossy(&out.stderr).trim().to_owned());
        eprintln!("skipped: no network of its own with lost packets can be made here ({why:?})");
        return;
    }
    let this = std::env::current_exe().expect("this test");
    let mut run = Program::new("unshare");
    run.arg("-rn").arg(this).args(["--exact", NAME, "--nocapture"]).env(WITHIN, "1");
    assert!(run.status().expect("unshare runs").success(), "see above");
}

/// A line of its own to the hub: what goes in comes out `delay` later, in order.
async fn line(at: [u8; 4], hub: SocketAddr, delay: Duration) -> SocketAddr {
    let listener = TcpListener::bind(SocketAddr::from((at, 0))).await.expect("an address");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(hub).await else { continue };
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::spawn(carry(near_in, far_out, delay));
            tokio::spawn(carry(far_in, near_out, delay));
        }
    });
    address
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    delay: Duration,
) {
    let (tx, mut rx) = mpsc::channel::<(tokio::time::Instant, Vec<u8>)>(1024);
    let write = async move {
        while let Some((due, bytes)) = rx.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    let read = async move {
        let mut buffer = vec![0; 16 << 10];
        while let Ok(n @ 1..) = from.read(&mut buffer).await {
            if tx.send((tokio::time::Instant::now() + delay, buffer[..n].to_vec())).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(read, write);
}

/// The desks, each over its own line.
struct Desks(BTreeMap<&'static str, Desk>);

impl Desks {
    /// Shows a page and waits until every desk has it; gives how long each took.
    async fn turn_to(&self, page: &PageRef, rotation: Rotation) -> BTreeMap<&'static str, Duration> {
        let judge = &self.0["judge"];
        let view = ViewDraft {
            page: page.clone(),
            page_hash: judge.page(page).await.expect("the dossier has the page").image_hash,
            rotation,
            viewport: None,
            highlights: Vec::new(),
            beside: None,
        };
        judge.must(Command::Show { view }).await.expect("the judge shows a page");
        let shown = Instant::now();
        let number = shows(judge, |s| Some(s.snapshot.as_ref()?.screens.view.as_ref()?.number)).await;
        let there = self.0.iter().map(async |(name, desk)| {
            let ready =
                |s: &desk::Seen| (s.snapshot.as_ref()?.screens.view.as_ref()?.number >= number).then_some(());
            shows(desk, ready).await;
            (*name, shown.elapsed())
        });
        futures_util::future::join_all(there).await.into_iter().collect()
    }

    /// How long it took until each confirmed the page, as the judge sees it.
    async fn lag_at_the_judge(&self) -> BTreeMap<String, u64> {
        shows(&self.0["judge"], |s| {
            let screens = &s.snapshot.as_ref()?.screens;
            let at = screens.view.as_ref()?.at;
            (screens.confirmed.len() >= self.0.len()).then(|| {
                screens.confirmed.iter().map(|(seat, when)| (seat.to_string(), when.since(at))).collect()
            })
        })
        .await
    }

    async fn all_marked(&self, marks: usize) {
        for desk in self.0.values() {
            shows(desk, |s| (s.snapshot.as_ref()?.marks.len() == marks).then_some(())).await;
        }
    }
}

async fn hearing() {
    let room = Courtroom::with_a_thin_dossier();
    let (slow, lossy) =
        (line(SLOW, room.address(), DELAY).await, line(LOSSY, room.address(), Duration::ZERO).await);
    let mut desks = BTreeMap::new();
    for seat in ["judge", "clerk", "plaintiff", "defendant", "public"] {
        let way = match seat {
            "clerk" => slow,
            "plaintiff" => lossy,
            _ => room.address(),
        };
        let link = room.link(seat).replace(&room.address().to_string(), &way.to_string());
        let joined = tokio::time::timeout(PATIENCE, Desk::join(&Door::plain(way), &link)).await;
        desks.insert(seat, joined.expect("in time").expect("the desk joins"));
    }
    let desks = Desks(desks);
    let judge = &desks.0["judge"];
    shows(judge, |s| (s.status.sound_ok && s.status.picture_ok).then_some(())).await;
    judge.must(Command::OpenSession).await.expect("the session opens");
    let document = judge.catalogue().await.expect("a catalogue").docs.into_iter().next().expect("a document");
    let pages = u32::try_from(document.pages.len()).expect("few");
    let page = |n: u32| PageRef { doc: document.doc.clone(), page: n % pages + 1 };
    let plaintiff = SeatId::new("plaintiff").expect("well formed");
    judge
        .must(Command::SetPresenter { presenter: Some(plaintiff) })
        .await
        .expect("the plaintiff may present");

    let mut marks = 0;
    for (percent, rounds) in [(2, 15), (20, 6)] {
        assert!(lose(percent), "nft takes the rules");
        let mut worst = BTreeMap::new();
        for n in 0..rounds {
            let rotation = if n % 2 == 0 { Rotation::Quarter } else { Rotation::None };
            for (desk, took) in desks.turn_to(&page(n), rotation).await {
                let worst = worst.entry(desk).or_insert(took);
                *worst = took.max(*worst);
            }
            // The lossy desk marks; what it is told was done stands on every screen.
            let shape = Shape::Note { at: Point { x: 1000, y: 1000 }, text: format!("{percent}/{n}") };
            let mark = Command::MakeMark { page: page(n), shape };
            desks.0["plaintiff"].must(mark).await.expect("the mark is taken");
            marks += 1;
            desks.all_marked(marks).await;
        }
        eprintln!(
            "{percent} % of packets lost, {} of them so far: the last desk was there after {worst:?}",
            lost()
        );
        assert!(lost() > 0, "no packet was lost: the rules do not hold");
        if percent == 2 {
            let late = worst.values().max().expect("five desks");
            assert!(*late < TOGETHER, "not on one page within {TOGETHER:?}: {worst:?}");
            let lag = desks.lag_at_the_judge().await;
            eprintln!("the judge sees who had the page when, in ms: {lag:?}");
            let least = 2 * u64::try_from(DELAY.as_millis()).expect("small");
            assert!(lag["clerk"] >= least, "the judge sees that the slow desk is slow: {lag:?}");
            assert!(lag["defendant"] < least, "and that the others are not: {lag:?}");
        }
    }
    // However the lines were, every desk ends with the same.
    let of = |desk: &Desk| desk.seen().snapshot.as_ref().map(|s| (s.marks.clone(), s.screens.view.clone()));
    for desk in desks.0.values() {
        assert_eq!(of(desk), of(judge));
    }
}
