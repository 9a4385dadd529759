//! Tables and settings as offices make them.

use model::UtcMs;

use crate::{
    Branch, IndicatorSettings, ListError, Month, Procedures, Reading, RequiredPieces, Retention, case_id,
    csv_cell, number_key, of_month,
};

const LIST: &str = "案号,案由,程序,立案日期,开庭时间,法庭,承办法官,合议庭成员,书记员,当事人,备注\r\n\
    （2026）清0102民初318号,民间借贷纠纷,普通程序,2026/1/5,2026/2/3 9:30,第三法庭,沈岚,沈岚、高远、周平,何静,原告：林晓；被告：\"陈川\",\r\n\
    （2026）清0102行初7号,\"行政,处罚\",,2026年1月6日,,,沈岚,,,\"原告：甲\n被告：乙\",\r\n";
const JSON: &str = r#"[{"number":"（2026）清0102民初318号","cause":"民间借贷纠纷","filed":"2026-01-05","sitting":"2026-02-03 09:30","room":"第三法庭",
    "judge":"沈岚","panel":["沈岚","高远"],"clerk":"何静","parties":["原告：林晓","被告：陈川"]},{"number":"（2026）清0102行初7号","cause":"行政处罚","id":"x7"}]"#;

fn procedures() -> Vec<(String, String)> {
    [("civil-ordinary", "民事一审普通程序"), ("administrative", "行政一审普通程序")]
        .map(|(id, name)| (id.to_owned(), name.to_owned()))
        .to_vec()
}

fn readable(reading: Result<Reading, ListError>) {
    match reading {
        Ok(list) => {
            list.faults.iter().for_each(|f| hostile::sentence(&f.sentence));
            list.rows
                .iter()
                .for_each(|row| assert!(!row.case.number.is_empty() && !row.case.cause.is_empty()));
        }
        Err(refusal) => hostile::sentence(&refusal),
    }
}

#[test]
fn hostile_bytes_in_a_case_list_are_named_by_row_and_column() {
    let all = procedures();
    let (gb, _, _) = encoding_rs::GB18030.encode(LIST);
    let wide: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(LIST.replace(',', "\t").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    hostile::attack("list", &[LIST.as_bytes(), &gb, &wide], 3_000, |bytes| {
        readable(Reading::of_csv(bytes, Procedures(&all)))
    });
    hostile::attack("list, JSON", &[JSON], 3_000, |bytes| {
        readable(Reading::of_json(bytes, Procedures(&all)))
    });
}

#[test]
fn a_list_of_many_empty_cells_or_rows_is_refused_before_it_fills_the_memory() {
    let all = procedures();
    let head = "案号,案由\n";
    for (many, wrong) in
        [("a\n".repeat(200_000), ListError::TooLong), (",".repeat(4_000_000), ListError::TooWide)]
    {
        let read = Reading::of_csv(format!("{head}{many}").as_bytes(), Procedures(&all));
        assert_eq!(read, Err(wrong));
    }
    for many in ["0,".repeat(4_000_000), "[],".repeat(3_000_000)] {
        let read = Reading::of_json(format!("[{{\"panel\":[{many}0]}}]").as_bytes(), Procedures(&all));
        assert_eq!(read, Err(ListError::TooLong));
    }
}

#[test]
fn hostile_bytes_in_settings_are_refused_with_what_is_wrong() {
    let pieces = "[[procedure]]\noutlines = [\"civil-ordinary\"]\n[[procedure.pieces]]\nheading = \"起诉状\"\nwhen = \"intake\"\nsecondary = false\n";
    hostile::attack_text("pieces", &[pieces], 2_000, |text| {
        if let (_, Some(refusal)) = RequiredPieces::with(Some(text)) {
            hostile::sentence(&refusal);
        }
    });
    let indicators =
        "scope = [\"civil\", \"administrative\"]\nonline_within_days = 7\npaper_headings = [\"法庭笔录\"]\n";
    hostile::attack_text("indicators", &[indicators], 2_000, |text| {
        if let Err(refusal) = IndicatorSettings::parse(text) {
            hostile::sentence(&refusal);
        }
    });
}

#[test]
fn hostile_bytes_in_numbers_months_and_cells_are_taken_or_left() {
    let samples = ["（2026）清0102民初318号", "2026-03", "permanent", "=cmd|'/c calc'!A1", "9999-12"];
    hostile::attack_text("words", &samples, 6_000, |text| {
        let _ = (Branch::of(text), number_key(text));
        if let Some(id) = case_id(text) {
            assert!(crate::is_case_id(&id), "{id}");
        }
        match text.parse::<Month>() {
            Ok(month) => drop(of_month(&IndicatorSettings::default(), &[], month, UtcMs(0))),
            Err(refusal) => hostile::sentence(&refusal),
        }
        if let Err(refusal) = text.parse::<Retention>() {
            hostile::sentence(&refusal);
        }
        assert!(!csv_cell(text).starts_with(['=', '+', '-', '@']), "no spreadsheet takes it for a formula");
    });
}
