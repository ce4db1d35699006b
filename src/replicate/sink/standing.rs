//! What each part of a sink, or of the copy, is about, and since when: told by the parts, asked when a job does not move
//! (`run/watchdog`, `copy/watchdog`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Standing(Arc<Mutex<BTreeMap<String, (Instant, String)>>>, Arc<AtomicU64>);

impl Standing {
    /// Something was done that takes a job forward, however small.
    pub fn moves(&self) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }

    /// How often.
    pub fn moved(&self) -> u64 {
        self.1.load(Ordering::Relaxed)
    }

    /// The part turns to something else.
    pub fn say(&self, part: &str, what: impl fmt::Display) {
        let mut parts = self.0.lock().expect("nothing panics while holding it");
        let said = (Instant::now(), what.to_string());
        match parts.get_mut(part) {
            Some(known) => *known = said,
            None => drop(parts.insert(part.to_owned(), said)),
        }
    }

    /// `lane 1 applies … (for 61 s)`, in the parts' order.
    pub fn lines(&self) -> Vec<String> {
        let parts = self.0.lock().expect("nothing panics while holding it");
        parts.iter().map(|(part, (since, what))| format!("{part} {what} (for {} s)", since.elapsed().as_secs())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_what_it_is_about_now() {
        let standing = Standing::default();
        standing.clone().say("lane 2", "waits for work");
        standing.say("lane 1", "applies 5 transactions");
        standing.say("lane 2", format_args!("waits for lane {}", 1));
        assert_eq!(standing.lines(), ["lane 1 applies 5 transactions (for 0 s)", "lane 2 waits for lane 1 (for 0 s)"]);
    }
}
