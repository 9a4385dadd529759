//! The sketch of a text: a few numbers that two readings of the same sheet share, however the recogniser erred.

use serde::{Deserialize, Serialize};
use text::normalise;

/// Numbers of a sketch. Each is shared as likely as two texts have shingles in common: so many tell four fifths, of two readings of a
/// sheet, from two fifths, of two sheets of one bank statement.
const LANES: usize = 64;
/// Letters that are taken together.
const SHINGLE: usize = 3;
/// A text with fewer letters says too little: forms and signatures repeat.
const LETTERS_MIN: usize = 40;
/// Of a hundred numbers so many are shared by two readings of a sheet.
const SHARED_PERCENT: usize = 70;
/// Two readings of a sheet share one of so many numbers at least.
const KEYS: usize = LANES - (LANES * SHARED_PERCENT).div_ceil(100) + 1;

/// The least hash of all shingles in each lane (MinHash).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sketch(Vec<u32>);

impl Sketch {
    /// Of letters, digits and hanzi alone; `None` for too short a text.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let letters = normalise(text).letters().chars;
        if letters.len() < LETTERS_MIN {
            return None;
        }
        // One mixed number a lane.
        let mut least = vec![u32::MAX; LANES];
        for shingle in letters.windows(SHINGLE) {
            let seed = hash(shingle);
            for (lane, least) in least.iter_mut().enumerate() {
                *least = (*least).min(mixed(seed, lane as u64));
            }
        }
        Some(Self(least))
    }

    /// Whether two texts are two readings of one sheet.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let both = self.0.len().min(other.0.len());
        let shared = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
        both > 0 && shared * 100 >= both * SHARED_PERCENT
    }

    /// Keys of which two readings of one sheet share at least one.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        self.0.iter().copied().enumerate().take(KEYS)
    }
}

/// Of letters, digits and hanzi alone: the same for the same words, however they are spaced.
pub(crate) fn wording(text: &str) -> u64 {
    hash(&normalise(text).letters().chars)
}

/// FNV-1a over characters.
fn hash(chars: &[char]) -> u64 {
    chars
        .iter()
        .fold(0xcbf2_9ce4_8422_2325u64, |h, c| (h ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3))
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
        let statement = |from: u32| {
            let row = |n: u32| {
                format!(
                    "2024年{}月{}日 网上转账支出 {}.{:02} 余额 {} 对方户名 江州物业\n",
                    n % 12 + 1,
                    n % 28 + 1,
                    n * 37,
                    n % 100,
                    900_000 - n * 37
                )
            };
            let rows: String = (from..from + 20).map(row).collect();
            format!(
                "松江银行个人账户交易明细 户名：王建国 账号：6230 **** 0417\n日期 摘要 金额 余额 对方\n{rows}"
            )
        };
        assert!(!sketch(&statement(3)).same(&sketch(&statement(23))), "two sheets of one statement");
        assert_eq!(Sketch::of("签字：王建国"), None);
    }

    #[test]
    fn the_same_always_share_a_key() {
        let a = Sketch::of(CONTRACT).expect("long enough");
        // Whatever lanes differ in, one fewer than there are keys.
        for first in [0, 1, 7] {
            let spoilt: Vec<usize> = (first..first + KEYS - 1).collect();
            let mut b = a.clone();
            spoilt.iter().for_each(|&i| b.0[i] ^= 1);
            assert!(a.same(&b));
            assert!(a.keys().any(|k| b.keys().any(|l| k == l)));
        }
    }
}
