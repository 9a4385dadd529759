//! The recording heard again by a larger model, once the hearing is over: what it reads otherwise is offered to the clerk, line by line.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use court::{Process, Report, Stage};
use hub::{Handle, Msg};
use model::{HearingId, LineId};
use protocol::link::second_pass::{FromSecondPass, Passage, ToSecondPass};
use protocol::wire::{SecondPass, SecondPassFault};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Notify;

use super::{AtSeat, Refusal, Shared};

/// What decodes a recording again: a process of its own, so that a large model takes nothing from the hub.
pub trait SecondListener: Send + Sync + 'static {
    /// The command for the recording in this folder. It is told [`ToSecondPass`] and answers with [`FromSecondPass`].
    fn command(&self, media_dir: &Path) -> io::Result<Command>;
}

/// How far each hearing is, since the start of this process.
#[derive(Default)]
pub(crate) struct Passes(Mutex<HashMap<HearingId, Arc<Pass>>>);

impl Passes {
    fn of(&self, hearing: &HearingId) -> Arc<Pass> {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(hearing.clone()).or_default())
    }
}

#[derive(Default)]
struct Pass {
    told: Mutex<SecondPass>,
    stop: Notify,
}

impl Pass {
    fn read(&self) -> SecondPass {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, how: impl FnOnce(&mut SecondPass)) {
        how(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// `GET api/second-pass`: how far it is.
pub(super) async fn progress(State(services): Shared, at: AtSeat) -> Json<SecondPass> {
    Json(services.passes.of(&at.hearing).read())
}

/// `DELETE api/second-pass`: what has been read so far stays.
pub(super) async fn stop(State(services): Shared, at: AtSeat) -> Json<SecondPass> {
    let pass = services.passes.of(&at.hearing);
    if pass.read().running {
        pass.change(|p| p.running = false);
        pass.stop.notify_one();
    }
    Json(pass.read())
}

/// `POST api/second-pass`: begins, or says how far the one under way is.
pub(super) async fn begin(State(services): Shared, at: AtSeat) -> Result<Json<SecondPass>, Refusal> {
    let pass = services.passes.of(&at.hearing);
    if pass.read().running {
        return Ok(Json(pass.read()));
    }
    let refuse = |what: &str| Refusal::new(StatusCode::CONFLICT, what.to_owned());
    let state = at.handle.state().await?;
    if !matches!(state.stage, Stage::Closed | Stage::Recess) {
        return Err(refuse(
            "the recording is heard again in a recess or after the hearing: its sound is needed for what is being said now",
        ));
    }
    let Some(listener) = services.second.as_ref().filter(|_| !at.meeting) else {
        return Err(refuse("there is nothing here that hears a recording again"));
    };
    // What a person has touched is theirs.
    let untouched = state.lines.values().filter(|l| l.recognised.is_some() && l.revision() == 0);
    let passage = |l: &court::Line| Passage { line: l.id, seat: l.seat.clone(), from: l.from, to: l.to };
    let mut passages: Vec<_> = untouched.map(passage).collect();
    passages.sort_by_key(|p| p.from);
    let terms = at.handle.terms().await?.into_iter().filter(|t| t.on).map(|t| t.term).collect();
    let failed = |e: io::Error| Refusal::internal(format!("the recording cannot be heard again: {e}"));
    let mut command = listener.command(&at.dir.join("media")).map_err(failed)?;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().map_err(failed)?;
    let total = passages.len() as u32;
    pass.change(|p| *p = SecondPass { total, running: true, ..SecondPass::default() });
    let (handle, own) = (at.handle, Arc::clone(&pass));
    tokio::spawn(async move {
        let asked = ToSecondPass { terms, passages };
        let fault = tokio::select! {
            done = follow(child, &asked, &handle, &own) => done.err(),
            // The process ends with what followed it.
            () = own.stop.notified() => return,
        };
        own.change(|p| {
            p.running = false;
            p.fault = fault;
        });
    });
    Ok(Json(pass.read()))
}

async fn follow(
    mut child: Child,
    asked: &ToSecondPass,
    handle: &Handle,
    pass: &Pass,
) -> Result<(), SecondPassFault> {
    let silent = |cause: io::Error| SecondPassFault::NoAnswer { cause: cause.to_string() };
    let garbled = |cause: serde_json::Error| SecondPassFault::NotUnderstood { cause: cause.to_string() };
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(silent(io::ErrorKind::BrokenPipe.into()));
    };
    let mut line = serde_json::to_vec(asked).map_err(garbled)?;
    line.push(b'\n');
    input.write_all(&line).await.map_err(silent)?;
    drop(input);
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await.map_err(silent)? {
        match serde_json::from_str(&line).map_err(garbled)? {
            FromSecondPass::Begun { model } => pass.change(|p| p.model = Some(model)),
            FromSecondPass::Heard { line, text } => {
                let model = pass.read().model.unwrap_or_default();
                offer(handle, line, text, model).await?;
                pass.change(|p| p.done += 1);
            }
        }
    }
    let ended = child.wait().await.map_err(silent)?;
    match ended.success() {
        true => Ok(()),
        false => Err(SecondPassFault::Ended { cause: ended.to_string() }),
    }
}

/// A line nobody has touched meanwhile and that was read otherwise: the court decides, and keeps what was offered.
async fn offer(
    handle: &Handle,
    line: LineId,
    text: Option<String>,
    model: String,
) -> Result<(), SecondPassFault> {
    let Some(text) = text else { return Ok(()) };
    let report = Box::new(Report::HeardAgain { line, base: 0, text, model });
    let told = handle.send(Msg::Report { process: Process::Recogniser, report }).await;
    told.map_err(|_| SecondPassFault::HearingEnded)
}
