//! The store through its own calls.

use model::{CaseId, HearingId, SeatId, UtcMs};

use super::*;

const T0: UtcMs = UtcMs(1_790_000_000_000);
const HOUR_MS: i64 = 3_600_000;

fn after(ms: i64) -> UtcMs {
    UtcMs(T0.0 + ms)
}

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&dir.path().join("huiting.sqlite")).expect("opens");
    (dir, store)
}

fn case(id: &str) -> NewCase {
    NewCase {
        id: CaseId::new(id).expect("tame"),
        number: "（2026）清0102民初318号".into(),
        cause: "民间借贷纠纷".into(),
        court: "松江市清源区人民法院".into(),
        procedure: "civilOrdinary".into(),
        json: "{}".into(),
    }
}

fn hearing(id: &str) -> NewHearing {
    NewHearing {
        id: HearingId::new(id).expect("tame"),
        case: CaseId::new("loan-318").expect("tame"),
        dir: format!("hearings/{id}"),
        json: "{\"public\":true}".into(),
    }
}

fn seat(name: &str) -> Scope {
    Scope::Seat { hearing: HearingId::new("h1").expect("tame"), seat: SeatId::new(name).expect("tame") }
}

#[test]
fn cases_and_hearings_are_kept_over_a_restart_and_sessions_are_counted() {
    let (dir, store) = store();
    store.add_case(&case("loan-318"), T0).expect("added");
    assert!(matches!(store.add_case(&case("loan-318"), T0), Err(StoreError::Exists { .. })));
    assert_eq!(store.add_hearing(&hearing("h1"), T0).expect("added").session, 1);
    assert_eq!(store.add_hearing(&hearing("h2"), after(1)).expect("added").session, 2);
    assert!(matches!(store.add_hearing(&hearing("h1"), T0), Err(StoreError::Exists { .. })));
    store.set_hearing_state(&hearing("h1").id, HearingState::Open, after(5)).expect("set");
    store.set_hearing_state(&hearing("h1").id, HearingState::Closed, after(9)).expect("set");
    drop(store);
    let store = Store::open(&dir.path().join("huiting.sqlite")).expect("opens again");
    assert_eq!(store.cases().expect("read"), [CaseRow { case: case("loan-318"), created: T0 }]);
    let h1 = store.hearing(&hearing("h1").id).expect("read");
    assert_eq!((h1.state, h1.opened, h1.closed), (HearingState::Closed, Some(after(5)), Some(after(9))));
    let order: Vec<_> =
        store.hearings().expect("read").into_iter().map(|h| h.hearing.id.to_string()).collect();
    assert_eq!(order, ["h2", "h1"]);
    assert_eq!(store.hearings_of(&hearing("h1").case).expect("read").len(), 2);
    assert!(matches!(store.remove_case(&hearing("h1").case), Err(StoreError::Exists { .. })));
}

#[test]
fn a_hearing_of_an_unknown_case_is_refused() {
    let (_dir, store) = store();
    assert!(matches!(store.add_hearing(&hearing("h1"), T0), Err(StoreError::Unknown { what: "case", .. })));
    let set = store.set_hearing_state(&hearing("h1").id, HearingState::Open, T0);
    assert!(matches!(set, Err(StoreError::Unknown { what: "hearing", .. })));
}

/// [R-JOIN-1] [R-JOIN-4]
#[test]
fn a_code_opens_one_session_of_its_seat_once() {
    let (_dir, store) = store();
    let code = store.issue_code(&seat("judge"), T0, HOUR_MS).expect("issued");
    assert!(matches!(store.redeem_code(&seat("clerk"), &code, T0, HOUR_MS, None), Err(StoreError::BadCode)));
    assert!(matches!(store.redeem_code(&Scope::Admin, &code, T0, HOUR_MS, None), Err(StoreError::BadCode)));
    assert!(store.code_is_good(&seat("judge"), &code, T0).expect("read"));
    assert!(!store.code_is_good(&seat("clerk"), &code, T0).expect("read"));
    assert!(!store.code_is_good(&seat("judge"), &code, after(HOUR_MS)).expect("read"));
    let token = store.redeem_code(&seat("judge"), &code.to_lowercase(), T0, HOUR_MS, None).expect("redeemed");
    assert!(!store.code_is_good(&seat("judge"), &code, T0).expect("read"), "it is used up");
    assert!(matches!(store.redeem_code(&seat("judge"), &code, T0, HOUR_MS, None), Err(StoreError::BadCode)));
    let session = store.session(token.secret(), after(1)).expect("read").expect("live");
    assert_eq!(session.scope, seat("judge"));
    assert_eq!(store.session(token.secret(), after(HOUR_MS)).expect("read"), None, "expired");
    assert_eq!(store.session("guess", T0).expect("read"), None);
    assert!(!format!("{token:?}").contains(token.secret()));
}

/// [R-JOIN-2]
#[test]
fn a_code_ends_with_its_time_and_with_the_next_one() {
    let (_dir, store) = store();
    let first = store.issue_code(&seat("judge"), T0, HOUR_MS).expect("issued");
    let second = store.issue_code(&seat("judge"), T0, HOUR_MS).expect("issued");
    assert!(store.redeem_code(&seat("judge"), &first, T0, HOUR_MS, None).is_err());
    assert!(store.redeem_code(&seat("judge"), &second, after(HOUR_MS), HOUR_MS, None).is_err());
    let admin = store.issue_code(&Scope::Admin, T0, HOUR_MS).expect("issued");
    let token = store.redeem_code(&Scope::Admin, &admin, T0, HOUR_MS, None).expect("redeemed");
    store.issue_code(&Scope::Admin, T0, HOUR_MS).expect("a new code leaves sessions as they are");
    assert_eq!(store.session(token.secret(), T0).expect("read").expect("live").scope, Scope::Admin);
}

#[test]
fn a_code_used_by_many_at_once_works_for_one() {
    let (_dir, store) = store();
    let code = store.issue_code(&seat("judge"), T0, HOUR_MS).expect("issued");
    let won = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|s| {
        for _ in 0..8 {
            s.spawn(|| {
                if store.redeem_code(&seat("judge"), &code, T0, HOUR_MS, None).is_ok() {
                    won.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(won.into_inner(), 1);
}

#[test]
fn revoking_ends_sessions_at_once() {
    let (_dir, store) = store();
    let join = |name: &str| {
        let code = store.issue_code(&seat(name), T0, HOUR_MS).expect("issued");
        store.redeem_code(&seat(name), &code, T0, HOUR_MS, None).expect("redeemed")
    };
    let (a, b, other) = (join("judge"), join("judge"), join("clerk"));
    store.revoke_session(a.secret(), after(1)).expect("revoked");
    assert_eq!(store.session(a.secret(), after(1)).expect("read"), None);
    assert!(store.session(b.secret(), after(1)).expect("read").is_some());
    assert_eq!(store.revoke_scope(&seat("judge"), after(2)).expect("revoked"), 1);
    assert_eq!(store.session(b.secret(), after(2)).expect("read"), None);
    assert!(store.session(other.secret(), after(2)).expect("read").is_some());
}

#[test]
fn secrets_are_not_in_the_file() {
    let (dir, store) = store();
    let code = store.issue_code(&seat("judge"), T0, HOUR_MS).expect("issued");
    let token = store.redeem_code(&seat("judge"), &code, T0, HOUR_MS, None).expect("redeemed");
    drop(store);
    for entry in std::fs::read_dir(dir.path()).expect("readable") {
        let bytes = std::fs::read(entry.expect("readable").path()).expect("readable");
        for secret in [code.as_bytes(), token.secret().as_bytes()] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret));
        }
    }
}

#[test]
fn settings_are_replaced_and_a_newer_database_is_refused() {
    let (dir, store) = store();
    assert_eq!(store.setting("x").expect("read"), None);
    store.set_setting("x", "1").expect("set");
    store.set_setting("x", "2").expect("set");
    assert_eq!(store.setting("x").expect("read").as_deref(), Some("2"));
    store.db().pragma_update(None, "user_version", 77).expect("set");
    drop(store);
    let opened = Store::open(&dir.path().join("huiting.sqlite"));
    assert!(matches!(opened, Err(StoreError::Newer { found: 77, .. })));
}

fn list(text: &str) -> registry::Reading {
    let known = [("civil-ordinary".to_owned(), "民事一审普通程序".to_owned())];
    registry::Reading::of_csv(text.as_bytes(), registry::Procedures(&known)).expect("a list")
}

#[test]
fn a_list_is_imported_once_and_says_what_is_new_the_second_time() {
    let (dir, store) = store();
    let text = "案号,案由,立案日期,开庭时间,法庭,承办法官\n\
        （2026）清0102民初1号,买卖合同纠纷,2026-01-05,2026-02-03 09:30,第一法庭,沈岚\n\
        （2026）清0102民初1号,买卖合同纠纷,2026-01-05,2026-03-03 09:30,第二法庭,沈岚\n\
        （2026）清0102民初2号,租赁合同纠纷,2026-01-06,,,沈岚\n\
        （2026）清0102民初3号,租赁合同纠纷,2026-13-06,,,沈岚\n";
    let first = store.import_list(list(text), "清源法院", T0).expect("imported");
    assert_eq!((first.created, first.changed, first.unchanged, first.scheduled), (2, 0, 0, 2));
    assert_eq!(first.faults.iter().map(|f| f.line).collect::<Vec<_>>(), [5]);
    let again = store.import_list(list(text), "清源法院", after(1)).expect("imported");
    assert_eq!((again.created, again.changed, again.unchanged, again.scheduled), (0, 0, 2, 0));
    let moved = text
        .replace("第二法庭", "第三法庭")
        .replace("租赁合同纠纷,2026-01-06,,,沈岚", "租赁合同纠纷,2026-01-06,,,高远");
    let third = store.import_list(list(&moved), "清源法院", after(2)).expect("imported");
    assert_eq!((third.created, third.changed, third.unchanged, third.scheduled), (0, 1, 1, 0));
    assert_eq!(store.rooms().expect("read"), ["第一法庭", "第三法庭", "第二法庭"]);
    drop(store);
    let store = Store::open(&dir.path().join("huiting.sqlite")).expect("opens again");
    let listed: Vec<_> = store.cases().expect("read").iter().map(CaseRow::listed).collect();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|c| c.court == "清源法院"));
    let rooms: Vec<_> = store
        .schedule(UtcMs(0), UtcMs(i64::MAX))
        .expect("read")
        .into_iter()
        .map(|s| s.sitting.room)
        .collect();
    assert_eq!(rooms, ["第一法庭", "第三法庭"]);
}

#[test]
fn a_case_made_by_hand_is_known_again_by_its_number_in_the_list() {
    let (_dir, store) = store();
    store.add_case(&case("loan-318"), T0).expect("added");
    let done = store
        .import_list(list("案号,案由\n(2026)清0102民初318号,民间借贷纠纷\n"), "x", T0)
        .expect("imported");
    assert_eq!((done.created, done.changed), (0, 1));
    assert_eq!(store.cases().expect("read").len(), 1);
    let taken = "案号,案由,内部编号\n(2026)清0102民初9号,租赁合同纠纷,loan-318\n";
    let done = store.import_list(list(taken), "x", T0).expect("imported");
    assert_eq!((done.created, done.faults.len()), (0, 1));
}

fn account(name: &str, role: OfficeRole) -> NewAccount {
    let password = "correct horse 庭".to_owned();
    NewAccount { name: name.to_owned(), person: "何静".to_owned(), role, password }
}

/// [R-ADM-2]
#[test]
fn an_account_opens_sessions_until_it_is_closed_and_every_login_is_noted() {
    let (dir, store) = store();
    store.add_account(&account("hejing", OfficeRole::Clerk), T0).expect("made");
    assert!(matches!(
        store.add_account(&account("hejing", OfficeRole::Judge), T0),
        Err(StoreError::Exists { .. })
    ));
    let short = NewAccount { password: "short".to_owned(), ..account("x", OfficeRole::Clerk) };
    assert!(matches!(store.add_account(&short, T0), Err(StoreError::Unfit(_))));
    assert!(matches!(store.login("hejing", "wrong password", T0, HOUR_MS, None), Err(StoreError::BadLogin)));
    assert!(matches!(store.login("nobody", "wrong password", T0, HOUR_MS, None), Err(StoreError::BadLogin)));
    let token = store.login("hejing", "correct horse 庭", after(1), HOUR_MS, None).expect("in");
    let scope = || store.session(token.secret(), after(2)).expect("read").map(|s| s.scope);
    assert_eq!(scope(), Some(Scope::Account { name: "hejing".to_owned(), role: OfficeRole::Clerk }));
    store.revoke_scope(&Scope::Admin, after(2)).expect("revoked");
    assert!(scope().is_some(), "links of the administration are another thing");
    store.close_account("hejing", true, after(2)).expect("closed");
    assert_eq!(scope(), None);
    assert!(matches!(
        store.login("hejing", "correct horse 庭", after(3), HOUR_MS, None),
        Err(StoreError::BadLogin)
    ));
    let outcomes: Vec<_> = store.logins().expect("read").into_iter().map(|l| l.outcome).collect();
    assert_eq!(outcomes, ["wrong", "in", "wrong", "wrong"]);
    drop(store);
    let bytes = std::fs::read(dir.path().join("huiting.sqlite")).expect("readable");
    assert!(!bytes.windows(7).any(|w| w == b"correct"), "the password is not in the file");
}

/// [R-ADM-3]
#[test]
fn five_wrong_passwords_close_a_name_for_a_quarter_of_an_hour_and_a_new_password_opens_it() {
    let (_dir, store) = store();
    store.add_account(&account("hejing", OfficeRole::Clerk), T0).expect("made");
    for n in 0..5 {
        assert!(matches!(
            store.login("hejing", "wrong password", after(n), HOUR_MS, None),
            Err(StoreError::BadLogin)
        ));
    }
    let right = |at| store.login("hejing", "correct horse 庭", after(at), HOUR_MS, None);
    assert!(matches!(right(10), Err(StoreError::Throttled { minutes: 15 })));
    assert!(right(15 * 60_000 + 5).is_ok());
    for n in 0..5 {
        let at = after(HOUR_MS + n);
        assert!(matches!(
            store.login("hejing", "wrong password", at, HOUR_MS, None),
            Err(StoreError::BadLogin)
        ));
    }
    assert!(matches!(right(HOUR_MS + 10), Err(StoreError::Throttled { .. })));
    store.set_password("hejing", "another password", after(HOUR_MS + 11)).expect("set");
    assert!(store.login("hejing", "another password", after(HOUR_MS + 12), HOUR_MS, None).is_ok());
}

/// [R-ADM-3]
#[test]
fn sixty_wrong_passwords_within_a_minute_are_enough_whatever_the_names() {
    let (_dir, store) = store();
    store.add_account(&account("hejing", OfficeRole::Clerk), T0).expect("made");
    for n in 0..60 {
        let tried = store.login(&format!("guess-{n}"), "wrong password", after(n), HOUR_MS, None);
        assert!(matches!(tried, Err(StoreError::BadLogin)), "{n}");
    }
    let right = |at| store.login("hejing", "correct horse 庭", after(at), HOUR_MS, None);
    assert!(matches!(right(100), Err(StoreError::Throttled { minutes: 1 })));
    assert!(right(60_100).is_ok());
}

#[test]
fn a_fact_is_kept_once_with_its_first_time_and_its_last_word() {
    use registry::Fact;
    let (_dir, store) = store();
    store.add_case(&case("loan-318"), T0).expect("added");
    let id = case("loan-318").id;
    store.note_fact(&id, "h1", T0, &Fact::Held { shown: false, transcribed: false }).expect("noted");
    let used = Fact::Held { shown: true, transcribed: false };
    store.note_fact(&id, "h1", after(9), &used).expect("noted");
    store.note_fact(&CaseId::new("gone").expect("tame"), "h1", T0, &used).expect("passed over");
    assert_eq!(store.facts().expect("read"), [(id.clone(), T0, used)]);
    assert_eq!(store.archived(&id).expect("read"), None);
    store.note_fact(&id, "", after(3), &Fact::Archived { refiled: false }).expect("noted");
    assert_eq!(store.archived(&id).expect("read"), Some(after(3)));
}
