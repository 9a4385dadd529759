//! The hearing clock as the recorder reads it, and how a device's own sample count relates to it.

use std::collections::VecDeque;
use std::time::Duration;

use model::{HearingTime, UtcMs};
use protocol::link::recorder::ClockOrigin;
use rustix::time::{ClockId, clock_gettime};

const NS_PER_MS: u64 = 1_000_000;

/// Nanoseconds and milliseconds since a hearing's origin. Monotonic: after a restart of the machine it is anchored once by
/// UTC and runs on the monotonic clock from there, so that it is never stepped.
#[derive(Debug, Clone)]
pub struct HearingClock {
    origin: ClockOrigin,
    /// Monotonic nanoseconds at hearing time zero; negative when the machine was started after that.
    zero_ns: i128,
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
        let mono = monotonic_ns();
        let same_boot = origin.boot_id == boot_id() && origin.monotonic_ns <= mono;
        let zero_ns = if same_boot {
            i128::from(origin.monotonic_ns)
        } else {
            let passed_ms = (utc_now().0 - origin.utc_ms.0).max(0);
            i128::from(mono) - i128::from(passed_ms) * i128::from(NS_PER_MS)
        };
        Self { origin, zero_ns }
    }

    /// Where it has its zero.
    #[must_use]
    pub fn origin(&self) -> &ClockOrigin {
        &self.origin
    }

    /// Nanoseconds since hearing time zero.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        u64::try_from(i128::from(monotonic_ns()) - self.zero_ns).unwrap_or(0)
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> HearingTime {
        HearingTime(self.now_ns() / NS_PER_MS)
    }
}

/// Wall-clock time in milliseconds.
#[must_use]
pub fn utc_now() -> UtcMs {
    let t = clock_gettime(ClockId::Realtime);
    UtcMs(t.tv_sec * 1000 + t.tv_nsec / 1_000_000)
}

pub(crate) fn monotonic_ns() -> u64 {
    let t = clock_gettime(ClockId::Monotonic);
    let d = Duration::new(t.tv_sec.unsigned_abs(), u32::try_from(t.tv_nsec).unwrap_or(0));
    u64::try_from(d.as_nanos()).unwrap_or(u64::MAX)
}

fn boot_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}

/// How many seconds of observations the fit looks back on.
const WINDOW: usize = 60;
/// A device further off than this is not drifting but broken.
const PPM_MAX: f64 = 500.0;

/// A line through (samples counted, hearing time). Arrivals are late by scheduling, never early, so only the earliest
/// arrival of each second counts.
#[derive(Debug, Clone)]
pub struct SampleFit {
    rate_hz: u32,
    /// (seconds by the device's count, seconds of delay against its nominal rate), the least delayed of each second.
    points: VecDeque<(f64, f64)>,
    /// Delay at count zero and its growth per second, both in seconds.
    offset_s: f64,
    slope: f64,
}

impl SampleFit {
    /// For a device of nominally `rate_hz`.
    #[must_use]
    pub fn new(rate_hz: u32) -> Self {
        Self { rate_hz: rate_hz.max(1), points: VecDeque::new(), offset_s: 0.0, slope: 0.0 }
    }

    /// `count` samples had arrived at hearing time `at_ns`.
    pub fn observe(&mut self, count: u64, at_ns: u64) {
        let device_s = count as f64 / f64::from(self.rate_hz);
        let delay_s = at_ns as f64 / 1e9 - device_s;
        match self.points.back_mut() {
            Some((t, best)) if device_s - *t < 1.0 => *best = best.min(delay_s),
            _ => {
                self.points.push_back((device_s, delay_s));
                if self.points.len() > WINDOW {
                    self.points.pop_front();
                }
            }
        }
        self.solve();
    }

    /// How late `at_ns` is for sample `count`, against the line; in seconds.
    #[must_use]
    pub fn residual_s(&self, count: u64, at_ns: u64) -> f64 {
        at_ns as f64 / 1e9 - self.time_ns(count) as f64 / 1e9
    }

    /// Hearing time of sample `count`, in nanoseconds.
    #[must_use]
    pub fn time_ns(&self, count: u64) -> u64 {
        let device_s = count as f64 / f64::from(self.rate_hz);
        let at = device_s + self.offset_s + self.slope * device_s;
        (at.max(0.0) * 1e9) as u64
    }

    /// Drift of the device against the hearing clock in parts per million; positive: the device is slow.
    #[must_use]
    pub fn ppm(&self) -> f64 {
        self.slope * 1e6
    }

    fn solve(&mut self) {
        let n = self.points.len() as f64;
        let (mt, md) = self.points.iter().fold((0.0, 0.0), |(t, d), p| (t + p.0 / n, d + p.1 / n));
        let (num, den) = self
            .points
            .iter()
            .fold((0.0, 0.0), |(a, b), p| (a + (p.0 - mt) * (p.1 - md), b + (p.0 - mt).powi(2)));
        // A slope from a few seconds would be made of scheduling noise.
        let slope = if self.points.len() >= 10 && den > 0.0 { num / den } else { 0.0 };
        self.slope = slope.clamp(-PPM_MAX / 1e6, PPM_MAX / 1e6);
        self.offset_s = md - self.slope * mt;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_restart_of_the_machine_the_clock_goes_on_from_utc() {
        let now = HearingClock::start_now();
        let other =
            ClockOrigin { boot_id: "another".to_owned(), utc_ms: UtcMs(now.utc_ms.0 - 90_000), ..now };
        let clock = HearingClock::new(other);
        let at = clock.now().0;
        assert!((90_000..91_000).contains(&at), "{at}");
    }

    #[test]
    fn the_clock_counts_from_its_origin_within_one_boot() {
        let mut origin = HearingClock::start_now();
        origin.monotonic_ns -= 5_000_000_000;
        origin.utc_ms = UtcMs(0);
        let at = HearingClock::new(origin).now().0;
        assert!((5_000..6_000).contains(&at), "{at}");
    }

    #[test]
    fn a_device_100_ppm_off_with_late_arrivals_is_placed_within_5_ms() {
        let mut fit = SampleFit::new(16_000);
        let mut seed = 7u32;
        let truth = |count: u64| 3.0 + count as f64 / 16_000.0 * 1.0001;
        for step in 1..9_000u64 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let late_s = f64::from(seed >> 20) / 4096.0 * 0.03;
            let count = step * 320;
            fit.observe(count, ((truth(count) + late_s) * 1e9) as u64);
        }
        let count = 9_000 * 320;
        let error_s = fit.time_ns(count) as f64 / 1e9 - truth(count);
        assert!(error_s.abs() < 0.005, "{error_s}");
        assert!((fit.ppm() - 100.0).abs() < 30.0, "{}", fit.ppm());
    }
}
