//! Selective receive: the first mail that matches, in the order in which it came; what is skipped
//! keeps its place (PROC-9, TYP-9).
//!
//! ```text
//!   saved: skipped by earlier receives │ in hand │ in the line
//!   oldest                                              newest
//! ```
//! A receive looks at everything once, from the oldest on: what it takes in hand and does not want
//! it saves, and remembers how far it has looked while it waits.
//! [`receive_by`](Mailbox::receive_by) is what all are made of: the probe looks at mail where it
//! lies and says which way it goes, and only then is the mail moved.
use super::cell::Message;
use super::plain::{Look, Mailbox, Received};
use crate::rt;
use crate::rt::time::{self, Instant, Sleep};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Mail that was looked at and left where it was.
pub(super) struct Saved<M>(VecDeque<Received<M>>);

impl<M> Saved<M> {
    pub(super) const fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn pop(&mut self) -> Option<Received<M>> {
        let received = self.0.pop_front();
        if self.0.is_empty() && self.0.capacity() > 0 {
            self.0 = VecDeque::new();
        }
        received
    }

    fn remove(&mut self, at: usize) -> Received<M> {
        self.0.remove(at).expect("what was looked at is there")
    }
}

/// One by one: a panic in the drop of one harms no other.
impl<M> Drop for Saved<M> {
    fn drop(&mut self) {
        while let Some(received) = self.0.pop_front() {
            rt::contain(|| drop(received));
        }
    }
}

impl<M: Message> Mailbox<M> {
    /// The first message for which `matches` says yes. Everything before it stays, in its order.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::process::{self, Mailbox};
    ///
    /// struct Number(u32);
    /// impl cordial::Message for Number {
    ///     fn kind(&self) -> &'static str {
    ///         "number"
    ///     }
    /// }
    /// let (_, down) = process::spawn_monitor(async |mut mail: Mailbox<Number>| {
    ///     (1..=4).for_each(|n| mail.send_self(Number(n)));
    ///     assert_eq!(mail.receive_if(|n| n.0 % 2 == 0).await.0, 2);
    ///     assert_eq!(mail.next().await.0, 1);
    ///     assert!(mail.receive_if(|n| n.0 > 4).after(cordial::millis(5)).await.is_none());
    ///     assert_eq!(mail.next().await.0, 3);
    /// });
    /// assert_eq!(down.await.reason, cordial::ExitReason::Normal);
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped, and everything keeps its place.
    ///
    /// # Panics
    /// Outside the process whose mailbox it is.
    pub fn receive_if(
        &mut self,
        mut matches: impl FnMut(&M) -> bool,
    ) -> Receive<'_, M, impl FnMut(&Received<M>) -> Option<()>, (), M> {
        let probe = move |received: &Received<M>| match received {
            Received::Message(message) => matches(message).then_some(()),
            Received::Down(_) | Received::Exit(_) => None,
        };
        Receive::new(self, probe, |(), received| match received {
            Received::Message(message) => message,
            Received::Down(_) | Received::Exit(_) => unreachable!("only messages match"),
        })
    }

    /// What `probe` makes of the first message that it makes something of; that message is taken,
    /// everything before it stays, in its order.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::process::{self, Mailbox};
    ///
    /// enum Event {
    ///     Open,
    ///     Size(u32),
    /// }
    /// impl cordial::Message for Event {
    ///     fn kind(&self) -> &'static str {
    ///         "event"
    ///     }
    /// }
    /// let (_, down) = process::spawn_monitor(async |mut mail: Mailbox<Event>| {
    ///     mail.send_self(Event::Open);
    ///     mail.send_self(Event::Size(7));
    ///     let size = mail.receive_match(|event| match event {
    ///         Event::Size(size) => Some(*size),
    ///         Event::Open => None,
    ///     });
    ///     assert_eq!(size.await, 7);
    ///     assert!(matches!(mail.next().await, Event::Open));
    /// });
    /// assert_eq!(down.await.reason, cordial::ExitReason::Normal);
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// As [`receive_if`](Self::receive_if).
    ///
    /// # Panics
    /// Outside the process whose mailbox it is.
    pub fn receive_match<T>(
        &mut self,
        mut probe: impl FnMut(&M) -> Option<T>,
    ) -> Receive<'_, M, impl FnMut(&Received<M>) -> Option<T>, T, T> {
        let probe = move |received: &Received<M>| match received {
            Received::Message(message) => probe(message),
            Received::Down(_) | Received::Exit(_) => None,
        };
        Receive::new(self, probe, |found, _| found)
    }

    /// The first mail of any kind that `probe` finds something in, and what it found: so a
    /// [`Down`](crate::Down) is awaited while messages wait, or one of several kinds is told apart
    /// before it is moved.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::process::{self, Mailbox, Received};
    /// let (_, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
    ///     mail.send_self(());
    ///     let short = process::spawn(async |_: Mailbox<()>| {});
    ///     let monitor = process::monitor_message(&short);
    ///     let ended = mail.receive_by(|received| match received {
    ///         Received::Down(down) if down.monitor == monitor => Some(down.pid),
    ///         _ => None,
    ///     });
    ///     assert!(matches!(ended.await, (_, Received::Down(_))));
    ///     mail.next().await; // What was skipped.
    /// });
    /// assert_eq!(down.await.reason, cordial::ExitReason::Normal);
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// As [`receive_if`](Self::receive_if).
    ///
    /// # Panics
    /// Outside the process whose mailbox it is.
    pub fn receive_by<K, P>(&mut self, probe: P) -> Receive<'_, M, P, K, (K, Received<M>)>
    where
        P: FnMut(&Received<M>) -> Option<K>,
    {
        Receive::new(self, probe, |found, received| (found, received))
    }
}

/// A selective receive; what [`Mailbox::receive_if`] and its like give.
#[must_use = "nothing is received until this is awaited"]
pub struct Receive<'m, M: Message, P, K, T> {
    mail: &'m mut Mailbox<M>,
    probe: P,
    take: fn(K, Received<M>) -> T,
    /// Saved mail that it has looked at.
    seen: usize,
}

/// What looking at everything that is there gave.
enum Sought<T> {
    Match(T),
    /// There is no match yet.
    None,
    /// Others run first.
    Later,
}

impl<'m, M: Message, P, K, T> Receive<'m, M, P, K, T> {
    fn new(mail: &'m mut Mailbox<M>, probe: P, take: fn(K, Received<M>) -> T) -> Self {
        Self { mail, probe, take, seen: 0 }
    }

    /// Gives up after some time, counted from now: then the output is `None`. With 0 it takes what
    /// is there already, or gives up at once (PROC-10).
    pub fn after(self, time: Duration) -> ReceiveAfter<'m, M, P, K, T> {
        let deadline = (!time.is_zero()).then(|| time::after(Instant::now(), time));
        ReceiveAfter { receive: self, deadline, sleep: None }
    }
}

impl<M, P, K, T> Receive<'_, M, P, K, T>
where
    M: Message,
    P: FnMut(&Received<M>) -> Option<K>,
{
    fn seek(&mut self, cx: &Context<'_>) -> Sought<T> {
        loop {
            while self.seen < self.mail.saved.len() {
                if !self.mail.may_look(cx) {
                    return Sought::Later;
                }
                if let Some(found) = self.look_at(self.seen) {
                    return Sought::Match(found);
                }
            }
            match self.mail.look(cx) {
                Look::Mail(mail) => {
                    let received = self.mail.unpack(mail);
                    self.mail.saved.0.extend(received);
                }
                Look::Empty => return Sought::None,
                Look::Later => return Sought::Later,
            }
        }
    }

    /// A DOWN whose monitor was taken away meanwhile is nobody's.
    fn look_at(&mut self, at: usize) -> Option<T> {
        let saved = &mut self.mail.saved;
        if let Received::Down(down) = &saved.0[at]
            && !self.mail.cell.wants(down.monitor)
        {
            saved.remove(at);
            return None;
        }
        let Some(found) = (self.probe)(&saved.0[at]) else {
            self.seen += 1;
            return None;
        };
        let received = saved.remove(at);
        if let Received::Down(down) = &received {
            self.mail.cell.claim(down.monitor);
        }
        Some((self.take)(found, received))
    }
}

/// Nothing in it is pinned.
impl<M: Message, P, K, T> Unpin for Receive<'_, M, P, K, T> {}

impl<M, P, K, T> Future for Receive<'_, M, P, K, T>
where
    M: Message,
    P: FnMut(&Received<M>) -> Option<K>,
{
    type Output = T;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match self.seek(cx) {
            Sought::Match(found) => Poll::Ready(found),
            Sought::None => {
                self.mail.rest();
                Poll::Pending
            }
            Sought::Later => Poll::Pending,
        }
    }
}

impl<M: Message, P, K, T> fmt::Debug for Receive<'_, M, P, K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receive({:?})", self.mail)
    }
}

/// A selective receive that gives up; what [`Receive::after`] gives.
///
/// # Cancel safety
/// As [`Mailbox::receive_if`].
#[must_use = "nothing is received until this is awaited"]
pub struct ReceiveAfter<'m, M: Message, P, K, T> {
    receive: Receive<'m, M, P, K, T>,
    /// `None`: at once.
    deadline: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<M, P, K, T> Future for ReceiveAfter<'_, M, P, K, T>
where
    M: Message,
    P: FnMut(&Received<M>) -> Option<K>,
{
    type Output = Option<T>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        match this.receive.seek(cx) {
            Sought::Match(found) => return Poll::Ready(Some(found)),
            Sought::Later => return Poll::Pending,
            Sought::None => {}
        }
        let Some(deadline) = this.deadline else {
            this.receive.mail.spend();
            return Poll::Ready(None);
        };
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(time::sleep_until(deadline)));
        if sleep.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        this.receive.mail.rest();
        Poll::Pending
    }
}

impl<M: Message, P, K, T> fmt::Debug for ReceiveAfter<'_, M, P, K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiveAfter({:?})", self.receive.mail)
    }
}
