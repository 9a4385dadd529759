//! Tables as spreadsheets write them: UTF-8 with or without its mark, GB18030, UTF-16; commas, semicolons or tabs.

use encoding_rs::{Encoding, GB18030};

/// A row with the line of the file on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) line: u32,
    pub(crate) cells: Vec<String>,
}

/// The text of a file, whatever a spreadsheet made of it; `None` if it is no text.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return (!broken).then(|| text.into_owned());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let (text, broken) = GB18030.decode_without_bom_handling(bytes);
    (!broken && !text.contains('\0')).then(|| text.into_owned())
}

/// A table with more than it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooMuch {
    Rows,
    Cells,
}

/// Cells of one row: more than any office's table has, and few enough that a row of nothing but separators fills no memory.
const CELLS_MAX: usize = 1000;

/// The rows that hold anything, at most `rows_max`. The separator is the one the first line uses.
pub(crate) fn records(text: &str, rows_max: usize) -> Result<Vec<Record>, TooMuch> {
    let head = text.lines().next().unwrap_or_default();
    let separator =
        [',', '\t', ';', '，'].into_iter().max_by_key(|s| head.matches(*s).count()).unwrap_or(',');
    let mut found = Vec::new();
    let mut reading = Reading { line: 1, begun: 1, cells: Vec::new(), cell: String::new(), quoted: false };
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if reading.quoted && chars.peek() == Some(&'"') => {
                chars.next();
                reading.cell.push('"');
            }
            '"' if reading.quoted => reading.quoted = false,
            '"' if reading.cell.trim().is_empty() => {
                reading.cell.clear();
                reading.quoted = true;
            }
            '\r' if !reading.quoted => {}
            '\n' => {
                reading.line += 1;
                if reading.quoted {
                    reading.cell.push('\n');
                } else {
                    found.extend(reading.end());
                    if found.len() > rows_max {
                        return Err(TooMuch::Rows);
                    }
                }
            }
            c if c == separator && !reading.quoted => {
                reading.next_cell();
                if reading.cells.len() > CELLS_MAX {
                    return Err(TooMuch::Cells);
                }
            }
            c => reading.cell.push(c),
        }
    }
    found.extend(reading.end());
    if found.len() > rows_max { Err(TooMuch::Rows) } else { Ok(found) }
}

struct Reading {
    line: u32,
    begun: u32,
    cells: Vec<String>,
    cell: String,
    quoted: bool,
}

impl Reading {
    fn next_cell(&mut self) {
        self.cells.push(std::mem::take(&mut self.cell).trim().to_owned());
    }

    /// The row that ends here, unless it is empty.
    fn end(&mut self) -> Option<Record> {
        self.next_cell();
        let line = std::mem::replace(&mut self.begun, self.line);
        let cells = std::mem::take(&mut self.cells);
        cells.iter().any(|c| !c.is_empty()).then_some(Record { line, cells })
    }
}

/// A cell as it is written: quoted where it must be, and never taken for a formula by a spreadsheet.
#[must_use]
pub fn cell(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t']);
    let value = if formula { format!("'{value}") } else { value.to_owned() };
    if value.contains([',', '"', '\n', '\r', ';', '\t']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value
    }
}
