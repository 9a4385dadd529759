//! From the record and a template to a paper.

use model::{GapId, UtcMs};

use crate::kind::{Kind, PaperName};
use crate::legible::clean;
use crate::paper::{Margins, Paper};
use crate::template::{Template, Templates, fill, fill_text};
use crate::time::minute;
use crate::values::{about_gap, everywhere};
use crate::{Record, Seal};

/// Why there is no such paper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// No fault of the recording has this number.
    #[error("there is no fault {0} of the recording; see the interruption ledger for its number")]
    NoSuchFault(GapId),
    /// The house is broken.
    #[error("the shipped template of \"{0}\" cannot be read; please report this to the makers")]
    NoTemplate(&'static str),
}

/// How a paper is printed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Printing<'a> {
    /// The journal's root for the foot of every page, once there is something to prove.
    pub seal: Option<&'a Seal>,
    /// Printed in mid-hearing, at this time: what still grows is marked as a draft.
    pub draft: Option<UtcMs>,
}

/// Composes a paper.
pub fn compose(
    name: PaperName,
    record: &Record,
    templates: &Templates,
    printing: Printing<'_>,
) -> Result<Paper, ComposeError> {
    let public;
    let record = if name.public {
        public = record.in_public();
        &public
    } else {
        record
    };
    let template = templates.get(name.kind).ok_or(ComposeError::NoTemplate(name.kind.name()))?;
    let lines = takes_lines(template, record);
    let printed = printing.draft.map(minute).unwrap_or_default();
    let mut values = everywhere(record, lines, &printed);
    if name.kind == Kind::Deliberation && record.meeting.is_none() {
        // A form to be written in by hand: nothing of the hearing's own times and people is the deliberation's.
        for word in ["开始时间", "结束时间", "书记员"] {
            values = values.text(word, "");
        }
    }
    if let Some(id) = name.gap {
        let fault = |g: &&court::Interruption| g.id == id && !g.ground.is_lawful();
        let gap = record.interruptions.iter().find(fault).ok_or(ComposeError::NoSuchFault(id))?;
        values = about_gap(values, record, gap);
    }
    let title = fill_text(&template.title, &values);
    let number = clean(&record.number);
    let draft = printing.draft.filter(|_| name.kind.grows() || (lines && !record.lines.is_empty()));
    Ok(Paper {
        title: format!("{number} {title}"),
        court: clean(&record.court),
        size_pt: template.size_pt,
        landscape: template.landscape,
        margins: Margins {
            running: format!("{number}　{title}"),
            marking: marking(draft, name),
            foot: if tells(name.kind, lines) { foot(record, printing.seal) } else { Vec::new() },
            sign_each_page: template.sign_each_page,
        },
        blocks: fill(template, &values),
        name: title,
    })
}

/// Every paper there is of a hearing as it stands: a statement for each fault of the recording, and one of each other kind.
pub fn names(record: &Record) -> Vec<PaperName> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        if kind.about_a_gap() {
            let faults = record.interruptions.iter().filter(|g| !g.ground.is_lawful());
            found.extend(faults.map(|g| PaperName { gap: Some(g.id), ..PaperName::of(kind) }));
        } else {
            found.push(PaperName::of(kind));
        }
    }
    found
}

/// Whether the record of this hearing is what the template is for: a deliberation's paper does not hold what was said in court.
fn takes_lines(template: &Template, record: &Record) -> bool {
    template.lines_of.is_empty() || template.lines_of.iter().any(|w| record.procedure.contains(w.as_str()))
}

fn marking(draft: Option<UtcMs>, name: PaperName) -> String {
    let mut parts = Vec::new();
    if name.public {
        parts.push("公开副本".to_owned());
    } else if name.copy {
        parts.push("副本".to_owned());
    }
    if let Some(now) = draft {
        parts.push(format!("草稿（庭中打印）　{}", minute(now)));
    }
    parts.join("　")
}

/// Whether a paper tells what the sealed record holds; a form that is filled in by hand does not.
fn tells(kind: Kind, lines: bool) -> bool {
    match kind {
        Kind::Record | Kind::Examination | Kind::Corrections | Kind::Interruptions | Kind::Fault => true,
        Kind::Pretrial | Kind::Deliberation | Kind::Judgment | Kind::Mediation => lines,
        Kind::Service => false,
    }
}

/// Hashes small in the foot of every page.
fn foot(record: &Record, seal: Option<&Seal>) -> Vec<String> {
    let sealed = if record.sealed { "（已封存）" } else { "" };
    let mut lines = vec![format!("笔录校验值（Merkle 根）{sealed}：{}", record.digest)];
    if let Some(seal) = seal {
        lines.push(format!("庭审日志根（{} 条）：{}", seal.entries, seal.root));
    }
    lines
}
