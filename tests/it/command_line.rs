//! The program as a newcomer meets it.

use std::process::{Command, Output};

use crate::support::{Courtroom, Door, binary, repository, shows, wait};

/// One page with two words. Readers find the objects without a table of them.
pub(crate) const SHORT_PDF: &str = "%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 43>>stream
BT /F 24 Tf 100 700 Td (huiting late) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
%%EOF
";

fn huiting(arguments: &[&str]) -> Output {
    Command::new(binary()).current_dir(repository()).args(arguments).output().expect("the binary starts")
}

#[test]
fn every_command_explains_itself() {
    let help = huiting(&["--help"]);
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    for command in [
        "serve",
        "demo",
        "case",
        "dossier",
        "statutes",
        "transcribe",
        "speech-eval",
        "export",
        "proof",
        "verify",
        "doctor",
        "models",
    ] {
        assert!(text.contains(command), "--help does not name {command}");
        let own = huiting(&[command, "--help"]);
        assert!(own.status.success() && own.stdout.len() > 40, "{command} --help");
    }
    assert_eq!(huiting(&["nonsense"]).status.code(), Some(2));
}

#[test]
fn a_wrong_setting_is_refused_with_its_line() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("huiting.toml");
    std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"\nprot = 3\n").expect("writable");
    let refused = huiting(&["--config", &file.display().to_string(), "models", "list"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("line 3") && said.contains("prot"), "{said}");
}

#[test]
fn statutes_are_imported_once_and_found_in_the_version_of_the_day() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (settings, texts) = (folder.path().join("huiting.toml"), folder.path().join("texts"));
    let data = folder.path().join("data");
    std::fs::write(&settings, format!("[storage]\ndata = {:?}\n", data.display().to_string()))
        .expect("writable");
    std::fs::create_dir(&texts).expect("writable");
    for (date, text) in [("2010-05-01", "灯塔归海。"), ("2020-05-01", "灯塔归海，也归风。")] {
        let law = format!("# 中华人民共和国灯塔法\n<!-- INFO END -->\n第一条 {text}\n");
        std::fs::write(texts.join(format!("灯塔法({date}).md")), law).expect("writable");
    }
    std::fs::write(texts.join("notes.md"), "no law").expect("writable");
    let statutes = |arguments: &[&str]| {
        let config = settings.display().to_string();
        let out = huiting(&[&["--config", &config, "statutes"], arguments].concat());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (out.status.code(), text(&out.stdout), text(&out.stderr))
    };
    let (code, _, said) = statutes(&["find", "灯塔法第一条"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("huiting statutes import"), "{said}");
    let from = texts.display().to_string();
    let (code, counted, said) = statutes(&["import", &from]);
    assert_eq!(code, Some(0), "{said}");
    assert!(counted.contains("1 laws, 2 versions, 2 articles"), "{counted}");
    assert!(said.contains("notes.md") && said.contains("does not begin with"), "{said}");
    assert!(statutes(&["import", &from]).1.contains("2 unchanged"));
    let (_, found, _) = statutes(&["find", "灯塔法第一条", "--date", "2015-01-01", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&found).expect("one JSON object");
    assert_eq!(found["hits"][0]["article"]["text"], "灯塔归海。");
    assert_eq!(found["hits"][0]["article"]["version"], "2010-05-01");
    assert!(statutes(&["find", "也归风"]).1.contains("灯塔法 第一条（2020-05-01）"));
    assert_eq!(statutes(&["find", "灯塔法第一条", "--date", "2015-02-30"]).0, Some(2));
    assert!(statutes(&["list"]).1.contains("2010-05-01 (1), 2020-05-01 (1)"));
}

#[test]
fn something_that_is_no_package_does_not_verify() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let looked = huiting(&["verify", &folder.path().display().to_string(), "--json"]);
    assert_eq!(looked.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&looked.stdout).expect("one JSON object");
    assert_eq!(report["ok"], false);
}

#[test]
fn what_is_not_there_is_said_to_be_not_there() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let settings = folder.path().join("huiting.toml");
    std::fs::write(&settings, format!("[storage]\ndata = {:?}\n", folder.path().join("data")))
        .expect("writable");
    let settings = settings.display().to_string();
    let asked = |arguments: &[&str]| {
        let output = huiting(&[&["--config", &settings], arguments].concat());
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (created, said) =
        asked(&["case", "create", "here", "--number", "（2026）清0102民初1号", "--cause", "借贷"]);
    assert_eq!(created, Some(0), "{said}");
    let (code, said) = asked(&["dossier", "search", "elsewhere", "违约金"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("there is no case elsewhere"), "{said}");
    let (code, said) = asked(&["verify", "/nothing/at/all"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is not there"), "{said}");
}

#[test]
fn what_is_written_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("temporary folder");
    let (settings, data) = (folder.path().join("huiting.toml"), folder.path().join("data"));
    std::fs::write(&settings, format!("[storage]\ndata = {:?}\n", data.display().to_string()))
        .expect("writable");
    let config = settings.display().to_string();
    let added =
        huiting(&["--config", &config, "account", "add", "li", "--person", "李某", "--role", "clerk"]);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let mut seen = 0;
    let mut left = vec![data];
    while let Some(path) = left.pop() {
        let about = std::fs::symlink_metadata(&path).expect("there");
        assert_eq!(about.permissions().mode() & 0o077, 0, "{}", path.display());
        if about.is_dir() {
            left.extend(
                std::fs::read_dir(&path).expect("readable").map(|entry| entry.expect("there").path()),
            );
        }
        seen += 1;
    }
    assert!(seen > 1, "the folder and the store in it");
}

#[test]
fn an_account_is_made_listed_and_closed_and_its_password_is_said_once() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let settings = folder.path().join("huiting.toml");
    std::fs::write(&settings, format!("[storage]\ndata = {:?}\n", folder.path().join("data")))
        .expect("writable");
    let settings = settings.display().to_string();
    let asked = |arguments: &[&str]| {
        let output = huiting(&[&["--config", &settings, "account"], arguments].concat());
        let said =
            String::from_utf8_lossy(if output.status.success() { &output.stdout } else { &output.stderr });
        (output.status.code(), said.into_owned())
    };
    let add = ["add", "li.clerk", "--person", "李某", "--role", "clerk"];
    let (code, said) = asked(&add);
    assert_eq!(code, Some(0), "{said}");
    let password = said.lines().find_map(|l| l.strip_prefix("password: ")).expect("a password").to_owned();
    assert_eq!(password.len(), 19, "{password}");
    assert_eq!(asked(&add).0, Some(1), "a name is taken once");
    assert_eq!(asked(&["close", "li.clerk"]).0, Some(0));
    let (_, list) = asked(&["list", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let only = serde_json::json!([{ "name": "li.clerk", "person": "李某", "role": "clerk", "closed": true }]);
    assert_eq!(list, only);
    let (code, said) = asked(&["password", "nobody"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("nobody"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_link_works_once_and_a_wrong_code_never() {
    let room = Courtroom::open();
    let link = room.link("defendant").to_owned();
    let door = room.door();
    let path = door.path_of(&link).expect("a link to this hub").to_owned();
    let get = async |path: String| door.send("GET", &path, None, None).await.expect("the hub answers");
    assert_eq!(get(format!("{path}x")).await.status, 403);
    let first = get(path.clone()).await;
    assert_eq!(first.status, 303);
    assert!(first.cookie.is_some());
    assert_eq!(get(path.clone()).await.status, 403, "a used code is refused");
    let seat = path.split("join").next().expect("a prefix").to_owned();
    let api = door.send("GET", &format!("{seat}api/dossier"), None, None).await.expect("answers");
    assert_eq!(api.status, 401, "without a session nothing is read");
    let elsewhere = format!("{}api/dossier", seat.replace("defendant", "judge"));
    let other = door.send("GET", &elsewhere, first.cookie.as_deref(), None).await.expect("answers");
    assert_eq!(other.status, 401, "a session of one seat opens no other");
}

/// [R-JOIN-8]
#[tokio::test(flavor = "multi_thread")]
async fn a_courtroom_for_other_machines_speaks_tls_and_its_links_carry_an_address_they_reach() {
    let room = Courtroom::listening([0, 0, 0, 0]);
    let link = room.link("judge");
    assert!(link.starts_with("https://") && !link.contains("//0.0.0.0"), "{link}");
    let judge = room.desk("judge").await;
    shows(&judge, |s| s.status.pages_ready.1.gt(&0).then_some(())).await;
    let plain = Door::plain(room.address());
    assert!(plain.send("GET", "/healthz", None, None).await.is_err(), "plain HTTP is not spoken there");
}

#[test]
fn a_document_is_added_to_a_running_courtroom_and_found() {
    let room = Courtroom::open();
    let settings = room.data().join("huiting.toml").display().to_string();
    let paper = room.data().join("迟到的通知.pdf");
    std::fs::write(&paper, SHORT_PDF).expect("writable");
    let added = huiting(&["--config", &settings, "dossier", "add", "loan-318", &paper.display().to_string()]);
    let said = String::from_utf8_lossy(&added.stderr).into_owned();
    assert!(added.status.success(), "{said}\n{}", room.log());
    let listed = huiting(&["--config", &settings, "dossier", "list", "loan-318", "--json"]);
    let catalogue: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("one JSON object");
    let docs = catalogue["docs"].as_array().expect("documents");
    let late = docs.iter().find(|d| d["title"].as_str().is_some_and(|t| t.contains("迟到的通知")));
    assert_eq!(late.expect("filed")["pagesReady"], 1, "{catalogue}");
    let searched = huiting(&["--config", &settings, "dossier", "search", "loan-318", "huiting", "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&searched.stdout).expect("one JSON object");
    assert_eq!(found["hits"][0]["title"], "迟到的通知", "{found}");
}

#[test]
fn without_its_library_no_file_is_called_damaged() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("huiting.toml");
    std::fs::write(&file, "[dossier]\npdfium = \"nowhere.so\"\n").expect("writable");
    let settings = file.display().to_string();
    let sample = repository().join("target/fixtures/case").display().to_string();
    let refused = huiting(&["--config", &settings, "case", "import", &sample]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("nowhere.so") && said.contains("[dossier] pdfium"), "{said}");
    assert!(!said.contains("损坏"), "{said}");
}

/// [R-BYE-3]
#[tokio::test(flavor = "multi_thread")]
async fn the_example_client_of_the_protocol_follows_a_hearing() {
    let room = Courtroom::with_a_thin_dossier();
    let clerk = room.desk("clerk").await;
    let watch = repository().join("docs/examples/watch.py");
    let mut watching = Command::new("python3")
        .arg(watch)
        .args([room.link("plaintiff"), "--json", "--until-lines", "3"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3 is there");
    let output = std::io::BufReader::new(watching.stdout.take().expect("piped"));
    let mut seen = std::io::BufRead::lines(output)
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.expect("text")).expect("JSON"))
        .filter(|event| event["what"] == "line")
        .map(|event| event["text"].as_str().expect("text").to_owned());
    for text in ["第一行", "第二行"] {
        clerk.must(insert(text)).await.expect("written");
        assert_eq!(seen.next().as_deref(), Some(text));
    }
    // A hub that is started anew loses the example nothing.
    let killed = room.kill("hub");
    room.back("hub", killed);
    clerk.must(insert("第三行")).await.expect("written");
    assert_eq!(seen.collect::<Vec<_>>(), ["第三行"]);
    assert!(watching.wait().expect("it ends").success());
}

fn insert(text: &str) -> court::Command {
    let seat = model::SeatId::new("clerk").expect("well formed");
    court::Command::InsertLine { seat, from: model::HearingTime(1), text: text.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_proved_by_a_file_and_the_key_alone_and_a_changed_proof_proves_nothing() {
    let room = Courtroom::with_a_thin_dossier();
    let clerk = room.desk("clerk").await;
    clerk.must(insert("借款五万元已经交付")).await.expect("written");
    let first = shows(&clerk, |s| s.snapshot.as_ref()?.lines.first().map(|l| l.id)).await;
    let settings = room.data().join("huiting.toml").display().to_string();
    let hearings = std::fs::read_dir(room.data().join("hearings")).expect("there");
    let hearing =
        hearings.map(|e| e.expect("an entry").file_name().into_string().expect("text")).next().expect("one");
    let proofs = tempfile::tempdir().expect("a folder");
    let out = proofs.path().display().to_string();
    let (line, key) = (first.to_string(), huiting(&["--config", &settings, "proof", "key", &hearing]));
    let key = String::from_utf8_lossy(&key.stdout).trim().to_owned();
    // A checkpoint follows within a second.
    let made = wait(|| {
        let make =
            ["--config", &settings, "proof", "make", &hearing, "--line", &line, "--out", &out, "--json"];
        Some(huiting(&make)).filter(|o| o.status.success())
    });
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).expect("JSON");
    assert_eq!(made["proofs"].as_array().map(Vec::len), Some(1), "{made}");
    let file = made["proofs"][0]["path"].as_str().expect("a path").to_owned();
    let check = |file: &str| huiting(&["proof", "check", file, "--key", &key, "--json"]);
    let proved = check(&file);
    assert!(proved.status.success(), "{proved:?}");
    let proved: serde_json::Value = serde_json::from_slice(&proved.stdout).expect("JSON");
    assert!(proved["event"].to_string().contains("借款五万元已经交付"), "{proved}");
    let text = std::fs::read_to_string(&file).expect("there");
    for (before, after) in
        [("index ", "index 1"), ("extra ey", "extra eY"), ("tlog-proof@v1", "tlog-proof@v2")]
    {
        let changed = proofs.path().join("changed.tlog-proof");
        std::fs::write(&changed, text.replacen(before, after, 1)).expect("written");
        assert_eq!(check(&changed.display().to_string()).status.code(), Some(3), "{before}");
    }

    let journal = room.data().join("hearings").join(&hearing).join("journal/head.note");
    let older = proofs.path().join("older.txt");
    std::fs::copy(journal, &older).expect("copied");
    clerk.must(insert("又一行")).await.expect("written");
    let grown =
        huiting(&["--config", &settings, "proof", "consistency", &hearing, &older.display().to_string()]);
    assert!(grown.status.success(), "{grown:?}");
}
