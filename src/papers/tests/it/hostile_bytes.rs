//! Packages, archives, proofs, templates and journals that somebody made who wishes us ill.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use hostile::Chance;
use model::UtcMs;
use papers::{
    Kind, PaperName, Printing, Record, Subject, Templates, annotations, check_proof, compose, docx,
    examination_csv, fold, html, prove, read_manifest, unzip_package, webvtt, zip_package,
};
use proof::Signer as _;
use record::{Entry, JournalReader};

use crate::support::{Packed, files, python, signer};

/// What both verifiers say of a package that leads out of itself; neither may hang, fill the memory or break down.
fn both_refuse(packed: &Packed, root: &Path, file: &str) {
    let report = papers::verify(root).unwrap();
    assert!(report.findings.iter().any(|f| f.file == file), "{report}");
    let (status, said) = python(&packed.root().join("verify.py"), root);
    assert_eq!(status, 1, "{said}");
    assert!(said.lines().any(|l| l.starts_with(&format!("  {file}: "))), "{said}");
}

#[test]
fn a_device_or_a_link_in_the_place_of_a_file_is_named_and_never_read() {
    let packed = Packed::new();
    for file in [
        "data/journal/000001.seg",
        "data/key.txt",
        "data/checkpoint.txt",
        "data/media/mic-judge/000001.m4s",
        "package.note",
        "manifest-sha256.txt",
    ] {
        let (_dir, root) = packed.copy();
        fs::remove_file(root.join(file)).unwrap();
        symlink("/dev/zero", root.join(file)).unwrap();
        both_refuse(&packed, &root, file);
    }
}

#[test]
fn hostile_bytes_in_manifests_and_notes_are_named_and_lead_nowhere() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    for file in [
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "package.note",
        "data/key.txt",
        "data/checkpoint.txt",
        "bag-info.txt",
    ] {
        let whole = fs::read(root.join(file)).unwrap();
        let climbing = String::from_utf8_lossy(&whole).replace("data/", "../../").into_bytes();
        let rooted = String::from_utf8_lossy(&whole).replace("data/", "/dev/").into_bytes();
        hostile::attack(file, &[whole.clone(), climbing, rooted], 6, |bytes| {
            fs::write(root.join(file), bytes).unwrap();
            let report = papers::verify(&root).unwrap();
            assert_eq!(report.ok, bytes == whole, "{report}");
            report.findings.iter().for_each(hostile::sentence);
        });
        fs::write(root.join(file), &whole).unwrap();
    }
}

/// Whoever signs with a key of their own may write any event into a journal: the record made of it must not break down.
#[test]
fn hostile_events_in_a_journal_fold_into_a_record_or_are_refused() {
    let packed = Packed::new();
    let read = JournalReader::read(&packed.root().join("data/journal"), None).unwrap();
    let whole: Vec<Entry> = read.entries;
    let payloads: Vec<Vec<u8>> = whole.iter().filter_map(|e| e.payload.clone()).collect();
    let samples: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
    let templates = Templates::shipped();
    let mut folded = 0;
    for seed in hostile::seeds(150) {
        let mut chance = Chance::of(seed);
        let mut entries = whole.clone();
        for _ in 0..=chance.below(6) {
            let at = chance.below(entries.len());
            match chance.below(4) {
                0 => drop(entries.remove(at)),
                1 => {
                    let other = chance.below(entries.len());
                    entries.swap(at, other);
                }
                2 => {
                    let again = entries[at].clone();
                    entries.push(again);
                }
                _ => entries[at].payload = Some(hostile::change(&samples, &mut chance)),
            }
        }
        match fold(&entries) {
            Err(refusal) => hostile::sentence(&refusal),
            Ok(state) => {
                folded += 1;
                let Some(record) = Record::of(&state) else { continue };
                drop((webvtt(&record), examination_csv(&record), annotations(&record, &record.marks)));
                for name in papers::names(&record) {
                    if let Ok(paper) =
                        compose(name, &record, &templates, Printing { seal: None, draft: Some(UtcMs(0)) })
                    {
                        let _ = html(&paper);
                        let _ = docx(&paper);
                    }
                }
            }
        }
    }
    assert!(
        folded > 20 || std::env::var_os("HUITING_SEED").is_some(),
        "{folded} records: too few to try the papers"
    );
}

#[test]
fn hostile_bytes_in_a_proof_file_prove_nothing_but_what_was_logged() {
    let packed = Packed::new();
    let (key, journal) = (signer().key().clone(), packed.root().join("data/journal"));
    let proofs: Vec<_> =
        [3, 9].iter().flat_map(|n| prove(&journal, &key, &Subject::Entry(*n)).unwrap()).collect();
    let events: Vec<_> = proofs.iter().map(|p| check_proof(&p.text, &key).unwrap().event).collect();
    let texts: Vec<&str> = proofs.iter().map(|p| p.text.as_str()).collect();
    hostile::attack_text("proof", &texts, 1_500, |text| match check_proof(text, &key) {
        // Nothing of what was withheld can be told apart; what is told is what was logged.
        Ok(proved) => assert!(proved.event.is_null() || events.contains(&proved.event), "{proved:?}"),
        Err(refusal) => hostile::sentence(&refusal),
    });
}

#[test]
fn hostile_bytes_in_a_template_are_refused_with_line_and_remedy() {
    let shipped: Vec<(String, &str)> = Templates::shipped_files().collect();
    for (file, text) in &shipped {
        hostile::attack_text(file, &[*text], 120, |text| {
            let (_, faults) = Templates::with([(file.as_str(), text)]);
            for fault in faults {
                hostile::sentence(&fault);
                assert!(fault.line >= 1 && fault.line <= text.lines().count().max(1), "{fault}");
            }
        });
    }
}

#[test]
fn hostile_bytes_in_names_of_papers_are_one_or_refused() {
    let samples = ["record", "record-copy", "record-public", "fault-3", "fault-3-copy-public"];
    hostile::attack_text("paper", &samples, 4_000, |text| match text.parse::<PaperName>() {
        Ok(name) => assert!(Kind::ALL.contains(&name.kind)),
        Err(refusal) => hostile::sentence(&refusal),
    });
}

#[test]
fn hostile_bytes_in_an_archive_file_unpack_inside_their_folder_and_not_without_end() {
    let dir = tempfile::tempdir().unwrap();
    let bag = dir.path().join("h1-record");
    fs::create_dir_all(bag.join("data")).unwrap();
    fs::write(bag.join("bagit.txt"), "BagIt-Version: 1.0\n").unwrap();
    fs::write(bag.join("data/key.txt"), "a key").unwrap();
    let mut zip = Vec::new();
    zip_package(&bag, &mut zip).unwrap();
    let climbing = String::from_utf8_lossy(&zip).replace("h1-record/", "../../../x").into_bytes();
    let (packed, into) = (dir.path().join("p.zip"), dir.path().join("deep/er/unpacked"));
    hostile::attack("zip", &[zip, climbing], 300, |bytes| {
        let _ = fs::remove_dir_all(&into);
        fs::create_dir_all(&into).unwrap();
        fs::write(&packed, bytes).unwrap();
        match unzip_package(&packed, &into) {
            Ok(root) => assert!(root.starts_with(&into)),
            Err(refusal) => assert!(!refusal.to_string().is_empty()),
        }
        assert_eq!(
            files(dir.path()).iter().filter(|f| !f.starts_with("deep/er/unpacked/")).count(),
            3,
            "nothing outside"
        );
    });
    // Three hundred megabytes of nothing in three hundred kilobytes.
    let mut bomb = zip::ZipWriter::new(fs::File::create(&packed).unwrap());
    bomb.start_file(
        "h1/bagit.txt",
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated),
    )
    .unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..300 {
        std::io::Write::write_all(&mut bomb, &zeros).unwrap();
    }
    bomb.finish().unwrap();
    let refused = unzip_package(&packed, &dir.path().join("bomb")).unwrap_err();
    assert!(refused.to_string().contains("far more"), "{refused}");
}

#[test]
fn an_archive_that_names_files_outside_itself_or_itself_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::create_dir_all(root.join("data/hearings")).unwrap();
    fs::write(root.join("bagit.txt"), "BagIt-Version: 1.0\n").unwrap();
    let said = |file: &str, hearing: &str| {
        let case = serde_json::json!({
            "case": {"id": "c1", "number": "（2026）清0102民初318号", "branch": "civil", "cause": "借贷", "procedure": "civil-ordinary", "court": "",
                "filed": null, "judge": "", "panel": [], "clerk": "", "parties": []},
            "retention": "long", "archived": "2026-03-01",
            "main": [{"number": 1, "doc": "d1", "heading": "起诉状", "title": "起诉状", "from": 1, "to": 1, "side": "plaintiff", "evidenceNumber": null, "file": file, "sha256": "00"}],
            "secondary": [], "explained": {}, "hearings": [hearing], "properties": []
        });
        fs::write(root.join("data/case.json"), case.to_string()).unwrap();
        (read_manifest(root), papers::verify(root).unwrap())
    };
    for (file, hearing) in [
        ("../../etc/passwd", "h1"),
        ("/dev/zero", "h1"),
        ("main/1.pdf", ".."),
        ("main/1.pdf", "../.."),
        ("main/1.pdf", "a/b"),
        ("main/1.pdf", ""),
    ] {
        let (read, report) = said(file, hearing);
        let refusal = read.expect_err("it leads out of the archive");
        assert!(refusal.contains("no file of an archive"), "{refusal}");
        assert!(report.findings.iter().any(|f| f.file == "data/case.json"), "{report}");
    }
    // An archive whose hearing is itself, by a link: looked at once.
    let (read, _) = said("main/1.pdf", "h1");
    read.expect("names as they should be");
    symlink("../..", root.join("data/hearings/h1")).unwrap();
    let report = papers::verify(root).unwrap();
    assert!(
        report.findings.iter().any(|f| f.file == "data/hearings/h1" && f.detail.contains("no package")),
        "{report}"
    );
}

#[test]
fn hostile_bytes_in_an_archives_list_are_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("data")).unwrap();
    let list = r#"{"case":{"id":"c1","number":"（2026）清0102民初318号","branch":"civil","cause":"借贷","procedure":"civil-ordinary","court":"","filed":null,"judge":"",
        "panel":[],"clerk":"","parties":[]},"retention":"long","archived":"2026-03-01","main":[],"secondary":[],"explained":{},"hearings":["h1"],"properties":[]}"#;
    hostile::attack("case.json", &[list], 1_500, |bytes| {
        fs::write(dir.path().join("data/case.json"), bytes).unwrap();
        match read_manifest(dir.path()) {
            Ok(said) => assert!(said.hearings.iter().all(|h| !h.contains('/') && h != "..")),
            Err(refusal) => hostile::sentence(&refusal),
        }
    });
}
