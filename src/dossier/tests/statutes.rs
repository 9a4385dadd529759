//! Statutes from a folder of Markdown to an article on the desk: imported, found by number, words and sound, by date.
#![allow(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use dossier::command::{Bearings, understand};
use dossier::statutes::{ImportReport, Statutes, import};
use model::Day;
use protocol::wire::{Catalogue, CommandOutcome, FoundBy, StatuteHit};

struct Library {
    folder: tempfile::TempDir,
}

impl Library {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn texts(&self) -> PathBuf {
        self.folder.path().join("texts")
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.texts().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
        fs::write(file, text).expect("the file is written");
    }

    fn import(&self) -> ImportReport {
        import(self.folder.path(), &self.texts(), &mut |_| {}).expect("the import goes through")
    }

    fn statutes(&self) -> Statutes {
        Statutes::new(self.folder.path())
    }
}

fn law(name: &str, body: &str) -> String {
    format!("# 中华人民共和国{name}\n\n2001年3月1日 第一次会议通过\n\n<!-- INFO END -->\n\n{body}")
}

fn day(written: &str) -> Day {
    written.parse().expect("a day")
}

/// Two versions of a law, a law in two files, and an interpretation.
fn lighthouse() -> Library {
    let library = Library::new();
    let old = "## 第一章 总则\n\n第一条 灯塔归海。\n\n第二条 守灯人每夜点灯。\n\n守灯人可以委托他人：\n\n（一）亲属；\n\n（二）船员。";
    let new = "## 第一章 总则\n\n第一条 灯塔归海，也归风。\n\n第二条 守灯人每夜点灯，逾期支付违约金。\n\n第二条之一 雾天鸣钟。\n\n第三条 本法所称灯塔，是指航标。";
    library.write("海/灯塔法(2010-05-01).md", &law("灯塔法", old));
    library.write("海/灯塔法(2020-05-01).md", &law("灯塔法", new));
    library.write("典/总则.md", &law("航海法典", "# 总则编\n\n## 第一章 船\n\n第一条 船由船长指挥。"));
    library.write("典/附则.md", &law("航海法典", "# 附则编\n\n第四十条 雾中航行应当减速。"));
    let rules = "# 最高人民法院关于审理搁浅纠纷案件适用法律若干问题的规定\n<!-- INFO END -->\n为正确审理搁浅纠纷案件，制定本规定。\n\
        第二十五条 搁浅船舶应当悬挂信号。\n\n信号分昼夜两种。";
    library.write("释/最高人民法院关于审理搁浅纠纷案件适用法律若干问题的规定(2019-01-01).md", rules);
    library.write("释/最高人民法院关于适用《灯塔法》若干问题的规定（三）(2021-01-01).md", &third_rules());
    library
}

fn third_rules() -> String {
    let name = "# 最高人民法院关于适用《中华人民共和国灯塔法》若干问题的规定（三）";
    format!("{name}\n<!-- INFO END -->\n第十条 灯塔由众人照看。")
}

fn labels(hits: &[StatuteHit]) -> Vec<String> {
    hits.iter().map(|h| format!("{} {} {}", h.article.name, h.article.version, h.article.label)).collect()
}

#[test]
fn an_article_is_found_by_law_and_number_in_every_way_it_is_written() {
    let library = lighthouse();
    library.import();
    let statutes = library.statutes();
    let find = |query: &str| labels(&statutes.find(query, day("2026-01-01"), 20).expect("found"));
    for query in [
        "灯塔法第二条",
        "灯塔法二条",
        "灯塔法第2条",
        "灯塔法 2",
        "《中华人民共和国灯塔法》第二条",
        "第二条 灯塔法",
        "灯塔法的第二条",
        "dengtafa 2",
        "deng ta fa di er tiao",
        "dengtafadiertiao",
    ] {
        assert_eq!(find(query), ["灯塔法 2020-05-01 第二条"], "{query}");
    }
    assert_eq!(find("灯塔法第二条之一"), ["灯塔法 2020-05-01 第二条之一"]);
    assert_eq!(find("航海法典第四十条"), ["航海法典 2001-03-01 第四十条"]);
    assert!(find("灯塔法第九条").is_empty());
    let third = "最高人民法院关于适用《灯塔法》若干问题的规定（三）";
    for query in ["灯塔法司法解释三第十条", "灯塔法司法解释（三）第10条", "灯塔法规定三第十条"]
    {
        assert_eq!(find(query), [format!("{third} 2021-01-01 第十条")], "{query}");
    }
    let long = "最高人民法院关于审理搁浅纠纷案件适用法律若干问题的规定";
    for query in ["搁浅规定第25条第二款", "搁浅司法解释二十五条第二款"] {
        assert_eq!(find(query), [format!("{long} 2019-01-01 第二十五条")], "{query}");
        let hits = statutes.find(query, day("2026-01-01"), 20).expect("found");
        let (from, to) = hits[0].matched[0];
        let text: String =
            hits[0].article.text.chars().skip(from as usize).take((to - from) as usize).collect();
        assert_eq!(text, "信号分昼夜两种。");
    }
}

#[test]
fn the_version_in_force_is_the_newest_that_is_not_after_the_day() {
    let library = lighthouse();
    library.import();
    let statutes = library.statutes();
    let find = |query: &str, on: &str| labels(&statutes.find(query, day(on), 20).expect("found"));
    for (on, version) in [
        ("2010-05-01", Some("2010-05-01")),
        ("2020-04-30", Some("2010-05-01")),
        ("2020-05-01", Some("2020-05-01")),
        ("2010-04-30", None),
    ] {
        let want: Vec<String> = version.map(|v| format!("灯塔法 {v} 第一条")).into_iter().collect();
        assert_eq!(find("灯塔法第一条", on), want, "{on}");
        assert_eq!(find("灯塔归海", on), want, "{on}");
    }
    assert!(find("违约金", "2019-01-01").is_empty(), "the words came with the later version");
    assert_eq!(find("违约金", "2021-01-01"), ["灯塔法 2020-05-01 第二条"]);
}

#[test]
fn words_are_found_by_letter_then_by_sound_and_within_a_law_that_is_named() {
    let library = lighthouse();
    library.import();
    let statutes = library.statutes();
    let find = |query: &str| statutes.find(query, day("2026-01-01"), 20).expect("found");
    for (query, by) in [
        ("违约金", FoundBy::Letter),
        ("維约今", FoundBy::Sound),
        ("weiyuejin", FoundBy::Pinyin),
        ("wei yue jin", FoundBy::Pinyin),
        ("wyj", FoundBy::Pinyin),
    ] {
        let hits = find(query);
        assert_eq!(labels(&hits), ["灯塔法 2020-05-01 第二条"], "{query}");
        assert_eq!(hits[0].by, by, "{query}");
        let (from, to) = hits[0].matched[0];
        let text: String =
            hits[0].article.text.chars().skip(from as usize).take((to - from) as usize).collect();
        assert_eq!(text, "违约金", "{query}");
    }
    assert_eq!(labels(&find("雾")).len(), 2);
    for query in ["航海法典 雾", "雾 航海法典"] {
        assert_eq!(labels(&find(query)), ["航海法典 2001-03-01 第四十条"], "{query}");
    }
    assert_eq!(labels(&find("航海法典雾中航行")), ["航海法典 2001-03-01 第四十条"]);
    assert_eq!(labels(&find("灯塔法")).len(), 3, "a law alone is shown from its beginning");
}

#[test]
fn an_article_is_opened_between_its_neighbours() {
    let library = lighthouse();
    library.import();
    let statutes = library.statutes();
    let hit = statutes.find("灯塔法第二条之一", day("2026-01-01"), 1).expect("found").remove(0);
    let page = statutes
        .page(&hit.article.law, hit.article.version, &hit.article.number)
        .expect("read")
        .expect("there");
    let numbers = |articles: &[protocol::wire::StatuteArticle]| {
        articles.iter().map(|a| a.number.clone()).collect::<Vec<_>>()
    };
    assert_eq!(page.article, hit.article);
    assert_eq!(page.article.path, ["第一章 总则"]);
    assert_eq!(
        (numbers(&page.before), numbers(&page.after)),
        (vec!["1".into(), "2".into()], vec!["3".to_owned()])
    );
    assert_eq!(page.versions, [day("2010-05-01"), day("2020-05-01")]);
    for (version, number) in
        [("2020-05-01", "9"), ("2020-05-02", "1"), ("2020-05-01", "../1"), ("2020-05-01", "")]
    {
        assert_eq!(statutes.page(&hit.article.law, day(version), number).expect("read"), None);
    }
    assert_eq!(statutes.page("nothing", day("2020-05-01"), "1").expect("read"), None);
}

#[test]
fn the_same_folder_again_changes_nothing_and_a_changed_file_replaces_what_it_held() {
    let library = lighthouse();
    let first = library.import();
    assert_eq!((first.files, first.unchanged, first.laws, first.versions, first.articles), (6, 0, 4, 5, 11));
    let again = library.import();
    assert_eq!((again.unchanged, again.laws, again.versions, again.articles), (6, 4, 5, 11));
    let statutes = library.statutes();
    let find = |query: &str| labels(&statutes.find(query, day("2026-01-01"), 20).expect("found"));
    assert_eq!(find("航标").len(), 1);
    library.write("海/灯塔法(2020-05-01).md", &law("灯塔法", "第一条 灯塔归山。"));
    let changed = library.import();
    assert_eq!((changed.unchanged, changed.articles), (5, 8));
    assert!(find("航标").is_empty(), "a reader beside the import sees what it did");
    assert_eq!(find("归山"), ["灯塔法 2020-05-01 第一条"]);
}

#[test]
fn an_index_that_was_lost_is_filled_again_by_the_next_import() {
    let library = lighthouse();
    library.import();
    fs::remove_dir_all(library.folder.path().join("statutes/index")).expect("the index is removed");
    let report = library.import();
    assert_eq!(report.unchanged, 6);
    assert_eq!(library.statutes().find("违约金", day("2026-01-01"), 20).expect("found").len(), 1);
}

#[test]
fn every_file_that_is_no_statute_is_named_with_the_reason() {
    let library = Library::new();
    library.write("a/_index.md", "---\nbook: true\n---\n");
    library.write("a/空法(2020-01-01).md", "# 空法\n<!-- INFO END -->\n");
    library.write("a/无日期.md", "# 无日期法\n第一条 有。");
    library.write("a/notes.txt", "not looked at");
    library.write("b/甲法(2020-01-01).md", &law("甲法", "第一条 有。\n\n第二条 同。"));
    library.write("c/甲法(2020-01-01).md", &law("甲法", "第一条 没有。\n\n第二条 同。"));
    fs::write(library.texts().join("a/乱码.md"), [b'#', b' ', 0xff, 0xfe]).expect("written");
    let report = library.import();
    let refused: Vec<String> = report
        .refused
        .iter()
        .map(|(file, why)| format!("{}: {why}", file.file_name().expect("a name").to_string_lossy()))
        .collect();
    assert_eq!(report.files, 6);
    assert_eq!(refused.len(), 4, "{refused:?}");
    assert!(refused.iter().any(|r| r.starts_with("无日期.md: neither its name")), "{refused:?}");
    assert!(refused.iter().any(|r| r == "乱码.md: it is not UTF-8 text"), "{refused:?}");
    assert_eq!(report.contradictions.len(), 1);
    assert!(report.contradictions[0].1.contains("第一条"), "{:?}", report.contradictions);
    assert_eq!(report.articles, 2);
}

#[test]
fn where_nothing_is_imported_nothing_is_found_and_nothing_fails() {
    let library = Library::new();
    let statutes = library.statutes();
    assert_eq!(statutes.find("民法典第一条", day("2026-01-01"), 20).expect("asked"), Vec::new());
    assert_eq!(statutes.count().expect("asked"), 0);
    lighthouse_into(&library);
    library.import();
    assert_eq!(statutes.count().expect("asked"), 1, "an import is seen without opening anew");
    for odd in ["", " ", "第", "条", "第零条", "灯塔法第九九九九九九条", "\u{200b}", "a".repeat(500).as_str()]
    {
        assert!(statutes.find(odd, day("2026-01-01"), 20).is_ok(), "{odd}");
    }
}

fn lighthouse_into(library: &Library) {
    library.write("灯塔法(2020-05-01).md", &law("灯塔法", "第一条 灯塔归海。"));
}

/// The real statutes, where they are at hand.
#[test]
fn shared_statutes_are_found_by_number_words_and_pinyin_in_their_versions() {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/laws.tar.xz");
    if !archive.exists() {
        eprintln!("skipped: {} is not here", archive.display());
        return;
    }
    let library = Library::new();
    fs::create_dir_all(library.texts()).expect("the folder is made");
    let unpacked =
        std::process::Command::new("tar").arg("xJf").arg(&archive).arg("-C").arg(library.texts()).status();
    assert!(unpacked.expect("tar runs").success(), "the archive unpacks");
    let begun = Instant::now();
    let report = library.import();
    eprintln!(
        "imported in {:.1} s: {} laws, {} versions, {} articles",
        begun.elapsed().as_secs_f64(),
        report.laws,
        report.versions,
        report.articles
    );
    report.refused.iter().for_each(|(file, why)| eprintln!("not read: {}: {why}", file.display()));
    report.contradictions.iter().for_each(|(file, why)| eprintln!("contradicts: {}: {why}", file.display()));
    assert!(report.articles > 30_000);
    let statutes = library.statutes();
    let find = |query: &str, on: &str| {
        let begun = Instant::now();
        let hits = statutes.find(query, day(on), 20).expect("found");
        eprintln!(
            "{query} ({on}): {} hits in {:.1} ms, {:?}",
            hits.len(),
            begun.elapsed().as_secs_f64() * 1e3,
            labels(&hits).first()
        );
        labels(&hits)
    };
    let breach = "民法典 2020-05-28 第五百七十七条";
    for query in [
        "民法典第五百七十七条",
        "民法典577",
        "minfadian 577",
        "min fa dian di wu bai qi shi qi tiao",
        "民法典 当事人一方不履行合同义务或者履行合同义务不符合约定",
    ] {
        assert_eq!(find(query, "2026-01-01").first().map(String::as_str), Some(breach), "{query}");
    }
    for query in [
        "不履行合同义务或者履行合同义务不符合约定的",
        "bulvxing hetong yiwu huozhe lvxing hetong yiwu",
        "minfadian lvxing hetong yiwu bu fuhe yueding",
    ] {
        assert!(find(query, "2026-01-01").contains(&breach.to_owned()), "{query}");
    }
    let long = "最高人民法院关于审理民间借贷案件适用法律若干问题的规定 2020-12-29 第二十五条";
    assert_eq!(find("民间借贷规定第25条第一款", "2026-01-01"), [long]);
    for (on, version) in
        [("2022-06-01", "2021-12-24"), ("2023-08-31", "2021-12-24"), ("2023-09-01", "2023-09-01")]
    {
        assert_eq!(find("民诉法第一条", on), [format!("民事诉讼法 {version} 第一条")], "{on}");
    }
    assert!(find("民诉法第一条", "2021-12-23").is_empty());
    let bearings =
        Bearings { laws: statutes.spoken(day("2026-01-01")).expect("laws"), ..Bearings::default() };
    let nothing = Catalogue::default();
    for (said, title) in [
        ("民法典第五百七十七条", "民法典 第五百七十七条"),
        ("请打开明发点五百七十七条", "民法典 第五百七十七条"),
        ("看一下民诉法第六十七条", "民事诉讼法 第六十七条"),
        ("公司法司法解释三第十条", "最高人民法院关于适用《公司法》若干问题的规定（三） 第十条"),
    ] {
        let begun = Instant::now();
        let outcome = understand(said, &nothing, &bearings, &|_| Vec::new());
        eprintln!("{said}: understood in {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
        let CommandOutcome::Statute { title: opened, .. } = outcome else { panic!("{said}: {outcome:?}") };
        assert_eq!(opened, title, "{said}");
    }
    let again = library.import();
    assert_eq!(again.unchanged + again.refused.len(), again.files, "nothing is read twice");
}
