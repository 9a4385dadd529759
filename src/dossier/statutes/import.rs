//! Takes a folder of Markdown in. The same folder again changes nothing; one cut short is gone on with.

use std::path::{Path, PathBuf};

use model::Day;
use sha2::{Digest, Sha256};

use super::parse::{self, Statute};
use super::store::{FileEntry, Store};
use super::{StatutesError, folder, index_case, index_folder, index_page};
use crate::index::Index;

/// Versions put into the index before it is written.
const COMMIT_VERSIONS: usize = 64;
/// A larger file is no statute.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Files between two lines of progress.
const PROGRESS_FILES: usize = 100;

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Markdown files looked at.
    pub files: usize,
    /// Of these, imported before and unchanged.
    pub unchanged: usize,
    /// Laws, their versions and articles, all that there are now.
    pub laws: usize,
    /// See `laws`.
    pub versions: usize,
    /// See `laws`.
    pub articles: usize,
    /// Files that could not be read as a statute, each with the reason.
    pub refused: Vec<(PathBuf, String)>,
    /// Files whose articles stand otherwise in another file of the same version.
    pub contradictions: Vec<(PathBuf, String)>,
}

/// Imports every Markdown file below `from` into the statutes below `data`. `progress` gets a line now and then.
pub fn import(
    data: &Path,
    from: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<ImportReport, StatutesError> {
    let dir = folder(data);
    let mut store = Store::open(&dir)?;
    let index = Index::open(&index_folder(&dir))?;
    if index.is_new() {
        store.forget_index()?;
    }
    let mut report = ImportReport::default();
    let files = markdown_files(from)?;
    for (n, file) in files.iter().enumerate() {
        if n > 0 && n.is_multiple_of(PROGRESS_FILES) {
            progress(&format!("{n}/{} files read", files.len()));
        }
        report.files += 1;
        match take(&mut store, from, file)? {
            Taken::Unchanged => report.unchanged += 1,
            Taken::New(otherwise) if otherwise.is_empty() => {}
            Taken::New(otherwise) => report.contradictions.push((file.clone(), otherwise)),
            Taken::Refused(reason) => report.refused.push((file.clone(), reason)),
        }
    }
    put_into_index(&mut store, &index, progress)?;
    let laws = store.laws()?;
    report.laws = laws.len();
    report.versions = laws.iter().map(|l| l.versions.len()).sum();
    report.articles = laws.iter().flat_map(|l| &l.versions).map(|v| v.articles.len()).sum();
    Ok(report)
}

/// Every Markdown file below a folder, in the order of their paths, so that an import does the same everywhere.
fn markdown_files(from: &Path) -> Result<Vec<PathBuf>, StatutesError> {
    let mut found = Vec::new();
    let mut open = vec![from.to_owned()];
    while let Some(dir) = open.pop() {
        let io = |source| StatutesError::Io { path: dir.clone(), source };
        for entry in std::fs::read_dir(&dir).map_err(io)? {
            let entry = entry.map_err(io)?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(io)?);
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|e| e.eq_ignore_ascii_case("md")) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

enum Taken {
    Unchanged,
    /// With a sentence about articles that stand otherwise in another file.
    New(String),
    Refused(String),
}

fn take(store: &mut Store, from: &Path, file: &Path) -> Result<Taken, StatutesError> {
    let read = std::fs::metadata(file).and_then(|about| {
        if about.len() > FILE_BYTES_MAX { Ok(None) } else { std::fs::read(file).map(Some) }
    });
    let bytes = match read {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(Taken::Refused(format!("it is larger than {FILE_BYTES_MAX} bytes"))),
        Err(e) => return Ok(Taken::Refused(e.to_string())),
    };
    let path = file.strip_prefix(from).unwrap_or(file).to_string_lossy().into_owned();
    let sha256 = hex::encode(Sha256::digest(&bytes));
    if store.imported(&path)?.as_ref() == Some(&sha256) {
        return Ok(Taken::Unchanged);
    }
    let Ok(markdown) = String::from_utf8(bytes) else {
        return Ok(Taken::Refused("it is not UTF-8 text".to_owned()));
    };
    let statute = match parse::parse(&markdown) {
        Ok(statute) => statute,
        Err(why) => return Ok(Taken::Refused(why.to_string())),
    };
    let Some(date) = date_of_name(file).or(statute.passed) else {
        return Ok(Taken::Refused(
            "neither its name ends in a date, (2023-12-29).md, nor does its head name one".to_owned(),
        ));
    };
    let Statute { name, effective, articles, .. } = &statute;
    let effective = effective.filter(|e| *e > date);
    let otherwise =
        store.put(&FileEntry { path: &path, sha256: &sha256, name, date, effective, articles })?;
    let numbers: Vec<String> = otherwise.iter().map(ToString::to_string).collect();
    let sentence =
        format!("{name} {date}: {} read otherwise in another file, which stands", numbers.join("、"));
    Ok(Taken::New(if numbers.is_empty() { String::new() } else { sentence }))
}

/// 民事诉讼法(2023-09-01).md
fn date_of_name(file: &Path) -> Option<Day> {
    let stem = file.file_stem()?.to_str()?.trim_end();
    let (_, date) = stem.strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?;
    date.parse().ok()
}

fn put_into_index(
    store: &mut Store,
    index: &Index,
    progress: &mut dyn FnMut(&str),
) -> Result<(), StatutesError> {
    let waiting = store.not_indexed()?;
    let Some(case) = index_case() else { return Ok(()) };
    for (n, versions) in waiting.chunks(COMMIT_VERSIONS).enumerate() {
        for key in versions {
            let Some(doc) = key.doc() else { continue };
            index.remove_doc(&case, &doc)?;
            for article in store.articles(key)? {
                index.put(&case, &index_page(&doc, article.number), &article.text)?;
            }
        }
        index.commit()?;
        store.set_indexed(versions)?;
        progress(&format!("{}/{} versions indexed", n * COMMIT_VERSIONS + versions.len(), waiting.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_the_date_at_the_end_of_its_files_name() {
        let date = |name: &str| date_of_name(Path::new(name)).map(|d| d.to_string());
        assert_eq!(date("a/灯塔法(2023-09-01).md").as_deref(), Some("2023-09-01"));
        assert_eq!(date("灯塔法（二）(2023-09-01).md").as_deref(), Some("2023-09-01"));
        assert_eq!(date("灯塔法（2023-09-01）.md").as_deref(), Some("2023-09-01"));
        for not in ["灯塔法.md", "灯塔法（二）.md", "灯塔法(2023-13-01).md", "2023-09-01.md"] {
            assert_eq!(date(not), None, "{not}");
        }
    }
}
