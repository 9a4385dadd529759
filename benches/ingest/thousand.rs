//! A dossier of a thousand pages, born digital and scanned, from nothing to found whole, while somebody goes on searching and turning pages.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dossier::Dossier;
use model::PageRef;

use super::{PATIENCE, SAMPLE, TruthFile, case, memory_mib, new, open, pages, word_of};
use crate::support::{Figure, ms, percentile, quick, say};

/// The sample case so many times over: 1,008 pages, five in twelve of them scanned.
const COPIES: usize = 14;
/// How often somebody looks for something meanwhile.
const EVERY: Duration = Duration::from_millis(200);

/// The files of the sample, each copy with bytes of its own behind its end, so that none is known already.
pub(crate) fn copies(files: &[&TruthFile], folder: &Path, copies: usize) -> Vec<PathBuf> {
    let mut made = Vec::new();
    for copy in 0..copies {
        for file in files {
            let name = file.file.file_name().and_then(|n| n.to_str()).expect("a name");
            let mut bytes = std::fs::read(Path::new(SAMPLE).join(&file.file)).expect("the sample");
            bytes.extend_from_slice(format!("\n% copy {copy}\n").as_bytes());
            let path = folder.join(format!("{copy:02}-{name}"));
            std::fs::write(&path, bytes).expect("written");
            made.push(path);
        }
    }
    made
}

/// Searches and opens pages until everything is read; milliseconds of each, and the most memory seen.
fn meanwhile(dossier: &Dossier, word: &str, first: &PageRef, until: Instant) -> (Vec<f64>, Vec<f64>, f64) {
    let (mut searches, mut opened, mut peak) = (Vec::new(), Vec::new(), 0f64);
    while !dossier.wait_ready(&case(), EVERY) {
        assert!(Instant::now() < until, "a thousand pages were not read in time");
        let began = Instant::now();
        dossier.search(&case(), word, 20).expect("searched");
        searches.push(ms(began.elapsed()));
        let began = Instant::now();
        dossier.page(&case(), first).expect("a page");
        opened.push(ms(began.elapsed()));
        peak = peak.max(memory_mib());
    }
    (searches, opened, peak)
}

/// Prints `ingest_thousand_…`.
pub(crate) fn measure(files: &[&TruthFile]) {
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let times = if quick() { 1 } else { COPIES };
    let copies = copies(files, folder.path(), times);
    let count = pages(files) * times as f64;
    say(&format!("ingest: {count} pages in {} files", copies.len()));
    let home = tempfile::tempdir_in("target").expect("the target folder is writable");
    let dossier = open(home.path(), 2);
    let began = Instant::now();
    let docs: Vec<_> = copies.iter().map(|f| dossier.add(&case(), new(f)).expect("filed").doc).collect();
    let shown = began.elapsed().as_secs_f64();
    let first = PageRef { doc: docs[0].clone(), page: 1 };
    let word = word_of(&files[0].pages[0]);
    let (searches, opened, peak) = meanwhile(&dossier, &word, &first, began + PATIENCE * 4);
    let note = format!("{count} pages of {} files, five in twelve scanned, two page workers", copies.len());
    let whole = Figure::new("ingest_thousand_pages_s", "s", vec![began.elapsed().as_secs_f64()]);
    if quick() { whole } else { whole.at_most(600.0) }.note(note).print();
    Figure::new("ingest_thousand_listed_s", "s", vec![shown])
        .note("until every page can be looked at")
        .print();
    for (name, values) in [("search", &searches), ("page", &opened)] {
        let p99 = percentile(values, 0.99);
        let note = format!("{} times while pages were read", values.len());
        Figure::new(format!("ingest_thousand_{name}_p99_ms"), "ms", vec![p99]).note(note).print();
    }
    let note = "resident, this process, its page workers and what they start, at its highest";
    Figure::new("ingest_thousand_peak_mib", "MiB", vec![peak]).note(note).print();
}
