//! `huiting-bridge monitor DEVICE`

use std::io::Write;
use std::time::{Duration, Instant};

use bridge::codec::message::{Ack, Status, Who};
use bridge::codec::{Frame, FrameError, Message};
use clap::Args;

use crate::Target;
use crate::host::{Failure, Host};
use crate::report::{error_json, frame_json};

/// As often as the hub asks.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// Prints every message of a device, answering it as the hub does, until the device goes away.
#[derive(Args)]
pub(crate) struct Monitor {
    #[command(flatten)]
    target: Target,
    /// Only listen: neither ask nor acknowledge, so that the device repeats itself.
    #[arg(long)]
    passive: bool,
    /// Print every answer to "who are you", not only the first and those that differ.
    #[arg(long)]
    all: bool,
    /// End after this many printed messages.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

impl Monitor {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut host = Host::open(&self.target.device)?;
        let start = Instant::now();
        let (mut seq, mut printed, mut last_hello) = (0u8, 0u64, None);
        loop {
            if !self.passive {
                seq = seq.wrapping_add(1);
                host.say(seq, Message::Who(Who))?;
            }
            let ask_again = Instant::now() + ASK_EVERY;
            while let Some(heard) = host.hear(ask_again)? {
                if let (false, Ok(frame)) = (self.passive, &heard) {
                    acknowledge(&mut host, frame)?;
                }
                if !self.all && is_old_news(&heard, &mut last_hello) {
                    continue;
                }
                self.print(start.elapsed(), &heard)?;
                printed += 1;
                if self.count.is_some_and(|count| printed >= count) {
                    return Ok(());
                }
            }
        }
    }

    fn print(&self, since: Duration, heard: &Result<Frame, FrameError>) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        if self.target.json {
            let mut value = match heard {
                Ok(frame) => frame_json(frame),
                Err(error) => error_json(error),
            };
            value["t_ms"] = (since.as_millis() as u64).into();
            writeln!(out, "{value}")?;
        } else {
            let t_s = since.as_secs_f64();
            match heard {
                Ok(frame) => writeln!(out, "{t_s:9.3}  {frame}")?,
                Err(error) => writeln!(out, "{t_s:9.3}  not understood: {error}")?,
            }
        }
        Ok(out.flush()?)
    }
}

fn acknowledge(host: &mut Host, frame: &Frame) -> Result<(), Failure> {
    match frame.message {
        Message::TalkKey(_) => host.say(frame.seq, Message::Ack(Ack { status: Status::Done })),
        _ => Ok(()),
    }
}

/// A Hello that tells nothing but that time has passed.
fn is_old_news(heard: &Result<Frame, FrameError>, last: &mut Option<bridge::codec::message::Hello>) -> bool {
    let Ok(Frame { message: Message::Hello(hello), .. }) = heard else { return false };
    let restarted = last.is_some_and(|l| hello.uptime_ms < l.uptime_ms);
    let timeless = |mut h: bridge::codec::message::Hello| {
        h.uptime_ms = 0;
        h
    };
    let same = last.is_some_and(|l| timeless(l) == timeless(*hello));
    *last = Some(*hello);
    same && !restarted
}
