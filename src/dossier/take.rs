//! Files handed in: documents, pictures, files of text processors, and archives of all of these.
//!
//! ```text
//!   handed in ──► kept byte for byte ──► looked at ──┬─ PDF or picture ──────────────► filed
//!                                                    ├─ text processor ─► made a PDF ─► filed
//!                                                    ├─ archive ─► each of its files from the beginning
//!                                                    └─ unreadable ─► refused in a sentence, nothing kept
//! ```

use model::{CaseId, Side};
use protocol::link::pages::{FromPageWorker, ToPageWorker};
use protocol::wire::{CatalogueDoc, Filing, RefusedFile, Taken};

use crate::catalogue;
use crate::dossier::{Dossier, DossierError, NewDocument, Room, extension, first_id, unexpected};
use crate::headings::{Judged, SURE_ENOUGH};
use crate::store::Filed;

/// What became of one file.
enum Added {
    New(CatalogueDoc),
    Known(CatalogueDoc),
    Archive,
}

impl Dossier {
    /// Files a document: copies it, counts its pages and returns; its text follows in the background. The same bytes under the
    /// same side and heading give the document that is there. A file that cannot be read is refused, nothing is kept of it.
    pub fn add(&self, case: &CaseId, document: NewDocument) -> Result<CatalogueDoc, DossierError> {
        match self.add_file(case, document, "")? {
            Added::New(doc) | Added::Known(doc) => Ok(doc),
            Added::Archive => Err(DossierError::Refused("这是压缩包，请解开后提交".to_owned())),
        }
    }

    /// Like [`Dossier::add`], and an archive gives its files: their names, and of the court's own archives also the folders they lie
    /// in, say what they are.
    pub fn take(&self, case: &CaseId, document: NewDocument) -> Result<Taken, DossierError> {
        let mut taken = Taken::default();
        match self.add_file(case, document.clone(), "")? {
            Added::New(doc) => taken.docs.push(doc),
            Added::Known(doc) => taken.known.push(doc),
            Added::Archive => self.take_archive(case, &document, &mut taken)?,
        }
        Ok(taken)
    }

    fn take_archive(
        &self,
        case: &CaseId,
        archive: &NewDocument,
        taken: &mut Taken,
    ) -> Result<(), DossierError> {
        let room = &*self.room;
        let folder = room.store.new_folder(case).map_err(|e| room.io(e))?;
        let unpacked = room.ask(ToPageWorker::Unpack { file: archive.file.clone(), into: folder.clone() });
        let files = match unpacked {
            Ok(FromPageWorker::Unpacked { files }) => files,
            other => {
                // What is left of it is removed at the next start.
                let _ = std::fs::remove_dir_all(&folder);
                return Err(other.map_or_else(|e| e, |answer| unexpected(&answer)));
            }
        };
        for (number, file) in files.into_iter().enumerate().filter(|(_, f)| !f.name.is_empty()) {
            let added = match file.refused {
                Some(sentence) => Err(DossierError::Refused(sentence)),
                None => self.add_unpacked(case, archive, &folder.join(number.to_string()), &file.name),
            };
            match added {
                Ok(Added::New(doc)) => taken.docs.push(doc),
                Ok(Added::Known(doc)) => taken.known.push(doc),
                Ok(Added::Archive) => {
                    let sentence = "压缩包内还有压缩包，请解开后提交".to_owned();
                    taken.refused.push(RefusedFile { name: file.name, sentence });
                }
                Err(DossierError::Refused(sentence)) => {
                    taken.refused.push(RefusedFile { name: file.name, sentence });
                }
                Err(other) => return Err(other),
            }
        }
        let _ = std::fs::remove_dir_all(&folder);
        Ok(())
    }

    fn add_unpacked(
        &self,
        case: &CaseId,
        archive: &NewDocument,
        file: &std::path::Path,
        name: &str,
    ) -> Result<Added, DossierError> {
        let (folder, name) = name.rsplit_once('/').unwrap_or(("", name));
        let side = match archive.side {
            Side::Bench => side_of(folder).or_else(|| side_of(name)).unwrap_or(Side::Bench),
            own => own,
        };
        let document = NewDocument {
            file: file.to_owned(),
            name: name.to_owned(),
            side,
            title: String::new(),
            evidence_number: None,
            ..archive.clone()
        };
        self.add_file(case, document, folder)
    }

    fn add_file(&self, case: &CaseId, document: NewDocument, folder: &str) -> Result<Added, DossierError> {
        self.writable()?;
        let room = &*self.room;
        let ext = extension(&document.name);
        let sha256 = room.store.take(case, &document.file, &ext).map_err(|e| room.io(e))?;
        let filed = room.filed(document, folder);
        let mut filed = Filed { sha256, ext, ..filed };
        if let Some(there) = room.duplicate(case, &filed) {
            return Ok(Added::Known(there));
        }
        match room.read_sizes(case, &mut filed) {
            Ok(true) => {}
            Ok(false) => {
                room.forget_original(case, &filed)?;
                return Ok(Added::Archive);
            }
            Err(error) => {
                room.forget_original(case, &filed)?;
                return Err(error);
            }
        }
        let (entry, new) = room.file(case, filed)?;
        if !new {
            return Ok(Added::Known(entry));
        }
        room.queue(case, &entry.doc, entry.pages.len());
        Ok(Added::New(entry))
    }
}

impl Room {
    /// What is known of a document before it is looked at.
    fn filed(&self, document: NewDocument, folder: &str) -> Filed {
        let untitled = document.title.is_empty() && catalogue::says_nothing(&document.name);
        let (titled, numbered) = catalogue::title(&document.name);
        let numbered = numbered.filter(|_| document.side.is_party() && document.title.is_empty());
        let evidence_number = document.evidence_number.or(numbered);
        let title = if document.title.is_empty() { titled } else { document.title };
        let offer = document.offer.filter(|_| document.side.is_party());
        let place = document.made.as_ref().map(|m| m.place.clone());
        let (heading, auto, sure) = match (document.heading.is_empty(), place) {
            (true, Some(place)) => (place.clone(), Some(place), 100),
            (true, None) => {
                let Judged { heading, sure } = self.judge(document.side, &title, folder, evidence_number);
                (heading.clone(), Some(heading), sure)
            }
            // A paper has its place; a person chose another.
            (false, place) => (document.heading, place, 100),
        };
        let filing = Filing { side: document.side, heading, title, evidence_number };
        Filed {
            name: document.name,
            at: Some(document.at),
            auto,
            sure,
            untitled,
            made: document.made.map(|m| m.paper),
            password: document.password,
            held: offer.is_some(),
            offer,
            ..Filed::new(first_id(), filing)
        }
    }

    /// By its title, or else by the folder that it lay in.
    fn judge(&self, side: Side, title: &str, folder: &str, number: Option<u32>) -> Judged {
        let by_title = self.headings.judge(side, title, number.is_some());
        if by_title.sure >= SURE_ENOUGH || folder.is_empty() {
            return by_title;
        }
        let by_folder = self.headings.judge(side, folder, false);
        if by_folder.sure > by_title.sure { by_folder } else { by_title }
    }

    /// Sizes of its pages, a PDF made of it first where it needs one; whether it is a document, not an archive.
    fn read_sizes(&self, case: &CaseId, filed: &mut Filed) -> Result<bool, DossierError> {
        match self.ask(ToPageWorker::Open { source: self.source(case, filed) })? {
            FromPageWorker::Opened { pages } if !pages.is_empty() => {
                filed.pages = pages;
                Ok(true)
            }
            FromPageWorker::Archive => Ok(false),
            FromPageWorker::Office => self.convert(case, filed).map(|()| true),
            other => Err(unexpected(&other)),
        }
    }

    /// The PDF takes its place; what came is kept.
    fn convert(&self, case: &CaseId, filed: &mut Filed) -> Result<(), DossierError> {
        let into = self.store.new_file(case).map_err(|e| self.io(e))?;
        let file = self.source(case, filed).file;
        let request = ToPageWorker::Convert { file, name: filed.name.clone(), into: into.clone() };
        let made = match self.ask(request)? {
            FromPageWorker::Converted => self.store.take(case, &into, "pdf").map_err(|e| self.io(e)),
            other => Err(unexpected(&other)),
        };
        // What is left of it is removed at the next start.
        let _ = std::fs::remove_file(&into);
        let mut pdf = Filed { sha256: made?, ext: "pdf".to_owned(), ..filed.clone() };
        pdf.made_from = Some((filed.sha256.clone(), filed.ext.clone()));
        pdf.pages = self.count_pages(case, &pdf)?;
        *filed = pdf;
        Ok(())
    }
}

/// Whose a folder or a file is called.
fn side_of(name: &str) -> Option<Side> {
    let named = [("原告", Side::Plaintiff), ("被告", Side::Defendant), ("第三人", Side::ThirdParty)];
    let found = named.iter().filter_map(|(word, side)| Some((name.find(word)?, *side)));
    found.min_by_key(|(at, _)| *at).map(|(_, side)| side)
}
