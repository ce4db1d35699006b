//! A small candle chart for terminals: prices upwards, time to the right.

use crate::wire::native::bars::Bar;
use std::fmt::Write as _;

const HEIGHT: usize = 16;
/// Room for the prices at the left.
const SCALE: usize = 11;

/// One column of the chart: the bars that fall into it, together.
struct Candle {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
}

/// Returns the chart, `width` columns in all.
pub(super) fn chart(bars: &[Bar], width: usize) -> String {
    let columns = width.saturating_sub(SCALE).clamp(10, 400).min(bars.len().max(1));
    let candles = candles(bars, columns);
    let high = candles.iter().map(|c| c.high).fold(f64::MIN, f64::max);
    let low = candles.iter().map(|c| c.low).fold(f64::MAX, f64::min);
    if candles.is_empty() || !(high - low).is_finite() {
        return String::new();
    }
    let step = ((high - low) / HEIGHT as f64).max(f64::MIN_POSITIVE);
    let mut text = String::new();
    for row in 0..HEIGHT {
        let (top, bottom) = (high - step * row as f64, high - step * (row + 1) as f64);
        // Every third line has its price.
        if row % 3 == 0 || row + 1 == HEIGHT {
            let _ = write!(text, "{:>9} ┤", price(if row + 1 == HEIGHT { low } else { top }));
        } else {
            let _ = write!(text, "{:>9} │", "");
        }
        for candle in &candles {
            text.push_str(&cell(candle, top, bottom));
        }
        text.push('\n');
    }
    let day = |bar: Option<&Bar>| bar.map_or(String::new(), |b| b.time.trim_end_matches("T00:00:00").to_owned());
    let (first, last) = (day(bars.first()), day(bars.last()));
    let gap = columns.saturating_sub(first.len() + last.len()).max(1);
    let _ = writeln!(text, "{:>9} {first}{:gap$}{last}", "", "");
    text
}

fn candles(bars: &[Bar], columns: usize) -> Vec<Candle> {
    let part = |n: usize| &bars[n * bars.len() / columns..(n + 1) * bars.len() / columns];
    let together = |part: &[Bar]| {
        let (first, last) = (part.first()?, part.last()?);
        let high = part.iter().map(|b| b.high).fold(f64::MIN, f64::max);
        let low = part.iter().map(|b| b.low).fold(f64::MAX, f64::min);
        Some(Candle { open: first.open, high, low, close: last.close })
    };
    (0..columns).filter_map(|n| together(part(n))).collect()
}

/// A body where the price opened and closed, a wick where it was besides.
fn cell(candle: &Candle, top: f64, bottom: f64) -> String {
    let (upper, lower) = (candle.open.max(candle.close), candle.open.min(candle.close));
    let overlaps = |high: f64, low: f64| high >= bottom && low <= top;
    let mark = if overlaps(upper, lower) {
        '┃'
    } else if overlaps(candle.high, candle.low) {
        '│'
    } else {
        return " ".to_owned();
    };
    // Green up, red down; taken out where the stream is no terminal.
    let colour = if candle.close >= candle.open { 32 } else { 31 };
    format!("\x1b[{colour}m{mark}\x1b[0m")
}

fn price(n: f64) -> String {
    match n.abs() {
        a if a >= 100_000.0 => format!("{n:.0}"),
        a if a >= 1.0 => format!("{n:.2}"),
        _ => format!("{n:.6}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(closes: &[f64]) -> Vec<Bar> {
        let bar = |(n, c): (usize, &f64)| Bar {
            time: format!("2024-01-{:02}T00:00:00", n + 1),
            open: c - 0.5,
            high: c + 1.0,
            low: c - 1.0,
            close: *c,
            volume: 1.into(),
        };
        closes.iter().enumerate().map(bar).collect()
    }

    #[test]
    fn the_highest_is_at_the_top_and_the_lowest_at_the_bottom() {
        let text = anstream::adapter::strip_str(&chart(&bars(&[10.0, 20.0, 30.0]), 80)).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), HEIGHT + 1);
        assert!(lines[0].starts_with("    31.00 ┤  ") && lines[0].trim_end().ends_with(['│', '┃']), "{text}");
        assert!(lines[HEIGHT - 1].starts_with("     9.00 ┤"), "{text}");
        assert!(lines[HEIGHT].contains("2024-01-01") && lines[HEIGHT].contains("2024-01-03"));
    }

    #[test]
    fn any_bars_make_a_chart_that_fits() {
        assert_eq!(chart(&[], 80), "");
        for count in [1, 2, 79, 80, 1000] {
            let closes: Vec<f64> = (0..count).map(|n| 100.0 + f64::from(n % 7)).collect();
            let text = anstream::adapter::strip_str(&chart(&bars(&closes), 80)).to_string();
            assert!(text.lines().all(|l| l.chars().count() <= 81 || l.contains("2024")), "{count}");
        }
        assert!(chart(&bars(&[5.0, 5.0]), 20).lines().count() > 1);
    }
}
