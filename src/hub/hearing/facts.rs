//! Facts from the recorder, the recogniser and the talk key.

use std::sync::Arc;
use std::time::Duration;

use court::{Piece, Process, Recognised, Report};
use model::{GapCause, HearingTime, SeatId, ViewClass};
use protocol::link::recogniser::{FromRecogniser, ToRecogniser};
use protocol::link::recorder::{FromRecorder, ToRecorder};
use protocol::view;
use protocol::wire::{CommandOutcome, Fault, ServerMsg};
use tokio::time::Instant;

use super::{Heard, Hearing, Msg};
use crate::link::LinkEvent;
use crate::recording::Seen;
use crate::voice;

/// A key may be told of so late; the recogniser still has the sound.
const KEY_LATE_MS: u64 = 2_000;
/// A recogniser that was silent for so long is late by as much.
const RECOGNISER_SILENT: Duration = Duration::from_secs(3);
/// One that was silent for so long hangs.
const RECOGNISER_HANGS: Duration = Duration::from_secs(10);

impl Hearing {
    pub(super) fn recorder_link(&mut self, event: LinkEvent<FromRecorder>) {
        match event {
            LinkEvent::Up => {
                let journalled = self.commit.ahead.tracks.iter().map(|(t, f)| (t.clone(), f.seq)).collect();
                self.seen = Seen::default();
                if let Some(link) = &self.recorder {
                    link.send(ToRecorder::HubHello { hearing: self.hearing.clone(), journalled });
                    link.send(ToRecorder::Ask);
                }
                self.report(Process::Recorder, Report::ProcessBack { process: Process::Recorder });
            }
            LinkEvent::Down(cause) => {
                self.seen = Seen::default();
                self.playing.lose();
                self.status.recording = false;
                if !self.secret() {
                    tracing::warn!(%cause, "the recorder is lost");
                }
                let sentence = "录音录像进程失去联系，正在自动恢复；恢复后缺口自动记入中断记录".to_owned();
                self.report(Process::Recorder, failed(Process::Recorder, sentence));
            }
            LinkEvent::Message(message) => self.recorder_says(message),
        }
    }

    fn recorder_says(&mut self, message: FromRecorder) {
        match message {
            FromRecorder::State {
                hearing,
                recording,
                sound_ok,
                microphones,
                picture_ok,
                disk_minutes_left,
                fault,
                rehearsal_ms,
            } => {
                let open = hearing.as_ref() == Some(&self.hearing);
                self.seen = Seen { open, recording: recording && open };
                self.status.recording = self.seen.recording;
                self.status.sound_ok = sound_ok && open;
                self.status.picture_ok = picture_ok && open;
                let microphones = if open { microphones } else { Vec::new() };
                self.status_due |= self.status.microphones != microphones;
                self.status.microphones = microphones;
                self.status.disk_minutes_left = disk_minutes_left;
                let now = self.clock.now();
                self.playing.hear(rehearsal_ms, now);
                self.status.rehearsal_ms = self.playing.position_ms(now);
                let report = match fault {
                    Some(sentence) => failed(Process::Recorder, sentence),
                    None => Report::ProcessBack { process: Process::Recorder },
                };
                self.report(Process::Recorder, report);
                self.drive_recorder();
            }
            FromRecorder::Fragment(fragment) => self.report(Process::Recorder, Report::Fragment(fragment)),
            // Ordered pauses stand in the ledger already, with their ground.
            FromRecorder::Gap { cause: GapCause::Paused, .. } => {}
            FromRecorder::Gap { track, from, to, cause } => {
                self.report(Process::Recorder, Report::Gap { track, cause, from, to });
            }
            FromRecorder::Levels { levels } => {
                let works = |c| matches!(c, ViewClass::Bench | ViewClass::Clerk);
                self.fanout.ephemeral(&ServerMsg::Levels { levels }, works, None);
            }
            FromRecorder::Sealed { hearing } => {
                if hearing == self.hearing {
                    self.report(Process::Recorder, Report::MediaSealed);
                }
            }
            FromRecorder::Refused { sentence } => {
                self.report(Process::Recorder, failed(Process::Recorder, sentence));
            }
            // Sound goes to the recogniser, never here.
            FromRecorder::Audio { .. }
            | FromRecorder::RingStart { .. }
            | FromRecorder::Recorded { .. }
            | FromRecorder::RecordedEnd { .. } => {}
        }
    }

    pub(super) fn recogniser_link(&mut self, event: LinkEvent<FromRecogniser>) {
        match event {
            LinkEvent::Up => {
                self.recogniser_heard = Some((Instant::now(), false));
                let settled_until = self.settled_until();
                if let Some(link) = &self.recogniser {
                    // Before the hello, upon which sound is asked for: a command that was being spoken stays one.
                    self.voice.keys().for_each(|key| {
                        link.send(key);
                    });
                    link.send(ToRecogniser::HubHello { hearing: self.hearing.clone(), settled_until });
                    let lines = self.commit.settled.lines.values().filter(|l| l.recognised.is_none());
                    for (line, utterance) in lines.filter_map(|l| Some((l, l.taken_over?))) {
                        link.send(ToRecogniser::TakenOver { seat: line.seat.clone(), utterance });
                    }
                }
                self.tell_terms();
                self.report(Process::Recogniser, Report::ProcessBack { process: Process::Recogniser });
            }
            LinkEvent::Down(cause) => {
                self.status.speech_lag_ms = None;
                self.recogniser_heard = None;
                // Its successor names what was being said by itself.
                for (seat, utterance) in std::mem::take(&mut self.partials) {
                    self.partial_gone(seat, utterance);
                }
                if !self.secret() {
                    tracing::warn!(%cause, "the recogniser is lost");
                }
                let sentence = "语音识别进程失去联系，正在自动恢复；录音不受影响，恢复后补齐笔录".to_owned();
                self.report(Process::Recogniser, failed(Process::Recogniser, sentence));
            }
            LinkEvent::Message(message) => {
                if let Some(heard) = &mut self.recogniser_heard {
                    *heard = (Instant::now(), false);
                }
                self.recogniser_says(message);
            }
        }
    }

    /// A recogniser tells of itself every second: one that is silent hangs, and what is said meanwhile is late by as much.
    pub(super) fn miss_recogniser(&mut self) {
        let Some((heard, told)) = &mut self.recogniser_heard else { return };
        let silent = heard.elapsed();
        if silent < RECOGNISER_SILENT {
            return;
        }
        let silent_ms = u64::try_from(silent.as_millis()).unwrap_or(u64::MAX);
        self.status.speech_lag_ms = self.status.speech_lag_ms.map(|lag| lag.max(silent_ms));
        if silent >= RECOGNISER_HANGS && !std::mem::replace(told, true) {
            let sentence =
                "没有响应，笔录暂停更新；录音不受影响，恢复后补齐。一分钟内未恢复的，请技术人员重启识别进程";
            self.report(Process::Recogniser, failed(Process::Recogniser, sentence.to_owned()));
        }
    }

    /// Per microphone, until when speech has settled: the recogniser repeats nothing before it.
    fn settled_until(&self) -> Vec<(SeatId, HearingTime)> {
        let mut until = std::collections::BTreeMap::<SeatId, HearingTime>::new();
        let recognised = self.commit.ahead.lines.values().filter_map(|l| l.recognised.as_ref());
        for r in recognised {
            let t = until.entry(r.seat.clone()).or_default();
            *t = (*t).max(r.to);
        }
        if let Some((seat, to)) = self.voice.command_until() {
            let t = until.entry(seat.clone()).or_default();
            *t = (*t).max(to);
        }
        until.into_iter().collect()
    }

    fn recogniser_says(&mut self, message: FromRecogniser) {
        match message {
            FromRecogniser::State { model, lag_ms, fault } => {
                self.status.speech_lag_ms = model.is_some().then_some(lag_ms);
                self.status.model = model;
                let report = match fault {
                    Some(sentence) => failed(Process::Recogniser, sentence),
                    None => Report::ProcessBack { process: Process::Recogniser },
                };
                self.report(Process::Recogniser, report);
            }
            // The microphones of the room may be more than those of a meeting's members.
            FromRecogniser::Partial { seat, .. } | FromRecogniser::Final { seat, .. }
                if self.secret() && !self.commit.ahead.seats.contains_key(&seat) => {}
            FromRecogniser::Partial { seat, utterance, from, text } => {
                let taken = self.commit.settled.line_of_utterance(&seat, utterance, from).is_some();
                if !taken {
                    self.partials.insert((seat.clone(), utterance));
                    let partial = ServerMsg::Partial { seat, utterance, from, text };
                    self.fanout.ephemeral(&partial, view::sees_record, None);
                }
            }
            FromRecogniser::Dropped { seat, utterance } => self.partial_gone(seat, utterance),
            FromRecogniser::Final { seat, utterance, from, to, text, command: true, .. } => {
                self.partial_gone(seat.clone(), utterance);
                self.voice.heard(&seat, to);
                self.understand(Heard { seat, from, to, text });
            }
            FromRecogniser::Final {
                seat, utterance, from, to, text, raw, pieces, repairs, voice, ..
            } => {
                if text.is_empty() {
                    self.partial_gone(seat, utterance);
                    return;
                }
                let pieces = pieces
                    .into_iter()
                    .map(|p| Piece {
                        text: p.text,
                        confidence: (p.confidence.clamp(0.0, 1.0) * 1000.0).round() as u16,
                    })
                    .collect();
                self.voices.heard(&seat, from, voice);
                let recognised = Recognised { utterance, seat, from, to, text, raw, pieces, repairs };
                self.report(Process::Recogniser, Report::Recognised(recognised));
            }
        }
    }

    pub(super) fn partial_gone(&mut self, seat: SeatId, utterance: u64) {
        self.partials.remove(&(seat.clone(), utterance));
        let gone = ServerMsg::PartialGone { seat, utterance };
        self.fanout.ephemeral(&gone, view::sees_record, None);
    }

    /// Only the bench's key makes a command of speech.
    /// `at`: when it moved, by the clock of whoever saw it; without it, now.
    pub(super) fn talk_key(&mut self, seat: SeatId, down: bool, at: Option<HearingTime>) {
        let now = self.clock.now();
        let at = at.unwrap_or(now).clamp(HearingTime(now.0.saturating_sub(KEY_LATE_MS)), now);
        self.voice.key(&seat, down, at);
        if let Some(link) = &self.recogniser {
            link.send(ToRecogniser::PushToTalk { seat, down, at });
        }
    }

    fn understand(&self, heard: Heard) {
        let (pages, case, handle) = (Arc::clone(&self.pages), self.case.clone(), self.handle.clone());
        let bearings = voice::bearings(&self.commit.settled, self.voice.looks_at(&heard.seat));
        tokio::spawn(async move {
            let text = heard.text.clone();
            let understood =
                tokio::task::spawn_blocking(move || pages.understand(&case, &bearings, &text)).await;
            let outcome = understood.unwrap_or(CommandOutcome::NotUnderstood);
            // A hearing that has ended needs no answer.
            let _ = handle.send(Msg::Understood { heard, outcome }).await;
        });
    }

    pub(super) fn understood(&mut self, heard: Heard, outcome: CommandOutcome) {
        let told = ServerMsg::Heard { text: heard.text.clone(), outcome: outcome.clone() };
        self.fanout.ephemeral(&told, |c| c == ViewClass::Bench, None);
        let report = Report::CommandHeard {
            seat: heard.seat,
            from: heard.from,
            to: heard.to,
            text: heard.text,
            understood: voice::describe(&outcome),
            page: voice::page_of(&outcome),
        };
        self.report(Process::Recogniser, report);
    }

    pub(super) fn faults(&mut self) -> Vec<Fault> {
        self.denials.clear();
        let faults = &self.commit.settled.faults;
        let restored = self.journal.is_restored().then(|| Fault {
            process: Process::Hub,
            sentence: "本次庭审由备份恢复，只能查看和打印；继续审理请由管理页面开下一次庭。".to_owned(),
        });
        // What failed when the backup was made is no matter now.
        let failing = faults.iter().filter(|_| restored.is_none());
        let failing = failing.map(|(p, s)| Fault { process: *p, sentence: s.clone() });
        failing.chain(restored.clone()).collect()
    }
}

fn failed(process: Process, sentence: String) -> Report {
    Report::ProcessFailed { process, sentence }
}
