//! `/metrics` in the Prometheus text form.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hub::Choices;

/// Counters of the server. Nothing in them tells one hearing from another.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) requests: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) joins: AtomicU64,
    pub(crate) joins_refused: AtomicU64,
    pub(crate) sockets: AtomicU64,
    /// What queues of screens chose; those of meetings are not among them.
    pub(crate) choices: Arc<Choices>,
}

impl Metrics {
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for (name, help, counter) in [
            ("huiting_http_requests_total", "HTTP requests", &self.requests),
            ("huiting_http_refused_total", "requests without a valid session or right", &self.refused),
            ("huiting_joins_total", "seat codes redeemed", &self.joins),
            ("huiting_joins_refused_total", "seat codes refused", &self.joins_refused),
            ("huiting_websockets_total", "WebSocket sessions begun", &self.sockets),
            ("huiting_resyncs_total", "screens that fell behind and got a snapshot", &self.choices.resyncs),
            (
                "huiting_ephemerals_left_out_total",
                "pointers, strokes and levels left out for screens far behind",
                &self.choices.ephemerals_left_out,
            ),
            (
                "huiting_screens_closed_unread_total",
                "screens closed because they asked and read nothing",
                &self.choices.closed_unread,
            ),
        ] {
            let value = counter.load(Ordering::Relaxed);
            // Writing into a String does not fail.
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
        }
        out
    }
}
