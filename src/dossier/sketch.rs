//! The sketch of a text: a few numbers that two readings of the same sheet share, however the recogniser erred.

use serde::{Deserialize, Serialize};
use text::normalise;

/// Numbers of a sketch.
const LANES: usize = 16;
/// Letters that are taken together.
const SHINGLE: usize = 3;
/// A text with fewer letters says too little: forms and signatures repeat.
const LETTERS_MIN: usize = 40;
/// Of sixteen numbers so many are shared by texts that have about two thirds of their shingles in common.
const SHARED_MIN: usize = 10;

/// The least hash of all shingles in each lane (MinHash).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sketch([u32; LANES]);

impl Sketch {
    /// Of letters, digits and hanzi alone; `None` for too short a text.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let letters = normalise(text).letters().chars;
        if letters.len() < LETTERS_MIN {
            return None;
        }
        let mut least = [u32::MAX; LANES];
        for shingle in letters.windows(SHINGLE) {
            // FNV-1a over the characters, then one mixed number a lane.
            let seed = shingle.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, c| {
                (h ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3)
            });
            for (lane, least) in least.iter_mut().enumerate() {
                *least = (*least).min(mixed(seed, lane as u64));
            }
        }
        Some(Self(least))
    }

    /// Whether two texts are two readings of one sheet.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count() >= SHARED_MIN
    }

    /// Keys of which two readings of one sheet share at least one.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        self.0.iter().copied().enumerate().take(LANES - SHARED_MIN + 1)
    }
}

/// SplitMix64's mixing, the upper half.
fn mixed(seed: u64, lane: u64) -> u32 {
    let mut z = seed.wrapping_add(lane.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "借款合同。甲方向乙方出借人民币五十万元，期限十二个月，利率为年利率百分之六，逾期按日万分之五支付违约金，\
        乙方应于每月五日前支付利息，到期一次归还本金。本合同一式两份，双方各执一份，自签字之日起生效。";

    #[test]
    fn two_readings_of_a_sheet_are_the_same_and_two_contracts_are_not() {
        let sketch = |t: &str| Sketch::of(t).expect("long enough");
        let misread = CONTRACT.replace("违约金", "连约金").replace("利息", "利忌").replace("。", "，");
        assert!(sketch(CONTRACT).same(&sketch(&misread)));
        let other = "借款合同。甲方向乙方出借人民币二十万元，期限六个月，不计利息，逾期未还的，乙方愿以其名下车辆折价抵偿，\
            争议由合同签订地人民法院管辖，诉讼费由败诉方承担，未尽事宜另行协商。";
        assert!(!sketch(CONTRACT).same(&sketch(other)));
        assert_eq!(Sketch::of("签字：王建国"), None);
    }

    #[test]
    fn the_same_always_share_a_key() {
        let a = Sketch::of(CONTRACT).expect("long enough");
        // Whatever six lanes differ in, seven keys have one in common.
        for spoilt in [[0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], [0, 2, 4, 6, 8, 10]] {
            let mut b = a;
            spoilt.iter().for_each(|&i: &usize| b.0[i] ^= 1);
            assert!(a.same(&b));
            assert!(a.keys().any(|k| b.keys().any(|l| k == l)));
        }
    }
}
