//! From a file handed in to its pages found, and mending what was filed: with real page workers on the sample case.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use dossier::{Dossier, DossierConfig, DossierError, EvidenceOffer, NewDocument, WorkerCommand};
use model::{CaseId, DocId, HearingId, PageRef, SeatId, Side, UtcMs};
use protocol::wire::{Binding, CatalogueDoc, Filing, FoundBy, Mend, PageProblem};

const PATIENCE: Duration = Duration::from_secs(120);

fn target(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(file)
}

fn sample(name: &str) -> PathBuf {
    target("fixtures/case").join(name)
}

fn case() -> CaseId {
    CaseId::new("c1").expect("a well-formed id")
}

fn at(doc: &DocId, page: u32) -> PageRef {
    PageRef { doc: doc.clone(), page }
}

struct Desk {
    dossier: Dossier,
    folder: tempfile::TempDir,
}

fn open(folder: &Path) -> Dossier {
    let config = DossierConfig {
        dir: folder.to_owned(),
        worker: WorkerCommand {
            program: env!("CARGO_BIN_EXE_page-worker").into(),
            args: vec![target("pdfium/libpdfium.so").display().to_string()],
        },
        workers: 2,
        page_timeout: Duration::from_secs(60),
    };
    Dossier::open(config).expect("opened")
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { dossier: open(folder.path()), folder }
    }

    /// Files a document under the name it is called.
    fn try_file(&self, file: &Path, name: &str, side: Side) -> Result<CatalogueDoc, DossierError> {
        self.dossier.add(&case(), new(file, name, side))
    }

    fn file(&self, name: &str, side: Side) -> DocId {
        self.try_file(&sample(name), name, side).expect("filed").doc
    }

    /// As after a kill.
    fn again(self) -> Self {
        let Self { dossier, folder } = self;
        drop(dossier);
        Self { dossier: open(folder.path()), folder }
    }

    fn ready(&self) {
        assert!(self.dossier.wait_ready(&case(), PATIENCE), "pages were not read in time");
    }

    fn mend(&self, mend: Mend) {
        self.dossier.mend(&case(), mend, UtcMs(2)).expect("mended");
    }

    fn refused(&self, mend: Mend) -> String {
        match self.dossier.mend(&case(), mend, UtcMs(2)) {
            Err(DossierError::Refused(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    }

    fn listed(&self) -> Vec<CatalogueDoc> {
        self.dossier.catalogue(&case()).expect("listed").docs
    }

    fn entry(&self, doc: &DocId) -> CatalogueDoc {
        self.listed().into_iter().find(|d| d.doc == *doc).expect("in the catalogue")
    }

    fn text(&self, page: &PageRef) -> String {
        self.dossier.text(&case(), page).expect("kept").expect("read").plain()
    }

    /// Pages that hold the words as they are written.
    fn found(&self, words: &str) -> Vec<PageRef> {
        let hits = self.dossier.search(&case(), words, 20).expect("searched").hits;
        hits.into_iter().filter(|h| h.by == FoundBy::Letter).map(|h| h.page).collect()
    }
}

fn new(file: &Path, name: &str, side: Side) -> NewDocument {
    NewDocument {
        file: file.to_owned(),
        name: name.to_owned(),
        side,
        heading: String::new(),
        title: String::new(),
        evidence_number: None,
        at: UtcMs(1),
        made: None,
        password: None,
        offer: None,
    }
}

fn filing(title: &str) -> Filing {
    Filing {
        side: Side::Plaintiff,
        heading: "原告证据".into(),
        title: title.into(),
        evidence_number: Some(1),
    }
}

#[test]
fn a_document_is_split_and_its_pages_put_in_another_order_and_all_of_it_is_taken_back() {
    let desk = Desk::new();
    let whole = desk.file("02-起诉状.pdf", Side::Plaintiff);
    desk.ready();
    let texts: Vec<String> = (1..=3).map(|n| desk.text(&at(&whole, n))).collect();
    let binding = |title: &str, pages: &[u32]| Binding {
        filing: filing(title),
        leaves: pages.iter().map(|&n| at(&whole, n)).collect(),
    };
    desk.mend(Mend::Bind {
        from: vec![whole.clone()],
        into: vec![binding("甲", &[3, 1]), binding("乙", &[2])],
    });
    desk.ready();
    let docs = desk.listed();
    assert_eq!(
        docs.iter().map(|d| (d.title.as_str(), d.pages.len())).collect::<Vec<_>>(),
        [("甲", 2), ("乙", 1)]
    );
    let (first, second) = (docs[0].doc.clone(), docs[1].doc.clone());
    assert_eq!(docs[0].leaves, [at(&whole, 3), at(&whole, 1)]);
    for (page, text) in [(at(&first, 1), &texts[2]), (at(&first, 2), &texts[0]), (at(&second, 1), &texts[1])]
    {
        assert_eq!(desk.text(&page), *text, "{page:?}");
    }
    assert_eq!(desk.found("民事起诉状"), [at(&first, 2)]);
    // What was replaced is still there to be read.
    let retired = desk.dossier.catalogue(&case()).expect("listed").retired;
    assert_eq!(retired.iter().map(|d| &d.doc).collect::<Vec<_>>(), [&whole]);
    assert!(desk.dossier.image(&case(), &at(&whole, 1), 40).is_ok());
    assert!(desk.refused(Mend::Bind { from: vec![whole.clone()], into: vec![] }).contains("刷新"));

    // And holds after a restart.
    let Desk { dossier, folder } = desk;
    drop(dossier);
    let desk = Desk { dossier: open(folder.path()), folder };
    desk.ready();
    assert_eq!(desk.found("民事起诉状"), [at(&first, 2)]);
    desk.mend(Mend::Restore { doc: whole.clone() });
    desk.ready();
    assert_eq!(desk.listed().iter().map(|d| &d.doc).collect::<Vec<_>>(), [&whole]);
    assert_eq!(desk.found("民事起诉状"), [at(&whole, 1)]);
    assert_eq!(desk.dossier.catalogue(&case()).expect("listed").retired, [], "its halves are nothing more");
    assert!(desk.refused(Mend::Restore { doc: whole }).contains("没有被替换"));
}

#[test]
fn a_photograph_is_bound_with_pages_of_a_pdf_and_not_read_again() {
    let desk = Desk::new();
    let photo = desk.file("08-原告身份证明.jpg", Side::Plaintiff);
    let letter = desk.file("07-原告授权委托书.pdf", Side::Plaintiff);
    desk.ready();
    let (photo_text, letter_text) = (desk.text(&at(&photo, 1)), desk.text(&at(&letter, 2)));
    desk.mend(Mend::Turn { page: at(&letter, 2), degrees: 180 });
    let leaves = vec![at(&letter, 2), at(&photo, 1)];
    let into = vec![Binding { filing: filing("身份与授权"), leaves }];
    desk.mend(Mend::Bind { from: vec![photo.clone()], into });
    desk.ready();
    let bound = desk.listed().into_iter().find(|d| d.title == "身份与授权").expect("bound");
    let sizes = |doc: &DocId| desk.dossier.page(&case(), &at(doc, 1)).expect("a page").size;
    assert_eq!(bound.pages.len(), 2);
    let (is, was) = (bound.pages[1], sizes(&photo));
    assert!(is.0.abs_diff(was.0) <= 1 && is.1.abs_diff(was.1) <= 1, "{is:?} {was:?}");
    // The very characters: nothing was recognised a second time.
    assert_eq!(desk.text(&at(&bound.doc, 1)), letter_text);
    assert_eq!(desk.text(&at(&bound.doc, 2)), photo_text);
    assert_eq!(bound.turns.first(), Some(&180));
    // The letter itself stays whole.
    assert_eq!(desk.entry(&letter).pages.len(), 2);
    desk.mend(Mend::Bind { from: vec![letter.clone()], into: vec![] });
    assert!(desk.listed().iter().all(|d| d.doc != letter));
    assert!(desk.found("授权").iter().all(|p| p.doc != letter));
}

/// [R-HTTP-6]
#[test]
fn a_turned_sheet_is_shown_upright_and_what_is_accepted_is_no_longer_told_of() {
    let desk = Desk::new();
    let scan = image::open(render(&desk, "06-答辩状.pdf")).expect("a picture").rotate180();
    let file = desk.folder.path().join("scan.png");
    scan.save(&file).expect("written");
    let doc = desk.try_file(&file, "答辩状扫描.png", Side::Defendant).expect("filed").doc;
    desk.ready();
    let entry = desk.entry(&doc);
    let turned = PageProblem::Turned { page: 1, degrees: 180, unclear: false };
    assert!(entry.problems.contains(&turned), "{:?}", entry.problems);
    assert_eq!(entry.turns, [180]);
    assert_eq!(desk.dossier.page(&case(), &at(&doc, 1)).expect("a page").turn, 180);
    desk.mend(Mend::Accept { doc: doc.clone(), problem: turned.clone() });
    let entry = desk.entry(&doc);
    assert!(!entry.problems.contains(&turned) && entry.accepted == [turned.clone()]);
    desk.mend(Mend::Reconsider { doc: doc.clone(), problem: turned.clone() });
    assert!(desk.entry(&doc).problems.contains(&turned));
    // Who turns it has seen it.
    desk.mend(Mend::Turn { page: at(&doc, 1), degrees: 0 });
    let entry = desk.entry(&doc);
    assert!(!entry.problems.contains(&turned) && entry.turns.is_empty());
    assert!(desk.refused(Mend::Turn { page: at(&doc, 1), degrees: 45 }).contains("90"));
}

/// The first page of a document of the sample as a picture file.
fn render(desk: &Desk, name: &str) -> PathBuf {
    let doc = desk.file(name, Side::Bench);
    let image = desk.dossier.image(&case(), &at(&doc, 1), 240).expect("drawn");
    let path = desk.folder.path().join("page.png");
    std::fs::write(&path, image.bytes).expect("written");
    path
}

#[test]
fn a_file_called_by_its_scanner_is_called_by_its_first_page() {
    let desk = Desk::new();
    let file = sample("03-受理案件通知书.pdf");
    let doc = desk.try_file(&file, "IMG_20260301_0007.pdf", Side::Bench).expect("filed");
    assert_eq!(
        (doc.title.as_str(), doc.heading.as_str(), doc.heading_sure),
        ("IMG_20260301_0007", "其他材料", Some(30))
    );
    desk.ready();
    let found = || desk.entry(&doc.doc);
    let until = std::time::Instant::now() + PATIENCE;
    while found().heading != "立案通知" {
        assert!(std::time::Instant::now() < until, "{:?}", found());
        std::thread::yield_now();
    }
    assert_eq!((found().title.as_str(), found().heading_sure), ("受理案件通知书", Some(85)));
    // What a person says stands.
    let said = Filing { heading: "其他".into(), ..filing("另一份") };
    desk.mend(Mend::Describe { doc: doc.doc.clone(), filing: said });
    let entry = found();
    assert_eq!((entry.title.as_str(), entry.heading.as_str(), entry.heading_sure), ("另一份", "其他", None));
    let nameless = Filing { title: "  ".into(), ..filing("") };
    assert!(desk.refused(Mend::Describe { doc: doc.doc, filing: nameless }).contains("名称"));
}

/// A ZIP archive with names as an older program on a Chinese system writes them.
fn archive(path: &Path, files: &[(&[u8], Vec<u8>)]) {
    // The names are written by hand: what writes archives today says that they are UTF-8.
    let mut zip = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in files {
        let at = zip.len() as u32;
        let crc = crc32fast::hash(bytes);
        let mut about = Vec::new();
        about.extend_from_slice(&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x5a]);
        about.extend_from_slice(&crc.to_le_bytes());
        about.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        about.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        about.extend_from_slice(&(name.len() as u16).to_le_bytes());
        about.extend_from_slice(&[0, 0]);
        zip.extend_from_slice(b"PK\x03\x04");
        zip.extend_from_slice(&about);
        zip.extend_from_slice(name);
        zip.extend_from_slice(bytes);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&about);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name);
    }
    let (from, len) = (zip.len() as u32, directory.len() as u32);
    zip.extend_from_slice(&directory);
    zip.extend_from_slice(b"PK\x05\x06\x00\x00\x00\x00");
    zip.extend_from_slice(&(files.len() as u16).to_le_bytes().repeat(2));
    zip.extend_from_slice(&len.to_le_bytes());
    zip.extend_from_slice(&from.to_le_bytes());
    zip.extend_from_slice(&[0, 0]);
    std::fs::write(path, zip).expect("written");
}

#[test]
fn an_archive_gives_its_files_by_name_and_folder_and_names_what_it_does_not() {
    let desk = Desk::new();
    let path = desk.folder.path().join("卷宗.zip");
    let bytes = |name: &str| std::fs::read(sample(name)).expect("the sample");
    let gbk = |name: &str| encoding_rs::GBK.encode(name).0.into_owned();
    let claim = gbk("原告/民事起诉状.pdf");
    let (mac, broken, nested) = (b"__MACOSX/._x".to_vec(), gbk("损坏.pdf"), gbk("内层.zip"));
    archive(
        &path,
        &[
            (&claim, bytes("02-起诉状.pdf")),
            ("被告证据/证据二 收条.jpg".as_bytes(), bytes("19-被告证据二-现金收条.jpg")),
            (&gbk("原告/"), Vec::new()),
            (&mac, b"x".to_vec()),
            (&broken, b"%PDF-1.7 and nothing more".to_vec()),
            (
                &nested,
                b"PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                    .to_vec(),
            ),
            (&gbk("副本/民事起诉状.pdf"), bytes("02-起诉状.pdf")),
        ],
    );
    let taken = desk.dossier.take(&case(), new(&path, "卷宗.zip", Side::Bench)).expect("taken");
    let docs: Vec<_> = taken
        .docs
        .iter()
        .map(|d| (d.side, d.heading.as_str(), d.title.as_str(), d.evidence_number))
        .collect();
    assert_eq!(
        docs,
        [
            (Side::Plaintiff, "起诉状", "民事起诉状", None),
            (Side::Defendant, "被告证据", "收条", Some(2)),
            (Side::Bench, "起诉状", "民事起诉状", None),
        ]
    );
    let refused: Vec<_> = taken.refused.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(refused, ["损坏.pdf", "内层.zip"], "{:?}", taken.refused);
    assert!(taken.refused[1].sentence.contains("压缩包"), "{:?}", taken.refused);
    // Once more: all of it is there already.
    let again = desk.dossier.take(&case(), new(&path, "卷宗.zip", Side::Bench)).expect("taken");
    assert_eq!((again.docs.len(), again.known.len()), (0, 3));
    // A party's archive is the party's, whatever its folders are called.
    let own = desk.dossier.take(&case(), new(&path, "卷宗.zip", Side::ThirdParty)).expect("taken");
    assert!(own.docs.iter().all(|d| d.side == Side::ThirdParty), "{:?}", own.docs);
    // While the court sits, what lies in the court's archive under a party's name waits to be let in.
    let sitting = Desk::new();
    let offer = EvidenceOffer {
        hearing: HearingId::new("h").expect("an id"),
        seat: SeatId::new("clerk").expect("an id"),
        purpose: String::new(),
    };
    let given = NewDocument { offer: Some(offer), ..new(&path, "卷宗.zip", Side::Bench) };
    sitting.dossier.take(&case(), given).expect("taken");
    let waits: Vec<_> = sitting.dossier.offered(&case()).into_iter().map(|o| o.side).collect();
    assert_eq!(waits, [Side::Plaintiff, Side::Defendant]);
    let torn = desk.folder.path().join("torn.zip");
    std::fs::write(&torn, b"PK\x03\x04 and nothing more").expect("written");
    let refused = desk.dossier.take(&case(), new(&torn, "torn.zip", Side::Bench));
    assert!(matches!(&refused, Err(DossierError::Refused(s)) if s.contains("压缩包")), "{refused:?}");
}

#[test]
fn an_encrypted_file_opens_with_its_password() {
    let desk = Desk::new();
    let Some(file) = encrypted(&desk) else {
        return println!("skipped: qpdf is not installed");
    };
    let given = |password: Option<&str>| {
        let mut document = new(&file, "借款合同.pdf", Side::Plaintiff);
        document.password = password.map(str::to_owned);
        desk.dossier.add(&case(), document)
    };
    for (password, says) in [(None, "打开密码"), (Some("0000"), "不对")] {
        let refused = given(password);
        assert!(matches!(&refused, Err(DossierError::Refused(s)) if s.contains(says)), "{refused:?}");
    }
    let doc = given(Some("6个8")).expect("opened").doc;
    desk.ready();
    assert!(desk.text(&at(&doc, 1)).contains("民事起诉状"));
    // And after a restart, bound with others.
    let Desk { dossier, folder } = desk;
    drop(dossier);
    let desk = Desk { dossier: open(folder.path()), folder };
    assert!(desk.dossier.image(&case(), &at(&doc, 2), 120).is_ok());
    let into = vec![Binding { filing: filing("抽出一页"), leaves: vec![at(&doc, 2)] }];
    desk.mend(Mend::Bind { from: vec![], into });
    desk.ready();
    assert_eq!(desk.listed().len(), 2);
}

/// A document of the sample, encrypted with 256 bits.
fn encrypted(desk: &Desk) -> Option<PathBuf> {
    let file = desk.folder.path().join("locked.pdf");
    let mut qpdf = std::process::Command::new("qpdf");
    qpdf.args(["--encrypt", "6个8", "owner", "256", "--"]).arg(sample("02-起诉状.pdf")).arg(&file);
    qpdf.status().ok()?.success().then_some(file)
}

#[test]
fn a_file_of_a_text_processor_is_read_where_libreoffice_is_installed() {
    let desk = Desk::new();
    let file = desk.folder.path().join("a.rtf");
    // RTF is written by hand: \u and the number of the character.
    let text: String = "民事答辩状 答辩人不同意原告的全部诉讼请求"
        .encode_utf16()
        .map(|u| format!("\\u{}?", i32::from(u) - if u > 0x7fff { 0x1_0000 } else { 0 }))
        .collect();
    std::fs::write(
        &file,
        format!("{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Noto Sans CJK SC;}}}}\\f0 {text}\\par}}"),
    )
    .expect("written");
    let filed = desk.try_file(&file, "答辩.rtf", Side::Defendant);
    let there = std::env::var_os("PATH")
        .is_some_and(|p| std::env::split_paths(&p).any(|dir| dir.join("soffice").exists()));
    if !there {
        assert!(matches!(&filed, Err(DossierError::Refused(s)) if s.contains("LibreOffice")), "{filed:?}");
        return println!("skipped: LibreOffice is not installed; the refusal was looked at");
    }
    let doc = filed.expect("filed").doc;
    desk.ready();
    assert!(desk.text(&at(&doc, 1)).contains("不同意原告的全部诉讼请求"));
    let again = desk.dossier.take(&case(), new(&file, "答辩.rtf", Side::Defendant)).expect("taken");
    assert_eq!(again.known.len(), 1);
}

#[test]
fn shared_real_documents_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/pdf");
    if !folder.exists() {
        return println!("skipped: {} is not there", folder.display());
    }
    let desk = Desk::new();
    // What stands on the pages; of the fourth, other libraries read and draw nothing.
    for (name, pages, words) in [
        ("font-simfang-variant.pdf", 1, "全世界无产者，联合起来"),
        ("font-xiaobiaosong.pdf", 1, "关于红军作战的原则"),
        ("font-not-embedded.pdf", 1, "あいうえお"),
        ("font-issue2128r.pdf", 1, "浅谈校长的魅力"),
        ("scan-with-ocr-layer-zh.pdf", 6, "浙江菲达环保科技股份有限公司"),
    ] {
        let doc = desk.try_file(&folder.join(name), name, Side::Bench).expect("filed");
        desk.ready();
        assert_eq!(doc.pages.len(), pages, "{name}");
        let text: String = (1..=pages as u32).map(|n| desk.text(&at(&doc.doc, n))).collect();
        if std::env::var_os("SHOW").is_some() {
            println!("{name}:\n{text}\n");
        }
        let plain = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert!(plain(&text).contains(words), "{name}: {text}");
        let found = desk.found(words).iter().any(|p| p.doc == doc.doc);
        assert!(found || !text::is_hanzi(words.chars().next().unwrap_or(' ')), "{name} is not found");
    }
}

#[test]
fn what_is_brought_in_during_a_hearing_is_held_back_until_the_court_lets_it_in() {
    let desk = Desk::new();
    let seat = SeatId::new("plaintiff").expect("well formed");
    let offer = |purpose: &str| EvidenceOffer {
        hearing: HearingId::new("h1").expect("well formed"),
        seat: seat.clone(),
        purpose: purpose.to_owned(),
    };
    let offered = |name: &str, offer| NewDocument { offer, ..new(&sample(name), name, Side::Plaintiff) };
    let contract = "12-原告证据一-借款合同.pdf";
    let held = desk.dossier.add(&case(), offered(contract, Some(offer("借款事实")))).expect("taken").doc;
    let again = desk.dossier.add(&case(), offered(contract, Some(offer("")))).expect("known").doc;
    assert_eq!(again, held, "the same bytes offered twice wait once");
    let listed = desk.dossier.catalogue(&case()).expect("listed");
    assert!(listed.docs.is_empty() && listed.offered.iter().map(|d| &d.doc).eq([&held]));
    // Who may see it sees the page; nothing of it is read or found.
    assert!(!desk.dossier.page(&case(), &at(&held, 1)).expect("drawn").image_hash.is_empty());
    assert!(desk.found("借款人").is_empty() && desk.dossier.pages_ready(&case()) == (0, 0));
    assert!(desk.dossier.pieces(&case()).is_empty(), "it is no piece of the file");
    desk.refused(Mend::Bind { from: vec![held.clone()], into: Vec::new() });

    // A kill in between: it still waits.
    let desk = desk.again();
    let waits = desk.dossier.offered(&case());
    assert_eq!(waits.len(), 1);
    assert_eq!((&waits[0].doc, &waits[0].offer, waits[0].evidence), (&held, &offer("借款事实"), true));
    assert!(desk.found("借款人").is_empty());

    desk.dossier.let_in(&case(), &held, Some(4)).expect("let in");
    desk.dossier.let_in(&case(), &held, Some(5)).expect("done already");
    desk.ready();
    assert_eq!(desk.entry(&held).evidence_number, Some(4));
    assert!(desk.found("借款人").contains(&at(&held, 1)));
    assert!(desk.dossier.offered(&case()).is_empty());

    let slip = "15-原告证据四-微信聊天记录.pdf";
    let held = desk.dossier.add(&case(), offered(slip, Some(offer("")))).expect("taken").doc;
    desk.dossier.keep_out(&case(), &held).expect("kept out");
    desk.dossier.let_in(&case(), &held, None).expect("changes nothing any more");
    let listed = desk.dossier.catalogue(&case()).expect("listed");
    assert!(listed.offered.is_empty() && listed.retired.iter().any(|d| d.doc == held && d.kept_out));
    assert_eq!(
        desk.dossier.withheld(&case()),
        [(held.clone(), Side::Plaintiff)],
        "refused, it is still not for the others"
    );
    // The court thinks better of it.
    desk.mend(Mend::Restore { doc: held.clone() });
    desk.ready();
    assert!(desk.listed().iter().any(|d| d.doc == held));
}
