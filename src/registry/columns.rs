//! The columns of a case list: what each is called in a spreadsheet and in JSON, and how its values are written.

use model::{Day, UtcMs};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Number,
    Cause,
    Procedure,
    Filed,
    Sitting,
    Room,
    Judge,
    Panel,
    Clerk,
    Parties,
    Court,
    Id,
}

/// Each with its name in JSON, then its headings in a spreadsheet; the first is the documented one.
const NAMES: [(Column, &str, &[&str]); 12] = [
    (Column::Number, "number", &["案号", "案件编号"]),
    (Column::Cause, "cause", &["案由"]),
    (Column::Procedure, "procedure", &["程序", "审理程序", "适用程序"]),
    (Column::Filed, "filed", &["立案日期", "收案日期", "立案时间"]),
    (Column::Sitting, "sitting", &["开庭时间", "开庭日期", "排期"]),
    (Column::Room, "room", &["法庭", "开庭地点", "审判法庭"]),
    (Column::Judge, "judge", &["承办法官", "承办人", "主审法官"]),
    (Column::Panel, "panel", &["合议庭成员", "合议庭", "审判组织成员"]),
    (Column::Clerk, "clerk", &["书记员"]),
    (Column::Parties, "parties", &["当事人", "诉讼参与人"]),
    (Column::Court, "court", &["法院", "经办法院"]),
    (Column::Id, "id", &["内部编号"]),
];

/// The JSON Schema of a case list in JSON.
#[must_use]
pub fn list_schema() -> serde_json::Value {
    let text = serde_json::json!({
        "anyOf": [{ "type": ["string", "null"] }, { "type": "array", "items": { "type": "string" } }],
    });
    let field = |(_, name, zh): &(Column, &str, &[&str])| {
        let mut field = text.clone();
        field["description"] = zh.first().copied().into();
        ((*name).to_owned(), field)
    };
    let fields: serde_json::Map<_, _> = NAMES.iter().map(field).collect();
    serde_json::json!({
        "type": "array",
        "items": { "type": "object", "properties": fields, "required": ["number", "cause"] },
    })
}

impl Column {
    pub(crate) fn of_heading(text: &str) -> Option<Self> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '*' || c == '\u{feff}');
        NAMES.iter().find(|(_, json, zh)| zh.contains(&text) || *json == text).map(|(c, ..)| *c)
    }

    pub(crate) fn of_json(text: &str) -> Option<Self> {
        NAMES.iter().find(|(_, json, _)| *json == text).map(|(c, ..)| *c)
    }

    pub(crate) fn zh(self) -> &'static str {
        NAMES.iter().find(|(c, ..)| *c == self).map_or("", |(_, _, zh)| zh[0])
    }
}

/// The numbers in a text, full-width ones too, and whether nothing else but the signs of a date stands between them.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let mut found: Vec<u32> = Vec::new();
    let mut within = false;
    for c in text.chars() {
        let digit = match c {
            '０'..='９' => Some(c as u32 - '０' as u32),
            c => c.to_digit(10),
        };
        match digit {
            Some(d) if within => {
                let last = found.last_mut()?;
                *last = last.checked_mul(10)?.checked_add(d)?;
            }
            Some(d) => {
                found.push(d);
                within = true;
            }
            None if "-/.年月日号时点分秒:： T".contains(c) => within = false,
            None => return None,
        }
    }
    Some(found)
}

/// 2026-03-01, 2026/3/1, 2026年3月1日, 20260301; a time behind it is passed over.
pub(crate) fn day(text: &str) -> Option<Day> {
    let numbers = numbers(text)?;
    let (y, m, d) = match numbers[..] {
        [whole] | [whole, ..] if whole > 10_000_000 => (whole / 10_000, whole / 100 % 100, whole % 100),
        [y, m, d, ..] => (y, m, d),
        _ => return None,
    };
    Day::new(u16::try_from(y).ok()?, u8::try_from(m).ok()?, u8::try_from(d).ok()?).filter(|_| y > 1949)
}

/// A day with a time of day in Beijing: 2026-03-01 09:30, 2026年3月1日9时30分, 2026/3/1 9:30:00.
pub(crate) fn time(text: &str) -> Option<UtcMs> {
    let day = day(text)?;
    let numbers = numbers(text)?;
    let rest =
        if numbers.first().is_some_and(|n| *n > 10_000_000) { &numbers[1..] } else { numbers.get(3..)? };
    let (hour, minute) = match *rest {
        [hour] if text.contains(['时', '点']) => (hour, 0),
        [hour, minute, ..] => (hour, minute),
        _ => return None,
    };
    (hour < 24 && minute < 60)
        .then(|| UtcMs(day.beijing_midnight().0 + i64::from(hour * 60 + minute) * 60_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_spreadsheets_write_them() {
        for text in [
            "2026-03-01",
            "2026/3/1",
            "2026年3月1日",
            "20260301",
            "2026.3.1",
            "２０２６-03-01",
            "2026/3/1 0:00:00",
        ] {
            assert_eq!(day(text).map(|d| d.to_string()).as_deref(), Some("2026-03-01"), "{text}");
        }
        for text in ["2026-02-30", "3月1日", "soon", "", "26/3/1"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_of_beijing_and_need_an_hour() {
        let at = UtcMs(1_772_328_600_000);
        assert_eq!(at.beijing(), (2026, 3, 1, 9, 30, 0));
        for text in [
            "2026-03-01 09:30",
            "2026/3/1 9:30:00",
            "2026年3月1日9时30分",
            "20260301 9:30",
            "2026-03-01T09:30",
        ] {
            assert_eq!(time(text), Some(at), "{text}");
        }
        for text in ["2026-03-01", "2026-03-01 25:00", "2026-03-01 9:75"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
