//! What the recogniser hears.

use std::path::Path;

use model::HearingTime;
use protocol::link::recorder::{FromRecorder, Input, ToRecorder};

use crate::support::{Client, Place, decode_sound, joined, seat};

pub(crate) fn tone(hz: f64, samples: usize) -> Vec<i16> {
    (0..samples)
        .map(|n| ((n as f64 * hz / 16_000.0 * std::f64::consts::TAU).sin() * 12_000.0) as i16)
        .collect()
}

pub(crate) fn write_wav(path: &Path, samples: &[i16]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples.iter().for_each(|s| writer.write_sample(*s).unwrap());
    writer.finalize().unwrap();
}

/// Gathers a seat's sound until `want` samples are there: (index of the first, samples).
async fn hear(client: &mut Client, who: &str, want: usize) -> (u64, Vec<i16>) {
    let mut first = None;
    let mut samples: Vec<i16> = Vec::new();
    client
        .until("sound", |frame| {
            if let FromRecorder::Audio { seat: s, first_sample, at, rate_hz } = &frame.message
                && *s == seat(who)
            {
                assert_eq!((*rate_hz, at.0), (16_000, first_sample / 16));
                let start = *first.get_or_insert(*first_sample);
                assert_eq!(start + samples.len() as u64, *first_sample, "without holes");
                samples.extend(frame.body.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])));
            }
            (samples.len() >= want).then_some(())
        })
        .await;
    (first.unwrap(), samples)
}

pub(crate) fn db(samples: &[i16]) -> f64 {
    let power: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64;
    10.0 * (power / 32_768f64.powi(2)).log10()
}

/// Where a sound begins.
fn onset(samples: &[i16]) -> usize {
    samples.iter().position(|s| s.unsigned_abs() > 1_000).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_is_heard_by_the_recogniser_and_stands_in_the_files_at_the_same_sample() {
    let place = Place::new();
    let dir = place.dir.path().join("rehearsal");
    std::fs::create_dir(&dir).unwrap();
    write_wav(&dir.join("judge.wav"), &tone(440.0, 16_000));
    let mut hub = place.hub(vec![]).await;
    let mics = Input::SimulatedMicrophones { seats: vec![seat("judge"), seat("plaintiff")] };
    hub.say(place.open(vec![mics])).await;
    hub.say(ToRecorder::Record).await;
    let from = hub
        .until("a fragment", |f| match f.message {
            FromRecorder::Fragment(f) if f.track.as_str() == "mic-judge" => Some(f.from.0),
            _ => None,
        })
        .await;
    let mut recogniser = place.client().await;
    recogniser.say(ToRecorder::RecogniserHello { from_sample: vec![] }).await;
    hub.say(ToRecorder::Rehearse { dir, since: None }).await;
    hub.until("the rehearsal", |f| {
        matches!(f.message, FromRecorder::State { rehearsal_ms: Some(_), .. }).then_some(())
    })
    .await;
    let loudest = hub
        .until("its end", |f| match f.message {
            FromRecorder::State { rehearsal_ms: None, .. } => Some(None),
            FromRecorder::Levels { levels } => {
                levels.iter().any(|(s, l)| *s == seat("judge") && *l > -15).then_some(Some(()))
            }
            _ => None,
        })
        .await;
    assert!(loudest.is_some(), "the level shows the voice");
    let (first, heard) = hear(&mut recogniser, "judge", 48_000).await;
    hub.fragments_until(&["mic-judge", "mix"], (first + heard.len() as u64) / 16).await;
    hub.say(ToRecorder::Seal).await;
    hub.sealed().await;

    assert!(db(&heard[..1600]) < -60.0, "quiet before it");
    let heard_at = first + onset(&heard) as u64;
    for name in ["mic-judge", "mix"] {
        let file = decode_sound(&joined(&place.media_dir(), name));
        let written_at = from * 16 + onset(&file) as u64;
        let apart = written_at.abs_diff(heard_at);
        println!("{name}: onset {apart} samples apart from what was heard");
        assert!(apart < 16 * 5, "{name}: {apart} samples apart");
    }
    // A stretch alone is decoded from its own fragments, and silence stands where nothing was recorded.
    let recording = media::playback::Recording::at(place.media_dir());
    let track = model::TrackId::new("mic-judge").unwrap();
    let at_ms = heard_at / 16;
    let (part_from, part_to) = (HearingTime(at_ms - 300), HearingTime(at_ms + 700));
    let part = recording.sound(&track, part_from, part_to, place.dir.path()).unwrap();
    assert_eq!(part.samples.len(), part.rate_hz as usize);
    let part_onset = part.samples.iter().position(|s| s.abs() > 0.03).unwrap() as u64 * 1000;
    assert!((part_onset / u64::from(part.rate_hz)).abs_diff(300) < 5, "{part_onset}");
    let (long_after, end) = (HearingTime(at_ms + 3_600_000), HearingTime(at_ms + 3_600_100));
    let nothing = recording.sound(&track, long_after, end, place.dir.path()).unwrap();
    assert!(nothing.samples.iter().all(|s| *s == 0.0));
    // A recogniser that was away for longer than the ring holds is given it, seat by seat; of where nothing was recorded it is told.
    for ((from, to), holds) in
        [((part_from, part_to), true), ((HearingTime(0), HearingTime(from - 50)), false)]
    {
        let hearing = model::HearingId::new("hearing-1").unwrap();
        let mut asks = place.client().await;
        asks.say(ToRecorder::Recorded { hearing, from, to }).await;
        let mut given: Vec<(String, f64)> = Vec::new();
        let next = asks
            .until("the end of what was recorded", |frame| match frame.message {
                FromRecorder::Recorded { seat, at, rate_hz } => {
                    let samples: Vec<_> =
                        frame.body.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
                    assert_eq!((at, samples.len()), (from, rate_hz as usize));
                    given.push((seat.to_string(), db(&samples)));
                    None
                }
                FromRecorder::RecordedEnd { next } => Some(next),
                FromRecorder::Refused { sentence } => panic!("{sentence}"),
                _ => None,
            })
            .await;
        if holds {
            let [(judge, loud), (plaintiff, quiet)] = given.as_slice() else { panic!("{given:?}") };
            assert_eq!((judge.as_str(), plaintiff.as_str(), next), ("judge", "plaintiff", None));
            assert!(*loud > -20.0 && *quiet < -60.0, "{loud} {quiet}");
        } else {
            assert!(given.is_empty() && next.is_some_and(|n| n >= to), "{given:?} {next:?}");
        }
    }
    let quiet = decode_sound(&joined(&place.media_dir(), "mic-plaintiff"));
    assert!(db(&quiet) < -60.0, "nothing of it in another's microphone: {}", db(&quiet));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recogniser_that_comes_back_goes_on_at_the_sample_it_asks_for() {
    let place = Place::new();
    let mut hub = place.hub(vec![]).await;
    hub.say(place.open(vec![Input::SimulatedMicrophones { seats: vec![seat("judge")] }])).await;
    let mut one = place.client().await;
    one.say(ToRecorder::RecogniserHello { from_sample: vec![] }).await;
    let (first, heard) = hear(&mut one, "judge", 32_000).await;
    drop(one);
    let mut two = place.client().await;
    let asked = first + 16_000;
    two.say(ToRecorder::RecogniserHello { from_sample: vec![(seat("judge"), asked)] }).await;
    let (again, repeated) = hear(&mut two, "judge", 16_000).await;
    assert!(again <= asked && asked < again + 1600, "asked for {asked}, got {again}");
    let skip = (again - first) as usize;
    assert_eq!(heard[skip..], repeated[..heard.len() - skip], "the very same sound");
}

/// A recogniser that comes first asks for what it has missed: nothing, which is no fault; of another hearing it is told that it is not open.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_hearing_that_is_not_recorded_yet_there_is_nothing_to_catch_up_with() {
    let place = Place::new();
    let mut hub = place.hub(vec![]).await;
    hub.say(place.open(vec![Input::SimulatedMicrophones { seats: vec![seat("judge")] }])).await;
    let mut asks = place.client().await;
    hub.until("the room", |f| {
        matches!(f.message, FromRecorder::State { hearing: Some(_), .. }).then_some(())
    })
    .await;
    for (hearing, wanted) in [("hearing-1", true), ("hearing-2", false)] {
        let hearing = model::HearingId::new(hearing).unwrap();
        let (from, to) = (HearingTime(0), HearingTime(4000));
        asks.say(ToRecorder::Recorded { hearing, from, to }).await;
        let nothing = asks
            .until("an answer", |f| match f.message {
                FromRecorder::RecordedEnd { next } => Some(next.is_none()),
                FromRecorder::Refused { sentence } => Some(!sentence.contains("没有打开")),
                FromRecorder::Recorded { .. } => panic!("nothing was recorded"),
                _ => None,
            })
            .await;
        assert_eq!(nothing, wanted);
    }
}
