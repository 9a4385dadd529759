//! Files of text processors: made into PDF by LibreOffice, where it is installed.

use std::path::Path;
use std::process::{Command, Stdio};

use super::Unreadable;

/// Makes a PDF of a file. `name` says what kind it is.
pub(super) fn convert(file: &Path, name: &str, into: &Path) -> Result<(), Unreadable> {
    let failed =
        |e: &dyn std::fmt::Display| Unreadable::new(format!("无法转为PDF（{e}），请另存为PDF后提交"));
    let folder = tempfile::tempdir().map_err(|e| failed(&e))?;
    let kind = name.rsplit_once('.').map_or("docx", |(_, ext)| ext);
    let source = folder.path().join(format!("page.{kind}"));
    std::fs::copy(file, &source).map_err(|e| failed(&e))?;
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let ran = Command::new("soffice")
        .args([profile.as_str(), "--headless", "--norestore", "--convert-to", "pdf", "--outdir"])
        .arg(folder.path())
        .arg(&source)
        .env("HOME", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match ran {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(Unreadable::new(
                "这类文件须由LibreOffice转为PDF：请在本机安装libreoffice-writer，或另存为PDF后提交",
            ));
        }
        Err(e) => return Err(failed(&e)),
        Ok(_) => {}
    }
    // It says nothing of what it could not do, but for leaving no file.
    std::fs::copy(folder.path().join("page.pdf"), into)
        .map(|_| ())
        .map_err(|_| Unreadable::new("文件已损坏或格式不受支持，无法转为PDF，请另存为PDF后提交"))
}
