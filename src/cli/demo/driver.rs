//! Plays the acts of the scripted hearing at four desks, each at its time, as people would.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use court::{Aspect, Command, Ground, RequestKind, RequestState, Shape, Stage, Stance, ViewDraft};
use desk::{Desk, Seen};
use model::{HearingTime, PageRef, Rect, Rotation, SeatId, Side};
use protocol::wire::{Catalogue, ClientMsg, CommandOutcome, PageInfo};

use super::report::CommandResult;
use super::script::{Act, Cue, Place, Timeline, Views, What, Word};

/// How long something that must come may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The talk key goes down this long before the words and comes up this long after.
const KEY_LEAD_MS: u64 = 150;
const KEY_TAIL_MS: u64 = 200;

/// The desks of a hearing by seat.
pub type Desks = BTreeMap<SeatId, Arc<Desk>>;

/// The recorder may be lost so long in mid-rehearsal: its voices go on when it is back.
const LOST_MAX: Duration = Duration::from_secs(5);

/// How a rehearsal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Played {
    /// With the script.
    Whole,
    /// Somebody stopped it.
    Stopped,
}

/// A rehearsal being followed.
pub struct Driver {
    desks: Desks,
    timeline: Timeline,
    catalogue: Catalogue,
    /// When the sound began, on this process's clock and on the hearing clock.
    began: (Instant, HearingTime),
    /// What became of the spoken commands and the search.
    pub commands: Vec<CommandResult>,
    /// What did not go as the script has it.
    pub troubles: Vec<String>,
}

impl Driver {
    /// Waits until the sound of a rehearsal plays, then is ready to follow it.
    pub async fn when_it_plays(desks: Desks, timeline: Timeline) -> anyhow::Result<Self> {
        let judge = desk(&desks, "judge")?;
        let playing = |s: &Seen| s.status.rehearsal_ms.map(|ms| (ms, s.status.now));
        let (position_ms, now) = judge.until(playing).await?;
        let began =
            Instant::now().checked_sub(Duration::from_millis(position_ms)).unwrap_or_else(Instant::now);
        let zero = HearingTime(now.0.saturating_sub(position_ms));
        let catalogue = judge.catalogue().await?;
        Ok(Self {
            desks,
            timeline,
            catalogue,
            began: (began, zero),
            commands: Vec::new(),
            troubles: Vec::new(),
        })
    }

    /// The hearing time at which the sound began.
    pub fn zero(&self) -> HearingTime {
        self.began.1
    }

    /// The script.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Follows the script to its end. People at the desks may act too: what is refused for that is noted, and the script goes on.
    /// When somebody stops the voices, the acts stop too.
    pub async fn play(&mut self) -> Played {
        let cues = self.timeline.cues.clone();
        let silent_ms = cues.iter().filter(|c| !matches!(c.what, What::Act { .. })).map(|c| c.end_ms).max();
        let end = self.began.0 + Duration::from_millis(silent_ms.unwrap_or(0));
        let Ok(judge) = desk(&self.desks, "judge").map(Arc::clone) else { return Played::Stopped };
        let acts = async {
            for cue in cues {
                if let Err(error) = self.cue(&cue).await.with_context(|| format!("cue {}", cue.id)) {
                    self.troubles.push(format!("{error:#}"));
                }
            }
        };
        tokio::select! {
            () = acts => Played::Whole,
            () = stopped(&judge, end) => Played::Stopped,
        }
    }

    fn hearing_now(&self) -> HearingTime {
        self.began.1.plus(u64::try_from(self.began.0.elapsed().as_millis()).unwrap_or(0))
    }

    async fn at(&self, ms: u64) {
        tokio::time::sleep_until((self.began.0 + Duration::from_millis(ms)).into()).await;
    }

    async fn cue(&mut self, cue: &Cue) -> anyhow::Result<()> {
        match &cue.what {
            What::Speech { .. } => Ok(()),
            What::Command { text, expect } => self.spoken(cue, text, expect).await,
            What::Act { act } => {
                self.at(cue.start_ms).await;
                let desk = Arc::clone(desk(&self.desks, cue.seat.as_str())?);
                let done = tokio::time::timeout(PATIENCE, self.act(&desk, act)).await;
                done.with_context(|| format!("{act:?} took longer than {PATIENCE:?}"))?
            }
        }
    }

    async fn spoken(&mut self, cue: &Cue, text: &str, expect: &Place) -> anyhow::Result<()> {
        let desk = Arc::clone(desk(&self.desks, cue.seat.as_str())?);
        let before = desk.seen().heard.len();
        self.at(cue.start_ms.saturating_sub(KEY_LEAD_MS)).await;
        desk.say(ClientMsg::TalkKey { down: true, at: self.hearing_now() }).await?;
        self.at(cue.end_ms + KEY_TAIL_MS).await;
        desk.say(ClientMsg::TalkKey { down: false, at: self.hearing_now() }).await?;
        let released = Instant::now();
        let heard = desk.until(|s| s.heard.get(before).cloned());
        let (heard, outcome) = match tokio::time::timeout(Duration::from_secs(10), heard).await {
            Ok(heard) => heard?,
            Err(_) => (String::new(), CommandOutcome::NotUnderstood),
        };
        let reached = match &outcome {
            CommandOutcome::Page { page, .. } => Some(page.clone()),
            CommandOutcome::Found { hits, .. } => hits.first().map(|h| h.page.clone()),
            CommandOutcome::Desk { act, amount } => self.desk_act(&desk, act, *amount),
            _ => None,
        };
        let wanted = self.place(expect)?;
        self.commands.push(CommandResult {
            spoken: text.to_owned(),
            heard,
            right: reached.as_ref() == Some(&wanted),
            reached,
            latency_ms: u64::try_from(released.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        Ok(())
    }

    /// 下一页 and its like turn the page the desk has open.
    fn desk_act(&self, desk: &Desk, act: &str, amount: i32) -> Option<PageRef> {
        let view = desk.seen().snapshot.as_ref()?.screens.view.clone()?;
        let page = view.draft.page;
        let turned = i64::from(page.page) + i64::from(if act == "previousPage" { -amount } else { amount });
        Some(PageRef { page: u32::try_from(turned).ok()?, ..page })
    }

    fn place(&self, place: &Place) -> anyhow::Result<PageRef> {
        let found = self
            .catalogue
            .docs
            .iter()
            .find(|d| d.side == place.party && d.evidence_number == Some(place.evidence));
        let doc = found.with_context(|| format!("the dossier has no {place:?}"))?;
        Ok(PageRef { doc: doc.doc.clone(), page: place.page.unwrap_or(1) })
    }

    async fn act(&mut self, desk: &Desk, act: &Act) -> anyhow::Result<()> {
        match act {
            // Somebody may have done this by hand before the rehearsal.
            Act::Open if stage(desk) == Some(Stage::InSession) => Ok(()),
            Act::Open => desk.must(Command::OpenSession).await,
            Act::Phase { phase } => desk.must(Command::EnterPhase { phase: phase.clone() }).await,
            Act::PresentRequest => {
                desk.must(Command::Ask { want: RequestKind::Present { page: None } }).await
            }
            Act::Grant { party } => {
                let open = |s: &Seen| {
                    let requests = &s.snapshot.as_ref()?.requests;
                    requests.iter().find(|r| r.by == *party && r.state == RequestState::Open).map(|r| r.id)
                };
                let request = desk.until(open).await?;
                desk.must(Command::Answer { request, granted: true, reason: String::new() }).await
            }
            Act::TakeBack { party } => {
                let presents = |s: &Seen| {
                    let presenter = s.snapshot.as_ref()?.screens.presenter.as_ref()?;
                    (presenter == party).then_some(())
                };
                desk.until(presents).await?;
                desk.must(Command::SetPresenter { presenter: None }).await
            }
            Act::Show { page } => self.show(desk, &self.place(page)?, Vec::new()).await,
            Act::Mark { page, phrase } => self.mark(desk, &self.place(page)?, phrase).await,
            Act::Search { query, expect } => self.search(desk, query, expect).await,
            Act::Examine { party, evidence, by, views, note } => {
                examine(desk, *party, *evidence, *by, views, note).await
            }
            Act::Correct { line, text } => self.correct(desk, line, text).await,
            Act::Recess => {
                desk.must(Command::CallRecess { ground: Ground::Recess, note: String::new() }).await
            }
            Act::Resume => desk.must(Command::Resume).await,
            Act::Close => {
                desk.must(Command::CloseSession).await?;
                desk.until(|s| (s.snapshot.as_ref()?.course.stage == Stage::Closed).then_some(())).await
            }
        }
    }

    async fn show(&self, desk: &Desk, page: &PageRef, highlights: Vec<Rect>) -> anyhow::Result<()> {
        let info = desk.page(page).await?;
        let view = ViewDraft {
            page: page.clone(),
            page_hash: info.image_hash,
            rotation: Rotation::None,
            viewport: None,
            highlights,
            beside: None,
        };
        desk.must(Command::Show { view }).await
    }

    async fn mark(&self, desk: &Desk, page: &PageRef, phrase: &str) -> anyhow::Result<()> {
        let mut page = page.clone();
        let mut rects = rects_of(&desk.page(&page).await?, phrase);
        if rects.is_empty() {
            // The clause may stand on another page of the same document.
            let hits = desk.search(9000, phrase).await?;
            let hit = hits.into_iter().find(|h| h.page.doc == page.doc);
            let hit = hit.with_context(|| format!("\"{phrase}\" stands nowhere in {}", page.doc))?;
            self.show(desk, &hit.page, Vec::new()).await?;
            (page, rects) = (hit.page, hit.rects);
        }
        let shape = Shape::Highlight { rects, quote: phrase.to_owned() };
        desk.must(Command::MakeMark { page, shape }).await
    }

    async fn search(&mut self, desk: &Desk, query: &str, expect: &Place) -> anyhow::Result<()> {
        let asked = Instant::now();
        let hits = desk.search(1, query).await?;
        let latency_ms = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
        let doc = self.place(expect)?.doc;
        let found = hits.iter().find(|h| h.page.doc == doc && !h.rects.is_empty());
        self.commands.push(CommandResult {
            spoken: format!("[typed] {query}"),
            heard: query.to_owned(),
            right: found.is_some(),
            reached: found.map(|h| h.page.clone()),
            latency_ms,
        });
        match found {
            Some(hit) => self.show(desk, &hit.page, hit.rects.clone()).await,
            None => Ok(()),
        }
    }

    async fn correct(&self, desk: &Desk, cue: &str, text: &str) -> anyhow::Result<()> {
        let said = self.timeline.cues.iter().find(|c| c.id == cue);
        let said = said.with_context(|| format!("the script has no cue {cue}"))?;
        let (from, to) = (self.began.1.plus(said.start_ms), self.began.1.plus(said.end_ms));
        // The line of the cue settles about a second after it was said.
        let settled = |s: &Seen| {
            let lines = &s.snapshot.as_ref()?.lines;
            let of_cue = lines.iter().filter(|l| l.seat == said.seat && l.from < to && l.to > from);
            of_cue.max_by_key(|l| l.to.min(to).since(l.from.max(from))).cloned()
        };
        let line = match tokio::time::timeout(Duration::from_secs(15), desk.until(settled)).await {
            Ok(line) => line?,
            Err(_) => bail!("no line settled for {cue}"),
        };
        let (id, text) = (line.id, text.to_owned());
        desk.must(Command::CorrectLine { line: id, base: line.revision, text }).await
    }
}

async fn examine(
    desk: &Desk,
    party: Side,
    evidence: u32,
    by: Side,
    views: &Views,
    note: &str,
) -> anyhow::Result<()> {
    let listed = |s: &Seen| {
        let items = &s.snapshot.as_ref()?.evidence;
        items.iter().find(|e| e.draft.side == party && e.draft.number == evidence).map(|e| e.id)
    };
    let id = desk.until(listed).await?;
    for (aspect, word) in [
        (Aspect::Authenticity, views.authenticity),
        (Aspect::Legality, views.legality),
        (Aspect::Relevance, views.relevance),
        (Aspect::Purpose, views.purpose),
    ] {
        let stance = match word {
            Word::Accepted => Stance::Undisputed,
            Word::Disputed => Stance::Disputed,
        };
        let reason = if stance == Stance::Disputed { note.to_owned() } else { String::new() };
        desk.must(Command::NoteOpinion { evidence: id, side: by, aspect, stance, reason, line: None })
            .await?;
    }
    Ok(())
}

/// Rectangles of the first place of `phrase` on a page; blanks between characters do not count.
fn rects_of(page: &PageInfo, phrase: &str) -> Vec<Rect> {
    let wanted: Vec<char> = phrase.chars().filter(|c| !c.is_whitespace()).collect();
    for line in &page.lines {
        let chars: Vec<(char, Rect)> =
            line.text.chars().zip(line.boxes.iter().copied()).filter(|(c, _)| !c.is_whitespace()).collect();
        let at = chars.windows(wanted.len().max(1)).find(|w| w.iter().map(|(c, _)| c).eq(wanted.iter()));
        if let Some(place) = at {
            return place.iter().map(|(_, r)| *r).reduce(Rect::union).into_iter().collect();
        }
    }
    Vec::new()
}

/// Waits until the voices are silent before their end, and stay so.
async fn stopped(judge: &Desk, end: Instant) {
    loop {
        if judge.until(|s| s.status.rehearsal_ms.is_none().then_some(())).await.is_err() {
            // The desk has lost its hearing: whoever acts at it finds out.
            return std::future::pending().await;
        }
        let back = judge.until(|s| s.status.rehearsal_ms.map(drop));
        let silent = tokio::time::timeout(LOST_MAX, back).await.is_err();
        if silent && Instant::now() < end {
            return;
        }
        if silent {
            return std::future::pending().await;
        }
    }
}

fn stage(desk: &Desk) -> Option<Stage> {
    desk.seen().snapshot.as_ref().map(|s| s.course.stage)
}

/// The desk of a seat.
pub fn desk<'a>(desks: &'a Desks, seat: &str) -> anyhow::Result<&'a Arc<Desk>> {
    desks.iter().find(|(s, _)| s.as_str() == seat).map(|(_, d)| d).with_context(|| format!("no desk {seat}"))
}
