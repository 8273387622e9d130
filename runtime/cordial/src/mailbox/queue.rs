//! The line itself, and a batch of it in the runner's hands.
use super::ticket::{Ticket, Turn, WaitForRoom};
use super::{Mail, System, discard};
use crate::rt;
use crate::rt::sync::Lock;
use crate::rt::sync::atomic::{AtomicBool, AtomicU32};
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Waker;

/// Mail of buffer that an idle process may keep: one that saw a burst costs what a fresh one does.
const KEEP: usize = 8;

/// The line. Lives under the cell's lock.
pub(crate) struct Queue<M> {
    first: Option<Mail<M>>,
    rest: Vec<Mail<M>>,
    back: Option<Box<Back<M>>>,
}

/// What few lines have.
struct Back<M> {
    bound: Option<Arc<Bound>>,
    /// What a turn that ended early has left: before all other mail (M1).
    older: VecDeque<Mail<M>>,
    /// Who waits for room in the line (M5).
    waiting: VecDeque<Arc<Ticket<M>>>,
}

impl<M> Default for Back<M> {
    fn default() -> Self {
        Self { bound: None, older: VecDeque::new(), waiting: VecDeque::new() }
    }
}

impl<M> Back<M> {
    fn has_mail(&self) -> bool {
        !(self.older.is_empty() && self.waiting.is_empty())
    }
}

/// How much mail may wait. The runner counts down without the cell's lock.
struct Bound {
    /// Mail that counts and that nobody has begun to handle (M4).
    counted: AtomicU32,
    limit: u32,
    /// Mail may be taken out of the line, or let into it: the runner takes one at a time, so that
    /// the oldest is in the line (M5).
    is_regulated: bool,
    /// Somebody waits for room.
    has_waiting: AtomicBool,
    /// Who has left the places in front of the line, to be told or dropped without a lock.
    gone: Lock<Gone>,
    has_gone: AtomicBool,
}

#[derive(Default)]
struct Gone {
    wakers: Vec<Waker>,
    tickets: Vec<Arc<dyn WaitForRoom>>,
}

impl Bound {
    fn is_full(&self) -> bool {
        self.counted.load(Relaxed) >= self.limit || self.has_waiting.load(Relaxed)
    }

    fn note(&self, note: impl FnOnce(&mut Gone)) {
        note(&mut self.gone.lock());
        self.has_gone.store(true, Relaxed);
    }

    fn tell_gone(&self) {
        if self.has_gone.load(Relaxed) && self.has_gone.swap(false, Relaxed) {
            let Gone { wakers, tickets } = std::mem::take(&mut *self.gone.lock());
            rt::contain(|| drop(tickets));
            wakers.into_iter().for_each(Waker::wake);
        }
    }
}

impl<M> Queue<M> {
    pub(crate) const fn new() -> Self {
        Self { first: None, rest: Vec::new(), back: None }
    }

    pub(crate) fn set_limit(&mut self, limit: Option<usize>, is_regulated: bool) {
        let bound = limit.map(|limit| {
            let counted = self.mail().filter(|mail| mail.counts()).count();
            let limit = u32::try_from(limit.max(1)).unwrap_or(u32::MAX);
            Arc::new(Bound {
                counted: u32::try_from(counted).unwrap_or(u32::MAX).into(),
                limit,
                is_regulated,
                has_waiting: AtomicBool::new(false),
                gone: Lock::default(),
                has_gone: AtomicBool::new(false),
            })
        });
        if bound.is_some() {
            self.back.get_or_insert_default().bound = bound;
        } else if let Some(back) = &mut self.back {
            back.bound = None;
            self.back.take_if(|back| !back.has_mail());
        }
    }

    #[inline]
    fn bound(&self) -> Option<&Arc<Bound>> {
        self.back.as_ref()?.bound.as_ref()
    }

    pub(crate) fn is_bounded(&self) -> bool {
        self.bound().is_some()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        let has_back = self.back.as_ref().is_some_and(|back| back.has_mail());
        self.first.is_none() && self.rest.is_empty() && !has_back
    }

    pub(crate) fn len(&self) -> usize {
        let older = self.back.as_ref().map_or(0, |back| back.older.len());
        older + usize::from(self.first.is_some()) + self.rest.len()
    }

    fn mail(&self) -> impl Iterator<Item = &Mail<M>> {
        let older = self.back.iter().flat_map(|back| back.older.iter());
        older.chain(&self.first).chain(&self.rest)
    }

    /// Whether one more would be over the bound.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.bound().is_some_and(|bound| bound.is_full())
    }

    #[inline(always)]
    pub(crate) fn put(&mut self, mail: Mail<M>) {
        self.put_and(mail, |_| {});
    }

    /// [`put`](Self::put); `swell` is called before the buffer grows.
    #[inline(always)]
    pub(crate) fn put_and(&mut self, mail: Mail<M>, swell: impl FnOnce(&mut Vec<Mail<M>>)) {
        if let Some(bound) = self.bound()
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
        let is_only = self.rest.is_empty() && self.back.is_none();
        if is_only { self.first.take() } else { None }
    }

    /// Before all other mail.
    pub(crate) fn put_first(&mut self, mail: Mail<M>) {
        self.back.get_or_insert_default().older.push_front(mail);
    }

    /// The runtime's own mail in it.
    pub(crate) fn system(&self) -> impl Iterator<Item = &System> {
        self.mail().filter_map(|mail| match mail {
            Mail::System(system) => Some(&**system),
            _ => None,
        })
    }

    /// Everything that is left, for a process that ends. `None`: nothing is, not even a buffer.
    pub(crate) fn take(&mut self) -> Option<Self> {
        let has_any = !self.is_empty() || self.rest.capacity() > 0;
        has_any.then(|| std::mem::replace(self, Self::new()))
    }
}

/// A line that mail is taken out of, or let into (M5).
impl<M> Queue<M> {
    fn take_first(&mut self) -> Option<Mail<M>> {
        if let Some(mail) = self.back.as_mut().and_then(|back| back.older.pop_front()) {
            return Some(mail);
        }
        let first = self.first.take();
        if !self.rest.is_empty() {
            let older = VecDeque::from(std::mem::take(&mut self.rest));
            let back = self.back.get_or_insert_default();
            back.older = older;
            return first.or_else(|| back.older.pop_front());
        }
        first
    }

    /// Takes out the oldest message that may be.
    pub(crate) fn take_droppable(&mut self, may_be: impl Fn(&M) -> bool) -> Option<Mail<M>> {
        let is_one = |mail: &Mail<M>| match mail {
            Mail::User(message) => may_be(message),
            #[cfg(feature = "chaos")]
            Mail::Placed(message) => may_be(message),
            #[cfg(feature = "spans")]
            Mail::Traced(traced) => match &traced.mail {
                Mail::User(message) => may_be(message),
                _ => false,
            },
            _ => false,
        };
        let back = self.back.as_mut().and_then(|back| {
            let place = back.older.iter().position(&is_one)?;
            back.older.remove(place)
        });
        let taken = back.or_else(|| self.first.take_if(|mail| is_one(mail))).or_else(|| {
            let place = self.rest.iter().position(&is_one)?;
            Some(self.rest.remove(place))
        });
        if let (Some(bound), Some(_)) = (self.bound(), &taken) {
            bound.counted.fetch_sub(1, Relaxed);
        }
        taken
    }

    /// Lets in those for whom there is room.
    fn let_in(&mut self) {
        let Some(bound) = self.bound().cloned() else { return };
        while bound.counted.load(Relaxed) < bound.limit
            && let Some(ticket) = self.back.as_mut().and_then(|back| back.waiting.pop_front())
        {
            match ticket.enter() {
                Turn::Enters(mail, waker) => {
                    bound.note(|gone| gone.wakers.extend(waker));
                    self.put(mail);
                }
                Turn::Goes(ticket) => bound.note(|gone| gone.tickets.push(ticket)),
            }
        }
        let has_waiting = self.back.as_ref().is_some_and(|back| !back.waiting.is_empty());
        bound.has_waiting.store(has_waiting, Relaxed);
    }
}

impl<M> Drop for Queue<M> {
    fn drop(&mut self) {
        if self.is_empty() {
            return;
        }
        let Back { older, waiting, .. } = self.back.take().map_or_else(Back::default, |back| *back);
        for ticket in waiting {
            ticket.close();
        }
        older.into_iter().chain(self.first.take()).chain(self.rest.drain(..)).for_each(discard);
    }
}

impl<M: Send + 'static> Queue<M> {
    /// A place behind all who wait for room. Now and then those are looked for who do not wait any
    /// more: they come back, to be dropped without a lock.
    pub(crate) fn line_up(
        &mut self,
        mail: Mail<M>,
        is_abandoned: fn(&M) -> bool,
    ) -> (Arc<Ticket<M>>, Vec<Arc<Ticket<M>>>) {
        let waiting = &mut self.back.get_or_insert_default().waiting;
        let mut left = Vec::new();
        if waiting.len().is_power_of_two() {
            let all = std::mem::take(waiting).into_iter();
            let (gone, kept): (Vec<_>, Vec<_>) = all.partition(|one| one.is_left());
            (left, *waiting) = (gone, kept.into());
        }
        let ticket = Ticket::new(mail, is_abandoned);
        waiting.push_back(ticket.clone());
        if let Some(bound) = self.bound() {
            bound.has_waiting.store(true, Relaxed);
        }
        (ticket, left)
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
        if let Some(bound) = &self.bound {
            if mail.counts() {
                bound.counted.fetch_sub(1, Relaxed);
            }
            bound.tell_gone();
        }
    }

    /// Called with an empty batch (M3).
    #[inline]
    pub(crate) fn refill(&mut self, queue: &mut Queue<M>) {
        debug_assert!(self.is_empty(), "a batch is handled before the next is taken");
        if let Some(back) = &queue.back {
            self.bound.clone_from(&back.bound);
            if back.has_mail() || self.is_regulated() {
                return self.refill_hard(queue);
            }
        }
        *self.first = queue.first.take();
        if !queue.rest.is_empty() {
            let spare = self.rest.take().map_or(Vec::new(), Vec::from);
            self.rest = Some(std::mem::replace(&mut queue.rest, spare).into());
        }
    }

    #[inline]
    fn is_regulated(&self) -> bool {
        self.bound.as_ref().is_some_and(|bound| bound.is_regulated)
    }

    #[cold]
    fn refill_hard(&mut self, queue: &mut Queue<M>) {
        if self.is_regulated() {
            queue.let_in();
            *self.first = queue.take_first();
            queue.let_in();
        } else if let Some(back) = &mut queue.back {
            self.rest = Some(std::mem::take(&mut back.older)); // Nobody waits for room here.
            queue.back.take_if(|back| back.bound.is_none());
        }
    }

    /// Who has got into the line, or does not wait any more, is told.
    pub(crate) fn tell_gone(&self) {
        if let Some(bound) = &self.bound {
            bound.tell_gone();
        }
    }

    /// Gives the unhandled rest back, before all younger mail (M1).
    #[inline]
    pub(crate) fn stash(&mut self, queue: &mut Queue<M>) {
        if !self.is_empty() {
            let mut older = self.rest.take().unwrap_or_default();
            if let Some(mail) = self.first.take() {
                older.push_front(mail);
            }
            let back = queue.back.get_or_insert_default();
            older.append(&mut back.older);
            back.older = older;
        }
        if self.is_regulated() {
            queue.let_in();
        }
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
        queue.set_limit(Some(2), false);
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
