//! A hearing's task with a real journal, for tests.

use std::path::Path;
use std::sync::Arc;

use court::{HearingInfo, Outline, Report};
use hub::{Handle, HearingSetup};
use media::clock::HearingClock;
use model::{CaseId, HearingId, Role, Seat, SeatId};
use protocol::link::recorder::ClockOrigin;
use record::{Journal, JournalConfig, Key};

#[path = "../../../../benches/support/no_pages.rs"]
pub(crate) mod no_pages;

pub(crate) fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("well formed")
}

pub(crate) fn seat(name: &str, role: Role) -> Seat {
    Seat {
        id: id(name),
        role,
        name: String::new(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    }
}

/// A hearing with a real journal in `dir`; `opens` with these seats, else it goes on where it was.
pub(crate) fn start(dir: &Path, origin: &ClockOrigin, opens: Option<Vec<Seat>>) -> Handle {
    start_with(dir, origin, opens, |_| {})
}

/// The same, set up otherwise.
pub(crate) fn start_with(
    dir: &Path,
    origin: &ClockOrigin,
    opens: Option<Vec<Seat>>,
    change: impl FnOnce(&mut HearingSetup),
) -> Handle {
    let signer =
        Key::load_or_create(&dir.join("key")).expect("a key").signer("huiting/h1").expect("a signer");
    let config =
        JournalConfig { segment_bytes: 1 << 20, ..JournalConfig::new("huiting/h1", Box::new(signer)) };
    let (journal, recovered) = Journal::open(&dir.join("journal"), config).expect("the journal opens");
    let info = HearingInfo {
        hearing: HearingId::new("h1").expect("well formed"),
        case: CaseId::new("c1").expect("well formed"),
        court: "松江市清源区人民法院".to_owned(),
        number: "（2026）清0102民初318号".to_owned(),
        cause: "民间借贷纠纷".to_owned(),
        room: "第三法庭".to_owned(),
        session: 1,
        public: true,
        origin: origin.utc_ms,
    };
    let mut setup = HearingSetup {
        hearing: info.hearing.clone(),
        case: info.case.clone(),
        journal,
        recovered: recovered.into_payloads(),
        opening: opens.map(|seats| Report::Opened { info, outline: Outline::civil_ordinary(), seats }),
        clock: HearingClock::new(origin.clone()),
        pages: Arc::new(no_pages::NoPages),
        media_dir: dir.join("media"),
        inputs: Vec::new(),
        sockets: None,
        companions: None,
        rehearsal: None,
        secret: false,
    };
    change(&mut setup);
    Handle::start(setup).expect("the hearing starts")
}
