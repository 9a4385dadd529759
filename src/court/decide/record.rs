//! The layered record.

use model::{HearingTime, LineId, Role, SeatId, Side};

use super::{Asker, tame_text};
use crate::{Accepted, Command, Denial, Event, Line, RecordMode, RevisionBasis, Stage, StatuteCitation};

/// Longest name of a law, in characters.
const CITED_NAME_MAX: usize = 200;
/// Longest key of a law or an article.
const CITED_KEY_MAX: usize = 64;

impl Asker<'_> {
    pub(super) fn record(&self, command: &Command) -> Result<Vec<Event>, Denial> {
        match command {
            Command::CorrectLine { line, base, text } => {
                let found = self.line(*line)?;
                self.fresh(found, *base)?;
                let text = tame_text("the line", text, true)?;
                if text == found.text() {
                    return Ok(Vec::new());
                }
                Ok(vec![self.revised(found, text, found.speaker().clone())])
            }
            Command::ReattributeLine { line, base, seat, open } => {
                self.reattribute(*line, *base, seat, *open)
            }
            Command::SplitLine { line, base, at } => self.split(*line, *base, *at),
            Command::JoinLines { line, base, with, with_base } => {
                self.join((*line, *base), (*with, *with_base))
            }
            Command::AcceptText { line, base, from, to, back } => {
                self.accept(*line, *base, (*from, *to), *back)
            }
            Command::DropSuggestion { line } => match self.line(*line)?.suggestion {
                Some(_) => Ok(vec![Event::SuggestionDropped { line: *line }]),
                None => Ok(Vec::new()),
            },
            Command::InsertLine { seat, from, text } => {
                // In a meeting every member may type an opinion of their own; in a hearing the presiding judge has noted (记明).
                let own =
                    seat == self.seat && (self.state.meeting.is_some() || self.role == Role::PresidingJudge);
                if !own {
                    self.only(&[Role::Clerk])?;
                }
                self.speaker(seat)?;
                let text = tame_text("the line", text, false)?;
                Ok(vec![self.inserted(seat, *from, text, None)])
            }
            Command::CiteStatute { seat, statute } => self.cite(seat, statute),
            Command::TakeOver { seat, utterance, from, text } => {
                self.take_over(seat, *utterance, *from, text)
            }
            Command::KeepRecord { mode } => self.keep_record(*mode),
            Command::WordPoint { line, base, text } => self.word_point(*line, *base, text),
            _ => Ok(Vec::new()),
        }
    }

    pub(super) fn line(&self, id: LineId) -> Result<&Line, Denial> {
        self.state.lines.get(&id).ok_or(Denial::UnknownLine { line: id })
    }

    /// Refuses an edit based on an older revision, with both versions.
    pub(super) fn fresh(&self, line: &Line, base: u32) -> Result<(), Denial> {
        if line.revision() == base {
            Ok(())
        } else {
            Err(Denial::Stale { line: line.id, revision: line.revision(), text: line.text().to_owned() })
        }
    }

    fn split(&self, line: LineId, base: u32, at: u32) -> Result<Vec<Event>, Denial> {
        let found = self.line(line)?;
        self.fresh(found, base)?;
        self.own_words(found)?;
        let chars: Vec<char> = found.text().chars().collect();
        let (head, tail) = chars.split_at_checked(at as usize).unwrap_or((&chars, &[]));
        let half = |chars: &[char]| tame_text("half of the line", &chars.iter().collect::<String>(), false);
        let (head, tail) = (half(head)?, half(tail)?);
        // Where in the sound nobody has said: as far into it as into the text.
        let said_ms = found.to.0.saturating_sub(found.from.0);
        let from = found.from.plus(said_ms * u64::from(at) / chars.len() as u64);
        Ok(vec![Event::LineSplit { line, at, into: next_line(self.state), from, head, tail }])
    }

    fn join(
        &self,
        (line, base): (LineId, u32),
        (with, with_base): (LineId, u32),
    ) -> Result<Vec<Event>, Denial> {
        let (found, other) = (self.line(line)?, self.line(with)?);
        self.fresh(found, base)?;
        self.fresh(other, with_base)?;
        self.own_words(found)?;
        self.own_words(other)?;
        let malformed = |what: &str| Err(Denial::Malformed { what: what.to_owned() });
        if (found.from, line) >= (other.from, with) {
            return malformed("a line is joined to one that was said before it");
        }
        if self.state.is_behind_curtain(found) != self.state.is_behind_curtain(other) {
            return malformed("what was said behind the curtain is not joined to what everybody heard");
        }
        if found.text().is_empty() || other.text().is_empty() {
            return Err(Denial::EmptyText { what: "a line to be joined".to_owned() });
        }
        let text = tame_text("the line", &format!("{}{}", found.text(), other.text()), false)?;
        Ok(vec![Event::LinesJoined { line, with, text }])
    }

    fn reattribute(&self, line: LineId, base: u32, seat: &SeatId, open: bool) -> Result<Vec<Event>, Denial> {
        let found = self.line(line)?;
        self.fresh(found, base)?;
        self.speaker(seat)?;
        let told = seat != found.speaker() || (found.whose.is_some() && !open);
        let given = told.then(|| self.revised(found, found.text().to_owned(), seat.clone()));
        let opened = (open && (told || found.whose.is_none())).then_some(Event::SpeakerOpened { line });
        Ok(given.into_iter().chain(opened).collect())
    }

    fn accept(
        &self,
        line: LineId,
        base: u32,
        (from, to): (u32, u32),
        back: bool,
    ) -> Result<Vec<Event>, Denial> {
        let found = self.line(line)?;
        self.fresh(found, base)?;
        if from >= to || to as usize > found.text().chars().count() {
            return Err(Denial::Malformed { what: format!("line {line} has no characters {from} to {to}") });
        }
        if back {
            let stands = |a: &Accepted| (a.revision, a.from, a.to) == (base, from, to);
            let stands = found.accepted.iter().any(stands);
            return Ok(stands.then_some(Event::AcceptanceWithdrawn { line, from, to }).into_iter().collect());
        }
        let known = |a: &Accepted| a.revision == base && a.from <= from && to <= a.to;
        if found.accepted.iter().any(known) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::TextAccepted { line, from, to }])
    }

    /// A citation reads as the law has it, and the lines of the curtain as they were: neither is taken apart.
    fn own_words(&self, line: &Line) -> Result<(), Denial> {
        let tells = |c: &crate::Curtain| c.line == line.id || c.lifted_line == Some(line.id);
        match line.cites.is_some() || self.state.curtains.iter().any(tells) {
            true => Err(Denial::Malformed {
                what: "a line that cites a law or tells of the curtain stays whole".to_owned(),
            }),
            false => Ok(()),
        }
    }

    fn keep_record(&self, mode: RecordMode) -> Result<Vec<Event>, Denial> {
        self.stage_in(&[Stage::Preparing, Stage::InSession, Stage::Recess])?;
        if mode == self.state.record_mode {
            return Ok(Vec::new());
        }
        if mode == RecordMode::Recording {
            let sides = self.state.sides_without_consent();
            if !sides.is_empty() {
                return Err(Denial::ConsentMissing { sides });
            }
        }
        Ok(vec![Event::RecordKept { mode }])
    }

    fn word_point(&self, line: LineId, base: u32, text: &str) -> Result<Vec<Event>, Denial> {
        let found = self.line(line)?;
        fresh_wording(found, base)?;
        let text = tame_text("the point", text, true)?;
        if text == found.point() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::PointWorded { line, text, basis: RevisionBasis::Clerk }])
    }

    /// As [`Self::fresh`], of the layer that is the record: the point of a line where it is kept by points.
    pub(super) fn fresh_in_record(&self, line: &Line, base: u32) -> Result<(), Denial> {
        match self.state.record_mode {
            RecordMode::Points => fresh_wording(line, base),
            RecordMode::Verbatim | RecordMode::Recording => self.fresh(line, base),
        }
    }

    /// A line that reads `text` in the record on the word of a granted 补正申请.
    pub(super) fn corrected(&self, line: &Line, text: String, basis: RevisionBasis) -> Event {
        match self.state.record_mode {
            RecordMode::Points => Event::PointWorded { line: line.id, text, basis },
            RecordMode::Verbatim | RecordMode::Recording => {
                Event::LineRevised { line: line.id, text, seat: line.speaker().clone(), basis }
            }
        }
    }

    fn speaker(&self, seat: &SeatId) -> Result<(), Denial> {
        match self.state.seats.contains_key(seat) {
            true => Ok(()),
            false => Err(Denial::UnknownSeat { seat: seat.clone() }),
        }
    }

    fn revised(&self, line: &Line, text: String, seat: SeatId) -> Event {
        Event::LineRevised { line: line.id, text, seat, basis: RevisionBasis::Clerk }
    }

    fn inserted(&self, seat: &SeatId, from: HearingTime, text: String, taken_over: Option<u64>) -> Event {
        let line = next_line(self.state);
        Event::LineInserted { line, seat: seat.clone(), from: from.min(self.now), text, taken_over }
    }

    fn take_over(
        &self,
        seat: &SeatId,
        utterance: u64,
        from: HearingTime,
        text: &str,
    ) -> Result<Vec<Event>, Denial> {
        self.speaker(seat)?;
        let text = tame_text("the line", text, false)?;
        if from > self.now {
            return Err(Denial::Malformed { what: "an utterance cannot begin in the future".to_owned() });
        }
        if let Some(line) = self.state.line_of_utterance(seat, utterance, from) {
            return Err(Denial::AlreadySettled { line });
        }
        Ok(vec![self.inserted(seat, from, text, Some(utterance))])
    }

    fn cite(&self, seat: &SeatId, statute: &StatuteCitation) -> Result<Vec<Event>, Denial> {
        // The bench cites in its own name; the clerk notes who did.
        let own = self.side() == Side::Bench && seat == self.seat;
        if !own {
            self.only(&[Role::Clerk])?;
        }
        self.speaker(seat)?;
        let malformed = |what: &str| Err(Denial::Malformed { what: what.to_owned() });
        let key = |text: &str| (1..=CITED_KEY_MAX).contains(&text.len()) && text.bytes().all(is_key);
        if !key(&statute.law) || !key(&statute.number) {
            return malformed(
                "the law and the article are given by their keys; open the article and cite it from there",
            );
        }
        if statute.digest.len() != 64
            || !statute.digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        {
            return malformed("the digest of an article is 64 hexadecimal digits");
        }
        let named = [("the law's name", &statute.name), ("the article", &statute.label)];
        for (what, text) in named {
            let tame = tame_text(what, text, false)?;
            if &tame != text || text.contains('\n') || text.chars().count() > CITED_NAME_MAX {
                return malformed(&format!("{what} is one line of at most {CITED_NAME_MAX} characters"));
            }
        }
        let (line, text) = (next_line(self.state), statute.to_string());
        Ok(vec![Event::StatuteCited {
            line,
            seat: seat.clone(),
            from: self.now,
            text,
            statute: statute.clone(),
        }])
    }
}

fn fresh_wording(line: &Line, base: u32) -> Result<(), Denial> {
    if line.wording() == base {
        Ok(())
    } else {
        Err(Denial::Stale { line: line.id, revision: line.wording(), text: line.point().to_owned() })
    }
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

pub(super) fn next_line(state: &crate::State) -> LineId {
    LineId(state.lines.keys().next_back().map_or(0, |l| l.0) + 1)
}

impl crate::State {
    /// The line an utterance belongs to: settled from it, or taken over from it.
    #[must_use]
    pub fn line_of_utterance(&self, seat: &SeatId, utterance: u64, from: HearingTime) -> Option<LineId> {
        let newest_first = self.lines.values().rev();
        let mut matching = newest_first.filter(|l| match &l.recognised {
            Some(r) => r.seat == *seat && r.utterance == utterance && r.from == from,
            None => l.seat == *seat && l.taken_over == Some(utterance) && l.from == from,
        });
        matching.next().map(|l| l.id)
    }
}
