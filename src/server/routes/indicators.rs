//! The six indicators, monthly.

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{Response, StatusCode};
use media::clock::utc_now;
use registry::{Figure, IndicatorSettings, Month, figures_csv};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Refusal, Shared};
use crate::web;

/// Months of a plot.
const MONTHS_MAX: u16 = 36;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Asked {
    /// The last month; without it, the one that is going on.
    month: Option<Month>,
    /// How many months, up to 36; the CSV has one.
    #[serde(default = "a_year")]
    months: u16,
}

fn a_year() -> u16 {
    12
}

/// `GET /admin/api/indicators?month=2026-03&months=12`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Indicators {
    month: Month,
    settings: IndicatorSettings,
    /// What is wrong with the settings file; then the defaults hold.
    fault: Option<String>,
    /// By month, then by indicator; cases are listed for the asked month alone.
    figures: Vec<Figure>,
}

pub(super) async fn figures(
    State(services): Shared,
    Query(asked): Query<Asked>,
) -> Result<Json<Indicators>, Refusal> {
    let month = asked.month.unwrap_or_else(|| Month::at(utc_now()));
    let (settings, fault) = services.room.indicator_settings().await?;
    let months = month.back(asked.months.clamp(1, MONTHS_MAX));
    let mut figures = services.room.figures(&settings, &months).await?;
    figures.iter_mut().filter(|f| f.month != month).for_each(|f| f.cases.clear());
    Ok(Json(Indicators { month, settings, fault, figures }))
}

/// `GET /admin/api/indicators.csv?month=2026-03`: the figures of a month with their cases, for a spreadsheet.
pub(super) async fn csv(
    State(services): Shared,
    Query(asked): Query<Asked>,
) -> Result<Response<Body>, Refusal> {
    let month = asked.month.unwrap_or_else(|| Month::at(utc_now()));
    let (settings, _) = services.room.indicator_settings().await?;
    let figures = services.room.figures(&settings, &[month]).await?;
    let text = figures_csv(&figures).into_bytes();
    Ok(web::answer(StatusCode::OK, "text/csv; charset=utf-8", "no-store", text))
}
