//! What each client has been sent, and reading back from the files what it has missed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::{HearingId, HearingTime, SeatId, TrackId};
use protocol::link::Frame;
use protocol::link::recorder::FromRecorder;

use super::client::Outgoing;
use crate::playback::{PlaybackError, Recording};
use crate::{layout, recover};

/// A client by what it asked for.
#[derive(Debug)]
pub(super) enum Role {
    /// It has not said hello.
    Unknown,
    Hub(HubFeed),
    Recogniser(SoundFeed),
}

/// Fragments and gaps for a hub.
///
/// ```text
///   Behind ──catch-up from the files──► Live ──queue full──► Behind
/// ```
#[derive(Debug)]
pub(super) struct HubFeed {
    /// Whose fragments it wants; those of another hearing are not for it.
    pub(super) hearing: HearingId,
    /// Per track, the last sequence it has.
    pub(super) sent: BTreeMap<TrackId, u64>,
    pub(super) pace: Pace,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Pace {
    /// Something is missing and nobody is reading it.
    #[default]
    Behind,
    /// The files are being read for it.
    CatchingUp,
    /// Everything new goes to it at once.
    Live,
}

/// Sound for a recogniser: per seat, the next sample it wants.
#[derive(Debug, Default)]
pub(super) struct SoundFeed {
    pub(super) next: BTreeMap<SeatId, u64>,
}

/// Reads from the files what lies between `sent` and `synced` and puts it into the client's queue, waiting for room.
/// Blocking. Gives how far it came; `None` if the client has gone.
pub(super) fn catch_up(
    media_dir: &Path,
    mut sent: BTreeMap<TrackId, u64>,
    synced: &BTreeMap<TrackId, u64>,
    out: &Outgoing,
) -> Option<BTreeMap<TrackId, u64>> {
    let gaps = layout::gaps(media_dir).unwrap_or_else(|error| {
        tracing::error!(%error, "the list of gaps cannot be read");
        Vec::new()
    });
    for (track, until) in synced {
        let after = sent.get(track).copied().unwrap_or(0);
        if after >= *until {
            continue;
        }
        let mut gaps = gaps.iter().filter(|g| g.track == *track && g.after_seq >= after).peekable();
        let mut alive = true;
        let mut give = |message: FromRecorder| {
            alive = alive && out.blocking_send(Frame::bare(message)).is_ok();
            alive
        };
        let result = recover::fragments(media_dir, track, after, *until, |fragment| {
            while let Some(gap) = gaps.next_if(|g| g.after_seq < fragment.seq) {
                give(gap_message(gap));
            }
            give(FromRecorder::Fragment(fragment))
        });
        gaps.filter(|g| g.after_seq <= *until).for_each(|gap| {
            give(gap_message(gap));
        });
        if let Err(error) = result {
            tracing::error!(%error, %track, "fragments cannot be read back");
        }
        if !alive {
            return None;
        }
        sent.insert(track.clone(), *until);
    }
    Some(sent)
}

/// Gives a client what the recording has of these seats. Blocking.
pub(super) fn give_recorded(
    media_dir: PathBuf,
    seats: &[SeatId],
    (from, to): (HearingTime, HearingTime),
    scratch: &Path,
    out: &Outgoing,
) {
    let recording = Recording::at(media_dir);
    let tracks = seats.iter().filter_map(|seat| Some((seat, layout::microphone_track(seat).ok()?)));
    let mut next: Option<HearingTime> = None;
    let mut nothing = true;
    for (seat, track) in tracks {
        let sound = match recording.sound(&track, from, to, scratch) {
            Ok(sound) => sound,
            // Nothing has been recorded yet.
            Err(PlaybackError::NoSuchFile) => continue,
            Err(error) => {
                let sentence = format!("the recording of {seat} cannot be read: {error}");
                tracing::error!(sentence);
                // Who has gone needs no answer.
                let _ = out.blocking_send(Frame::bare(FromRecorder::Refused { sentence }));
                return;
            }
        };
        if sound.samples.is_empty() {
            let goes_on = recording.goes_on(&track, to).ok().flatten();
            next = next.into_iter().chain(goes_on).min();
            continue;
        }
        nothing = false;
        let sample = |s: &f32| ((s.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16).to_le_bytes();
        let body = sound.samples.iter().flat_map(sample).collect();
        let message = FromRecorder::Recorded { seat: seat.clone(), at: from, rate_hz: sound.rate_hz };
        if out.blocking_send(Frame { message, body }).is_err() {
            return;
        }
    }
    // Who has gone needs no end.
    let next = next.filter(|_| nothing);
    let _ = out.blocking_send(Frame::bare(FromRecorder::RecordedEnd { next }));
}

pub(super) fn gap_message(gap: &layout::GapLine) -> FromRecorder {
    FromRecorder::Gap { track: gap.track.clone(), from: gap.from, to: gap.to, cause: gap.cause }
}
