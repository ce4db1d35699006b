//! Replacements of byte ranges in a statement.

use std::ops::Range;

/// Replacements of byte ranges, applied at once.
#[derive(Debug, Default)]
pub(super) struct Edits {
    list: Vec<(Range<usize>, String)>,
}

impl Edits {
    pub(super) fn replace(&mut self, range: Range<usize>, with: &str) {
        self.list.push((range, with.to_owned()));
    }
    pub(super) fn apply(mut self, text: &str) -> String {
        self.list.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut out, mut at) = (String::with_capacity(text.len() + 32), 0);
        for (range, with) in self.list {
            if range.start < at {
                continue;
            }
            out.push_str(&text[at..range.start]);
            if with.is_empty() {
                out.truncate(out.trim_end_matches(' ').len());
            }
            out.push_str(&with);
            at = range.end;
        }
        out.push_str(&text[at..]);
        out
    }

    /// Applies those of a part of the text; returns that part. Places are those of the whole text.
    pub(super) fn apply_within(self, text: &str, part: Range<usize>) -> String {
        let list = self.list.into_iter().map(|(range, with)| (range.start - part.start..range.end - part.start, with)).collect();
        Self { list }.apply(&text[part])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_in_order_and_removals_take_the_space_before() {
        let mut edits = Edits::default();
        edits.replace(7..8, "");
        edits.replace(0..1, "aa");
        edits.replace(8..8, "!");
        assert_eq!(edits.apply("a bcde f g"), "aa bcde! g");
        let mut edits = Edits::default();
        edits.replace(2..4, "");
        edits.replace(5..6, "!");
        assert_eq!(edits.apply_within("a bcde f g", 2..6), "d!", "the space before is not of the part");
    }
}
