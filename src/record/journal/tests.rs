//! The journal at its edges: what is on disk after everything that can happen to it.

mod every_byte;
mod faults;
mod format;
mod hostile_bytes;
mod kill;
mod mirror;
mod recovery;
mod simulated;
mod system_calls;

use std::path::Path;
use std::time::Duration;

use model::{HearingTime, UtcMs};
use proof::Ed25519Signer;

use super::{Journal, JournalConfig, NewEntry, Recovered};

fn signer() -> Box<Ed25519Signer> {
    Box::new(Ed25519Signer::new("huiting.test/h1", &[5; 32]).expect("a good name"))
}

fn config() -> JournalConfig {
    JournalConfig {
        segment_bytes: 8 << 10,
        // Only on request, so that every test knows what is on disk.
        checkpoint_every: Duration::from_secs(3600),
        ..JournalConfig::new("huiting.test/h1", signer())
    }
}

fn entry(n: u64) -> NewEntry {
    NewEntry {
        kind: "lineSettled".into(),
        actor: "clerk".into(),
        device: String::new(),
        at: HearingTime(n * 1000),
        wall: UtcMs(1_790_000_000_000 + n as i64 * 1000),
        payload: format!("{{\"type\":\"lineSettled\",\"n\":{n},\"text\":\"违约金过高\"}}").into_bytes(),
    }
}

fn open(dir: &Path) -> (Journal, Recovered) {
    Journal::open(dir, config()).expect("a sound journal opens")
}

/// Appends entries `from..=to` one by one and waits for each.
fn write(journal: &Journal, from: u64, to: u64) {
    for n in from..=to {
        let receipt = journal.append(vec![entry(n)]).wait().expect("the disk is well");
        assert_eq!((receipt.first_seq, receipt.last_seq), (n, n));
    }
}

fn assert_holds(recovered: &Recovered, to: u64) {
    let seqs: Vec<_> = recovered.entries.iter().map(|e| e.seq).collect();
    assert_eq!(seqs, (1..=to).collect::<Vec<_>>());
    for e in &recovered.entries {
        assert_eq!(e.payload.as_deref(), Some(&*entry(e.seq).payload));
        assert_eq!(e.at, entry(e.seq).at);
    }
}
