//! The page worker: a child process that opens PDFs and pictures, so that a hostile file costs one page, never the hub.
//!
//! ```text
//!   standard input ──ToPageWorker──► open · text · render · ocr ──FromPageWorker──► standard output
//! ```
//! One request at a time. pdfium is not thread-safe and not ours: whatever it does to this process, the pool starts another.

mod ocr;
mod pdf;
mod picture;
mod raster;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use protocol::link::pages::{FromPageWorker, ToPageWorker};
use protocol::link::{Frame, FrameError};
use rustix::process::{Resource, Rlimit, setrlimit};

/// Address space of a worker and of each Tesseract it starts, in bytes: a page of 200 megapixels fits.
const MEMORY_BYTES_MAX: u64 = 4 << 30;
/// Largest file a worker writes by itself: none but Tesseract's scratch.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Why a worker cannot run.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// libpdfium.so cannot be loaded.
    #[error("pdfium cannot be loaded from {} ({cause}); run scripts/setup.sh or name it under [dossier] pdfium", path.display())]
    Pdfium {
        /// Where it was looked for.
        path: PathBuf,
        /// The loader's words.
        cause: String,
    },
    /// The pipe to the pool.
    #[error("the pipe to the hub broke: {0}")]
    Pipe(#[from] std::io::Error),
    /// A frame that is not ours.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// A page that cannot be read, in one sentence for the clerk.
#[derive(Debug)]
struct Unreadable(String);

impl<E: std::error::Error> From<E> for Unreadable {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

type Answer = Result<Frame<FromPageWorker>, Unreadable>;

/// Serves standard input until it ends. `pdfium` is the library's file.
pub fn run(pdfium: &Path) -> Result<(), WorkerError> {
    limit();
    let mut pdfs = pdf::Pdfs::load(pdfium)?;
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut incoming = BytesMut::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        while let Some(frame) = Frame::<ToPageWorker>::decode(&mut incoming)? {
            let answer = serve(&mut pdfs, frame.message)
                .unwrap_or_else(|Unreadable(sentence)| Frame::bare(FromPageWorker::Failed { sentence }));
            let mut outgoing = BytesMut::new();
            answer.encode(&mut outgoing)?;
            output.write_all(&outgoing)?;
            output.flush()?;
        }
        let n = input.read(&mut chunk)?;
        if n == 0 {
            return Ok(());
        }
        incoming.extend_from_slice(&chunk[..n]);
    }
}

/// What cannot be limited (an older kernel, a container's own limits) stays as it is.
fn limit() {
    for (resource, most) in [(Resource::As, MEMORY_BYTES_MAX), (Resource::Fsize, FILE_BYTES_MAX), (Resource::Core, 0)] {
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
}

fn serve(pdfs: &mut pdf::Pdfs, request: ToPageWorker) -> Answer {
    match request {
        ToPageWorker::Open { file } => {
            let pages = if is_pdf(&file)? { pdfs.sizes(&file)? } else { vec![picture::size(&file)?] };
            Ok(Frame::bare(FromPageWorker::Opened { pages }))
        }
        ToPageWorker::Text { file, page } => {
            let chars = if is_pdf(&file)? { pdfs.text(&file, page)? } else { Vec::new() };
            let blank = false;
            Ok(Frame::bare(FromPageWorker::Text { chars, confidence: 1.0, rotation_degrees: 0, blank }))
        }
        ToPageWorker::Render { file, page, dpi } => {
            let raster = rendered(pdfs, &file, page, dpi)?;
            let (media_type, bytes) = raster::encode(&raster)?;
            let (width_px, height_px) = (raster.width(), raster.height());
            let message = FromPageWorker::Image { width_px, height_px, media_type: media_type.to_owned() };
            Ok(Frame { message, body: Bytes::from(bytes) })
        }
        ToPageWorker::Ocr { file, page } => {
            let raster = rendered(pdfs, &file, page, ocr::DPI)?;
            // A PDF page is as large as it says; a picture as wide as A4, whatever its pixels.
            let units_per_px =
                if is_pdf(&file)? { 7200.0 / ocr::DPI as f32 } else { picture::WIDTH as f32 / raster.width() as f32 };
            Ok(Frame::bare(ocr::read(&raster, units_per_px)?))
        }
    }
}

fn rendered(pdfs: &mut pdf::Pdfs, file: &Path, page: u32, dpi: u32) -> Result<image::DynamicImage, Unreadable> {
    if is_pdf(file)? { pdfs.render(file, page, dpi) } else { picture::render(file, dpi) }
}

/// By the file's own first bytes: names lie.
fn is_pdf(file: &Path) -> Result<bool, Unreadable> {
    let mut head = [0; 1024];
    let mut source = std::fs::File::open(file).map_err(|e| Unreadable(format!("文件无法打开（{e}）")))?;
    let n = source.read(&mut head)?;
    Ok(head[..n].windows(5).any(|w| w == b"%PDF-"))
}
