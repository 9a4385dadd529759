//! `huiting-bridge simulate console`

use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bridge::codec::message::{KEYS_MAX, Name};
use bridge::simulator::{ConsoleSettings, Line, SimulatedConsole, Snapshot};
use clap::{Args, Subcommand};

use crate::host::Failure;

/// How often the printer looks whether it should end.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Stands in for a device.
#[derive(Subcommand)]
pub(crate) enum Simulate {
    /// A push-to-talk console: prints where it is plugged in, then its lights as they change; reads keys from stdin.
    #[command(
        after_help = "Lines on stdin: `down` or `up`, followed by a seat if there is more than one; `quit`.\n\
                            The console is unplugged when stdin ends, unless --stay is given."
    )]
    Console(SimulateConsole),
}

/// A push-to-talk console.
#[derive(Args)]
pub(crate) struct SimulateConsole {
    /// A seat with a talk key; repeat it for more keys, numbered from 0 in this order.
    #[arg(long = "seat", value_name = "SEAT", required = true)]
    seats: Vec<String>,
    /// Make a symbolic link to the pty at this path.
    #[arg(long, value_name = "PATH", conflicts_with = "listen")]
    pty_link: Option<PathBuf>,
    /// Listen on a network address instead of a pty, e.g. 127.0.0.1:5331.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The name the console gives itself, at most 16 characters of ASCII.
    #[arg(long, default_value = "simulated")]
    name: String,
    /// Stay plugged in after stdin has ended.
    #[arg(long)]
    stay: bool,
}

impl Simulate {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Console(console) => console.run(),
        }
    }
}

impl SimulateConsole {
    fn run(&self) -> Result<(), Failure> {
        let console = Arc::new(SimulatedConsole::plug_in(self.settings()?, self.line()?)?);
        {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{}", console.address())?;
            out.flush()?;
        }
        let ended = Arc::new(AtomicBool::new(false));
        let printer = {
            let (console, ended, seats) = (Arc::clone(&console), Arc::clone(&ended), self.seats.clone());
            std::thread::spawn(move || print_changes(&console, &seats, &ended))
        };
        let read = self.read_keys(&console);
        ended.store(!self.stay || read.is_err() || matches!(read, Ok(Quit(true))), Ordering::Relaxed);
        // A panic in the printer has said on stderr what it was.
        let printed = printer.join().unwrap_or(Ok(()));
        read.map(|_| ()).and(printed)
    }

    fn settings(&self) -> Result<ConsoleSettings, Failure> {
        let name = Name::new(&self.name).ok_or_else(|| {
            Failure::Usage(format!(
                "\"{}\" is no name: give at most 16 characters of printable ASCII",
                self.name
            ))
        })?;
        let keys = u8::try_from(self.seats.len()).ok().filter(|n| *n <= KEYS_MAX);
        let keys = keys.ok_or_else(|| Failure::Usage(format!("a console has at most {KEYS_MAX} seats")))?;
        Ok(ConsoleSettings { name, keys })
    }

    fn line(&self) -> Result<Line, Failure> {
        match self.listen {
            Some(address) => Line::tcp(address).map_err(|cause| Failure::Listen { address, cause }),
            None => Ok(Line::pty(self.pty_link.as_deref())?),
        }
    }

    fn read_keys(&self, console: &SimulatedConsole) -> Result<Quit, Failure> {
        for line in std::io::stdin().lock().lines() {
            let line = line?;
            let mut words = line.split_whitespace();
            let down = match words.next() {
                None => continue,
                Some("quit") => return Ok(Quit(true)),
                Some("down") => true,
                Some("up") => false,
                Some(_) => {
                    complain(&format!("\"{line}\" is neither `down`, `up` nor `quit`"))?;
                    continue;
                }
            };
            let seat = words.next();
            let key = match seat {
                None => Some(0),
                Some(seat) => self.seats.iter().position(|s| s == seat),
            };
            match key.and_then(|key| u8::try_from(key).ok()) {
                Some(key) if console.press(key, down) => {}
                Some(_) => return Err(Failure::Stopped(stopped(&console.snapshot()))),
                None => {
                    complain(&format!("no seat \"{}\" here: {}", seat.unwrap_or(""), self.seats.join(", ")))?
                }
            }
        }
        Ok(Quit(false))
    }
}

/// Whether the end was asked for, rather than stdin having ended.
struct Quit(bool);

fn stopped(snapshot: &Snapshot) -> String {
    snapshot.stopped.clone().unwrap_or_else(|| "it is behind with its keys; press more slowly".into())
}

fn complain(sentence: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stderr(), "huiting-bridge: {sentence}")?)
}

fn print_changes(console: &SimulatedConsole, seats: &[String], ended: &AtomicBool) -> Result<(), Failure> {
    let mut shown: Option<Snapshot> = None;
    while !ended.load(Ordering::Relaxed) {
        let now = match console.wait_until(LOOK_EVERY, |now| Some(now) != shown.as_ref()) {
            Ok(now) => now,
            Err(_) => continue,
        };
        let mut out = std::io::stdout().lock();
        for (key, seat) in seats.iter().enumerate() {
            if shown.as_ref().map(|s| s.lights[key]) != Some(now.lights[key]) {
                writeln!(out, "light {seat} {}", now.lights[key].name())?;
            }
            if shown.as_ref().map(|s| s.mics_open[key]) != Some(now.mics_open[key]) {
                writeln!(out, "microphone {seat} {}", if now.mics_open[key] { "open" } else { "closed" })?;
            }
        }
        out.flush()?;
        if now.stopped.is_some() {
            return Err(Failure::Stopped(stopped(&now)));
        }
        shown = Some(now);
    }
    Ok(())
}
