//! Character error rate: edits between what was said and what was written, marks and blanks not counted.

/// The characters that count: letters, hanzi and digits, in simplified form and lower case.
#[must_use]
pub fn characters(text: &str) -> Vec<char> {
    text::simplify(text).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Fewest insertions, deletions and substitutions that turn `want` into `got`.
#[must_use]
pub fn edits(want: &[char], got: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=got.len()).collect();
    for (i, w) in want.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, g) in got.iter().enumerate() {
            let substituted = diagonal + usize::from(w != g);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[got.len()]
}

/// Edits ÷ characters said; 0 for nothing said and nothing written.
#[must_use]
pub fn rate(want: &str, got: &str) -> f64 {
    let (want, got) = (characters(want), characters(got));
    edits(&want, &got) as f64 / want.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_blanks_and_script_do_not_count_and_every_edit_does() {
        assert_eq!(rate("现在开庭。", "現在 开庭"), 0.0);
        assert_eq!(rate("现在开庭", "现开廷啊"), 0.75);
        assert_eq!(rate("", ""), 0.0);
        assert_eq!(rate("安静", ""), 1.0);
        assert_eq!(edits(&characters("ABC"), &characters("xabc")), 1);
    }
}
