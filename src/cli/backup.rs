//! `huiting backup` and `huiting restore`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use hub::{Backup, BackupError};

use crate::config::Config;

#[derive(Debug, Args)]
pub struct BackupArguments {
    /// The folder of the backups, on another disk. Each is a folder with its date; what has not changed since the last one takes no room again.
    out: PathBuf,
}

#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// The backup: the folder with its date.
    backup: PathBuf,
    /// Only reads and checks it.
    #[arg(long)]
    check: bool,
}

/// Copies the house while it runs.
pub fn back_up(arguments: &BackupArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let made = hub::back_up(&config.data, &arguments.out, media::clock::utc_now())?;
    say(&made);
    println!("  {} MiB of it are shared with the backup before", made.shared >> 20);
    for link in &made.links {
        println!("  ! {link} is a link: where it leads is not copied; back it up besides");
    }
    println!("It holds the signing key and all files: keep the disk as the machine is kept.");
    Ok(ExitCode::SUCCESS)
}

/// Makes a house from a backup, in the empty folder of the settings.
pub fn restore(arguments: &RestoreArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let outcome = match arguments.check {
        true => hub::check_backup(&arguments.backup),
        false => hub::restore(&arguments.backup, &config.data, media::clock::utc_now()),
    };
    let made = match outcome {
        Err(error @ (BackupError::Damaged { .. } | BackupError::Journal { .. })) => {
            eprintln!("✗ {error}");
            return Ok(ExitCode::from(super::EXIT_NOT_WHOLE));
        }
        outcome => outcome?,
    };
    say(&made);
    if arguments.check {
        println!("✓ every file and every journal is as it was copied");
    } else {
        println!("✓ restored into {}", config.data.display());
        println!(
            "Its hearings can be read, printed and proved, and take nothing more: elsewhere they may have gone on."
        );
        println!("New hearings are signed by a new key; people come in by new links and log in anew.");
    }
    Ok(ExitCode::SUCCESS)
}

fn say(backup: &Backup) {
    println!("{}: {} files, {} MiB", backup.dir.display(), backup.files, backup.bytes >> 20);
    for journal in &backup.about.journals {
        println!(
            "  {}: {} entries, up to {}",
            journal.folder,
            journal.entries,
            journal.head.get(..16).unwrap_or_default()
        );
    }
}
