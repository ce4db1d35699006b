//! What every code means that a reply, a finding, a job's failure or this program's own error can carry, and what to do
//! about it. The table is `codes.txt`; a test looks for codes in the source that it lacks.

const TABLE: &str = include_str!("codes.txt");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    pub code: &'static str,
    pub means: &'static str,
    pub what_to_do: &'static str,
}

/// Returns the whole table, in its order.
pub fn all() -> impl Iterator<Item = Meaning> {
    TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(|line| {
        let mut parts = line.split(" | ");
        let (code, means, what_to_do) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some(Meaning { code, means, what_to_do })
    })
}

/// Returns what a code means.
pub fn find(code: &str) -> Option<Meaning> {
    all().find(|m| m.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_whole_and_no_code_is_there_twice() {
        let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut codes: Vec<&str> = all().map(|m| m.code).collect();
        assert_eq!(codes.len(), lines.count());
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(
            all().all(|m| m.means.ends_with(['.', ':']) && m.what_to_do.ends_with(['.', ')', '?', '\''])),
            "{:?}",
            all().find(|m| !m.means.ends_with('.'))
        );
    }
}
