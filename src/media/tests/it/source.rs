//! What every source of sound promises, asked of each of them: the simulated ones, a file, and a sound card.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use media::capture::{CaptureError, CpalDevice, PacedFile, SimulatedMicrophones, Voices};
use media::clock::HearingClock;
use model::{AudioSource, SourceStep};

use crate::pulse::{CHANNELS, Pulse, write_tones};
use crate::sound::{db, tone, write_wav};
use crate::support::{PATIENCE, seat};

const RATE: u64 = 16_000;

/// Polls for `time` and holds the source to its promises; gives what each channel heard.
fn keeps_its_promises(source: &mut dyn AudioSource, clock: &HearingClock, time: Duration) -> Vec<Vec<i16>> {
    let seats = source.seats().to_vec();
    let mut heard: Vec<Vec<i16>> = vec![Vec::new(); seats.len()];
    let (mut next, mut begun) = (None, None);
    let started = Instant::now();
    while begun.is_none_or(|b: Instant| b.elapsed() < time) {
        assert!(started.elapsed() < PATIENCE, "sound comes");
        match source.poll(clock.now()).expect("the source lives") {
            SourceStep::Frames(frames) => {
                let now_ms = clock.now().0;
                begun.get_or_insert_with(Instant::now);
                assert_eq!(
                    frames.iter().map(|f| &f.seat).collect::<Vec<_>>(),
                    seats.iter().collect::<Vec<_>>()
                );
                let (first, len) = (frames[0].first_sample, frames[0].samples.len() as u64);
                assert!(next.is_none_or(|n| n == first), "counted without gaps: {next:?}, then {first}");
                next = Some(first + len);
                for (frame, heard) in frames.iter().zip(&mut heard) {
                    assert_eq!(
                        (frame.first_sample, frame.samples.len() as u64, u64::from(frame.rate_hz)),
                        (first, len, RATE)
                    );
                    let end_ms = frame.at.0 + frame.duration_ms();
                    assert!(
                        end_ms <= now_ms + 20 && now_ms < end_ms + 500,
                        "at its time: {end_ms} at {now_ms}"
                    );
                    assert!(
                        first.abs_diff(frame.at.0 * RATE / 1000) < RATE / 2,
                        "counted from hearing time zero"
                    );
                    heard.extend_from_slice(&frame.samples);
                }
            }
            SourceStep::Idle => {}
            SourceStep::End => break,
        }
        // The pace at which the recorder asks.
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = begun.unwrap().elapsed().as_secs_f64();
    for heard in &heard {
        let s = heard.len() as f64 / RATE as f64;
        assert!((s - took).abs() < 0.25, "{s} s of sound in {took} s");
    }
    heard
}

fn clock() -> HearingClock {
    let mut origin = HearingClock::start_now();
    origin.monotonic_ns -= 5_000_000_000;
    HearingClock::new(origin)
}

#[test]
fn simulated_microphones_keep_their_promises_while_quiet_and_while_rehearsing() {
    let dir = tempfile::tempdir().unwrap();
    write_wav(&dir.path().join("judge.wav"), &tone(440.0, 8_000));
    let clock = clock();
    let mut mics = SimulatedMicrophones::new(vec![seat("judge"), seat("clerk")]);
    keeps_its_promises(&mut mics, &clock, Duration::from_millis(400));
    mics.play(Voices::read(dir.path(), mics.seats()).unwrap(), clock.now(), None);
    let heard = keeps_its_promises(&mut mics, &clock, Duration::from_millis(700));
    assert_eq!(mics.position_ms(), None, "over by itself");
    assert!(heard[0].iter().any(|s| *s > 10_000) && db(&heard[1]) < -60.0);
}

#[test]
fn a_paced_file_keeps_its_promises_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.wav");
    write_wav(&path, &tone(440.0, 9_000));
    let clock = clock();
    let mut file = PacedFile::open(&path, seat("judge")).unwrap();
    let heard = keeps_its_promises(&mut file, &clock, Duration::from_secs(5));
    assert_eq!(heard[0], tone(440.0, 9_000), "every sample, unchanged");
    assert_eq!(file.poll(clock.now()), Ok(SourceStep::End));
}

#[test]
fn a_file_of_another_kind_is_refused_with_what_it_is_and_what_is_wanted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stereo.wav");
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    hound::WavWriter::create(&path, spec).unwrap().finalize().unwrap();
    let error = PacedFile::open(&path, seat("judge")).unwrap_err().to_string();
    assert!(error.contains("44100 Hz, 2 channels") && error.contains("16000 Hz"), "{error}");
}

#[test]
fn a_sound_card_that_is_not_there_is_refused_with_those_that_are() {
    let error = CpalDevice::open("No Such Card", vec![seat("judge")], clock()).err().unwrap();
    assert!(
        matches!(&error, CaptureError::NoDevice { .. }) && error.to_string().contains("devices here:"),
        "{error}"
    );
}

const CARD: &str = "MEDIA_TEST_SOUND_CARD";

/// The card once it gives sound; nothing where it is lost again, as one opened in the middle of the sound server's start
/// is: the recorder opens such a card anew.
fn gives_sound(mut card: CpalDevice, clock: &HearingClock) -> Option<CpalDevice> {
    loop {
        match card.poll(clock.now()) {
            Ok(SourceStep::Frames(_)) => return Some(card),
            Ok(_) => std::thread::sleep(Duration::from_millis(20)),
            Err(_) => return None,
        }
    }
}

/// Not a test of its own: runs with the environment of a private PulseAudio, started by the test below.
#[test]
fn sound_card_process() {
    let Ok(name) = std::env::var(CARD) else { return };
    let clock = clock();
    let seats = || ["a", "b", "c", "d"].map(seat).to_vec();
    let mut card = CpalDevice::open(&name, seats(), clock.clone()).unwrap();
    let heard = keeps_its_promises(&mut card, &clock, Duration::from_secs(4));
    for (channel, heard) in heard.iter().enumerate() {
        // A tone of its own for each channel: count the periods of the last second.
        let second = &heard[heard.len() - 16_000..];
        let rises = second.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count();
        let wanted = 200 * (channel + 1);
        assert!(rises.abs_diff(wanted) < 20, "channel {channel}: {rises} periods a second, not {wanted}");
    }
    println!("promises kept, drift {:.0} ppm", card.drift_ppm());
    let lost = Instant::now();
    let error = loop {
        assert!(lost.elapsed() < PATIENCE, "the loss is noticed");
        match card.poll(clock.now()) {
            Ok(_) => std::thread::sleep(Duration::from_millis(20)),
            Err(error) => break error,
        }
    };
    println!("lost: {error}");
    drop(card);
    let before = clock.now().0 * RATE / 1000;
    let mut again = loop {
        assert!(lost.elapsed() < PATIENCE, "it comes back");
        if let Ok(card) = CpalDevice::open(&name, seats(), clock.clone())
            && let Some(card) = gives_sound(card, &clock)
        {
            break card;
        }
        std::thread::sleep(Duration::from_millis(250));
    };
    keeps_its_promises(&mut again, &clock, Duration::from_secs(1));
    assert!(clock.now().0 * RATE / 1000 > before);
    println!("back");
}

#[test]
fn a_sound_card_of_four_channels_keeps_its_promises_is_lost_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut pulse) = Pulse::start(dir.path()) else {
        println!("SKIPPED: PulseAudio is not installed, the sound card is not tested");
        return;
    };
    let path = dir.path().join("tones.wav");
    write_tones(&path, &[200.0, 400.0, 600.0, 800.0]);
    let play = |pulse: &Pulse| pulse.play(&path, CHANNELS);
    let mut player = play(&pulse);
    let mut child = pulse
        .command(std::env::current_exe().unwrap().to_str().unwrap())
        .args(["--exact", "source::sound_card_process", "--nocapture", "--test-threads=1"])
        .env(CARD, "pulse")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let kept = lines.find(|l| l.contains("promises kept")).expect("the card keeps its promises");
    println!("{kept}");
    drop(pulse);
    let _ = player.wait();
    println!("{}", lines.find(|l| l.contains("lost:")).expect("the loss is noticed"));
    pulse = Pulse::start(dir.path()).expect("it was there before");
    player = play(&pulse);
    assert!(lines.any(|l| l.contains("back")), "the card comes back");
    assert!(child.wait().unwrap().success());
    let _ = player.kill();
    let _ = player.wait();
}
