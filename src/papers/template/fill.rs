//! A template and values give the blocks of a paper.

use std::collections::BTreeMap;

use court::Stroke;
use model::LineId;

use super::{Condition, Mark, Node, PairMark, Piece, Template};
use crate::legible::clean;
use crate::paper::{Anchor, Block, Table};

/// What a word stands for.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    List(Vec<Values>),
    Ink(Vec<Stroke>),
}

/// The word under which a person's hand is kept. It is set where a sign line tells how the record was signed: a signature
/// on the record is none on whatever else a template has signed.
pub(crate) const INK: &str = "墨迹";
const SIGNED: &str = "签名情况";

/// Values by word.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values(BTreeMap<&'static str, Value>);

impl Values {
    pub(crate) fn text(mut self, word: &'static str, text: impl AsRef<str>) -> Self {
        self.0.insert(word, Value::Text(clean(text.as_ref())));
        self
    }

    pub(crate) fn ink(mut self, word: &'static str, strokes: Vec<Stroke>) -> Self {
        self.0.insert(word, Value::Ink(strokes));
        self
    }

    pub(crate) fn list(mut self, word: &'static str, items: impl IntoIterator<Item = Self>) -> Self {
        self.0.insert(word, Value::List(items.into_iter().collect()));
        self
    }
}

/// The values at a place, innermost last.
struct Scope<'v>(Vec<&'v Values>);

impl<'v> Scope<'v> {
    fn find(&self, word: &str) -> Option<&'v Value> {
        self.0.iter().rev().find_map(|v| v.0.get(word))
    }

    fn text(&self, word: &str) -> &'v str {
        match self.find(word) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    fn holds(&self, condition: &Condition) -> bool {
        let there = match self.find(&condition.word) {
            Some(Value::Text(text)) => !text.is_empty(),
            Some(Value::List(items)) => !items.is_empty(),
            Some(Value::Ink(strokes)) => !strokes.is_empty(),
            None => false,
        };
        there == condition.wanted
    }

    fn ink(&self, note: &[Piece]) -> Vec<Stroke> {
        let told = note.iter().any(|p| matches!(p, Piece::Word { word, .. } if word == SIGNED));
        match self.find(INK) {
            Some(Value::Ink(strokes)) if told => strokes.clone(),
            _ => Vec::new(),
        }
    }

    fn pieces(&self, pieces: &[Piece]) -> String {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(&clean(text)),
                Piece::Word { word, otherwise } => match self.text(word) {
                    "" => out.push_str(otherwise),
                    text => out.push_str(text),
                },
                Piece::If { condition, then, otherwise } => {
                    out.push_str(&self.pieces(if self.holds(condition) { then } else { otherwise }));
                }
            }
        }
        out
    }
}

/// One text, e.g. the title of a template.
pub(crate) fn fill_text(pieces: &[Piece], values: &Values) -> String {
    Scope(vec![values]).pieces(pieces)
}

/// The blocks of the paper.
pub(crate) fn fill(template: &Template, values: &Values) -> Vec<Block> {
    let mut filler = Filler { blocks: Vec::new(), label: None, row_lines: template.row_lines };
    filler.nodes(&template.body, &mut Scope(vec![values]));
    filler.blocks
}

struct Filler {
    blocks: Vec<Block>,
    /// Label of the item just set: the same one is not written twice in a row.
    label: Option<String>,
    row_lines: u32,
}

impl Filler {
    fn nodes<'v>(&mut self, nodes: &[Node], scope: &mut Scope<'v>) {
        for node in nodes {
            match node {
                Node::Each { list, body } => {
                    let Some(Value::List(items)) = scope.find(list) else { continue };
                    for item in items {
                        scope.0.push(item);
                        self.nodes(body, scope);
                        scope.0.pop();
                    }
                }
                Node::If { condition, then, otherwise } => {
                    let chosen = if scope.holds(condition) { then } else { otherwise };
                    self.nodes(chosen, scope);
                }
                node => self.leaf(node, scope),
            }
        }
    }

    fn leaf(&mut self, node: &Node, scope: &Scope<'_>) {
        let label = self.label.take();
        let block = match node {
            Node::Block(mark, text) => block(*mark, scope.pieces(text)),
            Node::Pair(PairMark::Item, name, value) => {
                let name = scope.pieces(name);
                let again = label.as_ref() == Some(&name);
                self.label = Some(name.clone());
                Block::Item { label: if again { String::new() } else { name }, value: scope.pieces(value) }
            }
            Node::Pair(PairMark::Speech, name, text) => {
                Block::Speech { label: scope.pieces(name), text: scope.pieces(text), anchor: anchor(scope) }
            }
            Node::Pair(PairMark::Sign, who, note) => {
                Block::Sign { who: scope.pieces(who), note: scope.pieces(note), ink: scope.ink(note) }
            }
            Node::Blank(lines) => Block::Blank(*lines),
            Node::Rule => Block::Rule,
            Node::NewPage => Block::NewPage,
            Node::TableHead { cells, widths } => {
                let head = cells.iter().map(|c| scope.pieces(c)).collect();
                Block::Table(Table {
                    head,
                    widths: widths.clone(),
                    rows: Vec::new(),
                    row_lines: self.row_lines,
                })
            }
            Node::TableRow(cells) => {
                let row: Vec<_> = cells.iter().map(|c| scope.pieces(c)).collect();
                self.row(row);
                return;
            }
            // Handled by the caller.
            Node::Each { .. } | Node::If { .. } => return,
        };
        self.blocks.push(block);
    }

    /// Adds a row to the table above. A head that stood in a condition may be missing, or have other columns: then the row is
    /// a table of its own.
    fn row(&mut self, row: Vec<String>) {
        match self.blocks.last_mut() {
            Some(Block::Table(table)) if table.widths.len() == row.len() => table.rows.push(row),
            _ => {
                let widths = vec![1; row.len()];
                let (head, row_lines) = (Vec::new(), self.row_lines);
                self.blocks.push(Block::Table(Table { head, widths, rows: vec![row], row_lines }));
            }
        }
    }
}

fn block(mark: Mark, text: String) -> Block {
    match mark {
        Mark::Court => Block::Court(text),
        Mark::Title => Block::Title(text),
        Mark::Subtitle => Block::Subtitle(text),
        Mark::Centred => Block::Centred(text),
        Mark::Heading => Block::Heading(text),
        Mark::Paragraph => Block::Paragraph(text),
        Mark::Flush => Block::Flush(text),
        Mark::Right => Block::Right(text),
        Mark::Note => Block::Note(text),
    }
}

/// Where the line of the record stands that is being set, if one is.
fn anchor(scope: &Scope<'_>) -> Option<Anchor> {
    let line = scope.text("行号").parse().ok().map(LineId)?;
    let time = scope.text("时间").to_owned();
    Some(Anchor {
        line,
        time,
        name: scope.text("发言人").to_owned(),
        corrected: !scope.text("更正").is_empty(),
    })
}
