//! The line itself, and a batch of it in the runner's hands.
use super::{Mail, discard};
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Mail of buffer that an idle process may keep: one that saw a burst costs what a fresh one does.
const KEEP: usize = 8;

/// The line. Lives under the cell's lock.
pub(crate) struct Queue<M> {
    first: Option<Mail<M>>,
    rest: Vec<Mail<M>>,
    /// What a turn that ended early has left: before all other mail (M1).
    #[expect(clippy::box_collection, reason = "one word in a process where nothing is left")]
    older: Option<Box<VecDeque<Mail<M>>>>,
    bound: Option<Arc<Bound>>,
}

/// How much mail may wait. The runner counts down without the cell's lock.
struct Bound {
    /// Mail that counts and that nobody has begun to handle (M4).
    counted: AtomicU32,
    limit: u32,
}

impl<M> Queue<M> {
    pub(crate) const fn new() -> Self {
        Self { first: None, rest: Vec::new(), older: None, bound: None }
    }

    pub(crate) fn set_limit(&mut self, limit: Option<usize>) {
        self.bound = limit.map(|limit| {
            let counted = self.mail().filter(|mail| mail.counts()).count();
            let limit = u32::try_from(limit.max(1)).unwrap_or(u32::MAX);
            let counted = u32::try_from(counted).unwrap_or(u32::MAX).into();
            Arc::new(Bound { counted, limit })
        });
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty() && self.older.is_none()
    }

    pub(crate) fn len(&self) -> usize {
        let older = self.older.as_ref().map_or(0, |older| older.len());
        older + usize::from(self.first.is_some()) + self.rest.len()
    }

    fn mail(&self) -> impl Iterator<Item = &Mail<M>> {
        let older = self.older.iter().flat_map(|older| older.iter());
        older.chain(&self.first).chain(&self.rest)
    }

    /// Whether one more would be over the bound.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.bound.as_ref().is_some_and(|bound| bound.counted.load(Relaxed) >= bound.limit)
    }

    #[inline(always)]
    pub(crate) fn put(&mut self, mail: Mail<M>) {
        self.put_and(mail, |_| {});
    }

    /// [`put`](Self::put); `swell` is called before the buffer grows.
    #[inline(always)]
    pub(crate) fn put_and(&mut self, mail: Mail<M>, swell: impl FnOnce(&mut Vec<Mail<M>>)) {
        if let Some(bound) = &self.bound
            && mail.counts()
        {
            bound.counted.fetch_add(1, Relaxed);
        }
        if self.first.is_none() && self.rest.is_empty() {
            self.first = Some(mail);
        } else {
            if self.rest.len() == self.rest.capacity() {
                swell(&mut self.rest);
            }
            self.rest.push(mail);
        }
    }

    /// The first mail, if there is no other and nobody counts.
    #[inline(always)]
    pub(crate) fn take_only(&mut self) -> Option<Mail<M>> {
        let is_only = self.rest.is_empty() && self.older.is_none() && self.bound.is_none();
        if is_only { self.first.take() } else { None }
    }

    /// Everything that is left, for a process that ends. `None`: nothing is, not even a buffer.
    pub(crate) fn take(&mut self) -> Option<Self> {
        let has_any = !self.is_empty() || self.rest.capacity() > 0;
        has_any.then(|| std::mem::replace(self, Self::new()))
    }
}

impl<M> Drop for Queue<M> {
    fn drop(&mut self) {
        if self.is_empty() {
            return;
        }
        let older = self.older.take().into_iter().flat_map(|older| *older);
        older.chain(self.first.take()).chain(self.rest.drain(..)).for_each(discard);
    }
}

/// A batch of mail, older than all mail in the line.
pub(crate) struct Batch<M> {
    /// Emptied by `drop`: nothing is left that the compiler would have to look for.
    first: ManuallyDrop<Option<Mail<M>>>,
    /// Not there in a turn of one mail.
    rest: Option<VecDeque<Mail<M>>>,
    bound: Option<Arc<Bound>>,
}

impl<M> Batch<M> {
    pub(crate) const fn new() -> Self {
        Self { first: ManuallyDrop::new(None), rest: None, bound: None }
    }

    /// Of mail that was taken by itself.
    pub(crate) fn begin_with(&mut self, mail: Mail<M>) {
        *self.first = Some(mail);
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.as_ref().is_none_or(VecDeque::is_empty)
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.as_ref().map_or(0, VecDeque::len)
    }

    /// Drops it, each mail by itself: a panic in the drop of one harms no other.
    #[inline]
    pub(crate) fn clear(&mut self) {
        while let Some(mail) = self.next() {
            discard(mail);
        }
    }

    pub(crate) fn next(&mut self) -> Option<Mail<M>> {
        self.take_first().or_else(|| self.take_next())
    }

    #[inline]
    pub(crate) fn take_first(&mut self) -> Option<Mail<M>> {
        let mail = self.first.take()?;
        self.count_off(&mail);
        Some(mail)
    }

    /// Called when the first has been taken.
    #[inline]
    pub(crate) fn take_next(&mut self) -> Option<Mail<M>> {
        let mail = self.rest.as_mut()?.pop_front()?;
        self.count_off(&mail);
        Some(mail)
    }

    #[inline]
    fn count_off(&self, mail: &Mail<M>) {
        if let Some(bound) = &self.bound
            && mail.counts()
        {
            bound.counted.fetch_sub(1, Relaxed);
        }
    }

    /// Called with an empty batch (M3).
    #[inline]
    pub(crate) fn refill(&mut self, queue: &mut Queue<M>) {
        debug_assert!(self.is_empty(), "a batch is handled before the next is taken");
        if queue.bound.is_some() {
            self.bound.clone_from(&queue.bound);
        }
        if let Some(older) = queue.older.take() {
            self.rest = Some(*older);
            return;
        }
        *self.first = queue.first.take();
        if !queue.rest.is_empty() {
            let spare = self.rest.take().map_or(Vec::new(), Vec::from);
            self.rest = Some(std::mem::replace(&mut queue.rest, spare).into());
        }
    }

    /// Gives the unhandled rest back, before all younger mail (M1).
    #[inline]
    pub(crate) fn stash(&mut self, queue: &mut Queue<M>) {
        if self.is_empty() {
            return;
        }
        debug_assert!(queue.older.is_none(), "what is left was taken from the front of the line");
        let mut older = self.rest.take().unwrap_or_default();
        if let Some(mail) = self.first.take() {
            older.push_front(mail);
        }
        queue.older = Some(Box::new(older));
    }

    /// For a process that keeps its batch while it waits: what a burst needed goes back.
    pub(crate) fn let_go(&mut self, queue: &mut Queue<M>) {
        let is_large = |rest: &mut VecDeque<_>| rest.is_empty() && rest.capacity() > KEEP;
        drop(self.rest.take_if(is_large));
        if queue.rest.is_empty() && queue.rest.capacity() > KEEP {
            queue.rest = Vec::new();
        }
    }

    /// The buffer stays with the cell only while it is small.
    #[inline]
    pub(crate) fn give_back(&mut self, queue: &mut Queue<M>) {
        let spare = self.rest.as_ref().map_or(0, VecDeque::capacity);
        if spare > 0 && spare <= KEEP && queue.rest.capacity() == 0 {
            queue.rest = self.rest.take().map_or(Vec::new(), Vec::from);
        } else if queue.rest.capacity() > KEEP && queue.rest.is_empty() {
            queue.rest = Vec::new();
        }
    }
}

impl<M> Drop for Batch<M> {
    #[inline]
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(mail: Option<Mail<u32>>) -> Option<u32> {
        match mail? {
            Mail::User(n) => Some(n),
            Mail::Own(n) => Some(*n),
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
        let mut order = Vec::new();
        while !queue.is_empty() {
            batch.refill(&mut queue);
            order.extend(std::iter::from_fn(|| number(batch.next())));
        }
        assert_eq!(order, [1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn bound_counts_what_others_sent_and_nobody_has_begun() {
        let (mut queue, mut batch) = (Queue::new(), Batch::new());
        queue.set_limit(Some(2));
        queue.put(Mail::Own(Box::new(0)));
        queue.put(Mail::User(1));
        assert!(!queue.is_full());
        queue.put(Mail::User(2));
        assert!(queue.is_full());
        batch.refill(&mut queue);
        assert_eq!(number(batch.next()), Some(0));
        assert!(queue.is_full());
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
