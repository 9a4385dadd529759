//! `huiting templates`, and the templates a court keeps in `<data>/templates`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use papers::Templates;
use protocol::check::Finding;

use crate::config::Config;

/// What `huiting templates` does.
#[derive(Debug, Subcommand)]
pub enum TemplatesCommand {
    /// Writes the shipped templates into <data>/templates to be changed there, with a README; files that are there stay.
    Write,
    /// Reads the court's templates and says what is wrong with them.
    Check,
}

const README: &str = include_str!("templates.md");

/// The folder of a court's own templates.
fn folder(data: &Path) -> PathBuf {
    data.join("templates")
}

/// The templates as they stand: the shipped ones, with the court's in their place, and a sentence on each file that cannot be
/// used.
pub fn of_court(data: &Path) -> (Templates, Vec<String>) {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for path in text_files(&folder(data)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push((name, text)),
            Err(error) => faults.push(format!(
                "{name}: {error}; save it as text in UTF-8, readable for this program. Until then the shipped template is used"
            )),
        }
    }
    let (templates, wrong) = Templates::with(files.iter().map(|(n, t)| (n.as_str(), t.as_str())));
    faults.extend(wrong.iter().map(ToString::to_string));
    (templates, faults)
}

/// Files that end in `.txt`, in order; none if there is no folder.
fn text_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<_> =
        entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "txt")).collect();
    found.sort();
    found
}

/// Reads a court's templates for the server.
pub struct OfCourt {
    /// The folder of everything.
    pub data: PathBuf,
}

impl server::TemplateSource for OfCourt {
    fn templates(&self) -> (Templates, Vec<String>) {
        of_court(&self.data)
    }
}

/// For the check before 开庭: whether the court's templates can all be used.
pub fn looked_at(data: &Path) -> Finding {
    match of_court(data) {
        (_, faults) if faults.is_empty() => {
            Finding::Templates { own: text_files(&folder(data)).len() as u64 }
        }
        (_, faults) => Finding::TemplatesLeftOut { faults },
    }
}

/// Does `huiting templates`.
pub fn run(command: &TemplatesCommand, config: &Config) -> anyhow::Result<ExitCode> {
    let folder = folder(&config.data);
    match command {
        TemplatesCommand::Write => {
            std::fs::create_dir_all(&folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
            let readme = format!("{README}\n```text\n{}```\n", papers::template_words());
            let shipped = Templates::shipped_files().map(|(name, text)| (name, text.to_owned()));
            for (name, text) in shipped.chain([("README.md".to_owned(), readme)]) {
                let path = folder.join(name);
                if !path.exists() {
                    std::fs::write(&path, text)
                        .with_context(|| format!("{} cannot be written", path.display()))?;
                    println!("{}", path.display());
                }
            }
        }
        TemplatesCommand::Check => match looked_at(&config.data) {
            Finding::TemplatesLeftOut { faults } => bail!("{}", faults.join("\n")),
            found => println!("{found}"),
        },
    }
    Ok(ExitCode::SUCCESS)
}
