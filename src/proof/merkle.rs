//! The RFC 6962 Merkle tree: incremental root, inclusion and consistency proofs.

use crate::Hash;

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The numbers cannot belong together.
    #[error("leaf {index} is not in a tree of {size} entries; ask for a proof of the right tree")]
    OutOfRange {
        /// Leaf index, or the smaller size.
        index: u64,
        /// Tree size.
        size: u64,
    },
    /// Too few or too many hashes.
    #[error("the proof has {got} hashes where {want} are needed; it was cut or is of another tree")]
    Length {
        /// Needed.
        want: usize,
        /// Found.
        got: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to another root: the entry or the tree was changed")]
    Mismatch,
}

/// `SHA-256(0x00 ‖ data)`.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    Hash::of(&[&[0], data])
}

/// `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[1], &left.0, &right.0])
}

/// The growing tree: keeps one hash per full subtree, at most 64.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the full subtrees, largest first: one per set bit of `size`.
    peaks: Vec<Hash>,
}

impl Tree {
    /// Leaves so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each trailing one bit of the old size is a full subtree that the new leaf completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root; of the empty tree it is SHA-256 of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Hash::of(&[]) };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// Root over leaf hashes.
#[must_use]
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    leaves.iter().for_each(|l| tree.push(*l));
    tree.root()
}

/// The largest power of two smaller than `n`, for `n` ≥ 2.
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

/// Proof that leaf `index` is in the tree over `leaves`; from the leaf's sibling upwards.
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Result<Vec<Hash>, ProofError> {
    path_of(leaves.len(), index, |from, to| root_of(&leaves[from..to]))
}

/// The roots beside the way from the root of `size` leaves down to leaf `index`, from the leaf upwards.
fn path_of(size: usize, index: usize, root: impl Fn(usize, usize) -> Hash) -> Result<Vec<Hash>, ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange { index: index as u64, size: size as u64 });
    }
    let mut path = Vec::new();
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(root(middle, to));
            to = middle;
        } else {
            path.push(root(from, middle));
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// A whole tree with every full subtree, for many proofs: each costs a few hashes instead of one a leaf.
#[derive(Debug, Clone)]
pub struct WholeTree {
    /// `levels[k][i]` is the root over leaves `i·2^k ..(i+1)·2^k`.
    levels: Vec<Vec<Hash>>,
}

impl WholeTree {
    /// Over leaf hashes.
    #[must_use]
    pub fn over(leaves: &[Hash]) -> Self {
        let mut levels = vec![leaves.to_vec()];
        while let Some(below) = levels.last().filter(|l| l.len() > 1) {
            let (pairs, _) = below.as_chunks::<2>();
            let above = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// As [`inclusion_proof`] gives it.
    pub fn inclusion_proof(&self, index: usize) -> Result<Vec<Hash>, ProofError> {
        let size = self.levels.first().map_or(0, Vec::len);
        path_of(size, index, |from, to| self.root(from, to))
    }

    /// Root over a part that begins where a subtree of its size would.
    fn root(&self, from: usize, to: usize) -> Hash {
        let size = to - from;
        if size.is_power_of_two() {
            let level = size.trailing_zeros() as usize;
            if let Some(root) = self.levels.get(level).and_then(|l| l.get(from >> level)) {
                return *root;
            }
        }
        let middle = from + split(size);
        node_hash(&self.root(from, middle), &self.root(middle, to))
    }
}

/// Checks that `leaf` is at `index` in the tree of `size` leaves with `root`.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange { index, size });
    }
    let (mut fn_, mut sn, mut node) = (index, size - 1, *leaf);
    let mut used = 0;
    for sibling in proof {
        if sn == 0 {
            return Err(ProofError::Length { want: used, got: proof.len() });
        }
        used += 1;
        if fn_ & 1 == 1 || fn_ == sn {
            node = node_hash(sibling, &node);
            // A right edge without a partner climbs until it has one.
            while fn_ & 1 == 0 && fn_ != 0 {
                fn_ >>= 1;
                sn >>= 1;
            }
        } else {
            node = node_hash(&node, sibling);
        }
        fn_ >>= 1;
        sn >>= 1;
    }
    if sn != 0 {
        return Err(ProofError::Length { want: used + 1, got: proof.len() });
    }
    if node == *root { Ok(()) } else { Err(ProofError::Mismatch) }
}

/// Proof that the tree over the first `old` leaves is a prefix of the tree over all `leaves`.
pub fn consistency_proof(leaves: &[Hash], old: usize) -> Result<Vec<Hash>, ProofError> {
    if old > leaves.len() {
        return Err(ProofError::OutOfRange { index: old as u64, size: leaves.len() as u64 });
    }
    if old == 0 || old == leaves.len() {
        return Ok(Vec::new());
    }
    let mut path = Vec::new();
    let (mut part, mut m, mut whole) = (leaves, old, true);
    while m < part.len() {
        let (left, right) = part.split_at(split(part.len()));
        if m <= left.len() {
            path.push(root_of(right));
            part = left;
        } else {
            path.push(root_of(left));
            m -= left.len();
            part = right;
            whole = false;
        }
    }
    // The old root itself is known to the one who checks, unless the old tree ends inside a right branch.
    if !whole {
        path.push(root_of(part));
    }
    path.reverse();
    Ok(path)
}

/// Checks that the tree `(old_size, old_root)` is a prefix of `(size, root)`.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > size {
        return Err(ProofError::OutOfRange { index: old_size, size });
    }
    if old_size == size || old_size == 0 {
        return match (proof.len(), old_size == 0 || old_root == root) {
            (0, true) => Ok(()),
            (0, false) => Err(ProofError::Mismatch),
            (got, _) => Err(ProofError::Length { want: 0, got }),
        };
    }
    let mut proof_hashes = proof.iter();
    let first = if old_size.is_power_of_two() { Some(old_root) } else { proof_hashes.next() };
    let Some(first) = first else { return Err(ProofError::Length { want: 1, got: 0 }) };
    let shift = (old_size - 1).trailing_ones();
    let (mut fn_, mut sn) = ((old_size - 1) >> shift, (size - 1) >> shift);
    let (mut fr, mut sr) = (*first, *first);
    for sibling in proof_hashes {
        if sn == 0 {
            return Err(ProofError::Length { want: proof.len() - 1, got: proof.len() });
        }
        if fn_ & 1 == 1 || fn_ == sn {
            fr = node_hash(sibling, &fr);
            sr = node_hash(sibling, &sr);
            while fn_ & 1 == 0 && fn_ != 0 {
                fn_ >>= 1;
                sn >>= 1;
            }
        } else {
            sr = node_hash(&sr, sibling);
        }
        fn_ >>= 1;
        sn >>= 1;
    }
    if sn != 0 {
        return Err(ProofError::Length { want: proof.len() + 1, got: proof.len() });
    }
    if fr == *old_root && sr == *root { Ok(()) } else { Err(ProofError::Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The eight leaves and roots every implementation of RFC 6962 is checked with.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn known() -> Vec<Hash> {
        LEAVES.iter().map(|l| leaf_hash(&hex::decode(l).expect("hex in this file"))).collect()
    }

    fn leaves(n: usize) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&(i as u64).to_le_bytes())).collect()
    }

    /// The definition of RFC 6962 §2.1, word for word.
    fn plain_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::of(&[]),
            [one] => *one,
            more => {
                let k = split(more.len());
                node_hash(&plain_root(&more[..k]), &plain_root(&more[k..]))
            }
        }
    }

    #[test]
    fn roots_are_the_known_ones() {
        let leaves = known();
        for (i, root) in ROOTS.iter().enumerate() {
            assert_eq!(root_of(&leaves[..=i]).hex(), *root);
        }
        assert_eq!(root_of(&[]).hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn the_growing_root_is_the_root_by_definition() {
        let all = leaves(130);
        let mut tree = Tree::default();
        for n in 0..=all.len() {
            assert_eq!(tree.root(), plain_root(&all[..n]), "size {n}");
            if let Some(leaf) = all.get(n) {
                tree.push(*leaf);
            }
        }
    }

    #[test]
    fn every_inclusion_proof_up_to_130_holds_and_no_altered_one_does() {
        let all = leaves(131);
        for size in 1..=130 {
            let root = plain_root(&all[..size]);
            let whole = WholeTree::over(&all[..size]);
            assert!(whole.inclusion_proof(size).is_err());
            for index in 0..size {
                let proof = inclusion_proof(&all[..size], index).expect("index is within");
                let (i, n) = (index as u64, size as u64);
                assert_eq!(verify_inclusion(&all[index], i, n, &proof, &root), Ok(()), "{index} of {size}");
                assert_eq!(whole.inclusion_proof(index), Ok(proof.clone()), "{index} of {size}");
                assert!(verify_inclusion(&all[130], i, n, &proof, &root).is_err());
                assert!(verify_inclusion(&all[index], n, n, &proof, &root).is_err());
                if size > 1 {
                    assert!(verify_inclusion(&all[index], (i + 1) % n, n, &proof, &root).is_err());
                    assert!(verify_inclusion(&all[index], i, n, &proof[1..], &root).is_err());
                }
                let mut longer = proof.clone();
                longer.push(root);
                assert!(verify_inclusion(&all[index], i, n, &longer, &root).is_err());
            }
        }
    }

    #[test]
    fn every_consistency_proof_up_to_130_holds_and_no_altered_one_does() {
        let all = leaves(130);
        for size in 1..=130 {
            let root = plain_root(&all[..size]);
            for old in 0..=size {
                let old_root = plain_root(&all[..old]);
                let proof = consistency_proof(&all[..size], old).expect("old is within");
                let (m, n) = (old as u64, size as u64);
                assert_eq!(verify_consistency(m, &old_root, n, &root, &proof), Ok(()), "{old} of {size}");
                if old > 0 {
                    assert!(verify_consistency(m, &Hash([7; 32]), n, &root, &proof).is_err());
                }
                if old > 0 && old < size {
                    assert!(verify_consistency(m, &old_root, n, &Hash([7; 32]), &proof).is_err());
                    assert!(verify_consistency(m, &old_root, n, &root, &proof[1..]).is_err());
                    let mut other = proof.clone();
                    other[0] = Hash([9; 32]);
                    assert!(verify_consistency(m, &old_root, n, &root, &other).is_err());
                }
            }
        }
    }
}
