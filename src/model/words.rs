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

/// Whether braces stand so deep in one another as no file of ours has them. A reader of TOML bounds inline tables and dotted keys each by itself;
/// a few lines of both lead deeper than a stack is.
#[must_use]
pub fn nests_too_deep(toml: &str) -> bool {
    const DEPTH_MAX: u32 = 8;
    let mut depth = 0u32;
    toml.bytes().any(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEPTH_MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_counted_as_they_open_and_close() {
        assert!(!nests_too_deep("text = \"{案号}{案由}\"\nx = { y = { z = 1 } }\n}}}}"));
        assert!(nests_too_deep(&"a={".repeat(9)) && !nests_too_deep(&"a={}".repeat(900)));
    }

    #[test]
    fn what_could_move_a_cursor_or_turn_a_line_is_marked_and_what_is_long_is_cut() {
        assert_eq!(shown("第一行\n\u{1b}[2J\r\u{202E}x", 80), "第一行\n\u{FFFD}[2J\u{FFFD}\u{FFFD}x");
        assert_eq!(shown("一二三", 2), "一二…");
        assert_eq!(shown("一二三", 3), "一二三");
    }
}
