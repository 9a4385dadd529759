//! A court's registry by the command line: case lists, a generated year of indicators, an archive carried into another house.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{binary, repository};

/// A data folder of its own, with its settings file.
struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let pdfium = repository().join("target/pdfium/libpdfium.so");
        let text = format!(
            "[storage]\ndata = {:?}\n[room]\ncourt = \"清源法院\"\n[dossier]\npdfium = {:?}\n",
            folder.path().join("data").display().to_string(),
            pdfium.display().to_string()
        );
        std::fs::write(folder.path().join("huiting.toml"), text).expect("writable");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn runs(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let config = self.path("huiting.toml").display().to_string();
        let all = [&["--config", config.as_str()], arguments].concat();
        let out = Command::new(binary()).current_dir(repository()).args(all).output().expect("it starts");
        let said = [out.stdout, out.stderr].concat();
        (out.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    /// What is printed as JSON.
    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let config = self.path("huiting.toml").display().to_string();
        let all = [&["--config", config.as_str()], arguments].concat();
        let out = Command::new(binary()).current_dir(repository()).args(all).output().expect("it starts");
        serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)))
    }
}

fn year(arguments: &[&str]) -> Output {
    let script = repository().join("fixtures/year/build.py");
    let out = Command::new("/usr/bin/python3").arg(script).args(arguments).output().expect("Python 3");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn a_generated_year_shows_the_figures_that_were_counted_when_it_was_made_up() {
    let house = House::new();
    let out = text(&house.path("year"));
    year(&[&out]);
    let list = text(&house.path("year/cases.csv"));
    let (code, said) = house.runs(&["case", "import-list", &list]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("240 cases new, 0 changed, 0 unchanged"), "{said}");
    let (_, again) = house.runs(&["case", "import-list", &list]);
    assert!(
        again.contains("0 cases new, 0 changed, 240 unchanged, 0 hearings scheduled, 0 faults"),
        "{again}"
    );
    year(&[&out, "--into", &text(&house.path("data/huiting.sqlite"))]);

    let expected = std::fs::read(house.path("year/expected.json")).expect("written");
    let expected: BTreeMap<String, BTreeMap<String, [u32; 2]>> =
        serde_json::from_slice(&expected).expect("JSON");
    assert!(expected.len() >= 12);
    for (month, figures) in &expected {
        let found = house.json(&["indicators", "--month", month, "--json"]);
        let found = found.as_array().expect("a list");
        assert_eq!(found.len(), 6);
        for figure in found {
            let name = figure["indicator"].as_str().expect("a name");
            let is = figures.get(name).copied().unwrap_or_default();
            let shown =
                [&figure["numerator"], &figure["denominator"]].map(|n| n.as_u64().expect("a count") as u32);
            assert_eq!(shown, is, "{name} {month}");
            let cases = figure["cases"].as_array().expect("a list");
            let sum: u64 = cases.iter().filter_map(|c| c["denominator"].as_u64()).sum();
            assert_eq!(sum, u64::from(is[1]), "the cases of a figure are all it counts");
        }
    }
    std::fs::write(house.path("data/indicators.toml"), "scope = [\"administrative\"]\n").expect("writable");
    let (_, narrow) = house.runs(&["indicators", "--month", "2025-06", "--csv"]);
    assert!(narrow.contains("行初") && !narrow.contains("民初"), "{narrow}");
}

#[test]
fn a_wrong_row_is_named_and_the_good_ones_are_imported() {
    let house = House::new();
    let list = house.path("list.csv");
    let rows = "\u{feff}案号,案由,开庭时间\n（2026）清0102民初1号,买卖合同纠纷,2026-03-01 09:30\n,租赁合同纠纷,\n（2026）清0102民初2号,租赁合同纠纷,三月一日\n";
    std::fs::write(&list, rows).expect("writable");
    let (code, said) = house.runs(&["case", "import-list", &text(&list)]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("list.csv:3: 案号") && said.contains("list.csv:4: 开庭时间"), "{said}");
    assert!(said.contains("1 cases new, 0 changed, 0 unchanged, 1 hearings scheduled, 2 faults"), "{said}");
    let entries = "[{\"number\": \"（2026）清0102民初2号\", \"cause\": \"租赁合同纠纷\", \"sitting\": \"2026-03-02 14:00\"}]";
    std::fs::write(house.path("list.json"), entries).expect("writable");
    let done = house.json(&["case", "import-list", &text(&house.path("list.json")), "--json"]);
    assert_eq!((done["created"].as_u64(), done["scheduled"].as_u64()), (Some(1), Some(1)));
}

/// An archive of a case with two papers of the sample case, one of them in the secondary file, written by another house.
fn archive(house: &House) -> PathBuf {
    use papers::{ArchiveInput, ArchivePiece, Templates, write_archive};
    use registry::{Held, ListedCase, Retention};
    let fixtures = repository().join("target/fixtures/case");
    let key = record::Key::load_or_create(&house.path("other.key")).expect("a key");
    let piece = |n: u32, name: &str, heading: &str| {
        let file = fixtures.join(name);
        let bytes = std::fs::read(&file).expect("the sample case is there: scripts/setup.sh fixtures");
        ArchivePiece {
            held: Held {
                doc: format!("d{n:03}").parse().expect("well formed"),
                heading: heading.to_owned(),
                title: heading.to_owned(),
                pages: 1,
            },
            side: model::Side::Bench,
            evidence_number: None,
            file,
            sha256: hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes)),
            pages_read: 1,
            unread: Vec::new(),
        }
    };
    let main = [piece(1, "02-起诉状.pdf", "起诉状")];
    let secondary = [piece(2, "04-诉讼费用缴纳通知书.pdf", "评议笔录")];
    let case = ListedCase {
        id: "old-case".parse().expect("well formed"),
        number: "（2025）清0102民初7号".to_owned(),
        branch: registry::Branch::Civil,
        cause: "民间借贷纠纷".to_owned(),
        procedure: "civil-ordinary".to_owned(),
        court: "清源法院".to_owned(),
        filed: None,
        judge: "沈岚".to_owned(),
        panel: Vec::new(),
        clerk: String::new(),
        parties: Vec::new(),
    };
    let written = write_archive(&ArchiveInput {
        case: &case,
        retention: Some(Retention::Permanent),
        main: &main,
        secondary: &secondary,
        missing: &[],
        explained: &BTreeMap::new(),
        hearings: &[],
        key: &key,
        signer_of: &|h| key.signer(&hub::signer_name(h)).map_err(|e| e.to_string()),
        templates: &Templates::shipped(),
        font: Path::new("none"),
        out_dir: house.folder.path(),
        now: model::UtcMs(1_790_000_000_000),
    });
    written.expect("an archive").path
}

#[test]
fn an_archive_of_another_house_verifies_here_and_its_papers_are_found_each_in_its_file() {
    let house = House::new();
    let package = archive(&house);
    let (code, said) = house.runs(&["case", "restore", &text(&package)]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 documents, 1 in the secondary file"), "{said}");
    let kept = house.path("data/archive").join(package.file_name().expect("a name"));
    assert_eq!(house.runs(&["verify", &text(&kept)]).0, Some(0));
    let hits = |case: &str, words: &str| {
        let found = house.json(&["dossier", "search", case, words, "--json"]);
        found["hits"].as_array().map_or(0, Vec::len)
    };
    assert!(hits("old-case", "起诉状") > 0, "the main file is found");
    assert!(hits("old-case_fu", "诉讼费用") > 0, "the secondary file is found under its own id");
    assert_eq!(hits("old-case", "交纳诉讼费用通知"), 0, "nothing of it in the main file");
    let (code, said) = house.runs(&["case", "restore", &text(&package)]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is here already"), "{said}");
    let other = House::new();
    let file = package.join("data/main/001.pdf");
    let mut bytes = std::fs::read(&file).expect("readable");
    bytes[100] ^= 1;
    std::fs::write(&file, bytes).expect("writable");
    let (code, said) = other.runs(&["case", "restore", &text(&package)]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("data/main/001.pdf"), "{said}");
    assert!(!other.runs(&["case", "list"]).1.contains("old-case"));
}
