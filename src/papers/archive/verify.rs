//! Says whether an archive is whole, and if not, exactly what is wrong.

use std::fs;
use std::path::Path;

use super::read_manifest;
use crate::package::sha256_hex;
use crate::verify::{Check, Fragments, is_plain};
use crate::{Finding, Report, VerifyError, What};

/// Whether the package is the archive of a case and not the package of a hearing.
pub(crate) fn is_archive(root: &Path) -> bool {
    root.join("data/case.json").is_file()
}

/// Checks the archive in `root` offline: its files, its signature, and every hearing in it.
pub(crate) fn verify_archive(root: &Path) -> Result<Report, VerifyError> {
    let mut check = Check { root, findings: Vec::new(), files: 0 };
    let key = check.key();
    let signed = check.signature(key.as_ref());
    check.files(&Fragments::new(), &[], signed)?;
    let said = read_manifest(root);
    let (mut entries, mut fragments) = (0, 0);
    let mut number = None;
    match said {
        Err(sentence) => check.find("data/case.json", What::Changed, sentence),
        Ok(said) => {
            for piece in said.main.iter().chain(&said.secondary) {
                let there = check.plain(&format!("data/{}", piece.file));
                if there.is_none_or(|bytes| sha256_hex(&bytes) != piece.sha256) {
                    let detail = format!("{}：与目录所载的校验值不符", piece.entry.title);
                    check.find(format!("data/{}", piece.file), What::Changed, detail);
                }
            }
            for name in &said.hearings {
                let place = format!("data/hearings/{name}");
                // An archive in an archive could go on for ever.
                if !is_plain(root, &place, fs::Metadata::is_dir) || is_archive(&root.join(&place)) {
                    check.find(place, What::Missing, "this is no package of a hearing");
                    continue;
                }
                match crate::verify(&root.join(&place)) {
                    Ok(report) => {
                        entries += report.entries;
                        fragments += report.fragments;
                        let within = |f: Finding| Finding { file: format!("{place}/{}", f.file), ..f };
                        check.findings.extend(report.findings.into_iter().map(within));
                    }
                    Err(error) => check.find(place, What::Missing, error.to_string()),
                }
            }
            number = Some(said.case.number);
        }
    }
    let mut findings = check.findings;
    findings.sort_by(|a, b| (a.what, &a.file).cmp(&(b.what, &b.file)));
    findings.dedup();
    let manifest = fs::read(root.join("manifest-sha256.txt")).unwrap_or_default();
    Ok(Report {
        ok: findings.is_empty(),
        hearing: None,
        number,
        key: key.map(|k| k.text()),
        root: sha256_hex(&manifest),
        entries,
        fragments,
        files: check.files,
        findings,
    })
}
