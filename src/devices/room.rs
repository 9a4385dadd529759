//! All devices of one courtroom.

use model::SeatId;
use tokio::sync::mpsc;

use crate::{Console, DeviceConfig, DeviceError, DeviceEvent, EVENTS_WAITING_MAX, SeatLook};

/// All devices of one courtroom, with one queue of events.
pub struct Room {
    consoles: Vec<Console>,
}

impl Room {
    /// Starts to keep every device of the settings open.
    pub fn open(
        configs: impl IntoIterator<Item = DeviceConfig>,
    ) -> Result<(Self, mpsc::Receiver<DeviceEvent>), DeviceError> {
        let (sender, events) = mpsc::channel(EVENTS_WAITING_MAX);
        let consoles = configs.into_iter().map(|config| Console::open_into(config, sender.clone()));
        Ok((Self { consoles: consoles.collect::<Result<_, _>>()? }, events))
    }

    /// Lets a seat's key and microphone show `look` on every console that has a key of that seat. A seat without one
    /// is an error that a hub may well ignore: not every seat has a console.
    pub fn show(&self, seat: &SeatId, look: SeatLook) -> Result<(), DeviceError> {
        let mut of_seat = self.consoles.iter().filter(|c| c.seats().contains(seat)).peekable();
        if of_seat.peek().is_none() {
            return Err(DeviceError::NoSuchSeat { seat: seat.clone() });
        }
        of_seat.try_for_each(|console| console.show(seat, look))
    }

    /// Closes every device; the first failure, after all have been closed.
    pub async fn close(self) -> Result<(), DeviceError> {
        let mut result = Ok(());
        for console in self.consoles {
            result = result.and(console.close().await);
        }
        result
    }
}
