//! The parts of the file besides body, head and foot.

use std::fmt::Write as _;

use super::twips;
use crate::legible::escape;
use crate::paper::Paper;

pub(super) const CONTENT_TYPES: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">",
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
    "<Default Extension=\"xml\" ContentType=\"application/xml\"/>",
    "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>",
    "<Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>",
    "<Override PartName=\"/word/settings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml\"/>",
    "<Override PartName=\"/word/fontTable.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml\"/>",
    "<Override PartName=\"/word/header1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/>",
    "<Override PartName=\"/word/header2.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/>",
    "<Override PartName=\"/word/footer1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>",
    "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>",
    "</Types>"
);

pub(super) const RELATIONS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>",
    "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>",
    "</Relationships>"
);

pub(super) const DOCUMENT_RELATIONS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/>",
    "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings\" Target=\"settings.xml\"/>",
    "<Relationship Id=\"rId3\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/fontTable\" Target=\"fontTable.xml\"/>",
    "<Relationship Id=\"rId4\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/header\" Target=\"header1.xml\"/>",
    "<Relationship Id=\"rId5\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/header\" Target=\"header2.xml\"/>",
    "<Relationship Id=\"rId6\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer1.xml\"/>",
    "</Relationships>"
);

pub(super) const SETTINGS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">",
    "<w:zoom w:percent=\"100\"/><w:defaultTabStop w:val=\"420\"/>",
    "<w:characterSpacingControl w:val=\"compressPunctuation\"/>",
    "<w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>",
    "<w:themeFontLang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:settings>"
);

/// The fonts of Chinese courts, by both their names.
pub(super) const FONTS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<w:fonts xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">",
    "<w:font w:name=\"仿宋\"><w:altName w:val=\"FangSong\"/><w:charset w:val=\"86\"/><w:family w:val=\"modern\"/><w:pitch w:val=\"fixed\"/></w:font>",
    "<w:font w:name=\"宋体\"><w:altName w:val=\"SimSun\"/><w:charset w:val=\"86\"/><w:family w:val=\"roman\"/><w:pitch w:val=\"variable\"/></w:font>",
    "<w:font w:name=\"黑体\"><w:altName w:val=\"SimHei\"/><w:charset w:val=\"86\"/><w:family w:val=\"modern\"/><w:pitch w:val=\"fixed\"/></w:font>",
    "<w:font w:name=\"Times New Roman\"><w:charset w:val=\"00\"/><w:family w:val=\"roman\"/><w:pitch w:val=\"variable\"/></w:font>",
    "</w:fonts>"
);

pub(super) fn properties(paper: &Paper) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>\
         <dc:language>zh-CN</dc:language></cp:coreProperties>",
        escape(&paper.title),
        escape(&paper.court)
    )
}

/// A paragraph style: id, name, properties of the paragraph and of its letters.
struct Style(&'static str, &'static str, String, String);

/// `word/styles.xml` for a body of `size` points.
pub(super) fn styles(size: f32) -> String {
    let exact = |pt: f32| format!("w:line=\"{}\" w:lineRule=\"exact\"", twips(pt));
    let leading = (size * 1.8).round();
    let body = format!("<w:spacing {}/>", exact(leading));
    let cell = (size - 1.5).max(9.0);
    let sign = size.min(14.0);
    let justify = "<w:jc w:val=\"both\"/>";
    let indent = format!("<w:ind w:firstLineChars=\"200\" w:firstLine=\"{}\"/>", twips(size * 2.0));
    let bottom = "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"6\" w:space=\"1\" w:color=\"auto\"/></w:pBdr>";
    let list = [
        Style(
            "Court",
            "法院",
            format!("<w:spacing w:after=\"60\" {}/><w:jc w:val=\"center\"/>", exact(32.0)),
            title_font(20.0, 20),
        ),
        Style(
            "Title",
            "标题",
            format!("<w:spacing w:after=\"180\" {}/><w:jc w:val=\"center\"/>", exact(38.0)),
            title_font(22.0, 130),
        ),
        Style(
            "Centred",
            "居中",
            format!("<w:spacing w:after=\"100\" {}/><w:jc w:val=\"center\"/>", exact(leading)),
            String::new(),
        ),
        Style(
            "Heading",
            "小标题",
            format!("<w:keepNext/><w:spacing w:before=\"120\" {}/>", exact(leading)),
            bold_font(),
        ),
        Style("Paragraph", "段", format!("{body}{indent}{justify}"), String::new()),
        Style("Flush", "顶格", format!("{body}{justify}"), String::new()),
        Style("Right", "右", format!("{body}<w:jc w:val=\"right\"/>"), String::new()),
        Style("Labelled", "项与言", format!("{body}{justify}"), String::new()),
        Style("Note", "注", format!("<w:spacing w:before=\"120\" {}/>{justify}", exact(17.0)), letters(10.5)),
        Style(
            "Sign",
            "签名",
            format!("<w:keepLines/><w:spacing w:before=\"160\" {}/>", exact(leading)),
            letters(sign),
        ),
        Style("Rule", "线", format!("{bottom}<w:spacing w:after=\"120\" {}/>", exact(8.0)), letters(4.0)),
        Style("Cell", "表格", format!("<w:spacing {}/>", exact(cell * 1.5)), letters(cell)),
        Style(
            "CellHead",
            "表头",
            format!("<w:spacing {}/><w:jc w:val=\"center\"/>", exact(cell * 1.5)),
            format!("<w:b/>{}", letters(cell)),
        ),
        Style("Edge", "页边", format!("<w:spacing {}/>", exact(14.0)), letters(9.0)),
        Style("EdgeSign", "每页签名", format!("<w:spacing w:after=\"120\" {}/>", exact(20.0)), letters(10.5)),
        Style("Hash", "校验值", format!("<w:spacing {}/>", exact(10.0)), letters(7.0)),
    ];
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:docDefaults><w:rPrDefault><w:rPr>\
         <w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"仿宋\" w:cs=\"Times New Roman\"/>\
         <w:kern w:val=\"0\"/>{}<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\" w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault/></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>\
         <w:style w:type=\"table\" w:styleId=\"Grid\"><w:name w:val=\"Table Grid\"/><w:tblPr><w:tblBorders>{}</w:tblBorders>\
         <w:tblCellMar><w:left w:w=\"80\" w:type=\"dxa\"/><w:right w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>",
        letters(size),
        ["top", "left", "bottom", "right", "insideH", "insideV"]
            .map(|edge| format!("<w:{edge} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"auto\"/>"))
            .concat()
    );
    for Style(id, name, paragraph, run) in list {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>\
             <w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        );
    }
    out.push_str("</w:styles>");
    out
}

/// Size of letters, in half points.
fn letters(pt: f32) -> String {
    let half = (pt * 2.0).round();
    format!("<w:sz w:val=\"{half}\"/><w:szCs w:val=\"{half}\"/>")
}

/// 宋体 bold, letters apart by `spacing` twips.
fn title_font(pt: f32, spacing: u32) -> String {
    format!("<w:rFonts w:eastAsia=\"宋体\"/><w:b/><w:spacing w:val=\"{spacing}\"/>{}", letters(pt))
}

fn bold_font() -> String {
    "<w:rFonts w:eastAsia=\"黑体\"/><w:b/>".to_owned()
}
