//! Issues in dispute: the bench words and settles them, the clerk helps, the parties say what they think of them.

use model::{IssueId, Side};

use super::record::next_line;
use super::{Asker, tame_text};
use crate::{Denial, Event, Issue, IssueAct, IssueList, IssueStage, IssueView, Stage};

/// Most issues of one hearing.
const ISSUES_MAX: usize = 50;

impl Asker<'_> {
    pub(super) fn change_issues(&self, act: &IssueAct) -> Result<Vec<Event>, Denial> {
        self.stage_in(&[Stage::Preparing, Stage::InSession, Stage::Recess])?;
        let mut list = self.state.issues.clone();
        let act = self.tame(act)?;
        let line = self.changed(&mut list, &act)?;
        if list == self.state.issues {
            return Ok(Vec::new());
        }
        let mut events = vec![Event::IssuesChanged { act, was: self.state.issues.stage, issues: list }];
        events.extend(line.map(|text| Event::LineInserted {
            line: next_line(self.state),
            seat: self.presiding(),
            from: self.now,
            text,
            taken_over: None,
        }));
        Ok(events)
    }

    fn tame(&self, act: &IssueAct) -> Result<IssueAct, Denial> {
        let text = |text: &str| tame_text("the issue", text, false);
        Ok(match act {
            IssueAct::Add { text: words } => IssueAct::Add { text: text(words)? },
            IssueAct::Reword { issue, text: words } => IssueAct::Reword { issue: *issue, text: text(words)? },
            IssueAct::NoteView { side, objection } => {
                IssueAct::NoteView { side: *side, objection: tame_text("the objection", objection, true)? }
            }
            other => other.clone(),
        })
    }

    /// Changes the list, and gives the line that the record has of it.
    fn changed(&self, list: &mut IssueList, act: &IssueAct) -> Result<Option<String>, Denial> {
        match act {
            IssueAct::Add { text } => {
                if list.issues.len() >= ISSUES_MAX {
                    let what = format!("a hearing has at most {ISSUES_MAX} issues; join some of them");
                    return Err(Denial::Malformed { what });
                }
                list.given += 1;
                let (id, text) = (IssueId(list.given), text.clone());
                let (evidence, lines, closed) = (Vec::new(), Vec::new(), self.state.curtain().is_some());
                list.issues.push(Issue { id, text, evidence, lines, session: None, closed });
                reopen(list);
            }
            IssueAct::Reword { issue, text } => {
                let at = place(list, *issue)?;
                let (found, open) = (&mut list.issues[at], self.state.curtain().is_none());
                // The same words said in public are public from now on.
                if found.text != *text || (found.closed && open) {
                    found.text.clone_from(text);
                    found.closed = !open;
                    reopen(list);
                }
            }
            IssueAct::Move { issue, to } => {
                let at = place(list, *issue)?;
                let to = (*to as usize).min(list.issues.len() - 1);
                if at != to {
                    let moved = list.issues.remove(at);
                    list.issues.insert(to, moved);
                    reopen(list);
                }
            }
            IssueAct::Remove { issue } => {
                let at = place(list, *issue)?;
                list.issues.remove(at);
                reopen(list);
            }
            IssueAct::LinkEvidence { issue, evidence, linked } => {
                self.item(*evidence)?;
                let at = place(list, *issue)?;
                link(&mut list.issues[at].evidence, *evidence, *linked);
            }
            IssueAct::LinkLine { issue, line, linked } => {
                self.line(*line)?;
                let at = place(list, *issue)?;
                link(&mut list.issues[at].lines, *line, *linked);
            }
            IssueAct::Put => {
                some(list)?;
                list.stage = IssueStage::Put;
                list.views.clear();
                let all = self.in_words(list);
                return Ok(Some(format!(
                    "本庭归纳本案争议焦点如下：{all}各方对上述争议焦点有无异议或补充？"
                )));
            }
            IssueAct::NoteView { side, objection } => {
                if !side.is_party() {
                    let what = "only a party has a view on the issues".to_owned();
                    return Err(Denial::Malformed { what });
                }
                list.views.retain(|v| v.side != *side);
                list.views.push(IssueView { side: *side, objection: objection.clone() });
                list.views.sort_by_key(|v| v.side);
                return Ok((list.views != self.state.issues.views).then(|| view_line(*side, objection)));
            }
            IssueAct::Settle => {
                some(list)?;
                list.stage = IssueStage::Settled;
                return Ok(Some(format!("本庭确定本案争议焦点为：{}", self.in_words(list))));
            }
        }
        Ok(None)
    }

    /// As the bench says it now: in public without the words that were found behind the curtain.
    fn in_words(&self, list: &IssueList) -> String {
        list.sentence(self.state.curtain().is_some())
    }
}

fn view_line(side: Side, objection: &str) -> String {
    let who = super::procedure::side_zh(side);
    match objection {
        "" => format!("{who}方对争议焦点无异议、无补充。"),
        words => format!("{who}方对争议焦点的意见：{words}"),
    }
}

/// Words that changed are a draft again.
fn reopen(list: &mut IssueList) {
    list.stage = IssueStage::Draft;
    list.views.clear();
}

fn place(list: &IssueList, issue: IssueId) -> Result<usize, Denial> {
    list.issues.iter().position(|i| i.id == issue).ok_or(Denial::UnknownIssue { issue })
}

fn some(list: &IssueList) -> Result<(), Denial> {
    match list.issues.is_empty() {
        true => Err(Denial::Malformed { what: "there is no issue in the list; add one first".to_owned() }),
        false => Ok(()),
    }
}

fn link<T: PartialEq>(all: &mut Vec<T>, one: T, linked: bool) {
    all.retain(|x| *x != one);
    if linked {
        all.push(one);
    }
}
