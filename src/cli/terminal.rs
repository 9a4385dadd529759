//! `huiting terminal`: the computers of the courtroom (终端). The same as on the administration's page; a running hub knows at once.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use media::clock::utc_now;
use model::{SeatId, UtcMs};
use record::{NewTerminal, Store, Terminal};

use crate::config::Config;

/// What `huiting terminal` does.
#[derive(Debug, Subcommand)]
pub enum TerminalCommand {
    /// Lists the terminals.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Adds a terminal and prints the code that enrols it, once, within a day.
    Add {
        /// What people call it, e.g. 审判长席.
        name: String,
        /// A seat it opens, e.g. judge; repeat for several. Without any: every seat, and the administration.
        #[arg(long = "seat")]
        seats: Vec<String>,
    },
    /// A new code for a terminal: it was set up anew, or its certificate is about to end.
    Code {
        /// Its id, from the list.
        id: String,
    },
    /// Revokes a terminal: its sessions and screens end within a second.
    Revoke {
        /// Its id, from the list.
        id: String,
    },
}

/// Does it.
pub fn run(command: TerminalCommand, config: &Config) -> anyhow::Result<ExitCode> {
    let file = config.data.join("huiting.sqlite");
    if !file.exists() {
        bail!(
            "there is no house in {}; name its settings with --config, or start it once",
            config.data.display()
        );
    }
    let store = Store::open(&file)?;
    match command {
        TerminalCommand::List { json } => {
            let terminals = store.terminals()?;
            if json {
                super::print_json(&terminals)?;
            } else {
                let now = utc_now();
                for t in terminals {
                    let seats: Vec<_> = t.seats.iter().map(SeatId::as_str).collect();
                    let seats = if seats.is_empty() { "every seat".to_owned() } else { seats.join(" ") };
                    println!("{}\t{}\t{}\t{seats}\t{}", t.id, t.name, t.room, state(&t, now));
                }
            }
        }
        TerminalCommand::Add { name, seats } => {
            let (terminal, code) =
                store.add_terminal(&NewTerminal { name, seats }, &config.room, utc_now())?;
            println!("terminal {} added", terminal.id);
            tell(config, &code)?;
        }
        TerminalCommand::Code { id } => tell(config, &store.renew_terminal(&id, utc_now())?)?,
        TerminalCommand::Revoke { id } => {
            store.revoke_terminal(&id, utc_now())?;
            println!("terminal {id} revoked");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What the terminal is enrolled with.
fn tell(config: &Config, code: &str) -> anyhow::Result<()> {
    println!("code: {code}");
    match super::processes::tls_files(config)? {
        Some(own) => println!("certificate of the house: {}", own.fingerprint()?),
        None => {
            println!("this house listens on loopback alone: give [server] listen an address of the network")
        }
    }
    Ok(())
}

fn state(terminal: &Terminal, now: UtcMs) -> String {
    if terminal.revoked.is_some() {
        return "revoked".to_owned();
    }
    match (terminal.enrolled, terminal.expires) {
        (Some(_), Some(until)) if until <= now => "certificate ended".to_owned(),
        (Some(_), Some(until)) => format!("enrolled for {} more days", (until.0 - now.0) / 86_400_000),
        _ if terminal.code_until.is_some_and(|until| until > now) => "waits for its code".to_owned(),
        _ => "not enrolled, its code is too old".to_owned(),
    }
}
