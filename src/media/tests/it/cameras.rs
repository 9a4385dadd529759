//! Cameras on the network, whole and failing.

use std::time::{Duration, Instant};

use model::GapCause;
use protocol::link::recorder::{FromRecorder, Input, ToRecorder};

use crate::interruption::gaps_of;
use crate::rtsp::RtspCamera;
use crate::space::last_ms;
use crate::support::{Client, Place, count_frames, fragments_of, joined, track};

/// A recorder that has recorded the camera for so long, and what it has said since.
async fn recording(place: &Place, camera: &RtspCamera, ms: u64) -> (Client, Vec<FromRecorder>) {
    let mut hub = place.hub(Vec::new()).await;
    let (track, url) = (track("cam-1"), camera.url());
    let (width, height, frames_per_s, optional) = (320, 180, 25, false);
    hub.say(place.open(vec![Input::Camera { track, url, width, height, frames_per_s, optional }])).await;
    picture(&mut hub, true, &mut Vec::new()).await;
    hub.say(ToRecorder::Record).await;
    let mut seen = hub.fragments_until(&["cam-1"], 0).await;
    go_on(&mut hub, &mut seen, ms).await;
    (hub, seen)
}

async fn go_on(hub: &mut Client, seen: &mut Vec<FromRecorder>, ms: u64) {
    let until = last_ms(seen, "cam-1") + ms;
    seen.extend(hub.fragments_until(&["cam-1"], until).await);
}

/// Waits until the picture is said to be all right, or not; gives how long that took. What else comes is kept.
async fn picture(hub: &mut Client, right: bool, seen: &mut Vec<FromRecorder>) -> Duration {
    let asked = Instant::now();
    hub.until(if right { "a picture" } else { "the loss" }, |frame| match frame.message {
        FromRecorder::State { picture_ok, .. } => (picture_ok == right).then_some(()),
        other => {
            seen.push(other);
            None
        }
    })
    .await;
    asked.elapsed()
}

async fn ended(mut hub: Client, seen: &mut Vec<FromRecorder>) {
    hub.say(ToRecorder::Seal).await;
    seen.extend(hub.sealed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_a_camera_go_into_the_file_as_they_are_and_none_is_missing() {
    let place = Place::new();
    let camera = RtspCamera::start(place.dir.path());
    let (hub, mut seen) = recording(&place, &camera, 6_000).await;
    ended(hub, &mut seen).await;
    assert_eq!(gaps_of(&seen, "cam-1"), []);
    let fragments = fragments_of(&seen, "cam-1");
    let ms: u64 = fragments.iter().map(|f| f.to.0 - f.from.0).sum();
    let frames = count_frames(&joined(&place.media_dir(), "cam-1"));
    assert!(frames.abs_diff(ms / 40) <= 2, "{frames} pictures in {ms} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_falls_silent_is_noticed_and_its_hole_is_told_once_it_is_back() {
    let place = Place::new();
    let camera = RtspCamera::start(place.dir.path());
    let (mut hub, mut seen) = recording(&place, &camera, 2_000).await;
    camera.stall(true);
    let noticed = picture(&mut hub, false, &mut seen).await;
    camera.stall(false);
    let back = picture(&mut hub, true, &mut seen).await;
    println!("noticed after {} ms, back after {} ms", noticed.as_millis(), back.as_millis());
    go_on(&mut hub, &mut seen, 2_000).await;
    ended(hub, &mut seen).await;
    let gaps = gaps_of(&seen, "cam-1");
    let [(from, to, GapCause::DeviceLost)] = gaps[..] else { panic!("{gaps:?}") };
    assert!(to.0 - from.0 >= 2_000, "{gaps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_is_switched_off_and_on_comes_back_by_itself() {
    let place = Place::new();
    let camera = RtspCamera::start(place.dir.path());
    let (mut hub, mut seen) = recording(&place, &camera, 2_000).await;
    camera.reset();
    let noticed = picture(&mut hub, false, &mut seen).await;
    let back = picture(&mut hub, true, &mut seen).await;
    println!("noticed after {} ms, back after {} ms", noticed.as_millis(), back.as_millis());
    go_on(&mut hub, &mut seen, 2_000).await;
    ended(hub, &mut seen).await;
    let gaps = gaps_of(&seen, "cam-1");
    assert!(matches!(gaps[..], [(_, _, GapCause::DeviceLost)]), "{gaps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_anew_tears_no_hole_and_pictures_that_never_came_do() {
    let place = Place::new();
    let camera = RtspCamera::start(place.dir.path());
    let (mut hub, mut seen) = recording(&place, &camera, 2_000).await;
    for jump in [3_600_000, -7_200_000] {
        camera.jump(jump);
        go_on(&mut hub, &mut seen, 2_000).await;
    }
    assert_eq!(gaps_of(&seen, "cam-1"), [], "the hearing's own clock goes on");
    camera.skip(10);
    go_on(&mut hub, &mut seen, 3_000).await;
    ended(hub, &mut seen).await;
    let gaps = gaps_of(&seen, "cam-1");
    let [(from, to, GapCause::DeviceLost)] = gaps[..] else { panic!("{gaps:?}") };
    assert!((to.0 - from.0).abs_diff(400) <= 80, "ten pictures of 40 ms: {gaps:?}");
}
