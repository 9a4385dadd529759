//! Which model is used: the one of the settings, until another of the same folder is chosen by hand.

use std::io;
use std::path::{Path, PathBuf};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChoice {
    /// The model file of the settings.
    pub settings: PathBuf,
    /// The file that holds the name of the chosen one, if one is chosen.
    pub chosen: Option<PathBuf>,
}

impl ModelChoice {
    /// Always this one.
    #[must_use]
    pub fn fixed(model: PathBuf) -> Self {
        Self { settings: model, chosen: None }
    }

    /// The model file to be used now.
    #[must_use]
    pub fn now(&self) -> PathBuf {
        let name = self.chosen.as_deref().and_then(|file| std::fs::read_to_string(file).ok());
        match name.as_deref().map(str::trim).filter(|name| is_plain(name)) {
            Some(name) => self.folder().join(name),
            None => self.settings.clone(),
        }
    }

    /// Where models lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.settings.parent().unwrap_or(Path::new("."))
    }

    /// Chooses a file of the folder, or, with `None`, the model of the settings again. Whole or not at all.
    pub fn choose(&self, name: Option<&str>) -> io::Result<()> {
        let Some(file) = &self.chosen else { return Err(io::ErrorKind::Unsupported.into()) };
        match name {
            Some(name) if is_plain(name) => {
                let new = file.with_extension("new");
                std::fs::write(&new, format!("{name}\n"))?;
                std::fs::rename(new, file)
            }
            Some(_) => Err(io::ErrorKind::InvalidInput.into()),
            None => match std::fs::remove_file(file) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            },
        }
    }
}

/// A file's name and no path.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && Path::new(name).file_name().is_some_and(|own| own == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_used_until_the_choice_is_taken_back_and_a_path_is_no_choice() {
        let dir = tempfile::tempdir().expect("a folder");
        let chosen = Some(dir.path().join("speech-model"));
        let choice = ModelChoice { settings: "/m/a.bin".into(), chosen };
        assert_eq!(choice.now(), Path::new("/m/a.bin"));
        choice.choose(Some("b.bin")).expect("written");
        assert_eq!(choice.now(), Path::new("/m/b.bin"));
        for bad in ["", "../b.bin", "/etc/b.bin", ".."] {
            choice.choose(Some(bad)).expect_err("no name");
        }
        std::fs::write(dir.path().join("speech-model"), "../../b.bin").expect("written");
        assert_eq!(choice.now(), Path::new("/m/a.bin"));
        choice.choose(None).expect("taken back");
        choice.choose(None).expect("and again");
        assert_eq!(choice.now(), Path::new("/m/a.bin"));
    }
}
