//! `huiting models`: what the manifest knows, and whether a file is what it says.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use serde::Serialize;
use speech::{Manifest, ModelChoice};

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
    /// Checks a model file, copies it into the folder of models and pins it by its SHA-256.
    Install {
        /// The file.
        file: PathBuf,
        /// The SHA-256 that its publisher states; the file is refused if it has another.
        #[arg(long)]
        sha256: Option<String>,
    },
    /// Chooses the model of the hearings that begin from now on; the one of a hearing that is open stays.
    Use {
        /// Its name or its file's name, as `huiting models list` says.
        #[arg(required_unless_present = "settings")]
        name: Option<String>,
        /// The one of the settings again.
        #[arg(long, conflicts_with = "name")]
        settings: bool,
    },
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    title: &'a str,
    file: &'a str,
    licence: &'a str,
    language: &'a str,
    size_bytes: Option<u64>,
    sha256: &'a str,
    short_context: bool,
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
    let choice = super::processes::model_choice(config);
    match command {
        ModelsCommand::List { json } => list(&manifest, &choice, *json)?,
        ModelsCommand::Check { file, json } => {
            let file = file.clone().unwrap_or_else(|| choice.now());
            let checked = check(&manifest, &file)?;
            if *json {
                super::print_json(&checked)?;
            } else {
                println!("{}: {}, {}", checked.file.display(), checked.known_as, checked.parameters);
                if !checked.pinned {
                    println!(
                        "Its SHA-256 is not pinned: compare it with its publisher's before you trust it."
                    );
                }
            }
        }
        ModelsCommand::Install { file, sha256 } => {
            let installed = install(&manifest, &choice, file, sha256.as_deref())?;
            println!("Installed, and pinned as SHA-256 {}.", installed.sha256);
            println!("For the hearings from now on: huiting models use {}", installed.file);
        }
        ModelsCommand::Use { name: Some(name), settings: _ } => {
            let entry = manifest.models.iter().find(|m| m.name == *name);
            let plain = || match choice.folder().join(name).is_file() {
                true => name.clone(),
                false => format!("{name}.bin"),
            };
            let file = entry.map_or_else(plain, |m| m.file.clone());
            let path = choice.folder().join(&file);
            if !path.is_file() && entry.is_none() {
                let known: Vec<_> = manifest.models.iter().map(|m| m.name.as_str()).collect();
                bail!(
                    "no model is called \"{name}\"; known are {}, and the files in {}",
                    known.join(", "),
                    choice.folder().display()
                );
            }
            if !path.is_file() {
                bail!("{} is not there: `huiting models install FILE` puts it there", path.display());
            }
            check(&manifest, &path)?;
            choice
                .choose(Some(&file))
                .with_context(|| format!("the choice cannot be written into {}", config.data.display()))?;
            println!("{file} is used from the next hearing on.");
        }
        ModelsCommand::Use { name: None, .. } => {
            choice.choose(None).context("the choice cannot be taken back")?;
            println!("{} of the settings is used from the next hearing on.", config.model.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

struct Installed {
    file: String,
    sha256: String,
}

/// Whole or not at all: the copy gets its name when it is on the disk, and its pin before that.
fn install(
    manifest: &Manifest,
    choice: &ModelChoice,
    file: &Path,
    publisher: Option<&str>,
) -> anyhow::Result<Installed> {
    check(manifest, file)?;
    let name = file.file_name().with_context(|| format!("{} is no file", file.display()))?;
    let to = choice.folder().join(name);
    if to.exists() {
        bail!("{} is there already; remove it first", to.display());
    }
    let new = to.with_extension("new");
    let copied = || -> anyhow::Result<String> {
        std::fs::copy(file, &new)?;
        let mut copy = std::fs::File::open(&new)?;
        copy.sync_all()?;
        let sha256 = speech::ggml::sha256(&mut copy)?;
        if let Some(publisher) = publisher.filter(|p| !p.eq_ignore_ascii_case(&sha256)) {
            bail!("its SHA-256 is {sha256} and not {publisher}: fetch it again from its publisher");
        }
        std::fs::write(speech::ggml::pin_file(&to), format!("{sha256}  {}\n", name.to_string_lossy()))?;
        std::fs::rename(&new, &to)?;
        Ok(sha256)
    };
    let sha256 = copied().inspect_err(|_| drop(std::fs::remove_file(&new)));
    let sha256 = sha256.with_context(|| format!("{} cannot be installed", file.display()))?;
    Ok(Installed { file: name.to_string_lossy().into_owned(), sha256 })
}

fn list(manifest: &Manifest, choice: &ModelChoice, json: bool) -> anyhow::Result<()> {
    let folder = choice.folder();
    let now = choice.now();
    let in_use = now.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let listed: Vec<_> = manifest
        .models
        .iter()
        .map(|m| Listed {
            name: &m.name,
            title: &m.title,
            file: &m.file,
            licence: &m.licence,
            language: &m.language,
            size_bytes: m.size_bytes,
            sha256: &m.sha256,
            short_context: m.audio_ctx_shortening,
            from: &m.from,
            pinned: !m.sha256.is_empty() || speech::ggml::pin(&folder.join(&m.file)).is_some(),
            installed: folder.join(&m.file).exists(),
            in_use: m.file == in_use,
        })
        .collect();
    let known = |name: &str| manifest.models.iter().any(|m| m.file == name);
    let mut others = others(folder, in_use);
    others.retain(|name| !known(name));
    let others: Vec<_> = others
        .iter()
        .map(|name| Listed {
            name: name.trim_end_matches(".bin"),
            title: "not in the list of models",
            file: name,
            licence: "",
            language: "",
            size_bytes: std::fs::metadata(folder.join(name)).ok().map(|m| m.len()),
            sha256: "",
            short_context: false,
            from: "",
            pinned: speech::ggml::pin(&folder.join(name)).is_some(),
            installed: folder.join(name).exists(),
            in_use: *name == in_use,
        })
        .collect();
    if json {
        return super::print_json(&listed.into_iter().chain(others).collect::<Vec<_>>());
    }
    for m in &others {
        let state = match (m.in_use, m.installed) {
            (true, true) => "in use",
            (true, false) => "MISSING",
            _ => "installed",
        };
        let pinned = if m.pinned { "pinned by its SHA-256" } else { "not pinned" };
        println!("{:<24} {:<10} {}, {}; {pinned}", m.name, state, m.title, folder.join(m.file).display());
    }
    for m in &listed {
        let state = if m.in_use {
            "in use"
        } else if m.installed {
            "installed"
        } else {
            ""
        };
        let size = m.size_bytes.map_or_else(String::new, |n| format!("{:.0} MB, ", n as f64 / 1e6));
        let context = if m.short_context { "short contexts" } else { "whole contexts" };
        println!("{:<24} {:<10} {}", m.name, state, m.title);
        println!("{:24} {size}{}, {context}; {}; {}", "", m.language, m.from, m.licence);
    }
    Ok(())
}

/// Model files of the folder, and the one that is to be used wherever it is.
fn others(folder: &Path, in_use: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let names = entries.filter_map(|e| e.file_name().into_string().ok()).filter(|n| n.ends_with(".bin"));
    let all: std::collections::BTreeSet<String> = names.chain([in_use.to_owned()]).collect();
    all.into_iter().collect()
}

fn check(manifest: &Manifest, file: &Path) -> anyhow::Result<Checked> {
    let entry = manifest.entry(file);
    let head = speech::ggml::check(file, &entry)?;
    Ok(Checked {
        file: file.to_path_buf(),
        known_as: entry.name.clone(),
        pinned: !entry.sha256.is_empty() || speech::ggml::pin(file).is_some(),
        parameters: format!(
            "{} encoder and {} decoder layers of width {}, {} mel bands",
            head.audio_layer, head.text_layer, head.audio_state, head.n_mels
        ),
    })
}
