//! What is told of microphones that are not as they should be.

use std::time::Instant;

use model::MicTrouble;
use protocol::link::recorder::{FromRecorder, Input, ToRecorder};

use crate::pulse::{Pulse, write_tones};
use crate::support::{Client, Place, seat};

/// Waits until the troubles told are these; sound is all right where no microphone is dead.
async fn told(client: &mut Client, troubles: &[(&str, MicTrouble)]) {
    let dead = troubles.iter().any(|(_, trouble)| *trouble == MicTrouble::Dead);
    let wanted: Vec<_> = troubles.iter().map(|(name, trouble)| (seat(name), *trouble)).collect();
    client
        .until(&format!("{troubles:?}"), |frame| match frame.message {
            FromRecorder::State { microphones, sound_ok, fault: None, .. } => {
                (microphones == wanted && sound_ok != dead).then_some(())
            }
            _ => None,
        })
        .await;
}

/// [R-STAT-4]
#[tokio::test]
async fn one_of_four_microphones_that_falls_silent_is_told_while_the_others_are_heard() {
    let dir = tempfile::tempdir().unwrap();
    let Some(pulse) = Pulse::start(dir.path()) else {
        println!("SKIPPED: PulseAudio is not installed, a dead microphone is not tested");
        return;
    };
    let (three, one) = (dir.path().join("three.wav"), dir.path().join("one.wav"));
    write_tones(&three, &[210.0, 430.0, 870.0]);
    write_tones(&one, &[330.0]);
    let mut others = pulse.play(&three, "front-left,rear-left,rear-right");
    let mut player = pulse.play(&one, "front-right");
    let place = Place::with(pulse.env());
    let mut hub = place.hub(Vec::new()).await;
    let seats = ["judge", "clerk", "plaintiff", "defendant"].map(seat).to_vec();
    hub.say(place.open(vec![Input::AudioDevice { name: "pulse".to_owned(), seats, gated: false }])).await;
    hub.say(ToRecorder::Record).await;
    // A tone begins somewhere: until all four are heard, one or another is dead.
    told(&mut hub, &[]).await;
    hub.fragments_until(&["mic-clerk"], 1).await;
    let silent = Instant::now();
    player.kill().unwrap();
    player.wait().unwrap();
    told(&mut hub, &[("clerk", MicTrouble::Dead)]).await;
    println!("told {} ms after the microphone fell silent", silent.elapsed().as_millis());
    player = pulse.play(&one, "front-right");
    told(&mut hub, &[]).await;

    // In a recess nobody is asked about microphones.
    hub.say(ToRecorder::Pause { ground: "recess".to_owned() }).await;
    player.kill().unwrap();
    player.wait().unwrap();
    hub.until("a recess of two seconds", {
        let paused = Instant::now();
        move |frame| match frame.message {
            FromRecorder::State { microphones, recording: false, .. } => {
                assert_eq!(microphones, []);
                (paused.elapsed().as_secs() >= 2).then_some(())
            }
            _ => None,
        }
    })
    .await;
    hub.say(ToRecorder::Record).await;
    told(&mut hub, &[("clerk", MicTrouble::Dead)]).await;
    others.kill().unwrap();
    others.wait().unwrap();
}
