//! The text of one page with a box per character.

use model::Rect;
use protocol::link::pages::PageChar;
use protocol::wire::TextLine;
use serde::{Deserialize, Serialize};

/// Characters in reading order, `\n` between lines. Boxes are in page units of the unrotated page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    /// The characters.
    pub chars: Vec<PageChar>,
    /// 0–1; 1 for text that was born digital.
    pub confidence: f32,
    /// Whether it was recognised from a picture.
    pub ocr: bool,
}

impl PageText {
    /// The characters alone.
    #[must_use]
    pub fn plain(&self) -> String {
        self.chars.iter().map(|c| c.c).collect()
    }

    /// The lines of the text layer.
    #[must_use]
    pub fn lines(&self) -> Vec<TextLine> {
        self.chars
            .split(|c| c.c == '\n')
            .filter(|line| !line.is_empty())
            .map(|line| TextLine {
                text: line.iter().map(|c| c.c).collect(),
                boxes: line.iter().map(|c| c.b).collect(),
            })
            .collect()
    }

    /// One rectangle per line that characters `from..to` touch.
    #[must_use]
    pub fn rects(&self, from: usize, to: usize) -> Vec<Rect> {
        let span = self.chars.get(from..to.min(self.chars.len())).unwrap_or_default();
        span.split(|c| c.c == '\n')
            .filter_map(|line| line.iter().map(|c| c.b).reduce(Rect::union))
            .filter(|r| r.w > 0 && r.h > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> PageText {
        let (mut x, mut y) = (0, 0);
        let mut place = |c| {
            let b = Rect { x, y, w: 10, h: 10 };
            if c == '\n' {
                (x, y) = (0, y + 20);
                return PageChar { c, b: Rect::default() };
            }
            x += 10;
            PageChar { c, b }
        };
        PageText { chars: s.chars().map(&mut place).collect(), confidence: 1.0, ocr: false }
    }

    #[test]
    fn a_span_over_a_line_end_gives_a_rectangle_per_line() {
        let page = text("甲乙丙\n丁戊");
        assert_eq!(
            page.rects(1, 5),
            [Rect { x: 10, y: 0, w: 20, h: 10 }, Rect { x: 0, y: 20, w: 10, h: 10 }]
        );
        assert_eq!(page.rects(4, 99), [Rect { x: 0, y: 20, w: 20, h: 10 }]);
        assert_eq!(page.lines().iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["甲乙丙", "丁戊"]);
    }
}
