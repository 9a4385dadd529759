//! What the dossier reads of full pages of text: as they are drawn, and as a poor scanner gives them. A peer reads the same pictures.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use image::codecs::jpeg::JpegEncoder;
use image::{Pixel, RgbImage, imageops};
use model::PageRef;

use super::sheets::{DPI, Sheet, leaning, scanned, sheets};
use super::{PATIENCE, TruthFile, case, character_error_rate, ms, new, open};
use crate::support::{Figure, median, quick, say, skipped};

/// So many pages, from all over the sample.
const PAGES: usize = 16;

/// Leaning a little, out of focus, pale, with grain, and pressed into a small file.
fn poor(sheet: &RgbImage, n: usize) -> RgbImage {
    let leaning = leaning(sheet, [-1.5, 0.8, 1.2, -0.6][n % 4]);
    let mut out = imageops::blur(&scanned(&leaning, n as u64 + 1), 1.1);
    for p in out.pixels_mut() {
        p.apply(|c| (60 + u32::from(c) * 180 / 255) as u8);
    }
    out
}

/// Prints `ocr_cer_clean` and `ocr_cer_degraded`, the same of pages on which the recogniser was never tried while it was built
/// (`_held_out`), the pages read in a second, and how soon such a page is seen.
pub(crate) fn measure(files: &[&TruthFile]) {
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let Some(all) = sheets(files, folder.path()) else {
        return skipped("ocr_cer_clean", "pdftoppm is not installed");
    };
    let wanted = if quick() { 3 } else { PAGES };
    for (set, third) in [("", 0), ("_held_out", 1)] {
        let every_third = all.iter().enumerate().filter(|(n, _)| n % 3 == third);
        let sheets: Vec<&Sheet> = every_third.map(|(_, sheet)| sheet).take(wanted).collect();
        for (name, goal) in [("clean", 0.5), ("degraded", 3.0)] {
            say(&format!("ingest: {} pages of text, {name}{set}", sheets.len()));
            let pictures: Vec<PathBuf> =
                sheets.iter().enumerate().map(|(n, sheet)| drawn(sheet, name, n, folder.path())).collect();
            let read = read(&sheets, &pictures);
            Figure::new(format!("ocr_cer_{name}{set}"), "%", vec![median(&read.own)])
                .peer("tesseract", &read.peer)
                .at_most(goal)
                .note(format!(
                    "median of {} pages full of text at {DPI} dpi; the worst {:.1} %",
                    read.own.len(),
                    read.own.iter().copied().fold(0.0, f64::max)
                ))
                .print();
            if !set.is_empty() {
                continue;
            }
            Figure::new(format!("ocr_{name}_pages_per_s_core"), "pages/s", vec![read.own.len() as f64 / read.took_s])
                .at_least(1.0)
                .note("one page worker, from the first handed in to the last found; each is drawn for a reader meanwhile")
                .print();
            if name == "degraded" {
                Figure::new("ingest_scan_visible_ms", "ms", vec![median(&read.seen_ms)])
                    .at_most(150.0)
                    .note("from a scanned page handed in until it is drawn at 120 dpi")
                    .print();
            }
        }
    }
}

/// The picture that is handed in.
fn drawn(sheet: &Sheet, name: &str, n: usize, folder: &Path) -> PathBuf {
    if name == "clean" {
        let path = folder.join(format!("{name}-{n:02}.png"));
        sheet.picture.save(&path).expect("written");
        return path;
    }
    let path = folder.join(format!("{name}-{n:02}.jpg"));
    let file = std::fs::File::create(&path).expect("a new file");
    JpegEncoder::new_with_quality(file, 40).encode_image(&poor(&sheet.picture, n)).expect("written");
    path
}

struct Read {
    /// Character error rates, %.
    own: Vec<f64>,
    peer: Vec<f64>,
    seen_ms: Vec<f64>,
    took_s: f64,
}

fn read(sheets: &[&Sheet], pictures: &[PathBuf]) -> Read {
    let home = tempfile::tempdir_in("target").expect("the target folder is writable");
    let dossier = open(home.path(), 1);
    let began = Instant::now();
    let mut seen_ms = Vec::new();
    let docs: Vec<_> = pictures
        .iter()
        .map(|path| {
            let added = Instant::now();
            let doc = dossier.add(&case(), new(path)).expect("filed").doc;
            dossier.image(&case(), &PageRef { doc: doc.clone(), page: 1 }, 120).expect("drawn");
            seen_ms.push(ms(added.elapsed()));
            doc
        })
        .collect();
    assert!(dossier.wait_ready(&case(), PATIENCE), "pages were not read in time");
    let took_s = began.elapsed().as_secs_f64();
    let (mut own, mut peer) = (Vec::new(), Vec::new());
    for ((doc, sheet), path) in docs.into_iter().zip(sheets).zip(pictures) {
        let page = PageRef { doc, page: 1 };
        let read = dossier.text(&case(), &page).expect("kept").map_or_else(String::new, |t| t.plain());
        let rate = 100.0 * character_error_rate(&sheet.text, &read);
        own.push(rate);
        if std::env::var_os("SHOW").is_some() {
            say(&format!("  {}: {rate:.2} %\n{}\n---\n{read}", path.display(), sheet.text));
        }
        peer.extend(tesseract(path).map(|read| 100.0 * character_error_rate(&sheet.text, &read)));
    }
    Read { own, peer, seen_ms, took_s }
}

/// What tesseract's command line reads of a picture.
fn tesseract(picture: &Path) -> Option<String> {
    let read = Command::new("tesseract")
        .args([picture.to_str()?, "-", "-l", "chi_sim", "--dpi", DPI])
        .env("OMP_THREAD_LIMIT", "1")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    read.status.success().then(|| String::from_utf8_lossy(&read.stdout).into_owned())
}
