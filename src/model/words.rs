//! Words of strangers in sentences of ours.

/// A stranger's words as they may stand in a sentence of ours, which goes to logs, terminals and screens: at most `chars_max` characters, and no
/// control characters but line ends, nor such as turn the direction of writing.
#[must_use]
pub fn shown(words: &str, chars_max: usize) -> String {
    let plain = |c: char| match c {
        '\n' => c,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => {
            '\u{FFFD}'
        }
        c if c.is_control() => '\u{FFFD}',
        c => c,
    };
    let mut out: String = words.chars().take(chars_max).map(plain).collect();
    if words.chars().nth(chars_max).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_move_a_cursor_or_turn_a_line_is_marked_and_what_is_long_is_cut() {
        assert_eq!(shown("第一行\n\u{1b}[2J\r\u{202E}x", 80), "第一行\n\u{FFFD}[2J\u{FFFD}\u{FFFD}x");
        assert_eq!(shown("一二三", 2), "一二…");
        assert_eq!(shown("一二三", 3), "一二三");
    }
}
