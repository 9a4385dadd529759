//! What helps the clerk with the record.

use axum::Json;
use axum::extract::{Query, State};
use protocol::wire::{Alike, TermList};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AtSeat, Refusal, Shared, blocking};

/// Longer words are a sentence.
const HEARD_CHARS_MAX: usize = 40;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Heard {
    /// The words in doubt, as they stand in the record.
    text: String,
}

/// Words that the law keeps apart come first, then the terms in force and the dossier by their sound.
pub(super) async fn alike(
    State(services): Shared,
    Query(Heard { text }): Query<Heard>,
    at: AtSeat,
) -> Result<Json<Alike>, Refusal> {
    if text.chars().count() > HEARD_CHARS_MAX {
        return Err(Refusal::bad(format!("words in doubt have at most {HEARD_CHARS_MAX} characters")));
    }
    let terms = at.handle.terms().await?.into_iter().filter(|t| t.on).map(|t| t.term);
    let terms: Vec<String> = terms.collect();
    let mut words: Vec<String> = court::confused_with(&text).into_iter().map(str::to_owned).collect();
    let (pages, case) = (services.room.pages(), at.case.clone());
    let heard = text.clone();
    words.extend(blocking(move || pages.alike(&case, &heard, &terms)).await?);
    Ok(Json(Alike { text, words }))
}

/// The terms of the case.
pub(super) async fn terms(at: AtSeat) -> Result<Json<TermList>, Refusal> {
    Ok(Json(TermList { terms: at.handle.terms().await? }))
}
