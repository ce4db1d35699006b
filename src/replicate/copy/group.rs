//! Tables that must be copied in one snapshot: those that actions of foreign keys connect, where the source's log does not
//! say what the actions did (`sink/mysql/cascade.rs` does them again).
//!
//! Such an action finds a child's rows by what they are at its place in the log. Copies from different places would not
//! have them: a child that was copied later has lost the rows by which its own children would be found, and whose place is
//! in no event. In one snapshot all of them are at the same place, and from there on exact. A broken-off copy cannot be gone on
//! with in another snapshot, so the group begins again, with everything below it; what is above it and copied already stays.

use crate::model::replicate::TableName;
use crate::replicate::schema::definition::foreign_keys;
use crate::replicate::table::Table;
use std::collections::HashMap;

/// Actions lead from the first to the second, by their places in the list.
#[derive(Debug, Default)]
pub(super) struct Actions(Vec<(usize, usize)>);

impl Actions {
    /// `tables` are definitions of some of `names`.
    pub(super) fn among(names: &[TableName], tables: &[Table]) -> Self {
        let places: HashMap<&TableName, usize> = names.iter().enumerate().map(|(at, name)| (name, at)).collect();
        let of = |table: &Table| {
            let keys = foreign_keys(&table.create, &table.name).into_iter().filter(|key| key.cascades());
            let child = places.get(&table.name).copied();
            keys.filter_map(|key| Some((*places.get(&key.parent)?, child?))).collect::<Vec<_>>()
        };
        Self(tables.iter().flat_map(of).collect())
    }

    /// Adds everything below what is to be copied.
    pub(super) fn descend(&self, open: &mut [bool]) {
        while let Some(&(_, child)) = self.0.iter().find(|(parent, child)| open[*parent] && !open[*child]) {
            open[child] = true;
        }
    }

    /// Gives every table that takes part in an action the number of its group.
    pub(super) fn groups(&self, tables: usize) -> Vec<Option<usize>> {
        let mut group: Vec<Option<usize>> = vec![None; tables];
        for &(parent, child) in &self.0 {
            group[parent] = Some(parent);
            group[child] = Some(child);
        }
        while let Some((a, b)) = self.0.iter().map(|&(a, b)| (group[a], group[b])).find(|(a, b)| a != b) {
            let least = a.min(b);
            group.iter_mut().filter(|g| **g == a || **g == b).for_each(|g| *g = least);
        }
        group
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_what_actions_connect_and_descent_follows_them_down() {
        let actions = Actions(vec![(1, 2), (2, 3), (5, 5), (7, 6), (7, 3)]);
        let groups = actions.groups(9);
        assert_eq!(groups[1], groups[3]);
        assert_eq!(groups[6], groups[1]);
        assert_eq!((groups[0], groups[4], groups[8], groups[5]), (None, None, None, Some(5)));
        let mut open = vec![false; 9];
        open[2] = true;
        actions.descend(&mut open);
        assert_eq!(open, [false, false, true, true, false, false, false, false, false]);
    }
}
