//! Who works in the administration.

use record::{OfficeRole, Scope};

use crate::access::Asker;
use crate::metrics::Metrics;
use crate::rights::{Duty, Right, Who, may};
use crate::routes::{Refusal, Services};

/// Somebody with a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Officer {
    /// The account; empty for the one-time link.
    pub(crate) name: String,
    /// The role; who has the link is an administrator.
    pub(crate) role: OfficeRole,
}

impl Officer {
    /// Whether the role has this duty.
    pub(crate) fn has(&self, duty: Duty) -> bool {
        may(Who::Officer(self.role), Right::Office(duty))
    }

    /// The same, as a refusal.
    pub(crate) fn may(&self, duty: Duty) -> Result<(), Refusal> {
        if self.has(duty) {
            return Ok(());
        }
        Err(Refusal::new(axum::http::StatusCode::FORBIDDEN, "您的账号没有这项权限；请管理员办理或调整角色"))
    }
}

impl Services {
    /// Who asks, if their session lets them do this.
    pub(crate) async fn officer(&self, asker: &Asker, duty: Duty) -> Result<Officer, Refusal> {
        self.not_revoked(asker)?;
        let token = asker.token.clone().ok_or_else(Refusal::no_login)?;
        let session = self.room.session(token).await?.filter(|s| asker.computer.is(s.terminal.as_deref()));
        let officer = match session.map(|s| s.scope) {
            Some(Scope::Admin) => Officer { name: String::new(), role: OfficeRole::Administrator },
            Some(Scope::Account { name, role }) => Officer { name, role },
            _ => {
                Metrics::count(&self.metrics.refused);
                return Err(Refusal::no_login());
            }
        };
        let fits = self.fits(Who::Officer(officer.role), &asker.computer, None);
        let may = fits.and_then(|()| officer.may(duty));
        if may.is_err() {
            Metrics::count(&self.metrics.refused);
        }
        may.map(|()| officer)
    }
}
