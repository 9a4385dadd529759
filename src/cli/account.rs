//! `huiting account`: who may log in to the administration. The same accounts as on its page; a running hub knows them at once.

use std::io::BufRead;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Subcommand, ValueEnum};
use media::clock::utc_now;
use record::{NewAccount, OfficeRole, Store};

use crate::config::Config;

/// What `huiting account` does.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Lists the accounts.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Makes an account and prints its first password.
    Add {
        /// What is typed to log in.
        name: String,
        /// Whose it is.
        #[arg(long)]
        person: String,
        /// What it may do.
        #[arg(long)]
        role: RoleName,
        /// Takes the password from the first line of standard input instead of making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Gives an account a new password and prints it; its open sessions end, and a name that was locked out may try again.
    Password {
        /// The account.
        name: String,
        /// Takes the password from the first line of standard input instead of making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Closes an account: it can no longer log in, and its sessions end.
    Close {
        /// The account.
        name: String,
    },
    /// Opens a closed account again.
    Reopen {
        /// The account.
        name: String,
    },
}

/// What an account may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleName {
    /// 管理员: everything.
    Administrator,
    /// 法官: sees cases, schedule and indicators.
    Judge,
    /// 书记员: also brings in cases and papers, and opens hearings.
    Clerk,
    /// 档案员: also files and archives.
    Archivist,
}

impl From<RoleName> for OfficeRole {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Administrator => Self::Administrator,
            RoleName::Judge => Self::Judge,
            RoleName::Clerk => Self::Clerk,
            RoleName::Archivist => Self::Archivist,
        }
    }
}

/// Does it.
pub fn run(command: AccountCommand, config: &Config) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&config.data)?;
    let store = Store::open(&config.data.join("huiting.sqlite"))?;
    match command {
        AccountCommand::List { json } => {
            let accounts = store.accounts()?;
            if json {
                super::print_json(&accounts)?;
            } else {
                for a in accounts {
                    let closed = if a.closed { "closed" } else { "" };
                    println!("{}\t{}\t{}\t{closed}", a.name, a.role.as_str(), a.person);
                }
            }
        }
        AccountCommand::Add { name, person, role, password_stdin } => {
            let password = Password::choose(password_stdin)?;
            let new = NewAccount { name, person, role: role.into(), password: password.text().to_owned() };
            store.add_account(&new, utc_now())?;
            println!("account {} made", new.name);
            password.tell();
        }
        AccountCommand::Password { name, password_stdin } => {
            let password = Password::choose(password_stdin)?;
            store.set_password(&name, password.text(), utc_now())?;
            println!("account {name} has a new password; its sessions have ended");
            password.tell();
        }
        AccountCommand::Close { name } => {
            store.close_account(&name, true, utc_now())?;
            println!("account {name} closed");
        }
        AccountCommand::Reopen { name } => {
            store.close_account(&name, false, utc_now())?;
            println!("account {name} open again");
        }
    }
    Ok(ExitCode::SUCCESS)
}

enum Password {
    Made(String),
    Given(String),
}

impl Password {
    fn choose(from_stdin: bool) -> anyhow::Result<Self> {
        if !from_stdin {
            return Ok(Self::Made(record::new_password()?));
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
        let password = line.trim_end_matches(['\r', '\n']);
        ensure!(!password.is_empty(), "the first line of standard input is empty: write the password there");
        Ok(Self::Given(password.to_owned()))
    }

    fn text(&self) -> &str {
        match self {
            Self::Made(text) | Self::Given(text) => text,
        }
    }

    /// A password that was made is said once; one that was given is known.
    fn tell(&self) {
        if let Self::Made(text) = self {
            println!("password: {text}");
        }
    }
}
