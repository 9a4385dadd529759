//! Files of a court, and events of a journal that somebody else wrote.

use crate::{MEETING_OUTLINES, SHIPPED_OUTLINES, parse_outline};

/// Inline tables of dotted keys: each within the bounds of a reader of TOML, together deeper than a stack.
#[test]
fn an_outline_that_nests_without_end_is_refused() {
    let deep = format!("{}x = 1{}", format!("{}a = {{", "a.".repeat(70)).repeat(60), "}".repeat(60));
    let refusal = parse_outline("own.toml", &deep).expect_err("it is no outline");
    assert!(refusal.to_string().contains("too deep"), "{refusal}");
}

#[test]
fn hostile_bytes_in_an_outline_are_refused_with_their_line() {
    let shipped =
        SHIPPED_OUTLINES.iter().map(|(_, text)| *text).chain(MEETING_OUTLINES.iter().map(|(.., text)| *text));
    // Heads and first phases: enough of each kind of table, and short enough to be hit.
    let samples: Vec<String> =
        shipped.map(|text| text.lines().take(60).map(|l| format!("{l}\n")).collect()).collect();
    hostile::attack_text("outline", &samples, 1_500, |text| match parse_outline("own.toml", text) {
        Ok(outline) => assert!(!outline.phases.is_empty()),
        Err(refusal) => {
            hostile::sentence(&refusal);
            assert!(refusal.line >= 1 && refusal.line <= text.matches('\n').count() + 1, "{refusal}");
        }
    });
}
