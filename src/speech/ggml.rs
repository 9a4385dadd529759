//! A look at a ggml model file before whisper.cpp reads it: a damaged one would abort the process there.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::manifest::ModelEntry;

const MAGIC: u32 = 0x6767_6d6c;
/// A token is a few bytes; more means that the file is something else.
const TOKEN_BYTES_MAX: u32 = 1024;
/// Whisper's special tokens stand at fixed places behind the text tokens: fewer rows would be read past their end.
const VOCABULARY_MIN: i32 = 51_865;

/// The sizes in a model's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Rows of the token table.
    pub n_vocab: i32,
    /// Encoder positions; one is 20 ms.
    pub audio_ctx: i32,
    /// Encoder width.
    pub audio_state: i32,
    /// Encoder heads.
    pub audio_head: i32,
    /// Encoder layers.
    pub audio_layer: i32,
    /// Decoder positions.
    pub text_ctx: i32,
    /// Decoder width.
    pub text_state: i32,
    /// Decoder heads.
    pub text_head: i32,
    /// Decoder layers.
    pub text_layer: i32,
    /// Mel bands.
    pub n_mels: i32,
    /// Number format of the matrices.
    pub ftype: i32,
}

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Not there or not readable.
    #[error(
        "the speech model {path} cannot be read ({cause}): name a file that is there; scripts/setup.sh assembles the demo model, `huiting models install` takes others"
    )]
    Unreadable {
        /// Its path.
        path: String,
        /// The system's words.
        cause: io::Error,
    },
    /// Not a whole ggml Whisper model.
    #[error(
        "{path} is not a whole ggml Whisper model ({what}); fetch it again or name another under [speech] model"
    )]
    Damaged {
        /// Its path.
        path: String,
        /// What was found.
        what: String,
    },
    /// Not the file the manifest pins.
    #[error(
        "{path} is not the model that the manifest pins ({what}); put the right file there, or correct the manifest"
    )]
    Other {
        /// Its path.
        path: String,
        /// What differs.
        what: String,
    },
}

impl CheckError {
    /// The same for those who sit in court.
    #[must_use]
    pub fn zh(&self) -> String {
        let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        match self {
            Self::Unreadable { path, .. } => {
                format!(
                    "语音模型{}不存在或无法读取；请安装模型，或在设置的 [speech] model 中另行指定",
                    name(path)
                )
            }
            Self::Damaged { path, .. } => format!("语音模型{}不完整或已损坏；请重新取得该文件", name(path)),
            Self::Other { path, .. } => {
                format!("语音模型{}与清单登记的不一致；请换回正确的文件，或更正清单", name(path))
            }
        }
    }
}

enum Fault {
    Io(io::Error),
    Form(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Form("it ends too early".to_owned())
        } else {
            Self::Io(error)
        }
    }
}

/// Looks at form, size and SHA-256. Gives the head of a file that whisper.cpp will read without harm.
pub fn check(path: &Path, entry: &ModelEntry) -> Result<Head, CheckError> {
    let name = path.display().to_string();
    let fault = |fault| match fault {
        Fault::Io(cause) => CheckError::Unreadable { path: name.clone(), cause },
        Fault::Form(what) => CheckError::Damaged { path: name.clone(), what },
    };
    let mut file = File::open(path).map_err(|e| fault(Fault::Io(e)))?;
    let len = file.metadata().map_err(|e| fault(Fault::Io(e)))?.len();
    let head = form(&mut BufReader::with_capacity(1 << 16, &file), len).map_err(fault)?;
    if let Some(size) = entry.size_bytes
        && size != len
    {
        let what = format!("{len} bytes instead of {size}");
        return Err(CheckError::Other { path: name.clone(), what });
    }
    // What the manifest leaves open was pinned when the file was installed.
    let pinned = if entry.sha256.is_empty() { pin(path) } else { Some(entry.sha256.clone()) };
    if let Some(pinned) = pinned {
        let digest = sha256(&mut file).map_err(|e| fault(Fault::Io(e)))?;
        if digest != pinned {
            let what = format!("SHA-256 {digest} instead of {pinned}");
            return Err(CheckError::Other { path: name.clone(), what });
        }
    }
    Ok(head)
}

/// Where the SHA-256 of an installed model is kept: beside it, under its name.
#[must_use]
pub fn pin_file(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".sha256");
    name.into()
}

/// What [`pin_file`] says.
#[must_use]
pub fn pin(model: &Path) -> Option<String> {
    let text = std::fs::read_to_string(pin_file(model)).ok()?;
    Some(text.split_whitespace().next().unwrap_or_default().to_lowercase())
}

/// SHA-256 of a file from its start, in hexadecimal.
pub fn sha256(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&buffer[..n]);
    }
}

fn form<R: Read + Seek>(r: &mut R, len: u64) -> Result<Head, Fault> {
    if u32::from_le_bytes(bytes(r)?) != MAGIC {
        return Err(Fault::Form("its first bytes are not ggml's".to_owned()));
    }
    let head = head(r)?;
    let (mels, bins) = (int(r)?, int(r)?);
    if mels != head.n_mels || bins != 201 {
        return Err(Fault::Form(format!("its sound filters are {mels} by {bins}")));
    }
    skip(r, len, mels as u64 * bins as u64 * 4)?;
    let tokens = int(r)?;
    if !(1..=head.n_vocab).contains(&tokens) {
        return Err(Fault::Form(format!("it names {tokens} tokens")));
    }
    for _ in 0..tokens {
        let n = u32::from_le_bytes(bytes(r)?);
        if n > TOKEN_BYTES_MAX {
            return Err(Fault::Form(format!("a token is {n} bytes long")));
        }
        skip(r, len, u64::from(n))?;
    }
    let expected = 11 + 15 * head.audio_layer as u64 + 24 * head.text_layer as u64;
    let mut tensors = 0;
    while r.stream_position()? < len {
        tensor(r, len)?;
        tensors += 1;
    }
    if tensors != expected {
        return Err(Fault::Form(format!("it holds {tensors} tensors instead of {expected}")));
    }
    Ok(head)
}

fn head<R: Read>(r: &mut R) -> Result<Head, Fault> {
    let mut n = || int(r);
    let head = Head {
        n_vocab: n()?,
        audio_ctx: n()?,
        audio_state: n()?,
        audio_head: n()?,
        audio_layer: n()?,
        text_ctx: n()?,
        text_state: n()?,
        text_head: n()?,
        text_layer: n()?,
        n_mels: n()?,
        ftype: n()?,
    };
    let within = |what: &str, n: i32, low: i32, high: i32| {
        let sane = (low..=high).contains(&n);
        if sane { Ok(()) } else { Err(Fault::Form(format!("its {what} is {n}"))) }
    };
    if head.n_vocab < VOCABULARY_MIN {
        return Err(Fault::Form("it is a model for English alone".to_owned()));
    }
    within("vocabulary", head.n_vocab, VOCABULARY_MIN, 60_000)?;
    within("encoder context", head.audio_ctx, 64, 6000)?;
    within("encoder width", head.audio_state, 8, 4096)?;
    within("number of encoder heads", head.audio_head, 1, 64)?;
    within("number of encoder layers", head.audio_layer, 1, 64)?;
    within("decoder context", head.text_ctx, 64, 4096)?;
    within("decoder width", head.text_state, 8, 4096)?;
    within("number of decoder heads", head.text_head, 1, 64)?;
    within("number of decoder layers", head.text_layer, 1, 64)?;
    within("number of mel bands", head.n_mels, 80, 128)?;
    if head.audio_state % head.audio_head != 0 || head.text_state % head.text_head != 0 {
        return Err(Fault::Form("its widths are no multiples of its heads".to_owned()));
    }
    Ok(head)
}

fn tensor<R: Read + Seek>(r: &mut R, len: u64) -> Result<(), Fault> {
    let (dims, name_len, kind) = (int(r)?, int(r)?, int(r)?);
    if !(1..=4).contains(&dims) || !(1..=256).contains(&name_len) {
        return Err(Fault::Form(format!("a tensor has {dims} dimensions and a name of {name_len} bytes")));
    }
    let mut elements = 1u64;
    for _ in 0..dims {
        let n = int(r)?;
        if !(1..=1 << 26).contains(&n) {
            return Err(Fault::Form(format!("a tensor is {n} wide")));
        }
        elements = elements.saturating_mul(n as u64);
    }
    skip(r, len, name_len as u64)?;
    let Some((block, block_bytes)) = block(kind) else {
        return Err(Fault::Form(format!("a tensor is of the unknown kind {kind}")));
    };
    if !elements.is_multiple_of(block) {
        return Err(Fault::Form("a tensor does not fill its blocks".to_owned()));
    }
    skip(r, len, (elements / block).saturating_mul(block_bytes))
}

/// Elements and bytes of one block of a ggml number format.
fn block(kind: i32) -> Option<(u64, u64)> {
    Some(match kind {
        0 => (1, 4),
        1 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        _ => return None,
    })
}

fn bytes<R: Read>(r: &mut R) -> Result<[u8; 4], Fault> {
    let mut b = [0; 4];
    r.read_exact(&mut b)?;
    Ok(b)
}

fn int<R: Read>(r: &mut R) -> Result<i32, Fault> {
    Ok(i32::from_le_bytes(bytes(r)?))
}

fn skip<R: Seek>(r: &mut R, len: u64, n: u64) -> Result<(), Fault> {
    if r.stream_position()?.saturating_add(n) > len {
        return Err(Fault::Form("it ends too early".to_owned()));
    }
    // `n` is at most the file's length, far below the sign bit. Relative, so that the reader keeps what it has buffered.
    Ok(r.seek_relative(n as i64)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest file that is a whole model: a layer each, one token, tensors of one number.
    fn model() -> Vec<u8> {
        let mut out = MAGIC.to_le_bytes().to_vec();
        for n in [VOCABULARY_MIN, 64, 8, 1, 1, 64, 8, 1, 1, 80, 1, 80, 201] {
            out.extend(n.to_le_bytes());
        }
        out.extend(vec![0; 80 * 201 * 4]);
        out.extend(1i32.to_le_bytes());
        out.extend(3u32.to_le_bytes());
        out.extend(b"abc");
        for _ in 0..50 {
            for n in [1i32, 1, 0, 1] {
                out.extend(n.to_le_bytes());
            }
            out.push(b't');
            out.extend(0f32.to_le_bytes());
        }
        out
    }

    fn look(bytes: &[u8]) -> Result<Head, String> {
        form(&mut io::Cursor::new(bytes), bytes.len() as u64).map_err(|fault| match fault {
            Fault::Io(error) => error.to_string(),
            Fault::Form(what) => what,
        })
    }

    #[test]
    fn hostile_bytes_in_a_model_are_a_model_or_damage_in_words() {
        let whole = model();
        assert_eq!(look(&whole).expect("whole").n_mels, 80);
        // Head and tensors are what is read; the filters between them are passed over.
        let filters = 14 * 4 + 200..14 * 4 + 80 * 201 * 4 - 200;
        hostile::attack("model", &[&whole], 1_500, |bytes| {
            if let Err(refusal) = look(bytes) {
                hostile::sentence(&refusal);
            }
        });
        let read: Vec<u8> = [&whole[..filters.start], &whole[filters.end..]].concat();
        hostile::attack("model, head and tensors", &[&read], 4_000, |bytes| {
            let (head, tail) = bytes.split_at(filters.start.min(bytes.len()));
            let bytes = [head, &whole[filters.clone()], tail].concat();
            if let Err(refusal) = look(&bytes) {
                hostile::sentence(&refusal);
            }
        });
    }
}
