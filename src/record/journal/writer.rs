//! The one thread that writes.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use proof::{Checkpoint, Hash, Tree};
use tokio::sync::oneshot;

use super::disk::{Both, Claim, Disk, DiskFile, Lost};
use super::error::JournalError;
use super::format::{BODY_BYTES_MAX, Body, EntryFrame, Frame, HEADER_BYTES, Header, Meta, SEAL_BYTES};
use super::handle::{Alarm, AppendReceipt, Checkpointed, JournalConfig, NewEntry, Recovered};
use super::mirror::{Copy, LevelError, level};
use super::reader::{JournalReader, segment_name};

type Reply<T> = oneshot::Sender<Result<T, JournalError>>;

/// What the handle asks for.
pub(super) enum Request {
    Append(Vec<NewEntry>, Reply<AppendReceipt>),
    Checkpoint(Reply<Checkpointed>),
}

impl Request {
    pub(super) fn refuse(self, error: JournalError) {
        // A caller that no longer waits needs no answer.
        match self {
            Self::Append(_, reply) => drop(reply.send(Err(error))),
            Self::Checkpoint(reply) => drop(reply.send(Err(error))),
        }
    }
}

/// Where the log stands; replaced as a whole once a batch is on disk.
#[derive(Debug, Clone)]
struct Head {
    seq: u64,
    hash: Hash,
    batch: u64,
    tree: Tree,
}

pub(super) struct Writer {
    disk: Box<dyn Disk>,
    dir: PathBuf,
    config: JournalConfig,
    alarms: Arc<Mutex<Vec<Alarm>>>,
    journal: [u8; 16],
    file: Box<dyn DiskFile>,
    number: u64,
    /// Where the next frame goes.
    end: u64,
    /// Size of the current segment.
    bytes: u64,
    has_spare: bool,
    head: Head,
    checkpointed: Option<Checkpointed>,
    checkpoint_due: Option<Instant>,
    dead: Option<JournalError>,
    _claims: Vec<Claim>,
}

/// An append whose frames are in the batch.
struct Waiting(Reply<AppendReceipt>, AppendReceipt);

impl Writer {
    /// Reads the folder, cuts a torn tail, and stands ready behind the last entry.
    pub(super) fn recover(
        disk: Box<dyn Disk>,
        second: Box<dyn Disk>,
        dir: &Path,
        config: JournalConfig,
        alarms: Arc<Mutex<Vec<Alarm>>>,
    ) -> Result<(Self, Recovered), JournalError> {
        let mut claims = vec![claim(&*disk, dir)?];
        let disk = match &config.mirror {
            Some(mirror) => {
                let (disk, claim) = mirrored(disk, second, dir, mirror, &config, &alarms)?;
                claims.extend(claim);
                disk
            }
            None => disk,
        };
        let read = JournalReader::read_on(&*disk, dir, Some(config.signer.key()))?;
        if let Some(fault) = read.faults.first() {
            return Err(JournalError::Damaged(fault.clone()));
        }
        let (found, known) = (read.entries.len() as u64, known_size(&*disk, dir));
        if known > found {
            return Err(JournalError::CutOff { dir: dir.to_owned(), found, known });
        }
        let head = Head {
            seq: read.entries.last().map_or(0, |e| e.seq),
            hash: read.entries.last().map_or(Hash::ZERO, |e| e.hash),
            batch: read.batch,
            tree: read.tree,
        };
        let (journal, fresh) = match read.journal {
            Some(id) => (id, false),
            None => (random()?, true),
        };
        let last = read.segments.last().filter(|s| !s.sealed);
        let bytes = config.segment_bytes.max((HEADER_BYTES + SEAL_BYTES) as u64);
        let (file, number, end, bytes) = match last {
            Some(segment) => {
                let path = dir.join(&segment.file);
                let bytes = bytes.max(segment.whole_bytes);
                let io = |e: std::io::Error| JournalError::io(&path, bytes, &e);
                let mut file = disk.open(&path).map_err(io)?;
                file.cut_and_allocate(segment.whole_bytes, bytes).map_err(io)?;
                (file, segment.number, segment.whole_bytes, bytes)
            }
            None => {
                if let (Some(sealed), Some(_)) = (read.segments.last(), &read.torn) {
                    // Ended between the seal and the cut behind it: once another segment follows, nothing may stand there.
                    let path = dir.join(&sealed.file);
                    let keep = sealed.whole_bytes;
                    let cut = disk.open(&path).and_then(|mut file| file.cut_and_allocate(keep, keep));
                    cut.map_err(|e| JournalError::io(&path, 0, &e))?;
                }
                let number = read.segments.last().map_or(0, |s| s.number) + 1;
                let header =
                    Header { after_fault: false, number, first_seq: head.seq + 1, journal, prev: head.hash };
                (begin_segment(&*disk, dir, &header, bytes, false)?, number, HEADER_BYTES as u64, bytes)
            }
        };
        if fresh && let Some(parent) = dir.parent() {
            disk.sync_dir(parent).map_err(|e| JournalError::io(parent, 0, &e))?;
        }
        let checkpointed = read.checkpoints.last().and_then(|(size, note)| {
            let root = Checkpoint::read_unverified(note).ok()?.root;
            Some(Checkpointed { size: *size, root, note: note.clone() })
        });
        let recovered = Recovered {
            entries: read.entries,
            checkpoint: checkpointed.as_ref().map(|c| c.note.clone()),
            torn: read.torn,
        };
        let mut writer = Self {
            disk,
            dir: dir.to_owned(),
            config,
            alarms,
            journal,
            file,
            number,
            end,
            bytes,
            has_spare: false,
            head,
            checkpointed,
            checkpoint_due: None,
            dead: None,
            _claims: claims,
        };
        writer.allocate_spare();
        Ok((writer, recovered))
    }

    /// Serves requests until the handle is dropped, then writes a last checkpoint.
    pub(super) fn run(mut self, queue: &Receiver<Request>) {
        loop {
            let request = match self.checkpoint_due {
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => queue.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match request {
                Ok(request) => self.serve(request, queue),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.checkpoint_due.is_some_and(|due| due <= Instant::now()) {
                self.periodic_checkpoint();
            }
        }
        if self.checkpoint_due.is_some() {
            self.periodic_checkpoint();
        }
        self.trim();
    }

    /// Takes what waits besides `first` into one batch, up to the bound, and commits it.
    pub(super) fn serve(&mut self, first: Request, queue: &Receiver<Request>) {
        let (mut buffer, mut waiting, mut checkpoints) = (Vec::new(), Vec::new(), Vec::new());
        let mut head = self.head.clone();
        head.batch = head.batch.saturating_add(1);
        let mut next = Some(first);
        let mut frames = Vec::new();
        while let Some(request) = next.take() {
            match request {
                Request::Append(entries, reply) => match self.encode(&head, entries) {
                    Ok((new_head, encoded, receipt)) => {
                        head = new_head;
                        frames.extend(encoded);
                        waiting.push(Waiting(reply, receipt));
                    }
                    Err(error) => drop(reply.send(Err(error))),
                },
                Request::Checkpoint(reply) => checkpoints.push(reply),
            }
            // A checkpoint covers what was appended before it: it closes the batch.
            if frames.len() < self.config.batch_entries_max && checkpoints.is_empty() {
                next = queue.try_recv().ok();
            }
        }
        if let Some(last) = frames.last_mut() {
            last.last_of_batch = true;
            frames.iter().for_each(|f| f.encode(&mut buffer));
            let outcome = self.commit(&buffer);
            if outcome.is_ok() {
                self.head = head;
                self.checkpoint_due.get_or_insert_with(|| Instant::now() + self.config.checkpoint_every);
            }
            for Waiting(reply, receipt) in waiting {
                drop(reply.send(outcome.clone().map(|()| receipt)));
            }
        } else {
            let dead = self.dead.clone();
            for Waiting(reply, receipt) in waiting {
                drop(reply.send(dead.clone().map_or(Ok(receipt), Err)));
            }
        }
        if !checkpoints.is_empty() {
            let outcome = self.write_checkpoint();
            for reply in checkpoints {
                drop(reply.send(outcome.clone()));
            }
        }
    }

    /// Frames of one append, with the head behind them.
    fn encode(
        &self,
        head: &Head,
        entries: Vec<NewEntry>,
    ) -> Result<(Head, Vec<Frame>, AppendReceipt), JournalError> {
        let mut head = head.clone();
        let first_seq = head.seq + 1;
        let mut frames = Vec::with_capacity(entries.len());
        for new in entries {
            let meta =
                Meta { actor: new.actor, at: new.at, device: new.device, kind: new.kind, wall: new.wall };
            let meta = serde_json::to_vec(&meta).map_err(|e| JournalError::Dead(e.to_string()))?;
            if meta.len() + new.payload.len() + 256 > BODY_BYTES_MAX {
                return Err(JournalError::TooLarge(new.payload.len()));
            }
            let entry = EntryFrame::new(head.seq + 1, head.hash, meta, random()?, new.payload);
            head.seq += 1;
            head.hash = entry.hash();
            head.tree.push(head.hash);
            frames.push(Frame { batch: head.batch, last_of_batch: false, body: Body::Entry(entry) });
        }
        let receipt = AppendReceipt { first_seq, last_seq: head.seq, hash: head.hash };
        Ok((head, frames, receipt))
    }

    /// Writes and syncs one batch. If the disk refuses, the segment is left for a new one and the batch written there: a
    /// failed sync is never tried again on the same file.
    fn commit(&mut self, buffer: &[u8]) -> Result<(), JournalError> {
        if let Some(dead) = &self.dead {
            return Err(JournalError::Dead(dead.to_string()));
        }
        let written = self.make_room(buffer.len()).and_then(|()| self.write(buffer));
        let outcome = written.or_else(|error: JournalError| {
            let sentence = format!(
                "the disk refused the journal ({error}); it goes on in a new file – replace the disk"
            );
            if !self.config.quiet {
                tracing::error!(%error, "a journal segment is left");
            }
            self.begin_next(true, buffer.len()).and_then(|()| self.write(buffer))?;
            self.alarm(sentence);
            Ok::<(), JournalError>(())
        });
        if let Err(error) = &outcome {
            self.dead = Some(error.clone());
        }
        outcome
    }

    fn write(&mut self, buffer: &[u8]) -> Result<(), JournalError> {
        let path = self.dir.join(segment_name(self.number));
        let written = self.file.write_at(buffer, self.end).and_then(|()| self.file.sync());
        written.map_err(|e| JournalError::io(&path, buffer.len() as u64, &e))?;
        self.end += buffer.len() as u64;
        Ok(())
    }

    /// Seals the segment and begins the next if the batch does not fit.
    fn make_room(&mut self, batch_bytes: usize) -> Result<(), JournalError> {
        if self.end + (batch_bytes + SEAL_BYTES) as u64 <= self.bytes {
            return Ok(());
        }
        let seal = Body::Seal { next: self.number + 1, last_seq: self.head.seq, hash: self.head.hash };
        // The seal belongs to the batch before: batches that follow it count on from there.
        let frame = Frame { batch: self.head.batch, last_of_batch: true, body: seal };
        let mut buffer = Vec::with_capacity(SEAL_BYTES);
        frame.encode(&mut buffer);
        self.write(&buffer)?;
        let path = self.dir.join(segment_name(self.number));
        self.file.cut_and_allocate(self.end, self.end).map_err(|e| JournalError::io(&path, 0, &e))?;
        self.begin_next(false, batch_bytes)
    }

    fn begin_next(&mut self, after_fault: bool, batch_bytes: usize) -> Result<(), JournalError> {
        let number = self.number + 1;
        let wanted = (HEADER_BYTES + batch_bytes + SEAL_BYTES) as u64;
        let use_spare = self.has_spare && wanted <= self.config.segment_bytes;
        let bytes = self.config.segment_bytes.max(wanted);
        let header = Header {
            after_fault,
            number,
            first_seq: self.head.seq + 1,
            journal: self.journal,
            prev: self.head.hash,
        };
        // Taken, whatever comes of it: a spare whose sync failed is not written again.
        self.has_spare &= !use_spare;
        self.file = begin_segment(&*self.disk, &self.dir, &header, bytes, use_spare)?;
        (self.number, self.end, self.bytes) = (number, HEADER_BYTES as u64, bytes);
        self.allocate_spare();
        Ok(())
    }

    /// Keeps the next segment allocated. Without it the journal goes on for as long as its segment has room.
    fn allocate_spare(&mut self) {
        if self.has_spare {
            return;
        }
        match self.disk.create(&self.dir.join(SPARE), self.config.segment_bytes) {
            Ok(_) => self.has_spare = true,
            Err(error) => {
                let left_mib = (self.bytes - self.end) >> 20;
                self.alarm(format!(
                    "the journal has no reserve any more ({error}): {left_mib} MiB are left; free space on the disk now"
                ));
            }
        }
    }

    fn periodic_checkpoint(&mut self) {
        self.checkpoint_due = None;
        if let Err(error) = self.write_checkpoint() {
            self.alarm(format!("no checkpoint could be written: {error}"));
        }
    }

    fn write_checkpoint(&mut self) -> Result<Checkpointed, JournalError> {
        if let Some(done) = self.checkpointed.as_ref().filter(|c| c.size == self.head.seq) {
            return Ok(done.clone());
        }
        let checkpoint = Checkpoint::of(&self.config.origin, &self.head.tree);
        let note = checkpoint.sign(&*self.config.signer)?;
        let mut head = self.head.clone();
        head.batch = head.batch.saturating_add(1);
        let frame = Frame { batch: head.batch, last_of_batch: true, body: Body::Checkpoint(note.clone()) };
        let mut buffer = Vec::new();
        frame.encode(&mut buffer);
        self.commit(&buffer)?;
        self.head = head;
        self.checkpoint_due = None;
        let done = Checkpointed { size: checkpoint.size, root: checkpoint.root, note };
        // After a power cut it may be older than the log, never newer.
        if let Err(error) = self.disk.replace(&self.dir.join(HEAD_NOTE), done.note.as_bytes()) {
            self.alarm(format!("the last checkpoint could not be kept beside the journal: {error}"));
        }
        self.checkpointed = Some(done.clone());
        Ok(done)
    }

    /// Gives back what was allocated ahead; the next opening allocates again.
    fn trim(&mut self) {
        let cut = self.file.cut_and_allocate(self.end, self.end);
        let spare = self.disk.remove(&self.dir.join(SPARE));
        if let (Err(error), _) | (_, Err(error)) = (cut, spare)
            && !self.config.quiet
        {
            tracing::debug!(%error, "the journal keeps what it allocated ahead");
        }
    }

    fn alarm(&self, sentence: String) {
        raise(&self.alarms, self.config.quiet, sentence);
    }
}

const SPARE: &str = "spare.seg";
const HEAD_NOTE: &str = "head.note";

fn begin_segment(
    disk: &dyn Disk,
    dir: &Path,
    header: &Header,
    bytes: u64,
    use_spare: bool,
) -> Result<Box<dyn DiskFile>, JournalError> {
    // Named only once it has its header, so that a crash in between leaves no segment without one.
    let (beside, path) =
        (dir.join(if use_spare { SPARE } else { "next.tmp" }), dir.join(segment_name(header.number)));
    let begin = || {
        let mut file = if use_spare { disk.open(&beside) } else { disk.create(&beside, bytes) }?;
        file.write_at(&header.encode(), 0)?;
        file.sync()?;
        disk.rename(&beside, &path)?;
        Ok(file)
    };
    begin().map_err(|e| JournalError::io(&path, bytes, &e))
}

fn claim(disk: &dyn Disk, dir: &Path) -> Result<Claim, JournalError> {
    let claimed = disk.claim(dir).map_err(|e| JournalError::io(dir, 0, &e))?;
    claimed.ok_or_else(|| JournalError::InUse(dir.to_owned()))
}

/// Both disks as one, with the same entries on both; the first alone where the second cannot be used.
fn mirrored(
    disk: Box<dyn Disk>,
    second: Box<dyn Disk>,
    dir: &Path,
    mirror: &Path,
    config: &JournalConfig,
    alarms: &Arc<Mutex<Vec<Alarm>>>,
) -> Result<(Box<dyn Disk>, Option<Claim>), JournalError> {
    let say = {
        let (alarms, quiet) = (Arc::clone(alarms), config.quiet);
        move |sentence: String| raise(&alarms, quiet, sentence)
    };
    let level = claim(&*second, mirror).map_err(LevelError::SecondUnusable).and_then(|claim| {
        let (one, other) = (Copy { disk: &*disk, dir }, Copy { disk: &*second, dir: mirror });
        Ok((claim, level(one, other, config.signer.key())?))
    });
    match level {
        Ok((claim, told)) => {
            told.into_iter().for_each(&say);
            let both = Both::new(disk, second, dir, mirror, Lost::new(Box::new(say)));
            Ok((Box::new(both), Some(claim)))
        }
        Err(LevelError::SecondUnusable(error)) => {
            say(format!("the second copy of the journal is not written: {error}"));
            Ok((disk, None))
        }
        Err(LevelError::Refused(error)) => Err(error),
    }
}

fn raise(alarms: &Mutex<Vec<Alarm>>, quiet: bool, sentence: String) {
    if !quiet {
        tracing::warn!("{sentence}");
    }
    alarms.lock().unwrap_or_else(PoisonError::into_inner).push(Alarm(sentence));
}

fn random<const N: usize>() -> Result<[u8; N], JournalError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| JournalError::Entropy(e.to_string()))?;
    Ok(bytes)
}

/// Entries covered by the last checkpoint, as it is kept beside the segments; 0 if that says nothing.
pub(super) fn known_size(disk: &dyn Disk, dir: &Path) -> u64 {
    // A note that a power cut left empty says nothing.
    let note = disk.read(&dir.join(HEAD_NOTE)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    note.and_then(|note| Checkpoint::read_unverified(&note).ok()).map_or(0, |c| c.size)
}
