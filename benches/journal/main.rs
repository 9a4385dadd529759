//! `journal`: durable acknowledgement at 200 events a second, bursts, recovery, and the verification of a package. Floor: a write and an
//! fdatasync; peer: SQLite.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench ends where something is not as it must be"
)]

#[path = "../support/mod.rs"]
mod support;
mod verify;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use model::HearingTime;
use record::{Journal, JournalConfig, Key, NewEntry};
use support::{Figure, ms, percentile, quick, rounds, say};

const PER_S: u64 = 200;
/// About the size of a settled line with its pieces.
const PAYLOAD_BYTES: usize = 400;

fn payload(n: u64) -> Vec<u8> {
    let text = "证".repeat(PAYLOAD_BYTES / 3 - 20);
    format!("{{\"type\":\"recognised\",\"n\":{n},\"text\":\"{text}\"}}").into_bytes()
}

fn entry(n: u64) -> NewEntry {
    NewEntry {
        kind: "recognised".to_owned(),
        actor: "recogniser".to_owned(),
        device: String::new(),
        at: HearingTime(n),
        wall: model::UtcMs(1_790_000_000_000 + n as i64),
        payload: payload(n),
    }
}

fn open(dir: &Path) -> (Journal, record::Recovered) {
    let key = Key::load_or_create(&dir.join("key")).expect("a key");
    let config =
        JournalConfig::new("huiting/bench", Box::new(key.signer("huiting/bench").expect("a signer")));
    Journal::open(&dir.join("journal"), config).expect("the journal opens")
}

/// Milliseconds of each of `count` calls, begun at a steady pace.
fn paced(count: u64, mut work: impl FnMut(u64)) -> Vec<f64> {
    let began = Instant::now();
    let mut times = Vec::with_capacity(count as usize);
    for n in 0..count {
        let due = began + Duration::from_micros(n * 1_000_000 / PER_S);
        // Pacing is what is wanted here, not waiting for something.
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let at = Instant::now();
        work(n);
        times.push(ms(at.elapsed()));
    }
    times
}

fn raw(dir: &Path, count: u64) -> Vec<f64> {
    let mut file = File::create(dir.join("raw")).expect("writable");
    paced(count, |n| {
        file.write_all(&payload(n)).expect("written");
        file.sync_data().expect("synced");
    })
}

fn sqlite(dir: &Path) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(dir.join("peer.sqlite")).expect("opens");
    db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE e(n INTEGER PRIMARY KEY, payload BLOB)")
        .expect("a table");
    db
}

fn insert(db: &rusqlite::Connection, n: u64) {
    db.execute("INSERT INTO e(payload) VALUES (?1)", [payload(n)]).expect("inserted");
}

/// Events a second when many wait at once.
fn burst(journal: &Journal, count: u64) -> f64 {
    let began = Instant::now();
    let mut waiting = std::collections::VecDeque::new();
    for n in 0..count {
        waiting.push_back(journal.append(vec![entry(n)]));
        if waiting.len() >= 1000
            && let Some(oldest) = waiting.pop_front()
        {
            oldest.wait().expect("durable");
        }
    }
    waiting.into_iter().for_each(|w| {
        w.wait().expect("durable");
    });
    count as f64 / began.elapsed().as_secs_f64()
}

fn main() {
    let seconds = if quick() { 1 } else { 5 };
    let burst_events = if quick() { 5_000 } else { 50_000 };
    let mut figures: [Vec<f64>; 10] = Default::default();
    let [p50, p99, raw50, raw99, sql50, sql99, bursts, sql_bursts, recovery, read_floor] = &mut figures;
    for round in 0..rounds() {
        say(&format!("journal: round {}", round + 1));
        let dir = tempfile::tempdir().expect("temporary folder");
        let (journal, _) = open(dir.path());
        let own = paced(PER_S * seconds, |n| {
            journal.append(vec![entry(n)]).wait().expect("durable");
        });
        let floor = raw(dir.path(), PER_S * seconds);
        let db = sqlite(dir.path());
        let peer = paced(PER_S * seconds, |n| insert(&db, n));
        for (times, at50, at99) in
            [(own, &mut *p50, &mut *p99), (floor, &mut *raw50, &mut *raw99), (peer, &mut *sql50, &mut *sql99)]
        {
            at50.push(percentile(&times, 0.5));
            at99.push(percentile(&times, 0.99));
        }
        bursts.push(burst(&journal, burst_events));
        let began = Instant::now();
        let few = burst_events / 50;
        (0..few).for_each(|n| insert(&db, n));
        sql_bursts.push(few as f64 / began.elapsed().as_secs_f64());
        drop(journal);
        let began = Instant::now();
        let (journal, recovered) = open(dir.path());
        let entries = recovered.entries.len() as f64;
        recovery.push(began.elapsed().as_secs_f64() * 1e6 / entries);
        drop(journal);
        let began = Instant::now();
        let bytes: usize = std::fs::read_dir(dir.path().join("journal"))
            .expect("a folder")
            .filter_map(Result::ok)
            .map(|f| std::fs::read(f.path()).map_or(0, |b| b.len()))
            .sum();
        assert!(bytes > 0, "the journal is not empty");
        read_floor.push(began.elapsed().as_secs_f64() * 1e6 / entries);
    }
    let [p50, p99, raw50, raw99, sql50, sql99, bursts, sql_bursts, recovery, read_floor] = figures;
    let paced_note =
        "200 events/s, one at a time; floor: write and fdatasync; peer: SQLite, WAL, synchronous=FULL";
    Figure::new("journal_ack_p50", "ms", p50).floor(&raw50).peer("sqlite", &sql50).note(paced_note).print();
    Figure::new("journal_ack_p99", "ms", p99).floor(&raw99).peer("sqlite", &sql99).at_most(25.0).print();
    Figure::new("journal_burst_events_per_s", "1/s", bursts)
        .peer("sqlite", &sql_bursts)
        .at_least(5000.0)
        .note("1000 appends in flight; the peer commits each by itself")
        .print();
    Figure::new("journal_recovery_s_per_million", "s", recovery)
        .floor(&read_floor)
        .note("every hash checked; floor: reading the files (cached)")
        .print();
    verify::measure();
}
