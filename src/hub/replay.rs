//! A hearing that is over, played back as each view class saw it: folded from its journal, whose hashes and signatures are checked first.

use court::Stamped;
use model::{HearingId, ViewClass};
use protocol::replay::{Reel, reel};
use record::{JournalError, JournalReader};

use crate::commit::event_of;
use crate::hearing::HubError;
use crate::room::{Room, RoomError, signer_of};

impl Room {
    /// Whether a hearing can be played back: it is closed, and sound and picture are sealed.
    pub async fn can_replay(&self, hearing: &HearingId) -> Result<(), RoomError> {
        let state = self.hearing(hearing).await?.state().await?;
        if state.media_sealed || self.is_restored(hearing).await {
            Ok(())
        } else {
            Err(RoomError::NotOver(hearing.clone()))
        }
    }

    /// Everything that screens of a class were shown.
    pub async fn reel(&self, hearing: &HearingId, class: ViewClass) -> Result<Reel, RoomError> {
        self.can_replay(hearing).await?;
        let (data, of) = (self.data_dir().to_owned(), hearing.clone());
        let dir = self.hearing_dir(hearing).join("journal");
        let folded = tokio::task::spawn_blocking(move || {
            let signer = signer_of(&data, &of)?;
            let read = JournalReader::read(&dir, Some(proof::Signer::key(&signer)))?;
            if let Some(fault) = read.faults.into_iter().next() {
                return Err(JournalError::Damaged(fault).into());
            }
            let stamped = |entry: &record::Entry| {
                let payload = entry.payload.as_deref()?;
                Some(event_of(payload).map_err(|source| HubError::Unreadable { seq: entry.seq, source }))
            };
            let events: Vec<Stamped> = read.entries.iter().filter_map(stamped).collect::<Result<_, _>>()?;
            reel(&events, class).ok_or(RoomError::UnknownHearing(of))
        });
        folded.await.map_err(|e| RoomError::Broken(e.to_string()))?
    }
}
