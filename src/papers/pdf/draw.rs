//! Draws what was placed.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;

use super::font::{Fonts, PdfError};
use super::setter::Setter;
use crate::paper::Paper;

pub(super) fn draw(setter: &Setter<'_>, paper: &Paper, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let mut document = krilla::Document::new();
    document.set_metadata(
        Metadata::new()
            .title(paper.title.clone())
            .authors(vec![paper.court.clone()])
            .language("zh-CN".to_owned()),
    );
    draw_sheets(&mut document, setter, fonts)?;
    document.finish().map_err(|e| PdfError::Write(format!("{e:?}")))
}

/// Adds the sheets that were set to a document.
pub(super) fn draw_sheets(
    document: &mut krilla::Document,
    setter: &Setter<'_>,
    fonts: &Fonts,
) -> Result<(), PdfError> {
    let settings = PageSettings::from_wh(setter.page.width, setter.page.height)
        .ok_or_else(|| PdfError::Write("A4 is no page size".to_owned()))?;
    for sheet in &setter.sheets {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        for run in &sheet.runs {
            let (face, ruler) =
                if run.bold { (&fonts.bold, &setter.bold) } else { (&fonts.plain, &setter.plain) };
            surface.set_stroke(None);
            surface.set_fill(Some(Fill { paint: rgb::Color::new(0, 0, 0).into(), ..Fill::default() }));
            let glyphs = ruler.glyphs(&run.text, run.stretch);
            let at = Point::from_xy(run.x, run.y);
            surface.draw_glyphs(at, &glyphs, face.font.clone(), &run.text, run.size, false);
        }
        for (from, to) in &sheet.rules {
            draw_line(&mut surface, &[*from, *to], 0.6);
        }
        for stroke in &sheet.ink {
            draw_line(&mut surface, stroke, 1.1);
        }
        surface.finish();
        page.finish();
    }
    Ok(())
}

fn draw_line(surface: &mut Surface<'_>, points: &[(f32, f32)], width: f32) {
    let mut path = PathBuilder::new();
    for (n, (x, y)) in points.iter().enumerate() {
        if n == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
    }
    let Some(path) = path.finish() else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: rgb::Color::new(0, 0, 0).into(),
        width,
        opacity: NormalizedF32::ONE,
        ..Stroke::default()
    }));
    surface.draw_path(&path);
}
