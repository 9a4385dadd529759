//! The fonts, and how wide a character is in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The font file is not there.
    #[error(
        "the font {path} cannot be read ({source}); install the Debian package fonts-noto-cjk, or name another font file \
         with Chinese characters under [papers] font in huiting.toml"
    )]
    NoFont {
        /// Which.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is not a usable font.
    #[error(
        "{0} is not a font with Chinese characters; install the Debian package fonts-noto-cjk and name one of its files"
    )]
    NotAFont(PathBuf),
    /// The PDF could not be put together.
    #[error("the PDF could not be written: {0}; please report this record to the makers")]
    Write(String),
}

/// A text font and its bold companion.
#[derive(Clone)]
pub struct Fonts {
    pub(super) plain: Face,
    pub(super) bold: Face,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fonts")
    }
}

impl Fonts {
    /// Loads `path` and, where it stands beside it, the same family's Bold file. Of a collection the simplified Chinese
    /// face is taken.
    pub fn load(path: &Path) -> Result<Self, PdfError> {
        let plain = Face::load(path)?;
        let bold = path.to_string_lossy().replace("-Regular.", "-Bold.");
        let bold = if Path::new(&bold).is_file() { Face::load(Path::new(&bold))? } else { plain.clone() };
        Ok(Self { plain, bold })
    }
}

/// One face of a font file.
#[derive(Clone)]
pub(super) struct Face {
    data: Arc<Vec<u8>>,
    index: u32,
    pub(super) font: Font,
}

/// Noto and Source Han collections hold JP, KR, SC, TC, HK in this order.
const SIMPLIFIED_IN_COLLECTION: u32 = 2;

impl Face {
    fn load(path: &Path) -> Result<Self, PdfError> {
        let data =
            std::fs::read(path).map_err(|source| PdfError::NoFont { path: path.to_owned(), source })?;
        let data = Arc::new(data);
        for index in [SIMPLIFIED_IN_COLLECTION, 0] {
            let Ok(face) = FontRef::from_index(&data, index) else { continue };
            if face.charmap().map('审').is_none() {
                continue;
            }
            if let Some(font) = Font::new(SharedBytes(Arc::clone(&data)).into(), index) {
                return Ok(Self { data, index, font });
            }
        }
        Err(PdfError::NotAFont(path.to_owned()))
    }

    /// Measures characters of this face.
    pub(super) fn ruler(&self) -> Result<Ruler<'_>, PdfError> {
        let face = FontRef::from_index(&self.data, self.index).map_err(|e| PdfError::Write(e.to_string()))?;
        Ok(Ruler { face })
    }
}

struct SharedBytes(Arc<Vec<u8>>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<SharedBytes> for krilla::Data {
    fn from(bytes: SharedBytes) -> Self {
        let shared: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(bytes);
        shared.into()
    }
}

/// Widths and glyphs of one face.
pub(super) struct Ruler<'f> {
    face: FontRef<'f>,
}

impl Ruler<'_> {
    /// Whether the face has a picture of `c`.
    pub(super) fn has(&self, c: char) -> bool {
        self.face.charmap().map(c).is_some_and(|g| g.to_u32() != 0)
    }

    /// Width of `c` in ems.
    pub(super) fn width(&self, c: char) -> f32 {
        let glyph = self.face.charmap().map(c).unwrap_or_default();
        self.face.glyph_metrics(Size::new(1.0), LocationRef::default()).advance_width(glyph).unwrap_or(1.0)
    }

    /// Width of `text` in ems.
    pub(super) fn text_width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.width(c)).sum()
    }

    /// The picture of `c`; that of nothing where it has none.
    pub(super) fn glyph(&self, c: char) -> GlyphId {
        GlyphId::new(self.face.charmap().map(c).unwrap_or_default().to_u32())
    }

    /// Glyphs of `text`, each gap stretched by `stretch` ems.
    pub(super) fn glyphs(&self, text: &str, stretch: f32) -> Vec<KrillaGlyph> {
        text.char_indices()
            .map(|(at, c)| KrillaGlyph {
                glyph_id: self.glyph(c),
                text_range: at..at + c.len_utf8(),
                x_advance: self.width(c) + stretch,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            })
            .collect()
    }
}
