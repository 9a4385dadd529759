//! The hub's end against simulated consoles on real lines: ptys and network ports.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bridge::codec::message::Name;
use bridge::simulator::{ConsoleSettings, Line, SimulatedConsole};
use devices::{Console, DeviceConfig, DeviceError, DeviceEvent, KeyLight, Room, SeatLook};
use model::SeatId;
use tokio::sync::mpsc::Receiver;

/// Longer than anything here takes unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

fn seat(name: &str) -> SeatId {
    SeatId::new(name).unwrap()
}

fn simulated(keys: u8, line: Line) -> SimulatedConsole {
    SimulatedConsole::plug_in(ConsoleSettings { name: Name::new("desk").unwrap(), keys }, line).unwrap()
}

fn on_pty(keys: u8, link: Option<&Path>) -> SimulatedConsole {
    simulated(keys, Line::pty(link).unwrap())
}

fn config(name: &str, address: &str, seats: &[&str]) -> DeviceConfig {
    DeviceConfig::console(name, address, seats.iter().map(|s| seat(s)).collect()).unwrap()
}

async fn next(events: &mut Receiver<DeviceEvent>) -> DeviceEvent {
    tokio::time::timeout(PATIENCE, events.recv()).await.expect("an event in time").expect("the console lives")
}

fn is_key(event: &DeviceEvent, of: &str, is_down: bool) -> bool {
    matches!(event, DeviceEvent::TalkKey { seat, down, .. } if seat.as_str() == of && *down == is_down)
}

#[tokio::test]
async fn a_key_goes_down_and_up_and_its_light_and_microphone_follow() {
    let desk = on_pty(2, None);
    let (console, mut events) = Console::open(config("bench", desk.address(), &["judge", "clerk"])).unwrap();
    let back = DeviceEvent::Back { device: "bench".to_owned(), identity: "desk 1.0".to_owned() };
    assert_eq!(next(&mut events).await, back);
    for (key, of) in [(0, "judge"), (1, "clerk")] {
        for down in [true, false] {
            assert!(desk.press(key, down));
            let event = next(&mut events).await;
            assert!(is_key(&event, of, down), "{event:?}");
            assert!(matches!(event, DeviceEvent::TalkKey { at_raw: Some(_), .. }), "{event:?}");
        }
    }
    console.show(&seat("clerk"), SeatLook { light: KeyLight::MicOpen, mic_open: true }).unwrap();
    let shown = desk.wait_until(PATIENCE, |s| {
        s.lights == [KeyLight::Off, KeyLight::MicOpen] && s.mics_open == [false, true]
    });
    assert!(shown.is_ok(), "{shown:?}");
    assert!(matches!(
        console.show(&seat("nobody"), SeatLook::default()),
        Err(DeviceError::NoSuchSeat { .. })
    ));
    console.close().await.unwrap();
}

#[tokio::test]
async fn an_unplugged_console_releases_its_keys_and_shows_the_same_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("desk");
    let desk = on_pty(1, Some(&link));
    let (console, mut events) = Console::open(config("bench", link.to_str().unwrap(), &["judge"])).unwrap();
    assert!(matches!(next(&mut events).await, DeviceEvent::Back { .. }));
    let look = SeatLook { light: KeyLight::Recording, mic_open: true };
    console.show(&seat("judge"), look).unwrap();
    assert!(desk.press(0, true));
    assert!(is_key(&next(&mut events).await, "judge", true));
    drop(desk);
    assert!(is_key(&next(&mut events).await, "judge", false), "no key stays down on a console that is gone");
    assert!(matches!(next(&mut events).await, DeviceEvent::Lost { .. }));
    let desk = on_pty(1, Some(&link));
    // While the link pointed nowhere the cause may have been told anew.
    let mut event = next(&mut events).await;
    while matches!(event, DeviceEvent::Lost { .. }) {
        event = next(&mut events).await;
    }
    assert!(matches!(event, DeviceEvent::Back { .. }), "{event:?}");
    let shown = desk.wait_until(PATIENCE, |s| s.lights == [KeyLight::Recording] && s.mics_open == [true]);
    assert!(shown.is_ok(), "{shown:?}");
    console.close().await.unwrap();
}

#[tokio::test]
async fn a_console_on_the_network_is_found_whenever_it_is_switched_on() {
    // A port that is free now; the console takes it later.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at: SocketAddr = free.local_addr().unwrap();
    drop(free);
    let (console, mut events) = Console::open(config("desk", &format!("tcp://{at}"), &["judge"])).unwrap();
    let DeviceEvent::Lost { cause, .. } = next(&mut events).await else { panic!("there is no console yet") };
    assert!(cause.contains("cannot be opened"), "{cause}");
    let desk = simulated(1, Line::tcp(at).unwrap());
    assert!(matches!(next(&mut events).await, DeviceEvent::Back { .. }));
    assert!(desk.press(0, true));
    assert!(is_key(&next(&mut events).await, "judge", true));
    console.close().await.unwrap();
}

#[tokio::test]
async fn noise_on_the_line_costs_no_key() {
    let desk = on_pty(1, None);
    let (console, mut events) = Console::open(config("bench", desk.address(), &["judge"])).unwrap();
    assert!(matches!(next(&mut events).await, DeviceEvent::Back { .. }));
    for round in 0..20u8 {
        assert!(desk.disturb(&[round, 0x55, 0xFF, round.wrapping_mul(37)]));
        assert!(desk.press(0, round % 2 == 0));
        let event = next(&mut events).await;
        assert!(is_key(&event, "judge", round % 2 == 0), "round {round}: {event:?}");
    }
    console.close().await.unwrap();
}

#[tokio::test]
async fn a_console_with_too_few_keys_or_in_other_hands_is_lost_with_the_reason() {
    let desk = on_pty(1, None);
    let (console, mut events) = Console::open(config("bench", desk.address(), &["judge", "clerk"])).unwrap();
    let DeviceEvent::Lost { cause, .. } = next(&mut events).await else { panic!("two seats, one key") };
    assert!(cause.contains("has 1 keys, but the settings give it 2 seats"), "{cause}");
    console.close().await.unwrap();
    let address: bridge::transport::Address = desk.address().parse().unwrap();
    let other = bridge::transport::open(&address, std::time::Instant::now() + PATIENCE).unwrap();
    let (console, mut events) = Console::open(config("bench", desk.address(), &["judge"])).unwrap();
    let DeviceEvent::Lost { cause, .. } = next(&mut events).await else {
        panic!("somebody else has it open")
    };
    assert!(cause.contains("in use"), "{cause}");
    drop(other);
    assert!(matches!(next(&mut events).await, DeviceEvent::Back { .. }), "it is free again");
    console.close().await.unwrap();
}

#[tokio::test]
async fn a_room_joins_its_consoles_and_a_closed_one_can_be_opened_by_others() {
    let (bench, bar) = (on_pty(1, None), on_pty(2, None));
    let configs =
        [config("bench", bench.address(), &["judge"]), config("bar", bar.address(), &["plaintiff", "judge"])];
    let (room, mut events) = Room::open(configs).unwrap();
    for _ in 0..2 {
        assert!(matches!(next(&mut events).await, DeviceEvent::Back { .. }));
    }
    assert!(bar.press(0, true));
    assert!(is_key(&next(&mut events).await, "plaintiff", true));
    room.show(&seat("judge"), SeatLook { light: KeyLight::Recording, mic_open: false }).unwrap();
    for (desk, key) in [(&bench, 0), (&bar, 1)] {
        let shown = desk.wait_until(PATIENCE, |s| s.lights[key] == KeyLight::Recording);
        assert!(shown.is_ok(), "{shown:?}");
    }
    assert!(matches!(room.show(&seat("public"), SeatLook::default()), Err(DeviceError::NoSuchSeat { .. })));
    room.close().await.unwrap();
    let address: bridge::transport::Address = bench.address().parse().unwrap();
    assert!(bridge::transport::open(&address, std::time::Instant::now() + PATIENCE).is_ok());
}

#[test]
fn the_settings_are_checked_when_they_are_read() {
    #[derive(Debug, serde::Deserialize)]
    struct Settings {
        devices: Vec<DeviceConfig>,
    }
    let read = |text: &str| toml::from_str::<Settings>(text).map_err(|e| e.to_string());
    let text = |name: &str, address: &str, seats: &str| {
        format!(
            "[[devices]]\nkind = \"console\"\nname = \"{name}\"\naddress = \"{address}\"\nseats = {seats}\n"
        )
    };
    let good = read(&text("bench", "/dev/ttyUSB0", r#"["judge", "clerk"]"#)).unwrap();
    assert_eq!(
        (good.devices[0].name(), good.devices[0].seats()),
        ("bench", &[seat("judge"), seat("clerk")][..])
    );
    let many = format!("{:?}", (0..17).map(|n| format!("s{n}")).collect::<Vec<_>>());
    for (wrong, says) in [
        (text("", "/dev/ttyUSB0", r#"["judge"]"#), "1–40 characters"),
        (text("bench", "ttyUSB0", r#"["judge"]"#), "no device"),
        (text("bench", "/dev/ttyUSB0", "[]"), "1–16 seats"),
        (text("bench", "/dev/ttyUSB0", &many), "1–16 seats"),
        (text("bench", "/dev/ttyUSB0", r#"["judge", "judge"]"#), "twice"),
        (text("bench", "/dev/ttyUSB0", r#"["judge"]"#) + "colour = 1\n", "unknown field"),
        (text("bench", "/dev/ttyUSB0", r#"["judge"]"#).replace("console", "lamp"), "unknown variant"),
    ] {
        let error = read(&wrong).unwrap_err();
        assert!(error.contains(says), "{wrong}\n{error}");
    }
}
