//! Head and foot of every page.

use super::PageSize;
use super::body::{TAB, run, tab};
use crate::paper::{DATE, Margins};

const SPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// `running` left, `marking` right; a rule below if there is anything.
pub(super) fn header(running: &str, marking: &str, page: &PageSize) -> String {
    let rule = if running.is_empty() && marking.is_empty() {
        ""
    } else {
        "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"4\" w:color=\"auto\"/></w:pBdr>"
    };
    let tab = tab("right", "none", page.room());
    format!(
        "{DECLARATION}<w:hdr {SPACES}><w:p><w:pPr><w:pStyle w:val=\"Edge\"/>{rule}{tab}</w:pPr>{}{TAB}{}</w:p></w:hdr>",
        run(running, false),
        run(marking, false)
    )
}

pub(super) fn footer(margins: &Margins, page: &PageSize) -> String {
    let mut out = format!("{DECLARATION}<w:ftr {SPACES}>");
    if margins.sign_each_page {
        let tab = tab("left", "underscore", page.room() - 3400);
        out.push_str(&format!(
            "<w:p><w:pPr><w:pStyle w:val=\"EdgeSign\"/>{tab}</w:pPr>{}{TAB}{}</w:p>",
            run("签名（捺印）：", false),
            run(&format!("　日期：{DATE}"), false)
        ));
    }
    for line in &margins.foot {
        out.push_str(&format!("<w:p><w:pPr><w:pStyle w:val=\"Hash\"/></w:pPr>{}</w:p>", run(line, false)));
    }
    out.push_str(&format!(
        "<w:p><w:pPr><w:pStyle w:val=\"Edge\"/><w:jc w:val=\"center\"/></w:pPr>{}{}{}{}{}</w:p></w:ftr>",
        run("第 ", false),
        field("PAGE"),
        run(" 页　共 ", false),
        field("NUMPAGES"),
        run(" 页", false)
    ));
    out
}

fn field(name: &str) -> String {
    format!("<w:fldSimple w:instr=\" {name} \"><w:r><w:t>1</w:t></w:r></w:fldSimple>")
}
