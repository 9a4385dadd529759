//! A paper before it has a format: what HTML, PDF and DOCX are all made from, so that the three say the same.

use court::Stroke;
use model::LineId;

/// One piece of a paper, from top to bottom. All text is clean ([`crate::legible::clean`]).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// 法院, centred.
    Court(String),
    /// The paper's name, centred.
    Title(String),
    /// Below the name, e.g. （第1次）.
    Subtitle(String),
    /// A centred line of text.
    Centred(String),
    /// 小标题.
    Heading(String),
    /// 项: a label and its value. The label is empty where the one above goes on.
    Item { label: String, value: String },
    /// A paragraph whose first line is indented by two characters.
    Paragraph(String),
    /// A paragraph without indent.
    Flush(String),
    /// Text at the right edge.
    Right(String),
    /// A remark in small letters.
    Note(String),
    /// What somebody said, with the speaker's label before it.
    Speech { label: String, text: String, anchor: Option<Anchor> },
    /// A line to sign on, what stands beside it, and the strokes of who signed on the pad ([`court::PAD`]).
    Sign { who: String, note: String, ink: Vec<Stroke> },
    /// Ruled lines to write on.
    Blank(u32),
    /// A line across the page.
    Rule,
    /// What follows begins on a new page.
    NewPage,
    /// A table.
    Table(Table),
}

/// Where a [`Block::Speech`] stands in the record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Anchor {
    pub(crate) line: LineId,
    /// Beijing time.
    pub(crate) time: String,
    /// The speaker.
    pub(crate) name: String,
    /// A person changed what the machine had heard.
    pub(crate) corrected: bool,
}

/// A table; its head, if it has one, is repeated on every page.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Table {
    pub(crate) head: Vec<String>,
    /// Widths of the columns, relative to one another; as many as cells in `head`, if it has any, and in every row.
    pub(crate) widths: Vec<u32>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Height of a row at least, in lines.
    pub(crate) row_lines: u32,
}

/// What stands at the edges of every page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Margins {
    /// Left in the head from the second page on: 案号 and name.
    pub(crate) running: String,
    /// Right in the head of every page: 草稿, 副本; may be empty.
    pub(crate) marking: String,
    /// In the foot, small: hashes.
    pub(crate) foot: Vec<String>,
    /// A line to sign on each page, with date.
    pub(crate) sign_each_page: bool,
}

/// A paper, ready to be written as HTML, PDF or DOCX.
#[derive(Debug, Clone, PartialEq)]
pub struct Paper {
    /// The paper's name, e.g. 法庭笔录（第1次）.
    pub(crate) name: String,
    /// For the file's properties: 案号 and name.
    pub(crate) title: String,
    /// 法院, as the file's author.
    pub(crate) court: String,
    /// Size of the body's letters in points.
    pub(crate) size_pt: f32,
    /// A4 lying.
    pub(crate) landscape: bool,
    pub(crate) margins: Margins,
    pub(crate) blocks: Vec<Block>,
}

impl Paper {
    /// The paper's name, e.g. 法庭笔录（第1次）.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The line in which a date is written by hand.
pub(crate) const DATE: &str = "　　　　年　　月　　日";
