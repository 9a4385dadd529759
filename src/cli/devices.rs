//! The devices of the room: talk keys go to the live hearing, their lights show what the key does.

use std::sync::Arc;

use devices::{DeviceEvent, KeyLight, SeatLook};
use hub::{Msg, Room};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// Follows the devices of the settings until `stop`; without any, does nothing.
pub fn follow(config: &Config, room: Arc<Room>, stop: &CancellationToken) -> anyhow::Result<JoinHandle<()>> {
    let (devices, mut events) = devices::Room::open(config.devices.clone())?;
    let stop = stop.clone();
    Ok(tokio::spawn(async move {
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                () = stop.cancelled() => None,
            };
            match event {
                Some(DeviceEvent::TalkKey { seat, down, .. }) => {
                    let heard = match room.live().await {
                        Some(hearing) => {
                            hearing.send(Msg::TalkKey { seat: seat.clone(), down, at: None }).await.is_ok()
                        }
                        None => false,
                    };
                    let light = match (down, heard) {
                        (true, true) => KeyLight::MicOpen,
                        (true, false) => KeyLight::Fault,
                        (false, _) => KeyLight::Off,
                    };
                    // A seat without a light shows nothing; that is no fault.
                    let _ = devices.show(&seat, SeatLook { light, mic_open: down && heard });
                }
                Some(DeviceEvent::Lost { device, cause }) => {
                    tracing::warn!(device, cause, "a device is lost")
                }
                Some(DeviceEvent::Back { device, identity }) => {
                    tracing::info!(device, identity, "a device is back")
                }
                Some(DeviceEvent::Missed { device, count, .. }) => {
                    tracing::warn!(device, count, "key changes were missed")
                }
                None => break,
            }
        }
        if let Err(error) = devices.close().await {
            tracing::warn!(%error, "a device could not be closed in order");
        }
    }))
}
