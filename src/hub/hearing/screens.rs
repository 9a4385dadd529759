//! What screens say, and what they are told.

use std::sync::Arc;

use court::{Denial, Input, Process, Report};
use media::clock::utc_now;
use model::{Role, SeatId, ViewClass};
use protocol::wire::{ClientMsg, Ephemeral, Found, Parting, Resume, ServerMsg};
use protocol::{rights, view};

use super::{Hearing, HubError, Joined};
use crate::fanout::Conn;
use crate::frame::Frame;
use crate::known_pages::Known;
use crate::outbox::Outbox;
use crate::recording::Playing;
use protocol::link::recorder::ToRecorder;

/// Longest search.
const QUERY_CHARS_MAX: usize = 200;
/// Pages found that are sent unless more are asked for, and at most.
const HITS: usize = dossier::HITS;
const HITS_MAX: u32 = 200;
/// Refusals of one connection within a second that are still recorded; above it the connection is closed.
const DENIALS_PER_S_MAX: u32 = 50;

impl Hearing {
    pub(super) fn join(
        &mut self,
        seat: SeatId,
        resume: Option<Resume>,
        outbox: Arc<Outbox>,
    ) -> Result<Joined, HubError> {
        let class =
            view::class_of(&self.commit.settled, &seat).ok_or_else(|| HubError::UnknownSeat(seat.clone()))?;
        let conn = self.next_conn;
        self.next_conn += 1;
        // A witness may have left the stand and come back while the line was down: what was said meanwhile is not theirs to read.
        let steady = self.commit.settled.role(&seat) != Some(Role::Witness);
        let resume = resume.filter(|r| steady && r.epoch == self.epoch_of(class));
        let missed = resume.and_then(|r| self.fanout.since(class, r.seq));
        let seq = self.fanout.seq(class);
        let snapshot = match &missed {
            Some(_) => None,
            None => view::snapshot(&self.commit.settled, class).map(Box::new),
        };
        let welcome = ServerMsg::Welcome {
            epoch: self.epoch_of(class),
            seq: if missed.is_some() { resume.map_or(seq, |r| r.seq) } else { seq },
            seat: seat.clone(),
            class,
            now: self.clock.now(),
            snapshot,
        };
        outbox.welcome(Frame::text(&welcome));
        missed.into_iter().flatten().for_each(|message| {
            outbox.push(message);
        });
        self.fanout.join(conn, seat, class, outbox);
        // When a crowd comes or goes, all are told together.
        self.status_due = true;
        Ok(Joined { conn, class })
    }

    /// Sequences compare within one class of one run of the hub: who comes back in another class gets a snapshot.
    fn epoch_of(&self, class: ViewClass) -> u64 {
        let place = ViewClass::ALL.iter().position(|c| *c == class).unwrap_or(0);
        self.epoch * ViewClass::ALL.len() as u64 + place as u64
    }

    /// A seat whose people may see more or less from now on gets what it may see, before anything else reaches it.
    pub(super) fn reseat(&mut self, event: &court::Event) {
        use court::{Event, Step};
        let seat = match event {
            Event::SeatSet { seat } => &seat.id,
            Event::StepTaken {
                step: Step::WitnessCalled { witness } | Step::WitnessExcused { witness },
                ..
            } => witness,
            _ => return,
        };
        let Some(class) = view::class_of(&self.commit.settled, seat) else { return };
        for outbox in self.fanout.move_seat(seat, class) {
            outbox.welcome(Frame::text(&ServerMsg::Welcome {
                epoch: self.epoch_of(class),
                seq: self.fanout.seq(class),
                seat: seat.clone(),
                class,
                now: self.clock.now(),
                snapshot: view::snapshot(&self.commit.settled, class).map(Box::new),
            }));
        }
    }

    pub(super) fn leave(&mut self, conn: Conn) {
        // A key held by a desk that is gone must not stay down.
        if self.key_held_at == Some(conn)
            && let Some((seat, _, _)) = self.fanout.screen(conn)
        {
            let seat = seat.clone();
            self.talk_key(seat, false, None);
            self.key_held_at = None;
        }
        self.fanout.leave(conn);
        self.ephemerals.remove(&conn);
        self.denials.remove(&conn);
        self.status_due = true;
    }

    pub(super) fn resync(&mut self, conn: Conn) {
        self.fanout.reach(conn);
        let Some((_, class, outbox)) = self.fanout.screen(conn) else { return };
        let Some(snapshot) = view::snapshot(&self.commit.settled, class) else { return };
        let seq = self.fanout.seq(class);
        outbox.resync(Frame::text(&ServerMsg::Resync { seq, snapshot: Box::new(snapshot) }));
    }

    pub(super) fn client(&mut self, conn: Conn, msg: ClientMsg) {
        let Some((seat, class, outbox)) = self.fanout.screen(conn) else { return };
        let (seat, outbox) = (seat.clone(), Arc::clone(outbox));
        let Some(role) = self.commit.settled.role(&seat) else { return };
        if !rights::hears(role, class, &msg) {
            return refuse(&outbox, msg);
        }
        match msg {
            // The session layer takes the first hello; another one changes nothing.
            ClientMsg::Hello { .. } => {}
            ClientMsg::Command { cmd_id, command, inside } => {
                self.command((conn, &outbox), Input::Command { seat, cmd: cmd_id, command, inside });
            }
            ClientMsg::Search { query_id, text, most } => self.search(&outbox, query_id, text, most),
            ClientMsg::Confirm { view: number } => {
                // Nobody confirms what they are not shown.
                let shown = view::shown(&self.commit.settled, class);
                if shown.is_some_and(|v| v.number == number) {
                    self.confirmations.entry(number).or_default().insert(seat);
                }
            }
            ClientMsg::TalkKey { down, at } => {
                self.key_held_at = down.then_some(conn);
                self.talk_key(seat, down, Some(at));
            }
            ClientMsg::LookAt { page } => self.voice.look_at(seat, page),
            ClientMsg::Ephemeral { what } => {
                let screens = &self.commit.settled.screens;
                if rights::points(role, screens.locked, screens.presenter.as_ref() == Some(&seat)) {
                    self.ephemerals.insert(conn, what);
                }
            }
            ClientMsg::Ping { sent_ms } => {
                let pong = ServerMsg::Pong { sent_ms, now: self.clock.now(), utc: utc_now() };
                outbox.push_ephemeral(Frame::text(&pong));
            }
            ClientMsg::Rehearse { play } => self.rehearse(&outbox, play),
        }
    }

    fn command(&mut self, (conn, outbox): (Conn, &Outbox), input: Input) {
        let Input::Command { seat, cmd, command, .. } = &input else { return };
        let (cmd_id, act) = (cmd.clone(), act_of(command));
        let done = self.commit.ahead.has_done(seat, cmd);
        if let Some(denial) = if done { None } else { self.lacks_page(seat, command) } {
            let sentence = denial.to_string();
            outbox.answer(Frame::text(&ServerMsg::Denied { cmd_id, denial: denial.clone(), sentence }));
            return self.denied(conn, outbox, act, denial);
        }
        match self.submit(&input, Some((conn, cmd_id.clone()))) {
            Ok(true) => {}
            // Nothing to record, or recorded already: answered once all before it is on disk, since it may rest on that.
            Ok(false) => match self.commit.in_flight.back_mut() {
                Some(last) => last.askers.push((conn, cmd_id)),
                None => outbox.answer(Frame::text(&ServerMsg::Done { cmd_id })),
            },
            Err(denial) => {
                let sentence = denial.to_string();
                outbox.answer(Frame::text(&ServerMsg::Denied { cmd_id, denial: denial.clone(), sentence }));
                self.denied(conn, outbox, act, denial);
            }
        }
    }

    /// The dossier is not the court's to know: that a page is there is asked before the court judges.
    fn lacks_page(&mut self, seat: &SeatId, command: &court::Command) -> Option<Denial> {
        let asked: Vec<_> = match command {
            court::Command::Show { view } => view.pages().map(|(page, hash)| (page, Some(hash))).collect(),
            court::Command::MakeMark { page, .. } => vec![(page, None)],
            _ => return None,
        };
        let presides = self.commit.ahead.role(seat) == Some(Role::PresidingJudge);
        asked.into_iter().find_map(|(page, hash)| {
            match self.known_pages.has(&*self.pages, &self.case, page) {
                Known::Yes => {}
                Known::Held if presides => {}
                Known::Held => return Some(Denial::NotLetIn { page: page.clone() }),
                Known::No => return Some(Denial::UnknownPage { page: page.clone() }),
            }
            let differs = |hash| self.known_pages.differs(&*self.pages, &self.case, page, hash);
            hash.is_some_and(differs).then(|| Denial::PageChanged { page: page.clone() })
        })
    }

    /// A refused act is an event too; a flood of them ends the connection instead of filling the journal.
    fn denied(&mut self, conn: Conn, outbox: &Outbox, act: String, denial: Denial) {
        let count = self.denials.entry(conn).or_default();
        *count += 1;
        if *count > DENIALS_PER_S_MAX {
            let sentence = "too many refused acts; reload the page".to_owned();
            let why = Parting::TooManyDenials;
            outbox.answer(Frame::text(&ServerMsg::Bye { why, sentence, retry_ms: Some(5000) }));
            outbox.close();
            return;
        }
        self.report(Process::Hub, Report::Denied { act, denial });
    }

    fn search(&self, outbox: &Arc<Outbox>, query_id: u32, text: String, most: Option<u32>) {
        if text.chars().count() > QUERY_CHARS_MAX {
            let sentence = format!("a search has at most {QUERY_CHARS_MAX} characters; shorten it");
            outbox.answer(Frame::text(&ServerMsg::Malformed { sentence }));
            return nothing_found(outbox, query_id, text);
        }
        let (pages, case, outbox) = (Arc::clone(&self.pages), self.case.clone(), Arc::clone(outbox));
        tokio::task::spawn_blocking(move || {
            let begun = std::time::Instant::now();
            let most = most.map_or(HITS, |most| most.min(HITS_MAX) as usize);
            let found = pages.search(&case, &text, most);
            let took_us = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
            let results = ServerMsg::Results { query_id, text, found, took_us };
            outbox.answer(Frame::text(&results));
        });
    }

    fn rehearse(&mut self, outbox: &Outbox, play: bool) {
        let (Some(link), Some(dir)) = (&self.recorder, &self.rehearsal) else {
            return refuse(outbox, ClientMsg::Rehearse { play });
        };
        self.playing = Playing::default();
        link.send(match play {
            true => ToRecorder::Rehearse { dir: dir.clone(), since: None },
            false => ToRecorder::StopRehearsal,
        });
    }

    pub(super) fn flush_ephemerals(&mut self) {
        for (conn, what) in std::mem::take(&mut self.ephemerals) {
            let Some((seat, _, _)) = self.fanout.screen(conn) else { continue };
            let page = match &what {
                Ephemeral::Pointer { page, .. } | Ephemeral::Drawing { page, .. } => page,
            };
            // Only on the page everybody sees: elsewhere it would tell what somebody reads in private.
            let (state, page) = (&self.commit.settled, page.clone());
            let shared = |c| view::shown(state, c).is_some_and(|v| v.draft.shows(&page));
            self.fanout.ephemeral(&ServerMsg::Ephemeral { by: seat.clone(), what }, shared, Some(conn));
        }
    }

    pub(super) fn flush_gathered(&mut self) {
        if self.status_due {
            self.send_status();
        }
        for (view, seats) in std::mem::take(&mut self.confirmations) {
            let report = Report::ScreensConfirmed { view, seats: seats.into_iter().collect() };
            self.report(Process::Hub, report);
        }
    }
}

/// Whoever waits for an answer gets one.
fn refuse(outbox: &Outbox, msg: ClientMsg) {
    match msg {
        ClientMsg::Search { query_id, text, .. } => nothing_found(outbox, query_id, text),
        ClientMsg::Rehearse { .. } => {
            let sentence = "there is no rehearsal to play from here".to_owned();
            outbox.answer(Frame::text(&ServerMsg::Malformed { sentence }));
        }
        _ => {}
    }
}

fn nothing_found(outbox: &Outbox, query_id: u32, text: String) {
    let found = Found::default();
    outbox.answer(Frame::text(&ServerMsg::Results { query_id, text, found, took_us: 0 }));
}

fn act_of(command: &court::Command) -> String {
    let json = serde_json::to_value(command).unwrap_or_default();
    json.get("do").and_then(|d| d.as_str()).unwrap_or("unknown").to_owned()
}
