//! A disk that fills up under a hearing: pictures give way to sound, and it is said.

use std::path::Path;
use std::process::Command;

use model::GapCause;
use protocol::link::recorder::{FromRecorder, Input, ToRecorder};

use crate::interruption::gaps_of;
use crate::support::{Client, Place, fragments_of, seat, track};

const SMALL_DISK: &str = "MEDIA_TEST_SMALL_DISK";
const MIB: u64 = 1 << 20;

fn camera(name: &str, optional: bool) -> Input {
    let (track, url) = (track(name), "testsrc".to_owned());
    Input::Camera { track, url, width: 320, height: 180, frames_per_s: 15, optional }
}

/// Takes all of the disk but so many bytes.
fn leave(dir: &Path, bytes: u64) {
    let free = rustix::fs::statvfs(dir).map(|s| s.f_bavail * s.f_frsize).unwrap();
    let file = std::fs::File::create(dir.join("others")).unwrap();
    let flags = rustix::fs::FallocateFlags::empty();
    rustix::fs::fallocate(file, flags, 0, free - bytes).unwrap();
}

async fn minutes_left(hub: &mut Client) -> u64 {
    hub.until("a state", |frame| match frame.message {
        FromRecorder::State { disk_minutes_left, recording: true, .. } => Some(disk_minutes_left),
        _ => None,
    })
    .await
}

/// Not a test of its own: has a disk of its own, which the test below mounts.
#[tokio::test(flavor = "multi_thread")]
async fn small_disk_process() {
    let Ok(disk) = std::env::var(SMALL_DISK) else { return };
    let disk = Path::new(&disk);
    let place = Place::on(disk);
    let mut hub = place.hub(Vec::new()).await;
    let sound = Input::SimulatedMicrophones { seats: vec![seat("judge"), seat("plaintiff")] };
    hub.say(place.open(vec![sound, camera("cam-1", false), camera("cam-2", true)])).await;
    hub.say(ToRecorder::Record).await;
    let minutes = minutes_left(&mut hub).await;
    assert!((6..=10).contains(&minutes), "{minutes} minutes: enough for what is needed, not for everything");
    let mut seen = hub.fragments_until(&["mic-judge", "mix", "cam-1"], 2_000).await;
    assert!(fragments_of(&seen, "cam-2").is_empty(), "the optional camera is left out");

    leave(disk, 30 * MIB);
    hub.until("less than two minutes", |frame| match frame.message {
        FromRecorder::State { disk_minutes_left: 0..2, .. } => Some(()),
        other => {
            seen.push(other);
            None
        }
    })
    .await;
    let at = last_ms(&seen, "mic-judge");
    seen.extend(hub.fragments_until(&["mic-judge", "mix"], at + 4_000).await);
    let (sound, picture) = (last_ms(&seen, "mic-judge"), last_ms(&seen, "cam-1"));
    assert!(picture + 2_000 < sound, "sound goes on without the picture: {sound} and {picture}");

    std::fs::remove_file(disk.join("others")).unwrap();
    seen.extend(hub.fragments_until(&["cam-1"], sound).await);
    hub.say(ToRecorder::Seal).await;
    seen.extend(hub.sealed().await);
    let causes = |name| gaps_of(&seen, name).iter().map(|(_, _, cause)| *cause).collect::<Vec<_>>();
    assert_eq!(causes("cam-1"), [GapCause::DiskSpace]);
    assert_eq!(causes("cam-2"), [GapCause::DiskSpace], "to the end");
    assert_eq!(causes("mic-judge"), []);
    println!("kept the sound");
}

pub(crate) fn last_ms(seen: &[FromRecorder], name: &str) -> u64 {
    fragments_of(seen, name).last().map_or(0, |f| f.to.0)
}

#[test]
fn on_a_disk_that_fills_up_pictures_give_way_to_sound_and_come_back_once_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let mounted = "mount -t tmpfs -o size=280m huiting \"$0\" || exit 99; exec \"$@\"";
    let out = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", mounted])
        .arg(dir.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "space::small_disk_process", "--nocapture", "--test-threads=1"])
        .env(SMALL_DISK, dir.path())
        .output();
    let out = match out {
        Ok(out) => out,
        Err(error) => return println!("SKIPPED: unshare cannot be started: {error}"),
    };
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    if out.status.code() == Some(99) || said.contains("unshare:") {
        return println!("SKIPPED: no file system can be mounted here: {said}");
    }
    assert!(out.status.success() && said.contains("kept the sound"), "{said}");
}
