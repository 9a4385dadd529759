//! What benches share: rounds, medians, and the JSON lines they print (shape: `{"name","value","unit","rounds",…}`).
#![allow(dead_code, reason = "each bench uses its part")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "benches print their figures")]

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

/// One short round of everything, for CI.
pub fn quick() -> bool {
    std::env::var_os("QUICK").is_some()
}

/// Rounds of a figure.
pub fn rounds() -> usize {
    if quick() { 1 } else { 5 }
}

/// The median; NaN of nothing.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// The value below which the part `p` (0–1) of the values lies; NaN of nothing.
pub fn percentile(values: &[f64], p: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = ((sorted.len() as f64 - 1.0) * p).round().max(0.0) as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// Milliseconds.
pub fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

/// How long `work` takes, in milliseconds.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let done = work();
    (ms(began.elapsed()), done)
}

/// A figure being put together.
#[derive(Debug)]
pub struct Figure {
    name: String,
    unit: &'static str,
    values: Vec<f64>,
    floor: Option<f64>,
    peers: BTreeMap<String, f64>,
    /// Goal, and whether less is better.
    goal: Option<(f64, bool)>,
    note: Option<String>,
}

impl Figure {
    /// One value per round.
    pub fn new(name: impl Into<String>, unit: &'static str, values: Vec<f64>) -> Self {
        Self { name: name.into(), unit, values, floor: None, peers: BTreeMap::new(), goal: None, note: None }
    }

    /// The physical or simplest-loop limit of the same run, one value per round.
    pub fn floor(mut self, values: &[f64]) -> Self {
        self.floor = Some(median(values));
        self
    }

    /// An alternative measured in the same run.
    pub fn peer(mut self, name: &str, values: &[f64]) -> Self {
        self.peers.insert(name.to_owned(), median(values));
        self
    }

    /// At most this.
    pub fn at_most(mut self, goal: f64) -> Self {
        self.goal = Some((goal, true));
        self
    }

    /// At least this.
    pub fn at_least(mut self, goal: f64) -> Self {
        self.goal = Some((goal, false));
        self
    }

    /// Something a reader must know.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Prints the line.
    pub fn print(self) {
        let value = median(&self.values);
        let mut line = serde_json::json!({
            "name": self.name,
            "value": round(value),
            "unit": self.unit,
            "rounds": self.values.len(),
        });
        if let Some(floor) = self.floor {
            line["floor"] = round(floor).into();
            line["ratio"] = round(value / floor).into();
        }
        if !self.peers.is_empty() {
            line["peers"] =
                self.peers.iter().map(|(k, v)| (k.clone(), serde_json::Value::from(round(*v)))).collect();
        }
        if let Some((goal, less)) = self.goal {
            line["goal"] = goal.into();
            line["met"] = (if less { value <= goal } else { value >= goal }).into();
        }
        if let Some(note) = self.note {
            line["note"] = note.into();
        }
        emit(&line);
    }
}

/// A figure that could not be measured here.
pub fn skipped(name: &str, reason: &str) {
    emit(&serde_json::json!({ "name": name, "skipped": reason }));
}

fn emit(line: &serde_json::Value) {
    let mut out = std::io::stdout().lock();
    // A closed pipe ends the bench at its next line.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// Four significant digits.
fn round(v: f64) -> f64 {
    if v == 0.0 || !v.is_finite() {
        return v;
    }
    let scale = 10f64.powf(3.0 - v.abs().log10().floor());
    (v * scale).round() / scale
}

/// Prose for people, on standard error.
pub fn say(text: &str) {
    eprintln!("{text}");
}
