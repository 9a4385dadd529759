//! Where a device is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where a device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A serial line or pty by its path.
    Line(PathBuf),
    /// `host:port` on the network.
    Tcp(String),
}

/// Neither an absolute path nor `tcp://host:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no device: give an absolute path such as /dev/ttyUSB0, or tcp://host:port")]
pub struct AddressError(pub String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = || {
            AddressError(
                text.chars().take(120).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect(),
            )
        };
        match text.strip_prefix("tcp://") {
            Some(host) => {
                let (name, port) = host.rsplit_once(':').ok_or_else(wrong)?;
                let right = !name.is_empty() && port.parse::<u16>().is_ok_and(|p| p != 0);
                if right { Ok(Self::Tcp(host.into())) } else { Err(wrong()) }
            }
            None if text.starts_with('/') => Ok(Self::Line(text.into())),
            None => Err(wrong()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(path) => path.display().fmt(f),
            Self::Tcp(host) => write!(f, "tcp://{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_path_or_a_network_address_and_reads_back_the_same() {
        for text in ["/dev/ttyUSB0", "tcp://127.0.0.1:5331", "tcp://[::1]:5331", "tcp://console.local:5331"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for text in ["", "ttyUSB0", "tcp://", "tcp://host", "tcp://:1", "tcp://host:0", "tcp://host:99999"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
