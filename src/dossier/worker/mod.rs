//! The page worker: the only process that opens PDFs and pictures.
//!
//! ```text
//!   ready        request                      answer
//!   waiting ───────────► reading ─────────────────────► waiting
//!      │                    │ over a limit, or a crash inside pdfium
//!      │ end of input       ▼
//!      └──────► ends      dies: the pool answers for it and starts another
//! ```
//!
//! pdfium is neither thread-safe nor proof against hostile files, so it is used here alone, one page at a time.

mod bind;
mod convert;
mod fit;
mod glyphs;
mod hocr;
mod jail;
mod looks;
mod ocr;
mod output;
mod pdf;
mod picture;
mod scale;
mod sheet;
mod tiff;
mod unpack;

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use image::DynamicImage;
use pdfium_render::prelude::Pdfium;
use protocol::link::pages::{FromPageWorker, Source, ToPageWorker, pack};
use protocol::link::{Frame, FrameError};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use pdf::Pdf;
use picture::Picture;

/// Address space of a worker, in bytes.
const MEMORY_BYTES_MAX: u64 = 6 << 30;
/// Processor time of one request, in seconds.
const PROCESSOR_S_MAX: u64 = 300;
/// Pixels of the largest picture that is made or read.
const PIXELS_MAX: u64 = 120_000_000;

/// The worker cannot go on. A bad file is no such error: it is answered with a sentence.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// No pdfium.
    #[error(
        "pdfium's library {file} cannot be loaded ({reason}); run the set-up, or name it in [dossier] pdfium"
    )]
    Library {
        /// Where it was looked for.
        file: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// The hub is gone or the pipe broke.
    #[error("the pipe to the hub failed: {0}")]
    Pipe(#[from] std::io::Error),
    /// The hub speaks otherwise.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Why a file or page cannot be read; a Chinese sentence for the clerk.
#[derive(Debug)]
pub(crate) struct Unreadable(pub(crate) String);

impl Unreadable {
    fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// Answers requests on standard input until it ends. Blocking.
pub fn run(pdfium: &Path) -> Result<(), WorkerError> {
    limit(Resource::As, MEMORY_BYTES_MAX);
    limit(Resource::Core, 0);
    jail::without_network();
    let bindings = Pdfium::bind_to_library(pdfium)
        .map_err(|e| WorkerError::Library { file: pdfium.to_owned(), reason: format!("{e:?}") })?;
    let pdfium = Pdfium::new(bindings);
    let mut worker = Worker { pdfium: &pdfium, open: None };
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut buffer = BytesMut::new();
    let mut chunk = [0; 8192];
    let mut ready = BytesMut::new();
    Frame::bare(FromPageWorker::Ready).encode(&mut ready)?;
    output.write_all(&ready)?;
    output.flush()?;
    loop {
        while let Some(frame) = Frame::<ToPageWorker>::decode(&mut buffer)? {
            limit(Resource::Cpu, processor_s() + PROCESSOR_S_MAX);
            let mut out = BytesMut::new();
            worker.answer(frame.message).encode(&mut out).or_else(|e| match e {
                FrameError::TooLarge(_) => failed("这一页的图像过大，无法显示".to_owned()).encode(&mut out),
                other => Err(other),
            })?;
            output.write_all(&out)?;
            output.flush()?;
        }
        match input.read(&mut chunk)? {
            0 => return Ok(()),
            n => buffer.extend_from_slice(&chunk[..n]),
        }
    }
}

/// Lowers a limit of this process; a refused limit leaves the worker as it was, still bounded by the pool's time limit.
fn limit(resource: Resource, value: u64) {
    let hard = getrlimit(resource).maximum;
    let value = hard.map_or(value, |h| h.min(value));
    if let Err(error) = setrlimit(resource, Rlimit { current: Some(value), maximum: hard }) {
        tracing::warn!(%error, ?resource, "a limit of the page worker was refused");
    }
}

fn processor_s() -> u64 {
    u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0)
}

fn failed(sentence: String) -> Frame<FromPageWorker> {
    Frame::bare(FromPageWorker::Failed { sentence })
}

/// An open document.
enum Open<'p> {
    Pdf(Pdf<'p>),
    Picture(Picture),
}

struct Worker<'p> {
    pdfium: &'p Pdfium,
    open: Option<(Source, Open<'p>)>,
}

impl<'p> Worker<'p> {
    fn answer(&mut self, request: ToPageWorker) -> Frame<FromPageWorker> {
        match catch_unwind(AssertUnwindSafe(|| self.try_answer(request))) {
            Ok(Ok(frame)) => frame,
            Ok(Err(Unreadable(sentence))) => failed(sentence),
            Err(_) => {
                // What the panic left half done is not used again.
                self.open = None;
                failed("读取这一页时程序出错，请检查文件".to_owned())
            }
        }
    }

    fn try_answer(&mut self, request: ToPageWorker) -> Result<Frame<FromPageWorker>, Unreadable> {
        match request {
            ToPageWorker::Open { source } => {
                match kind(&source.file)? {
                    Kind::Archive => return Ok(Frame::bare(FromPageWorker::Archive)),
                    Kind::Office => return Ok(Frame::bare(FromPageWorker::Office)),
                    Kind::Pdf | Kind::Picture => {}
                }
                let pages = match self.document(&source)? {
                    Open::Pdf(pdf) => pdf.sizes()?,
                    Open::Picture(picture) => picture.sizes.clone(),
                };
                Ok(Frame::bare(FromPageWorker::Opened { pages }))
            }
            ToPageWorker::Unpack { file, into } => {
                Ok(Frame::bare(FromPageWorker::Unpacked { files: unpack::unpack(&file, &into)? }))
            }
            ToPageWorker::Convert { file, name, into } => {
                convert::convert(&file, &name, &into)?;
                Ok(Frame::bare(FromPageWorker::Converted))
            }
            ToPageWorker::Text { source, page } => {
                let chars = match self.document(&source)? {
                    Open::Pdf(pdf) => pdf.text(page)?,
                    Open::Picture(_) => Vec::new(),
                };
                let message =
                    FromPageWorker::Text { confidence: 1.0, rotation_degrees: 0, blank: false, looks: None };
                Ok(Frame { message, body: pack(&chars) })
            }
            ToPageWorker::Render { source, page, dpi } => {
                let (image, photo) = self.image(&source, page, |size| pixels_at(size, dpi))?;
                let (media_type, body) = output::encode(&image, photo)?;
                let message = FromPageWorker::Image {
                    width_px: image.width(),
                    height_px: image.height(),
                    media_type: media_type.to_owned(),
                };
                Ok(Frame { message, body: Bytes::from(body) })
            }
            ToPageWorker::Ocr { source, page } => {
                let mut units = (0, 0);
                let (picture, _) = self.image(&source, page, |size| {
                    units = size;
                    ocr::source_pixels(size)
                })?;
                let read = ocr::read(&picture, units)?;
                let message = FromPageWorker::Text {
                    confidence: read.confidence,
                    rotation_degrees: read.turned_degrees,
                    blank: read.blank,
                    looks: Some(read.looks),
                };
                Ok(Frame { message, body: pack(&read.chars) })
            }
            ToPageWorker::Bind { leaves, into } => {
                self.bind(&leaves, &into)?;
                Ok(Frame::bare(FromPageWorker::Bound))
            }
        }
    }

    /// The picture of a page with the width that `width_px` says for its size, and whether it is photographed or scanned.
    fn image(
        &mut self,
        source: &Source,
        page: u32,
        width_px: impl FnOnce((i32, i32)) -> u32,
    ) -> Result<(DynamicImage, bool), Unreadable> {
        match self.document(source)? {
            Open::Pdf(pdf) => {
                let size = pdf.size(page)?;
                pdf.image(page, bounded(width_px(size), size))
            }
            Open::Picture(picture) => {
                let at = (page as usize).checked_sub(1);
                let size = at.and_then(|at| picture.sizes.get(at)).copied();
                let size = size.ok_or_else(|| Unreadable::new(format!("没有第{page}页")))?;
                Ok((picture.scaled(page, bounded(width_px(size), size))?, true))
            }
        }
    }

    fn document(&mut self, source: &Source) -> Result<&mut Open<'p>, Unreadable> {
        if self.open.as_ref().is_none_or(|(at, _)| at != source) {
            self.open = None;
            let opened = match kind(&source.file)? {
                Kind::Pdf => Open::Pdf(Pdf::open(self.pdfium, source)?),
                _ => Open::Picture(Picture::open(&source.file)?),
            };
            self.open = Some((source.clone(), opened));
        }
        match &mut self.open {
            Some((_, open)) => Ok(open),
            None => Err(Unreadable::new("文件没有打开")),
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pdf,
    Picture,
    Archive,
    Office,
}

/// Judged by the bytes, not by the name.
fn kind(file: &Path) -> Result<Kind, Unreadable> {
    let unreadable = |e| Unreadable::new(format!("文件无法读取（{e}）"));
    let mut head = Vec::new();
    std::fs::File::open(file).map_err(unreadable)?.take(4096).read_to_end(&mut head).map_err(unreadable)?;
    let holds = |mark: &[u8]| head.windows(mark.len()).any(|w| w == mark);
    Ok(match &head[..] {
        [] => return Err(Unreadable::new("文件是空的")),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            // Text processors' files are archives too, of a kind that says so in its first parts.
            let office = ["[Content_Types].xml", "word/", "mimetypeapplication/vnd.oasis"];
            if office.iter().any(|mark| holds(mark.as_bytes())) { Kind::Office } else { Kind::Archive }
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Kind::Office,
        [b'{', b'\\', b'r', b't', b'f', ..] => Kind::Office,
        // The mark of a PDF stands within its first kilobyte.
        _ if head[..head.len().min(1024)].windows(5).any(|w| w == b"%PDF-") => Kind::Pdf,
        _ => Kind::Picture,
    })
}

/// Width in pixels at `dpi` of a page of `size` page units.
fn pixels_at(size: (i32, i32), dpi: u32) -> u32 {
    (f64::from(size.0) * f64::from(dpi) / 7200.0).round().max(1.0) as u32
}

/// `width_px`, or what keeps the whole picture within [`PIXELS_MAX`].
fn bounded(width_px: u32, size: (i32, i32)) -> u32 {
    let ratio = f64::from(size.1.max(1)) / f64::from(size.0.max(1));
    let limit = (PIXELS_MAX as f64 / ratio).sqrt() as u32;
    width_px.min(limit).max(1)
}
