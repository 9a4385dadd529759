//! Sheets that came out badly: each page of the sample as a scanner gives it, whole and spoilt in one way, and which of them the dossier
//! tells of.

use std::collections::BTreeMap;

use image::imageops;
use image::{GrayImage, Luma};
use model::DocId;
use protocol::wire::PageProblem;

use super::sheets::{Sheet, leaning, scanned, sheets};
use super::{PATIENCE, TruthFile, case, new, open};
use crate::support::{Figure, quick, say, skipped};

/// What was done to a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spoilt {
    No,
    Blank,
    Quarter,
    Half,
    ThreeQuarter,
    Leaning,
    Blurred,
    Dark,
    CutOff,
}

impl Spoilt {
    const ALL: [Self; 9] = [
        Self::No,
        Self::Blank,
        Self::Quarter,
        Self::Half,
        Self::ThreeQuarter,
        Self::Leaning,
        Self::Blurred,
        Self::Dark,
        Self::CutOff,
    ];

    fn of(self, sheet: &GrayImage, n: usize) -> GrayImage {
        match self {
            Self::No => sheet.clone(),
            Self::Blank => GrayImage::from_pixel(sheet.width(), sheet.height(), Luma([250])),
            Self::Quarter => imageops::rotate90(sheet),
            Self::Half => imageops::rotate180(sheet),
            Self::ThreeQuarter => imageops::rotate270(sheet),
            Self::Leaning => leaning(sheet, [-7.0, -4.0, 3.5, 5.0][n % 4]),
            Self::Blurred => imageops::blur(sheet, [3.0, 4.0, 5.0][n % 3]),
            Self::Dark => GrayImage::from_fn(sheet.width(), sheet.height(), |x, y| {
                Luma([(u32::from(sheet.get_pixel(x, y).0[0]) * [45, 60, 75][n % 3] / 255) as u8])
            }),
            Self::CutOff => {
                // Through the text: its margins are some 12 to 15 % of the width.
                let left = sheet.width() / 4;
                imageops::crop_imm(sheet, left, 0, sheet.width() - left, sheet.height()).to_image()
            }
        }
    }

    /// Whether a problem is the one that was made.
    fn is(self, problem: &PageProblem) -> bool {
        match (self, problem) {
            (Self::Blank, PageProblem::Blank { .. })
            | (Self::Leaning, PageProblem::Leaning { .. })
            | (Self::Blurred, PageProblem::Blurred { .. })
            | (Self::Dark, PageProblem::Dark { .. })
            | (Self::CutOff, PageProblem::CutOff { .. }) => true,
            (Self::Quarter, PageProblem::Turned { degrees, .. }) => *degrees == 90,
            (Self::Half, PageProblem::Turned { degrees, .. }) => *degrees == 180,
            (Self::ThreeQuarter, PageProblem::Turned { degrees, .. }) => *degrees == 270,
            _ => false,
        }
    }

    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// Prints `quality_recall` and `quality_false_alarms`.
pub(crate) fn measure(files: &[&TruthFile]) {
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let Some(mut sheets) = sheets(files, folder.path()) else {
        return skipped("quality_recall", "pdftoppm is not installed");
    };
    if quick() {
        sheets.truncate(3);
    }
    say(&format!("ingest: {} sheets, whole and spoilt in {} ways", sheets.len(), Spoilt::ALL.len() - 1));
    let home = tempfile::tempdir_in("target").expect("the target folder is writable");
    let dossier = open(home.path(), 2);
    let mut filed: BTreeMap<DocId, (Spoilt, usize)> = BTreeMap::new();
    for (n, Sheet { picture, .. }) in sheets.iter().enumerate() {
        let sheet = &imageops::grayscale(picture);
        for spoilt in Spoilt::ALL {
            // A page is blank in one way.
            if spoilt == Spoilt::Blank && n > 0 && n % 4 != 0 {
                continue;
            }
            let path = folder.path().join(format!("{n:03}-{}.png", spoilt.name()));
            let picture = scanned(&spoilt.of(sheet, n), (n * 16 + spoilt as usize) as u64 + 1);
            picture.save(&path).expect("written");
            filed.insert(dossier.add(&case(), new(&path)).expect("filed").doc, (spoilt, n));
        }
    }
    assert!(dossier.wait_ready(&case(), PATIENCE * 4), "pages were not read in time");
    let (mut found, mut made, mut alarms): (BTreeMap<Spoilt, usize>, BTreeMap<Spoilt, usize>, usize) =
        Default::default();
    for doc in dossier.catalogue(&case()).expect("listed").docs {
        let (spoilt, n) = filed[&doc.doc];
        *made.entry(spoilt).or_default() += 1;
        // Spoilt copies are the same sheets: that they are noticed is not what is counted here.
        let seen = || doc.problems.iter().filter(|p| !matches!(p, PageProblem::Twin { .. }));
        if spoilt == Spoilt::No {
            alarms += usize::from(seen().next().is_some());
        }
        let right = seen().any(|p| spoilt.is(p));
        *found.entry(spoilt).or_default() += usize::from(right);
        if right == (spoilt == Spoilt::No) || (spoilt == Spoilt::No && seen().next().is_some()) {
            say(&format!("  sheet {n} {}: {:?}", spoilt.name(), doc.problems));
        }
    }
    let share = |n: usize, of: usize| 100.0 * n as f64 / of.max(1) as f64;
    let by_kind: Vec<_> = made
        .iter()
        .filter(|(s, _)| **s != Spoilt::No)
        .map(|(s, of)| format!("{} {}/{of}", s.name(), found.get(s).copied().unwrap_or(0)))
        .collect();
    let goal = [Spoilt::Blank, Spoilt::Quarter, Spoilt::Half, Spoilt::ThreeQuarter, Spoilt::Blurred];
    let sum = |counts: &BTreeMap<Spoilt, usize>| goal.iter().filter_map(|s| counts.get(s)).sum::<usize>();
    Figure::new("quality_recall", "%", vec![share(sum(&found), sum(&made))])
        .at_least(99.0)
        .note(format!("blank, turned and blurred sheets; all kinds: {}", by_kind.join(", ")))
        .print();
    let whole = made.get(&Spoilt::No).copied().unwrap_or(0);
    Figure::new("quality_false_alarms", "%", vec![share(alarms, whole)])
        .at_most(1.0)
        .note(format!("of {whole} whole sheets, scanned with grain and a soft lens"))
        .print();
}
