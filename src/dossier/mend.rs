//! Mending the dossier: what people do to what was filed. Originals stay byte for byte, and whatever is done can be taken back.
//!
//! ```text
//!             describe, turn, accept
//!               ┌───┐
//!               ▼   │    bind, withdraw
//!   filed ───► in the catalogue ───────────► retired (readable, not found)
//!                   ▲                             │ restore
//!                   └─────────────────────────────┘
//! ```

use model::{CaseId, DocId, PageRef, UtcMs};
use protocol::link::pages::{FromPageWorker, ToPageWorker};
use protocol::wire::{Binding, Filing, Mend, PageProblem};

use crate::dossier::{Dossier, DossierError, Room, next_id, unexpected};
use crate::shelf::Shelf;
use crate::store::Filed;

/// A heading or title has at most so many characters.
const NAME_MAX: usize = 80;
/// A document bound anew has at most so many pages.
const LEAVES_MAX: usize = 5_000;

impl Dossier {
    /// Mends the dossier. What cannot be done is refused in a sentence, and nothing is changed.
    pub fn mend(&self, case: &CaseId, mend: Mend, at: UtcMs) -> Result<(), DossierError> {
        self.writable()?;
        match mend {
            Mend::Turn { page, degrees } => {
                if !matches!(degrees, 0 | 90 | 180 | 270) {
                    return Err(refused("页面只能转0、90、180或270度"));
                }
                self.room.known(case, &page)?;
                self.change(case, &page.doc, |filed| {
                    filed.turns.insert(page.page, degrees);
                })
            }
            Mend::Accept { doc, problem } => {
                self.room.known(case, &PageRef { doc: doc.clone(), page: problem.page() })?;
                self.change(case, &doc, |filed| accept(filed, problem))
            }
            Mend::Reconsider { doc, problem } => {
                self.change(case, &doc, |filed| filed.accepted.retain(|p| *p != problem))
            }
            Mend::Describe { doc, filing } => {
                let filing = checked(filing)?;
                self.change(case, &doc, |filed| describe(filed, filing))
            }
            Mend::Bind { from, into } => self.bind(case, &from, into, at),
            Mend::Restore { doc } => self.restore(case, &doc),
        }
    }

    pub(crate) fn writable(&self) -> Result<(), DossierError> {
        if self.room.read_only { Err(DossierError::ReadOnly) } else { Ok(()) }
    }

    fn change(
        &self,
        case: &CaseId,
        doc: &DocId,
        change: impl FnOnce(&mut Filed),
    ) -> Result<(), DossierError> {
        self.room.rewrite(case, |documents| {
            let filed = documents.iter_mut().find(|d| d.doc == *doc && d.stands());
            change(filed.ok_or_else(|| gone(doc))?);
            Ok(())
        })
    }

    /// Writes the new documents first: only when they are there do the old ones retire.
    fn bind(&self, case: &CaseId, from: &[DocId], into: Vec<Binding>, at: UtcMs) -> Result<(), DossierError> {
        if from.is_empty() && into.is_empty() {
            return Err(refused("没有选择文件"));
        }
        for doc in from {
            self.room.present(case, doc)?;
        }
        let bound: Vec<Filed> =
            into.into_iter().map(|b| self.bound(case, b, at)).collect::<Result<_, _>>()?;
        let mut new = Vec::new();
        self.room.rewrite(case, |documents| {
            new.clear();
            for mut filed in bound {
                filed.doc = next_id(documents);
                new.push((filed.doc.clone(), filed.pages.len()));
                documents.push(filed);
            }
            let names: Vec<DocId> = new.iter().map(|(doc, _)| doc.clone()).collect();
            for doc in from {
                let filed = documents.iter_mut().find(|d| d.doc == *doc && d.stands());
                filed.ok_or_else(|| gone(doc))?.retired = Some(names.clone());
            }
            Ok(())
        })?;
        self.retire(case, from)?;
        for (doc, pages) in new {
            self.room.queue(case, &doc, pages);
        }
        Ok(())
    }

    /// The pages of a binding as one file, with what is known of them.
    fn bound(&self, case: &CaseId, binding: Binding, at: UtcMs) -> Result<Filed, DossierError> {
        let room = &*self.room;
        let filing = checked(binding.filing)?;
        let leaves = binding.leaves;
        if leaves.is_empty() || leaves.len() > LEAVES_MAX {
            return Err(refused(format!("《{}》应有1至{LEAVES_MAX}页", filing.title)));
        }
        let missing = |page: &PageRef| DossierError::NoPage { doc: page.doc.clone(), page: page.page };
        let mut sources = Vec::with_capacity(leaves.len());
        for page in &leaves {
            room.known(case, page)?;
            sources.push((room.original(case, page).ok_or_else(|| missing(page))?, page.page));
        }
        let temporary = room.store.new_file(case).map_err(|e| room.io(e))?;
        let request = ToPageWorker::Bind { leaves: sources, into: temporary.clone() };
        let written = match room.ask(request) {
            Ok(FromPageWorker::Bound) => room.store.take(case, &temporary, "pdf").map_err(|e| room.io(e)),
            Ok(other) => Err(unexpected(&other)),
            Err(error) => Err(error),
        };
        // What is left of it is removed at the next start.
        let _ = std::fs::remove_file(&temporary);
        let mut filed = Filed::new(leaves[0].doc.clone(), filing);
        filed.name = format!("{}.pdf", filed.title);
        filed.sha256 = written?;
        "pdf".clone_into(&mut filed.ext);
        filed.at = Some(at);
        filed.pages = room.count_pages(case, &filed)?;
        filed.turns = room.turns_of(case, &leaves);
        filed.leaves = leaves;
        Ok(filed)
    }

    fn restore(&self, case: &CaseId, doc: &DocId) -> Result<(), DossierError> {
        let (mut back, mut gone_again) = (Vec::new(), Vec::new());
        self.room.rewrite(case, |documents| {
            let into = documents.iter().find(|d| d.doc == *doc).and_then(|d| d.retired.clone());
            let into = into.ok_or_else(|| refused("这份文件没有被替换或撤下"))?;
            if let Some(later) = documents.iter().find(|d| into.contains(&d.doc) && d.retired.is_some()) {
                return Err(refused(format!("《{}》后来又被整理过，请先恢复它", later.title)));
            }
            let with = |d: &Filed| d.retired.as_ref() == Some(&into) && (!into.is_empty() || d.doc == *doc);
            for filed in documents.iter_mut() {
                if with(filed) {
                    filed.retired = None;
                    filed.held = false;
                    back.push((filed.doc.clone(), filed.pages.len()));
                } else if into.contains(&filed.doc) {
                    (filed.retired, filed.unbound) = (Some(Vec::new()), true);
                    gone_again.push(filed.doc.clone());
                }
            }
            Ok(())
        })?;
        self.retire(case, &gone_again)?;
        for (doc, pages) in back {
            self.room.queue(case, &doc, pages);
        }
        Ok(())
    }

    /// Pages of these documents are no longer found.
    fn retire(&self, case: &CaseId, docs: &[DocId]) -> Result<(), DossierError> {
        let Some(index) = &self.room.index else { return Ok(()) };
        for doc in docs {
            index.remove_doc(case, doc)?;
            self.room.store.forget_ready(case, doc).map_err(|e| self.room.io(e))?;
            self.room.with_shelf(case, |shelf| shelf.forget(doc));
        }
        index.commit()?;
        Ok(())
    }
}

impl Room {
    /// A document that is in the catalogue.
    fn present(&self, case: &CaseId, doc: &DocId) -> Result<(), DossierError> {
        if self.stands(case, doc) { Ok(()) } else { Err(gone(doc)) }
    }

    /// How each page is turned where it comes from, by its new number.
    fn turns_of(&self, case: &CaseId, leaves: &[PageRef]) -> std::collections::BTreeMap<u32, u16> {
        let turn = |shelf: &mut Shelf, page: &PageRef| {
            let filed = shelf.document(&page.doc)?;
            filed.turns.get(&page.page).copied()
        };
        let turns = (1..)
            .zip(leaves)
            .filter_map(|(number, page)| Some((number, self.with_shelf(case, |shelf| turn(shelf, page))??)));
        turns.collect()
    }
}

fn accept(filed: &mut Filed, problem: PageProblem) {
    if !filed.accepted.contains(&problem) {
        filed.accepted.push(problem);
    }
}

fn describe(filed: &mut Filed, filing: Filing) {
    filed.moved |= filed.heading != filing.heading;
    // What a person has seen and left is as good as what a person has said.
    filed.sure = 100;
    filed.untitled = false;
    filed.side = filing.side;
    filed.heading = filing.heading;
    filed.title = filing.title;
    filed.evidence_number = filing.evidence_number;
}

fn checked(filing: Filing) -> Result<Filing, DossierError> {
    let name = |what: &str, said: &str| {
        let said = said.trim().to_owned();
        let fits = (1..=NAME_MAX).contains(&said.chars().count());
        if fits { Ok(said) } else { Err(refused(format!("{what}用1至{NAME_MAX}个字"))) }
    };
    if filing.evidence_number == Some(0) {
        return Err(refused("证据编号从1开始"));
    }
    Ok(Filing { heading: name("归目", &filing.heading)?, title: name("名称", &filing.title)?, ..filing })
}

pub(crate) fn refused(sentence: impl Into<String>) -> DossierError {
    DossierError::Refused(sentence.into())
}

pub(crate) fn gone(doc: &DocId) -> DossierError {
    refused(format!("卷宗目录中没有{doc}，可能已被替换或撤下，请刷新目录"))
}
