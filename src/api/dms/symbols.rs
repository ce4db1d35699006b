//! What there is.

use super::error::Result;
use super::extract::{Input, Named, interval, store, symbol};
use super::time;
use crate::api::App;
use crate::bars::store::SeriesInfo;
use crate::model::bars::{BarTime, Interval};
use crate::wire::dms::{SymbolInfo, Symbols};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

pub(super) async fn list(State(app): State<App>, input: Input) -> Result<impl IntoResponse> {
    input.only(&["interval"])?;
    let only = input.text("interval")?.map(|text| interval(Some(&text))).transpose()?;
    let mut symbols: Vec<String> =
        store(&app)?.list(only).await?.into_iter().filter(|s| s.bars > 0).map(|s| s.symbol.to_string()).collect();
    symbols.dedup();
    Ok(Json(Symbols { total: symbols.len(), symbols }))
}

pub(super) async fn info(State(app): State<App>, Named(name): Named, input: Input) -> Result<impl IntoResponse> {
    input.only(&["interval"])?;
    let interval = input.interval()?;
    let known = store(&app)?.info(&symbol(&name)?).await?.into_iter().find(|i| i.interval == interval);
    Ok(Json(convert(name, interval, known)))
}

fn convert(symbol: String, interval: Interval, known: Option<SeriesInfo>) -> SymbolInfo {
    let empty = SymbolInfo {
        symbol,
        interval: interval.to_string(),
        has_data: false,
        data_count: 0,
        earliest_date: None,
        latest_date: None,
        last_update: None,
    };
    let Some(known) = known else { return empty };
    let SeriesInfo { symbol: _, interval: _, version: _, changed, bars, first, last, digest: _ } = known;
    let written = |time: Option<BarTime>| {
        let mut text = String::new();
        time?.write(&mut text);
        Some(if interval.is_intraday() { text + "Z" } else { text })
    };
    SymbolInfo {
        has_data: bars > 0,
        data_count: bars,
        earliest_date: written(first),
        latest_date: written(last),
        last_update: Some(time(changed)),
        ..empty
    }
}
