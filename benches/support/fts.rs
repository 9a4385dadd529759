//! The peer of `search`: SQLite FTS5 with trigrams, in this process, over the same pages.
//!
//! Every case has a tag of three letters, one trigram, in a column of the index: the cheapest filter FTS5 has.

use std::ops::Range;
use std::path::Path;

use rusqlite::{Connection, params};

use crate::court_text::InventedCase;

pub(crate) struct Fts {
    db: Connection,
    /// Row ids of each case.
    rows: Vec<Range<i64>>,
}

/// Pages of one answer, as the hub asks the index.
const LIMIT: usize = 20;

impl Fts {
    pub(crate) fn new(dir: &Path) -> Self {
        let db = Connection::open(dir.join("peer.sqlite")).expect("opens");
        db.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-262144; PRAGMA mmap_size=4294967296;
             CREATE TABLE pages(id INTEGER PRIMARY KEY, tag TEXT, text TEXT);
             CREATE VIRTUAL TABLE fts USING fts5(tag, text, content='pages', content_rowid='id', tokenize='trigram')",
        )
        .expect("tables");
        Self { db, rows: Vec::new() }
    }

    /// Puts the next case.
    pub(crate) fn put_case(&mut self, case: &InventedCase) {
        let first = self.rows.last().map_or(1, |r| r.end);
        let tag = tag(self.rows.len());
        self.db.execute_batch("BEGIN").expect("begun");
        for (n, (_, text)) in (first..).zip(&case.pages) {
            self.insert(n, &tag, &unbroken(text));
        }
        self.db.execute_batch("COMMIT").expect("committed");
        self.rows.push(first..first + case.pages.len() as i64);
    }

    /// One more page of the case put last, committed by itself.
    pub(crate) fn put_page(&mut self, text: &str) {
        let Some(last) = self.rows.last_mut() else { return };
        let id = last.end;
        last.end += 1;
        let tag = tag(self.rows.len() - 1);
        self.db.execute_batch("BEGIN").expect("begun");
        self.insert(id, &tag, &unbroken(text));
        self.db.execute_batch("COMMIT").expect("committed");
    }

    fn insert(&self, id: i64, tag: &str, text: &str) {
        let sql = [
            "INSERT INTO pages VALUES (?1, ?2, ?3)",
            "INSERT INTO fts(rowid, tag, text) VALUES (?1, ?2, ?3)",
        ];
        for sql in sql {
            let mut put = self.db.prepare_cached(sql).expect("prepared");
            put.execute(params![id, tag, text]).expect("inserted");
        }
    }

    /// Places in the case of the pages that hold the phrase, best first; two letters, too few for a trigram, are
    /// looked for in its rows.
    pub(crate) fn search(&self, case: usize, phrase: &str) -> Vec<usize> {
        if phrase.chars().count() >= 3 {
            return self.matching(case, &format!("text:\"{phrase}\""));
        }
        let rows = &self.rows[case];
        let sql = "SELECT id FROM pages WHERE id >= ?1 AND id < ?2 AND instr(text, ?3) LIMIT 20";
        let mut ask = self.db.prepare_cached(sql).expect("prepared");
        let found = ask.query_map(params![rows.start, rows.end, phrase], |row| row.get::<_, i64>(0));
        found.expect("asked").map(|id| (id.expect("a row") - rows.start) as usize).collect()
    }

    /// The same for any of the phrase's trigrams: what a misheard phrase still has in common with a page.
    pub(crate) fn search_any(&self, case: usize, phrase: &str) -> Vec<usize> {
        let letters: Vec<char> = phrase.chars().collect();
        let any: Vec<String> =
            letters.windows(3).map(|w| format!("text:\"{}\"", w.iter().collect::<String>())).collect();
        self.matching(case, &format!("({})", any.join(" OR ")))
    }

    fn matching(&self, case: usize, asked: &str) -> Vec<usize> {
        let sql = "SELECT rowid FROM fts WHERE fts MATCH ?1 ORDER BY rank LIMIT ?2";
        let mut ask = self.db.prepare_cached(sql).expect("prepared");
        let asked = format!("tag:\"{}\" AND {asked}", tag(case));
        let found = ask.query_map(params![asked, LIMIT as i64], |row| row.get::<_, i64>(0));
        found.expect("asked").map(|id| (id.expect("a row") - self.rows[case].start) as usize).collect()
    }
}

fn tag(case: usize) -> String {
    let letter = |n: usize| char::from_u32(0x3400 + n as u32).unwrap_or('㐀');
    format!("{}{}q", letter(case % 6_000), letter(case / 6_000))
}

/// A page without its line ends: FTS5 would not find a phrase across one.
pub(crate) fn unbroken(text: &str) -> String {
    text.replace('\n', "")
}
