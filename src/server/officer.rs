//! Who works in the administration, and what each role may do.

use axum::http::HeaderMap;
use record::{OfficeRole, Scope};

use crate::access;
use crate::metrics::Metrics;
use crate::routes::{Refusal, Services};

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    /// See cases, hearings, schedule and indicators.
    Look,
    /// Bring in cases, open hearings, hand out seats.
    Prepare,
    /// See and add to the file of a case.
    File,
    /// Archive, print and move what is in 副卷.
    Archive,
    /// Accounts, rooms, links.
    Manage,
}

/// Somebody with a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Officer {
    /// The account; empty for the one-time link.
    pub(crate) name: String,
    /// The role; who has the link is an administrator.
    pub(crate) role: OfficeRole,
}

/// The whole table of rights.
pub(crate) fn may(role: OfficeRole, duty: Duty) -> bool {
    use OfficeRole as R;
    match duty {
        Duty::Look => true,
        Duty::Prepare => matches!(role, R::Administrator | R::Clerk),
        Duty::File => matches!(role, R::Administrator | R::Clerk | R::Archivist),
        Duty::Archive => matches!(role, R::Administrator | R::Archivist),
        Duty::Manage => role == R::Administrator,
    }
}

impl Services {
    /// Who asks, if their session lets them do this.
    pub(crate) async fn officer(&self, headers: &HeaderMap, duty: Duty) -> Result<Officer, Refusal> {
        let token = access::token(headers).ok_or_else(Refusal::no_login)?;
        let officer = match self.room.session(token).await? {
            Some(Scope::Admin) => Officer { name: String::new(), role: OfficeRole::Administrator },
            Some(Scope::Account { name, role }) => Officer { name, role },
            _ => {
                Metrics::count(&self.metrics.refused);
                return Err(Refusal::no_login());
            }
        };
        if may(officer.role, duty) {
            return Ok(officer);
        }
        Metrics::count(&self.metrics.refused);
        Err(Refusal::new(axum::http::StatusCode::FORBIDDEN, "您的账号没有这项权限；请管理员办理或调整角色"))
    }
}
