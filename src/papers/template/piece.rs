//! Text with words to fill in: `{词}`, `{词|如无}`, `{如 词}…{否则}…{完}`; `{{` is a brace.

use super::Condition;
use super::parse::Wrong;
use super::words::Scopes;

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// A word, and what stands in its place where it is empty.
    Word {
        word: String,
        otherwise: String,
    },
    If {
        condition: Condition,
        then: Vec<Piece>,
        otherwise: Vec<Piece>,
    },
}

/// A brace or what stands between two.
pub(super) enum Token<'t> {
    Text(String),
    Tag(&'t str),
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Wrong> {
    let (mut found, mut plain, mut rest) = (Vec::new(), String::new(), text);
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let brace = &rest[at..];
        if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
            plain.push_str(&brace[..1]);
            rest = after;
            continue;
        }
        let Some(inside) = brace.strip_prefix('{') else {
            return Err(Wrong::new(
                "a brace is closed and was not opened",
                "take it away, or write }} for a brace",
            ));
        };
        let Some((tag, after)) = inside.split_once('}') else {
            return Err(Wrong::new(
                "a brace is opened and not closed",
                "close it with }, or write {{ for a brace",
            ));
        };
        if !plain.is_empty() {
            found.push(Token::Text(std::mem::take(&mut plain)));
        }
        found.push(Token::Tag(tag.trim()));
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        found.push(Token::Text(plain));
    }
    Ok(found)
}

/// `如 词` or `如 非 词`.
pub(super) fn condition(tag: &str, scopes: &Scopes) -> Result<Option<Condition>, Wrong> {
    let Some(rest) = tag.strip_prefix("如") else { return Ok(None) };
    if !rest.starts_with([' ', '　']) {
        return Ok(None);
    }
    let rest = rest.trim();
    let (wanted, word) = match rest.strip_prefix("非") {
        Some(word) if word.starts_with([' ', '　']) => (false, word.trim()),
        _ => (true, rest),
    };
    if !scopes.text(word) && scopes.list(word).is_none() {
        let known = format!("use one of {}、{}", scopes.texts(), scopes.lists());
        return Err(Wrong::new(format!("there is no word “{word}” to ask for here"), known));
    }
    Ok(Some(Condition { word: word.to_owned(), wanted }))
}

/// Parses the text of a line.
pub(super) fn pieces(text: &str, scopes: &Scopes) -> Result<Vec<Piece>, Wrong> {
    let mut tokens = tokens(text)?.into_iter();
    let (found, end) = sequence(&mut tokens, scopes, 0)?;
    match end {
        None => Ok(found),
        Some(tag) => Err(Wrong::new(
            format!("{{{tag}}} closes nothing in this line"),
            "begin with {如 …} in the same line",
        )),
    }
}

const DEPTH_MAX: usize = 4;

/// Pieces up to a `{否则}` or `{完}` that belongs to the caller.
fn sequence<'t>(
    tokens: &mut impl Iterator<Item = Token<'t>>,
    scopes: &Scopes,
    depth: usize,
) -> Result<(Vec<Piece>, Option<&'t str>), Wrong> {
    if depth > DEPTH_MAX {
        return Err(Wrong::new("conditions stand too deep in one another", "use fewer of them in one line"));
    }
    let mut found = Vec::new();
    while let Some(token) = tokens.next() {
        let tag = match token {
            Token::Text(text) => {
                found.push(Piece::Text(text));
                continue;
            }
            Token::Tag(tag) => tag,
        };
        if matches!(tag, "否则" | "完") {
            return Ok((found, Some(tag)));
        }
        if let Some(condition) = condition(tag, scopes)? {
            let (then, mut end) = sequence(tokens, scopes, depth + 1)?;
            let mut otherwise = Vec::new();
            if end == Some("否则") {
                (otherwise, end) = sequence(tokens, scopes, depth + 1)?;
            }
            if end != Some("完") {
                return Err(Wrong::new(
                    format!("{{{tag}}} is not closed in its line"),
                    "write {完} behind what it is for",
                ));
            }
            found.push(Piece::If { condition, then, otherwise });
            continue;
        }
        found.push(word(tag, scopes)?);
    }
    Ok((found, None))
}

fn word(tag: &str, scopes: &Scopes) -> Result<Piece, Wrong> {
    let (word, otherwise) = tag.split_once('|').unwrap_or((tag, ""));
    let word = word.trim();
    if scopes.text(word) {
        return Ok(Piece::Word { word: word.to_owned(), otherwise: otherwise.to_owned() });
    }
    if word.starts_with("每") {
        return Err(Wrong::new(format!("{{{tag}}} stands within a line"), "put it on a line of its own"));
    }
    let remedy = match scopes.list(word) {
        Some(_) => format!("it is a list: write {{每 {word}}} and {{完}} on lines of their own"),
        None => format!("use one of {}", scopes.texts()),
    };
    Err(Wrong::new(format!("there is no word “{word}” here"), remedy))
}

/// Cuts `text` at every `at` that does not stand within braces.
pub(super) fn split_outside(text: &str, at: impl Fn(char) -> bool) -> Vec<&str> {
    let (mut parts, mut from, mut depth) = (Vec::new(), 0, 0u32);
    for (i, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 && at(c) => {
                parts.push(&text[from..i]);
                from = i + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}
