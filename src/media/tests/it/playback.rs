//! Playlists as a player sees them.

use media::clock::HearingClock;
use media::playback::{PlaybackError, Recording};
use model::HearingTime;
use protocol::link::recorder::{FromRecorder, ToRecorder};

use crate::recording::{TRACKS, simulated};
use crate::support::{Place, fragments_of, output, track};

#[tokio::test(flavor = "multi_thread")]
async fn a_hearing_can_be_played_while_it_runs_and_after_with_its_pause_in_its_place() {
    let place = Place::new();
    let clock = HearingClock::new(place.origin.clone());
    let playback = Recording::at(place.media_dir());
    assert!(matches!(playback.master_playlist(None), Err(PlaybackError::Nothing)));
    let mut hub = place.hub(vec![]).await;
    hub.say(place.open(simulated())).await;
    hub.until("picture and sound", |f| {
        matches!(f.message, FromRecorder::State { sound_ok: true, picture_ok: true, .. }).then_some(())
    })
    .await;
    hub.say(ToRecorder::Record).await;
    let begun = clock.now().0;
    let mut seen = hub.fragments_until(&TRACKS, begun + 5_500).await;
    let live = playback.track_playlist(&track("cam-1")).unwrap();
    assert!(live.contains("#EXT-X-PLAYLIST-TYPE:EVENT") && !live.contains("ENDLIST"), "{live}");
    assert!(
        live.contains("000001.m4s") && !live.contains("000002.m4s"),
        "the growing segment is left out: {live}"
    );
    let scratch = tempfile::tempdir().unwrap();
    let still =
        |at: Option<u64>| playback.still(&track("cam-1"), at.map(HearingTime), scratch.path()).unwrap();
    let newest = still(None).unwrap();
    assert!(newest.at.0 >= begun + 5_000, "the growing segment is looked into: {} of {begun}", newest.at.0);
    assert!(newest.png.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(newest.png[16..24], [0, 0, 2, 128, 0, 0, 1, 104], "640 × 360");
    hub.say(ToRecorder::Pause { ground: "recess".to_owned() }).await;
    let paused = clock.now().0;
    hub.until("a pause of seven seconds", |f| {
        if let FromRecorder::Fragment(_) = &f.message {
            seen.push(f.message);
        }
        (clock.now().0 > paused + 7_000).then_some(())
    })
    .await;
    hub.say(ToRecorder::Record).await;
    let resumed = clock.now().0;
    seen.extend(hub.fragments_until(&TRACKS, resumed + 2_000).await);
    hub.say(ToRecorder::Seal).await;
    seen.extend(hub.sealed().await);

    let master = playback.master_playlist(None).unwrap();
    assert!(master.contains("CODECS=\"avc1.42c0") && master.contains("AUDIO=\"sound\""), "{master}");
    for name in ["mix", "judge", "plaintiff"] {
        assert!(master.contains(&format!("NAME=\"{name}\"")), "{master}");
    }
    for name in TRACKS {
        let list = playback.track_playlist(&track(name)).unwrap();
        assert!(list.ends_with("#EXT-X-ENDLIST\n") && list.contains("TYPE:VOD"), "{list}");
        let fragments = fragments_of(&seen, name);
        let (first, last) = (fragments.first().unwrap().from.0, fragments.last().unwrap().to.0);
        let listed: f64 = list
            .lines()
            .filter_map(|l| l.strip_prefix("#EXTINF:")?.strip_suffix(',')?.parse::<f64>().ok())
            .sum();
        assert!(
            (listed * 1000.0 - (last - first) as f64).abs() < 2.0,
            "{name}: {listed} s for {} ms",
            last - first
        );
        assert_eq!(list.matches("#EXT-X-GAP").count(), 2, "{name}: seven seconds at five a piece: {list}");
        for f in fragments.iter().step_by(5) {
            let moment = playback.moment(&track(name), f.from).unwrap().unwrap();
            assert_eq!((moment.file, moment.segment_from.0 + moment.offset_ms), (f.file.clone(), f.from.0));
        }
        assert_eq!(
            playback.moment(&track(name), HearingTime(paused + 3_000)).unwrap(),
            None,
            "within the pause"
        );
    }
    let again = still(Some(newest.at.0)).unwrap();
    assert!(again == newest, "the same moment gives the same picture, whenever it is asked for");
    let between = still(Some(newest.at.0 + 40)).unwrap();
    assert_eq!(between.at, newest.at, "until the next picture comes, this one is shown");
    let earlier = still(Some(newest.at.0 - 2_000)).unwrap();
    assert!(
        earlier.at.0 <= newest.at.0 - 2_000 && earlier.at.0 + 70 > newest.at.0 - 2_000,
        "{:?}",
        earlier.at
    );
    assert!(earlier.png != newest.png, "its clock shows another time");
    assert_eq!(still(Some(paused + 3_000)), None, "nothing is seen of a pause");
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing is left behind");
    // FFmpeg reads the recording through the playlists as a player would.
    std::fs::write(place.media_dir().join("master.m3u8"), &master).unwrap();
    for name in TRACKS {
        let list = playback.track_playlist(&track(name)).unwrap();
        std::fs::write(place.media_dir().join(name).join("playlist.m3u8"), without_gaps(&list)).unwrap();
    }
    let path = place.media_dir().join("master.m3u8");
    let text = output(
        "ffprobe",
        &[
            "-v",
            "error",
            "-allowed_extensions",
            "ALL",
            "-show_entries",
            "stream=codec_name",
            "-of",
            "csv=p=0",
            path.to_str().unwrap(),
        ],
    );
    assert!(text.contains("h264") && text.contains("opus"), "{text}");
}

/// FFmpeg 5.1 does not know `EXT-X-GAP` and would try to load it.
fn without_gaps(list: &str) -> String {
    let lines: Vec<&str> = list.lines().collect();
    let gap = |n: usize| (n.saturating_sub(2)..=n).any(|k| lines[k] == "#EXT-X-GAP");
    (0..lines.len()).filter(|n| !gap(*n)).map(|n| format!("{}\n", lines[n])).collect()
}

#[test]
fn only_names_from_the_playlists_reach_a_file() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("mix")).unwrap();
    for name in ["000001.m4s", "init.mp4", "track.json", "secret.mp4"] {
        std::fs::write(dir.path().join("mix").join(name), b"x").unwrap();
    }
    let playback = Recording::at(dir.path().to_owned());
    let found = |name: &str| playback.file(&track("mix"), name).is_ok();
    assert!(found("000001.m4s") && found("init.mp4"));
    for name in [
        "track.json",
        "secret.mp4",
        "../recording.json",
        "000002.m4s",
        "000001.m4s/..",
        "+00001.m4s",
        "init-+1.mp4",
    ] {
        assert!(!found(name), "{name}");
    }
}
