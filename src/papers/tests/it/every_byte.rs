//! Every byte of every file of a small package changed: both verifiers find it and name the file.

use std::fs;
use std::io::Write as _;
use std::process::{Command as Program, Stdio};

use hostile::Chance;

use crate::support::{Packed, files};

/// Bytes of a file of which every one is tried in an ordinary run; of longer ones as many are drawn. `HUITING_FUZZ` tries every byte of all.
const EACH_MAX: usize = 5;

/// Which bytes of a file are changed: its first and last ones, and some between.
fn places(len: usize, chance: &mut Chance) -> Vec<usize> {
    if std::env::var_os("HUITING_FUZZ").is_some() || len <= EACH_MAX {
        return (0..len).collect();
    }
    let mut places = vec![0, 1, len - 2, len - 1];
    places.extend((0..EACH_MAX - 4).map(|_| chance.below(len)));
    places
}

#[test]
fn any_changed_byte_of_any_file_is_found_and_the_file_is_named() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    let (mut chance, mut tried) = (Chance::of(1), 0);
    for file in files(&root) {
        let whole = fs::read(root.join(&file)).unwrap();
        for at in places(whole.len(), &mut chance) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << chance.below(8);
            fs::write(root.join(&file), changed).unwrap();
            let report = papers::verify(&root).unwrap();
            assert!(
                !report.ok && report.findings.iter().any(|f| f.file == file),
                "byte {at} of {file}: {report}"
            );
            report.findings.iter().for_each(hostile::sentence);
            tried += 1;
        }
        // A byte less, a byte more.
        for changed in [whole[..whole.len() - 1].to_vec(), [&whole[..], b"\n"].concat()] {
            fs::write(root.join(&file), changed).unwrap();
            let report = papers::verify(&root).unwrap();
            assert!(
                !report.ok && report.findings.iter().any(|f| f.file == file),
                "the end of {file}: {report}"
            );
        }
        fs::write(root.join(&file), whole).unwrap();
    }
    assert!(papers::verify(&root).unwrap().ok, "everything was put back");
    println!("{tried} changed bytes");
}

/// A journal is small and every byte of it says something: all of them are changed.
#[test]
fn every_changed_byte_of_the_journal_is_found_and_its_segment_named() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    let mut tried = 0;
    for file in files(&root).iter().filter(|f| f.ends_with(".seg")) {
        let whole = fs::read(root.join(file)).unwrap();
        let step = if std::env::var_os("HUITING_FUZZ").is_some() { 1 } else { 307 };
        for at in (0..whole.len()).step_by(step) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(root.join(file), changed).unwrap();
            let report = papers::verify(&root).unwrap();
            let named = report.findings.iter().find(|f| f.file == *file && f.detail.starts_with("byte "));
            assert!(named.is_some(), "byte {at} of {file}: {report}");
            tried += 1;
        }
        fs::write(root.join(file), whole).unwrap();
    }
    println!("{tried} changed bytes of segments");
    assert!(tried > 30);
}

/// Takes lines of file, byte, bit, and says for each whether it named the file: one Python process for all.
const PYTHON: &str = r#"
import contextlib, importlib.util, io, os, sys
sys.dont_write_bytecode = True
script, root = sys.argv[1], sys.argv[2]
spec = importlib.util.spec_from_file_location("verify", script)
verify = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verify)
sys.argv = [script, root]
for line in sys.stdin:
    name, at, bit = line.rstrip("\n").rsplit(" ", 2)
    path = os.path.join(root, name)
    with open(path, "rb") as file:
        whole = file.read()
    with open(path, "wb") as file:
        file.write(whole[:int(at)] + bytes([whole[int(at)] ^ int(bit)]) + whole[int(at) + 1:])
    verify.findings.clear()
    with contextlib.redirect_stdout(io.StringIO()):
        status = verify.main()
    if name == "bagit.txt" or status != 1 or not any(where == name for where, _ in verify.findings):
        if status not in (1, 2) or name != "bagit.txt":
            print("%s byte %s bit %s: status %d, %s" % (name, at, bit, status, verify.findings[:3]))
    with open(path, "wb") as file:
        file.write(whole)
print("done")
"#;

#[test]
fn the_packages_own_script_agrees() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    let mut chance = Chance::of(2);
    let many = if std::env::var_os("HUITING_FUZZ").is_some() { 60 } else { 1 };
    let mut lines = String::new();
    for file in files(&root) {
        let len = fs::metadata(root.join(&file)).unwrap().len() as usize;
        let more = if file.ends_with(".seg") { 4 } else { 1 };
        for _ in 0..many * more {
            lines += &format!("{file} {} {}\n", chance.below(len), 1 << chance.below(8));
        }
    }
    let mut python = Program::new("/usr/bin/python3")
        .args(["-I", "-c", PYTHON])
        .arg(packed.root().join("verify.py"))
        .arg(&root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python 3 is there");
    python.stdin.take().expect("piped").write_all(lines.as_bytes()).expect("it reads");
    let out = python.wait_with_output().expect("it ends");
    let (said, wrong) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert_eq!(said, "done\n", "{wrong}");
    assert!(wrong.is_empty(), "{wrong}");
    println!("{} changed bytes for the script", lines.lines().count());
    assert!(papers::verify(&root).unwrap().ok, "everything was put back");
}

/// Changes a segment, makes its checksums fit, and looks: as one who knows the format.
const FITTING: &str = r#"
import contextlib, importlib.util, io, os, random, struct, sys, zlib
sys.dont_write_bytecode = True
script, root, many = sys.argv[1], sys.argv[2], int(sys.argv[3])
spec = importlib.util.spec_from_file_location("verify", script)
verify = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verify)
sys.argv = [script, root]
folder = os.path.join(root, "data", "journal")
words = [b'"at":"x"', b'"at":[[[]]]', b"null", b"\xff", b"[" * 3000, b'"kind":1', b'"kind":"fragmentWritten"', b"-1", b"9" * 400, b"\0\0\0\0"]
for seed in range(many):
    chance = random.Random(seed)
    name = chance.choice(sorted(os.listdir(folder)))
    path = os.path.join(folder, name)
    with open(path, "rb") as file:
        whole = file.read()
    data = bytearray(whole)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        if chance.random() < 0.5:
            data[at] ^= 1 << chance.randrange(8)
        else:
            word = chance.choice(words)
            data[at : at + len(word)] = word
    if len(data) >= 128:
        data[124:128] = struct.pack("<I", zlib.crc32(bytes(data[:124])))
    at = 128
    while at + 8 <= len(data):
        length = struct.unpack_from("<I", data, at)[0]
        if length == 0 or at + 8 + length > len(data):
            break
        sum = zlib.crc32(bytes(data[at + 8 : at + 8 + length]), zlib.crc32(bytes(data[at : at + 4])))
        data[at + 4 : at + 8] = struct.pack("<I", sum)
        at += 8 + length
    with open(path, "wb") as file:
        file.write(data)
    verify.findings.clear()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            status = verify.main()
        named = any(where == "data/journal/" + name for where, _ in verify.findings)
        if bytes(data) != whole and (status != 1 or not named):
            print("seed %d: status %d, %s" % (seed, status, verify.findings[:3]))
    except Exception as error:
        print("seed %d: %r" % (seed, error))
    with open(path, "wb") as file:
        file.write(whole)
print("done")
"#;

#[test]
fn hostile_bytes_in_a_segment_never_break_the_packages_own_script() {
    let packed = Packed::new();
    let (_dir, root) = packed.copy();
    let many = hostile::seeds(60).end.to_string();
    let out = Program::new("/usr/bin/python3")
        .args(["-I", "-c", FITTING])
        .arg(packed.root().join("verify.py"))
        .arg(&root)
        .arg(many)
        .output()
        .expect("Python 3 is there");
    assert_eq!(String::from_utf8_lossy(&out.stdout), "done\n", "{}", String::from_utf8_lossy(&out.stderr));
}
