//! Terms of the case (案件热词): what the recogniser is told to expect, and what is offered where it was unsure. The dossier and the roster
//! give them; the clerk adds terms and switches off what misleads.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::State;

/// What the clerk made of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// The clerk's own, the newest first.
    pub own: Vec<String>,
    /// Switched off, wherever they come from.
    pub off: BTreeSet<String>,
}

/// An act on the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "act", deny_unknown_fields)]
pub enum TermAct {
    /// Adds a term of one's own; one that was switched off is on again.
    Add {
        /// The term.
        term: String,
    },
    /// Takes a term of one's own away.
    Remove {
        /// The term.
        term: String,
    },
    /// Switches a term off or on again.
    Switch {
        /// The term.
        term: String,
        /// Whether the recogniser is told of it.
        on: bool,
    },
}

/// Where a term comes from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum TermSource {
    /// The clerk.
    Clerk,
    /// The dossier (卷宗).
    Dossier,
    /// Who sits here.
    Roster,
}

/// A term of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Term {
    /// The term.
    pub term: String,
    /// Where it comes from; what the clerk added too is the clerk's.
    pub from: TermSource,
    /// Whether it is in force.
    pub on: bool,
}

impl Terms {
    pub(crate) fn apply(&mut self, act: &TermAct) {
        match act {
            TermAct::Add { term } => {
                self.off.remove(term);
                self.own.insert(0, term.clone());
            }
            TermAct::Remove { term } => self.own.retain(|t| t != term),
            TermAct::Switch { term, on: true } => drop(self.off.remove(term)),
            TermAct::Switch { term, on: false } => drop(self.off.insert(term.clone())),
        }
    }
}

impl State {
    /// Every term of the case once, best first: the clerk's, those of the dossier as they are given, those who sit here.
    #[must_use]
    pub fn terms_of_case(&self, dossier: &[String]) -> Vec<Term> {
        let own = self.terms.own.iter().map(|t| (t.as_str(), TermSource::Clerk));
        let dossier = dossier.iter().map(|t| (t.as_str(), TermSource::Dossier));
        let roster = self.seats.values().map(|s| (s.name.trim(), TermSource::Roster));
        let mut seen = BTreeSet::new();
        let all = own.chain(dossier).chain(roster).filter(|(t, _)| !t.is_empty() && seen.insert(*t));
        let term = |(term, from): (&str, _)| Term {
            term: term.to_owned(),
            from,
            on: !self.terms.off.contains(term),
        };
        all.map(term).collect()
    }
}
