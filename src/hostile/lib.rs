//! Hostile bytes: what a parser reads rightly, changed seed by seed. For tests alone.
//!
//! Every parser of bytes from outside has a test whose name begins with `hostile_bytes`. In an ordinary run each takes a few hundred or thousand
//! inputs; `HUITING_FUZZ=1000` takes a thousand times as many, `HUITING_SEED=n` the one input of that seed. A seed gives the same input for ever.
//!
//! A parser holds if no input makes it panic, take more than two seconds of processor time or more memory than [`MEMORY_MAX`], or answer with a
//! sentence that nobody could read ([`sentence`]).
#![forbid(unsafe_code)]

mod chance;
mod change;

use std::fmt::Display;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

pub use chance::Chance;
pub use change::change;

/// Processor time that one input may cost, also in a build without optimisation.
const TIME_MAX: Duration = Duration::from_secs(2);
/// Bytes by which the process may grow during a test; others run beside it.
pub const MEMORY_MAX: u64 = 512 << 20;
/// Inputs between two looks at the memory.
const LOOK_EVERY: u64 = 64;
/// Characters of a refusal.
const SENTENCE_CHARS_MAX: usize = 2000;

/// Gives changed `samples` to `parse`, `usual` of them where nothing else is asked for. Seed 0 to `samples.len() - 1` are the samples as they are.
pub fn attack<S: AsRef<[u8]>>(name: &str, samples: &[S], usual: u64, mut parse: impl FnMut(&[u8])) {
    let samples: Vec<&[u8]> = samples.iter().map(AsRef::as_ref).collect();
    let grown_from = memory_peak();
    for seed in seeds(usual) {
        let input = input(&samples, seed);
        let told = Told { name, seed, input: &input };
        let begun = processor_time();
        parse(&input);
        let took = processor_time().saturating_sub(begun);
        assert!(took <= TIME_MAX, "{name}: an input of {} bytes took {took:?}", input.len());
        if seed % LOOK_EVERY == 0 {
            let grown = memory_peak().saturating_sub(grown_from);
            assert!(grown <= MEMORY_MAX, "{name}: {grown} bytes more by seed {seed}");
        }
        std::mem::forget(told);
    }
}

/// The same for a parser of text: what is no UTF-8 is given with the mark for it.
pub fn attack_text<S: AsRef<str>>(name: &str, samples: &[S], usual: u64, mut parse: impl FnMut(&str)) {
    let samples: Vec<&[u8]> = samples.iter().map(|s| s.as_ref().as_bytes()).collect();
    attack(name, &samples, usual, |bytes| parse(&String::from_utf8_lossy(bytes)));
}

/// What a parser says of an input it refuses must be readable by a person and safe in a log: something, no endless echo of the input, no
/// control characters but line ends.
pub fn sentence(refusal: &impl Display) {
    let said = refusal.to_string();
    let chars = said.chars().count();
    assert!((1..=SENTENCE_CHARS_MAX).contains(&chars), "a refusal of {chars} characters: {said:.300}");
    let control = said.chars().find(|c| c.is_control() && *c != '\n');
    assert!(
        control.is_none(),
        "a refusal with {control:?}: {:?}",
        said.chars().take(300).collect::<String>()
    );
}

/// The seeds of this run.
pub fn seeds(usual: u64) -> std::ops::Range<u64> {
    let asked = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    match asked("HUITING_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..usual.saturating_mul(asked("HUITING_FUZZ").unwrap_or(1)),
    }
}

fn input(samples: &[&[u8]], seed: u64) -> Vec<u8> {
    match samples.get(usize::try_from(seed).unwrap_or(usize::MAX)) {
        Some(sample) => sample.to_vec(),
        None => change(samples, &mut Chance::of(seed)),
    }
}

/// Tells which input it was, should the parser panic on it. Forgotten where it held.
struct Told<'a> {
    name: &'a str,
    seed: u64,
    input: &'a [u8],
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        let shown = &self.input[..self.input.len().min(2048)];
        eprintln!(
            "{}: HUITING_SEED={} is an input of {} bytes, \"{}\"",
            self.name,
            self.seed,
            self.input.len(),
            shown.escape_ascii()
        );
    }
}

fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// The most memory this process ever held, in bytes.
fn memory_peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    peak.and_then(|p| p.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()).unwrap_or(0) << 10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(test: impl FnOnce() + std::panic::UnwindSafe) -> String {
        let panic = std::panic::catch_unwind(test).expect_err("it must not hold");
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default()
    }

    #[test]
    fn a_parser_that_believes_a_length_is_found() {
        let trusting = |bytes: &[u8]| {
            if let [len, rest @ ..] = bytes {
                let _ = &rest[..usize::from(*len)];
            }
        };
        let said = refused(move || attack("trusting", &[[3, 1, 2, 3]], 500, trusting));
        assert!(said.contains("out of range"), "{said}");
    }

    #[test]
    fn a_parser_that_never_ends_or_takes_all_memory_is_found() {
        let slow = |bytes: &[u8]| {
            let begun = processor_time();
            while bytes.len() > 5 && processor_time().saturating_sub(begun) <= TIME_MAX {}
        };
        let said = refused(move || attack("slow", &[[1, 2, 3, 4, 5]], 500, slow));
        assert!(said.contains("took"), "{said}");
        let once = std::sync::atomic::AtomicBool::new(true);
        let greedy = move |bytes: &[u8]| {
            if bytes.len() > 5 && once.swap(false, std::sync::atomic::Ordering::SeqCst) {
                drop(std::hint::black_box(vec![1u8; MEMORY_MAX as usize + (64 << 20)]));
            }
        };
        let said = refused(move || attack("greedy", &[[1, 2, 3, 4, 5]], 500, greedy));
        assert!(said.contains("bytes more"), "{said}");
    }

    #[test]
    fn sentences_that_nobody_could_read_are_found() {
        sentence(&"the file has no head; put one");
        for bad in [String::new(), "x".repeat(5000), "a\u{1b}[2Jb".to_owned(), "a\rb".to_owned()] {
            refused(move || sentence(&bad));
        }
    }

    #[test]
    fn a_seed_gives_the_same_input_for_ever() {
        let samples: [&[u8]; 2] = [b"{\"type\":\"hello\",\"resume\":null}", b"[1,2,3]"];
        for seed in 0..200 {
            assert_eq!(input(&samples, seed), input(&samples, seed));
        }
        let different = (2..200).filter(|s| !samples.contains(&&*input(&samples, *s))).count();
        assert!(different > 190, "{different}");
    }
}
