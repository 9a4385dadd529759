//! How terms with their positions are handed to the engine, whose own tokenizers know only one term a position: terms
//! of one position stand side by side, positions one under the other.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// The tokenizer's name in the schema.
pub(super) const NAME: &str = "placed";

const SIDE_BY_SIDE: char = '\t';
const NEXT_POSITION: char = '\n';

/// Terms being put in place; they hold no control characters.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) text: String,
}

impl Placed {
    /// A term, in parts, at this position.
    pub(super) fn term(&mut self, parts: &[&str]) {
        for part in parts {
            self.text.push_str(part);
        }
        self.text.push(SIDE_BY_SIDE);
    }

    /// On to the next position.
    pub(super) fn next(&mut self) {
        self.text.push(NEXT_POSITION);
    }
}

#[derive(Clone)]
pub(super) struct PlacedTokenizer;

/// What is left of the text, and the term last read.
pub(super) struct PlacedStream<'a> {
    rest: &'a str,
    position: usize,
    token: Token,
}

impl Tokenizer for PlacedTokenizer {
    type TokenStream<'a> = PlacedStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PlacedStream<'a> {
        PlacedStream { rest: text, position: 0, token: Token::default() }
    }
}

impl TokenStream for PlacedStream<'_> {
    fn advance(&mut self) -> bool {
        while let Some(rest) = self.rest.strip_prefix(NEXT_POSITION) {
            (self.rest, self.position) = (rest, self.position + 1);
        }
        let Some((term, rest)) = self.rest.split_once(SIDE_BY_SIDE) else { return false };
        self.rest = rest;
        self.token.text.clear();
        self.token.text.push_str(term);
        self.token.position = self.position;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_come_back_with_their_positions() {
        let mut placed = Placed::default();
        placed.term(&["hang"]);
        placed.term(&["hang", " ", "ye"]);
        placed.next();
        placed.next();
        placed.term(&["ye"]);
        placed.next();
        let mut tokenizer = PlacedTokenizer;
        let mut stream = tokenizer.token_stream(&placed.text);
        let mut seen = Vec::new();
        while stream.advance() {
            seen.push((stream.token().position, stream.token().text.clone()));
        }
        assert_eq!(seen, [(0, "hang".to_owned()), (0, "hang ye".to_owned()), (2, "ye".to_owned())]);
    }
}
