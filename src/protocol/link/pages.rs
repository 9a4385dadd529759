//! Between the hub and a page worker (one child process over its standard input and output).

use std::fmt;
use std::path::PathBuf;

use bytes::{BufMut, Bytes, BytesMut};
use model::Rect;
use serde::{Deserialize, Serialize};

/// A file of the dossier, and what opens it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Where it lies.
    pub file: PathBuf,
    /// Of an encrypted file.
    pub password: Option<String>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("file", &self.file).finish_non_exhaustive()
    }
}

/// To a page worker that said `Ready`; exactly one answer follows each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum ToPageWorker {
    /// Counts pages and reads their sizes; an archive or a file of a text processor is told as what it is.
    Open { source: Source },
    /// Unpacks an archive: each file under its number.
    Unpack { file: PathBuf, into: PathBuf },
    /// Makes a PDF of a file of a text processor called `name`.
    Convert { file: PathBuf, name: String, into: PathBuf },
    /// Text with a box per character of page `page` (from 1).
    Text { source: Source, page: u32 },
    /// Renders a page to PNG at `dpi`.
    Render { source: Source, page: u32, dpi: u32 },
    /// Recognises the text of a page without any, and judges its quality.
    Ocr { source: Source, page: u32 },
    /// Writes a PDF of these pages, in order.
    Bind { leaves: Vec<(Source, u32)>, into: PathBuf },
}

/// One character of a page with its place, in page units of the unrotated page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageChar {
    /// The character.
    pub c: char,
    /// Its box.
    pub b: Rect,
}

/// Bytes of a packed character: its code and its box, each a little-endian `i32`.
const PACKED: usize = 20;

/// Characters as the body of a frame: of a page there are a thousand.
#[must_use]
pub fn pack(chars: &[PageChar]) -> Bytes {
    let mut out = BytesMut::with_capacity(chars.len() * PACKED);
    for PageChar { c, b } in chars {
        out.put_u32_le(u32::from(*c));
        [b.x, b.y, b.w, b.h].into_iter().for_each(|n| out.put_i32_le(n));
    }
    out.freeze()
}

/// What [`pack`] made; `None` for anything else.
#[must_use]
pub fn unpack(body: &[u8]) -> Option<Vec<PageChar>> {
    let (packed, []) = body.as_chunks::<PACKED>() else { return None };
    let char = |packed: &[u8; PACKED]| {
        let ([code, x, y, w, h], []) = packed.as_chunks::<4>() else { return None };
        let [x, y, w, h] = [x, y, w, h].map(|n| i32::from_le_bytes(*n));
        Some(PageChar { c: char::from_u32(u32::from_le_bytes(*code))?, b: Rect { x, y, w, h } })
    };
    packed.iter().map(char).collect()
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unpacked {
    /// Its name with folders; empty for what is no file to be filed.
    pub name: String,
    /// Why it could not be unpacked.
    pub refused: Option<String>,
}

/// How the picture of a sheet came out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Looks {
    /// Light of the paper, 0 black – 255 white.
    pub paper: u8,
    /// What is left of the steepness of edges when the sheet is blurred once more, 0–1; `None` without edges.
    #[serde(default)]
    pub blur: Option<f32>,
    /// How far lines fall to the right, in tenths of a degree, once the sheet is turned upright.
    pub lean_tenths: i32,
    /// Letters that go on beyond the border.
    pub cut: u32,
}

/// From a page worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum FromPageWorker {
    /// Before the first request: the worker has its library.
    Ready,
    /// Answer to `Open`: size of each page in page units.
    Opened { pages: Vec<(i32, i32)> },
    /// Answer to `Open`: an archive, to be unpacked.
    Archive,
    /// Answer to `Open`: a file of a text processor, to be converted.
    Office,
    /// Answer to `Unpack`, in the order of their numbers.
    Unpacked { files: Vec<Unpacked> },
    /// Answer to `Convert`: the file is there.
    Converted,
    /// Answer to `Text` and `Ocr`; the body is its characters in reading order, `\n` between lines, see [`pack`].
    Text {
        confidence: f32,
        rotation_degrees: u16,
        blank: bool,
        /// Of a page that is a picture.
        looks: Option<Looks>,
    },
    /// Answer to `Bind`: the file is there.
    Bound,
    /// Answer to `Render`; the body is the image file.
    Image { width_px: u32, height_px: u32, media_type: String },
    /// The file or page cannot be read.
    Failed { sentence: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_back_as_they_were_packed() {
        let char = |c, x| PageChar { c, b: Rect { x, y: -3, w: 59_500, h: 0 } };
        let chars = [char('证', 12), char('𠮷', i32::MIN), char('\n', 0)];
        assert_eq!(unpack(&pack(&chars)).as_deref(), Some(&chars[..]));
        assert_eq!(unpack(&[]), Some(Vec::new()));
        assert_eq!(unpack(&pack(&chars)[1..]), None);
        assert_eq!(unpack(&[0xFF; PACKED]), None, "no character");
    }
}
