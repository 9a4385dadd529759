//! Which papers there are, and their names in addresses and on the command line.

use std::fmt;
use std::str::FromStr;

use model::{GapId, shown};

/// A kind of paper; each has its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 法庭笔录.
    Record,
    /// 庭前会议笔录.
    Pretrial,
    /// 合议庭评议笔录.
    Deliberation,
    /// 宣判笔录.
    Judgment,
    /// 调解笔录.
    Mediation,
    /// 质证表.
    Examination,
    /// 补正申请登记表.
    Corrections,
    /// 录音录像中断记录.
    Interruptions,
    /// 情况说明 on one fault of the recording.
    Fault,
    /// 送达回证.
    Service,
}

impl Kind {
    /// All, in the order in which a desk offers them.
    pub const ALL: [Self; 10] = [
        Self::Record,
        Self::Pretrial,
        Self::Deliberation,
        Self::Judgment,
        Self::Mediation,
        Self::Examination,
        Self::Corrections,
        Self::Interruptions,
        Self::Fault,
        Self::Service,
    ];

    /// In addresses, and the stem of the template's file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Pretrial => "pretrial",
            Self::Deliberation => "deliberation",
            Self::Judgment => "judgment",
            Self::Mediation => "mediation",
            Self::Examination => "examination",
            Self::Corrections => "corrections",
            Self::Interruptions => "interruptions",
            Self::Fault => "fault",
            Self::Service => "service",
        }
    }

    /// The template's file name.
    #[must_use]
    pub fn file(self) -> String {
        format!("{}.txt", self.name())
    }

    /// The shipped template.
    pub(crate) fn shipped(self) -> &'static str {
        match self {
            Self::Record => include_str!("templates/record.txt"),
            Self::Pretrial => include_str!("templates/pretrial.txt"),
            Self::Deliberation => include_str!("templates/deliberation.txt"),
            Self::Judgment => include_str!("templates/judgment.txt"),
            Self::Mediation => include_str!("templates/mediation.txt"),
            Self::Examination => include_str!("templates/examination.txt"),
            Self::Corrections => include_str!("templates/corrections.txt"),
            Self::Interruptions => include_str!("templates/interruptions.txt"),
            Self::Fault => include_str!("templates/fault.txt"),
            Self::Service => include_str!("templates/service.txt"),
        }
    }

    /// Whether it is about one gap of the recording.
    #[must_use]
    pub fn about_a_gap(self) -> bool {
        self == Self::Fault
    }

    /// Whether it tells what is still growing while the hearing goes on: printed then, it is a draft.
    pub(crate) fn grows(self) -> bool {
        matches!(
            self,
            Self::Record | Self::Pretrial | Self::Examination | Self::Corrections | Self::Interruptions
        )
    }
}

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One page for the screen.
    Html,
    /// To print and to keep.
    Pdf,
    /// To go on writing in.
    Docx,
}

impl FromStr for Format {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        match text {
            "html" => Ok(Self::Html),
            "pdf" => Ok(Self::Pdf),
            "docx" => Ok(Self::Docx),
            other => Err(NameError::Format(shown(other, 40))),
        }
    }
}

/// Why a paper's name is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No such paper.
    #[error("there is no paper \"{0}\"; there are {names}, each with -copy for a party's copy or -public for one that anybody may have", names = paper_names())]
    Paper(String),
    /// No such format.
    #[error("there is no format \"{0}\"; there are html, pdf and docx")]
    Format(String),
}

fn paper_names() -> String {
    let name = |k: Kind| if k.about_a_gap() { format!("{}-GAP", k.name()) } else { k.name().to_owned() };
    Kind::ALL.map(name).join(", ")
}

/// Which paper: `record`, `record-copy`, `record-public`, `fault-3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PaperName {
    /// What kind.
    pub kind: Kind,
    /// The gap a statement is about; with [`Kind::Fault`] and nothing else.
    pub gap: Option<GapId>,
    /// A copy for a party (副本).
    pub copy: bool,
    /// A copy for anybody (公开副本), without what was not public.
    pub public: bool,
}

impl PaperName {
    /// The paper of a kind that is about no gap.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self { kind, gap: None, copy: false, public: false }
    }
}

impl fmt::Display for PaperName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if let Some(gap) = self.gap {
            write!(f, "-{}", gap.0)?;
        }
        f.write_str(if self.copy { "-copy" } else { "" })?;
        f.write_str(if self.public { "-public" } else { "" })
    }
}

impl FromStr for PaperName {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let wrong = || NameError::Paper(shown(text, 40));
        let (stem, public) = text.strip_suffix("-public").map_or((text, false), |name| (name, true));
        let (name, copy) = stem.strip_suffix("-copy").map_or((stem, false), |name| (name, true));
        let (name, gap) = match name.split_once('-') {
            Some((name, gap)) => (name, Some(GapId(gap.parse().map_err(|_| wrong())?))),
            None => (name, None),
        };
        let kind = Kind::ALL.into_iter().find(|k| k.name() == name).ok_or_else(wrong)?;
        if kind.about_a_gap() != gap.is_some() || (public && kind == Kind::Deliberation) {
            return Err(wrong());
        }
        Ok(Self { kind, gap, copy, public })
    }
}
