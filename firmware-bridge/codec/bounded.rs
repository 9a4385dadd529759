//! A byte string with a fixed upper bound, for code without an allocator.

use core::fmt;
use core::ops::Deref;

/// Up to `N` bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bounded<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Bounded<N> {
    /// No bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    /// A copy of `bytes`; `None` if they are more than `N`.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut out = Self::new();
        out.extend(bytes).then_some(out)
    }

    /// Appends one byte; false, and nothing changed, if there is no room.
    #[must_use]
    pub fn push(&mut self, byte: u8) -> bool {
        let Some(slot) = self.bytes.get_mut(self.len) else { return false };
        *slot = byte;
        self.len += 1;
        true
    }

    /// Appends all of `bytes`; false, and nothing changed, if there is no room.
    #[must_use]
    pub fn extend(&mut self, bytes: &[u8]) -> bool {
        let end = self.len + bytes.len();
        let Some(slot) = self.bytes.get_mut(self.len..end) else { return false };
        slot.copy_from_slice(bytes);
        self.len = end;
        true
    }

    /// Forgets all bytes.
    pub fn clear(&mut self) {
        self.bytes = [0; N];
        self.len = 0;
    }
}

impl<const N: usize> Default for Bounded<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Deref for Bounded<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl<const N: usize> fmt::Debug for Bounded<N> {
    /// As hexadecimal pairs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().enumerate().try_for_each(|(i, b)| write!(f, "{}{b:02x}", if i == 0 { "" } else { " " }))
    }
}
