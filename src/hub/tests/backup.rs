//! A house is copied while it runs, and a house made from the copy reads everything and signs no second history.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[path = "support/room.rs"]
mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use court::{Command, Denial, OutlineId, State};
use hub::{
    BackupError, CaseDraft, Handle, Msg, Opening, Outbox, OutboxItem, Room, back_up, check_backup, restore,
    signer_of,
};
use media::clock::utc_now;
use model::{CaseId, CmdId, HearingId, HearingTime, Role, Seat, SeatId, UtcMs};
use proof::Signer as _;
use protocol::wire::{ClientMsg, ServerMsg};
use record::Scope;

async fn room(dir: &Path) -> Room {
    support::room(dir, None).await
}

fn opening(with_seats: bool) -> Opening {
    let seat = |id: &str, role| Seat {
        id: SeatId::new(id).expect("well formed"),
        role,
        name: id.to_owned(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    let seats = vec![
        seat("judge", Role::PresidingJudge),
        seat("clerk", Role::Clerk),
        seat("plaintiff", Role::Plaintiff),
    ];
    let seats = if with_seats { seats } else { Vec::new() };
    Opening { case: CaseId::new("c1").expect("well formed"), public: true, seats, procedure: None }
}

/// A house with a hearing in session.
async fn house(dir: &Path) -> (Room, HearingId) {
    let room = room(dir).await;
    let draft = CaseDraft {
        id: CaseId::new("c1").expect("well formed"),
        number: "（2026）清0102民初318号".to_owned(),
        cause: "民间借贷纠纷".to_owned(),
        court: String::new(),
        procedure: OutlineId::default(),
    };
    room.create_case(draft).await.expect("a new case");
    let hearing = room.open_hearing(opening(true)).await.expect("a hearing").hearing;
    let mut clerk = Clerk::at(&room.hearing(&hearing).await.expect("it runs")).await;
    assert_eq!(clerk.notes("现在开庭。").await, None);
    (room, hearing)
}

/// The clerk's desk.
struct Clerk {
    handle: Handle,
    outbox: Arc<Outbox>,
    conn: u64,
}

/// A command with an old id was done already, in the restored house too.
static COMMANDS: AtomicU32 = AtomicU32::new(1);

impl Clerk {
    async fn at(handle: &Handle) -> Self {
        while handle.state().await.expect("the hearing runs").info.is_none() {
            tokio::task::yield_now().await;
        }
        let outbox = Arc::new(Outbox::default());
        let seat = SeatId::new("clerk").expect("well formed");
        let conn = handle.join(seat, None, Arc::clone(&outbox)).await.expect("the clerk joins").conn;
        Self { handle: handle.clone(), outbox, conn }
    }

    /// Writes a line into the record; gives the refusal, if it was refused.
    async fn notes(&mut self, text: &str) -> Option<Denial> {
        let n = COMMANDS.fetch_add(1, Ordering::Relaxed);
        let cmd_id = CmdId::new(format!("k{n}")).expect("well formed");
        let seat = SeatId::new("clerk").expect("well formed");
        let command = Command::InsertLine { seat, from: HearingTime(0), text: text.to_owned() };
        let msg = ClientMsg::Command { cmd_id: cmd_id.clone(), command, inside: false };
        self.handle.send(Msg::Client { conn: self.conn, msg }).await.expect("the hearing runs");
        loop {
            let items = tokio::time::timeout(Duration::from_secs(20), self.outbox.next(64)).await;
            for item in items.expect("an answer in time") {
                let OutboxItem::Message(frame) = item else { continue };
                match serde_json::from_slice(frame.payload()).expect("a message") {
                    ServerMsg::Done { cmd_id: of } if of == cmd_id => return None,
                    ServerMsg::Denied { cmd_id: of, denial, .. } if of == cmd_id => return Some(denial),
                    _ => {}
                }
            }
        }
    }
}

async fn state_of(room: &Room, hearing: &HearingId) -> State {
    room.hearing(hearing).await.expect("it is there").state().await.expect("it runs")
}

fn bytes_of(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found: Vec<_> = fs::read_dir(dir)
        .expect("a folder")
        .map(|e| e.expect("an entry").path())
        .map(|p| (p.clone(), fs::read(&p).expect("a file")))
        .collect();
    found.sort();
    found
}

/// Seconds apart, so that two copies have two names.
fn later(seconds: i64) -> UtcMs {
    UtcMs(utc_now().0 + seconds * 1000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_made_under_load_are_whole_and_never_behind_what_was_acknowledged_before() {
    let place = tempfile::tempdir().expect("a folder");
    let (data, out) = (place.path().join("house"), place.path().join("backups"));
    let (room, hearing) = house(&data).await;
    let handle = room.hearing(&hearing).await.expect("it runs");
    let writes = tokio::spawn(async move {
        let mut clerk = Clerk::at(&handle).await;
        for n in 0..400 {
            assert_eq!(clerk.notes(&format!("第{n}句，字数多一些，好让一次写入跨过缓冲。")).await, None);
        }
    });
    let mut copies = 0;
    while !writes.is_finished() || copies < 3 {
        copies += 1;
        let acknowledged = state_of(&room, &hearing).await.lines.len();
        let (from, to) = (data.clone(), out.clone());
        let made = tokio::task::spawn_blocking(move || back_up(&from, &to, later(copies))).await;
        let made = made.expect("no panic").expect("a copy");
        let checked = check_backup(&made.dir).expect("a whole copy");
        assert_eq!(checked.about, made.about);
        let entries =
            made.about.journals.iter().find(|j| j.folder.contains("c1-1")).expect("its journal").entries;
        assert!(entries > acknowledged as u64, "{entries} entries for {acknowledged} lines");
    }
    writes.await.expect("every line was taken");
    room.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_house_reads_everything_and_signs_no_second_history() {
    let place = tempfile::tempdir().expect("a folder");
    let (data, out, other) =
        (place.path().join("house"), place.path().join("backups"), place.path().join("other"));
    let (room, hearing) = house(&data).await;
    let scope = || Scope::Seat { hearing: hearing.clone(), seat: SeatId::new("clerk").expect("well formed") };
    let code = room.issue_code(scope()).await.expect("a code");
    let token = room.redeem(code, scope(), None).await.expect("the store").expect("a session");
    let unused = room.issue_code(scope()).await.expect("a code");
    let made = back_up(&data, &out, later(0)).expect("a copy");
    let then = state_of(&room, &hearing).await;

    // The house goes on after the copy.
    let mut clerk = Clerk::at(&room.hearing(&hearing).await.expect("it runs")).await;
    assert_eq!(clerk.notes("副本之后的话。").await, None);

    restore(&made.dir, &other, utc_now()).expect("a house");
    let restored = self::room(&other).await;
    assert_eq!(state_of(&restored, &hearing).await, then, "as it stood at the copy");
    assert!(restored.hearings().await.expect("listed").iter().all(|h| h.restored));
    let journal = other.join("hearings").join(hearing.as_str()).join("journal");
    let before = bytes_of(&journal);
    let mut clerk = Clerk::at(&restored.hearing(&hearing).await.expect("it is there")).await;
    assert_eq!(clerk.notes("另一段历史。").await, Some(Denial::Restored));
    assert_eq!(restored.session(token).await.expect("the store"), None, "old sessions open nothing");
    assert_eq!(restored.redeem(unused, scope(), None).await.expect("the store"), None, "nor do old links");

    // The case goes on in a new session, under a key of this house; the old one keeps the key that signed it.
    let next = restored.open_hearing(opening(false)).await.expect("the next session").hearing;
    assert_eq!(next.as_str(), "c1-2");
    let key = |data: &Path, of: &HearingId| signer_of(data, of).expect("a key").key().text();
    assert_eq!(key(&other, &hearing), key(&data, &hearing));
    assert_ne!(key(&other, &next), key(&data, &next), "two houses must not sign the same log");
    let mut clerk = Clerk::at(&restored.hearing(&next).await.expect("it runs")).await;
    assert_eq!(clerk.notes("继续开庭。").await, None);
    restored.close().await;
    assert_eq!(bytes_of(&journal), before, "not a byte was added");
    let rights = |p: PathBuf| fs::metadata(p).expect("a key file").permissions().mode() & 0o777;
    assert_eq!(rights(other.join("hub.key")), 0o600);
    assert_eq!(rights(other.join("hearings/c1-1/hub.key")), 0o600);

    // A copy of a restored house is restored in turn.
    let again = back_up(&other, &out, later(5)).expect("a copy");
    let third = place.path().join("third");
    restore(&again.dir, &third, utc_now()).expect("a house");
    assert_eq!(key(&third, &hearing), key(&data, &hearing));
    assert_eq!(key(&third, &next), key(&other, &next));
    room.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_not_changed_is_shared_with_the_copy_before() {
    let place = tempfile::tempdir().expect("a folder");
    let (data, out) = (place.path().join("house"), place.path().join("backups"));
    let (room, hearing) = house(&data).await;
    room.close().await;
    let film = Path::new("hearings").join(hearing.as_str()).join("media/film.mp4");
    fs::write(data.join(&film), vec![7; 3 << 20]).expect("written");
    let first = back_up(&data, &out, later(0)).expect("a copy");
    let second = back_up(&data, &out, later(5)).expect("a copy");
    assert_eq!(first.shared, 0);
    assert!(second.shared >= 3 << 20, "{} bytes are shared", second.shared);
    let inode = |of: &Path| fs::metadata(of.join("data").join(&film)).expect("copied").ino();
    assert_eq!(inode(&first.dir), inode(&second.dir));
    // What was changed is copied, whatever its size.
    fs::write(data.join(&film), vec![8; 3 << 20]).expect("written");
    let third = back_up(&data, &out, later(10)).expect("a copy");
    assert_ne!(inode(&third.dir), inode(&second.dir));
    for copy in [&first, &second, &third] {
        check_backup(&copy.dir).expect("whole");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_put_beside_a_copy_is_not_restored_and_nothing_outside_it_is_read() {
    let place = tempfile::tempdir().expect("a folder");
    let (data, out) = (place.path().join("house"), place.path().join("backups"));
    let (room, _) = house(&data).await;
    room.close().await;
    std::os::unix::fs::symlink(place.path(), data.join("elsewhere")).expect("a link");
    let made = back_up(&data, &out, later(0)).expect("a copy");
    assert_eq!(made.links, ["elsewhere"], "who makes the copy is told what is not in it");
    let (kept, fresh) = (made.dir.join("data"), place.path().join("fresh"));
    fs::write(kept.join("added.toml"), "added").expect("written");
    fs::write(place.path().join("secret"), "outside").expect("written");
    std::os::unix::fs::symlink(place.path().join("secret"), kept.join("linked")).expect("a link");
    restore(&made.dir, &fresh, utc_now()).expect("a house");
    assert!(!fresh.join("added.toml").exists() && !fresh.join("linked").exists());
    let manifest = made.dir.join("manifest-sha256.txt");
    let good = fs::read_to_string(&manifest).expect("a manifest");
    let digest = "f1f2".repeat(16);
    for file in ["../../secret", "/etc/hostname", "linked", "", "cases"] {
        fs::write(&manifest, format!("{good}{digest}  {file}\n")).expect("written");
        let error = restore(&made.dir, &place.path().join("other"), utc_now()).expect_err("it is refused");
        assert!(matches!(&error, BackupError::Damaged { file: f, .. } if f == file), "{file}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_copy_is_named_and_nothing_is_overwritten() {
    let place = tempfile::tempdir().expect("a folder");
    let (data, out) = (place.path().join("house"), place.path().join("backups"));
    let (room, _) = house(&data).await;
    room.close().await;
    let made = back_up(&data, &out, later(0)).expect("a copy");
    let all: Vec<String> = fs::read_to_string(made.dir.join("manifest-sha256.txt"))
        .expect("a manifest")
        .lines()
        .map(|l| l.split_once("  ").expect("two columns").1.to_owned())
        .collect();
    assert!(all.iter().any(|f| f == "huiting.sqlite") && all.iter().any(|f| f == "hub.key"), "{all:?}");
    let fresh = place.path().join("fresh");
    for file in &all {
        let path = made.dir.join("data").join(file);
        let good = fs::read(&path).expect("a file");
        let mut bad = good.clone();
        if let Some(byte) = bad.last_mut() {
            *byte ^= 1;
            fs::write(&path, &bad).expect("written");
            let error = restore(&made.dir, &fresh, utc_now()).expect_err("it is damaged");
            assert!(matches!(&error, BackupError::Damaged { file: f, .. } if f == file), "{file}: {error}");
        }
        fs::remove_file(&path).expect("removed");
        assert!(matches!(check_backup(&made.dir), Err(BackupError::Damaged { file: f, .. }) if f == *file));
        fs::write(&path, &good).expect("written");
        assert!(!fresh.exists(), "nothing is left of what failed");
    }
    assert!(matches!(restore(&made.dir, &data, utc_now()), Err(BackupError::NotEmpty(_))));
    assert!(matches!(restore(&out, &fresh, utc_now()), Err(BackupError::NoBackup(_))));
    assert!(matches!(back_up(&data, &data.join("backups"), utc_now()), Err(BackupError::Inside(_))));
    assert!(matches!(back_up(&fresh, &out, utc_now()), Err(BackupError::NoHouse(_))));
}
