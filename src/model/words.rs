//! Counts in the sentences that runs and errors are kept with. A table for people is the CLI's own (`cli/human.rs`).

/// `1 symbol`, `12 symbols`.
pub fn counted(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_many() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "bar")), ["0 bars", "1 bar", "2 bars"]);
    }
}
