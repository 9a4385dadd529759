//! docs/protocol.md numbers its rules; each is held by tests that name it: in the line above a Rust test, or in the title of one in TypeScript.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::root;

/// Rules that no test can hold, each with the reason.
const UNTESTED: [(&str, &str); 0] = [];

/// The rules in `text`, as `[R-WS-1]`.
fn cited(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("[R-").skip(1).filter_map(|rest| rest.split_once(']')).map(|(rule, _)| format!("R-{rule}"))
}

fn rules() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("docs/protocol.md")).expect("the protocol");
    let rule = |line: &str| Some(line.strip_prefix("- **")?.split_once("**")?.0.to_owned());
    let rules: Vec<_> = text.lines().filter_map(rule).collect();
    let set: BTreeSet<_> = rules.iter().cloned().collect();
    assert_eq!(rules.len(), set.len(), "a number is given twice");
    set
}

fn files(folder: &Path, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_str().is_some_and(|p| p.ends_with(ending)) {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).expect("text")));
        }
    }
}

/// In Rust the line above a test names its rules; a line that stands above anything else names none.
fn of_rust(file: &str, text: &str, found: &mut BTreeMap<String, usize>) {
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let Some(doc) = line.strip_prefix("/// [R-") else { continue };
        let next = lines.peek().copied().unwrap_or_default();
        let test = next == "#[test]" || next.starts_with("#[tokio::test");
        assert!(test, "{file}: {line:?} stands above no test but {next:?}");
        cited(&format!("[R-{doc}")).for_each(|rule| *found.entry(rule).or_default() += 1);
    }
}

fn of_typescript(text: &str, found: &mut BTreeMap<String, usize>) {
    let title = |line: &&str| ["it('", "test('"].iter().any(|start| line.trim_start().starts_with(start));
    for line in text.lines().filter(title) {
        let title = line.split("',").next().unwrap_or_default();
        cited(title).for_each(|rule| *found.entry(rule).or_default() += 1);
    }
}

#[test]
fn every_rule_of_the_protocol_is_named_by_a_test_and_every_name_is_a_rule() {
    let (mut found, mut rust, mut typescript) = (BTreeMap::new(), Vec::new(), Vec::new());
    for folder in ["src", "tests"] {
        files(&root().join(folder), ".rs", &mut rust);
    }
    for (folder, ending) in [("web/test", ".test.ts"), ("web/e2e", ".spec.ts")] {
        files(&root().join(folder), ending, &mut typescript);
    }
    rust.iter().for_each(|(file, text)| of_rust(file, text, &mut found));
    typescript.iter().for_each(|(_, text)| of_typescript(text, &mut found));
    let rules = rules();
    assert!(rules.len() > 90, "{}", rules.len());
    let cited: BTreeSet<_> = found.keys().cloned().collect();
    let unknown: Vec<_> = cited.difference(&rules).collect();
    assert!(unknown.is_empty(), "tests name rules that are none: {unknown:?}");
    let untested: BTreeSet<_> = UNTESTED.iter().map(|(rule, _)| (*rule).to_owned()).collect();
    let bare: Vec<_> = rules.difference(&cited).filter(|rule| !untested.contains(*rule)).collect();
    assert!(bare.is_empty(), "no test names {bare:?}");
    let stale: Vec<_> =
        untested.iter().filter(|rule| cited.contains(*rule) || !rules.contains(*rule)).collect();
    assert!(stale.is_empty(), "these need no excuse: {stale:?}");
}
