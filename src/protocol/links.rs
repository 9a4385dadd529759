//! What the text of a page leads to: evidence and articles that it names, also where a name runs on over the end of a line.

use court::State;
use model::{DocId, Rect, Side};

use crate::wire::{PageLink, TextLine};

/// A line that ends so far before the right edge of the text, in its own heights, is the last of its paragraph.
const SHORT: i32 = 2;

/// Links of a page of document `doc` of `side`.
#[must_use]
pub fn of_page(state: &State, side: Side, doc: &DocId, lines: &[TextLine]) -> Vec<PageLink> {
    let (text, places) = joined(lines);
    let mentions = state.mentions_in(&text, side, doc);
    let link = |m: court::Mention| {
        let places = places.get(m.from as usize..m.to as usize).unwrap_or_default();
        let rects = rects(lines, places.iter().flatten().copied());
        (!rects.is_empty()).then_some(PageLink { names: m.names, rects })
    };
    mentions.into_iter().filter_map(link).collect()
}

/// The lines as one text, and where each character stands (line, character). A paragraph ends in a line feed, which stands nowhere.
fn joined(lines: &[TextLine]) -> (String, Vec<Option<(usize, usize)>>) {
    let right = |line: &TextLine| line.boxes.last().map_or(0, |b| b.x + b.w);
    let edge = lines.iter().map(right).max().unwrap_or(0);
    let (mut text, mut places) = (String::new(), Vec::new());
    for (n, line) in lines.iter().enumerate() {
        text.push_str(&line.text);
        places.extend((0..line.text.chars().count()).map(|i| Some((n, i))));
        let height = line.boxes.last().map_or(0, |b| b.h);
        if right(line) + SHORT * height < edge {
            text.push('\n');
            places.push(None);
        }
    }
    (text, places)
}

/// One rectangle for each line that the characters touch.
fn rects(lines: &[TextLine], places: impl Iterator<Item = (usize, usize)>) -> Vec<Rect> {
    let mut found: Vec<(usize, Rect)> = Vec::new();
    for (line, at) in places {
        let Some(b) = lines[line].boxes.get(at).filter(|b| b.w > 0 && b.h > 0) else { continue };
        match found.last_mut() {
            Some((last, rect)) if *last == line => *rect = rect.union(*b),
            _ => found.push((line, *b)),
        }
    }
    found.into_iter().map(|(_, rect)| rect).collect()
}

#[cfg(test)]
mod tests {
    use court::Named;

    use super::*;

    fn line(n: i32, text: &str) -> TextLine {
        let boxes = (0..text.chars().count() as i32).map(|i| Rect { x: i * 10, y: n * 20, w: 10, h: 10 });
        TextLine { text: text.to_owned(), boxes: boxes.collect() }
    }

    #[test]
    fn a_name_runs_on_over_the_end_of_a_full_line_and_not_over_that_of_a_paragraph() {
        let doc = DocId::new("answer").unwrap_or_else(|e| panic!("{e}"));
        let links = |lines: &[TextLine]| of_page(&State::default(), Side::Defendant, &doc, lines);
        let found =
            links(&[line(0, "应当依照民法典第六百"), line(1, "七十五条返还借款。依"), line(2, "合同第三")]);
        let Some([link]) = found.get(..1) else { panic!("{found:?}") };
        assert!(
            matches!(&link.names, Named::Article { law, number, .. } if law == "民法典" && number == "675")
        );
        let place = |y, x, w| Rect { x, y, w, h: 10 };
        assert_eq!(link.rects, [place(0, 40, 60), place(20, 0, 40)]);
        // The first is the last line of a paragraph: 六百 ends there.
        assert_eq!(links(&[line(0, "民法典第六百"), line(1, "七十五条是另一段的开头"), line(2, "二")]), []);
    }
}
