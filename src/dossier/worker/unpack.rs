//! ZIP archives: their files one by one, by names in UTF-8 or GBK.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use protocol::link::pages::Unpacked;
use zip::ZipArchive;

use super::Unreadable;

/// An archive with more files is refused.
const FILES_MAX: usize = 5_000;
/// What an archive may unpack to, in bytes.
const BYTES_MAX: u64 = 16 << 30;
/// What systems put into archives by themselves.
const CHAFF: [&str; 4] = ["__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini"];

/// Unpacks the files of an archive into a folder, each under its number. What cannot be unpacked is named with the reason.
pub(super) fn unpack(file: &Path, into: &Path) -> Result<Vec<Unpacked>, Unreadable> {
    let broken = |_| Unreadable::new("压缩包已损坏，无法打开，请重新打包");
    let opened = File::open(file).map_err(|e| Unreadable::new(format!("文件无法读取（{e}）")))?;
    let mut archive = ZipArchive::new(opened).map_err(broken)?;
    if archive.len() > FILES_MAX {
        return Err(Unreadable::new(format!(
            "压缩包内有{}个文件，超过{FILES_MAX}个，请分开打包",
            archive.len()
        )));
    }
    let mut left = BYTES_MAX;
    let mut files = Vec::new();
    for number in 0..archive.len() {
        let mut entry = match archive.by_index(number) {
            Ok(entry) => entry,
            Err(error) => {
                let sentence = match error {
                    zip::result::ZipError::UnsupportedArchive(_) => {
                        "压缩包内的文件设有密码或压缩方式不受支持，请解开后提交"
                    }
                    _ => "压缩包内的文件已损坏",
                };
                files.push(Unpacked {
                    name: format!("第{}个文件", number + 1),
                    refused: Some(sentence.to_owned()),
                });
                continue;
            }
        };
        let name = name_of(entry.name_raw());
        if name.ends_with('/') || CHAFF.iter().any(|c| name.contains(c)) {
            files.push(Unpacked { name: String::new(), refused: None });
            continue;
        }
        let refused = match write(&mut entry, &into.join(number.to_string()), left) {
            Ok(n) => {
                left -= n;
                None
            }
            Err(error) => Some(format!("无法解开（{error}）")),
        };
        files.push(Unpacked { name, refused });
    }
    Ok(files)
}

/// Bytes written; what is said of its length in the archive is not believed.
fn write(entry: &mut impl Read, path: &Path, left: u64) -> io::Result<u64> {
    let written = io::copy(&mut entry.take(left), &mut File::create(path)?)?;
    if written == left {
        return Err(io::Error::other("压缩包解开后过大，请分开打包"));
    }
    Ok(written)
}

/// A name as it was typed: UTF-8, or GBK as older programs on Chinese systems write it, without saying which.
fn name_of(raw: &[u8]) -> String {
    let (gbk, _, wrong) = encoding_rs::GB18030.decode(raw);
    let name = match std::str::from_utf8(raw) {
        // The bytes of a few short words are well-formed in both: what reads as words is meant.
        Ok(name) if !wrong && !plain(name) && plain(&gbk) => gbk.into_owned(),
        Ok(name) => name.to_owned(),
        Err(_) => gbk.into_owned(),
    };
    name.replace('\\', "/")
}

fn plain(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii() || text::is_hanzi(c) || "（）《》【】、，。；：“”—－·".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_either_coding() {
        for name in ["证据/借款合同.pdf", "联通.pdf", "a.pdf", "原告证据（一）.jpg"] {
            let (gbk, _, _) = encoding_rs::GBK.encode(name);
            assert_eq!(name_of(&gbk), name);
            assert_eq!(name_of(name.as_bytes()), name);
        }
        assert_eq!(name_of(b"a\\b.pdf"), "a/b.pdf");
    }
}
