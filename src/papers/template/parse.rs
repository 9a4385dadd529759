//! From a template's text to its nodes. Whatever is wrong is told with its line and what to do.

use model::{nests_too_deep, shown};
use serde::Deserialize;

use super::piece::{self, Token, pieces, split_outside};
use super::words::Scopes;
use super::{BYTES_MAX, Mark, Node, PairMark, Template, TemplateFault};
use crate::kind::Kind;

/// What is wrong with a line.
pub(super) struct Wrong {
    what: String,
    remedy: String,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    fn at(self, file: &str, line: usize) -> TemplateFault {
        TemplateFault { file: file.to_owned(), line, what: shown(&self.what, 400), remedy: self.remedy }
    }
}

/// The head of a template.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    title: String,
    #[serde(default = "body_size")]
    size: String,
    #[serde(default)]
    landscape: bool,
    #[serde(default)]
    sign_each_page: bool,
    #[serde(default = "one")]
    row_lines: u32,
    #[serde(default)]
    lines_of: Vec<String>,
}

fn body_size() -> String {
    "四号".to_owned()
}

fn one() -> u32 {
    1
}

/// Sizes of letters by their Chinese names, in points.
const SIZES: [(&str, f32); 7] = [
    ("小二", 18.0),
    ("三号", 16.0),
    ("小三", 15.0),
    ("四号", 14.0),
    ("小四", 12.0),
    ("五号", 10.5),
    ("小五", 9.0),
];

/// Parses the template `text` of a paper.
pub(super) fn parse(file: &str, text: &str, kind: Kind) -> Result<Template, TemplateFault> {
    let fault = |wrong: Wrong, line| wrong.at(file, line);
    if text.len() > BYTES_MAX {
        let what = format!("the file has more than {} KiB", BYTES_MAX >> 10);
        return Err(fault(Wrong::new(what, "make it shorter: a template holds the form, not the record"), 1));
    }
    // What Windows' editor puts before and between lines.
    let text = text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n");
    let lines: Vec<&str> = text.lines().collect();
    let Some(dashes) = lines.iter().position(|l| l.trim_end() == "---") else {
        let wrong =
            Wrong::new("there is no line of three dashes between head and body", "write --- below the head");
        return Err(fault(wrong, 1));
    };
    let head_text = lines[..dashes].join("\n");
    if nests_too_deep(&head_text) {
        return Err(fault(
            Wrong::new("braces stand too deep in one another", "write the head as in the shipped template"),
            1,
        ));
    }
    let head: Head = toml::from_str(&head_text).map_err(|e| {
        let line = e.span().map_or(1, |s| head_text[..s.start.min(head_text.len())].matches('\n').count() + 1);
        let remedy = "the head has title, size, landscape, sign_each_page, row_lines and lines_of, as in the shipped template";
        fault(Wrong::new(e.message().to_owned(), remedy), line)
    })?;
    let title_line = lines.iter().position(|l| l.trim_start().starts_with("title")).map_or(1, |n| n + 1);
    let size_line = lines.iter().position(|l| l.trim_start().starts_with("size")).map_or(1, |n| n + 1);
    let scopes = Scopes::top(kind.about_a_gap());
    let size_pt = SIZES.iter().find(|(name, _)| *name == head.size).map(|(_, pt)| *pt).ok_or_else(|| {
        let names = SIZES.map(|(name, _)| name).join("、");
        fault(
            Wrong::new(format!("there is no letter size “{}”", head.size), format!("use one of {names}")),
            size_line,
        )
    })?;
    let title = pieces(&head.title, &scopes).map_err(|w| fault(w, title_line))?;
    let mut parser = Parser { lines: &lines, at: dashes + 1, columns: None };
    let body = match parser.nodes(&scopes, 0) {
        Ok((body, None)) => body,
        Ok((_, Some(tag))) => {
            let wrong = Wrong::new(
                format!("{{{tag}}} closes nothing"),
                "take it away, or begin with {每 …} or {如 …}",
            );
            return Err(fault(wrong, parser.at));
        }
        Err(wrong) => return Err(fault(wrong, parser.at.max(1))),
    };
    Ok(Template {
        source: text,
        title,
        size_pt,
        landscape: head.landscape,
        sign_each_page: head.sign_each_page,
        row_lines: head.row_lines.clamp(1, 8),
        lines_of: head.lines_of,
        body,
    })
}

struct Parser<'t> {
    lines: &'t [&'t str],
    /// The next line; so the one being parsed counts as this from 1.
    at: usize,
    /// Columns of the table whose head was last read.
    columns: Option<usize>,
}

const DEPTH_MAX: usize = 8;
const COLUMNS_MAX: usize = 12;

impl<'t> Parser<'t> {
    /// Nodes up to a `{否则}` or `{完}` that belongs to the caller.
    fn nodes(&mut self, scopes: &Scopes, depth: usize) -> Result<(Vec<Node>, Option<&'t str>), Wrong> {
        if depth > DEPTH_MAX {
            return Err(Wrong::new("blocks stand too deep in one another", "use fewer of them"));
        }
        let mut found = Vec::new();
        while let Some(line) = self.lines.get(self.at) {
            self.at += 1;
            let line = line.trim();
            if line.is_empty() || line.starts_with("//") {
                continue;
            }
            let Some(tag) = alone(line)? else {
                let node = self.line(line, scopes)?;
                found.push(node);
                continue;
            };
            if matches!(tag, "否则" | "完") {
                return Ok((found, Some(tag)));
            }
            if let Some(node) = self.block(tag, scopes, depth)? {
                found.push(node);
            } else {
                found.push(self.line(line, scopes)?);
            }
        }
        Ok((found, None))
    }

    /// A `{每 …}` or `{如 …}` that stands alone, up to its `{完}`.
    fn block(&mut self, tag: &'t str, scopes: &Scopes, depth: usize) -> Result<Option<Node>, Wrong> {
        let begun = self.at;
        let unclosed = |parser: &mut Self| {
            parser.at = begun;
            Wrong::new(format!("{{{tag}}} is never closed"), "write {完} on a line of its own where it ends")
        };
        if let Some(list) = tag.strip_prefix("每").filter(|l| l.starts_with([' ', '　'])) {
            let list = list.trim();
            let Some(inner) = scopes.list(list) else {
                let remedy = format!("use one of {}", scopes.lists());
                return Err(Wrong::new(format!("there is no list “{list}” here"), remedy));
            };
            return match self.nodes(&scopes.inside(inner), depth + 1)? {
                (body, Some("完")) => Ok(Some(Node::Each { list: list.to_owned(), body })),
                (_, Some(_)) => Err(Wrong::new("{否则} within {每 …}", "use it within {如 …}")),
                (_, None) => Err(unclosed(self)),
            };
        }
        let Some(condition) = piece::condition(tag, scopes)? else { return Ok(None) };
        let (then, mut end) = self.nodes(scopes, depth + 1)?;
        let mut otherwise = Vec::new();
        if end == Some("否则") {
            (otherwise, end) = self.nodes(scopes, depth + 1)?;
        }
        match end {
            Some("完") => Ok(Some(Node::If { condition, then, otherwise })),
            Some(_) => Err(Wrong::new("a second {否则}", "one {如 …} has one {否则}")),
            None => Err(unclosed(self)),
        }
    }

    /// A line that is one block of the paper.
    fn line(&mut self, line: &str, scopes: &Scopes) -> Result<Node, Wrong> {
        let Some((mark, text)) = line.strip_prefix('[').and_then(|l| l.split_once(']')) else {
            return Ok(Node::Block(Mark::Paragraph, pieces(line, scopes)?));
        };
        let text = text.trim_matches([' ', '\t']);
        let block = |mark| Ok(Node::Block(mark, pieces(text, scopes)?));
        match mark.trim() {
            "法院" => block(Mark::Court),
            "标题" => block(Mark::Title),
            "副题" => block(Mark::Subtitle),
            "居中" => block(Mark::Centred),
            "小标题" => block(Mark::Heading),
            "段" => block(Mark::Paragraph),
            "顶格" => block(Mark::Flush),
            "右" => block(Mark::Right),
            "注" => block(Mark::Note),
            "项" => pair(PairMark::Item, text, |c| c == '：', "：", scopes),
            "言" => pair(PairMark::Speech, text, |c| c == '：', "：", scopes),
            "签名" => pair(PairMark::Sign, text, |c| matches!(c, '|' | '｜'), "|", scopes),
            "线" => Ok(Node::Rule),
            "分页" => Ok(Node::NewPage),
            "空行" => match text.parse() {
                Ok(n @ 1..=40) => Ok(Node::Blank(n)),
                _ => Err(Wrong::new("[空行] needs a number", "write how many lines, 1 to 40, e.g. [空行] 5")),
            },
            "表头" => self.table_head(text, scopes),
            "表宽" => self.table_widths(text),
            "表行" => self.table_row(text, scopes),
            other => Err(Wrong::new(
                format!("there is no mark [{other}]"),
                "use 法院、标题、副题、居中、小标题、段、顶格、右、注、项、言、签名、线、分页、空行、表头、表宽 or 表行; a paragraph that begins \
                 with a bracket begins with [段]",
            )),
        }
    }

    /// `[表头] 证据:3 | 名称:5`: the numbers are widths, relative to one another.
    fn table_head(&mut self, text: &str, scopes: &Scopes) -> Result<Node, Wrong> {
        let (mut cells, mut widths) = (Vec::new(), Vec::new());
        for cell in split_outside(text, |c| c == '|') {
            let (name, width) = match cell.trim().rsplit_once(':') {
                Some((name, width)) => (name, width.trim().parse().ok().filter(|w| (1..=99).contains(w))),
                None => (cell, Some(1)),
            };
            let Some(width) = width else {
                return Err(Wrong::new("a column's width is no number from 1 to 99", "write e.g. 名称:5"));
            };
            cells.push(pieces(name.trim(), scopes)?);
            widths.push(width);
        }
        if cells.len() > COLUMNS_MAX {
            return Err(Wrong::new("a table has more than 12 columns", "use fewer"));
        }
        self.columns = Some(cells.len());
        Ok(Node::TableHead { cells, widths })
    }

    /// `[表宽] 5 | 16`: a table without a head.
    fn table_widths(&mut self, text: &str) -> Result<Node, Wrong> {
        let width = |w: &str| w.trim().parse().ok().filter(|w| (1..=99).contains(w));
        let widths: Option<Vec<u32>> = text.split('|').map(width).collect();
        match widths {
            Some(widths) if widths.len() <= COLUMNS_MAX => {
                self.columns = Some(widths.len());
                Ok(Node::TableHead { cells: Vec::new(), widths })
            }
            _ => Err(Wrong::new(
                "these are no widths",
                "write up to 12 numbers from 1 to 99, e.g. [表宽] 5 | 16",
            )),
        }
    }

    fn table_row(&mut self, text: &str, scopes: &Scopes) -> Result<Node, Wrong> {
        let Some(columns) = self.columns else {
            return Err(Wrong::new("[表行] without a [表头] above it", "write the table's head first"));
        };
        let cells = split_outside(text, |c| c == '|');
        if cells.len() != columns {
            let what = format!("this row has {} cells, the table's head has {columns}", cells.len());
            return Err(Wrong::new(what, "separate as many cells with | as the head has"));
        }
        let cells =
            cells.into_iter().map(|c| pieces(c.trim_matches(' '), scopes)).collect::<Result<_, _>>()?;
        Ok(Node::TableRow(cells))
    }
}

/// The tag of a line in which nothing else stands.
fn alone(line: &str) -> Result<Option<&str>, Wrong> {
    let mut tokens = piece::tokens(line)?.into_iter();
    Ok(match (tokens.next(), tokens.next()) {
        (Some(Token::Tag(tag)), None) => Some(tag),
        _ => None,
    })
}

fn pair(
    mark: PairMark,
    text: &str,
    at: impl Fn(char) -> bool + Copy,
    sign: &str,
    scopes: &Scopes,
) -> Result<Node, Wrong> {
    let first = split_outside(text, at)[0];
    let rest = text[first.len()..].strip_prefix(at);
    let second = match (rest, mark) {
        (Some(rest), _) => rest,
        // Who signs, with nothing beside the line.
        (None, PairMark::Sign) => "",
        (None, _) => {
            let remedy = format!("write the label, then {sign}, then the text");
            return Err(Wrong::new(format!("there is no {sign} in this line"), remedy));
        }
    };
    Ok(Node::Pair(mark, pieces(first.trim_matches(' '), scopes)?, pieces(second.trim_matches(' '), scopes)?))
}
