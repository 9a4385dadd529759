//! Templates of the court's papers: text files that a court can change.
//!
//! ```text
//!   title = "法庭笔录（第{次数}次）"        head in TOML, to the line of dashes
//!   ---
//!   // a remark                            body: one line a block
//!   [标题] 法庭笔录                        [mark] says what the block is; without one it is a paragraph
//!   [项] 地点：{地点|________}             {word} is filled in; after | what stands where nothing is known
//!   {每 笔录}                              for each …
//!   [言] {简称}：{内容}
//!   {完}
//!   {如 非 笔录} … {否则} … {完}           if there is (no) …; on lines of their own, or within a line
//! ```
//!
//! Values can never become marks or words: a template is parsed before anything is filled in.

mod fill;
mod parse;
mod piece;
mod words;

use std::collections::BTreeMap;

pub use words::template_words;

pub(crate) use fill::{INK, Values, fill, fill_text};
pub(crate) use piece::Piece;

use crate::kind::Kind;

/// Largest template, in bytes.
pub(crate) const BYTES_MAX: usize = 64 << 10;

/// What is wrong with a template, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}; {remedy}. Until then the shipped template is used")]
pub struct TemplateFault {
    /// Which file.
    pub file: String,
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Template {
    /// As it was given, for the package; line ends made one kind.
    pub(crate) source: String,
    /// The paper's name in the running head.
    pub(crate) title: Vec<Piece>,
    pub(crate) size_pt: f32,
    pub(crate) landscape: bool,
    pub(crate) sign_each_page: bool,
    /// Height of a table's row at least, in lines.
    pub(crate) row_lines: u32,
    /// The record's lines go in only if the procedure's name holds one of these words; empty: always.
    pub(crate) lines_of: Vec<String>,
    pub(crate) body: Vec<Node>,
}

/// A part of the body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Block(Mark, Vec<Piece>),
    /// 项 and 言: before and after the first colon. 签名: before and after the bar.
    Pair(PairMark, Vec<Piece>, Vec<Piece>),
    Blank(u32),
    Rule,
    NewPage,
    /// No cells: a table without a head.
    TableHead {
        cells: Vec<Vec<Piece>>,
        widths: Vec<u32>,
    },
    TableRow(Vec<Vec<Piece>>),
    Each {
        list: String,
        body: Vec<Node>,
    },
    If {
        condition: Condition,
        then: Vec<Node>,
        otherwise: Vec<Node>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Court,
    Title,
    Subtitle,
    Centred,
    Heading,
    Paragraph,
    Flush,
    Right,
    Note,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PairMark {
    Item,
    Speech,
    Sign,
}

/// Whether a text or list has anything in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) word: String,
    pub(crate) wanted: bool,
}

/// One template for each kind of paper.
#[derive(Debug, Clone)]
pub struct Templates(BTreeMap<Kind, Template>);

impl Templates {
    /// The templates of the house.
    #[must_use]
    pub fn shipped() -> Self {
        Self::with([]).0
    }

    /// The shipped templates, with those of `files` (name and contents) in their place. A file that has a fault, or whose
    /// name is no template's, changes nothing and is told.
    #[must_use]
    pub fn with<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<TemplateFault>) {
        let mut faults = Vec::new();
        let mut found = BTreeMap::new();
        for kind in Kind::ALL {
            match parse::parse(&kind.file(), kind.shipped(), kind) {
                Ok(template) => drop(found.insert(kind, template)),
                // A test reads every shipped template.
                Err(fault) => faults.push(fault),
            }
        }
        for (name, text) in files {
            match Kind::ALL.into_iter().find(|k| k.file() == name) {
                Some(kind) => match parse::parse(name, text, kind) {
                    Ok(template) => drop(found.insert(kind, template)),
                    Err(fault) => faults.push(fault),
                },
                None => faults.push(no_such_paper(name)),
            }
        }
        (Self(found), faults)
    }

    pub(crate) fn get(&self, kind: Kind) -> Option<&Template> {
        self.0.get(&kind)
    }

    /// The text of a template.
    pub(crate) fn source(&self, kind: Kind) -> &str {
        self.get(kind).map_or("", |t| t.source.as_str())
    }

    /// Files (name and contents) of the templates as they are shipped.
    pub fn shipped_files() -> impl Iterator<Item = (String, &'static str)> {
        Kind::ALL.into_iter().map(|k| (k.file(), k.shipped()))
    }
}

fn no_such_paper(name: &str) -> TemplateFault {
    let names = Kind::ALL.map(|k| k.file()).join(", ");
    TemplateFault {
        file: name.to_owned(),
        line: 1,
        what: "no paper has a template of this name".to_owned(),
        remedy: format!("name it one of {names}, or move it away"),
    }
}
