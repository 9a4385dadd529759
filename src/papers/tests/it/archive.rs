//! The file of a case as an archive: what holds it back, that it proves itself, and that one changed byte is named.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use model::{DocId, HearingId, Side};
use papers::{
    ArchiveError, ArchiveHearing, ArchiveInput, ArchivePiece, Fonts, PropertyName, SetPage, Templates,
    check_archive, directory_paper, paper_set, read_manifest, write_archive,
};
use record::Key;
use registry::{Branch, Held, ListedCase, RequiredPieces, Retention, When};
use sha2::{Digest, Sha256};

use crate::support::{FONT, START, flip};

fn case() -> ListedCase {
    ListedCase {
        id: "c1".parse().unwrap(),
        number: "（2026）清0102民初318号".to_owned(),
        branch: Branch::Civil,
        cause: "民间借贷纠纷".to_owned(),
        procedure: "civil-simplified".to_owned(),
        court: "松江市清源区人民法院".to_owned(),
        filed: None,
        judge: "周正".to_owned(),
        panel: Vec::new(),
        clerk: "孙丽".to_owned(),
        parties: Vec::new(),
    }
}

struct Bench {
    dir: tempfile::TempDir,
    key: Key,
    main: Vec<ArchivePiece>,
    secondary: Vec<ArchivePiece>,
    explained: BTreeMap<String, String>,
    hearings: Vec<ArchiveHearing>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::load_or_create(&dir.path().join("hub.key")).unwrap();
        let mut bench = Self {
            dir,
            key,
            main: Vec::new(),
            secondary: Vec::new(),
            explained: BTreeMap::new(),
            hearings: Vec::new(),
        };
        for (n, heading) in (1..).zip([
            "法庭笔录",
            "起诉状",
            "立案通知",
            "身份证明/授权委托",
            "诉讼费",
            "传票/公告",
            "送达回证",
        ]) {
            let piece = bench.piece(n, heading);
            bench.main.push(piece);
        }
        let piece = bench.piece(8, "评议笔录");
        bench.secondary.push(piece);
        bench
    }

    fn piece(&self, n: u32, heading: &str) -> ArchivePiece {
        let file = self.dir.path().join(format!("{n}.pdf"));
        let bytes = format!("%PDF the paper {n}");
        fs::write(&file, &bytes).unwrap();
        let doc = DocId::new(format!("d{n:03}")).unwrap();
        ArchivePiece {
            held: Held { doc, heading: heading.to_owned(), title: heading.to_owned(), pages: n },
            side: Side::Bench,
            evidence_number: None,
            file,
            sha256: hex::encode(Sha256::digest(bytes)),
            pages_read: n,
            unread: Vec::new(),
        }
    }

    fn with<T>(&self, retention: Option<Retention>, act: impl FnOnce(&ArchiveInput<'_>) -> T) -> T {
        let there: Vec<_> = self.main.iter().map(|p| (p.held.heading.clone(), false)).collect();
        let missing = RequiredPieces::with(None).0.missing("civil-simplified", When::End, &there);
        act(&ArchiveInput {
            case: &case(),
            retention,
            main: &self.main,
            secondary: &self.secondary,
            missing: &missing,
            explained: &self.explained,
            hearings: &self.hearings,
            key: &self.key,
            signer_of: &|h: &HearingId| self.key.signer(&format!("huiting/{h}")).map_err(|e| e.to_string()),
            templates: &Templates::shipped(),
            font: Path::new(FONT),
            out_dir: self.dir.path(),
            now: START,
        })
    }

    fn wrong(&self, retention: Option<Retention>) -> Vec<(PropertyName, String)> {
        let properties = self.with(retention, check_archive);
        properties.into_iter().flat_map(|p| p.sentences.into_iter().map(move |s| (p.name, s))).collect()
    }

    fn written(&mut self) -> PathBuf {
        self.explained.insert("裁判文书".to_owned(), "准许撤诉，裁定已口头记入笔录".to_owned());
        let archived = self.with(Some(Retention::Long), write_archive).unwrap();
        assert!(archived.report.ok, "{}", archived.report);
        archived.path
    }
}

#[test]
fn each_property_that_does_not_hold_is_told_and_nothing_is_written() {
    let mut bench = Bench::new();
    let wrong = bench.wrong(None);
    assert_eq!(
        wrong.iter().map(|(p, _)| *p).collect::<Vec<_>>(),
        [PropertyName::Complete, PropertyName::Safe],
        "{wrong:?}"
    );
    assert!(wrong[0].1.contains("正卷缺“裁判文书”") && wrong[1].1.contains("保管期限"), "{wrong:?}");
    bench.explained.insert("裁判文书".to_owned(), " ".to_owned());
    assert_eq!(bench.wrong(Some(Retention::Long)).len(), 1, "an empty reason is none");
    bench.explained.insert("裁判文书".to_owned(), "撤诉".to_owned());
    assert_eq!(bench.wrong(Some(Retention::Long)), []);

    bench.main[1].pages_read = 0;
    fs::write(&bench.main[2].file, "another paper").unwrap();
    bench.main[3].unread = vec!["第1页未能读取：超时".to_owned()];
    bench.main[4].held.heading = "评议笔录".to_owned();
    bench.main[5].sha256 = bench.secondary[0].sha256.clone();
    let dir = bench.dir.path().join("nothing");
    bench.hearings.push(ArchiveHearing { id: "h1".parse().unwrap(), dir });
    let wrong = bench.wrong(Some(Retention::Long));
    for (property, says) in [
        (PropertyName::Authentic, "h1"),
        (PropertyName::Complete, "诉讼费"),
        (PropertyName::Usable, "还有2页没有识别"),
        (PropertyName::Usable, "与收入时不同"),
        (PropertyName::Usable, "超时"),
        (PropertyName::Safe, "属于副卷而在正卷中"),
        (PropertyName::Safe, "同时在正卷和副卷中"),
    ] {
        assert!(wrong.iter().any(|(p, s)| *p == property && s.contains(says)), "{says}: {wrong:?}");
    }
    let refused = bench.with(Some(Retention::Long), write_archive);
    assert!(matches!(refused, Err(ArchiveError::NotReady(_))));
    let left = fs::read_dir(bench.dir.path()).unwrap().filter_map(Result::ok);
    assert!(!left.into_iter().any(|e| e.file_name().to_string_lossy().contains("archive")));
}

#[test]
fn an_archive_says_what_it_holds_in_the_order_of_the_file_and_proves_it() {
    let mut bench = Bench::new();
    let root = bench.written();
    let said = read_manifest(&root).unwrap();
    assert_eq!(said.retention, Retention::Long);
    let order: Vec<_> =
        said.main.iter().map(|p| (p.entry.heading.as_str(), p.entry.from, p.entry.to)).collect();
    assert_eq!(order[0], ("起诉状", 1, 2));
    assert_eq!(order[1], ("立案通知", 3, 5));
    assert_eq!(order.last().map(|o| o.0), Some("送达回证"));
    assert_eq!(said.secondary[0].file, "secondary/001.pdf");
    let main = fs::read_to_string(root.join("data/main/directory.html")).unwrap();
    assert!(main.contains("正卷目录") && main.contains("起诉状") && !main.contains("评议笔录"), "{main}");
    assert!(said.explained["裁判文书"].contains("撤诉"));
    let elsewhere = tempfile::tempdir().unwrap();
    let copied = elsewhere.path().join("copy");
    fs::rename(&root, &copied).unwrap();
    assert!(papers::verify(&copied).unwrap().ok, "it needs nothing but itself");
}

#[test]
fn one_changed_byte_anywhere_in_an_archive_is_named() {
    for file in ["data/main/003.pdf", "data/secondary/001.pdf", "data/case.json", "data/main/directory.html"]
    {
        let mut bench = Bench::new();
        let root = bench.written();
        flip(&root, file, 7);
        let report = papers::verify(&root).unwrap();
        assert!(!report.ok);
        assert!(report.findings.iter().any(|f| f.file == file), "{file}: {report}");
    }
    let mut bench = Bench::new();
    let root = bench.written();
    fs::write(root.join("data/main/099.pdf"), "smuggled in").unwrap();
    fs::remove_file(root.join("data/main/002.pdf")).unwrap();
    let found = papers::verify(&root).unwrap().findings;
    let named: Vec<_> = found.iter().map(|f| f.file.as_str()).collect();
    assert!(named.contains(&"data/main/099.pdf") && named.contains(&"data/main/002.pdf"), "{named:?}");
}

#[test]
fn a_paper_set_is_one_pdf_with_its_directory_first() {
    let entries = registry::directory(&[Bench::new().piece(2, "起诉状").held], false);
    let paper = directory_paper(&case(), &entries, false, Some(Retention::Permanent));
    let pages =
        (1..=2).map(|number| Ok(SetPage { number, image: PNG.to_vec(), media_type: "image/png".to_owned() }));
    let pdf = paper_set(&paper, pages, &Fonts::load(Path::new(FONT)).unwrap()).unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    let text = String::from_utf8_lossy(&pdf);
    assert!(text.contains("/Count 3"), "a directory and two pages");
    let broken = std::iter::once(Err("第1页读不出".to_owned()));
    let refused = paper_set(&paper, broken, &Fonts::load(Path::new(FONT)).unwrap());
    assert!(refused.unwrap_err().to_string().contains("第1页读不出"));
}

/// A black pixel.
pub(crate) const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa, 0x0, 0x0, 0x0, 0xd, 0x49, 0x48, 0x44, 0x52, 0x0, 0x0, 0x0,
    0x1, 0x0, 0x0, 0x0, 0x1, 0x8, 0x0, 0x0, 0x0, 0x0, 0x3a, 0x7e, 0x9b, 0x55, 0x0, 0x0, 0x0, 0xa, 0x49, 0x44,
    0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0x0, 0x0, 0x0, 0x2, 0x0, 0x1, 0x48, 0xaf, 0xa4, 0x71, 0x0, 0x0, 0x0,
    0x0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];
