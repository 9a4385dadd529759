//! The hearing clock.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Milliseconds on the hearing clock: monotonic, zero when the hearing was opened on this machine, never stepped.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(transparent)]
pub struct HearingTime(pub u64);

impl HearingTime {
    /// Milliseconds from `earlier` to `self`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This time moved on by `ms` milliseconds.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

impl fmt::Display for HearingTime {
    /// `HH:MM:SS.mmm` since the hearing was opened.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (s, ms) = (self.0 / 1000, self.0 % 1000);
        write!(f, "{:02}:{:02}:{:02}.{ms:03}", s / 3600, s / 60 % 60, s % 60)
    }
}

/// Wall-clock time in milliseconds since 1970-01-01 UTC.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(transparent)]
pub struct UtcMs(pub i64);

impl UtcMs {
    /// Date and time of day in Beijing (UTC+8): `(year, month, day, hour, minute, second)`.
    #[must_use]
    pub fn beijing(self) -> (i64, u32, u32, u32, u32, u32) {
        let local_s = self.0.div_euclid(1000) + 8 * 3600;
        let (days, s) = (local_s.div_euclid(86_400), local_s.rem_euclid(86_400));
        let (y, m, d) = civil_from_days(days);
        (y, m, d, (s / 3600) as u32, (s / 60 % 60) as u32, (s % 60) as u32)
    }
}

impl UtcMs {
    /// The day in Beijing.
    #[must_use]
    pub fn beijing_day(self) -> Day {
        let (year, month, day, ..) = self.beijing();
        Day { year: year.clamp(0, 9999) as u16, month: month as u8, day: day as u8 }
    }
}

/// A calendar day, written 2023-12-29.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// A text that is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no day; write it as 2023-12-29")]
pub struct NoDay(String);

impl Day {
    /// The day of these numbers, if the calendar has it.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (year <= 9999 && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// Year and month.
    #[must_use]
    pub fn year_month(self) -> (u16, u8) {
        (self.year, self.month)
    }

    /// The instant at which this day begins in Beijing.
    #[must_use]
    pub fn beijing_midnight(self) -> UtcMs {
        let days = days_from_civil(i64::from(self.year), i64::from(self.month), i64::from(self.day));
        UtcMs((days * 24 - 8) * 3_600_000)
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A calendar day.",
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl std::str::FromStr for Day {
    type Err = NoDay;
    fn from_str(text: &str) -> Result<Self, NoDay> {
        let digits = text
            .bytes()
            .enumerate()
            .all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
        let part = |from, to| text.get(from..to).and_then(|p| p.parse::<u16>().ok());
        let day = match (digits && text.len() == 10, part(0, 4), part(5, 7), part(8, 10)) {
            (true, Some(year), Some(month), Some(day)) => Self::new(year, month as u8, day as u8),
            _ => None,
        };
        day.ok_or_else(|| NoDay(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for Day {
    type Error = NoDay;
    fn try_from(text: String) -> Result<Self, NoDay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// Gregorian date of a day number counted from 1970-01-01.
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    // Count in 400-year eras that begin on 1 March, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The day number of a Gregorian date, counted from 1970-01-01: the way back of [`civil_from_days`].
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beijing_time_is_eight_hours_ahead_and_crosses_midnight() {
        assert_eq!(UtcMs(0).beijing(), (1970, 1, 1, 8, 0, 0));
        assert_eq!(UtcMs(951_782_400_000 + 16 * 3_600_000).beijing(), (2000, 3, 1, 0, 0, 0));
        assert_eq!(UtcMs(1_709_222_399_000).beijing(), (2024, 2, 29, 23, 59, 59));
    }

    /// [R-VAL-3]
    #[test]
    fn a_day_is_one_of_the_calendar_and_reads_as_it_is_written() {
        for written in ["2023-12-29", "2000-02-29", "1982-12-04"] {
            assert_eq!(written.parse::<Day>().map(|d| d.to_string()).as_deref(), Ok(written));
        }
        for not in ["2023-02-29", "2023-13-01", "2023-1-01", "20231229", "", "2023-12-29x", "１２３４-12-29"]
        {
            assert!(not.parse::<Day>().is_err(), "{not}");
        }
        assert_eq!(UtcMs(1_709_222_399_000).beijing_day().to_string(), "2024-02-29");
    }

    #[test]
    fn a_day_begins_at_midnight_in_beijing_and_ends_a_day_later() {
        for written in ["1970-01-01", "2000-02-29", "2024-12-31", "2026-03-01"] {
            let day: Day = written.parse().expect("a day");
            let midnight = day.beijing_midnight();
            assert_eq!(midnight.beijing_day(), day);
            assert_eq!(UtcMs(midnight.0 + 86_399_999).beijing_day(), day);
            assert_ne!(UtcMs(midnight.0 - 1).beijing_day(), day);
        }
    }

    #[test]
    fn hearing_time_reads_as_a_clock() {
        assert_eq!(HearingTime(3_723_004).to_string(), "01:02:03.004");
    }
}
