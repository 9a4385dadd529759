//! Newtypes for everything that has a name. Text ids are checked once, where they enter.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a text id was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Ids become file names and URL segments, so the alphabet is narrow.
    #[error(
        "{kind} \"{value}\" must be 1–64 characters of a–z, 0–9, '-' or '_' and start with a letter or digit"
    )]
    Malformed {
        /// Which id was meant.
        kind: &'static str,
        /// What was given, cut to 80 characters.
        value: String,
    },
}

fn well_formed(value: &str) -> bool {
    let tame = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=64).contains(&value.len())
        && value.bytes().all(|b| tame(b) || b == b'-' || b == b'_')
        && value.bytes().next().is_some_and(tame)
}

macro_rules! text_id {
    ($(#[doc = $doc:literal])* $name:ident) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(try_from = "String", into = "String")]
        #[ts(as = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and wraps `value`.
            pub fn new(value: impl Into<String>) -> Result<Self, IdError> {
                let value = value.into();
                if well_formed(&value) {
                    Ok(Self(value))
                } else {
                    Err(IdError::Malformed { kind: stringify!($name), value: value.chars().take(80).collect() })
                }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "description": concat!($($doc),*).trim(),
                    "type": "string",
                    "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$",
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                Self::new(value)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(value: &str) -> Result<Self, IdError> {
                Self::new(value)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text_id!(
    /// A case (案件) on this machine, e.g. `loan-318`. The court's case number (案号) is data of the case.
    CaseId
);
text_id!(
    /// One hearing (一次开庭) of a case.
    HearingId
);
text_id!(
    /// One document of a dossier (卷宗材料).
    DocId
);
text_id!(
    /// A seat in the courtroom: a desk with its screen and, often, its microphone, e.g. `judge`, `plaintiff-agent`.
    SeatId
);
text_id!(
    /// A recorded track: one microphone, one camera or the mix, e.g. `mic-judge`, `cam-1`, `mix`.
    TrackId
);
text_id!(
    /// The client's own id of a command: sent twice, it acts once.
    CmdId
);
number_id!(
    /// A line of the transcript, numbered from 1 in the order in which lines settled.
    LineId
);
number_id!(
    /// A mark on a page, numbered from 1 within the hearing.
    MarkId
);
number_id!(
    /// An evidence item of the 质证表, numbered from 1 within the hearing (not the party's own number).
    EvidenceId
);
number_id!(
    /// A request of a party (to present, to speak, to correct), numbered from 1 within the hearing.
    RequestId
);
number_id!(
    /// An entry of the interruption ledger, numbered from 1 within the hearing.
    GapId
);
number_id!(
    /// An issue in dispute (争议焦点), numbered from 1 within the hearing; its place in the list is another matter.
    IssueId
);

#[cfg(test)]
mod tests {
    use super::*;

    /// [R-VAL-2]
    #[test]
    fn an_id_that_could_leave_its_folder_is_refused() {
        for bad in ["", "..", "../x", "A", "a/b", "a b", "-a", "审判", &"a".repeat(65)] {
            assert!(SeatId::new(bad).is_err(), "{bad}");
        }
        assert!(SeatId::new("plaintiff-agent").is_ok());
    }

    #[test]
    fn a_bad_id_is_refused_while_parsing_not_later() {
        assert!(serde_json::from_str::<DocId>("\"../etc\"").is_err());
        assert_eq!(serde_json::from_str::<LineId>("7").ok(), Some(LineId(7)));
    }
}
