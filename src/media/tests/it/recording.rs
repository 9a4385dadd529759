//! What ends up in the files.

use model::HearingId;
use protocol::link::recorder::{FromRecorder, Input, ToRecorder};

use crate::support::{Place, count_frames, decode_sound, fragments_of, hello, joined, seat, track};

pub(crate) fn simulated() -> Vec<Input> {
    vec![
        Input::SimulatedMicrophones { seats: vec![seat("judge"), seat("plaintiff")] },
        Input::Camera {
            track: track("cam-1"),
            url: "testsrc".to_owned(),
            width: 640,
            height: 360,
            frames_per_s: 15,
            optional: false,
        },
    ]
}

pub(crate) const TRACKS: [&str; 4] = ["mic-judge", "mic-plaintiff", "mix", "cam-1"];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_decoded_by_ffmpeg_with_the_length_it_has() {
    let place = Place::new();
    let mut hub = place.hub(vec![]).await;
    hub.say(place.open(simulated())).await;
    hub.until("picture and sound", |f| {
        matches!(f.message, FromRecorder::State { sound_ok: true, picture_ok: true, .. }).then_some(())
    })
    .await;
    hub.say(ToRecorder::Record).await;
    let from = hub
        .until("a first fragment", |f| {
            if let FromRecorder::Fragment(f) = f.message { Some(f.from.0) } else { None }
        })
        .await;
    hub.fragments_until(&TRACKS, from + 9_000).await;
    hub.say(ToRecorder::Seal).await;
    hub.sealed().await;

    let mut all = place.hub(vec![]).await;
    let seen = all.sealed().await;
    for name in TRACKS {
        let fragments = fragments_of(&seen, name);
        let seqs: Vec<u64> = fragments.iter().map(|f| f.seq).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "{name}: in order and without holes");
        assert!(
            fragments.windows(2).all(|w| w[0].to == w[1].from),
            "{name}: each begins where the last ended"
        );
        let (first, last) = (fragments.first().unwrap(), fragments.last().unwrap());
        let said_ms = last.to.0 - first.from.0;
        assert!(last.file > first.file, "{name}: more than one segment");
        let file = joined(&place.media_dir(), name);
        if name == "cam-1" {
            let frames = count_frames(&file);
            let expected = (said_ms as f64 * 15.0 / 1000.0).round() as u64;
            assert!(frames.abs_diff(expected) <= 1, "{frames} frames in {said_ms} ms");
        } else {
            // Filled up to whole packets at the end, no more.
            let decoded_ms = decode_sound(&file).len() as u64 / 16;
            assert!(
                (said_ms.saturating_sub(7)..said_ms + 40).contains(&decoded_ms),
                "{name}: {decoded_ms} of {said_ms} ms"
            );
        }
    }
    assert!(!seen.iter().any(|m| matches!(m, FromRecorder::Gap { .. })), "nothing was interrupted");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_hearing_is_given_nothing_of_the_one_before() {
    let place = Place::new();
    let mut hub = place.hub(vec![]).await;
    hub.say(place.open(simulated())).await;
    hub.say(ToRecorder::Record).await;
    hub.until("a fragment", |f| matches!(f.message, FromRecorder::Fragment(_)).then_some(())).await;
    hub.say(ToRecorder::Seal).await;
    hub.sealed().await;
    drop(hub);

    let mut next = place.client().await;
    next.say(hello("hearing-2", vec![])).await;
    let media_dir = place.media_dir().with_file_name("media-2");
    let ToRecorder::Open { origin, inputs, .. } = place.open(simulated()) else { unreachable!("as made") };
    let hearing = HearingId::new("hearing-2").unwrap();
    next.say(ToRecorder::Open { hearing: hearing.clone(), origin, media_dir: media_dir.clone(), inputs })
        .await;
    next.until("the next hearing", |f| match f.message {
        FromRecorder::State { hearing: Some(open), .. } => (open == hearing).then_some(()),
        FromRecorder::Fragment(f) => panic!("a fragment of the hearing before: {f:?}"),
        _ => None,
    })
    .await;
    next.say(ToRecorder::Record).await;
    let first = next
        .until("its own first fragment", |f| match f.message {
            FromRecorder::Fragment(f) => Some(f),
            _ => None,
        })
        .await;
    assert_eq!(first.seq, 1);
    assert!(media_dir.join(&first.file).exists(), "{first:?}");
    next.say(ToRecorder::Seal).await;
    next.sealed().await;
}
