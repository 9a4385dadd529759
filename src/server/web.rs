//! The web that travels inside the binary.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>慧庭</title>\
    <p>界面尚未构建：请运行 <code>make web</code> 后重新编译。 The screens are not built: run <code>make web</code> and build again.";

/// The page every screen starts from.
pub(crate) fn index() -> Response<Body> {
    match Dist::get("index.html") {
        Some(file) => page(StatusCode::OK, file.data.into_owned()),
        None => page(StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT.into()),
    }
}

/// A page of ours with one sentence (a used code, say).
pub(crate) fn sentence(status: StatusCode, zh: &str, en: &str) -> Response<Body> {
    let escape = |s: &str| s.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let html = format!(
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>慧庭</title><style>{SENTENCE_STYLE}</style><body><main><h1>慧庭</h1><p>{}</p><p lang=en>{}</p></main></body></html>",
        escape(zh),
        escape(en)
    );
    page(status, html.into_bytes())
}

/// A page of ours that goes on to another.
pub(crate) fn go_on(path: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><meta http-equiv=refresh content=\"0;url={path}\"><title>慧庭</title>\
         <style>{SENTENCE_STYLE}</style><body><main><p><a href=\"{path}\">继续 Continue</a></p></main></body></html>"
    );
    page(StatusCode::OK, html.into_bytes())
}

/// As the screens look, in light and dark; nothing is loaded for it.
const SENTENCE_STYLE: &str = "\
    :root{color-scheme:light dark}\
    body{display:grid;place-content:center;min-height:100vh;margin:0;font:1.125rem/1.7 system-ui,'Noto Sans CJK SC',sans-serif}\
    main{max-width:34rem;padding:2rem;text-align:center}\
    h1{margin:0 0 1rem;font-size:2rem;letter-spacing:.1em}\
    p{margin:0 0 .75rem}[lang=en]{opacity:.75;font-size:1rem}";

fn page(status: StatusCode, html: Vec<u8>) -> Response<Body> {
    answer(status, "text/html; charset=utf-8", "no-store", html)
}

/// A file of the web's build; names carry their hash, so that they never change.
pub(crate) fn asset(path: &str) -> Option<Response<Body>> {
    let file = Dist::get(path)?;
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    Some(answer(StatusCode::OK, media_type(path), cache, file.data.into_owned()))
}

pub(crate) fn answer(status: StatusCode, media_type: &str, cache: &str, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, cache)] {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    response
}

pub(crate) fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "json" => "application/json",
        "woff2" => "font/woff2",
        "m3u8" => "application/vnd.apple.mpegurl",
        "m4s" | "mp4" => "video/mp4",
        "vtt" => "text/vtt; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "pdf" => "application/pdf",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/octet-stream",
    }
}
