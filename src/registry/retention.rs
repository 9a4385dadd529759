//! 保管期限.

use model::shown;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a file is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Retention {
    /// 永久.
    Permanent,
    /// 长期: sixty years.
    Long,
    /// 短期: thirty years.
    Short,
}

impl Retention {
    /// As it stands on the file.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Permanent => "永久",
            Self::Long => "长期（60年）",
            Self::Short => "短期（30年）",
        }
    }
}

impl std::str::FromStr for Retention {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "permanent" | "永久" => Ok(Self::Permanent),
            "long" | "长期" => Ok(Self::Long),
            "short" | "短期" => Ok(Self::Short),
            other => Err(format!(
                "\"{}\" is no retention class: permanent (永久), long (长期) or short (短期)",
                shown(other, 40)
            )),
        }
    }
}
