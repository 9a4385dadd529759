//! `ingest`: from a file handed in to its pages found by the search, born-digital and scanned, by one page worker.
//!
//! The sample case is what is filed; its truth file says what stands on the pages. Floor and peers read the same pages
//! with the same single core, but file, index and keep nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench ends where something is not as it must be"
)]

#[path = "../support/mod.rs"]
mod support;

mod quality;
mod recognised;
mod sheets;
mod thousand;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dossier::{Dossier, DossierConfig, NewDocument, WorkerCommand};
use model::{CaseId, PageRef, Side};
use serde::Deserialize;
use support::{Figure, ms, quick, rounds, say, skipped, timed};

const SAMPLE: &str = "target/fixtures/case";
const PDFIUM: &str = "target/pdfium/libpdfium.so";
const PATIENCE: Duration = Duration::from_secs(900);
const DIGITAL: &str = "ingest_born_digital_pages_per_s_core";
/// The born-digital files of the sample so many times over: opening a worker shall not be what is measured.
const DIGITAL_COPIES: usize = 12;
const SCANS: &str = "ingest_scan_pages_per_s_core";
/// What scans are read at (tesseract's own advice), here and in the dossier.
const DPI: &str = "300";

#[derive(Deserialize)]
struct Truth {
    files: Vec<TruthFile>,
}

#[derive(Deserialize)]
struct TruthFile {
    file: PathBuf,
    kind: String,
    pages: Vec<TruthPage>,
}

#[derive(Deserialize)]
struct TruthPage {
    text: String,
    handwritten: Vec<serde_json::Value>,
    blank: bool,
}

impl TruthPage {
    /// Whether print is all there is to read.
    fn printed(&self) -> bool {
        !self.blank && self.handwritten.is_empty() && !self.text.is_empty()
    }
}

fn case() -> CaseId {
    CaseId::new("bench").expect("a well-formed id")
}

fn open(folder: &Path, workers: usize) -> Dossier {
    let args = ["page-worker", "--pdfium", PDFIUM].map(str::to_owned).to_vec();
    let config = DossierConfig {
        dir: folder.to_owned(),
        worker: WorkerCommand { program: env!("CARGO_BIN_EXE_huiting").into(), args },
        workers,
        page_timeout: Duration::from_secs(120),
    };
    Dossier::open(config).expect("a new dossier")
}

fn new(file: &Path) -> NewDocument {
    let name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
    NewDocument {
        file: file.to_owned(),
        name,
        side: Side::Bench,
        heading: String::new(),
        title: String::new(),
        evidence_number: None,
        at: model::UtcMs(0),
        made: None,
        password: None,
        offer: None,
    }
}

/// What one filing of some documents gave.
struct Filed {
    dossier: Dossier,
    /// From the first file handed in until the last page is found.
    seconds: f64,
    docs: Vec<model::DocId>,
    _folder: tempfile::TempDir,
}

fn file_all(files: &[PathBuf]) -> Filed {
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let dossier = open(folder.path(), 1);
    let (took, docs) = timed(|| {
        let docs = files.iter().map(|f| dossier.add(&case(), new(f)).expect("filed").doc).collect();
        assert!(dossier.wait_ready(&case(), PATIENCE), "pages were not read in time");
        docs
    });
    Filed { dossier, seconds: took / 1000.0, docs, _folder: folder }
}

/// The files as they lie in the sample.
fn as_they_lie(files: &[&TruthFile]) -> Vec<PathBuf> {
    files.iter().map(|f| Path::new(SAMPLE).join(&f.file)).collect()
}

/// Runs a program to its end; seconds, or nothing where it is not installed or fails.
fn seconds_of(program: &str, args: &[&str]) -> Option<f64> {
    let mut command = Command::new(program);
    command.args(args).env("OMP_THREAD_LIMIT", "1").stdout(Stdio::null()).stderr(Stdio::null());
    let (took, done) = timed(|| command.status());
    done.is_ok_and(|s| s.success()).then_some(took / 1000.0)
}

/// The first word of two to four hanzi that a page begins with.
fn word_of(page: &TruthPage) -> String {
    let hanzi = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
    page.text.chars().skip_while(|c| !hanzi(c)).take_while(hanzi).take(4).collect()
}

/// Milliseconds from handing in the longest document until its first page is found.
fn first_page(file: &TruthFile) -> f64 {
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let dossier = open(folder.path(), 1);
    let word = word_of(&file.pages[0]);
    let began = Instant::now();
    let doc = dossier.add(&case(), new(&Path::new(SAMPLE).join(&file.file))).expect("filed").doc;
    let first = PageRef { doc, page: 1 };
    while began.elapsed() < PATIENCE {
        if dossier.search(&case(), &word, 20).expect("searched").hits.iter().any(|h| h.page == first) {
            return ms(began.elapsed());
        }
        std::thread::park_timeout(Duration::from_millis(2));
    }
    panic!("'{word}' was not found on the first page")
}

/// The most memory a page worker of this process has had, in MiB.
fn peak_mib() -> f64 {
    let me = std::process::id();
    let children = std::fs::read_dir(format!("/proc/{me}/task")).expect("Linux");
    let children = children.flatten().filter_map(|t| std::fs::read_to_string(t.path().join("children")).ok());
    let mut peak: f64 = 0.0;
    for pid in children.flat_map(|c| c.split_whitespace().map(str::to_owned).collect::<Vec<_>>()) {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let kib = status
            .lines()
            .find_map(|l| l.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
        peak = peak.max(kib.unwrap_or(0.0) / 1024.0);
    }
    peak
}

/// Memory of this process and of all that it has started, in MiB.
fn memory_mib() -> f64 {
    let Ok(processes) = std::fs::read_dir("/proc") else { return 0.0 };
    let pids = processes.flatten().filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok());
    let about: std::collections::HashMap<u32, (u32, f64)> = pids
        .filter_map(|pid| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let value = |key: &str| {
                status
                    .lines()
                    .find_map(|l| l.strip_prefix(key)?.split_whitespace().next()?.parse::<f64>().ok())
            };
            Some((pid, (value("PPid:")? as u32, value("VmRSS:").unwrap_or(0.0) / 1024.0)))
        })
        .collect();
    let me = std::process::id();
    let mine = |mut pid: u32| {
        while pid > 1 {
            if pid == me {
                return true;
            }
            pid = about.get(&pid).map_or(0, |(parent, _)| *parent);
        }
        false
    };
    about.iter().filter(|(pid, _)| mine(**pid)).map(|(_, (_, mib))| mib).sum()
}

/// Spaces and line ends do not count.
fn letters(s: &str) -> Vec<char> {
    text::normalise(s).chars.into_iter().filter(|c| !c.is_whitespace()).collect()
}

/// Characters that differ, of those that stand there.
fn character_error_rate(truth: &str, read: &str) -> f64 {
    let (truth, read) = (letters(truth), letters(read));
    let row = distances(&truth, &read, (0..=read.len()).collect());
    row[read.len()] as f64 / truth.len().max(1) as f64
}

/// The same, each line of the truth compared with the passage that is most like it, wherever that was read.
fn line_error_rate(truth: &str, read: &str) -> f64 {
    let read = letters(read);
    let lines: Vec<Vec<char>> = truth.lines().map(letters).filter(|l| !l.is_empty()).collect();
    let nearest =
        |line: &Vec<char>| distances(line, &read, vec![0; read.len() + 1]).into_iter().min().unwrap_or(0);
    let wrong: usize = lines.iter().map(nearest).sum();
    wrong as f64 / lines.iter().map(Vec::len).sum::<usize>().max(1) as f64
}

/// Changes from `truth` to what ends at each place of `read`; `row`: what beginning at each place costs.
fn distances(truth: &[char], read: &[char], mut row: Vec<usize>) -> Vec<usize> {
    for t in truth {
        let mut before = row[0];
        row[0] += 1;
        for (j, r) in read.iter().enumerate() {
            let change = before + usize::from(t != r);
            before = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(before + 1);
        }
    }
    row
}

/// Seconds poppler needs for the text of all files, plain and with boxes.
fn poppler(files: &[PathBuf]) -> Option<(f64, f64)> {
    let mut total = (0.0, 0.0);
    for file in files {
        let path = file.to_str()?;
        total.0 += seconds_of("pdftotext", &[path, "-"])?;
        total.1 += seconds_of("pdftotext", &["-bbox", path, "-"])?;
    }
    Some(total)
}

/// Pictures of scanned pages as tesseract's command line wants them.
fn pictures(files: &[&TruthFile], folder: &Path) -> Option<Vec<PathBuf>> {
    for (i, file) in files.iter().enumerate() {
        let path = Path::new(SAMPLE).join(&file.file);
        if path.extension().is_some_and(|e| e == "pdf") {
            let out = folder.join(format!("{i:02}"));
            seconds_of("pdftoppm", &["-r", DPI, "-gray", "-png", path.to_str()?, out.to_str()?])?;
        } else {
            std::fs::copy(&path, folder.join(format!("{i:02}.{}", path.extension()?.to_str()?))).ok()?;
        }
    }
    Some(std::fs::read_dir(folder).ok()?.flatten().map(|e| e.path()).collect())
}

fn tesseract(pictures: &[PathBuf]) -> Option<f64> {
    let mut total = 0.0;
    for picture in pictures {
        total += seconds_of("tesseract", &[picture.to_str()?, "-", "-l", "chi_sim", "--dpi", DPI])?;
    }
    Some(total)
}

fn pages(files: &[&TruthFile]) -> f64 {
    files.iter().map(|f| f.pages.len()).sum::<usize>() as f64
}

/// Whether a part is measured: `ONLY=quality`, `ONLY=recognised`, `ONLY=digital`, `ONLY=scans` or `ONLY=thousand` measures that part alone.
fn wanted(part: &str) -> bool {
    std::env::var("ONLY").is_ok_and(|only| only == part) || std::env::var_os("ONLY").is_none()
}

fn main() {
    let names = [DIGITAL, SCANS];
    let Ok(truth) = std::fs::read(Path::new(SAMPLE).join("truth.json")) else {
        return names
            .iter()
            .for_each(|n| skipped(n, "the sample case is not made: run scripts/setup.sh fixtures"));
    };
    let truth: Truth = serde_json::from_slice(&truth).expect("the truth file of the sample case");
    let (digital, mut scans): (Vec<_>, Vec<_>) = truth.files.iter().partition(|f| f.kind == "born-digital");
    if quick() {
        scans.truncate(2);
    }
    if wanted("quality") {
        quality::measure(&digital);
    }
    if wanted("recognised") {
        recognised::measure(&digital);
    }
    if wanted("digital") {
        measure_digital(&digital);
    }
    if wanted("scans") {
        measure_scans(&scans);
    }
    if wanted("thousand") {
        thousand::measure(&truth.files.iter().collect::<Vec<_>>());
    }
}

fn measure_digital(digital: &[&TruthFile]) {
    let (mut rate, mut plain, mut boxed, mut first) = (vec![], vec![], vec![], vec![]);
    let longest = digital.iter().max_by_key(|f| f.pages.len()).expect("the sample has such files");
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let times = if quick() { 1 } else { DIGITAL_COPIES };
    let files = thousand::copies(digital, folder.path(), times);
    let count = pages(digital) * times as f64;
    for round in 0..rounds() {
        say(&format!("ingest: born-digital, round {}", round + 1));
        rate.push(count / file_all(&files).seconds);
        if let Some((without, with)) = poppler(&files) {
            plain.push(count / without);
            boxed.push(count / with);
        }
        first.push(first_page(longest));
    }
    Figure::new(DIGITAL, "pages/s", rate)
        .floor(&plain)
        .peer("pdftotext_bbox", &boxed)
        .at_least(300.0)
        .note(format!("{count} pages of {} files; floor: pdftotext, a process for each file, text alone; ours also keeps boxes, hashes, files and indexes", files.len()))
        .print();
    let note = format!("of {} pages born digital, handed in to an empty dossier", longest.pages.len());
    Figure::new("ingest_first_page_searchable_ms", "ms", first).at_most(300.0).note(note).print();
}

/// A round reads every scanned page twice: fewer rounds than elsewhere.
fn measure_scans(scans: &[&TruthFile]) {
    let (mut rate, mut floor, mut rates, mut by_lines, mut peak) = (vec![], vec![], vec![], vec![], vec![]);
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let pictures = pictures(scans, folder.path());
    for round in 0..if quick() { 1 } else { 2 } {
        say(&format!("ingest: scanned, round {}", round + 1));
        let filed = file_all(&as_they_lie(scans));
        rate.push(pages(scans) / filed.seconds);
        floor.extend(pictures.as_deref().and_then(tesseract).map(|s| pages(scans) / s));
        peak.push(peak_mib());
        for (file, doc) in scans.iter().zip(&filed.docs) {
            for (page, number) in file.pages.iter().zip(1..).filter(|(p, _)| p.printed()) {
                let at = PageRef { doc: doc.clone(), page: number };
                let read =
                    filed.dossier.text(&case(), &at).expect("kept").map_or_else(String::new, |t| t.plain());
                let wrong = character_error_rate(&page.text, &read) * 100.0;
                by_lines.push(line_error_rate(&page.text, &read) * 100.0);
                if std::env::var_os("SHOW").is_some() {
                    say(&format!(
                        "  {} {number}: {wrong:.1} %\n{}\n---\n{read}",
                        file.file.display(),
                        page.text
                    ));
                }
                rates.push(wrong);
            }
        }
    }
    Figure::new(SCANS, "pages/s", rate)
        .floor(&floor)
        .at_least(1.0)
        .note("floor: tesseract's command line on pictures of the same pages, one core; ours also turns, cleans, keeps boxes and indexes")
        .print();
    Figure::new("ocr_cer_sample_scans", "%", rates)
        .at_most(3.0)
        .note("median over the printed pages of the sample's scans (tilted, noisy, some turned); a page read in another order counts as wrong")
        .print();
    Figure::new("ocr_cer_sample_scans_by_lines", "%", by_lines)
        .at_most(3.0)
        .note("the same pages, each line looked for wherever it was read: what order costs is left out")
        .print();
    Figure::new("ingest_peak_mib", "MiB", peak)
        .note("the largest page worker, after the scanned pages")
        .print();
}
