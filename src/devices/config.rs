//! The settings' slice about devices.

use std::collections::BTreeSet;

use bridge::codec::message::KEYS_MAX;
use bridge::transport::{Address, AddressError};
use model::SeatId;
use serde::Deserialize;

/// One device of the settings, checked.
///
/// ```toml
/// [[devices]]
/// kind = "console"
/// name = "bench"                           # as it appears in messages
/// address = "/dev/serial/by-id/usb-bench"  # or "tcp://192.168.1.40:5331"
/// seats = ["judge", "clerk"]               # key 0, key 1, …
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawDevice")]
pub struct DeviceConfig {
    pub(crate) name: String,
    pub(crate) address: Address,
    pub(crate) seats: Vec<SeatId>,
}

/// Why a device of the settings is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceConfigError {
    /// A name for messages is missing or too long.
    #[error("the name of a device must have 1–40 characters")]
    Name,
    /// The address is none.
    #[error("device \"{name}\": {cause}")]
    Address {
        /// The device.
        name: String,
        /// What is wrong.
        cause: AddressError,
    },
    /// Too few or too many keys.
    #[error("device \"{name}\" must list 1–16 seats, one per key in the order of the keys")]
    SeatCount {
        /// The device.
        name: String,
    },
    /// Two keys of one seat.
    #[error("device \"{name}\" lists the seat \"{seat}\" twice; every key needs a seat of its own")]
    SeatTwice {
        /// The device.
        name: String,
        /// The seat.
        seat: SeatId,
    },
}

impl DeviceConfig {
    /// A talk-key console at `address` (an absolute path or `tcp://host:port`) whose key *n* is that of `seats[n]`.
    pub fn console(
        name: impl Into<String>,
        address: &str,
        seats: Vec<SeatId>,
    ) -> Result<Self, DeviceConfigError> {
        let name = name.into();
        if !(1..=40).contains(&name.chars().count()) {
            return Err(DeviceConfigError::Name);
        }
        let address = match address.parse() {
            Ok(address) => address,
            Err(cause) => return Err(DeviceConfigError::Address { name, cause }),
        };
        if !(1..=usize::from(KEYS_MAX)).contains(&seats.len()) {
            return Err(DeviceConfigError::SeatCount { name });
        }
        let mut seen = BTreeSet::new();
        match seats.iter().find(|seat| !seen.insert(*seat)).cloned() {
            Some(seat) => Err(DeviceConfigError::SeatTwice { name, seat }),
            None => Ok(Self { name, address, seats }),
        }
    }

    /// The name in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The seats in the order of their keys.
    #[must_use]
    pub fn seats(&self) -> &[SeatId] {
        &self.seats
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDevice {
    #[allow(dead_code, reason = "read for its value to be checked; there is one kind so far")]
    kind: Kind,
    name: String,
    address: String,
    seats: Vec<SeatId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Console,
}

impl TryFrom<RawDevice> for DeviceConfig {
    type Error = DeviceConfigError;

    fn try_from(raw: RawDevice) -> Result<Self, DeviceConfigError> {
        Self::console(raw.name, &raw.address, raw.seats)
    }
}
