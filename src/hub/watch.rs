//! The folder that the scanner writes into: what lies there finished goes into the dossier.
//!
//! ```text
//!   <folder>/<file>                of the case that is being heard, if it is one
//!   <folder>/<case>/<file>         of that case; in 原告/, 被告/ or 第三人/ below it, of that side
//!
//!   growing ──► the same length twice ──► taken ───► <folder>/已收/
//!                                     └─► refused ─► <folder>/未收/, with the reason beside it
//! ```

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use court::Stage;
use model::{CaseId, Side};
use protocol::wire::Taken;
use tokio_util::sync::CancellationToken;

use crate::port::Deposit;
use crate::room::Room;

/// How often the folder is looked at: a scan is on the desks within seconds.
const EVERY: Duration = Duration::from_secs(2);
const TAKEN: &str = "已收";
const REFUSED: &str = "未收";
const SIDES: [(&str, Side); 3] =
    [("原告", Side::Plaintiff), ("被告", Side::Defendant), ("第三人", Side::ThirdParty)];

/// Looks at the folder until `stop`.
pub async fn watch(room: Arc<Room>, dir: PathBuf, stop: CancellationToken) {
    let mut watched = Watched::new(dir);
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let (heard, cases) = cases_of(&room).await;
        let pages = room.pages();
        let looked = tokio::task::spawn_blocking(move || {
            watched.look(heard.as_ref(), &cases, &|case, deposit| pages.take(case, deposit));
            watched
        });
        match looked.await {
            Ok(back) => watched = back,
            Err(error) => {
                tracing::error!(%error, "the scanner's folder is no longer looked at");
                return;
            }
        }
    }
}

/// The case that is being heard, if it is one, and all cases that have a hearing.
async fn cases_of(room: &Room) -> (Option<CaseId>, Vec<CaseId>) {
    let hearings = room.hearings().await.unwrap_or_default();
    let live = |stage: Stage| stage > Stage::Preparing && stage <= Stage::Recess;
    let mut heard: Vec<_> = hearings.iter().filter(|h| live(h.stage)).map(|h| h.case.clone()).collect();
    heard.dedup();
    let one = if let [case] = &heard[..] { Some(case.clone()) } else { None };
    (one, hearings.into_iter().map(|h| h.case).collect())
}

type Take<'a> = &'a dyn Fn(&CaseId, Deposit) -> Result<Taken, String>;

/// The folder, and what lay there when it was last looked at.
#[derive(Debug)]
struct Watched {
    dir: PathBuf,
    seen: HashMap<PathBuf, (u64, SystemTime)>,
    /// It could not be read: said once.
    missed: bool,
}

impl Watched {
    fn new(dir: PathBuf) -> Self {
        Self { dir, seen: HashMap::new(), missed: false }
    }

    fn look(&mut self, heard: Option<&CaseId>, cases: &[CaseId], take: Take<'_>) {
        match self.found(heard, cases) {
            Ok(found) => {
                self.missed = false;
                let mut seen = HashMap::new();
                for (path, case, side) in found {
                    let Ok(about) = fs::metadata(&path) else { continue };
                    let now = (about.len(), about.modified().unwrap_or(SystemTime::UNIX_EPOCH));
                    if self.seen.get(&path) == Some(&now) && now.0 > 0 {
                        self.file(&path, &case, side, take);
                    } else {
                        seen.insert(path, now);
                    }
                }
                self.seen = seen;
            }
            Err(error) if !self.missed => {
                self.missed = true;
                tracing::error!(folder = %self.dir.display(), %error, "the scanner's folder cannot be read; check [dossier] watch");
            }
            Err(_) => {}
        }
    }

    /// Files with their case and side.
    fn found(&self, heard: Option<&CaseId>, cases: &[CaseId]) -> io::Result<Vec<(PathBuf, CaseId, Side)>> {
        let mut found = Vec::new();
        let mut all = |dir: &Path, case: &CaseId, side: Side| -> io::Result<()> {
            found.extend(files(dir)?.into_iter().map(|path| (path, case.clone(), side)));
            Ok(())
        };
        if let Some(case) = heard {
            all(&self.dir, case, Side::Bench)?;
        } else {
            fs::read_dir(&self.dir)?;
        }
        for case in cases {
            let dir = self.dir.join(case.as_str());
            if !dir.is_dir() {
                continue;
            }
            all(&dir, case, Side::Bench)?;
            for (name, side) in SIDES.iter().filter(|(name, _)| dir.join(name).is_dir()) {
                all(&dir.join(name), case, *side)?;
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    fn file(&self, path: &Path, case: &CaseId, side: Side, take: Take<'_>) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let deposit = Deposit {
            file: path.to_owned(),
            name: name.clone(),
            side,
            heading: String::new(),
            title: String::new(),
            evidence_number: None,
            made: None,
            password: None,
            offer: None,
        };
        let (into, reason) = match take(case, deposit) {
            Ok(taken) if taken.refused.is_empty() => (TAKEN, None),
            Ok(taken) => {
                let lines = taken.refused.iter().map(|f| format!("{}：{}", f.name, f.sentence));
                (REFUSED, Some(lines.collect::<Vec<_>>().join("\n")))
            }
            Err(sentence) => (REFUSED, Some(sentence)),
        };
        if let Err(error) = put_away(path, &self.dir.join(into), &name, reason.as_deref()) {
            tracing::error!(file = %path.display(), %error, "a scan was looked at and cannot be put away");
        }
    }
}

/// Finished files of a folder; what begins with a dot is being written.
fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type()?.is_file() && !hidden {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Moves a file, under another name where there is one of that name already.
fn put_away(path: &Path, into: &Path, name: &str, reason: Option<&str>) -> io::Result<()> {
    fs::create_dir_all(into)?;
    let numbered = (1..).map(|n| if n == 1 { name.to_owned() } else { format!("{n}-{name}") });
    let free = numbered.map(|n| into.join(n)).find(|p| !p.exists());
    let target = free.unwrap_or_else(|| into.join(name));
    if let Some(reason) = reason {
        let mut beside = target.clone().into_os_string();
        beside.push(".txt");
        fs::write(beside, reason)?;
    }
    fs::rename(path, target)
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on says why")]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn case(id: &str) -> CaseId {
        CaseId::new(id).expect("well formed")
    }

    #[test]
    fn a_scan_is_taken_once_it_no_longer_grows_and_a_refused_one_lies_beside_its_reason() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |path: &str| dir.path().join(path);
        let mut watched = Watched::new(dir.path().to_owned());
        let got = RefCell::new(Vec::new());
        let take = |case: &CaseId, deposit: Deposit| {
            got.borrow_mut().push((case.to_string(), deposit.name.clone(), deposit.side));
            if deposit.name.contains("bad") {
                Err("文件已损坏".to_owned())
            } else {
                Ok(Taken::default())
            }
        };
        let cases = [case("c1"), case("c2")];
        fs::create_dir_all(at("c2/被告")).expect("made");
        fs::write(at("scan1.pdf"), "a").expect("written");
        fs::write(at("c2/被告/bad.pdf"), "b").expect("written");
        fs::write(at(".part"), "c").expect("written");
        watched.look(None, &cases, &take);
        assert!(got.borrow().is_empty());
        // Still growing.
        fs::write(at("c2/被告/bad.pdf"), "bb").expect("written");
        watched.look(None, &cases, &take);
        assert!(got.borrow().is_empty());
        watched.look(None, &cases, &take);
        assert_eq!(got.take(), [("c2".to_owned(), "bad.pdf".to_owned(), Side::Defendant)]);
        assert_eq!(fs::read_to_string(at("未收/bad.pdf.txt")).expect("there"), "文件已损坏");
        assert!(at("未收/bad.pdf").exists() && at("scan1.pdf").exists(), "nobody says whose it is");
        watched.look(Some(&cases[0]), &cases, &take);
        watched.look(Some(&cases[0]), &cases, &take);
        assert_eq!(got.take(), [("c1".to_owned(), "scan1.pdf".to_owned(), Side::Bench)]);
        assert!(at("已收/scan1.pdf").exists() && at(".part").exists());
        fs::write(at("scan1.pdf"), "again").expect("written");
        watched.look(Some(&cases[0]), &cases, &take);
        watched.look(Some(&cases[0]), &cases, &take);
        assert!(at("已收/2-scan1.pdf").exists());
    }
}
