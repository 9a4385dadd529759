//! What the file of a case must hold, by procedure: a list a court can change.

use model::{nests_too_deep, shown};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const SHIPPED: &str = include_str!("pieces.toml");

/// By when a piece must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum When {
    /// At 立案.
    Intake,
    /// Before the hearing.
    Hearing,
    /// Before 归档.
    End,
}

/// A piece that must be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequiredPiece {
    /// Under which heading.
    pub heading: String,
    /// By when.
    pub when: When,
    /// In the secondary file.
    #[serde(default)]
    pub secondary: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Procedure {
    outlines: Vec<String>,
    pieces: Vec<RequiredPiece>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    procedure: Vec<Procedure>,
}

/// Why a court's list is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pieces.toml: {0}\n请改正这一行；没有改正前使用随机附带的必备材料表。")]
pub struct PieceFault(String);

/// The lists of all procedures.
#[derive(Debug, Clone)]
pub struct RequiredPieces(Vec<Procedure>);

impl RequiredPieces {
    /// The shipped lists, and before them those of the court's own file.
    pub fn with(own: Option<&str>) -> (Self, Option<PieceFault>) {
        let shipped = toml::from_str::<File>(SHIPPED).map(|f| f.procedure).unwrap_or_default();
        if own.is_some_and(nests_too_deep) {
            return (Self(shipped), Some(PieceFault("大括号套得太深".to_owned())));
        }
        match own.map(toml::from_str::<File>) {
            None => (Self(shipped), None),
            Some(Ok(mut own)) => {
                own.procedure.extend(shipped);
                (Self(own.procedure), None)
            }
            Some(Err(error)) => (Self(shipped), Some(PieceFault(shown(&error.to_string(), 800)))),
        }
    }

    /// What a case of this outline must hold; nothing for an outline of which no list speaks.
    #[must_use]
    pub fn of(&self, outline: &str) -> &[RequiredPiece] {
        let found = self.0.iter().find(|p| p.outlines.iter().any(|o| o == outline));
        found.map_or(&[], |p| p.pieces.as_slice())
    }

    /// What is missing by `when`, given the headings that are there, main and secondary.
    #[must_use]
    pub fn missing(&self, outline: &str, when: When, there: &[(String, bool)]) -> Vec<RequiredPiece> {
        let is_there = |p: &RequiredPiece| {
            there.iter().any(|(h, secondary)| {
                *secondary == p.secondary && (h.contains(&p.heading) || p.heading.contains(h.as_str()))
            })
        };
        self.of(outline).iter().filter(|p| p.when <= when && !is_there(p)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_depends_on_procedure_time_and_file() {
        let (all, fault) = RequiredPieces::with(None);
        assert_eq!(fault, None);
        let headings = |p: Vec<RequiredPiece>| p.into_iter().map(|p| p.heading).collect::<Vec<_>>();
        let there = [("起诉状".to_owned(), false), ("评议笔录".to_owned(), false)];
        assert_eq!(
            headings(all.missing("civil-ordinary", When::Intake, &there)),
            ["立案通知", "身份证明/授权委托"]
        );
        let end = headings(all.missing("civil-ordinary", When::End, &there));
        assert!(end.contains(&"评议笔录".to_owned()), "in the main file it does not count");
        assert!(
            !headings(all.missing("civil-small-claims", When::End, &[])).contains(&"评议笔录".to_owned())
        );
        assert!(all.missing("reception", When::End, &[]).is_empty());
    }

    #[test]
    fn a_court_replaces_the_list_of_a_procedure_and_a_wrong_file_is_told() {
        let own = "[[procedure]]\noutlines = [\"civil-ordinary\"]\npieces = [{ heading = \"起诉状\", when = \"intake\" }]\n";
        let (all, fault) = RequiredPieces::with(Some(own));
        assert_eq!((all.of("civil-ordinary").len(), fault), (1, None));
        assert!(all.of("administrative").len() > 5);
        let (all, fault) = RequiredPieces::with(Some("[[procedure]]\noutline = 3\n"));
        assert!(all.of("civil-ordinary").len() > 5);
        assert!(fault.expect("a fault").to_string().contains("line 2"));
    }
}
