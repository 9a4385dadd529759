//! What every transport promises, asked of each: memory, TCP and pty.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use std::net::TcpListener;
use std::time::{Duration, Instant};

use bridge::transport::{
    Address, OpenError, Pty, Transport, TransportError, accept_tcp, fake_pair, open, open_serial,
};

type End = Box<dyn Transport>;

/// The host's end and the device's end of one line.
type Pair = (End, End);

fn fake() -> Pair {
    let (host, device) = fake_pair();
    (Box::new(host), Box::new(device))
}

fn tcp() -> Pair {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: Address = format!("tcp://{}", listener.local_addr().unwrap()).parse().unwrap();
    let host = open(&address, soon()).unwrap();
    (Box::new(host), Box::new(accept_tcp(&listener).unwrap()))
}

fn pty() -> Pair {
    let device = Pty::new(None).unwrap();
    let host = open(&Address::Line(device.path().into()), soon()).unwrap();
    (Box::new(host), Box::new(device))
}

/// Later than anything here takes unless it hangs.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn read_exactly(end: &mut dyn Transport, n: usize) -> Vec<u8> {
    let (mut out, mut buf) = (Vec::new(), [0; 700]);
    while out.len() < n {
        let want = (n - out.len()).min(buf.len());
        let got = end.read(&mut buf[..want], soon()).unwrap();
        assert!(got > 0, "nothing came; {} of {n} bytes", out.len());
        out.extend_from_slice(&buf[..got]);
    }
    out
}

fn every_byte_passes_unchanged_in_both_directions((mut host, mut device): Pair) {
    let bytes: Vec<u8> = (0..=255).collect();
    host.write_all(&bytes, soon()).unwrap();
    assert_eq!(read_exactly(&mut *device, 256), bytes);
    device.write_all(&bytes, soon()).unwrap();
    assert_eq!(read_exactly(&mut *host, 256), bytes);
}

fn a_read_gives_nothing_when_its_deadline_passes((mut host, mut device): Pair) {
    let (start, wait) = (Instant::now(), Duration::from_millis(30));
    assert_eq!(host.read(&mut [0; 8], start + wait).unwrap(), 0);
    assert!(start.elapsed() >= wait, "it came back early");
    assert_eq!(device.read(&mut [0; 8], start).unwrap(), 0);
    assert_eq!(device.read(&mut [], soon()).unwrap(), 0);
}

fn bytes_already_there_are_taken_even_after_the_deadline((mut host, mut device): Pair) {
    device.write_all(b"ab", soon()).unwrap();
    assert_eq!(read_exactly(&mut *host, 1), b"a");
    assert_eq!(host.read(&mut [0; 8], Instant::now() - Duration::from_secs(1)).unwrap(), 1);
}

fn a_waiting_read_wakes_when_bytes_come((mut host, mut device): Pair) {
    let reader = std::thread::spawn(move || read_exactly(&mut *host, 5));
    device.write_all(b"hello", soon()).unwrap();
    assert_eq!(reader.join().unwrap(), b"hello");
}

fn more_than_the_line_holds_passes_in_order((mut host, mut device): Pair) {
    let bytes: Vec<u8> = (0..200_000u32).map(|i| (i * 31 % 251) as u8).collect();
    let expected = bytes.clone();
    let writer = std::thread::spawn(move || {
        device.write_all(&bytes, soon()).unwrap();
        device
    });
    let got = read_exactly(&mut *host, expected.len());
    assert!(got == expected);
    drop(writer.join().unwrap());
}

fn a_write_nobody_reads_stalls_in_bounded_time((mut host, _device): Pair) {
    let chunk = vec![7; 1 << 20];
    for _ in 0..256 {
        match host.write_all(&chunk, Instant::now() + Duration::from_millis(50)) {
            Ok(()) => {}
            Err(TransportError::Stalled { .. }) => return,
            Err(e) => panic!("{e}"),
        }
    }
    panic!("256 MiB were taken without anybody reading");
}

fn a_device_that_is_unplugged_is_gone_for_the_host((mut host, device): Pair) {
    drop(device);
    let read = host.read(&mut [0; 8], soon());
    assert!(matches!(read, Err(TransportError::Gone { .. })), "{read:?}");
    // The network tells a writer only after its first bytes were refused.
    let gone = (0..100).any(|_| {
        let written = host.write_all(b"are you there", Instant::now() + Duration::from_millis(20));
        matches!(written, Err(TransportError::Gone { .. }))
    });
    assert!(gone);
}

macro_rules! contract {
    ($($clause:ident),* $(,)?) => {
        mod fake_keeps_the_contract { $(#[test] fn $clause() { super::$clause(super::fake()); })* }
        mod tcp_keeps_the_contract { $(#[test] fn $clause() { super::$clause(super::tcp()); })* }
        mod pty_keeps_the_contract { $(#[test] fn $clause() { super::$clause(super::pty()); })* }
    };
}

contract!(
    every_byte_passes_unchanged_in_both_directions,
    a_read_gives_nothing_when_its_deadline_passes,
    bytes_already_there_are_taken_even_after_the_deadline,
    a_waiting_read_wakes_when_bytes_come,
    more_than_the_line_holds_passes_in_order,
    a_write_nobody_reads_stalls_in_bounded_time,
    a_device_that_is_unplugged_is_gone_for_the_host,
);

#[test]
fn a_line_is_open_to_one_program_at_a_time() {
    let device = Pty::new(None).unwrap();
    let first = open_serial(device.path()).unwrap();
    assert!(matches!(open_serial(device.path()), Err(OpenError::InUse { .. })));
    drop(first);
    open_serial(device.path()).unwrap();
}

#[test]
fn a_file_that_is_no_line_is_refused_and_so_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ttyUSB0");
    std::fs::write(&file, "not a line").unwrap();
    assert!(matches!(open_serial(&file), Err(OpenError::NotALine { .. })));
    assert!(matches!(open_serial(&folder.path().join("none")), Err(OpenError::Refused { .. })));
}

#[test]
fn a_pty_link_follows_the_newest_pty_and_spares_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("console");
    let first = Pty::new(Some(&link)).unwrap();
    let second = Pty::new(Some(&link)).unwrap();
    drop(first);
    assert_eq!(std::fs::read_link(&link).unwrap(), second.path());
    drop(second);
    assert!(std::fs::symlink_metadata(&link).is_err(), "the link outlived its pty");
    std::fs::write(&link, "mine").unwrap();
    assert!(Pty::new(Some(&link)).is_err());
    assert_eq!(std::fs::read(&link).unwrap(), b"mine");
}
