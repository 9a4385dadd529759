//! Sound over the network, from FFmpeg standing in for a hearing host.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use model::GapCause;
use protocol::link::recorder::{FromRecorder, Input, ToRecorder};

use crate::interruption::gaps_of;
use crate::support::{Place, decode_sound, joined, seat};

/// A host that sends a tone in stereo, another on each side, to whoever connects first; it ends with the value.
struct Host(Child);

impl Host {
    fn start(port: u16) -> Self {
        let tones = "aevalsrc=0.3*sin(2*PI*400*t)|0.3*sin(2*PI*900*t):s=48000";
        let child = Command::new("ffmpeg")
            .args(["-v", "error", "-re", "-f", "lavfi", "-i", tones, "-c:a", "aac", "-b:a", "128k"])
            .args(["-muxdelay", "0", "-f", "mpegts", &format!("tcp://127.0.0.1:{port}?listen=1")])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Rises through zero in a second near the end, whose last frame is filled up with silence.
fn pitch(samples: &[i16]) -> usize {
    let second = &samples[samples.len() - 20_000..][..16_000];
    second.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sound_of_a_hearing_host_is_recorded_channel_by_channel_is_lost_and_comes_back() {
    let (port, place) = (free_port(), Place::new());
    let mut hub = place.hub(Vec::new()).await;
    let url = format!("tcp://127.0.0.1:{port}");
    let seats = vec![seat("judge"), seat("clerk")];
    hub.say(place.open(vec![Input::AudioStream { url, seats, gated: false }])).await;
    // Nobody is there yet: said, and tried again.
    hub.until("a fault", |frame| match frame.message {
        FromRecorder::State { fault: Some(sentence), .. } => sentence.contains("中断").then_some(()),
        _ => None,
    })
    .await;
    let host = Host::start(port);
    let sound = |frame: protocol::link::Frame<FromRecorder>| match frame.message {
        FromRecorder::State { sound_ok: true, fault: None, .. } => Some(()),
        _ => None,
    };
    hub.until("sound", sound).await;
    hub.say(ToRecorder::Record).await;
    let mut seen = hub.fragments_until(&["mic-judge", "mic-clerk", "mix"], 0).await;
    let begun = crate::space::last_ms(&seen, "mic-judge");
    seen.extend(hub.fragments_until(&["mic-judge", "mic-clerk"], begun + 3_000).await);
    drop(host);
    hub.until("the loss", |frame| match frame.message {
        FromRecorder::State { sound_ok: false, .. } => Some(()),
        other => {
            seen.push(other);
            None
        }
    })
    .await;
    let host = Host::start(port);
    hub.until("sound again", |frame| {
        seen.push(frame.message.clone());
        sound(frame)
    })
    .await;
    let again = crate::space::last_ms(&seen, "mic-judge");
    seen.extend(hub.fragments_until(&["mic-judge", "mic-clerk"], again + 3_000).await);
    hub.say(ToRecorder::Seal).await;
    seen.extend(hub.sealed().await);
    drop(host);
    for (name, hz) in [("mic-judge", 400), ("mic-clerk", 900)] {
        let heard = decode_sound(&joined(&place.media_dir(), name));
        assert!(pitch(&heard).abs_diff(hz) < 10, "{name}: {} Hz", pitch(&heard));
        let gaps = gaps_of(&seen, name);
        assert!(matches!(gaps[..], [(_, _, GapCause::DeviceLost)]), "{name}: {gaps:?}");
    }
}
