//! The hearing clock of this machine.

use std::time::Duration;

use model::{HearingTime, UtcMs};
use protocol::link::recorder::ClockOrigin;
use rustix::time::{ClockId, clock_gettime};

/// Reads the time since a hearing's origin: by CLOCK_MONOTONIC within the boot in which the hearing was opened, by UTC
/// after a restart of the machine.
#[derive(Debug, Clone)]
pub struct HearingClock {
    origin: ClockOrigin,
    same_boot: bool,
}

impl HearingClock {
    /// An origin at this very moment.
    #[must_use]
    pub fn start_now() -> ClockOrigin {
        ClockOrigin { monotonic_ns: monotonic_ns(), utc_ms: utc_now(), boot_id: boot_id() }
    }

    /// A clock that counts from `origin`.
    #[must_use]
    pub fn new(origin: ClockOrigin) -> Self {
        let same_boot = origin.boot_id == boot_id() && origin.monotonic_ns <= monotonic_ns();
        Self { origin, same_boot }
    }

    /// The origin.
    #[must_use]
    pub fn origin(&self) -> &ClockOrigin {
        &self.origin
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> HearingTime {
        if self.same_boot {
            HearingTime(monotonic_ns().saturating_sub(self.origin.monotonic_ns) / 1_000_000)
        } else {
            HearingTime(u64::try_from(utc_now().0 - self.origin.utc_ms.0).unwrap_or(0))
        }
    }
}

/// Wall-clock time.
#[must_use]
pub fn utc_now() -> UtcMs {
    let t = clock_gettime(ClockId::Realtime);
    UtcMs(t.tv_sec * 1000 + t.tv_nsec / 1_000_000)
}

fn monotonic_ns() -> u64 {
    let t = clock_gettime(ClockId::Monotonic);
    let d = Duration::new(t.tv_sec.unsigned_abs(), u32::try_from(t.tv_nsec).unwrap_or(0));
    u64::try_from(d.as_nanos()).unwrap_or(u64::MAX)
}

fn boot_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}
