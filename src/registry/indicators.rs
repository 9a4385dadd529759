//! The six indicators of paperless case handling, month by month. Each is a count over a count, and each count is a list of
//! cases.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use model::{CaseId, Day, UtcMs, nests_too_deep, shown};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::csv_cell;
use crate::number::Branch;

const DAY_MS: i64 = 86_400_000;

/// A month of Beijing's calendar, written 2026-03.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: u16,
    month: u8,
}

/// A text that is no month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no month; write it as 2026-03")]
pub struct NoMonth(String);

impl Month {
    /// The month of an instant.
    #[must_use]
    pub fn at(at: UtcMs) -> Self {
        Self::of(at.beijing_day())
    }

    /// The month of a day.
    #[must_use]
    pub fn of(day: Day) -> Self {
        let (year, month) = day.year_month();
        Self { year, month }
    }

    /// The `count` months that end with this one, oldest first.
    #[must_use]
    pub fn back(self, count: u16) -> Vec<Self> {
        let last = i32::from(self.year) * 12 + i32::from(self.month) - 1;
        let month = |n: i32| Self { year: (n / 12) as u16, month: (n % 12 + 1) as u8 };
        (0..i32::from(count)).rev().map(|n| month((last - n).max(0))).collect()
    }
}

impl JsonSchema for Month {
    fn schema_name() -> Cow<'static, str> {
        "Month".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A month of Beijing's calendar.",
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}$",
        })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl std::str::FromStr for Month {
    type Err = NoMonth;
    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let first: Result<Day, _> = format!("{text}-01").parse();
        first.map(Self::of).map_err(|_| NoMonth(shown(text, 40)))
    }
}

impl TryFrom<String> for Month {
    type Error = NoMonth;
    fn try_from(text: String) -> Result<Self, NoMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// What a court sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IndicatorSettings {
    /// Kinds of cases that count.
    pub scope: Vec<Branch>,
    /// Days after 立案 within which the pieces of 立案 must be online.
    pub online_within_days: u16,
    /// Headings under which the court's own papers are filed.
    pub paper_headings: Vec<String>,
}

impl IndicatorSettings {
    /// Reads the settings file; what it leaves out has its default. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fault = |e: String| format!("indicators.toml: {e}\n请改正这一行；没有改正前按缺省设置统计。");
        if nests_too_deep(text) {
            return Err(fault("大括号套得太深".to_owned()));
        }
        let settings: Self = toml::from_str(text).map_err(|e| fault(shown(&e.to_string(), 800)))?;
        if settings.online_within_days > 365 {
            return Err(fault("online_within_days 应为 0 至 365 天".to_owned()));
        }
        Ok(settings)
    }
}

impl Default for IndicatorSettings {
    fn default() -> Self {
        let papers =
            ["庭前会议笔录", "法庭笔录", "笔录", "宣判笔录", "调解材料", "裁判文书", "送达回证", "传票/公告"];
        Self {
            scope: vec![Branch::Civil, Branch::Administrative],
            online_within_days: 7,
            paper_headings: papers.map(str::to_owned).to_vec(),
        }
    }
}

/// Something that counts, as it was noted when it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Fact {
    /// A document was filed.
    Filed {
        /// Its heading as it was filed.
        heading: String,
        /// By the court, not by a party.
        court: bool,
        /// The heading was found by the machine.
        automatic: bool,
        /// A person changed the heading afterwards.
        moved: bool,
        /// Drafted from a template.
        drafted: bool,
    },
    /// A hearing was held.
    Held {
        /// A page of the dossier was on the screens.
        shown: bool,
        /// Speech was transcribed.
        transcribed: bool,
    },
    /// The bench opened the dossier.
    Read,
    /// The case was archived.
    Archived {
        /// A document had to be moved by hand first.
        refiled: bool,
    },
}

/// A case with its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    /// Its id.
    pub id: CaseId,
    /// 案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// What kind of case.
    pub branch: Branch,
    /// 立案日期; without one the case is in no month's receipts.
    pub received: Option<Day>,
    /// Headings that must be there at 立案.
    pub at_intake: Vec<String>,
    /// Hearings of the imported schedule.
    pub scheduled: Vec<UtcMs>,
    /// What happened, and when.
    pub facts: Vec<(UtcMs, Fact)>,
}

/// Which indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Indicator {
    /// 电子卷宗随案同步生成率.
    Synchronous,
    /// 智能编目率.
    Cataloguing,
    /// 智能庭审应用率.
    Courtroom,
    /// 网上阅卷率.
    Reading,
    /// 文书智能辅助生成率.
    Drafting,
    /// 电子卷宗自动归档率.
    Archiving,
}

impl Indicator {
    /// All six, in the order of the circular.
    pub const ALL: [Self; 6] = [
        Self::Synchronous,
        Self::Cataloguing,
        Self::Courtroom,
        Self::Reading,
        Self::Drafting,
        Self::Archiving,
    ];

    /// Its name.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Synchronous => "电子卷宗随案同步生成率",
            Self::Cataloguing => "智能编目率",
            Self::Courtroom => "智能庭审应用率",
            Self::Reading => "网上阅卷率",
            Self::Drafting => "文书智能辅助生成率",
            Self::Archiving => "电子卷宗自动归档率",
        }
    }
}

/// A case's part in a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// The case.
    pub case: CaseId,
    /// 案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// What of it counts above the line.
    pub numerator: u32,
    /// What of it counts below.
    pub denominator: u32,
}

/// One indicator of one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    /// Which.
    pub indicator: Indicator,
    /// The month.
    pub month: Month,
    /// Above the line.
    pub numerator: u32,
    /// Below; zero: nothing to count, and no rate.
    pub denominator: u32,
    /// The cases it counts, those that fall short first.
    pub cases: Vec<Share>,
}

/// The six figures of a month. `now`: hearings of the schedule after it are not held yet.
#[must_use]
pub fn of_month(settings: &IndicatorSettings, cases: &[CaseFacts], month: Month, now: UtcMs) -> Vec<Figure> {
    let within: Vec<_> = cases.iter().filter(|c| settings.scope.contains(&c.branch)).collect();
    let figure = |indicator: Indicator| {
        let count = |c: &CaseFacts| match indicator {
            Indicator::Synchronous => synchronous(settings, c, month),
            Indicator::Cataloguing => cataloguing(c, month),
            Indicator::Courtroom => courtroom(c, month, now),
            Indicator::Reading => reading(c, month, now),
            Indicator::Drafting => drafting(settings, c, month),
            Indicator::Archiving => archiving(c, month),
        };
        let share = |c: &&CaseFacts| {
            let (numerator, denominator) = count(c);
            let (case, number, cause) = (c.id.clone(), c.number.clone(), c.cause.clone());
            (denominator > 0).then_some(Share { case, number, cause, numerator, denominator })
        };
        let mut cases: Vec<_> = within.iter().filter_map(share).collect();
        cases.sort_by(|a, b| {
            (a.numerator == a.denominator, &a.number).cmp(&(b.numerator == b.denominator, &b.number))
        });
        Figure {
            indicator,
            month,
            numerator: cases.iter().map(|s| s.numerator).sum(),
            denominator: cases.iter().map(|s| s.denominator).sum(),
            cases,
        }
    };
    Indicator::ALL.map(figure).to_vec()
}

fn yes(of: bool) -> u32 {
    u32::from(of)
}

/// Received in the month, and every piece of 立案 online within the days that are given.
fn synchronous(settings: &IndicatorSettings, case: &CaseFacts, month: Month) -> (u32, u32) {
    let Some(day) = case.received.filter(|d| Month::of(*d) == month) else { return (0, 0) };
    // The day itself, and so many days more.
    let until = day.beijing_midnight().0 + (i64::from(settings.online_within_days) + 1) * DAY_MS;
    let online = |piece: &String| {
        case.facts.iter().any(|(at, fact)| match fact {
            Fact::Filed { heading, .. } => {
                at.0 < until && (heading.contains(piece.as_str()) || piece.contains(heading.as_str()))
            }
            _ => false,
        })
    };
    let any = case.facts.iter().any(|(at, f)| matches!(f, Fact::Filed { .. }) && at.0 < until);
    (yes(any && case.at_intake.iter().all(online)), 1)
}

/// Documents filed in the month, and those whose heading the machine found and nobody changed.
fn cataloguing(case: &CaseFacts, month: Month) -> (u32, u32) {
    let filed = case.facts.iter().filter(|(at, _)| Month::at(*at) == month);
    filed.fold((0, 0), |(good, all), (_, fact)| match fact {
        Fact::Filed { automatic, moved, .. } => (good + yes(*automatic && !moved), all + 1),
        _ => (good, all),
    })
}

/// Hearings of the month by day: a hearing of the schedule and the one held that day are one.
fn hearings(case: &CaseFacts, month: Month, now: UtcMs) -> BTreeMap<Day, (UtcMs, bool)> {
    let mut days: BTreeMap<Day, (UtcMs, bool)> = BTreeMap::new();
    for at in case.scheduled.iter().filter(|at| **at <= now) {
        days.entry(at.beijing_day()).or_insert((*at, false));
    }
    for (at, fact) in &case.facts {
        let Fact::Held { shown, transcribed } = fact else { continue };
        let day = days.entry(at.beijing_day()).or_insert((*at, false));
        day.0 = day.0.min(*at);
        day.1 |= *shown || *transcribed;
    }
    days.retain(|day, _| Month::of(*day) == month);
    days
}

/// Hearings held in the month, and those that used the dossier on the screens or transcription.
fn courtroom(case: &CaseFacts, month: Month, now: UtcMs) -> (u32, u32) {
    let days = hearings(case, month, now);
    (days.values().map(|(_, used)| yes(*used)).sum(), days.len() as u32)
}

/// Cases heard in the month, and those whose bench had opened the dossier before.
fn reading(case: &CaseFacts, month: Month, now: UtcMs) -> (u32, u32) {
    let days = hearings(case, month, now);
    let Some((first, _)) = days.values().next() else { return (0, 0) };
    let read = case.facts.iter().any(|(at, f)| *f == Fact::Read && at < first);
    (yes(read), 1)
}

/// The court's own papers filed in the month, and those drafted from templates.
fn drafting(settings: &IndicatorSettings, case: &CaseFacts, month: Month) -> (u32, u32) {
    let is_paper = |h: &str| settings.paper_headings.iter().any(|p| p == h);
    let filed = case.facts.iter().filter(|(at, _)| Month::at(*at) == month);
    filed.fold((0, 0), |(good, all), (_, fact)| match fact {
        Fact::Filed { heading, court: true, drafted, .. } if *drafted || is_paper(heading) => {
            (good + yes(*drafted), all + 1)
        }
        _ => (good, all),
    })
}

/// Archived in the month, and without any document moved by hand.
fn archiving(case: &CaseFacts, month: Month) -> (u32, u32) {
    let archived = case.facts.iter().filter(|(at, _)| Month::at(*at) == month);
    archived.fold((0, 0), |(good, all), (_, fact)| match fact {
        Fact::Archived { refiled } => (good + yes(!refiled), all + 1),
        _ => (good, all),
    })
}

/// The figures as CSV, with the mark by which spreadsheets know UTF-8; a line for each figure, then one for each case.
#[must_use]
pub fn figures_csv(figures: &[Figure]) -> String {
    let mut out = String::from("\u{feff}月份,指标,案号,案由,分子,分母,比率\r\n");
    let rate = |n: u32, d: u32| {
        if d == 0 { String::new() } else { format!("{:.2}%", f64::from(n) * 100.0 / f64::from(d)) }
    };
    let mut line = |f: &Figure, number: &str, cause: &str, n: u32, d: u32| {
        let (name, month) = (f.indicator.zh(), f.month);
        out += &format!("{month},{name},{},{},{n},{d},{}\r\n", csv_cell(number), csv_cell(cause), rate(n, d));
    };
    for f in figures {
        line(f, "合计", "", f.numerator, f.denominator);
        for s in &f.cases {
            line(f, &s.number, &s.cause, s.numerator, s.denominator);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcMs {
        let (day, hour) = text.split_once(' ').expect("a day and an hour");
        let day: Day = day.parse().expect("a day");
        UtcMs(day.beijing_midnight().0 + hour.parse::<i64>().expect("an hour") * 3_600_000)
    }

    fn case(facts: Vec<(UtcMs, Fact)>) -> CaseFacts {
        CaseFacts {
            id: CaseId::new("c1").expect("well formed"),
            number: "（2026）清0102民初1号".to_owned(),
            cause: "民间借贷纠纷".to_owned(),
            branch: Branch::Civil,
            received: Some("2026-03-30".parse().expect("a day")),
            at_intake: vec!["起诉状".to_owned()],
            scheduled: Vec::new(),
            facts,
        }
    }

    fn filed(heading: &str, automatic: bool, moved: bool, drafted: bool) -> Fact {
        Fact::Filed { heading: heading.to_owned(), court: drafted, automatic, moved, drafted }
    }

    fn check(case: &CaseFacts, month: &str, which: Indicator, is: (u32, u32)) {
        let month = month.parse().expect("a month");
        let figures =
            of_month(&IndicatorSettings::default(), std::slice::from_ref(case), month, at("2027-01-01 0"));
        let f = figures.iter().find(|f| f.indicator == which).expect("all six");
        assert_eq!((f.numerator, f.denominator), is, "{which:?} {month}");
    }

    #[test]
    fn a_case_is_synchronous_until_the_last_hour_of_the_last_day() {
        let on = |time| case(vec![(at(time), filed("起诉状", true, false, false))]);
        check(&on("2026-04-06 23"), "2026-03", Indicator::Synchronous, (1, 1));
        check(&on("2026-04-07 0"), "2026-03", Indicator::Synchronous, (0, 1));
        check(&on("2026-04-06 23"), "2026-04", Indicator::Synchronous, (0, 0));
        check(&case(Vec::new()), "2026-03", Indicator::Synchronous, (0, 1));
    }

    #[test]
    fn a_scheduled_hearing_and_the_one_held_that_day_are_one() {
        let mut c = case(vec![(at("2026-04-20 9"), Fact::Held { shown: false, transcribed: true })]);
        c.scheduled = vec![at("2026-04-20 10"), at("2026-04-21 9"), at("2027-02-01 9")];
        check(&c, "2026-04", Indicator::Courtroom, (1, 2));
        check(&c, "2027-02", Indicator::Courtroom, (0, 0));
        check(&c, "2026-04", Indicator::Reading, (0, 1));
        c.facts.push((at("2026-04-20 8"), Fact::Read));
        check(&c, "2026-04", Indicator::Reading, (1, 1));
    }

    #[test]
    fn documents_count_in_the_month_in_which_they_were_filed() {
        let c = case(vec![
            (at("2026-04-02 9"), filed("法庭笔录", true, false, true)),
            (at("2026-04-02 9"), filed("裁判文书", true, true, true)),
            (at("2026-04-03 9"), filed("原告证据", false, false, false)),
            (at("2026-05-01 9"), Fact::Archived { refiled: true }),
        ]);
        check(&c, "2026-04", Indicator::Cataloguing, (1, 3));
        check(&c, "2026-04", Indicator::Drafting, (2, 2));
        check(&c, "2026-05", Indicator::Archiving, (0, 1));
    }

    #[test]
    fn cases_outside_the_scope_do_not_count_and_cells_are_no_formulas() {
        let mut c = case(vec![(at("2026-04-02 9"), filed("法庭笔录", true, false, true))]);
        c.branch = Branch::Criminal;
        check(&c, "2026-04", Indicator::Cataloguing, (0, 0));
        c.branch = Branch::Civil;
        c.cause = "=1+1,\"x\"".to_owned();
        let figures = of_month(
            &IndicatorSettings::default(),
            &[c],
            "2026-04".parse().expect("a month"),
            at("2027-01-01 0"),
        );
        let csv = figures_csv(&figures);
        assert!(csv.contains("\"'=1+1,\"\"x\"\"\",1,1,100.00%"), "{csv}");
    }

    #[test]
    fn a_court_sets_scope_and_days_and_a_wrong_file_is_told() {
        let own = IndicatorSettings::parse("scope = [\"civil\"]\nonline_within_days = 3\n").expect("good");
        assert_eq!((own.scope.len(), own.online_within_days), (1, 3));
        assert_eq!(own.paper_headings, IndicatorSettings::default().paper_headings);
        assert!(IndicatorSettings::parse("days = 3\n").expect_err("unknown").contains("line 1"));
        assert!(IndicatorSettings::parse("online_within_days = 366\n").is_err());
    }

    #[test]
    fn months_go_back_over_the_year() {
        let month: Month = "2026-02".parse().expect("a month");
        let back: Vec<_> = month.back(4).iter().map(ToString::to_string).collect();
        assert_eq!(back, ["2025-11", "2025-12", "2026-01", "2026-02"]);
        assert!("2026-13".parse::<Month>().is_err());
    }
}
