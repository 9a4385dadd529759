//! Reading of filed pages in the background.
//!
//! ```text
//!            text            none: ocr           commit
//!   filed ─────────► read ◄──────────── waiting ─────────► can be found
//!     │                │  ▲ the worker died: again, three times in all; over time or unreadable: a note says so
//!     │                └──┘
//!     └── images at 120 and 40 dpi, once no text is left to read
//! ```
//!
//! Text of all pages comes before recognition of any, and the page somebody looks at before all others. The queues hold each
//! page once, so the dossier itself bounds them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use model::{CaseId, DocId, PageRef};
use protocol::link::pages::{FromPageWorker, ToPageWorker, unpack};

use crate::PageText;
use crate::dossier::Room;
use crate::pool::{PoolError, Urgency};
use crate::printed;
use crate::quality::PageNote;
use crate::sketch::{self, Sketch};

/// Pages that follow others become visible to searches this long after them.
const COMMIT_AFTER: Duration = Duration::from_millis(250);
/// How long the index waits for a page, at a time.
const IDLE: Duration = Duration::from_secs(60);
/// After a fault of disk or configuration, this long until the next try.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// A page that kills its worker so many times is given up.
const TRIES: u32 = 3;
/// Densities that are made before anybody asks.
pub(crate) const DPI_READY: [u32; 2] = [120, 40];

/// A page to be worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) case: CaseId,
    pub(crate) page: PageRef,
}

/// What is to be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Text,
    Ocr,
    Images,
}

#[derive(Debug, Default)]
struct Waiting {
    text: VecDeque<Task>,
    ocr: VecDeque<Task>,
    images: VecDeque<Task>,
    stopped: bool,
}

/// The queues.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

impl Queues {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pages whose text is wanted.
    pub(crate) fn add_text(&self, tasks: impl IntoIterator<Item = Task>) {
        self.lock().text.extend(tasks);
        self.more.notify_all();
    }

    /// Pages whose images are wanted, sometime.
    pub(crate) fn add_images(&self, tasks: impl IntoIterator<Item = Task>) {
        self.lock().images.extend(tasks);
        self.more.notify_all();
    }

    fn add_ocr(&self, task: Task) {
        self.lock().ocr.push_back(task);
        self.more.notify_all();
    }

    /// Somebody looks at this page: it is next.
    pub(crate) fn first(&self, task: &Task) {
        let mut waiting = self.lock();
        let waiting = &mut *waiting;
        for queue in [&mut waiting.text, &mut waiting.ocr] {
            if let Some(at) = queue.iter().position(|t| t == task)
                && let Some(task) = queue.remove(at)
            {
                queue.push_front(task);
            }
        }
    }

    /// No more tasks are handed out.
    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.more.notify_all();
    }

    /// `all`: not only text that is there.
    fn next(&self, all: bool) -> Option<(Step, Task)> {
        let mut waiting = self.lock();
        loop {
            if waiting.stopped {
                return None;
            }
            let text = waiting.text.pop_front().map(|t| (Step::Text, t));
            let slow = |w: &mut Waiting| {
                let ocr = w.ocr.pop_front().map(|t| (Step::Ocr, t));
                ocr.or_else(|| w.images.pop_front().map(|t| (Step::Images, t)))
            };
            if let Some(next) = text.or_else(|| if all { slow(&mut waiting) } else { None }) {
                return Some(next);
            }
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits, unless the queues are stopped meanwhile. Whether to go on.
    fn pause(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut waiting = self.lock();
        while !waiting.stopped {
            let Some(left) = until.checked_duration_since(Instant::now()) else { return true };
            waiting = self.more.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        false
    }
}

/// A page that was read, on its way into the index.
pub(crate) struct Done {
    task: Task,
    text: String,
    note: PageNote,
}

/// Reads pages until the queues are stopped; `all`: also recognises them, and makes their images.
pub(crate) fn read_pages(room: &Room, done: &SyncSender<Done>, all: bool) {
    while let Some((step, task)) = room.queues.next(all) {
        let result = match step {
            Step::Images => make_images(room, &task),
            Step::Text | Step::Ocr => read_page(room, step, &task).and_then(|read| {
                let Some(read) = read else { return Ok(()) };
                done.send(read).map_err(|_| Setback::Closed)
            }),
        };
        match result {
            Ok(()) => {}
            Err(Setback::Closed) => return,
            Err(Setback::Passing(reason)) => {
                tracing::error!(case = %task.case, doc = %task.page.doc, page = task.page.page, "{reason}");
                if step != Step::Images {
                    room.queues.add_text([task]);
                    if !room.queues.pause(RETRY_AFTER) {
                        return;
                    }
                }
            }
        }
    }
}

/// Why a page is not done yet.
enum Setback {
    /// The dossier is being closed.
    Closed,
    /// Disk or configuration; not the page's fault.
    Passing(String),
}

/// `None`: its text must be recognised, it waits for that.
fn read_page(room: &Room, step: Step, task: &Task) -> Result<Option<Done>, Setback> {
    let passing = |e: std::io::Error| Setback::Passing(format!("a page cannot be kept: {e}; check the disk"));
    let Task { case, page } = task;
    if let Some((text, note)) = room.store.page(case, page).map_err(passing)? {
        return Ok(Some(Done { task: task.clone(), text: text.plain(), note }));
    }
    // What was recognised of a sheet holds wherever it is bound in.
    if let Some(leaf) = room.leaf(case, page)
        && let Some((text, note)) = room.store.page(case, &leaf).map_err(passing)?
        && note.ocr
    {
        let note = PageNote { page: page.page, ..note };
        room.store.write_page(case, page, &text, &note).map_err(passing)?;
        return Ok(Some(Done { task: task.clone(), text: text.plain(), note }));
    }
    if !room.stands(case, &page.doc) {
        return Ok(None);
    }
    let Some(source) = room.original(case, page) else { return Ok(None) };
    let ocr = step == Step::Ocr;
    let request = || match ocr {
        true => ToPageWorker::Ocr { source: source.clone(), page: page.page },
        false => ToPageWorker::Text { source: source.clone(), page: page.page },
    };
    let failed = |why: String| {
        let note = PageNote { page: page.page, ocr, failed: Some(why), ..PageNote::default() };
        Ok(Some(Done { task: task.clone(), text: String::new(), note }))
    };
    let mut answer = room.pool.ask(request(), Urgency::Background);
    for _ in 1..TRIES {
        if !matches!(answer, Err(PoolError::Died)) {
            break;
        }
        answer = room.pool.ask(request(), Urgency::Background);
    }
    let not_understood =
        |what: String| Err(Setback::Passing(format!("a page worker answered otherwise than asked: {what}")));
    match answer.map(|frame| (frame.message, frame.body)) {
        Ok((FromPageWorker::Text { .. }, body)) if !ocr && body.is_empty() => {
            room.queues.add_ocr(task.clone());
            Ok(None)
        }
        Ok((FromPageWorker::Text { confidence, rotation_degrees, blank, looks }, body)) => {
            let Some(chars) = unpack(&body) else {
                return not_understood(format!("{} bytes that are no characters", body.len()));
            };
            let text = PageText { chars, confidence, ocr };
            let plain = text.plain();
            // A sheet that lies on its side has its number elsewhere.
            let height = room.height(case, page).filter(|_| rotation_degrees == 0);
            let note = PageNote {
                page: page.page,
                blank,
                turned_degrees: rotation_degrees,
                confidence,
                ocr,
                failed: None,
                looks,
                printed: height.and_then(|h| printed::number(&text, h)),
                sketch: Sketch::of(&plain),
                wording: (!ocr).then(|| sketch::wording(&plain)),
            };
            room.store.write_page(case, page, &text, &note).map_err(passing)?;
            Ok(Some(Done { task: task.clone(), text: plain, note }))
        }
        Ok((FromPageWorker::Failed { sentence }, _)) => failed(sentence),
        Ok((other, _)) => not_understood(format!("{other:?}")),
        Err(PoolError::TooLong(limit)) => failed(format!("超过{}秒仍未读完", limit.as_secs())),
        Err(PoolError::Died) => failed("读取时程序多次中断，文件可能已损坏".to_owned()),
        Err(PoolError::Closed) => Err(Setback::Closed),
        Err(error @ PoolError::Start { .. }) => Err(Setback::Passing(error.to_string())),
    }
}

fn make_images(room: &Room, task: &Task) -> Result<(), Setback> {
    for dpi in DPI_READY {
        if room.store.has_image(&task.case, &task.page, dpi) {
            continue;
        }
        match room.render(&task.case, &task.page, dpi, Urgency::Background) {
            Ok(_) => {}
            Err(crate::DossierError::Closed) => return Err(Setback::Closed),
            // Who looks at the page is told again.
            Err(error) => {
                tracing::warn!(case = %task.case, doc = %task.page.doc, page = task.page.page, %error, "no image");
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Puts pages that were read into the index until no reader is left: the first at once, those that follow in batches.
pub(crate) fn index_pages(room: &Room, done: &Receiver<Done>) {
    let mut batch: Vec<Done> = Vec::new();
    let mut next = Instant::now();
    loop {
        let wait = if batch.is_empty() { IDLE } else { next.saturating_duration_since(Instant::now()) };
        let closed = match done.recv_timeout(wait) {
            Ok(page) => {
                batch.push(page);
                batch.extend(done.try_iter());
                false
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        };
        if !batch.is_empty() && (closed || next <= Instant::now()) {
            match commit(room, &batch) {
                Ok(()) => {
                    batch.clear();
                    next = Instant::now() + COMMIT_AFTER;
                }
                Err(reason) => {
                    tracing::error!("{reason}; {} pages cannot be found yet", batch.len());
                    next = Instant::now() + RETRY_AFTER;
                }
            }
        }
        if closed {
            return;
        }
    }
}

fn commit(room: &Room, batch: &[Done]) -> Result<(), String> {
    let Some(index) = &room.index else { return Err("the dossier was opened for reading".to_owned()) };
    let there = |d: &&Done| room.stands(&d.task.case, &d.task.page.doc);
    for done in batch.iter().filter(there) {
        index.put(&done.task.case, &done.task.page, &done.text).map_err(|e| e.to_string())?;
    }
    index.commit().map_err(|e| e.to_string())?;
    let mut by_document: BTreeMap<(&CaseId, &DocId), Vec<&PageNote>> = BTreeMap::new();
    for Done { task: Task { case, page }, note, .. } in batch {
        by_document.entry((case, &page.doc)).or_default().push(note);
    }
    for ((case, doc), notes) in by_document {
        room.store.add_ready(case, doc, &notes).map_err(|e| {
            format!("the list of pages that can be found is not written: {e}; check the disk")
        })?;
    }
    room.mark_ready(batch.iter().map(|d| (&d.task, &d.note)));
    for done in batch.iter().filter(|d| d.task.page.page == 1) {
        room.look_at_title(&done.task.case, &done.task.page.doc, &done.text);
    }
    Ok(())
}
