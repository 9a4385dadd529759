//! The talk-key console of the room, if the settings name one.

use std::sync::Arc;

use hub::{Msg, Room};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// Follows the console until `stop`; without one in the settings, does nothing.
pub fn open(config: &Config, room: Arc<Room>, stop: &CancellationToken) -> JoinHandle<()> {
    let (console, stop) = (config.console.clone(), stop.clone());
    tokio::spawn(async move {
        let Some((device, seat)) = console else { return };
        let mut console = devices::Console::open(devices::ConsoleConfig::new(device, seat));
        loop {
            let event = tokio::select! {
                event = console.next() => event,
                () = stop.cancelled() => return,
            };
            match event {
                Some(devices::DeviceEvent::TalkKey { seat, down, .. }) => {
                    if let Some(hearing) = room.live().await {
                        // A hearing that has just ended needs no key.
                        let _ = hearing.send(Msg::TalkKey { seat, down }).await;
                    }
                }
                Some(other) => tracing::info!(?other, "console"),
                None => return,
            }
        }
    })
}
