//! A file that lists the symbols of a task.
//!
//! Read when the daemon starts, so that a wrong one is told then, and again by each run: a list that is changed counts from the next
//! run on.

use super::{Error, Result};
use crate::model::bars::{BarsSpec, Symbol};
use std::path::Path;

/// Reads the list; an error names the file, and the line that is wrong. An empty list is one.
pub fn read_symbols(file: &Path) -> Result<Vec<Symbol>> {
    let name = file.display();
    let wrong = |why: String| Error::config("bars_symbols_file", why);
    let text = std::fs::read_to_string(file).map_err(|e| wrong(format!("symbols_file: cannot read {name}: {e}")))?;
    let mut symbols = Vec::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        for symbol in names(line) {
            symbols.push(Symbol::parse(symbol).map_err(|e| wrong(format!("symbols_file: {name} line {number}: {e}")))?);
        }
    }
    if symbols.is_empty() {
        return Err(wrong(format!("symbols_file: {name} names no symbol; leave it out for all that is stored")));
    }
    Ok(symbols)
}

/// Reads the list of a task anew, where it has a file of it.
pub(super) async fn renew(spec: &mut BarsSpec) -> Result<()> {
    let Some(file) = spec.symbols_file.clone() else { return Ok(()) };
    let read = tokio::task::spawn_blocking(move || read_symbols(&file)).await;
    spec.symbols = Some(read.map_err(|_| Error::permanent("bars_symbols_file", "reading the list of symbols panicked"))??);
    Ok(())
}

/// One a line or several with commas; `#` begins a comment, and the dash of a YAML list is no part of a symbol.
fn names(line: &str) -> impl Iterator<Item = &str> {
    let plain = line.split('#').next().unwrap_or_default().trim().trim_start_matches("- ");
    plain.split(',').map(str::trim).filter(|s| !s.is_empty() && *s != "symbols:")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bars::{Interval, TaskKind};

    #[test]
    fn a_list_is_read_and_a_wrong_one_names_its_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("us.txt");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            read_symbols(&file).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>()).map_err(|e| e.to_string())
        };
        assert_eq!(read("\u{feff}# ours\nsymbols:\n  - US.AAPL # big\nIBM, 0700.HK,\n").unwrap(), ["US.AAPL", "US.IBM", "HK.00700"]);
        assert!(read("AAPL\n\nA B\n").unwrap_err().contains("us.txt line 3: symbol \"A B\" has ' ' in it"));
        assert!(read("# none\n").unwrap_err().contains("us.txt names no symbol"));
        std::fs::remove_file(&file).unwrap();
        assert!(read_symbols(&file).unwrap_err().to_string().contains("us.txt: No such file"));
    }

    #[tokio::test]
    async fn each_run_reads_the_list_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("us.txt");
        let mut spec = BarsSpec { symbols_file: Some(file.clone()), ..BarsSpec::new(TaskKind::Validation, Interval::D1) };
        for list in ["A", "A, B"] {
            std::fs::write(&file, list).unwrap();
            renew(&mut spec).await.unwrap();
            assert_eq!(spec.symbols.as_ref().unwrap().len(), list.split(',').count());
        }
        std::fs::remove_file(&file).unwrap();
        let gone = renew(&mut spec).await.unwrap_err();
        assert!(gone.code == "bars_symbols_file" && gone.to_string().contains(&file.display().to_string()), "{gone}");
    }
}
