//! The recogniser's hOCR output: lines of characters with boxes.

/// A recognised character; box in pixels: left, top, right, bottom.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) c: char,
    pub(super) bounds: [i32; 4],
    /// 0–100.
    pub(super) confidence: f32,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// Left, top, right, bottom in pixels.
    pub(super) bounds: [i32; 4],
    /// How far its base falls in a pixel to the right, in pixels.
    pub(super) slope: f64,
    pub(super) seen: Vec<Seen>,
}

impl Line {
    /// Mean over its characters, 0–100.
    pub(super) fn confidence(&self) -> f32 {
        self.seen.iter().map(|s| s.confidence).sum::<f32>() / self.seen.len().max(1) as f32
    }
}

/// Lines of the page in reading order, spaces only between Latin words and figures.
pub(super) fn lines(hocr: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut word_begins = false;
    for span in hocr.split("<span class=").skip(1) {
        let Some((tag, rest)) = span.split_once('>') else { continue };
        let class = tag.trim_start_matches(['\'', '"']).split(['\'', '"']).next().unwrap_or_default();
        match class {
            "ocr_line" | "ocr_header" | "ocr_caption" | "ocr_textfloat" => {
                lines.push(line(tag));
            }
            "ocrx_word" => word_begins = true,
            "ocrx_cinfo" => {
                let Some(Line { seen: line, .. }) = lines.last_mut() else { continue };
                let text = unescape(rest.split('<').next().unwrap_or_default());
                let Some((bounds, confidence)) = place(tag) else { continue };
                for c in text.chars().filter(|c| !c.is_whitespace() && !c.is_control()) {
                    if std::mem::take(&mut word_begins)
                        && let Some(before) = line.last().filter(|b| latin(b.c) && latin(c))
                    {
                        let gap = [before.bounds[2], bounds[1], bounds[0].max(before.bounds[2]), bounds[3]];
                        line.push(Seen { c: ' ', bounds: gap, confidence });
                    }
                    line.push(Seen { c, bounds, confidence });
                }
            }
            _ => {}
        }
    }
    lines.retain(|l| !l.seen.is_empty());
    lines.iter_mut().for_each(|l| pair_brackets(&mut l.seen));
    // A line that does not say where it is lies around its characters.
    for line in lines.iter_mut().filter(|l| l.bounds[2] <= l.bounds[0] || l.bounds[3] <= l.bounds[1]) {
        let around = |a: [i32; 4], s: &Seen| {
            let b = s.bounds;
            [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
        };
        line.bounds = line.seen.iter().fold([i32::MAX, i32::MAX, i32::MIN, i32::MIN], around);
    }
    lines
}

/// An opening bracket is read as another one more often than the closing one is: 《2026)清.
fn pair_brackets(line: &mut [Seen]) {
    let mut open: Vec<usize> = Vec::new();
    for at in 0..line.len() {
        let opens = match line[at].c {
            '(' | '（' | '《' | '〈' | '[' | '〔' => {
                open.push(at);
                continue;
            }
            ')' => '(',
            '）' => '（',
            '》' => '《',
            ']' | '〕' | '〉' => {
                open.pop();
                continue;
            }
            _ => continue,
        };
        let Some(with) = open.pop() else { continue };
        let round = |c| matches!(c, '(' | '（');
        if round(line[with].c) != round(opens) {
            line[with].c = opens;
        }
    }
}

/// Whether the characters of lines follow one another from top to bottom.
pub(super) fn run_down(lines: &[Line]) -> bool {
    let middle = |s: &Seen| (s.bounds[0] + s.bounds[2], s.bounds[1] + s.bounds[3]);
    let steps = lines.iter().flat_map(|line| line.seen.windows(2)).map(|pair| {
        let ((x0, y0), (x1, y1)) = (middle(&pair[0]), middle(&pair[1]));
        (u64::from(x1.abs_diff(x0)), u64::from(y1.abs_diff(y0)))
    });
    let (across, down) = steps.fold((0, 0), |(a, d), (x, y)| (a + x, d + y));
    down > across
}

fn line(tag: &str) -> Line {
    let bounds = match numbers(tag, "bbox").unwrap_or_default()[..] {
        [left, top, right, bottom] => [left, top, right, bottom].map(|n| n as i32),
        _ => [0; 4],
    };
    let slope = numbers(tag, "baseline").and_then(|n| n.first().copied()).map_or(0.0, f64::from);
    Line { bounds, slope, seen: Vec::new() }
}

fn numbers(tag: &str, key: &str) -> Option<Vec<f32>> {
    let (_, rest) = tag.split_once(key)?;
    let end = rest.find([';', '\'', '"']).unwrap_or(rest.len());
    rest[..end].split_whitespace().map(str::parse::<f32>).collect::<Result<Vec<_>, _>>().ok()
}

fn latin(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn place(tag: &str) -> Option<([i32; 4], f32)> {
    let bounds = numbers(tag, "x_bboxes")?;
    let [left, top, right, bottom] = bounds[..] else { return None };
    let confidence = numbers(tag, "x_conf").and_then(|n| n.first().copied()).unwrap_or(0.0);
    Some(([left as i32, top as i32, right as i32, bottom as i32], confidence))
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_with_boxes_and_only_latin_words_are_spaced() {
        let hocr = "<span class='ocr_line' id='l' title=\"bbox 0 0 9 9; baseline 0.02 -3; x_size 30\">\
            <span class='ocrx_word' title='bbox 0 0 9 9; x_wconf 90'>\
            <span class='ocrx_cinfo' title='x_bboxes 1 2 3 4; x_conf 99.5'>借</span></span> \
            <span class='ocrx_word' title='x'><span class='ocrx_cinfo' title='x_bboxes 5 2 7 4; x_conf 90'>款</span></span> \
            <span class='ocrx_word' title='x'><span class='ocrx_cinfo' title='x_bboxes 8 2 9 4; x_conf 80'>A</span></span> \
            <span class='ocrx_word' title='x'><span class='ocrx_cinfo' title='x_bboxes 10 2 11 4; x_conf 80'>&amp;</span></span> \
            <span class='ocrx_word' title='x'><span class='ocrx_cinfo' title='x_bboxes 12 2 13 4; x_conf 80'>5</span></span> \
            <span class='ocrx_word' title='x'><span class='ocrx_cinfo' title='x_bboxes 15 2 16 4; x_conf 80'>0</span></span></span>";
        let lines = lines(hocr);
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].bounds, lines[0].slope), ([0, 0, 9, 9], f64::from(0.02f32)));
        assert_eq!(lines[0].seen.iter().map(|s| s.c).collect::<String>(), "借款A&5 0");
        assert_eq!(lines[0].seen[0], Seen { c: '借', bounds: [1, 2, 3, 4], confidence: 99.5 });
    }

    #[test]
    fn an_opening_bracket_is_that_of_the_closing_one() {
        let mended = |text: &str| {
            let mut line: Vec<Seen> =
                text.chars().map(|c| Seen { c, bounds: [0; 4], confidence: 90.0 }).collect();
            pair_brackets(&mut line);
            line.iter().map(|s| s.c).collect::<String>()
        };
        assert_eq!(mended("《2026)清0102民初318号"), "(2026)清0102民初318号");
        assert_eq!(mended("依照《民法典》〈第七条）"), "依照《民法典》（第七条）");
        assert_eq!(mended("(民法典》第七条（一)〔2021〕）"), "《民法典》第七条（一)〔2021〕）");
        assert_eq!(mended("）》(《"), "）》(《");
    }

    #[test]
    fn hostile_bytes_in_recognised_text_are_characters_or_nothing() {
        let page = "<span class='ocr_line' id='l' title=\"bbox 0 0 9 9; baseline 0.02 -3\"><span class='ocrx_word' title='x'>\
            <span class='ocrx_cinfo' title='x_bboxes 1 2 3 4; x_conf 99.5'>借&amp;</span></span><span class='ocrx_word' title='x'>\
            <span class='ocrx_cinfo' title='x_bboxes 8 2 9 4; x_conf 80'>A</span></span></span><span class='ocr_header' title='bbox 1 1 2 2'>";
        hostile::attack_text("hocr", &[page], 5_000, |text| {
            for line in lines(text) {
                assert!(line.seen.iter().all(|s| !s.c.is_control()));
            }
        });
    }
}
