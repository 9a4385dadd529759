//! Who may give a command at all: the one table of roles and commands, and the first gate every command passes.
//!
//! It is exhaustive: a command without a rule does not build. What a command takes besides the role (the stage, one's own side, the
//! right to present, the stand) its decider asks. `docs/access.md` shows the whole table.

use model::Role;

use crate::{Command, IssueAct, MeetingAct, SignAct, Step};

/// The bench's lead.
const PRESIDING: &[Role] = &[Role::PresidingJudge];
/// Who keeps the record.
const CLERK: &[Role] = &[Role::Clerk];
/// Who moves the hearing on.
const LEADS: &[Role] = &[Role::PresidingJudge, Role::Clerk];
/// The same two, where it is the clerk's work first.
const KEEP: &[Role] = &[Role::Clerk, Role::PresidingJudge];
/// The bench with its assistant.
const BENCH: &[Role] = &[Role::PresidingJudge, Role::Judge, Role::Assessor, Role::JudgeAssistant];
/// Bench and clerk.
const COURT: &[Role] =
    &[Role::PresidingJudge, Role::Clerk, Role::Judge, Role::Assessor, Role::JudgeAssistant];
/// Who keeps the 质证表 and the issues: the court without its lay members.
const TABLE: &[Role] = &[Role::PresidingJudge, Role::Clerk, Role::Judge, Role::JudgeAssistant];
/// Who takes part and is not of the court.
const HEARD: &[Role] = &[
    Role::Plaintiff,
    Role::PlaintiffAgent,
    Role::Defendant,
    Role::DefendantAgent,
    Role::ThirdParty,
    Role::ThirdPartyAgent,
    Role::Witness,
    Role::Expert,
    Role::ExpertAssistant,
    Role::Interpreter,
];
/// Who describes evidence: for their own side the parties, for any the court.
const DESCRIBE: &[Role] = &[
    Role::Clerk,
    Role::PresidingJudge,
    Role::JudgeAssistant,
    Role::Plaintiff,
    Role::PlaintiffAgent,
    Role::Defendant,
    Role::DefendantAgent,
    Role::ThirdParty,
    Role::ThirdPartyAgent,
];
/// Who writes lines and citations: the clerk, and in their own name the bench.
const WRITE: &[Role] =
    &[Role::Clerk, Role::PresidingJudge, Role::Judge, Role::Assessor, Role::JudgeAssistant];
/// Everybody whose name stands in the record.
const SIGNERS: &[Role] = &[
    Role::PresidingJudge,
    Role::Judge,
    Role::Assessor,
    Role::JudgeAssistant,
    Role::Clerk,
    Role::Plaintiff,
    Role::PlaintiffAgent,
    Role::Defendant,
    Role::DefendantAgent,
    Role::ThirdParty,
    Role::ThirdPartyAgent,
    Role::Witness,
    Role::Expert,
    Role::ExpertAssistant,
    Role::Interpreter,
];
/// Whom the presiding judge may give the right to present: anybody.
const ANYBODY: &[Role] = Role::ALL;

/// The roles that may ever give `command`; the first is the one a refusal names.
#[must_use]
pub fn of(command: &Command) -> &'static [Role] {
    use Command as C;
    match command {
        C::OpenSession
        | C::CallRecess { .. }
        | C::Resume
        | C::CloseSession
        | C::LowerCurtain { .. }
        | C::LiftCurtain
        | C::Lock
        | C::Unlock
        | C::ReviewFault { .. } => PRESIDING,
        C::EnterPhase { .. } | C::MergePhase { .. } => LEADS,
        C::CheckAttendance { .. } | C::SetSeat { .. } | C::StateFault { .. } => KEEP,
        C::KeepRecord { .. } | C::SealRecord { .. } | C::Answer { .. } => LEADS,
        C::TickCheck { .. } => COURT,
        C::Show { .. } | C::Hide | C::SetPresenter { .. } | C::MakeMark { .. } | C::UndoMark { .. } => {
            ANYBODY
        }
        C::Ask { .. } | C::Withdraw { .. } => HEARD,
        C::ListEvidence { .. } | C::DescribeEvidence { .. } | C::GroupEvidence { .. } => DESCRIBE,
        C::CheckOriginal { .. } | C::NoteOpinion { .. } | C::NoteGroupOpinion { .. } => TABLE,
        C::NoteForBench { .. } => BENCH,
        C::CorrectLine { .. }
        | C::ReattributeLine { .. }
        | C::SplitLine { .. }
        | C::JoinLines { .. }
        | C::AcceptText { .. }
        | C::DropSuggestion { .. }
        | C::WordPoint { .. }
        | C::ChangeTerms { .. }
        | C::TakeOver { .. } => CLERK,
        // In a meeting every member types an opinion of their own.
        C::InsertLine { .. } | C::CiteStatute { .. } => WRITE,
        C::Sign { act: SignAct::Paper { .. } } => CLERK,
        C::Sign { act: SignAct::Attest { .. } } => BENCH,
        C::Sign { act: SignAct::Ink { .. } | SignAct::Refuse { .. } | SignAct::Later { .. } } => SIGNERS,
        C::SignRecord { .. } => SIGNERS,
        C::TakeStep { step: Step::WitnessCalled { .. } | Step::WitnessExcused { .. } } => PRESIDING,
        C::TakeStep { .. } => LEADS,
        C::ChangeIssues { act: IssueAct::Put | IssueAct::Settle } => PRESIDING,
        C::ChangeIssues { .. } => TABLE,
        C::Meet { act: MeetingAct::GiveTurn { .. } | MeetingAct::Put { .. } } => LEADS,
        C::Meet { act: MeetingAct::Settle { .. } | MeetingAct::Submit { .. } } => PRESIDING,
        C::Meet { act: MeetingAct::Arrive | MeetingAct::Vote { .. } } => COURT,
    }
}
