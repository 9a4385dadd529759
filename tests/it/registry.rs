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
