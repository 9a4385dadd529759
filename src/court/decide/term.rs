//! The clerk's list of terms.

use text::is_hanzi;

use super::Asker;
use crate::{Denial, Event, TermAct};

/// Most terms of one's own, and most that are switched off.
const TERMS_MAX: usize = 200;
/// A term in characters; the longest are names of companies.
const TERM_CHARS: std::ops::RangeInclusive<usize> = 2..=24;
/// What the dossier and the roster give may be longer.
const GIVEN_CHARS_MAX: usize = 60;

impl Asker<'_> {
    pub(super) fn change_terms(&self, act: &TermAct) -> Result<Vec<Event>, Denial> {
        let terms = &self.state.terms;
        let room = |n: usize| match n < TERMS_MAX {
            true => Ok(()),
            false => Err(Denial::TooManyTerms { max: TERMS_MAX as u32 }),
        };
        let act = match act {
            TermAct::Add { term } => {
                let term = term.trim().to_owned();
                // 阿依古丽·买买提 is one name.
                let letter = |c: char| is_hanzi(c) || c.is_ascii_alphanumeric() || c == '·';
                if !TERM_CHARS.contains(&term.chars().count()) || !term.chars().all(letter) {
                    return Err(Denial::NoTerm);
                }
                if terms.own.contains(&term) {
                    return Err(Denial::TermListed { term });
                }
                room(terms.own.len())?;
                TermAct::Add { term }
            }
            TermAct::Remove { term } if !terms.own.contains(term) => {
                return Err(Denial::UnknownTerm { term: term.clone() });
            }
            TermAct::Switch { term, on } if *on != terms.off.contains(term) => return Ok(Vec::new()),
            TermAct::Switch { term, on: false } => {
                let named = (1..=GIVEN_CHARS_MAX).contains(&term.chars().count());
                if !named || term.chars().any(char::is_control) {
                    return Err(Denial::NoTerm);
                }
                room(terms.off.len())?;
                act.clone()
            }
            TermAct::Remove { .. } | TermAct::Switch { .. } => act.clone(),
        };
        Ok(vec![Event::TermsChanged { act }])
    }
}
