//! Where recognised characters stand: a page whose text is known is recognised from its picture, and the boxes are compared.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use bytes::BytesMut;
use protocol::link::Frame;
use protocol::link::pages::{FromPageWorker, PageChar, Source, ToPageWorker, unpack};

use crate::support::{binary, repository};

/// A character is right where its middle is no further from the true one, in widths of the character.
const OFF_MAX: f64 = 0.35;
const SHARE_MIN: f64 = 0.9;

struct Worker {
    child: Child,
    buffer: BytesMut,
}

impl Worker {
    fn start() -> Self {
        let pdfium = repository().join("target/pdfium/libpdfium.so");
        let child = Command::new(binary())
            .args(["page-worker", "--pdfium"])
            .arg(pdfium)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker starts");
        let mut worker = Self { child, buffer: BytesMut::new() };
        assert_eq!(worker.next().message, FromPageWorker::Ready);
        worker
    }

    fn next(&mut self) -> Frame<FromPageWorker> {
        let output = self.child.stdout.as_mut().expect("piped");
        let mut chunk = [0; 65_536];
        loop {
            if let Some(frame) = Frame::<FromPageWorker>::decode(&mut self.buffer).expect("a frame") {
                return frame;
            }
            let n = output.read(&mut chunk).expect("readable");
            assert!(n > 0, "the worker ended");
            self.buffer.extend_from_slice(&chunk[..n]);
        }
    }

    fn chars(&mut self, request: ToPageWorker) -> Vec<PageChar> {
        let mut bytes = BytesMut::new();
        Frame::bare(request).encode(&mut bytes).expect("short");
        self.child.stdin.as_mut().expect("piped").write_all(&bytes).expect("written");
        let answer = self.next();
        assert!(matches!(answer.message, FromPageWorker::Text { .. }), "{:?}", answer.message);
        unpack(&answer.body).expect("characters")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Pairs of the same hanzi in both texts, in order: a longest common subsequence.
fn aligned(a: &[PageChar], b: &[PageChar]) -> Vec<(PageChar, PageChar)> {
    let mut best = vec![vec![0u16; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            best[i][j] = match a[i].c == b[j].c {
                true => best[i + 1][j + 1] + 1,
                false => best[i + 1][j].max(best[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i].c == b[j].c {
            pairs.push((a[i], b[j]));
            (i, j) = (i + 1, j + 1);
        } else if best[i + 1][j] >= best[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[test]
fn recognised_characters_stand_where_they_are_printed() {
    let mut worker = Worker::start();
    let hanzi = |chars: Vec<PageChar>| -> Vec<PageChar> {
        chars.into_iter().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(&c.c)).collect()
    };
    let (mut right, mut all) = (0, 0);
    for (name, page) in [("02-起诉状.pdf", 1), ("06-答辩状.pdf", 1)] {
        let file: PathBuf = repository().join("target/fixtures/case").join(name);
        let source = Source { file, password: None };
        let known = hanzi(worker.chars(ToPageWorker::Text { source: source.clone(), page }));
        let seen = hanzi(worker.chars(ToPageWorker::Ocr { source, page }));
        let pairs = aligned(&known, &seen);
        assert!(pairs.len() * 10 > known.len() * 8, "{name}: {} of {} are read", pairs.len(), known.len());
        for (known, seen) in pairs {
            let middle = |c: PageChar| f64::from(c.b.x) + f64::from(c.b.w) / 2.0;
            let off = (middle(seen) - middle(known)).abs() / f64::from(known.b.w.max(1));
            right += u32::from(off <= OFF_MAX);
            all += 1;
        }
    }
    let share = f64::from(right) / f64::from(all);
    println!("{share:.3} of {all} characters stand right");
    assert!(share >= SHARE_MIN, "{share:.3} of {all} characters stand right");
}
