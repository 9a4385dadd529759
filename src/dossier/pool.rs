//! Page workers: child processes, each with a thread that speaks to it. A child that dies, hangs or talks nonsense costs the
//! request at hand; another is started for the next.
//!
//! ```text
//!   ask ──► queue (viewed pages first) ──► thread ──► child ──answer──► asker
//!                                             └─ no answer in time, or dead ─► killed, started anew
//! ```

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use protocol::link::Frame;
use protocol::link::pages::{FromPageWorker, ToPageWorker};

/// How a worker is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// How soon a request is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// Somebody is looking at the page.
    Now,
    /// Intake.
    Whenever,
}

type Answer = Result<(FromPageWorker, Bytes), String>;

#[derive(Debug)]
struct Ask {
    request: ToPageWorker,
    reply: Sender<Answer>,
}

#[derive(Debug, Default)]
struct Queue {
    now: VecDeque<Ask>,
    whenever: VecDeque<Ask>,
    closed: bool,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts `workers` threads; children start with the first request.
    pub(crate) fn start(command: &WorkerCommand, workers: usize, timeout: Duration) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let mut threads = Vec::new();
        for n in 0..workers.max(1) {
            let (shared, command) = (Arc::clone(&shared), command.clone());
            let thread = std::thread::Builder::new().name(format!("pages-{n}"));
            threads.push(thread.spawn(move || serve(&shared, &command, timeout))?);
        }
        Ok(Self { shared, threads })
    }

    /// Asks a worker and waits for its answer. Errors are sentences.
    pub(crate) fn ask(&self, request: ToPageWorker, want: Want) -> Answer {
        let (reply, answer) = channel();
        {
            let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
            let line = if want == Want::Now { &mut queue.now } else { &mut queue.whenever };
            line.push_back(Ask { request, reply });
        }
        self.shared.filled.notify_one();
        match answer.recv() {
            Ok(Ok((FromPageWorker::Failed { sentence }, _))) => Err(sentence),
            Ok(answer) => answer,
            Err(_) => Err("页面处理已停止".to_owned()),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.shared.filled.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to tell.
            let _ = thread.join();
        }
    }
}

fn serve(shared: &Shared, command: &WorkerCommand, timeout: Duration) {
    let mut worker: Option<Worker> = None;
    loop {
        let ask = {
            let mut queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if queue.closed {
                    return;
                }
                if let Some(ask) = queue.now.pop_front().or_else(|| queue.whenever.pop_front()) {
                    break ask;
                }
                queue = shared.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let answer = attempt(&mut worker, command, &ask.request, timeout);
        // Whoever asked may have gone.
        let _ = ask.reply.send(answer);
    }
}

/// One try; a second with a fresh child when the child had died meanwhile, since that may be no fault of this page.
fn attempt(worker: &mut Option<Worker>, command: &WorkerCommand, request: &ToPageWorker, timeout: Duration) -> Answer {
    let mut tries = 2;
    loop {
        let mut child = match worker.take() {
            Some(child) => child,
            None => Worker::start(command)
                .map_err(|e| format!("页面处理进程无法启动（{}：{e}）", command.program.display()))?,
        };
        match child.ask(request, timeout) {
            Ok(answer) => {
                *worker = Some(child);
                return Ok(answer);
            }
            Err(Lost::Hung) => return Err(format!("页面处理超过{}秒，已放弃该页；文件保留", timeout.as_secs())),
            Err(Lost::Died(cause)) => {
                tries -= 1;
                if tries == 0 {
                    return Err(format!("页面处理进程异常退出（{cause}），已放弃该页；文件保留"));
                }
                tracing::warn!(cause, "a page worker died; the page is read again");
            }
        }
    }
}

enum Lost {
    Hung,
    Died(String),
}

/// A child with its pipes. Dropped: killed.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    output: Receiver<Frame<FromPageWorker>>,
}

impl Worker {
    fn start(command: &WorkerCommand) -> std::io::Result<Self> {
        let mut child = Command::new(&command.program)
            .args(&command.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let missing = || std::io::Error::other("no pipe");
        let input = child.stdin.take().ok_or_else(missing)?;
        let mut pipe = child.stdout.take().ok_or_else(missing)?;
        let (frames, output) = channel();
        // Ends with the child's pipe.
        std::thread::Builder::new().name("pages-pipe".to_owned()).spawn(move || {
            let mut buffer = BytesMut::new();
            let mut chunk = vec![0; 64 << 10];
            while let Ok(n @ 1..) = pipe.read(&mut chunk) {
                buffer.extend_from_slice(&chunk[..n]);
                loop {
                    match Frame::decode(&mut buffer) {
                        Ok(Some(frame)) => {
                            if frames.send(frame).is_err() {
                                return;
                            }
                        }
                        Ok(None) => break,
                        Err(_) => return,
                    }
                }
            }
        })?;
        Ok(Self { child, input, output })
    }

    fn ask(&mut self, request: &ToPageWorker, timeout: Duration) -> Result<(FromPageWorker, Bytes), Lost> {
        let mut bytes = BytesMut::new();
        Frame::bare(request).encode(&mut bytes).map_err(|e| Lost::Died(e.to_string()))?;
        self.input.write_all(&bytes).and_then(|()| self.input.flush()).map_err(|e| Lost::Died(e.to_string()))?;
        match self.output.recv_timeout(timeout) {
            Ok(frame) => Ok((frame.message, frame.body)),
            Err(RecvTimeoutError::Timeout) => Err(Lost::Hung),
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.child.wait().map_or_else(|e| e.to_string(), |s| s.to_string());
                Err(Lost::Died(status))
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
