//! Tables on pages: rows stay whole where they can, and the head is repeated.

use super::layout::Line;
use super::setter::Setter;
use crate::paper::Table;

/// White space in a cell, left and right.
const PAD: f32 = 4.0;

/// A row whose text is broken into lines, and how many of them are set.
struct Row {
    cells: Vec<Vec<Line>>,
    bold: bool,
    lines: usize,
}

impl Setter<'_> {
    pub(super) fn table(&mut self, table: &Table) {
        let sum = table.widths.iter().sum::<u32>().max(1) as f32;
        let wide = self.page.right - self.page.left;
        let mut edges = vec![self.page.left];
        for width in &table.widths {
            let last = edges.last().copied().unwrap_or(self.page.left);
            edges.push(last + wide * *width as f32 / sum);
        }
        let size = (self.size - 1.5).max(9.0);
        let head = (!table.head.is_empty()).then(|| self.row(&table.head, &edges, size, true, 1));
        // The rule above the first row, clear of the line before.
        if self.y >= self.page.top {
            self.y += self.leading * 0.3;
        }
        let mut begun = false;
        for cells in &table.rows {
            let row = self.row(cells, &edges, size, false, table.row_lines as usize);
            self.set_row(&row, head.as_ref(), &edges, size, &mut begun);
        }
        if !begun && let Some(head) = &head {
            self.slice(head, 0, head.lines, &edges, size);
        }
        self.y += self.leading * 0.2;
    }

    fn row(&self, cells: &[String], edges: &[f32], size: f32, bold: bool, at_least: usize) -> Row {
        let cells: Vec<_> = cells
            .iter()
            .zip(edges.windows(2))
            .map(|(text, edge)| self.lines(text, size, (edge[1] - edge[0] - 2.0 * PAD).max(size)))
            .collect();
        let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(at_least);
        Row { cells, bold, lines }
    }

    fn set_row(&mut self, row: &Row, head: Option<&Row>, edges: &[f32], size: f32, begun: &mut bool) {
        let mut done = 0;
        while done < row.lines {
            let head_lines = head.filter(|_| !*begun).map_or(0, |h| h.lines);
            let fits = self.lines_left(size).saturating_sub(head_lines + usize::from(head_lines > 0));
            let left = row.lines - done;
            let whole_page = self.lines_of_page(size).saturating_sub(head.map_or(0, |h| h.lines + 1)).max(1);
            // A row that fits a page is not torn; of a longer one as much is set as fits.
            let take = if left <= fits {
                left
            } else if left <= whole_page || fits == 0 {
                0
            } else {
                fits
            };
            if take == 0 && self.y >= self.page.top {
                self.turn();
                *begun = false;
                continue;
            }
            if let Some(head) = head.filter(|_| !*begun) {
                self.slice(head, 0, head.lines, edges, size);
            }
            *begun = true;
            let take = take.max(1);
            self.slice(row, done, take, edges, size);
            done += take;
        }
    }

    fn cell_leading(size: f32) -> f32 {
        size * 1.5
    }

    /// Lines of a row that fit below.
    fn lines_left(&self, size: f32) -> usize {
        let top = self.y + self.leading * 0.3;
        ((self.page.bottom - top - 0.6 * size) / Self::cell_leading(size)).max(0.0) as usize
    }

    fn lines_of_page(&self, size: f32) -> usize {
        ((self.page.bottom - self.page.top) / Self::cell_leading(size)).max(1.0) as usize
    }

    /// Sets lines `from .. from + count` of a row with its borders.
    fn slice(&mut self, row: &Row, from: usize, count: usize, edges: &[f32], size: f32) {
        let leading = Self::cell_leading(size);
        let top = self.y + self.leading * 0.3;
        let bottom = top + leading * count as f32 + size * 0.5;
        for (cell, edge) in row.cells.iter().zip(edges.windows(2)) {
            // Short text stands in the middle of a high row.
            let free = count.saturating_sub(cell.len()) as f32 * leading / 2.0;
            for (i, line) in cell.iter().skip(from).take(count).enumerate() {
                let y = top + free + leading * i as f32 + size * 1.3;
                let wide = self.plain.text_width(&line.text) * size;
                let x = if row.bold { (edge[0] + edge[1] - wide) / 2.0 } else { edge[0] + PAD };
                self.run(x, y, size, row.bold, line.text.clone());
            }
        }
        let (Some(left), Some(right)) = (edges.first().copied(), edges.last().copied()) else { return };
        self.rule((left, top), (right, top));
        self.rule((left, bottom), (right, bottom));
        for x in edges {
            self.rule((*x, top), (*x, bottom));
        }
        self.y = bottom - self.leading * 0.3;
    }
}
