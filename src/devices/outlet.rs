//! The way of events to the hub: bounded, and honest about what did not fit.
//!
//! ```text
//!            fits                       room for all there is to tell
//!   even ──────────► even    behind ──────────────────────────────────► even
//!     └─ queue full ─► behind (every further event is counted)    told: Missed, presence, every key
//! ```
//!
//! A queue that is full for long enough loses events, but never the state: what the hub hears next is that it missed
//! some, and how things are now.

use model::SeatId;
use tokio::sync::mpsc::Sender;

use crate::{DeviceEvent, MissedBy};

/// Sends the events of one device.
pub(crate) struct Outlet {
    device: String,
    seats: Vec<SeatId>,
    events: Sender<DeviceEvent>,
    /// Events that did not fit; 0 is even.
    missed: u64,
    /// The latest `Back` or `Lost`.
    presence: Option<DeviceEvent>,
    /// Keys last reported down, bit n for key n.
    held: u16,
}

impl Outlet {
    pub(crate) fn new(device: String, seats: Vec<SeatId>, events: Sender<DeviceEvent>) -> Self {
        Self { device, seats, events, missed: 0, presence: None, held: 0 }
    }

    /// The device answers.
    pub(crate) fn back(&mut self, identity: String) {
        let back = DeviceEvent::Back { device: self.device.clone(), identity };
        self.presence = Some(back.clone());
        self.emit(back);
    }

    /// The device is lost: its keys are released first. Said once per cause.
    pub(crate) fn lost(&mut self, cause: String) {
        let held = self.held;
        for key in (0..16).filter(|key| held & (1 << key) != 0) {
            self.key(key, false, None);
        }
        let lost = DeviceEvent::Lost { device: self.device.clone(), cause };
        if self.presence.as_ref() != Some(&lost) {
            self.presence = Some(lost.clone());
            self.emit(lost);
        }
    }

    /// A key changed.
    pub(crate) fn key(&mut self, key: u8, down: bool, at_raw: Option<u32>) {
        let Some(seat) = self.seats.get(usize::from(key)).cloned() else { return };
        self.held = self.held & !(1 << key) | u16::from(down) << key;
        self.emit(DeviceEvent::TalkKey { seat, down, at_raw });
    }

    /// The console gave up `count` key messages.
    pub(crate) fn console_missed(&mut self, count: u64) {
        self.emit(DeviceEvent::Missed { device: self.device.clone(), count, by: MissedBy::Console });
    }

    fn emit(&mut self, event: DeviceEvent) {
        if self.missed > 0 || self.events.try_send(event).is_err() {
            self.missed += 1;
        }
    }

    /// Tells what was missed and how things are, once there is room for all of it.
    pub(crate) fn catch_up(&mut self) {
        if self.missed == 0 {
            return;
        }
        let mut all =
            vec![DeviceEvent::Missed { device: self.device.clone(), count: self.missed, by: MissedBy::Hub }];
        all.extend(self.presence.clone());
        all.extend((0u8..).zip(&self.seats).map(|(key, seat)| DeviceEvent::TalkKey {
            seat: seat.clone(),
            down: self.held & (1 << key) != 0,
            at_raw: None,
        }));
        let Ok(room) = self.events.try_reserve_many(all.len()) else { return };
        for (permit, event) in room.zip(all) {
            permit.send(event);
        }
        tracing::warn!(
            device = self.device,
            missed = self.missed,
            "the hub's queue of device events was full"
        );
        self.missed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::channel;

    #[test]
    fn a_full_queue_is_followed_by_the_count_and_the_state_as_it_is() {
        let (sender, mut events) = channel(5);
        let seats = ["judge", "clerk"].map(|s| SeatId::new(s).unwrap());
        let mut outlet = Outlet::new("bench".into(), seats.to_vec(), sender);
        outlet.back("bench 1.0".into());
        for i in 0..10 {
            outlet.key(0, i % 2 == 0, Some(i));
        }
        outlet.key(1, true, Some(10));
        for _ in 0..5 {
            events.try_recv().unwrap();
            outlet.catch_up();
        }
        let said: Vec<_> = std::iter::from_fn(|| events.try_recv().ok()).collect();
        let key = |seat: &SeatId, down| DeviceEvent::TalkKey { seat: seat.clone(), down, at_raw: None };
        let expected = [
            DeviceEvent::Missed { device: "bench".into(), count: 7, by: MissedBy::Hub },
            DeviceEvent::Back { device: "bench".into(), identity: "bench 1.0".into() },
            key(&seats[0], false),
            key(&seats[1], true),
        ];
        assert_eq!(said, expected);
    }
}
