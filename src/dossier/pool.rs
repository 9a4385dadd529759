//! Page workers: child processes that are asked one thing at a time, and are replaced when they die or take too long.
//!
//! ```text
//!            job                    answer in time
//!   idle ───────────► asked ───────────────────────────► idle
//!    ▲                  │ died, or over time: killed, the job answered with an error
//!    │ next job: spawn  ▼
//!    └── ready ───── no child
//! ```
//!
//! `workers` children read pages in the background, giving way to all else on the machine; one more, the attendant, serves only
//! what somebody is waiting for and gives way little. The others help it with what comes while it is busy. So a page is shown
//! while others are being recognised, and while the recogniser has the processors.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use protocol::link::Frame;
use protocol::link::pages::{FromPageWorker, ToPageWorker};
use rustix::process::{Pid, Signal, kill_process_group, setpriority_process};

use crate::work_time;

/// A worker that waits for something gets so many times the time of one that works.
const IDLE_FACTOR: u32 = 5;

/// How far reading gives way to the hearing: a line of speech never waits for a page.
const NICENESS: i32 = 15;
/// Of the attendant: what somebody waits for takes moments.
const ATTENDANT_NICENESS: i32 = 4;

/// How a page worker is started.
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// A worker gave no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum PoolError {
    /// The worker process ended before it answered.
    #[error("the page worker ended before it answered; the file may be hostile, or memory short")]
    Died,
    /// Killed for taking too long.
    #[error("the page took longer than {0:?} and was given up; see [dossier] page_timeout_s")]
    TooLong(Duration),
    /// The program cannot be started.
    #[error("the page worker {program} cannot be started: {reason}")]
    Start { program: PathBuf, reason: String },
    /// The dossier is being closed.
    #[error("the dossier is being closed")]
    Closed,
}

/// Who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// A person in front of a screen.
    Now,
    /// Nobody.
    Background,
}

type Answer = Result<Frame<FromPageWorker>, PoolError>;

struct Job {
    request: ToPageWorker,
    reply: mpsc::SyncSender<Answer>,
}

#[derive(Default)]
struct Queue {
    now: VecDeque<Job>,
    background: VecDeque<Job>,
    /// The attendant is at work.
    attending: bool,
    closed: bool,
    /// Children at work, so that closing need not wait for their page.
    children: Vec<Pid>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
}

/// The workers.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// The attendant is started at once, the others when they are first needed.
    pub(crate) fn new(command: &WorkerCommand, workers: usize, timeout: Duration) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let mut pool = Self { shared: Arc::clone(&shared), threads: Vec::new() };
        for n in 0..=workers {
            let (shared, command) = (Arc::clone(&shared), command.clone());
            let keeper = Keeper { command, timeout, child: None, attendant: n == workers, shared };
            pool.threads.push(std::thread::Builder::new().name(format!("pages-{n}")).spawn(|| keeper.run())?);
        }
        Ok(pool)
    }

    /// Asks a worker and waits for its answer. The number of waiting callers bounds the queue.
    pub(crate) fn ask(&self, request: ToPageWorker, urgency: Urgency) -> Answer {
        let (reply, answer) = mpsc::sync_channel(1);
        let mut queue = self.shared.lock();
        if queue.closed {
            return Err(PoolError::Closed);
        }
        let job = Job { request, reply };
        match urgency {
            Urgency::Now => queue.now.push_back(job),
            Urgency::Background => queue.background.push_back(job),
        }
        drop(queue);
        self.shared.more.notify_all();
        answer.recv().unwrap_or(Err(PoolError::Closed))
    }

    /// Ends the children; waiting callers get [`PoolError::Closed`].
    pub(crate) fn close(&self) {
        let mut queue = self.shared.lock();
        queue.closed = true;
        queue.now.clear();
        queue.background.clear();
        for pid in queue.children.drain(..) {
            kill(pid);
        }
        drop(queue);
        self.shared.more.notify_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a keeper of page workers panicked");
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, attendant: bool) -> Option<Job> {
        let mut queue = self.lock();
        if attendant {
            queue.attending = false;
        }
        loop {
            if queue.closed {
                return None;
            }
            let job = if attendant || queue.attending { queue.now.pop_front() } else { None };
            if attendant && job.is_some() {
                queue.attending = true;
                // What else waits is for the others.
                self.more.notify_all();
            }
            if let Some(job) = job.or_else(|| if attendant { None } else { queue.background.pop_front() }) {
                return Some(job);
            }
            queue = self.more.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Keeps one child.
struct Keeper {
    command: WorkerCommand,
    timeout: Duration,
    child: Option<Running>,
    /// Serves what somebody waits for.
    attendant: bool,
    shared: Arc<Shared>,
}

struct Running {
    process: Child,
    pid: Pid,
    input: ChildStdin,
    answers: Receiver<Frame<FromPageWorker>>,
}

impl Keeper {
    fn run(mut self) {
        // Loading it takes a tenth of a second, which nobody shall wait for. What is wrong with it is told when it is asked.
        if self.attendant && !self.shared.lock().closed {
            let _ = self.running();
        }
        while let Some(job) = self.shared.next(self.attendant) {
            let answer = self.ask(job.request);
            // Who no longer waits does not need it.
            let _ = job.reply.send(answer);
        }
        self.end();
    }

    fn ask(&mut self, request: ToPageWorker) -> Answer {
        let timeout = self.timeout;
        let running = self.running()?;
        let mut out = BytesMut::new();
        let sent = Frame::bare(request).encode(&mut out).is_ok() && running.input.write_all(&out).is_ok();
        let answer = if sent { running.answer(timeout) } else { Err(RecvTimeoutError::Disconnected) };
        answer.map_err(|e| {
            self.end();
            match e {
                RecvTimeoutError::Timeout => PoolError::TooLong(timeout),
                RecvTimeoutError::Disconnected if self.shared.lock().closed => PoolError::Closed,
                RecvTimeoutError::Disconnected => PoolError::Died,
            }
        })
    }

    fn running(&mut self) -> Result<&mut Running, PoolError> {
        if self.child.is_none() {
            let started = self.start()?;
            let mut queue = self.shared.lock();
            queue.children.push(started.pid);
            if queue.closed {
                kill(started.pid);
            }
            drop(queue);
            self.child = Some(started);
        }
        self.child.as_mut().ok_or(PoolError::Closed)
    }

    fn start(&self) -> Result<Running, PoolError> {
        let program = self.command.program.clone();
        let failed = |reason: String| PoolError::Start { program: program.clone(), reason };
        let mut process = Command::new(&self.command.program)
            .args(&self.command.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A group of its own, so that the recogniser it starts is ended with it.
            .process_group(0)
            .spawn()
            .map_err(|e| failed(e.to_string()))?;
        let pid = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        let (Some(pid), Some(input), Some(output)) = (pid, process.stdin.take(), process.stdout.take())
        else {
            return Err(failed("it has no pipes".to_owned()));
        };
        let niceness = if self.attendant { ATTENDANT_NICENESS } else { NICENESS };
        // Refused, it only competes.
        let _ = setpriority_process(Some(pid), niceness);
        let (send, answers) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("page-answers".to_owned())
            .spawn(move || read_answers(output, &send))
            .map_err(|e| failed(e.to_string()))?;
        let mut running = Running { process, pid, input, answers };
        match running.answers.recv_timeout(self.timeout) {
            Ok(frame) if frame.message == FromPageWorker::Ready => Ok(running),
            _ => {
                running.end();
                Err(failed("it ended before it was ready; the sentence before this one says why".to_owned()))
            }
        }
    }

    /// Ends the child, if any, and waits for it.
    fn end(&mut self) {
        if let Some(mut running) = self.child.take() {
            self.shared.lock().children.retain(|p| *p != running.pid);
            running.end();
        }
    }
}

impl Running {
    /// Waits until the worker has answered, or has worked for `limit`; a worker that does not work is given up too, later.
    fn answer(&self, limit: Duration) -> Result<Frame<FromPageWorker>, RecvTimeoutError> {
        let (asked, before) = (Instant::now(), work_time::of_group(self.pid));
        let mut wait = limit;
        loop {
            match self.answers.recv_timeout(wait) {
                Err(RecvTimeoutError::Timeout) if asked.elapsed() < limit * IDLE_FACTOR => {
                    let worked = work_time::of_group(self.pid).saturating_sub(before);
                    wait = limit.saturating_sub(worked);
                    if wait.is_zero() {
                        return Err(RecvTimeoutError::Timeout);
                    }
                }
                answer => return answer,
            }
        }
    }

    fn end(&mut self) {
        kill(self.pid);
        if let Err(error) = self.process.wait() {
            tracing::warn!(%error, "a page worker could not be waited for");
        }
    }
}

/// Ends a worker and what it has started. An error means that it is gone already.
fn kill(pid: Pid) {
    let _ = kill_process_group(pid, Signal::KILL);
}

/// Until the worker's output ends or makes no sense; ends with the worker.
fn read_answers(mut output: impl Read, send: &mpsc::SyncSender<Frame<FromPageWorker>>) {
    let mut buffer = BytesMut::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match Frame::<FromPageWorker>::decode(&mut buffer) {
            Ok(Some(frame)) => {
                if send.send(frame).is_err() {
                    return;
                }
            }
            Ok(None) => match output.read(&mut chunk) {
                Ok(n) if n > 0 => buffer.extend_from_slice(&chunk[..n]),
                _ => return,
            },
            Err(error) => {
                tracing::error!(%error, "a page worker is not understood");
                return;
            }
        }
    }
}
