//! Signed notes as C2SP `signed-note` defines them: a text, an empty line, and one line per signature.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _};

use crate::Hash;

const ED25519: u8 = 1;

/// Why a note or key cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a signed note at all.
    #[error("this is not a signed note: {0}")]
    Malformed(&'static str),
    /// No signature of the key.
    #[error("the note carries no signature of key {0}; it was signed by somebody else")]
    NotSigned(String),
    /// A signature of the key that does not fit the text.
    #[error("the signature of key {0} does not fit the text: the text or the signature was changed")]
    BadSignature(String),
    /// The key text is not a verifier key.
    #[error("\"{0}\" is not a verifier key; expected NAME+ID+BASE64 as C2SP signed-note defines it")]
    BadKey(String),
}

/// Why signing failed; a software key never fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the checkpoint could not be signed: {0}; check the key device")]
pub struct SignError(pub String);

/// Whoever can sign: a key file today, a key device (HSM, UKey) tomorrow.
pub trait Signer: Send + Sync {
    /// The public half.
    fn key(&self) -> &VerifyingKey;
    /// Signature over `text`.
    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// A named Ed25519 public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    key: ed25519_dalek::VerifyingKey,
}

impl VerifyingKey {
    /// Names a public key. The name must not be empty nor hold spaces or `+`.
    pub fn new(name: &str, key: &[u8; 32]) -> Result<Self, NoteError> {
        let bad = || NoteError::BadKey(plain(name));
        let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| bad())?;
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') {
            return Err(bad());
        }
        Ok(Self { name: name.to_owned(), key })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn bytes(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// First four bytes of `SHA-256(name ‖ "\n" ‖ 0x01 ‖ key)`.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let hash = Hash::of(&[self.name.as_bytes(), b"\n", &[ED25519], self.key.as_bytes()]);
        [hash.0[0], hash.0[1], hash.0[2], hash.0[3]]
    }

    /// The verifier key as text: `NAME+ID+BASE64`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut raw = vec![ED25519];
        raw.extend_from_slice(self.key.as_bytes());
        format!("{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(raw))
    }

    /// Reads [`VerifyingKey::text`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let bad = || NoteError::BadKey(plain(text));
        let text = text.trim();
        let (name, rest) = text.split_once('+').ok_or_else(bad)?;
        let (id, key) = rest.split_once('+').ok_or_else(bad)?;
        let raw = STANDARD.decode(key).map_err(|_| bad())?;
        let key: &[u8; 32] = match raw.split_first() {
            Some((&ED25519, key)) => key.try_into().map_err(|_| bad())?,
            _ => return Err(bad()),
        };
        let key = Self::new(name, key)?;
        if hex::encode(key.id()) == id { Ok(key) } else { Err(bad()) }
    }
}

/// The beginning of what was given as a key, safe in a sentence.
fn plain(text: &str) -> String {
    text.chars().take(120).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// Signs with an Ed25519 key held in memory.
pub struct Ed25519Signer {
    secret: SigningKey,
    public: VerifyingKey,
}

impl Ed25519Signer {
    /// From the 32-byte seed.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let secret = SigningKey::from_bytes(seed);
        let public = VerifyingKey::new(name, secret.verifying_key().as_bytes())?;
        Ok(Self { secret, public })
    }
}

impl std::fmt::Debug for Ed25519Signer {
    /// Never the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ed25519Signer").field("public", &self.public.text()).finish_non_exhaustive()
    }
}

impl Signer for Ed25519Signer {
    fn key(&self) -> &VerifyingKey {
        &self.public
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.secret.sign(text).to_bytes().to_vec())
    }
}

/// The note: `text` (which must end in a newline), an empty line and the signature line.
pub fn sign_note(text: &str, signer: &dyn Signer) -> Result<String, SignError> {
    let mut raw = signer.key().id().to_vec();
    raw.extend(signer.sign(text.as_bytes())?);
    Ok(format!("{text}\n\u{2014} {} {}\n", signer.key().name(), STANDARD.encode(raw)))
}

/// Checks that `note` carries a good signature of `key` and gives its text. Signatures of other keys are passed over.
pub fn open_note<'n>(note: &'n str, key: &VerifyingKey) -> Result<&'n str, NoteError> {
    let cut = note.rfind("\n\n").ok_or(NoteError::Malformed("it has no empty line before its signatures"))?;
    let (text, signatures) = (&note[..=cut], &note[cut + 2..]);
    if !signatures.ends_with('\n') {
        return Err(NoteError::Malformed("its last line does not end"));
    }
    for line in signatures.lines() {
        let line = line
            .strip_prefix("\u{2014} ")
            .ok_or(NoteError::Malformed("a signature line does not begin with a dash"))?;
        let (name, signature) =
            line.split_once(' ').ok_or(NoteError::Malformed("a signature line has no signature"))?;
        let raw =
            STANDARD.decode(signature).map_err(|_| NoteError::Malformed("a signature is not base64"))?;
        if name != key.name || raw.get(..4) != Some(&key.id()) {
            continue;
        }
        let bad = || NoteError::BadSignature(key.name.clone());
        let signature = Signature::from_slice(&raw[4..]).map_err(|_| bad())?;
        return key.key.verify(text.as_bytes(), &signature).map(|()| text).map_err(|_| bad());
    }
    Err(NoteError::NotSigned(key.name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example key of the signed-note documentation.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_documented_note_verifies_with_the_documented_key() {
        let key = VerifyingKey::parse(PETER).expect("the documented key");
        assert_eq!(key.text(), PETER);
        assert!(open_note(NOTE, &key).expect("a good note").ends_with("problem is.\n"));
        let changed = NOTE.replace("problem is", "problem was");
        assert_eq!(open_note(&changed, &key), Err(NoteError::BadSignature("PeterNeumann".into())));
    }

    #[test]
    fn a_note_of_ours_verifies_with_our_key_only() {
        let signer = Ed25519Signer::new("example.test/log", &[7; 32]).expect("a good name");
        let note = sign_note("法庭\n", &signer).expect("a software key");
        assert_eq!(open_note(&note, signer.key()), Ok("法庭\n"));
        let other = Ed25519Signer::new("example.test/log", &[8; 32]).expect("a good name");
        assert!(matches!(open_note(&note, other.key()), Err(NoteError::NotSigned(_))));
        assert_eq!(VerifyingKey::parse(&signer.key().text()).as_ref(), Ok(signer.key()));
    }

    #[test]
    fn keys_with_a_wrong_id_or_name_are_refused() {
        assert!(VerifyingKey::parse(&PETER.replace("c74f", "c74e")).is_err());
        assert!(Ed25519Signer::new("a b", &[1; 32]).is_err());
        assert!(Ed25519Signer::new("a+b", &[1; 32]).is_err());
    }
}
