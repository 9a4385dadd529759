//! `huiting-bridge probe DEVICE`

use std::io::Write;
use std::time::{Duration, Instant};

use bridge::codec::message::Who;
use bridge::codec::{FrameError, Message};
use clap::Args;

use crate::Target;
use crate::host::{Failure, Host};
use crate::report::frame_json;

/// Between one question and the next.
const ASK_EVERY: Duration = Duration::from_millis(300);

/// Asks a device what it is and prints its answer.
#[derive(Args)]
pub(crate) struct Probe {
    #[command(flatten)]
    target: Target,
    /// Milliseconds to wait for an answer.
    #[arg(long, default_value_t = 3_000, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=600_000))]
    timeout: u64,
}

impl Probe {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut host = Host::open(&self.target.device)?;
        let end = Instant::now() + Duration::from_millis(self.timeout);
        let (mut seq, mut odd) = (0u8, None);
        while Instant::now() < end {
            seq = seq.wrapping_add(1);
            host.say(seq, Message::Who(Who))?;
            let ask_again = end.min(Instant::now() + ASK_EVERY);
            while let Some(heard) = host.hear(ask_again)? {
                match heard {
                    Ok(frame) if matches!(frame.message, Message::Hello(_)) => {
                        let mut out = std::io::stdout().lock();
                        if self.target.json {
                            writeln!(out, "{}", frame_json(&frame))?;
                        } else {
                            writeln!(out, "{}: {}", self.target.device, frame.message)?;
                        }
                        return Ok(());
                    }
                    Ok(_) => {}
                    // Of all that is odd, another version explains most.
                    Err(e) if !matches!(odd, Some(FrameError::Version(_))) => odd = Some(e),
                    Err(_) => {}
                }
            }
        }
        let device = self.target.device.to_string();
        Err(match odd {
            Some(what) => Failure::Odd { device, what },
            None => Failure::Silent { device },
        })
    }
}
