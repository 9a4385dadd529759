//! The four properties of an electronic file.

use std::collections::BTreeSet;

use court::{Stage, State};
use record::JournalReader;
use registry::SECONDARY;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArchiveHearing, ArchiveInput, ArchivePiece};
use crate::fold;
use crate::package::sha256_hex;

/// A property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PropertyName {
    /// 真实: journals and signatures verify, records are sealed.
    Authentic,
    /// 完整: nothing is missing, no gap of a recording is unexplained.
    Complete,
    /// 可用: every file opens and its pages can be read and found.
    Usable,
    /// 安全: 正卷 and 副卷 are apart, and it is said how long the file is kept.
    Safe,
}

/// Whether a property holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Property {
    /// Which.
    pub name: PropertyName,
    /// Whether it does.
    pub ok: bool,
    /// What is wrong, and what to do; empty if it holds.
    pub sentences: Vec<String>,
}

impl Property {
    fn of(name: PropertyName, sentences: Vec<String>) -> Self {
        Self { name, ok: sentences.is_empty(), sentences }
    }
}

/// Checks all four. Reads the journals and the originals.
#[must_use]
pub fn check(input: &ArchiveInput<'_>) -> Vec<Property> {
    let (mut authentic, mut complete) = (Vec::new(), Vec::new());
    for hearing in input.hearings {
        match journal(input, hearing) {
            Ok(state) => {
                authentic.extend(unsealed(hearing, &state));
                complete.extend(gaps(hearing, &state));
            }
            Err(sentence) => authentic.push(sentence),
        }
    }
    let reasons = |heading: &str| input.explained.get(heading).is_some_and(|r| !r.trim().is_empty());
    for piece in input.missing.iter().filter(|p| !reasons(&p.heading)) {
        let file = if piece.secondary { "副卷" } else { "正卷" };
        complete.push(format!("{file}缺“{}”：请补充材料，或者写明没有的原因", piece.heading));
    }
    if input.main.is_empty() {
        complete.push("正卷没有材料：请先收入材料".to_owned());
    }
    let usable = input.main.iter().chain(input.secondary).flat_map(opens).collect();
    vec![
        Property::of(PropertyName::Authentic, authentic),
        Property::of(PropertyName::Complete, complete),
        Property::of(PropertyName::Usable, usable),
        Property::of(PropertyName::Safe, apart(input)),
    ]
}

/// The state of a hearing whose journal is whole and signed.
fn journal(input: &ArchiveInput<'_>, hearing: &ArchiveHearing) -> Result<State, String> {
    let id = &hearing.id;
    let signer = (input.signer_of)(id)?;
    let read = JournalReader::read(&hearing.dir.join("journal"), Some(proof::Signer::key(&signer)))
        .map_err(|e| format!("庭审{id}的日志无法读取（{e}）：请检查磁盘"))?;
    if let Some(fault) = read.faults.first() {
        return Err(format!("庭审{id}的日志与签名不符（{}）：请用 huiting verify 查明", fault.what));
    }
    fold(&read.entries).map_err(|e| format!("庭审{id}的日志无法读取：{e}"))
}

fn unsealed(hearing: &ArchiveHearing, state: &State) -> Option<String> {
    let id = &hearing.id;
    match state.stage {
        Stage::Sealed if state.media_sealed => None,
        Stage::Sealed => Some(format!("庭审{id}的录音录像还没有封存：请等待文件关闭")),
        Stage::Closed => Some(format!("庭审{id}的笔录还没有封存：请完成核对、签字并封存")),
        _ => Some(format!("庭审{id}还没有闭庭：请先闭庭")),
    }
}

fn gaps(hearing: &ArchiveHearing, state: &State) -> Vec<String> {
    let sentence =
        |n: u32| format!("庭审{}的录制中断{n}还没有说明或复核：请填写情况说明并由审判长复核", hearing.id);
    state.unsettled_gaps().map(|g| sentence(g.id.0)).collect()
}

fn opens(piece: &ArchivePiece) -> Vec<String> {
    let name = format!("“{} {}”", piece.held.heading, piece.held.title);
    let mut found: Vec<_> = piece.unread.iter().map(|why| format!("{name}{why}：请重新扫描后收入")).collect();
    match std::fs::read(&piece.file) {
        Ok(bytes) if sha256_hex(&bytes) == piece.sha256 => {}
        Ok(_) => found.push(format!("{name}的文件与收入时不同：请从备份恢复")),
        Err(e) => found.push(format!("{name}的文件打不开（{e}）：请从备份恢复")),
    }
    let waiting = piece.held.pages.saturating_sub(piece.pages_read + piece.unread.len() as u32);
    if waiting > 0 {
        found.push(format!("{name}还有{waiting}页没有识别文字：请等待识别完成"));
    }
    found
}

fn apart(input: &ArchiveInput<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if input.retention.is_none() {
        found.push("没有选择保管期限：请选择永久、长期或短期".to_owned());
    }
    let secret: BTreeSet<_> = input.secondary.iter().map(|p| p.sha256.as_str()).collect();
    for piece in input.main {
        let name = format!("“{} {}”", piece.held.heading, piece.held.title);
        // 其他 is a word of the secondary file only there.
        if piece.held.heading != "其他" && SECONDARY.contains(&piece.held.heading.as_str()) {
            found.push(format!("{name}属于副卷而在正卷中：请移入副卷"));
        }
        if secret.contains(piece.sha256.as_str()) {
            found.push(format!("{name}同时在正卷和副卷中：请只留一处"));
        }
    }
    found
}
