//! A package that nobody touched.

use std::fs;

use proof::VerifyingKey;

use crate::support::{Hearing, Packed, entry, files, journal, python, write};

#[test]
fn a_package_is_whole_for_the_program_and_for_its_own_script() {
    let packed = Packed::new();
    let report = &packed.written.report;
    assert!(report.ok, "{report}");
    assert_eq!(report.entries, packed.hearing.events.len() as u64);
    assert_eq!(report.fragments, 8);
    assert_eq!(report.number.as_deref(), Some("（2026）清0102民初318号"));
    assert!(report.to_string().starts_with("完整 / WHOLE: （2026）清0102民初318号  h1\n"), "{report}");
    assert_eq!(serde_json::to_value(report).unwrap()["findings"], serde_json::json!([]));
    let (status, said) = python(&packed.root().join("verify.py"), packed.root());
    assert_eq!(status, 0, "{said}");
    assert!(said.contains(&format!("{} entries, 8 fragments", report.entries)), "{said}");
    assert!(said.contains(&report.root), "the same root: {said}");
    assert!(said.contains(report.key.as_deref().unwrap()), "the same key: {said}");
    let segments = files(packed.root()).iter().filter(|f| f.ends_with(".seg")).count();
    assert!(segments >= 3, "the journal has {segments} segments: too few for what is tested here");
    assert_eq!(packed.written.name, "h1-20261123-100500");
}

#[test]
fn the_bag_is_complete_and_its_manifest_counts_right() {
    let packed = Packed::new();
    let there = files(packed.root());
    for file in [
        "README.txt",
        "bag-info.txt",
        "bagit.txt",
        "verify.py",
        "package.note",
        "data/key.txt",
        "data/log.jsonl",
    ] {
        assert!(there.iter().any(|f| f == file), "{file}");
    }
    let payload: Vec<_> = there.iter().filter(|f| f.starts_with("data/")).collect();
    let bytes: u64 = payload.iter().map(|f| fs::metadata(packed.root().join(f)).unwrap().len()).sum();
    let info = fs::read_to_string(packed.root().join("bag-info.txt")).unwrap();
    assert!(info.contains(&format!("Payload-Oxum: {bytes}.{}\n", payload.len())), "{info}");
    let manifest = fs::read_to_string(packed.root().join("manifest-sha256.txt")).unwrap();
    let listed: Vec<_> = manifest.lines().map(|l| l.split_once("  ").unwrap().1.to_owned()).collect();
    assert_eq!(listed.iter().collect::<Vec<_>>(), payload);
    let readme = fs::read_to_string(packed.root().join("README.txt")).unwrap();
    assert!(readme.contains("（2026）清0102民初318号") && !readme.contains('{'), "{readme}");
}

#[test]
fn every_line_and_mark_has_its_proof_that_needs_nothing_but_the_key() {
    let packed = Packed::new();
    let key = VerifyingKey::parse(&fs::read_to_string(packed.root().join("data/key.txt")).unwrap()).unwrap();
    let proofs: Vec<_> = files(packed.root()).into_iter().filter(|f| f.starts_with("data/proofs/")).collect();
    let state = packed.hearing.state.clone();
    for (kind, ids) in [
        ("line", state.lines.keys().map(|l| l.0).collect::<Vec<_>>()),
        ("mark", state.marks.keys().map(|m| m.0).collect()),
    ] {
        assert!(!ids.is_empty(), "{kind}");
        for id in ids {
            let name = format!("data/proofs/{kind}-{id}-entry-");
            let of: Vec<_> = proofs.iter().filter(|f| f.starts_with(&name)).collect();
            assert!(!of.is_empty(), "{kind} {id}");
            for file in of {
                let text = fs::read_to_string(packed.root().join(file)).unwrap();
                let proved = papers::check_proof(&text, &key).unwrap();
                assert_eq!(proved.of, packed.written.report.entries);
                let about = &proved.event["event"][kind];
                assert!(*about == id || about["id"] == id, "{file}: {about}");
            }
        }
    }
}

#[test]
fn what_happens_to_the_package_does_not_happen_to_the_recording() {
    let packed = Packed::new();
    crate::support::flip(packed.root(), "data/media/mic-judge/000001.m4s", 0);
    let again = write(packed.dir.path()).unwrap();
    assert!(again.report.ok, "{}", again.report);
}

#[test]
fn events_after_the_last_checkpoint_are_left_out_and_a_journal_without_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let hearing = Hearing::held(&dir.path().join("media"));
    let (first, rest) = hearing.events.split_at(3);
    let log = journal(&dir.path().join("journal"));
    log.append(first.iter().map(entry).collect()).wait().unwrap();
    let none = write(dir.path()).unwrap_err();
    assert!(none.to_string().contains("no checkpoint"), "{none}");
    assert_eq!(files(&dir.path().join("package")), [""; 0], "nothing half-written is left behind");
    log.checkpoint().wait().unwrap();
    log.append(rest[..1].iter().map(entry).collect()).wait().unwrap();
    let written = write(dir.path()).unwrap();
    assert!(written.report.ok, "{}", written.report);
    assert_eq!(written.report.entries, 3);
}

#[test]
fn a_folder_that_is_no_package_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = papers::verify(dir.path()).unwrap_err().to_string();
    assert!(error.contains("not a hearing package"), "{error}");
}
