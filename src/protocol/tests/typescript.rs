//! The TypeScript of the screens is generated from these types; this test fails where the committed files differ.
//! `make types` (HUITING_WRITE_TYPES=1) writes them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use std::path::{Path, PathBuf};

use protocol::check::CheckItem;
use protocol::replay::Reel;
use protocol::wire::{
    Alike, Catalogue, ClientMsg, Mend, PageInfo, SecondPass, ServerMsg, StatutePage, StatuteResults, Taken,
    TermList, Upload,
};
use ts_rs::{Config, TS};

fn export_into(dir: &Path) {
    let config = Config::new().with_out_dir(dir).with_large_int("number");
    ClientMsg::export_all(&config).expect("client messages export");
    ServerMsg::export_all(&config).expect("server messages export");
    Catalogue::export_all(&config).expect("catalogue exports");
    Mend::export_all(&config).expect("mending exports");
    Taken::export_all(&config).expect("what was taken exports");
    Upload::export_all(&config).expect("uploads export");
    PageInfo::export_all(&config).expect("page info exports");
    CheckItem::export_all(&config).expect("check items export");
    StatuteResults::export_all(&config).expect("statute results export");
    Alike::export_all(&config).expect("readings export");
    SecondPass::export_all(&config).expect("the second pass exports");
    TermList::export_all(&config).expect("terms export");
    StatutePage::export_all(&config).expect("a page of statutes exports");
    Reel::export_all(&config).expect("a reel exports");
    court::Fact::export_all(&config).expect("placeholders export");
}

fn files(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).expect("the folder is there") {
            let path = entry.expect("readable entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "ts") {
                found.push((path.clone(), std::fs::read_to_string(&path).expect("text")));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_committed_typescript_is_what_the_rust_types_say() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/protocol");
    if std::env::var_os("HUITING_WRITE_TYPES").is_some() {
        let _ = std::fs::remove_dir_all(&committed);
        export_into(&committed);
    }
    let fresh = tempfile::tempdir().expect("a temporary folder");
    export_into(fresh.path());
    let names = |root: &Path, all: Vec<(PathBuf, String)>| -> Vec<(PathBuf, String)> {
        all.into_iter()
            .map(|(p, t)| (p.strip_prefix(root).expect("below the root").to_path_buf(), t))
            .collect()
    };
    let want = names(fresh.path(), files(fresh.path()));
    let have = names(&committed, files(&committed));
    for (name, text) in &want {
        let found = have.iter().find(|(n, _)| n == name).map(|(_, t)| t);
        assert_eq!(found, Some(text), "{} is out of date: run `make types`", name.display());
    }
    assert_eq!(have.len(), want.len(), "web/src/protocol holds files no Rust type gives: run `make types`");
}
