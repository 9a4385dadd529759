//! The full-text index: one for all cases, one entry a page, always asked for one case.
//!
//! ```text
//!            put / remove_doc          commit              search
//!   (new) ──► pending ───────────────► visible ──────────► hz ─ enough ─► pages
//!     ▲          ▲                       │                 │ else
//!     │          └───────────────────────┘                 ├► py (same syllables)
//!     └── another schema version, or damaged:              ├► fz (folded syllables)
//!         made anew, is_new() asks for the pages again     └► ini (initials, where Latin letters were typed)
//! ```
//!
//! Hanzi are never folded into sounds: a page found by letter always stands before one found by sound. Text and boxes
//! live outside; found pages are read again for the place of the words.

mod placed;
mod query;
mod scan;
mod tokens;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use model::{CaseId, DocId, PageRef, Rect};
use protocol::wire::FoundBy;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::Query;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term};

use crate::PageText;
use placed::{Placed, PlacedTokenizer};
use query::{Among, Fields, Word};
use scan::Tier;
pub(crate) use tokens::{Ear, heard, typed_syllables};
use tokens::{Kind, Sound};

/// Raised whenever terms or fields change; an index of another version is made anew.
const SCHEMA_VERSION: &str = "5";
const VERSION_FILE: &str = "huiting-schema";
/// Memory of the writer before it writes a segment, in bytes.
const WRITER_MEMORY: usize = 48 * 1024 * 1024;
/// With so many pages a tier is enough.
const ENOUGH: usize = 3;

/// The index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The folder holds something else.
    #[error("{0} holds files that are no search index; give the index a folder of its own")]
    NotAnIndex(PathBuf),
    /// Another process writes it.
    #[error("the search index {0} is being written by another process; stop that process first")]
    Busy(PathBuf),
    /// Opened for reading only.
    #[error("the search index was opened for reading; open it for writing to change it")]
    ReadOnly,
    /// There is none yet.
    #[error("there is no search index of this version in {0} yet; start the appliance once to make it")]
    Missing(PathBuf),
    /// The disk refused.
    #[error(
        "the search index {path} cannot be read or written ({source}); check the disk and its permissions"
    )]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The engine refused.
    #[error(
        "the search index failed ({0}); delete its folder and start again, it is rebuilt from the dossier"
    )]
    Engine(#[from] TantivyError),
}

/// A page that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The page.
    pub page: PageRef,
    /// Text around the first match, line breaks taken out; empty if the page's text was not at hand.
    pub snippet: String,
    /// Where matches begin and end in `snippet`, in characters.
    pub matched: Vec<(u32, u32)>,
    /// Every match on the page, one rectangle a line, in page units of the unrotated page.
    pub rects: Vec<Rect>,
    /// How it answers.
    pub by: FoundBy,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The best pages.
    pub found: Vec<Found>,
    /// How many pages answer in all; unknown where every page would have to be read for it.
    pub pages: Option<usize>,
}

/// Which pages count.
type Keep<'a> = &'a dyn Fn(&PageRef) -> bool;

struct Ranked {
    pages: Vec<(PageRef, Tier)>,
    all: Option<usize>,
}

/// A page of plain text that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundText {
    /// The page.
    pub page: PageRef,
    /// Where matches begin and end in its text, in characters.
    pub matched: Vec<(u32, u32)>,
    /// How it answers.
    pub by: FoundBy,
}

#[derive(Debug, Clone, Copy)]
struct Columns {
    query: Fields,
    /// Case, document and page, for replacing a page.
    page_key: Field,
    doc: Field,
    page: Field,
}

/// The full-text index of all cases.
pub struct Index {
    columns: Columns,
    /// The one writer; many may put at once, a commit stands alone.
    writer: Option<RwLock<IndexWriter>>,
    reader: IndexReader,
    new: bool,
}

fn positional() -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(placed::NAME)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    TextOptions::default().set_indexing_options(indexing)
}

fn schema() -> (Schema, Columns) {
    let mut build: SchemaBuilder = Schema::builder();
    let case = build.add_text_field("case", STRING | FAST);
    let doc = build.add_text_field("doc", STRING | FAST);
    let page = build.add_u64_field("page", INDEXED | FAST);
    let doc_key = build.add_text_field("doc_key", STRING);
    let page_key = build.add_text_field("page_key", STRING);
    let hz = build.add_text_field("hz", positional());
    let py = build.add_text_field("py", positional());
    let fz = build.add_text_field("fz", positional());
    let ini = build.add_text_field("ini", positional());
    (build.build(), Columns { query: Fields { case, doc_key, hz, py, fz, ini }, page_key, doc, page })
}

impl Index {
    /// Opens the index in `dir` for reading and writing, making it where there is none. An index of another version or
    /// a damaged one is removed and made anew; then [`Index::is_new`] says that every page must be put again.
    pub fn open(dir: &Path) -> Result<Self, IndexError> {
        let io = |source| IndexError::Io { path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(io)?;
        let (schema, columns) = schema();
        let kept = match version(dir).as_deref() {
            Some(SCHEMA_VERSION) => match tantivy::Index::open_in_dir(dir) {
                Ok(index) if index.schema() == schema => Some(index),
                Ok(_) => None,
                Err(why) => {
                    tracing::warn!(%why, "the search index is damaged and is made anew");
                    None
                }
            },
            _ => None,
        };
        let new = kept.is_none();
        let index = match kept {
            Some(index) => index,
            None => {
                clear(dir)?;
                let index = tantivy::Index::create_in_dir(dir, schema)?;
                std::fs::write(dir.join(VERSION_FILE), SCHEMA_VERSION).map_err(io)?;
                index
            }
        };
        index.tokenizers().register(placed::NAME, PlacedTokenizer);
        let writer = index.writer_with_num_threads(1, WRITER_MEMORY).map_err(|e| match e {
            TantivyError::LockFailure(..) => IndexError::Busy(dir.to_owned()),
            other => IndexError::Engine(other),
        })?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { columns, writer: Some(RwLock::new(writer)), reader, new })
    }

    /// Opens an existing index for searching, beside a process that writes it. Each search sees what was committed.
    pub fn open_read_only(dir: &Path) -> Result<Self, IndexError> {
        if version(dir).as_deref() != Some(SCHEMA_VERSION) {
            return Err(IndexError::Missing(dir.to_owned()));
        }
        let (_, columns) = schema();
        let index = tantivy::Index::open_in_dir(dir)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { columns, writer: None, reader, new: false })
    }

    /// Whether the index was made by this `open`: every page must be put again.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.new
    }

    /// Puts the text of a page, instead of what the page had. Found after the next [`Index::commit`].
    pub fn put(&self, case: &CaseId, page: &PageRef, text: &str) -> Result<(), IndexError> {
        let writer = self.writer.as_ref().ok_or(IndexError::ReadOnly)?;
        let columns = &self.columns;
        let key = page_key(case, page);
        let (normal, units, values) = scan::read(text);
        let mut entry = TantivyDocument::new();
        entry.add_text(columns.query.case, case.as_str());
        entry.add_text(columns.doc, page.doc.as_str());
        entry.add_u64(columns.page, u64::from(page.page));
        entry.add_text(columns.query.doc_key, doc_key(case, &page.doc));
        entry.add_text(columns.page_key, &key);
        entry.add_text(columns.query.hz, unit_tokens(&units, &values));
        for (field, ear) in [(columns.query.py, Ear::Syllable), (columns.query.fz, Ear::Folded)] {
            let sounds = tokens::sounds(&normal, &units, ear);
            entry.add_text(field, sound_tokens(&sounds));
            if ear == Ear::Syllable {
                entry.add_text(columns.query.ini, initial_tokens(&sounds));
            }
        }
        let writer = writer.read().unwrap_or_else(PoisonError::into_inner);
        writer.delete_term(Term::from_field_text(columns.page_key, &key));
        writer.add_document(entry)?;
        Ok(())
    }

    /// Removes every page of a document, from the next commit on.
    pub fn remove_doc(&self, case: &CaseId, doc: &DocId) -> Result<(), IndexError> {
        let writer = self.writer.as_ref().ok_or(IndexError::ReadOnly)?;
        let writer = writer.read().unwrap_or_else(PoisonError::into_inner);
        writer.delete_term(Term::from_field_text(self.columns.query.doc_key, &doc_key(case, doc)));
        Ok(())
    }

    /// Writes what was put and removed to the disk; searches from then on see it.
    pub fn commit(&self) -> Result<(), IndexError> {
        let writer = self.writer.as_ref().ok_or(IndexError::ReadOnly)?;
        writer.write().unwrap_or_else(PoisonError::into_inner).commit()?;
        self.reader.reload()?;
        Ok(())
    }

    /// Pages of `case` that hold all words of `query`, best first, `limit` at most: those that hold them by letter, then
    /// those that hold them by sound. `texts` gives the text of a page for its snippet and rectangles.
    pub fn search(
        &self,
        case: &CaseId,
        query: &str,
        limit: usize,
        texts: &dyn Fn(&PageRef) -> Option<Arc<PageText>>,
    ) -> Result<Answer, IndexError> {
        self.search_in(case, None, query, limit, texts)
    }

    /// Like [`Index::search`], in these documents alone.
    pub fn search_in(
        &self,
        case: &CaseId,
        docs: Option<&[DocId]>,
        query: &str,
        limit: usize,
        texts: &dyn Fn(&PageRef) -> Option<Arc<PageText>>,
    ) -> Result<Answer, IndexError> {
        let words = query::words(query);
        let strict = words.iter().any(Word::is_strict);
        let holds =
            |page: &PageRef, holds: &dyn Fn(&str) -> bool| texts(page).is_none_or(|t| holds(&t.plain()));
        let stands = |page: &PageRef| holds(page, &|text| scan::stands(text, &words));
        let spelled = |page: &PageRef| holds(page, &|text| scan::all_stand(text, &words, Tier::Initials));
        let keep = |tier| -> Option<Keep<'_>> {
            match tier {
                Tier::Initials => Some(&spelled),
                _ => strict.then_some(&stands),
            }
        };
        let ranked = self.ranked(case, docs, &words, limit, &keep)?;
        let found = ranked.pages.into_iter().map(|(page, tier)| look(page, &words, tier, texts)).collect();
        Ok(Answer { found, pages: ranked.all })
    }

    /// Like [`Index::search`] among the pages that `keep` lets through, for texts without boxes: where `text` of a page
    /// holds the words, in characters, instead of a snippet.
    pub fn search_texts(
        &self,
        case: &CaseId,
        query: &str,
        limit: usize,
        keep: &dyn Fn(&PageRef) -> bool,
        text: &dyn Fn(&PageRef) -> Option<String>,
    ) -> Result<Vec<FoundText>, IndexError> {
        let words = query::words(query);
        let spelled = |page: &PageRef| {
            keep(page) && text(page).is_some_and(|t| scan::all_stand(&t, &words, Tier::Initials))
        };
        let keep = |tier| -> Option<Keep<'_>> {
            match tier {
                Tier::Initials => Some(&spelled),
                _ => Some(keep),
            }
        };
        let ranked = self.ranked(case, None, &words, limit, &keep)?;
        let found = ranked.pages.into_iter().filter_map(|(page, tier)| {
            let text = text(&page)?;
            let spans = scan::spans(&text, &words, tier);
            let matched = spans.into_iter().map(|(from, to)| (from as u32, to as u32)).collect();
            Some(FoundText { page, matched, by: by(tier, &words) })
        });
        Ok(found.collect())
    }

    /// The pages that answer, best first, each with the tier it was found in. `keep` of a tier is asked of its pages.
    fn ranked<'k>(
        &self,
        case: &CaseId,
        docs: Option<&[DocId]>,
        words: &[Word],
        limit: usize,
        keep: &dyn Fn(Tier) -> Option<Keep<'k>>,
    ) -> Result<Ranked, IndexError> {
        let mut out = Ranked { pages: Vec::new(), all: Some(0) };
        if words.is_empty() || limit == 0 {
            return Ok(out);
        }
        if self.writer.is_none() {
            self.reader.reload()?;
        }
        let searcher = self.reader.searcher();
        let doc_keys = docs.map(|docs| docs.iter().map(|doc| doc_key(case, doc)).collect());
        let among = Among { case: case.as_str(), doc_keys };
        let mut seen: HashSet<PageRef> = HashSet::new();
        let fields = self.columns.query;
        for tier in [Tier::Exact, Tier::BySound(Ear::Syllable), Tier::BySound(Ear::Folded), Tier::Initials] {
            let asked = match tier {
                Tier::Exact => Some(query::exact(fields, &among, words)),
                Tier::BySound(ear) => query::by_sound(fields, &among, words, ear),
                Tier::Initials => query::by_initials(fields, &among, words),
            };
            let Some(asked) = asked else { continue };
            // Pages of the tiers before answer this one too.
            let (pages, all) = self.pages(&searcher, &*asked, limit + out.pages.len(), keep(tier))?;
            let mut new: Vec<_> = pages.into_iter().filter(|page| seen.insert(page.clone())).collect();
            new.truncate(limit - out.pages.len());
            out.pages.extend(new.into_iter().map(|page| (page, tier)));
            out.all = all.map(|all| all.max(seen.len()));
            if out.pages.len() >= limit.min(ENOUGH) {
                break;
            }
        }
        Ok(out)
    }

    /// The best `limit` pages that `keep` lets through; as many are asked for as that takes. And how many there are in all,
    /// unless that would take looking at more of them.
    fn pages(
        &self,
        searcher: &Searcher,
        query: &dyn Query,
        limit: usize,
        keep: Option<Keep<'_>>,
    ) -> Result<(Vec<PageRef>, Option<usize>), IndexError> {
        let Some(keep) = keep else {
            let (pages, all) = self.top(searcher, query, limit)?;
            return Ok((pages, Some(all)));
        };
        let mut asked = limit;
        loop {
            let (mut pages, all) = self.top(searcher, query, asked)?;
            let whole = all <= asked;
            pages.retain(keep);
            if whole || pages.len() >= limit {
                let kept = pages.len();
                pages.truncate(limit);
                return Ok((pages, whole.then_some(kept)));
            }
            asked *= 8;
        }
    }

    /// The best `limit` pages, and how many there are.
    fn top(
        &self,
        searcher: &Searcher,
        query: &dyn Query,
        limit: usize,
    ) -> Result<(Vec<PageRef>, usize), IndexError> {
        let (top, all) = searcher.search(query, &(TopDocs::with_limit(limit).order_by_score(), Count))?;
        let mut out = Vec::with_capacity(top.len());
        for (_, address) in top {
            let fast = searcher.segment_reader(address.segment_ord).fast_fields();
            let page = fast.u64("page")?.first(address.doc_id);
            let mut doc = String::new();
            if let Some(docs) = fast.str("doc")?
                && let Some(ord) = docs.term_ords(address.doc_id).next()
            {
                docs.ord_to_str(ord, &mut doc).map_err(TantivyError::from)?;
            }
            if let (Ok(doc), Some(page)) = (DocId::new(doc), page.and_then(|p| u32::try_from(p).ok())) {
                out.push(PageRef { doc, page });
            }
        }
        Ok((out, all))
    }
}

fn look(
    page: PageRef,
    words: &[Word],
    tier: Tier,
    texts: &dyn Fn(&PageRef) -> Option<Arc<PageText>>,
) -> Found {
    let by = by(tier, words);
    let Some(text) = texts(&page) else {
        return Found { page, snippet: String::new(), matched: Vec::new(), rects: Vec::new(), by };
    };
    let plain = text.plain();
    let spans = scan::spans(&plain, words, tier);
    let (snippet, matched) = scan::snippet(&plain, &spans);
    let rects = spans.iter().flat_map(|&(from, to)| text.rects(from, to)).collect();
    Found { page, snippet, matched, rects, by }
}

fn by(tier: Tier, words: &[Word]) -> FoundBy {
    match tier {
        Tier::Exact => FoundBy::Letter,
        Tier::BySound(Ear::Folded) => FoundBy::Sound,
        Tier::BySound(Ear::Syllable) if !words.iter().any(Word::is_pinyin) => FoundBy::Sound,
        Tier::BySound(Ear::Syllable) | Tier::Initials => FoundBy::Pinyin,
    }
}

fn version(dir: &Path) -> Option<String> {
    std::fs::read_to_string(dir.join(VERSION_FILE)).ok().map(|v| v.trim().to_owned())
}

/// Empties the folder of an index; anything else than an index is left alone. What shows that it is one goes last, so
/// that a clearing cut short is taken up again.
fn clear(dir: &Path) -> Result<(), IndexError> {
    let io = |source| IndexError::Io { path: dir.to_owned(), source };
    let signs = [dir.join("meta.json"), dir.join(VERSION_FILE)];
    let ours = signs.iter().any(|s| s.exists());
    for entry in std::fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if !ours {
            return Err(IndexError::NotAnIndex(dir.to_owned()));
        }
        if path.is_file() && !signs.contains(&path) {
            std::fs::remove_file(&path).map_err(io)?;
        }
    }
    for sign in signs.iter().filter(|s| s.exists()) {
        std::fs::remove_file(sign).map_err(io)?;
    }
    Ok(())
}

/// Ids hold no control characters, so the separator keeps keys apart.
fn doc_key(case: &CaseId, doc: &DocId) -> String {
    format!("{case}\u{1}{doc}")
}

fn page_key(case: &CaseId, page: &PageRef) -> String {
    format!("{case}\u{1}{}\u{1}{}", page.doc, page.page)
}

/// Units by themselves, pairs of hanzi, and values at the unit where they begin.
fn unit_tokens(units: &[tokens::Unit], values: &[tokens::Valued]) -> String {
    let mut out = Placed::default();
    let mut values = values.iter().peekable();
    for (at, unit) in units.iter().enumerate() {
        out.term(&[&unit.text]);
        if let Some(next) = units.get(at + 1)
            && (unit.kind, next.kind) == (Kind::Hanzi, Kind::Hanzi)
        {
            out.term(&[&unit.text, &next.text]);
        }
        while let Some(valued) = values.next_if(|v| v.from < unit.to) {
            for term in valued.value.page_terms() {
                out.term(&[&term]);
            }
        }
        out.next();
    }
    out.text
}

/// The first letters of every two positions together.
fn initial_tokens(sounds: &[Sound]) -> String {
    let mut out = Placed::default();
    let mut here = sounds.first().map(Sound::initials).unwrap_or_default();
    for at in 0..sounds.len() {
        let next = sounds.get(at + 1).map(Sound::initials).unwrap_or_default();
        for initial in here {
            for after in &next {
                out.term(&[initial, after]);
            }
        }
        out.next();
        here = next;
    }
    out.text
}

/// Every reading of every position, and of every two positions together.
fn sound_tokens(sounds: &[Sound]) -> String {
    let mut out = Placed::default();
    let mut here = sounds.first().map(Sound::terms).unwrap_or_default();
    for at in 0..sounds.len() {
        let next = sounds.get(at + 1).map(Sound::terms).unwrap_or_default();
        for term in here {
            out.term(&[term]);
            for after in &next {
                out.term(&[term, " ", after]);
            }
        }
        out.next();
        here = next;
    }
    out.text
}
