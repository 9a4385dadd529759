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

#[test]
fn a_code_opens_one_session_of_its_seat_once() {
    let (_dir, store) = store();
    let code = store.issue_code(&seat("judge"), T0, HOUR_MS).expect("issued");
    assert!(matches!(store.redeem_code(&seat("clerk"), &code, T0, HOUR_MS), Err(StoreError::BadCode)));
    assert!(matches!(store.redeem_code(&Scope::Admin, &code, T0, HOUR_MS), Err(StoreError::BadCode)));
    let token = store.redeem_code(&seat("judge"), &code.to_lowercase(), T0, HOUR_MS).expect("redeemed");
    assert!(matches!(store.redeem_code(&seat("judge"), &code, T0, HOUR_MS), Err(StoreError::BadCode)));
    let session = store.session(token.secret(), after(1)).expect("read").expect("live");
    assert_eq!(session.scope, seat("judge"));
    assert_eq!(store.session(token.secret(), after(HOUR_MS)).expect("read"), None, "expired");
    assert_eq!(store.session("guess", T0).expect("read"), None);
    assert!(!format!("{token:?}").contains(token.secret()));
}

#[test]
fn a_code_ends_with_its_time_and_with_the_next_one() {
    let (_dir, store) = store();
    let first = store.issue_code(&seat("judge"), T0, HOUR_MS).expect("issued");
    let second = store.issue_code(&seat("judge"), T0, HOUR_MS).expect("issued");
    assert!(store.redeem_code(&seat("judge"), &first, T0, HOUR_MS).is_err());
    assert!(store.redeem_code(&seat("judge"), &second, after(HOUR_MS), HOUR_MS).is_err());
    let admin = store.issue_code(&Scope::Admin, T0, HOUR_MS).expect("issued");
    let token = store.redeem_code(&Scope::Admin, &admin, T0, HOUR_MS).expect("redeemed");
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
                if store.redeem_code(&seat("judge"), &code, T0, HOUR_MS).is_ok() {
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
        store.redeem_code(&seat(name), &code, T0, HOUR_MS).expect("redeemed")
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
    let token = store.redeem_code(&seat("judge"), &code, T0, HOUR_MS).expect("redeemed");
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
