//! The outlines a hearing may have: the shipped ones, and the court's own files, each of which replaces the shipped one of
//! the same id or adds a procedure. Files are read when they are asked for, so a changed one counts from the next hearing
//! on; a wrong one is left out and told, and never keeps anything from starting.

use std::path::{Path, PathBuf};

use court::{MeetingKind, Outline, OutlineId, parse_outline};

/// Largest outline file.
const FILE_BYTES_MAX: u64 = 256 << 10;

/// An outline that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// It.
    pub outline: Outline,
    /// The court's file it comes from; `None` for a shipped one.
    pub file: Option<PathBuf>,
}

/// Everything that may be chosen, and what is wrong with the court's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// Shipped ones first, in their order.
    pub offers: Vec<Offer>,
    /// The court's own outlines of meetings.
    meetings: Vec<Outline>,
    /// One sentence a fault.
    pub faults: Vec<String>,
}

impl Offers {
    /// The shipped outlines and those of `folder`; a folder that is not there holds none.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let shipped = Outline::shipped().into_iter().map(|outline| Offer { outline, file: None });
        let mut all = Self { offers: shipped.collect(), meetings: Vec::new(), faults: Vec::new() };
        for file in all.files(folder) {
            match read_file(&file) {
                Ok(outline) if outline.id.is_meeting() => all.meetings.push(outline),
                Ok(outline) => all.add(outline, file),
                Err(fault) => all.faults.push(fault),
            }
        }
        all
    }

    /// The outline of that id, or of that Chinese name, as cases of older versions keep it.
    #[must_use]
    pub fn find(&self, procedure: &str) -> Option<&Outline> {
        let same = |o: &&Offer| o.outline.id.0 == procedure || o.outline.name == procedure;
        self.offers.iter().find(same).map(|o| &o.outline)
    }

    /// The outline of a meeting.
    #[must_use]
    pub fn of_meeting(&self, kind: MeetingKind) -> Outline {
        let shipped = kind.outline();
        self.meetings.iter().find(|o| o.id == shipped.id).cloned().unwrap_or(shipped)
    }

    /// The ids, for a refusal.
    #[must_use]
    pub fn ids(&self) -> Vec<OutlineId> {
        self.offers.iter().map(|o| o.outline.id.clone()).collect()
    }

    fn files(&mut self, folder: &Path) -> Vec<PathBuf> {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.faults.push(format!("{}: {error}; check the folder of outlines", folder.display()));
                return Vec::new();
            }
        };
        let paths = entries.filter_map(Result::ok).map(|e| e.path());
        let mut files: Vec<_> = paths.filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
        files.sort();
        files
    }

    fn add(&mut self, outline: Outline, file: PathBuf) {
        let offer = Offer { outline, file: Some(file) };
        let same = self.offers.iter_mut().find(|o| o.outline.id == offer.outline.id);
        match same {
            None => self.offers.push(offer),
            Some(Offer { file: Some(first), .. }) => {
                let (second, first) = (offer.file.unwrap_or_default(), first.display());
                let id = offer.outline.id;
                self.faults.push(format!(
                    "{}: outline \"{id}\" comes from {first} already; give one of them another id",
                    second.display()
                ));
            }
            Some(shipped) => *shipped = offer,
        }
    }
}

fn read_file(file: &Path) -> Result<Outline, String> {
    let name = file.display().to_string();
    let disk = |e: std::io::Error| format!("{name}: {e}; check the file");
    let bytes = std::fs::metadata(file).map_err(disk)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(format!(
            "{name}: larger than {FILE_BYTES_MAX} bytes; an outline is a short text, shorten it"
        ));
    }
    let text = std::fs::read_to_string(file).map_err(disk)?;
    parse_outline(&name, &text).map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("writable");
        }
        folder
    }

    fn own(id: &str) -> String {
        format!(
            "id = \"{id}\"\nname = \"本院{id}\"\nen = \"Own\"\n[[phase]]\nid = \"one\"\nzh = \"一\"\nen = \"One\"\n"
        )
    }

    #[test]
    fn a_file_of_the_court_replaces_the_shipped_outline_or_adds_one() {
        let folder = folder(&[
            ("a.toml", &own("civil-ordinary")),
            ("b.toml", &own("night-court")),
            ("notes.txt", "no outline"),
        ]);
        let all = Offers::read(folder.path());
        assert_eq!(all.faults, Vec::<String>::new());
        assert_eq!(all.offers.len(), Outline::shipped().len() + 1);
        assert_eq!(all.find("civil-ordinary").map(|o| o.phases.len()), Some(1));
        assert_eq!(all.find("本院night-court").map(|o| o.id.0.as_str()), Some("night-court"));
    }

    #[test]
    fn a_meetings_outline_can_be_changed_and_is_offered_to_no_hearing() {
        let folder = folder(&[("a.toml", &own("meeting-panel"))]);
        let all = Offers::read(folder.path());
        assert_eq!(all.faults, Vec::<String>::new());
        assert!(all.find("meeting-panel").is_none());
        assert_eq!(all.of_meeting(MeetingKind::Panel).name, "本院meeting-panel");
        for kind in MeetingKind::ALL {
            let shipped = Offers::default().of_meeting(kind);
            assert_eq!((shipped.name.as_str(), shipped.en.as_str()), (kind.zh(), kind.en()));
            assert!(shipped.id.is_meeting() && shipped.opens.is_some() && shipped.closes.is_some());
        }
    }

    #[test]
    fn a_wrong_file_is_left_out_and_told_and_the_shipped_outline_stays() {
        let folder = folder(&[
            ("a.toml", "id = \"civil-ordinary\"\nname = 3\n"),
            ("b.toml", &own("night-court")),
            ("c.toml", &own("night-court")),
        ]);
        let all = Offers::read(folder.path());
        assert_eq!(all.offers.len(), Outline::shipped().len() + 1);
        assert!(all.find("civil-ordinary").is_some_and(|o| o.phases.len() > 5));
        assert_eq!(all.faults.len(), 2);
        assert!(all.faults[0].contains("a.toml, line 2"), "{}", all.faults[0]);
        assert!(
            all.faults[1].contains("c.toml") && all.faults[1].contains("another id"),
            "{}",
            all.faults[1]
        );
    }

    #[test]
    fn without_a_folder_there_are_the_shipped_outlines() {
        let all = Offers::read(Path::new("/nowhere/at/all"));
        assert_eq!((all.offers.len(), all.faults.len()), (Outline::shipped().len(), 0));
    }
}
