//! Notes, keys, checkpoints and proofs as strangers hand them in: what is accepted is what was signed.

use crate::{
    Checkpoint, Ed25519Signer, Hash, Signer as _, TlogProof, Tree, VerifyingKey, inclusion_proof, leaf_hash,
    open_note, sign_note, verify_consistency, verify_inclusion,
};

const ORIGIN: &str = "huiting.test/h1";

fn signer() -> Ed25519Signer {
    Ed25519Signer::new(ORIGIN, &[3; 32]).expect("a good name")
}

fn tree(size: u8) -> (Vec<Hash>, Tree) {
    let leaves: Vec<Hash> = (0..size).map(|i| leaf_hash(&[i])).collect();
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    (leaves, tree)
}

#[test]
fn hostile_bytes_in_a_note_never_make_another_text_count_as_signed() {
    let signer = signer();
    let stranger = Ed25519Signer::new("else.test", &[4; 32]).expect("a good name");
    let (_, tree) = tree(11);
    let checkpoint = Checkpoint::of(ORIGIN, &tree);
    let note = checkpoint.sign(&signer).expect("a software key");
    let witnessed = format!(
        "{note}{}",
        sign_note(&checkpoint.text(), &stranger).expect("signed").rsplit_once("\n\n").expect("a note").1
    );
    let plain = sign_note("法庭\n\n第二段\n", &signer).expect("signed");
    hostile::attack_text("note", &[note, witnessed, plain], 6_000, |note| {
        match open_note(note, signer.key()) {
            Ok(text) => assert!(text == checkpoint.text() || text == "法庭\n\n第二段\n", "{text:?}"),
            Err(refusal) => hostile::sentence(&refusal),
        }
        match Checkpoint::open(note, signer.key()) {
            Ok(opened) => assert_eq!(opened, checkpoint),
            Err(refusal) => hostile::sentence(&refusal),
        }
        if let Ok(read) = Checkpoint::read_unverified(note) {
            assert_eq!(Checkpoint::parse(&read.text()), Ok(read));
        }
    });
}

#[test]
fn hostile_bytes_in_a_key_are_refused_or_a_key_of_their_own() {
    let samples = [
        signer().key().text(),
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n".to_owned(),
    ];
    hostile::attack_text("key", &samples, 6_000, |text| match VerifyingKey::parse(text) {
        Ok(key) => {
            assert_eq!(key.text(), text.trim());
            assert!(samples.iter().any(|s| s.trim() == text.trim()), "the id binds name and key: {text}");
        }
        Err(refusal) => hostile::sentence(&refusal),
    });
}

#[test]
fn hostile_bytes_in_a_proof_prove_nothing_but_what_was_logged() {
    let signer = signer();
    let (leaves, tree) = tree(13);
    let note = Checkpoint::of(ORIGIN, &tree).sign(&signer).expect("a software key");
    let proofs: Vec<String> = [0u8, 6, 12]
        .map(|i| TlogProof::of(&leaves, i.into(), &note, vec![i; 4]).expect("covered").text())
        .into();
    hostile::attack_text("proof", &proofs, 4_000, |text| match TlogProof::parse(text) {
        Ok(proof) => {
            for leaf in 0..13u8 {
                match proof.verify(&[leaf], signer.key()) {
                    Ok(checkpoint) => assert_eq!((proof.index, checkpoint.size), (leaf.into(), 13)),
                    Err(refusal) => hostile::sentence(&refusal),
                }
            }
        }
        Err(refusal) => hostile::sentence(&refusal),
    });
}

#[test]
fn hostile_numbers_in_a_proof_lead_to_no_root() {
    let (leaves, tree) = tree(13);
    let proof = inclusion_proof(&leaves, 5).expect("there");
    let sample: Vec<u8> = [5u64.to_le_bytes(), 13u64.to_le_bytes()]
        .concat()
        .into_iter()
        .chain(proof.iter().flat_map(|h| h.0))
        .collect();
    hostile::attack("numbers", &[sample], 20_000, |bytes| {
        let number =
            |at: usize| bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
        let (index, size) = (number(0), number(8));
        let given: Vec<Hash> =
            bytes.get(16..).unwrap_or_default().as_chunks().0.iter().map(|h| Hash(*h)).collect();
        if verify_inclusion(&leaves[5], index, size, &given, &tree.root()).is_ok() {
            // The root does not bind the size; a signed checkpoint binds both.
            assert_eq!(given, proof);
        }
        if verify_consistency(index, &leaves[0], size, &tree.root(), &given).is_ok() {
            assert_eq!(index, 0, "an empty tree is the beginning of every tree; this is none");
        }
    });
}
