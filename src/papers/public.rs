//! The public copy of the record (公开副本): what was said, shown and noted behind the curtain (不公开) is left out.

use court::How;
use model::HearingTime;

use crate::Record;

impl Record {
    /// The record as it may be given to anybody. That a part was not public, since when and until when, stays in it.
    #[must_use]
    pub fn in_public(&self) -> Self {
        let mut public = self.clone();
        let behind = |from: HearingTime, to: HearingTime| self.curtains.iter().any(|c| c.touches(from, to));
        public.lines.retain(|l| !l.closed);
        public.people.retain(|p| !p.closed);
        public.clerks.retain(|p| !p.closed);
        public.bench.retain(|p| !p.closed);
        public.marks.retain(|m| !m.closed);
        public.evidence.retain(|e| !e.closed);
        for item in &mut public.evidence {
            item.opinions.retain(|o| !o.closed);
        }
        let closed = |line| self.lines.iter().any(|l| l.line == line && l.closed);
        public.corrections.retain(|c| !closed(c.line) && !behind(c.at, c.at));
        for row in &mut public.corrections {
            row.why.clear();
        }
        let named: Vec<_> = public.bench.iter().chain(&public.clerks).chain(&public.people).collect();
        public.signatures.retain(|s| named.iter().any(|p| p.seat == s.seat));
        for signed in &mut public.signatures {
            // That somebody signed is told; how their hand looks is not.
            if matches!(signed.how, How::Ink { .. } | How::Paper { .. }) {
                signed.how = How::Confirmed;
            }
            if let How::Refused { reason, .. } = &mut signed.how
                && !self.curtains.is_empty()
            {
                reason.clear();
            }
        }
        for gap in &mut public.interruptions {
            if behind(gap.from, gap.to.unwrap_or(gap.from)) {
                gap.note.clear();
                gap.statement = None;
            }
        }
        public
    }
}
