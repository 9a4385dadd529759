//! The models that Huiting knows: what each is, and how it wants to be run.

use std::path::Path;

use serde::Deserialize;

/// How the encoder's context is shortened for a model that bears it: one position is 20 ms of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct ContextRule {
    /// Samples of one position.
    pub samples_per_position: u32,
    /// Positions added behind the sound.
    pub margin: u32,
    /// The result is a multiple of this.
    pub multiple: u32,
    /// Shorter sound is padded with zeros to this.
    pub samples_min: u32,
}

impl Default for ContextRule {
    fn default() -> Self {
        Self { samples_per_position: 320, margin: 16, multiple: 64, samples_min: 16_000 }
    }
}

impl ContextRule {
    /// Positions for `samples`, at most `positions_max`.
    #[must_use]
    pub fn positions(&self, samples: usize, positions_max: u32) -> u32 {
        let needed = (samples as u32).div_ceil(self.samples_per_position.max(1)) + self.margin;
        needed.next_multiple_of(self.multiple.max(1)).min(positions_max)
    }
}

/// One model of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelEntry {
    /// Its short name.
    pub name: String,
    /// One line for people.
    #[serde(default)]
    pub title: String,
    /// Its file's name.
    pub file: String,
    /// Exact length in bytes, if pinned.
    #[serde(default)]
    pub size_bytes: Option<u64>,
    /// SHA-256 of the file in hexadecimal; empty: not pinned.
    #[serde(default)]
    pub sha256: String,
    /// Its licence.
    #[serde(default)]
    pub licence: String,
    /// `zh`, or `multilingual`.
    #[serde(default)]
    pub language: String,
    /// Where a court gets it.
    #[serde(default)]
    pub from: String,
    /// Whether the encoder may be run on a shortened context.
    #[serde(default)]
    pub audio_ctx_shortening: bool,
    /// Whether decoding must be told to write no timestamps.
    #[serde(default)]
    pub no_timestamps: bool,
    /// Whether an empty answer is forbidden to it.
    #[serde(default = "yes")]
    pub suppress_blank: bool,
    /// The longest segment it decodes well, in milliseconds.
    #[serde(default = "segment_ms_max")]
    pub segment_ms_max: u64,
    /// How many tokens of the case's words it bears before the line.
    #[serde(default = "prompt_tokens_max")]
    pub prompt_tokens_max: usize,
    /// Whether it is the demonstration model.
    #[serde(default)]
    pub demo: bool,
}

fn yes() -> bool {
    true
}

fn segment_ms_max() -> u64 {
    28_000
}

/// whisper.cpp takes half the decoder's context less one.
fn prompt_tokens_max() -> usize {
    200
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// How contexts are shortened.
    #[serde(default)]
    pub audio_ctx: ContextRule,
    /// The models.
    #[serde(default, rename = "model")]
    pub models: Vec<ModelEntry>,
}

/// Why the manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not there, or not readable.
    #[error(
        "the list of speech models {path} cannot be read ({cause}); [speech] manifest in the settings must name it"
    )]
    Missing {
        /// Its path.
        path: String,
        /// The system's words.
        cause: std::io::Error,
    },
    /// Not valid.
    #[error("the list of speech models {path} is not valid: {cause}")]
    Invalid {
        /// Its path.
        path: String,
        /// What is wrong, with the line.
        cause: toml::de::Error,
    },
}

impl Manifest {
    /// Reads the file.
    pub fn load(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| ManifestError::Missing { path: path.display().to_string(), cause })?;
        Self::parse(&text).map_err(|cause| ManifestError::Invalid { path: path.display().to_string(), cause })
    }

    /// Reads the text of the file.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The entry of a model file, by its file name; for a file the manifest does not know, the careful defaults under the
    /// file's own name.
    #[must_use]
    pub fn entry(&self, model: &Path) -> ModelEntry {
        let file = model.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        self.models.iter().find(|m| m.file == file).cloned().unwrap_or_else(|| {
            let name = file.trim_end_matches(".bin").trim_start_matches("ggml-").to_owned();
            ModelEntry {
                title: name.clone(),
                name,
                file,
                size_bytes: None,
                sha256: String::new(),
                licence: String::new(),
                language: "multilingual".to_owned(),
                from: String::new(),
                audio_ctx_shortening: false,
                no_timestamps: false,
                suppress_blank: true,
                segment_ms_max: segment_ms_max(),
                prompt_tokens_max: prompt_tokens_max(),
                demo: false,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = include_str!("../../models/manifest.toml");

    #[test]
    fn our_own_manifest_is_understood_and_only_the_demo_model_bears_a_short_context() {
        let manifest = Manifest::parse(OURS).expect("ours is valid");
        let demo = manifest.entry(Path::new("somewhere/ggml-huiting-demo.bin"));
        assert!(demo.audio_ctx_shortening && demo.no_timestamps && !demo.suppress_blank && demo.demo);
        assert!(demo.segment_ms_max <= 28_000 && demo.sha256.len() == 64);
        assert!(demo.prompt_tokens_max < 48, "it was trained with no longer prompts");
        assert!(manifest.models.iter().filter(|m| !m.demo).all(|m| !m.audio_ctx_shortening));
    }

    #[test]
    fn an_unknown_file_runs_with_careful_defaults_under_its_own_name() {
        let entry = Manifest::default().entry(Path::new("/m/ggml-belle.bin"));
        assert_eq!(
            (entry.name.as_str(), entry.audio_ctx_shortening, entry.suppress_blank),
            ("belle", false, true)
        );
    }

    #[test]
    fn the_context_covers_the_sound_and_never_leaves_the_table() {
        let rule = ContextRule::default();
        assert_eq!(rule.positions(16_000, 1500), 128);
        assert_eq!(rule.positions(48_000, 1500), 192);
        assert_eq!(rule.positions(30 * 16_000, 1500), 1500);
    }

    #[test]
    fn hostile_bytes_in_a_list_of_models_are_refused_with_their_line() {
        hostile::attack_text("models", &[OURS], 1_000, |text| match Manifest::parse(text) {
            Ok(manifest) => drop(manifest.entry(Path::new("x/ggml-huiting-demo.bin"))),
            Err(refusal) => assert!(!refusal.message().is_empty()),
        });
    }
}
