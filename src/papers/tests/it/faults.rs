//! A package that somebody touched: the program and the script find it, and say where.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command as Program;

use papers::{Report, What};
use sha2::{Digest, Sha256};

use crate::support::{Packed, files, flip, python};

fn names(report: &Report, file: &str) -> bool {
    report.findings.iter().any(|f| f.file == file)
}

/// Both verifiers look at `root`; both must name `file`.
fn both_name(packed: &Packed, root: &Path, file: &str, case: &str) -> Report {
    let report = papers::verify(root).unwrap();
    assert!(!report.ok && names(&report, file), "{case}: {report}");
    let (status, said) = python(&packed.root().join("verify.py"), root);
    assert_eq!(status, 1, "{case}: {said}");
    assert!(said.lines().any(|l| l.starts_with(&format!("  {file}: "))), "{case}: {said}");
    report
}

#[test]
fn one_changed_byte_in_any_file_is_found_and_the_file_is_named() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    for file in files(&root) {
        let len = fs::metadata(root.join(&file)).unwrap().len() as usize;
        for at in [0, len / 2, len - 1] {
            flip(&root, &file, at);
            both_name(&packed, &root, &file, &format!("byte {at} of {file}"));
            flip(&root, &file, at);
        }
    }
    assert!(papers::verify(&root).unwrap().ok, "everything was put back");
}

#[test]
fn any_removed_file_is_named() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    for file in files(&root) {
        let bytes = fs::read(root.join(&file)).unwrap();
        fs::remove_file(root.join(&file)).unwrap();
        if file == "bagit.txt" {
            assert!(papers::verify(&root).is_err());
            assert_eq!(python(&packed.root().join("verify.py"), &root).0, 2);
        } else {
            both_name(&packed, &root, &file, &format!("{file} removed"));
        }
        fs::write(root.join(&file), bytes).unwrap();
    }
    assert!(papers::verify(&root).unwrap().ok, "everything was put back");
}

#[test]
fn an_added_file_is_named_wherever_it_lies() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    for file in ["note.txt", "data/more.txt", "data/media/mic-judge/000003.m4s", "data/journal/000099.seg"] {
        fs::write(root.join(file), "added").unwrap();
        let report = both_name(&packed, &root, file, file);
        assert!(report.findings.iter().any(|f| f.file == file && f.what == What::Added), "{report}");
        fs::remove_file(root.join(file)).unwrap();
    }
}

#[test]
fn a_link_in_place_of_a_file_is_not_followed() {
    let packed = Packed::new();
    let (dir, root) = packed.copy();
    let (file, aside) = ("data/record/record.html", dir.path().join("aside.html"));
    fs::rename(root.join(file), &aside).unwrap();
    symlink(&aside, root.join(file)).unwrap();
    both_name(&packed, &root, file, "a link to the very same bytes");
}

#[test]
fn a_changed_fragment_is_told_with_its_track_number_and_time() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    let file = "data/media/mic-judge/000002.m4s";
    flip(&root, file, 250);
    let report = both_name(&packed, &root, file, "fragment 4");
    let finding = report.findings.iter().find(|f| f.file == file).unwrap().to_string();
    let says = "fragment 4 of mic-judge, hearing time 00:00:03.000 to 00:00:04.000: bytes 200 to 400";
    assert!(finding.contains(says), "{finding}");
}

#[test]
fn a_changed_journal_entry_is_told_with_its_number() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    let file = "data/journal/000002.seg";
    flip(&root, file, 400);
    let report = both_name(&packed, &root, file, "an entry");
    let broken = report.findings.iter().find(|f| f.file == file && f.what == What::Broken).expect("named");
    assert!(broken.detail.contains(", entry "), "{broken}");
}

#[test]
fn a_changed_word_of_the_record_is_quoted_beside_the_right_one() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    let html = fs::read_to_string(root.join("data/record/record.html")).unwrap();
    let changed = html.replace("四十五万元", "四万五千元");
    assert_ne!(html, changed);
    fs::write(root.join("data/record/record.html"), changed).unwrap();
    let report = both_name(&packed, &root, "data/record/record.html", "an amount");
    let detail = &report.findings[0].detail;
    assert!(detail.contains("四万五千元") && detail.contains("by the journal it is"), "{detail}");
}

/// Writes both manifests anew, as somebody would who hides a change.
fn forge_manifests(root: &Path) {
    let line =
        |f: &String| format!("{}  {f}\n", hex::encode(Sha256::digest(fs::read(root.join(f)).unwrap())));
    let of =
        |want: &dyn Fn(&String) -> bool| files(root).iter().filter(|f| want(f)).map(line).collect::<String>();
    fs::write(root.join("manifest-sha256.txt"), of(&|f| f.starts_with("data/"))).unwrap();
    let outside = |f: &String| !f.contains('/') && f != "tagmanifest-sha256.txt" && f != "package.note";
    fs::write(root.join("tagmanifest-sha256.txt"), of(&outside)).unwrap();
}

#[test]
fn a_change_hidden_behind_new_manifests_is_found_by_signature_and_journal() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    forge_manifests(&root);
    assert!(papers::verify(&root).unwrap().ok, "manifests written anew over the same files are the same");
    let html = fs::read_to_string(root.join("data/record/record.html")).unwrap();
    fs::write(root.join("data/record/record.html"), html.replace("违约金过高", "违约金不高")).unwrap();
    forge_manifests(&root);
    let report = both_name(&packed, &root, "manifest-sha256.txt", "forged manifests");
    assert!(names(&report, "data/record/record.html"), "the journal tells what the record must be: {report}");
}

#[test]
fn a_changed_proof_behind_new_manifests_is_named_by_both() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    let file = files(&root).into_iter().find(|f| f.starts_with("data/proofs/line-")).unwrap();
    let whole = fs::read_to_string(root.join(&file)).unwrap();
    let lines: Vec<_> = whole.lines().collect();
    for (n, line) in lines.iter().enumerate().filter(|(_, l)| !l.is_empty()) {
        // One character of each line: format, entry, index, each hash, and the checkpoint.
        let at = line.len() / 2;
        let other = if line.as_bytes()[at] == b'B' { "C" } else { "B" };
        let mut changed: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let end = line.char_indices().nth(line[..at].chars().count() + 1).map_or(line.len(), |(i, _)| i);
        changed[n].replace_range(at..end, other);
        fs::write(root.join(&file), changed.join("\n") + "\n").unwrap();
        forge_manifests(&root);
        both_name(&packed, &root, &file, &format!("line {n} of {file}"));
    }
}

#[test]
fn a_package_signed_by_somebody_else_tells_another_key() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    let stranger = proof::Ed25519Signer::new(crate::support::ORIGIN, &[6; 32]).unwrap();
    let text = proof::Signer::key(&stranger).text();
    fs::write(root.join("data/key.txt"), format!("{text}\n")).unwrap();
    forge_manifests(&root);
    let report = both_name(&packed, &root, "package.note", "another key");
    assert_eq!(report.key, Some(text));
    assert!(names(&report, "data/checkpoint.txt"), "{report}");
}

/// Every byte of every small file that a signature or a key stands in, changed in two ways: one Python process for all.
const EVERY_BYTE: &str = r#"
import contextlib, importlib.util, io, os, sys
sys.dont_write_bytecode = True
script, root, names = sys.argv[1], sys.argv[2], sys.argv[3:]
spec = importlib.util.spec_from_file_location("verify", script)
verify = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verify)
sys.argv = [script, root]
for name in names:
    path = os.path.join(root, name)
    whole = open(path, "rb").read()
    for at in range(len(whole)):
        for bit in (1, 0x40):
            with open(path, "wb") as file:
                file.write(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1:])
            verify.findings.clear()
            with contextlib.redirect_stdout(io.StringIO()):
                status = verify.main()
            if status != 1:
                print("%s byte %d bit %d: status %d" % (name, at, bit, status))
    with open(path, "wb") as file:
        file.write(whole)
print("done")
"#;

#[test]
fn every_byte_of_what_is_signed_counts_for_both_verifiers() {
    const FILES: [&str; 3] = ["package.note", "data/checkpoint.txt", "data/key.txt"];
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    for file in FILES {
        let whole = fs::read(root.join(file)).unwrap();
        for at in 0..whole.len() {
            for bit in [1, 0x40] {
                let mut bytes = whole.clone();
                bytes[at] ^= bit;
                fs::write(root.join(file), bytes).unwrap();
                let report = papers::verify(&root).unwrap();
                assert!(!report.ok, "{file} byte {at} bit {bit}");
            }
        }
        fs::write(root.join(file), whole).unwrap();
    }
    let script = packed.root().join("verify.py");
    let out = Program::new("/usr/bin/python3")
        .args(["-I", "-c", EVERY_BYTE])
        .arg(script)
        .arg(&root)
        .args(FILES)
        .output();
    let out = out.expect("Python 3 is there");
    assert_eq!(String::from_utf8_lossy(&out.stdout), "done\n", "{}", String::from_utf8_lossy(&out.stderr));
}
