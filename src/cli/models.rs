//! `huiting models`: what the manifest knows, and whether a file is what it says.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use serde::Serialize;
use speech::Manifest;

use crate::config::Config;

/// `huiting models …`
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Lists the models of the manifest, and which of them are installed beside the one in use.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Looks at a model file: its form, its size, its SHA-256 against the manifest.
    Check {
        /// The file; without it, the one of the settings.
        file: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Checks a model file and copies it beside the one in use; the settings then name it.
    Install {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    title: &'a str,
    file: &'a str,
    licence: &'a str,
    language: &'a str,
    from: &'a str,
    pinned: bool,
    installed: bool,
    in_use: bool,
}

#[derive(Serialize)]
struct Checked {
    file: PathBuf,
    known_as: String,
    pinned: bool,
    parameters: String,
}

/// Does it.
pub fn run(command: &ModelsCommand, config: &Config) -> anyhow::Result<ExitCode> {
    let manifest = Manifest::load(&config.manifest)?;
    match command {
        ModelsCommand::List { json } => list(&manifest, config, *json)?,
        ModelsCommand::Check { file, json } => {
            let file = file.as_deref().unwrap_or(&config.model);
            let checked = check(&manifest, file)?;
            if *json {
                super::print_json(&checked)?;
            } else {
                println!("{}: {}, {}", checked.file.display(), checked.known_as, checked.parameters);
                if !checked.pinned {
                    println!(
                        "Its SHA-256 is not in the manifest: compare it with its publisher's before you trust it."
                    );
                }
            }
        }
        ModelsCommand::Install { file } => {
            check(&manifest, file)?;
            let name = file.file_name().with_context(|| format!("{} is no file", file.display()))?;
            let to = config.model.parent().unwrap_or(Path::new(".")).join(name);
            if to.exists() {
                bail!("{} is there already; remove it first", to.display());
            }
            std::fs::copy(file, &to).with_context(|| format!("{} cannot be written", to.display()))?;
            println!(
                "Installed. Put this under [speech] in the settings:\nmodel = {:?}",
                to.display().to_string()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(manifest: &Manifest, config: &Config, json: bool) -> anyhow::Result<()> {
    let folder = config.model.parent().unwrap_or(Path::new("."));
    let in_use = config.model.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let listed: Vec<_> = manifest
        .models
        .iter()
        .map(|m| Listed {
            name: &m.name,
            title: &m.title,
            file: &m.file,
            licence: &m.licence,
            language: &m.language,
            from: &m.from,
            pinned: !m.sha256.is_empty(),
            installed: folder.join(&m.file).exists(),
            in_use: m.file == in_use,
        })
        .collect();
    if json {
        return super::print_json(&listed);
    }
    for m in &listed {
        let state = if m.in_use {
            "in use"
        } else if m.installed {
            "installed"
        } else {
            ""
        };
        println!("{:<24} {:<10} {}\n{:24} {}; {}", m.name, state, m.title, "", m.from, m.licence);
    }
    Ok(())
}

fn check(manifest: &Manifest, file: &Path) -> anyhow::Result<Checked> {
    let entry = manifest.entry(file);
    let head = speech::ggml::check(file, &entry)?;
    Ok(Checked {
        file: file.to_path_buf(),
        known_as: entry.name.clone(),
        pinned: !entry.sha256.is_empty(),
        parameters: format!(
            "{} encoder and {} decoder layers of width {}, {} mel bands",
            head.audio_layer, head.text_layer, head.audio_state, head.n_mels
        ),
    })
}
