//! What came with the court's case list, the schedule, and the facts that the indicators count.

use model::{CaseId, UtcMs};
use registry::{Branch, Fact, Fault, ListedCase, Reading, Row, Sitting, number_key};
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CaseRow, Store, StoreError};

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// Cases that are new.
    pub created: u32,
    /// Cases that were there and say something new.
    pub changed: u32,
    /// Cases that were there, as they are.
    pub unchanged: u32,
    /// Hearings that are new in the schedule.
    pub scheduled: u32,
    /// Rows that were not imported.
    pub faults: Vec<Fault>,
}

/// A hearing of the schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scheduled {
    /// Of which case.
    pub case: CaseId,
    /// When and where.
    #[serde(flatten)]
    pub sitting: Sitting,
}

impl CaseRow {
    /// What the case list says of it; of a case that was made by hand, what is known.
    #[must_use]
    pub fn listed(&self) -> ListedCase {
        serde_json::from_str(&self.case.json).unwrap_or_else(|_| ListedCase {
            id: self.case.id.clone(),
            number: self.case.number.clone(),
            branch: Branch::of(&self.case.number),
            cause: self.case.cause.clone(),
            procedure: self.case.procedure.clone(),
            court: self.case.court.clone(),
            filed: None,
            judge: String::new(),
            panel: Vec::new(),
            clerk: String::new(),
            parties: Vec::new(),
        })
    }
}

/// The name under which a fact is kept, once for each subject.
#[must_use]
pub fn fact_kind(fact: &Fact) -> &'static str {
    match fact {
        Fact::Filed { .. } => "filed",
        Fact::Held { .. } => "held",
        Fact::Read => "read",
        Fact::Archived { .. } => "archived",
    }
}

impl Store {
    /// Takes the good rows of a list in; all of them or, on a fault of the disk, none. Nothing is taken in twice: a case is known
    /// by its number, a hearing by its case and time.
    pub fn import_list(&self, list: Reading, court: &str, now: UtcMs) -> Result<Imported, StoreError> {
        let known = self.cases()?;
        let mut by_number: std::collections::HashMap<String, CaseRow> =
            known.iter().map(|c| (number_key(&c.case.number), c.clone())).collect();
        let mut ids: std::collections::HashSet<_> = known.into_iter().map(|c| c.case.id).collect();
        let mut done = Imported { faults: list.faults, ..Imported::default() };
        let mut seen = std::collections::HashSet::new();
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.error(e))?;
        for Row { line, mut case, sitting } in list.rows {
            let key = number_key(&case.number);
            if case.court.is_empty() {
                court.clone_into(&mut case.court);
            }
            let id = match by_number.get(&key) {
                Some(there) => {
                    case.id = there.case.id.clone();
                    let differs = there.listed() != case;
                    if differs {
                        update(&tx, &case).map_err(|e| self.error(e))?;
                    }
                    if seen.insert(key.clone()) {
                        *(if differs { &mut done.changed } else { &mut done.unchanged }) += 1;
                    }
                    case.id.clone()
                }
                None if ids.contains(&case.id) => {
                    let sentence = format!("内部编号{}已属于另一案件：请改用别的编号，或者留空", case.id);
                    done.faults.push(Fault { line, column: "内部编号".to_owned(), sentence });
                    continue;
                }
                None => {
                    insert(&tx, &case, now).map_err(|e| self.error(e))?;
                    ids.insert(case.id.clone());
                    seen.insert(key.clone());
                    done.created += 1;
                    case.id.clone()
                }
            };
            by_number.insert(key, row_of(&case, now));
            if let Some(sitting) = sitting {
                done.scheduled += schedule(&tx, &id, &sitting).map_err(|e| self.error(e))?;
            }
        }
        tx.commit().map_err(|e| self.error(e))?;
        done.faults.sort_by_key(|f| f.line);
        Ok(done)
    }

    /// The schedule between two instants, by time.
    pub fn schedule(&self, from: UtcMs, to: UtcMs) -> Result<Vec<Scheduled>, StoreError> {
        let db = self.db();
        let sql = "SELECT case_id, at, room FROM sittings WHERE at >= ?1 AND at < ?2 ORDER BY at, case_id";
        let mut statement = db.prepare(sql).map_err(|e| self.error(e))?;
        let rows = statement.query_map([from.0, to.0], |r| {
            Ok((r.get::<_, String>(0)?, Sitting { at: UtcMs(r.get(1)?), room: r.get(2)? }))
        });
        let read = |(id, sitting): (String, Sitting)| {
            let case = CaseId::new(&*id).map_err(|_| StoreError::Corrupt { what: "case id", value: id })?;
            Ok(Scheduled { case, sitting })
        };
        rows.map_err(|e| self.error(e))?.map(|r| read(r.map_err(|e| self.error(e))?)).collect()
    }

    /// Notes a fact of a case once for its subject (a document, a hearing); noted again, what it says is renewed and its time
    /// stays. A case that is not there has no facts.
    pub fn note_fact(&self, case: &CaseId, subject: &str, at: UtcMs, fact: &Fact) -> Result<(), StoreError> {
        self.note_facts(&[(case.clone(), subject.to_owned(), at, fact.clone())])
    }

    /// Notes many facts at once: all of them or, on a fault of the disk, none.
    pub fn note_facts(&self, facts: &[(CaseId, String, UtcMs, Fact)]) -> Result<(), StoreError> {
        let sql = "INSERT INTO facts (case_id, kind, subject, at, json)
                   SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM cases WHERE id = ?1)
                   ON CONFLICT (case_id, kind, subject) DO UPDATE SET json = ?5 WHERE json <> ?5";
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.error(e))?;
        for (case, subject, at, fact) in facts {
            let json = serde_json::to_string(fact)
                .map_err(|e| StoreError::Corrupt { what: "fact", value: e.to_string() })?;
            let values = params![case.as_str(), fact_kind(fact), subject, at.0, json];
            tx.execute(sql, values).map_err(|e| self.error(e))?;
        }
        tx.commit().map_err(|e| self.error(e))
    }

    /// All facts, by case.
    pub fn facts(&self) -> Result<Vec<(CaseId, UtcMs, Fact)>, StoreError> {
        let db = self.db();
        let mut statement = db
            .prepare("SELECT case_id, at, json FROM facts ORDER BY case_id, at")
            .map_err(|e| self.error(e))?;
        let rows = statement
            .query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, i64>(1)?, r.get::<_, String>(2)?)));
        let read = |(id, at, json): (String, i64, String)| {
            let case = CaseId::new(&*id).map_err(|_| StoreError::Corrupt { what: "case id", value: id })?;
            let fact = serde_json::from_str(&json)
                .map_err(|_| StoreError::Corrupt { what: "fact", value: json.clone() })?;
            Ok((case, UtcMs(at), fact))
        };
        rows.map_err(|e| self.error(e))?.map(|r| read(r.map_err(|e| self.error(e))?)).collect()
    }

    /// When a case was archived, if it was.
    pub fn archived(&self, case: &CaseId) -> Result<Option<UtcMs>, StoreError> {
        let sql = "SELECT max(at) FROM facts WHERE case_id = ?1 AND kind = 'archived'";
        let at: Option<Option<i64>> =
            self.db().query_row(sql, [case.as_str()], |r| r.get(0)).optional().map_err(|e| self.error(e))?;
        Ok(at.flatten().map(UtcMs))
    }
}

fn row_of(case: &ListedCase, created: UtcMs) -> CaseRow {
    let json = serde_json::to_string(case).unwrap_or_default();
    let c = case.clone();
    let case = super::NewCase {
        id: c.id,
        number: c.number,
        cause: c.cause,
        court: c.court,
        procedure: c.procedure,
        json,
    };
    CaseRow { case, created }
}

fn insert(tx: &Transaction<'_>, case: &ListedCase, now: UtcMs) -> rusqlite::Result<()> {
    let c = row_of(case, now).case;
    let sql = "INSERT INTO cases (id, number, cause, court, procedure, created, json) VALUES (?1,?2,?3,?4,?5,?6,?7)";
    tx.execute(sql, params![c.id.as_str(), c.number, c.cause, c.court, c.procedure, now.0, c.json]).map(drop)
}

fn update(tx: &Transaction<'_>, case: &ListedCase) -> rusqlite::Result<()> {
    let c = row_of(case, UtcMs(0)).case;
    let sql = "UPDATE cases SET number = ?2, cause = ?3, court = ?4, procedure = ?5, json = ?6 WHERE id = ?1";
    tx.execute(sql, params![c.id.as_str(), c.number, c.cause, c.court, c.procedure, c.json]).map(drop)
}

/// 1 if the hearing is new. A room that the list names is one of the court's.
fn schedule(tx: &Transaction<'_>, case: &CaseId, sitting: &Sitting) -> rusqlite::Result<u32> {
    if !sitting.room.is_empty() {
        tx.execute("INSERT OR IGNORE INTO rooms (name) VALUES (?1)", [&sitting.room])?;
    }
    let sql =
        "INSERT INTO sittings (case_id, at, room) VALUES (?1, ?2, ?3) ON CONFLICT (case_id, at) DO NOTHING";
    let new = tx.execute(sql, params![case.as_str(), sitting.at.0, sitting.room])?;
    if new == 0 {
        let sql = "UPDATE sittings SET room = ?3 WHERE case_id = ?1 AND at = ?2 AND room <> ?3";
        tx.execute(sql, params![case.as_str(), sitting.at.0, sitting.room])?;
    }
    Ok(new as u32)
}
