//! How long a page worker has really worked, so that a machine that is busy with something else does not make a page unreadable.

use std::time::Duration;

use rustix::param::clock_ticks_per_second;
use rustix::process::Pid;

/// Processor time of every process of a group that is alive, with what their ended children used. Zero where the system does not say.
pub(crate) fn of_group(group: Pid) -> Duration {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let stats = entries.filter_map(|e| std::fs::read_to_string(e.path().join("stat")).ok());
    let ticks: u64 = stats.filter_map(|stat| ticks(&stat, group.as_raw_nonzero().get())).sum();
    Duration::from_millis(ticks.saturating_mul(1000) / clock_ticks_per_second().max(1))
}

/// Ticks of one process if it is of the group; a line of `/proc/<pid>/stat`, see proc(5).
fn ticks(stat: &str, group: i32) -> Option<u64> {
    // The name of the program may hold anything, brackets too.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // Counted from the state, which is field 3: group 5, utime 14, stime 15, and those of waited-for children 16 and 17.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    (number(5)? == u64::try_from(group).ok()?).then(|| (14..=17).filter_map(number).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticks_of_a_process_and_its_children_count_for_its_group_alone() {
        let stat = "77 (a (b) c) S 1 70 70 0 -1 4194560 9 0 0 0 300 20 7 3 25 5 1 0 100 0 0";
        assert_eq!(ticks(stat, 70), Some(330));
        assert_eq!(ticks(stat, 71), None);
        assert_eq!(ticks("nonsense", 70), None);
    }

    #[test]
    fn a_group_that_works_uses_time() {
        use std::os::unix::process::CommandExt as _;
        let mut busy = std::process::Command::new("sh")
            .args(["-c", "while :; do :; done"])
            .process_group(0)
            .spawn()
            .expect("a shell");
        let group = Pid::from_child(&busy);
        while of_group(group) < Duration::from_millis(50) {
            std::thread::yield_now();
        }
        busy.kill().expect("ours");
        busy.wait().expect("ended");
    }
}
