//! `huiting-bridge`: look at a courtroom device, or stand in for one.

mod host;
mod monitor;
mod probe;
mod report;
mod simulate;

use std::io::Write;
use std::process::ExitCode;

use bridge::transport::Address;
use clap::{Args, Parser, Subcommand};

use host::Failure;

/// Look at a courtroom device, or stand in for one.
#[derive(Parser)]
#[command(
    name = "huiting-bridge",
    version,
    after_help = "Devices are a serial line (/dev/ttyUSB0, /dev/serial/by-id/…), a pty, or tcp://host:port.\n\
                  Exit codes: 0 all went well · 1 the device failed or went away · 2 wrong usage · \
                  3 the device does not answer as a console should"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Asks a device what it is and prints its answer.
    Probe(probe::Probe),
    /// Prints every message of a device, answering it as the hub does, until the device goes away.
    Monitor(monitor::Monitor),
    /// Stands in for a device.
    #[command(subcommand)]
    Simulate(simulate::Simulate),
}

/// The device meant and the form of what is printed.
#[derive(Args)]
struct Target {
    /// The device: an absolute path or tcp://host:port.
    device: Address,
    /// Print one JSON object per line.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Probe(probe) => probe.run(),
        Command::Monitor(monitor) => monitor.run(),
        Command::Simulate(simulate) => simulate.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads our output has seen enough.
        Err(Failure::Output(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // With nowhere to say it, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "huiting-bridge: {failure}");
            ExitCode::from(failure.code())
        }
    }
}
