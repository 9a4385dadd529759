//! The case list: rows of a spreadsheet or of JSON become cases and their scheduled hearings. Every wrong row is named with
//! its line, its column and the remedy; the good ones stand.

use std::collections::BTreeMap;

use model::{CaseId, Day, UtcMs, shown};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::columns::{self, Column};
use crate::csv::{self, TooMuch};
use crate::number::{Branch, case_id, is_case_id, key, written};

/// Rows of one list.
const ROWS_MAX: usize = 50_000;
/// Commas and brackets of a list in JSON.
const VALUES_MAX: usize = 2_000_000;
/// Characters of the sentence on a wrong cell.
const SENTENCE_CHARS_MAX: usize = 400;
/// Characters of one cell.
const CELL_CHARS_MAX: usize = 2000;

/// The side a party stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PartySide {
    /// 原告, 上诉人, 申请人.
    Plaintiff,
    /// 被告, 被上诉人, 被申请人.
    Defendant,
    /// 第三人.
    ThirdParty,
}

/// A party as the list names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    /// Where it stands.
    pub side: PartySide,
    /// Its name.
    pub name: String,
}

/// A case as the list has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedCase {
    /// Its id here.
    pub id: CaseId,
    /// 案号.
    pub number: String,
    /// What kind of case.
    pub branch: Branch,
    /// 案由.
    pub cause: String,
    /// The id of its outline.
    pub procedure: String,
    /// 法院; empty: this room's.
    pub court: String,
    /// 立案日期.
    pub filed: Option<Day>,
    /// 承办法官.
    pub judge: String,
    /// 合议庭成员, the judge in charge among them or not, as listed.
    pub panel: Vec<String>,
    /// 书记员.
    pub clerk: String,
    /// 当事人.
    pub parties: Vec<Party>,
}

/// A hearing of the schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sitting {
    /// When it begins.
    pub at: UtcMs,
    /// 法庭.
    pub room: String,
}

/// A good row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file; in JSON the count of the entry, from 1.
    pub line: u32,
    /// The case.
    pub case: ListedCase,
    /// The hearing it schedules, if it does.
    pub sitting: Option<Sitting>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The line of the file; in JSON the count of the entry, from 1.
    pub line: u32,
    /// The column; empty where the row as a whole is meant.
    pub column: String,
    /// What is wrong, and the remedy.
    pub sentence: String,
}

impl Fault {
    /// The sentence quotes a file that may hold anything.
    fn new(line: u32, column: &str, sentence: &str) -> Self {
        Self { line, column: column.to_owned(), sentence: shown(sentence, SENTENCE_CHARS_MAX) }
    }
}

/// What a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The good rows.
    pub rows: Vec<Row>,
    /// The wrong ones.
    pub faults: Vec<Fault>,
}

/// Why a list cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// No text.
    #[error("文件不是表格文本：请在表格软件中另存为“CSV UTF-8”或“CSV（逗号分隔）”后再导入")]
    NoText,
    /// No heading row.
    #[error(
        "第一行没有列名“案号”和“案由”：第一行应为列名，例如 案号,案由,程序,立案日期,开庭时间,法庭,承办法官,合议庭成员,书记员,当事人"
    )]
    NoHeadings,
    /// Too long.
    #[error("案件表超过{ROWS_MAX}行：请分几个文件导入")]
    TooLong,
    /// Too many columns.
    #[error("有一行超过1000列：请检查分隔符，删去多余的列后再导入")]
    TooWide,
    /// Not a JSON array.
    #[error("JSON 应为案件对象的数组（见 docs/api-cases.md）：{0}")]
    NoArray(String),
}

/// The procedures there are: id and Chinese name.
#[derive(Debug, Clone, Copy)]
pub struct Procedures<'a>(pub &'a [(String, String)]);

impl Procedures<'_> {
    fn find(&self, asked: &str, branch: Branch) -> Option<String> {
        let prefix = match branch {
            Branch::Administrative => "administrative",
            _ => "civil",
        };
        if asked.is_empty() {
            let usual = if branch == Branch::Administrative { "administrative" } else { "civil-ordinary" };
            return self.0.iter().find(|(id, _)| id == usual).map(|(id, _)| id.clone());
        }
        let exact = self.0.iter().find(|(id, name)| id == asked || name == asked);
        // 普通程序 stands in 民事一审普通程序; of several, the one of the case's own kind.
        let mut within: Vec<_> = self.0.iter().filter(|(_, name)| name.contains(asked)).collect();
        if within.len() > 1 {
            within.retain(|(id, _)| id.starts_with(prefix));
        }
        let only = (within.len() == 1).then(|| within.first().copied()).flatten();
        exact.or(only).map(|(id, _)| id.clone())
    }

    fn names(&self) -> String {
        self.0.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("、")
    }
}

type Cells = Vec<(Column, String)>;

impl Reading {
    /// Reads a CSV file as spreadsheets write them.
    pub fn of_csv(bytes: &[u8], procedures: Procedures<'_>) -> Result<Self, ListError> {
        let text = csv::text(bytes).ok_or(ListError::NoText)?;
        let records = csv::records(&text, ROWS_MAX + 1).map_err(|much| match much {
            TooMuch::Rows => ListError::TooLong,
            TooMuch::Cells => ListError::TooWide,
        })?;
        let mut records = records.into_iter();
        let head = records.next().ok_or(ListError::NoHeadings)?;
        let columns: Vec<_> = head.cells.iter().map(|c| Column::of_heading(c)).collect();
        if !columns.contains(&Some(Column::Number)) || !columns.contains(&Some(Column::Cause)) {
            return Err(ListError::NoHeadings);
        }
        let mut list = Self::default();
        for record in records {
            let cells = columns.iter().zip(record.cells).filter_map(|(c, v)| Some(((*c)?, v))).collect();
            list.take(record.line, &cells, procedures);
        }
        list.agree();
        Ok(list)
    }

    /// Reads the JSON of the API: an array of objects; values are texts, lists may be arrays of texts.
    pub fn of_json(bytes: &[u8], procedures: Procedures<'_>) -> Result<Self, ListError> {
        // Looked at before anything is built: a list of nothing but brackets is eleven times as large in memory.
        if bytes.iter().filter(|b| matches!(b, b',' | b'[' | b'{')).count() > VALUES_MAX {
            return Err(ListError::TooLong);
        }
        let entries: Vec<serde_json::Value> = serde_json::from_slice(bytes)
            .map_err(|e| ListError::NoArray(shown(&e.to_string(), SENTENCE_CHARS_MAX)))?;
        if entries.len() > ROWS_MAX {
            return Err(ListError::TooLong);
        }
        let mut list = Self::default();
        for (line, entry) in (1..).zip(entries) {
            match json_cells(&entry) {
                Ok(cells) => list.take(line, &cells, procedures),
                Err(sentence) => list.faults.push(Fault::new(line, "", &sentence)),
            }
        }
        list.agree();
        Ok(list)
    }

    fn take(&mut self, line: u32, cells: &Cells, procedures: Procedures<'_>) {
        let mut faults = Vec::new();
        let row = row(line, cells, procedures, &mut |column: Column, sentence: String| {
            faults.push(Fault::new(line, column.zh(), &sentence));
        });
        match row {
            Some(row) if faults.is_empty() => self.rows.push(row),
            _ => self.faults.extend(faults),
        }
    }

    /// Two rows of one case schedule two hearings of it; they may not say two things of the case.
    fn agree(&mut self) {
        let mut first: BTreeMap<String, (u32, ListedCase)> = BTreeMap::new();
        let mut faults = Vec::new();
        self.rows.retain(|row| {
            let (line, case) =
                first.entry(key(&row.case.number)).or_insert_with(|| (row.line, row.case.clone()));
            if *case == row.case {
                return true;
            }
            let sentence = format!(
                "案号{}在第{line}行已经出现，而案由、程序、人员等不一致：请改成一致后再导入这一行",
                row.case.number
            );
            faults.push(Fault::new(row.line, Column::Number.zh(), &sentence));
            false
        });
        self.faults.extend(faults);
        self.faults.sort_by_key(|f| f.line);
    }
}

fn json_cells(entry: &serde_json::Value) -> Result<Cells, String> {
    let object = entry.as_object().ok_or("这一项不是对象：请写成 {\"number\": …, \"cause\": …}")?;
    let mut cells = Cells::new();
    for (name, value) in object {
        let column = Column::of_json(name)
            .ok_or_else(|| format!("没有字段“{name}”：请对照 docs/api-cases.md 的字段名"))?;
        let value = match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.trim().to_owned(),
            serde_json::Value::Array(items) => {
                let texts: Option<Vec<_>> = items.iter().map(|i| i.as_str()).collect();
                texts.ok_or_else(|| format!("字段“{name}”的数组中应全是文本"))?.join("；")
            }
            _ => return Err(format!("字段“{name}”应为文本或文本的数组")),
        };
        cells.push((column, value));
    }
    Ok(cells)
}

fn row(
    line: u32,
    cells: &Cells,
    procedures: Procedures<'_>,
    fault: &mut dyn FnMut(Column, String),
) -> Option<Row> {
    let cell = |column| cells.iter().find(|(c, _)| *c == column).map_or("", |(_, v)| v.as_str());
    for (column, value) in cells {
        if value.chars().count() > CELL_CHARS_MAX {
            fault(*column, format!("超过{CELL_CHARS_MAX}字：请缩短"));
            return None;
        }
    }
    let (number, cause) = (written(cell(Column::Number)), cell(Column::Cause).to_owned());
    for (column, value) in [(Column::Number, &number), (Column::Cause, &cause)] {
        if value.is_empty() {
            fault(column, format!("没有填写{}：请补上", column.zh()));
        }
    }
    let branch = Branch::of(&number);
    let id = match cell(Column::Id) {
        "" => case_id(&number),
        own => {
            let id = CaseId::new(own).ok().filter(is_case_id);
            if id.is_none() {
                fault(
                    Column::Id,
                    format!(
                        "“{own}”不能作内部编号：只用小写字母、数字、- 和 _，至多60个，不以 _fu 结尾，或者留空"
                    ),
                );
            }
            id
        }
    };
    let filed = optional(cell(Column::Filed), columns::day, |text| {
        fault(Column::Filed, format!("“{text}”不是历上的日期：请按“年-月-日”书写，例如 2026-03-01"));
    });
    let sitting = optional(cell(Column::Sitting), columns::time, |text| {
        fault(
            Column::Sitting,
            format!("“{text}”不是开庭时间：请按“年-月-日 时:分”书写，例如 2026-03-01 09:30"),
        );
    });
    let asked = cell(Column::Procedure);
    let procedure = procedures.find(asked, branch);
    if procedure.is_none() {
        fault(Column::Procedure, format!("没有程序“{asked}”：请用 {} 之一，或者留空", procedures.names()));
    }
    let parties = parties(cell(Column::Parties)).unwrap_or_else(|sentence| {
        fault(Column::Parties, sentence);
        Vec::new()
    });
    let case = ListedCase {
        id: id?,
        number,
        branch,
        cause,
        procedure: procedure?,
        court: cell(Column::Court).to_owned(),
        filed,
        judge: cell(Column::Judge).to_owned(),
        panel: names(cell(Column::Panel)),
        clerk: cell(Column::Clerk).to_owned(),
        parties,
    };
    let sitting = sitting.map(|at| Sitting { at, room: cell(Column::Room).to_owned() });
    Some(Row { line, case, sitting })
}

/// A value that may be left out; what is there must be understood.
fn optional<T>(text: &str, read: fn(&str) -> Option<T>, wrong: impl FnOnce(&str)) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let value = read(text);
    if value.is_none() {
        wrong(text);
    }
    value
}

fn names(text: &str) -> Vec<String> {
    let parts = text.split(['、', '，', ',', '；', ';', '/', '\n', ' ', '　']);
    parts.map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect()
}

/// 原告：张三、李四；被告：某公司. What stands before the colon holds until the next one.
fn parties(text: &str) -> Result<Vec<Party>, String> {
    let mut found = Vec::new();
    for group in text.split(['；', ';', '\n']).map(str::trim).filter(|g| !g.is_empty()) {
        let Some((role, list)) = group.split_once(['：', ':']) else {
            return Err(format!("“{group}”没有写明诉讼地位：请写成 原告：张三；被告：李四"));
        };
        let side = match role.trim() {
            "原告" | "上诉人" | "申请人" | "原审原告" | "起诉人" => PartySide::Plaintiff,
            "被告" | "被上诉人" | "被申请人" | "原审被告" => PartySide::Defendant,
            "第三人" => PartySide::ThirdParty,
            other => {
                return Err(format!(
                    "没有诉讼地位“{other}”：请用 原告、被告、第三人、上诉人、被上诉人、申请人、被申请人 之一"
                ));
            }
        };
        let listed = list.split(['、', '，', ',']).map(str::trim).filter(|n| !n.is_empty());
        found.extend(listed.map(|name| Party { side, name: name.to_owned() }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn procedures() -> Vec<(String, String)> {
        [
            ("civil-ordinary", "民事一审普通程序"),
            ("civil-simplified", "民事一审简易程序"),
            ("administrative", "行政一审普通程序"),
        ]
        .map(|(id, name)| (id.to_owned(), name.to_owned()))
        .to_vec()
    }

    const LIST: &str = "案号,案由,程序,立案日期,开庭时间,法庭,承办法官,合议庭成员,书记员,当事人,备注\r\n\
        （2026）清0102民初318号,民间借贷纠纷,普通程序,2026/1/5,2026/2/3 9:30,第三法庭,沈岚,沈岚、高远、周平,何静,原告：林晓；被告：\"陈川\",\r\n\
        （2026）清0102民初318号,民间借贷纠纷,普通程序,2026/1/5,2026/3/3 14:00,第三法庭,沈岚,沈岚、高远、周平,何静,原告：林晓；被告：\"陈川\",续\r\n\
        （2026）清0102行初7号,行政处罚,,2026年1月6日,,,沈岚,,,\r\n\
        （2026）清0102民初319号,,,2026-02-30,明天,,,,,张三\r\n\
        （2026）清0102民初320号,买卖合同纠纷,简单程序,,,,,,,\r\n";

    #[test]
    fn good_rows_are_read_and_every_wrong_one_is_named_with_line_column_and_remedy() {
        let all = procedures();
        let read = Reading::of_csv(LIST.as_bytes(), Procedures(&all)).expect("a list");
        assert_eq!(read.rows.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 3, 4]);
        let first = &read.rows[0];
        assert_eq!(first.case.panel, ["沈岚", "高远", "周平"]);
        assert_eq!(first.case.parties[1], Party { side: PartySide::Defendant, name: "\"陈川\"".to_owned() });
        assert_eq!(first.sitting.as_ref().map(|s| s.at.beijing()), Some((2026, 2, 3, 9, 30, 0)));
        assert_eq!(read.rows[2].case.procedure, "administrative");
        let named: Vec<_> = read.faults.iter().map(|f| (f.line, f.column.as_str())).collect();
        assert_eq!(named, [(5, "案由"), (5, "立案日期"), (5, "开庭时间"), (5, "当事人"), (6, "程序")]);
        assert!(read.faults[1].sentence.contains("2026-02-30") && read.faults[1].sentence.contains("例如"));
        assert!(read.faults[4].sentence.contains("民事一审简易程序"));
    }

    #[test]
    fn spreadsheets_of_every_encoding_read_alike() {
        let all = procedures();
        let plain = Reading::of_csv(LIST.as_bytes(), Procedures(&all)).expect("UTF-8");
        let (gb, _, _) = encoding_rs::GB18030.encode(LIST);
        let marked = [&[0xef, 0xbb, 0xbf], LIST.as_bytes()].concat();
        let tabs = LIST.replace(',', "\t");
        let wide: Vec<u8> =
            [0xfeff].into_iter().chain(tabs.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [gb.as_ref(), &marked, &wide] {
            assert_eq!(Reading::of_csv(bytes, Procedures(&all)).expect("readable"), plain);
        }
        assert_eq!(
            Reading::of_csv(b"\x89PNG\r\n\x1a\n\0\0\xff\xff", Procedures(&all)),
            Err(ListError::NoText)
        );
        assert_eq!(Reading::of_csv(b"a,b\n1,2\n", Procedures(&all)), Err(ListError::NoHeadings));
    }

    #[test]
    fn json_says_the_same_as_the_spreadsheet_and_its_wrong_entries_are_counted() {
        let all = procedures();
        let json = serde_json::json!([
            {"number": "（2026）清0102民初318号", "cause": "民间借贷纠纷", "procedure": "civil-ordinary",
             "filed": "2026-01-05", "sitting": "2026-02-03T09:30", "room": "第三法庭", "judge": "沈岚",
             "panel": ["沈岚", "高远", "周平"], "clerk": "何静", "parties": ["原告：林晓", "被告：\"陈川\""]},
            {"number": "（2026）清0102民初1号", "cause": "x", "colour": "red"},
            7
        ]);
        let read = Reading::of_json(json.to_string().as_bytes(), Procedures(&all)).expect("an array");
        let plain = Reading::of_csv(LIST.as_bytes(), Procedures(&all)).expect("UTF-8");
        assert_eq!(read.rows[0].case, plain.rows[0].case);
        assert_eq!(read.rows[0].sitting, plain.rows[0].sitting);
        assert_eq!(read.faults.iter().map(|f| f.line).collect::<Vec<_>>(), [2, 3]);
        assert!(read.faults[0].sentence.contains("colour"));
    }

    #[test]
    fn an_id_that_would_be_taken_for_a_secondary_file_is_refused() {
        let all = procedures();
        let list = "案号,案由,内部编号\n(2026)清0102民初1号,买卖合同纠纷,loan_fu\n(2026)清0102民初2号,买卖合同纠纷,loan\n";
        let read = Reading::of_csv(list.as_bytes(), Procedures(&all)).expect("a list");
        assert_eq!(read.rows.iter().map(|r| r.case.id.as_str()).collect::<Vec<_>>(), ["loan"]);
        assert_eq!((read.faults[0].line, read.faults[0].column.as_str()), (2, "内部编号"));
    }

    #[test]
    fn two_rows_of_one_case_that_say_two_things_are_refused_at_the_second() {
        let all = procedures();
        let list = "案号,案由\n(2026)清0102民初1号,买卖合同纠纷\n（2026）清0102民初1号,租赁合同纠纷\n";
        let read = Reading::of_csv(list.as_bytes(), Procedures(&all)).expect("a list");
        assert_eq!((read.rows.len(), read.faults.len()), (1, 1));
        assert!(read.faults[0].line == 3 && read.faults[0].sentence.contains("第2行"));
    }
}
