//! What waits to be sent to one client: bounded, the oldest goes first when it is full.
//!
//! A client that stops reading is never waited for. Its lines pile up here, and when there is no
//! room left the oldest are dropped and counted. What is taken next then begins with the number
//! of lines that are missing, at the place where they would have stood.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::protocol::Answer;

/// A line without its end; shared by all who get it.
pub type Line = Arc<str>;

/// A bounded queue of lines that forgets the oldest.
#[derive(Debug)]
pub struct Outbox {
    lines: VecDeque<Line>,
    /// Never more lines than this.
    capacity: usize,
    /// Lines dropped since the last that was taken.
    missed: u64,
}

impl Outbox {
    /// An empty outbox for `capacity` lines.
    ///
    /// # Panics
    ///
    /// When there is room for no line at all.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "an outbox has room for at least one line");
        Self { lines: VecDeque::new(), capacity, missed: 0 }
    }

    /// Adds a line; drops the oldest when there is no room.
    pub fn push(&mut self, line: Line) {
        if self.lines.len() == self.capacity {
            self.lines.pop_front();
            self.missed += 1;
        }
        self.lines.push_back(line);
    }

    /// Takes the oldest line, or the number of those that were dropped before it.
    pub fn pop(&mut self) -> Option<Line> {
        if self.missed > 0 {
            let missed = std::mem::take(&mut self.missed);
            return Some(Answer::Missed(missed).to_string().into());
        }
        let line = self.lines.pop_front();
        if self.lines.is_empty() {
            // A burst is over: most clients are idle most of the time and need no room.
            self.lines = VecDeque::new();
        }
        line
    }

    /// Nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many lines wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(capacity: usize, lines: std::ops::Range<usize>) -> Outbox {
        let mut outbox = Outbox::new(capacity);
        lines.for_each(|line| outbox.push(line.to_string().into()));
        outbox
    }

    fn drained(outbox: &mut Outbox) -> Vec<String> {
        std::iter::from_fn(|| outbox.pop()).map(|line| line.to_string()).collect()
    }

    #[test]
    fn lines_come_out_as_they_went_in() {
        let mut outbox = filled(3, 0..3);
        assert_eq!(outbox.len(), 3);
        assert_eq!(drained(&mut outbox), ["0", "1", "2"]);
        assert!(outbox.is_empty());
    }

    #[test]
    fn the_oldest_lines_are_dropped_and_counted_where_they_are_missing() {
        let mut outbox = filled(3, 0..10);
        assert_eq!(outbox.len(), 3);
        assert_eq!(drained(&mut outbox), ["! you missed 7 lines", "7", "8", "9"]);
    }

    #[test]
    fn each_gap_is_counted_by_itself() {
        let mut outbox = filled(2, 0..3);
        assert_eq!(outbox.pop().as_deref(), Some("! you missed 1 lines"));
        outbox.push("3".into());
        assert_eq!(drained(&mut outbox), ["! you missed 1 lines", "2", "3"]);
    }

    #[test]
    fn received_and_missed_lines_add_up_to_all_lines() {
        let mut outbox = Outbox::new(5);
        let mut taken = Vec::new();
        for line in 0..1_000 {
            outbox.push(line.to_string().into());
            if line % 7 == 0 {
                taken.extend(outbox.pop().map(|line| line.to_string()));
            }
        }
        taken.extend(drained(&mut outbox));
        let gap = |line: &String| {
            let lines = line.strip_prefix("! you missed ")?.strip_suffix(" lines")?;
            lines.parse::<usize>().ok()
        };
        let missed: usize = taken.iter().filter_map(gap).sum();
        let received = taken.iter().filter(|line| gap(line).is_none()).count();
        assert!(missed > 0 && received > 5);
        assert_eq!(received + missed, 1_000);
    }
}
