//! What the dossier keeps on disk. Every file is written whole beside its place and then moved there, so that a kill at any
//! moment leaves the state before or after.
//!
//! ```text
//!   cases/<case>/dossier/originals/<sha256>.<ext>     kept byte for byte
//!   cases/<case>/dossier/documents.json               what was filed, in the order of filing
//!   cases/<case>/dossier/pages/<doc>/<page>.json      text with boxes, and what is wrong with the page
//!   cases/<case>/dossier/pages/<doc>/<page>.indexed   empty: the index holds the page's text
//!   cases/<case>/dossier/pages/<doc>/<page>-<dpi>.…   page images, made anew when missing
//! ```

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use model::{CaseId, DocId, PageRef, Side};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::page_text::PageText;

/// A document as it was filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    pub(crate) id: DocId,
    /// SHA-256 of the original, in hexadecimal.
    pub(crate) sha256: String,
    /// Extension of the original's file.
    pub(crate) extension: String,
    /// The name it came with.
    pub(crate) name: String,
    pub(crate) side: Side,
    pub(crate) heading: String,
    pub(crate) title: String,
    pub(crate) evidence_number: Option<u32>,
    /// Sizes of its pages, in page units.
    pub(crate) pages: Vec<(i32, i32)>,
}

/// What a page holds and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageRecord {
    pub(crate) text: PageText,
    /// How far its content lies turned clockwise.
    pub(crate) turned_degrees: u16,
    pub(crate) blank: bool,
    /// Why it could not be read.
    pub(crate) failed: Option<String>,
}

/// A page image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredImage {
    pub(crate) bytes: Vec<u8>,
    pub(crate) media_type: &'static str,
}

/// The folders below a data directory.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    dir: PathBuf,
}

const IMAGES: [(&str, &str); 2] = [("png", "image/png"), ("jpg", "image/jpeg")];

impl Files {
    pub(crate) fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Cases that have a dossier.
    pub(crate) fn cases(&self) -> io::Result<Vec<CaseId>> {
        let entries = match fs::read_dir(self.dir.join("cases")) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let names = entries.filter_map(Result::ok).filter_map(|e| e.file_name().into_string().ok());
        let cases = names.filter_map(|n| CaseId::new(n).ok());
        Ok(cases.filter(|c| self.documents_file(c).exists()).collect())
    }

    fn dossier(&self, case: &CaseId) -> PathBuf {
        self.dir.join("cases").join(case.as_str()).join("dossier")
    }

    fn documents_file(&self, case: &CaseId) -> PathBuf {
        self.dossier(case).join("documents.json")
    }

    pub(crate) fn documents(&self, case: &CaseId) -> io::Result<Vec<Document>> {
        Ok(read_json(&self.documents_file(case))?.unwrap_or_default())
    }

    pub(crate) fn write_documents(&self, case: &CaseId, documents: &[Document]) -> io::Result<()> {
        write_whole(&self.documents_file(case), &serde_json::to_vec_pretty(documents)?)
    }

    pub(crate) fn original(&self, case: &CaseId, document: &Document) -> PathBuf {
        self.dossier(case).join("originals").join(format!("{}.{}", document.sha256, document.extension))
    }

    /// Copies a file among the originals; gives its SHA-256. A file that is there already is not written again.
    pub(crate) fn keep_original(&self, case: &CaseId, file: &Path, extension: &str) -> io::Result<(String, PathBuf)> {
        let dir = self.dossier(case).join("originals");
        fs::create_dir_all(&dir)?;
        let mut source = File::open(file)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        let scratch = dir.join(format!(".incoming-{}", std::process::id()));
        let mut copy = File::create(&scratch)?;
        loop {
            let n = source.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            hash.update(&buffer[..n]);
            copy.write_all(&buffer[..n])?;
        }
        let digest = hex::encode(hash.finalize());
        let place = dir.join(format!("{digest}.{extension}"));
        if place.exists() {
            fs::remove_file(&scratch)?;
        } else {
            copy.sync_all()?;
            fs::rename(&scratch, &place)?;
            sync_dir(&dir)?;
        }
        Ok((digest, place))
    }

    fn page_file(&self, case: &CaseId, page: &PageRef, ending: &str) -> PathBuf {
        self.dossier(case).join("pages").join(page.doc.as_str()).join(format!("{}{ending}", page.page))
    }

    pub(crate) fn page(&self, case: &CaseId, page: &PageRef) -> io::Result<Option<PageRecord>> {
        read_json(&self.page_file(case, page, ".json"))
    }

    pub(crate) fn write_page(&self, case: &CaseId, page: &PageRef, record: &PageRecord) -> io::Result<()> {
        write_whole(&self.page_file(case, page, ".json"), &serde_json::to_vec(record)?)
    }

    pub(crate) fn has_text(&self, case: &CaseId, page: &PageRef) -> bool {
        self.page_file(case, page, ".json").exists()
    }

    pub(crate) fn is_indexed(&self, case: &CaseId, page: &PageRef) -> bool {
        self.page_file(case, page, ".indexed").exists()
    }

    pub(crate) fn note_indexed(&self, case: &CaseId, page: &PageRef) -> io::Result<()> {
        File::create(self.page_file(case, page, ".indexed")).map(drop)
    }

    pub(crate) fn image(&self, case: &CaseId, page: &PageRef, dpi: u32) -> Option<StoredImage> {
        IMAGES.iter().find_map(|(ending, media_type)| {
            let bytes = fs::read(self.page_file(case, page, &format!("-{dpi}.{ending}"))).ok()?;
            Some(StoredImage { bytes, media_type })
        })
    }

    pub(crate) fn write_image(
        &self,
        case: &CaseId,
        page: &PageRef,
        dpi: u32,
        media_type: &str,
        bytes: &[u8],
    ) -> io::Result<StoredImage> {
        let (ending, media_type) = IMAGES.iter().find(|(_, m)| *m == media_type).copied().unwrap_or(IMAGES[0]);
        write_whole(&self.page_file(case, page, &format!("-{dpi}.{ending}")), bytes)?;
        Ok(StoredImage { bytes: bytes.to_vec(), media_type })
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("no folder"))?;
    fs::create_dir_all(dir)?;
    // Threads write different pages at the same time, and seldom the same one.
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let scratch = dir.join(format!(".{name}.{:?}", std::thread::current().id()));
    let mut file = File::create(&scratch)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&scratch, path)
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
