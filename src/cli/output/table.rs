//! Tables: aligned for people, RFC 4180 for programs.

use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, presets::NOTHING};

/// A column; its name is upper case for people and lower case in csv.
pub(in crate::cli) struct Column {
    name: &'static str,
    wide: bool,
    right: bool,
}

impl Column {
    pub(in crate::cli) const fn new(name: &'static str) -> Self {
        Self { name, wide: false, right: false }
    }
    /// A column of figures.
    pub(in crate::cli) const fn figures(name: &'static str) -> Self {
        Self { name, wide: false, right: true }
    }
    /// A column that `table` leaves out.
    pub(in crate::cli) const fn wide(name: &'static str) -> Self {
        Self { name, wide: true, right: false }
    }
}

/// What a cell means, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Tone {
    Plain,
    Good,
    Busy,
    Bad,
}

pub(in crate::cli) struct Cell {
    /// For people.
    human: String,
    /// For csv: the raw figure, the whole text.
    raw: String,
    tone: Tone,
}

impl Cell {
    pub(in crate::cli) fn new(text: impl Into<String>) -> Self {
        let human = text.into();
        Self { raw: human.clone(), human, tone: Tone::Plain }
    }
    /// A cell that a program reads differently.
    pub(in crate::cli) fn pair(human: impl Into<String>, raw: impl ToString) -> Self {
        Self { human: human.into(), raw: raw.to_string(), tone: Tone::Plain }
    }
    pub(in crate::cli) fn count(n: u64) -> Self {
        Self::pair(crate::cli::human::count(n), n)
    }
    /// None: it is not known.
    pub(in crate::cli) fn count_if_known(n: Option<u64>) -> Self {
        n.map_or_else(|| Self::pair("-", ""), Self::count)
    }
    /// A figure with a fraction: as said for people, two decimals for programs.
    pub(in crate::cli) fn decimal(human: impl Into<String>, n: f64) -> Self {
        Self::pair(human, format!("{n:.2}"))
    }
    /// How long something has been waiting, in seconds; None: it is not known.
    pub(in crate::cli) fn lag(seconds: Option<u64>) -> Self {
        seconds.map_or_else(|| Self::pair("-", ""), |s| Self::decimal(crate::cli::human::seconds(s as f64), s as f64))
    }
    pub(in crate::cli) fn bytes(n: u64) -> Self {
        Self::pair(crate::cli::human::bytes(n), n)
    }
    pub(in crate::cli) fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// Aligned columns without borders; long cells wrap at the terminal's width.
pub(super) fn render(columns: &[Column], rows: &[Vec<Cell>], wide: bool) -> String {
    let shown: Vec<usize> = (0..columns.len()).filter(|i| wide || !columns[*i].wide).collect();
    let mut table = comfy_table::Table::new();
    // A terminal without a size (docker exec -t, script) says 0: a letter a line helps nobody.
    let arrangement = if table.width() == Some(0) { ContentArrangement::Disabled } else { ContentArrangement::Dynamic };
    table.load_style(NOTHING).set_content_arrangement(arrangement).enforce_styling().style_text_only();
    table.set_header(shown.iter().map(|i| comfy_table::Cell::new(columns[*i].name.to_uppercase()).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(shown.iter().map(|i| styled(&row[*i])));
    }
    for (position, i) in shown.iter().enumerate() {
        let Some(column) = table.column_mut(position) else { continue };
        column.set_padding((0, 2));
        if columns[*i].right {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

fn styled(cell: &Cell) -> comfy_table::Cell {
    let shown = comfy_table::Cell::new(if cell.human.is_empty() { "-" } else { &cell.human });
    match cell.tone {
        Tone::Plain => shown,
        Tone::Good => shown.fg(Color::Green),
        Tone::Busy => shown.fg(Color::Yellow),
        Tone::Bad => shown.fg(Color::Red),
    }
}

/// Every column, with a header line.
pub(in crate::cli) fn csv(columns: &[Column], rows: &[Vec<Cell>]) -> String {
    let mut text = columns.iter().map(|c| c.name.replace([' ', '/'], "_")).collect::<Vec<_>>().join(",");
    text.push('\n');
    for row in rows {
        text.push_str(&row.iter().map(|cell| csv_field(&cell.raw)).collect::<Vec<_>>().join(","));
        text.push('\n');
    }
    text
}

fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Vec<Column>, Vec<Vec<Cell>>) {
        let columns = vec![Column::new("id"), Column::figures("rows/s"), Column::wide("note")];
        let rows = vec![
            vec![Cell::new("a"), Cell::count(12_345), Cell::new("x, \"y\"")],
            vec![Cell::new("longer"), Cell::count(1), Cell::new("")],
        ];
        (columns, rows)
    }

    #[test]
    fn csv_is_raw_and_whole() {
        let (columns, rows) = sample();
        assert_eq!(csv(&columns, &rows), "id,rows_s,note\na,12345,\"x, \"\"y\"\"\"\nlonger,1,\n");
    }

    #[test]
    fn tables_hide_wide_columns() {
        let (columns, rows) = sample();
        let plain = |wide| anstream::adapter::strip_str(&render(&columns, &rows, wide)).to_string();
        assert_eq!(plain(false), "ID      ROWS/S\na       12,345\nlonger       1\n");
        assert!(plain(true).contains("NOTE"));
    }
}
