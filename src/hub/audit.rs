//! Who took what off its shelf: dossier pages, recordings, papers, files of cases. An act that cannot be noted is not done.
//!
//! The house has one audit journal (`<data>/audit`), of the same kind as a hearing's: append-only, hashed, signed. A meeting has its own in
//! its own folder: elsewhere nothing tells that it takes place. Repeats of one reading within [`REPEAT_MS`] are one entry; what changes
//! something is noted each time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use media::clock::utc_now;
use model::{HearingId, HearingTime, UtcMs};
use record::{Journal, JournalConfig, Key, NewEntry};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::room::{Room, RoomError, signer_name};

/// The audit journal, below the folder of the house or of a meeting.
pub const AUDIT_FOLDER: &str = "audit";
/// A page that is looked at again within ten minutes is one reading; so are the pieces of a recording that is played.
const REPEAT_MS: i64 = 10 * 60_000;
/// Remembered repeats; above it the old ones are forgotten.
const RECENT_MAX: usize = 20_000;
/// Entries are small and few.
const SEGMENT_BYTES: u64 = 1 << 20;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Audited {
    /// The hearing or meeting whose seat it was; empty for the administration.
    pub hearing: String,
    /// The seat, or the account; empty for who has the administration's one-time link.
    pub who: String,
    /// What kind of act, e.g. `readPage`.
    pub act: String,
    /// Of what, e.g. `iou/3`.
    pub what: String,
    /// The enrolled terminal it came from; empty where it came from none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub terminal: String,
}

/// What becomes of an act that was noted just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// A reading: one entry stands for all within [`REPEAT_MS`].
    Folded,
    /// A change: each is an entry.
    Each,
}

#[derive(Default)]
pub(crate) struct Audit {
    shelves: Mutex<HashMap<PathBuf, Shelf>>,
}

struct Shelf {
    journal: Arc<Journal>,
    recent: HashMap<Audited, UtcMs>,
}

impl Audit {
    /// Notes it in the journal below `folder`, and comes back once it is on disk. `key`: the file of who signs; `quiet`: nothing in the
    /// log of the machine.
    pub(crate) async fn note(
        &self,
        folder: &Path,
        key: PathBuf,
        name: String,
        quiet: bool,
        (act, repeats): (Audited, Repeats),
    ) -> Result<(), RoomError> {
        let mut shelves = self.shelves.lock().await;
        if !shelves.contains_key(folder) {
            let dir = folder.join(AUDIT_FOLDER);
            let journal = tokio::task::spawn_blocking(move || -> Result<_, RoomError> {
                let signer = Key::load_or_create(&key)?.signer(&name)?;
                let config = JournalConfig {
                    segment_bytes: SEGMENT_BYTES,
                    quiet,
                    ..JournalConfig::new(name, Box::new(signer))
                };
                Ok(Journal::open(&dir, config)?.0)
            });
            let journal = journal.await.map_err(|e| RoomError::Broken(e.to_string()))??;
            let shelf = Shelf { journal: Arc::new(journal), recent: HashMap::new() };
            shelves.insert(folder.to_owned(), shelf);
        }
        let Some(shelf) = shelves.get_mut(folder) else { return Ok(()) };
        let wall = utc_now();
        let folded = repeats == Repeats::Folded;
        if folded && shelf.recent.get(&act).is_some_and(|then| wall.0 - then.0 < REPEAT_MS) {
            return Ok(());
        }
        let entry = NewEntry {
            kind: act.act.clone(),
            actor: act.who.clone(),
            device: act.terminal.clone(),
            at: HearingTime(0),
            wall,
            payload: serde_json::to_vec(&act).unwrap_or_default(),
        };
        let journal = Arc::clone(&shelf.journal);
        drop(shelves);
        journal.append(vec![entry]).await?;
        // Only what is on disk counts as noted.
        if folded && let Some(shelf) = self.shelves.lock().await.get_mut(folder) {
            if shelf.recent.len() >= RECENT_MAX {
                shelf.recent.retain(|_, then| wall.0 - then.0 < REPEAT_MS);
            }
            shelf.recent.insert(act, wall);
        }
        Ok(())
    }
}

impl Room {
    /// Notes an act before it is done: of the house, or of a meeting (its folder, its id) in that meeting's folder.
    pub async fn note_act(
        &self,
        meeting: Option<(&Path, &HearingId)>,
        act: Audited,
        repeats: Repeats,
    ) -> Result<(), RoomError> {
        let noted = match meeting {
            Some((dir, id)) => {
                let name = format!("{}/audit", signer_name(id));
                self.audit.note(dir, dir.join("meeting.key"), name, true, (act, repeats)).await
            }
            None => {
                let data = self.data_dir();
                self.audit
                    .note(data, data.join("hub.key"), "huiting/audit".to_owned(), false, (act, repeats))
                    .await
            }
        };
        noted.map_err(|e| RoomError::Audit(e.to_string()))
    }
}
