//! A room over a folder, without dossier and packages, for tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hub::{Packed, Packer, Room, RoomConfig};
use model::HearingId;
use record::Store;

#[path = "../../../../benches/support/no_pages.rs"]
mod no_pages;

struct NoPacker;
impl Packer for NoPacker {
    fn pack(&self, _: &HearingId, _: &Path) -> Result<Packed, String> {
        Err("no package is written here".to_owned())
    }
}

/// The room in `dir`, which is made where it is missing; its journals a second time below `mirror`.
pub(crate) async fn room(dir: &Path, mirror: Option<PathBuf>) -> Room {
    std::fs::create_dir_all(dir).expect("a folder");
    let config = RoomConfig {
        data: dir.to_owned(),
        court: "松江市清源区人民法院".to_owned(),
        room: "第三法庭".to_owned(),
        inputs: Vec::new(),
        rehearsal: None,
        font: dir.join("none"),
        outlines: dir.join("outlines"),
        shared: Vec::new(),
        deliberation: None,
        mirror,
    };
    let store = Arc::new(Store::open(&dir.join("huiting.sqlite")).expect("a store"));
    let room = Room::open(config, store, Arc::new(no_pages::NoPages), Arc::new(NoPacker)).await;
    room.expect("the room opens")
}
