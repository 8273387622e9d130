//! The line itself, and a batch of it in the runner's hands.
use super::{Mail, discard};
use std::collections::VecDeque;

/// Mail of buffer that an idle process may keep: one that saw a burst costs what a fresh one does.
const KEEP: usize = 8;

/// The line. Lives under the cell's lock.
pub(crate) struct Queue<M> {
    first: Option<Mail<M>>,
    rest: VecDeque<Mail<M>>,
    /// Mail in the line that counts (M4).
    counted: u32,
    /// Most mail that counts; 0 is unbounded.
    limit: u32,
}

impl<M> Queue<M> {
    pub(crate) const fn new() -> Self {
        Self { first: None, rest: VecDeque::new(), counted: 0, limit: 0 }
    }

    pub(crate) fn set_limit(&mut self, limit: Option<usize>) {
        self.limit = limit.map_or(0, |limit| u32::try_from(limit.max(1)).unwrap_or(u32::MAX));
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    /// Whether one more would be over the bound.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.limit != 0 && self.counted >= self.limit
    }

    #[inline]
    pub(crate) fn put(&mut self, mail: Mail<M>) {
        if self.limit != 0 && mail.counts() {
            self.counted += 1;
        }
        if self.is_empty() {
            self.first = Some(mail);
        } else {
            self.rest.push_back(mail);
        }
    }

    fn pop(&mut self) -> Option<Mail<M>> {
        let mail = self.first.take().or_else(|| self.rest.pop_front())?;
        if self.limit != 0 && mail.counts() {
            self.counted -= 1;
        }
        Some(mail)
    }

    /// Everything that is left, for a process that ends.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new())
    }
}

impl<M> Drop for Queue<M> {
    fn drop(&mut self) {
        while let Some(mail) = self.pop() {
            discard(mail);
        }
    }
}

/// A batch of mail, older than all mail in the line.
pub(crate) struct Batch<M> {
    first: Option<Mail<M>>,
    rest: VecDeque<Mail<M>>,
}

impl<M> Batch<M> {
    pub(crate) const fn new() -> Self {
        Self { first: None, rest: VecDeque::new() }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Option<Mail<M>> {
        match self.first.take() {
            None => self.rest.pop_front(),
            mail => mail,
        }
    }

    /// Called with an empty batch (M3). Of a bounded line only one is taken, so that what counts
    /// is what nobody has begun to handle.
    #[inline]
    pub(crate) fn refill(&mut self, queue: &mut Queue<M>) {
        debug_assert!(self.is_empty(), "a batch is handled before the next is taken");
        if queue.limit != 0 {
            self.first = queue.pop();
            return;
        }
        self.first = queue.first.take();
        if !queue.rest.is_empty() {
            std::mem::swap(&mut self.rest, &mut queue.rest);
        }
    }

    /// Gives the unhandled rest back, before all younger mail (M1).
    pub(crate) fn stash(&mut self, queue: &mut Queue<M>) {
        if self.is_empty() {
            return;
        }
        if let Some(mail) = self.first.take() {
            self.rest.push_front(mail);
        }
        if queue.limit != 0 {
            queue.counted += count(&self.rest);
        }
        self.rest.extend(queue.first.take());
        self.rest.append(&mut queue.rest);
        queue.rest = std::mem::take(&mut self.rest);
    }

    /// For a process that keeps its batch while it waits: what a burst needed goes back.
    pub(crate) fn let_go(&mut self, queue: &mut Queue<M>) {
        for buffer in [&mut self.rest, &mut queue.rest] {
            if buffer.is_empty() && buffer.capacity() > KEEP {
                *buffer = VecDeque::new();
            }
        }
    }

    /// The buffer stays with the cell only while it is small.
    #[inline]
    pub(crate) fn give_back(&mut self, queue: &mut Queue<M>) {
        let spare = self.rest.capacity();
        if spare > 0 && spare <= KEEP && queue.rest.capacity() == 0 {
            std::mem::swap(&mut self.rest, &mut queue.rest);
        } else if queue.rest.capacity() > KEEP && queue.rest.is_empty() {
            queue.rest = VecDeque::new();
        }
    }
}

impl<M> Drop for Batch<M> {
    #[inline]
    fn drop(&mut self) {
        while let Some(mail) = self.next() {
            discard(mail);
        }
    }
}

fn count<M>(mail: &VecDeque<Mail<M>>) -> u32 {
    let counted = mail.iter().filter(|mail| mail.counts()).count();
    u32::try_from(counted).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(mail: Option<Mail<u32>>) -> Option<u32> {
        match mail? {
            Mail::User(n) | Mail::Own(n) => Some(n),
            _ => None,
        }
    }

    #[test]
    fn stashed_mail_stays_before_younger_mail() {
        let (mut queue, mut batch) = (Queue::new(), Batch::new());
        (0..5).for_each(|n| queue.put(Mail::User(n)));
        batch.refill(&mut queue);
        assert_eq!(number(batch.next()), Some(0));
        (5..8).for_each(|n| queue.put(Mail::User(n)));
        batch.stash(&mut queue);
        batch.refill(&mut queue);
        let order: Vec<_> = std::iter::from_fn(|| number(batch.next())).collect();
        assert_eq!(order, [1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn bound_counts_what_others_sent_and_nobody_has_begun() {
        let (mut queue, mut batch) = (Queue::new(), Batch::new());
        queue.set_limit(Some(2));
        queue.put(Mail::Own(0));
        queue.put(Mail::User(1));
        assert!(!queue.is_full());
        queue.put(Mail::User(2));
        assert!(queue.is_full());
        batch.refill(&mut queue);
        assert_eq!(number(batch.next()), Some(0));
        assert!(queue.is_full());
        batch.refill(&mut queue);
        assert_eq!(number(batch.next()), Some(1));
        assert!(!queue.is_full());
    }

    #[test]
    fn burst_gives_its_buffer_back() {
        let (mut queue, mut batch) = (Queue::new(), Batch::new());
        (0..10_000).for_each(|n| queue.put(Mail::User(n)));
        batch.refill(&mut queue);
        while batch.next().is_some() {}
        batch.give_back(&mut queue);
        assert!(queue.rest.capacity() <= KEEP);
    }
}
