//! Cases and their hearings.

use model::{CaseId, HearingId, UtcMs};
use rusqlite::{OptionalExtension as _, Row, params};

use super::{Store, StoreError, is_taken};

/// A case to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCase {
    /// Its id.
    pub id: CaseId,
    /// 案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// 法院.
    pub court: String,
    /// Procedure: the id of its outline, e.g. `civil-ordinary`.
    pub procedure: String,
    /// Whatever else the caller keeps with it, as JSON.
    pub json: String,
}

/// A case as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// As added.
    pub case: NewCase,
    /// When it was added.
    pub created: UtcMs,
}

/// Where a hearing stands, as the lists show it; the hearing's own journal knows more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HearingState {
    /// Made, not yet 宣布开庭.
    Planned,
    /// Between 宣布开庭 and 闭庭.
    Open,
    /// After 闭庭.
    Closed,
    /// The package is written and verified.
    Archived,
}

impl HearingState {
    const ALL: [Self; 4] = [Self::Planned, Self::Open, Self::Closed, Self::Archived];

    /// Its name in the database and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Archived => "archived",
        }
    }
}

/// A hearing to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHearing {
    /// Its id.
    pub id: HearingId,
    /// Its case.
    pub case: CaseId,
    /// Its folder, relative to the data folder.
    pub dir: String,
    /// Whatever else the caller keeps with it (seats, public or not), as JSON.
    pub json: String,
}

/// A hearing as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HearingRow {
    /// As added.
    pub hearing: NewHearing,
    /// 第几次开庭 of its case, from 1.
    pub session: u32,
    /// Where it stands.
    pub state: HearingState,
    /// When it was added.
    pub created: UtcMs,
    /// When it was opened, if it was.
    pub opened: Option<UtcMs>,
    /// When it was closed, if it was.
    pub closed: Option<UtcMs>,
}

impl Store {
    /// Adds a case.
    pub fn add_case(&self, case: &NewCase, now: UtcMs) -> Result<(), StoreError> {
        let sql = "INSERT INTO cases (id, number, cause, court, procedure, created, json) VALUES (?1,?2,?3,?4,?5,?6,?7)";
        let c = case;
        let values = params![c.id.as_str(), c.number, c.cause, c.court, c.procedure, now.0, c.json];
        self.db().execute(sql, values).map(drop).map_err(|e| {
            if is_taken(&e) {
                StoreError::Exists { what: "case", id: c.id.to_string() }
            } else {
                self.error(e)
            }
        })
    }

    /// Every case, the latest first.
    pub fn cases(&self) -> Result<Vec<CaseRow>, StoreError> {
        self.read("SELECT * FROM cases ORDER BY created DESC, id", [], case_row)
    }

    /// One case.
    pub fn case(&self, id: &CaseId) -> Result<CaseRow, StoreError> {
        let found = self.read("SELECT * FROM cases WHERE id = ?1", [id.as_str()], case_row)?;
        found.into_iter().next().ok_or_else(|| StoreError::Unknown { what: "case", id: id.to_string() })
    }

    /// Adds a hearing; it becomes the next session of its case.
    pub fn add_hearing(&self, hearing: &NewHearing, now: UtcMs) -> Result<HearingRow, StoreError> {
        let h = hearing;
        let known = self.case(&h.case)?;
        let sql = "INSERT INTO hearings (id, case_id, session, state, dir, created, json)
                   SELECT ?1, ?2, coalesce(max(session), 0) + 1, 'planned', ?3, ?4, ?5
                   FROM hearings WHERE case_id = ?2";
        let values = params![h.id.as_str(), known.case.id.as_str(), h.dir, now.0, h.json];
        self.db().execute(sql, values).map_err(|e| {
            if is_taken(&e) {
                StoreError::Exists { what: "hearing", id: h.id.to_string() }
            } else {
                self.error(e)
            }
        })?;
        self.hearing(&h.id)
    }

    /// Every hearing, the latest first.
    pub fn hearings(&self) -> Result<Vec<HearingRow>, StoreError> {
        self.read("SELECT * FROM hearings ORDER BY created DESC, id", [], hearing_row)
    }

    /// The hearings of a case, the first session first.
    pub fn hearings_of(&self, case: &CaseId) -> Result<Vec<HearingRow>, StoreError> {
        self.read("SELECT * FROM hearings WHERE case_id = ?1 ORDER BY session", [case.as_str()], hearing_row)
    }

    /// One hearing.
    pub fn hearing(&self, id: &HearingId) -> Result<HearingRow, StoreError> {
        let found = self.read("SELECT * FROM hearings WHERE id = ?1", [id.as_str()], hearing_row)?;
        found.into_iter().next().ok_or_else(|| StoreError::Unknown { what: "hearing", id: id.to_string() })
    }

    /// Notes where a hearing stands; the first time it is open or closed is kept.
    pub fn set_hearing_state(
        &self,
        id: &HearingId,
        state: HearingState,
        now: UtcMs,
    ) -> Result<(), StoreError> {
        let column = match state {
            HearingState::Open => ", opened = coalesce(opened, ?3)",
            HearingState::Closed => ", closed = coalesce(closed, ?3)",
            HearingState::Planned | HearingState::Archived => "",
        };
        // ?3 is named in every variant, since SQLite refuses values that are not.
        let sql = format!("UPDATE hearings SET state = ?2{column} WHERE id = ?1 AND ?3 IS NOT NULL");
        let changed = self.db().execute(&sql, params![id.as_str(), state.as_str(), now.0]);
        match changed.map_err(|e| self.error(e))? {
            0 => Err(StoreError::Unknown { what: "hearing", id: id.to_string() }),
            _ => Ok(()),
        }
    }

    fn read<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        row: fn(&Row<'_>) -> rusqlite::Result<Result<T, StoreError>>,
    ) -> Result<Vec<T>, StoreError> {
        let db = self.db();
        let mut statement = db.prepare_cached(sql).map_err(|e| self.error(e))?;
        let rows = statement.query_map(values, row).map_err(|e| self.error(e))?;
        rows.map(|r| r.map_err(|e| self.error(e))?).collect()
    }

    /// Deletes a case without hearings, e.g. one added by mistake.
    pub fn remove_case(&self, id: &CaseId) -> Result<(), StoreError> {
        let db = self.db();
        let busy: Option<i64> = db
            .query_row("SELECT 1 FROM hearings WHERE case_id = ?1 LIMIT 1", [id.as_str()], |r| r.get(0))
            .optional()
            .map_err(|e| self.error(e))?;
        if busy.is_some() {
            return Err(StoreError::Exists { what: "a hearing of case", id: id.to_string() });
        }
        match db.execute("DELETE FROM cases WHERE id = ?1", [id.as_str()]).map_err(|e| self.error(e))? {
            0 => Err(StoreError::Unknown { what: "case", id: id.to_string() }),
            _ => Ok(()),
        }
    }
}

fn corrupt(what: &'static str, value: impl Into<String>) -> StoreError {
    StoreError::Corrupt { what, value: value.into() }
}

fn case_row(r: &Row<'_>) -> rusqlite::Result<Result<CaseRow, StoreError>> {
    let id: String = r.get("id")?;
    let Ok(id) = CaseId::new(&*id) else { return Ok(Err(corrupt("case id", id))) };
    Ok(Ok(CaseRow {
        case: NewCase {
            id,
            number: r.get("number")?,
            cause: r.get("cause")?,
            court: r.get("court")?,
            procedure: r.get("procedure")?,
            json: r.get("json")?,
        },
        created: UtcMs(r.get("created")?),
    }))
}

fn hearing_row(r: &Row<'_>) -> rusqlite::Result<Result<HearingRow, StoreError>> {
    let (id, case, state): (String, String, String) = (r.get("id")?, r.get("case_id")?, r.get("state")?);
    let Ok(id) = HearingId::new(&*id) else { return Ok(Err(corrupt("hearing id", id))) };
    let Ok(case) = CaseId::new(&*case) else { return Ok(Err(corrupt("case id", case))) };
    let Some(state) = HearingState::ALL.into_iter().find(|s| s.as_str() == state) else {
        return Ok(Err(corrupt("hearing state", state)));
    };
    Ok(Ok(HearingRow {
        hearing: NewHearing { id, case, dir: r.get("dir")?, json: r.get("json")? },
        session: r.get("session")?,
        state,
        created: UtcMs(r.get("created")?),
        opened: r.get::<_, Option<i64>>("opened")?.map(UtcMs),
        closed: r.get::<_, Option<i64>>("closed")?.map(UtcMs),
    }))
}
