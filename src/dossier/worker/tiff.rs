//! The pages of a TIFF file. The decoder reads the first one only, so the page wanted is made the first: the header's pointer
//! to the first directory is turned to it.

/// A scanner's file of more pages than a court's volume has is none.
const PAGES_MAX: usize = 5_000;

/// Widths of the numbers in a file.
#[derive(Debug, Clone, Copy)]
struct Kind {
    little: bool,
    big: bool,
}

impl Kind {
    fn of(bytes: &[u8]) -> Option<Self> {
        let little = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let version = Self { little, big: false }.number(bytes, 2, 2)?;
        (version == 42 || version == 43).then_some(Self { little, big: version == 43 })
    }

    fn number(self, bytes: &[u8], at: usize, len: usize) -> Option<u64> {
        let part = bytes.get(at..at.checked_add(len)?)?.iter();
        let add = |n: u64, b: &u8| n << 8 | u64::from(*b);
        Some(if self.little { part.rev().fold(0, add) } else { part.fold(0, add) })
    }

    /// Where the header says where the first directory is, and in how many bytes.
    fn first(self) -> (usize, usize) {
        if self.big { (8, 8) } else { (4, 4) }
    }

    /// The directory behind the one at `at`; 0 if it is the last.
    fn next(self, bytes: &[u8], at: usize) -> Option<u64> {
        let (count, entry, pointer) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let entries = usize::try_from(self.number(bytes, at, count)?).ok()?;
        let end = entries.checked_mul(entry)?.checked_add(at)?.checked_add(count)?;
        self.number(bytes, end, pointer)
    }
}

/// Where the directory of each page is, in order; empty if the file is no TIFF. A chain that bites its tail or leads nowhere
/// ends there.
pub(super) fn pages(bytes: &[u8]) -> Vec<u64> {
    let Some(kind) = Kind::of(bytes) else { return Vec::new() };
    let (at, len) = kind.first();
    let mut found = Vec::new();
    let mut next = kind.number(bytes, at, len);
    while let Some(at) = next
        && at != 0
        && !found.contains(&at)
        && found.len() < PAGES_MAX
    {
        next = usize::try_from(at).ok().and_then(|at| kind.next(bytes, at));
        if next.is_some() {
            found.push(at);
        }
    }
    found
}

/// Makes the page whose directory is at `page` the first of the file.
pub(super) fn turn_to(bytes: &mut [u8], page: u64) {
    let Some(kind) = Kind::of(bytes) else { return };
    let (at, len) = kind.first();
    let number = page.to_be_bytes();
    let Some(place) = bytes.get_mut(at..at + len) else { return };
    place.copy_from_slice(&number[8 - len..]);
    if kind.little {
        place.reverse();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An uncompressed grey TIFF with a page for each shade, `side` pixels square.
    pub(crate) fn grey(little: bool, side: u16, shades: &[u8]) -> Vec<u8> {
        let n16 = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let n32 = |n: u32| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let pixels = usize::from(side) * usize::from(side);
        let page_bytes = 2 + 8 * 12 + 4 + pixels;
        let mut out = if little { b"II".to_vec() } else { b"MM".to_vec() };
        out.extend(n16(42));
        out.extend(n32(8));
        for (i, &shade) in shades.iter().enumerate() {
            let at = u32::try_from(8 + i * page_bytes).unwrap_or(0);
            let strip = at + 2 + 8 * 12 + 4;
            out.extend(n16(8));
            let mut entry = |tag: u16, long: bool, value: u32| {
                out.extend(n16(tag));
                out.extend(n16(if long { 4 } else { 3 }));
                out.extend(n32(1));
                if long {
                    out.extend(n32(value));
                } else {
                    out.extend(n16(u16::try_from(value).unwrap_or(0)));
                    out.extend([0, 0]);
                }
            };
            entry(256, false, side.into());
            entry(257, false, side.into());
            entry(258, false, 8);
            entry(259, false, 1);
            entry(262, false, 1);
            entry(273, true, strip);
            entry(278, false, side.into());
            entry(279, true, u32::try_from(pixels).unwrap_or(0));
            let last = i + 1 == shades.len();
            out.extend(n32(if last { 0 } else { at + u32::try_from(page_bytes).unwrap_or(0) }));
            out.extend(std::iter::repeat_n(shade, pixels));
        }
        out
    }

    #[test]
    fn every_page_is_found_and_can_be_made_the_first() {
        for little in [true, false] {
            let mut file = grey(little, 4, &[10, 20, 30]);
            let found = pages(&file);
            assert_eq!(found.len(), 3);
            turn_to(&mut file, found[2]);
            assert_eq!(pages(&file), [found[2]]);
        }
    }

    #[test]
    fn a_chain_that_bites_its_tail_or_leads_nowhere_ends() {
        let mut file = grey(true, 4, &[10, 20]);
        let found = pages(&file);
        let second = usize::try_from(found[1]).unwrap_or(0);
        let pointer = second + 2 + 8 * 12;
        file[pointer..pointer + 4].copy_from_slice(&8u32.to_le_bytes());
        assert_eq!(pages(&file), found);
        file[pointer..pointer + 4].copy_from_slice(&0xffff_0000u32.to_le_bytes());
        assert_eq!(pages(&file), found);
        assert!(pages(b"II").is_empty() && pages(b"not a picture").is_empty());
    }

    #[test]
    fn hostile_bytes_in_a_tiff_are_pages_within_it() {
        hostile::attack("tiff", &[grey(true, 4, &[10, 20]), grey(false, 4, &[1, 2, 3])], 8_000, |bytes| {
            for page in pages(bytes) {
                assert!(usize::try_from(page).is_ok_and(|at| at < bytes.len()));
                let mut turned = bytes.to_vec();
                turn_to(&mut turned, page);
                assert_eq!(turned.len(), bytes.len());
            }
        });
    }
}
