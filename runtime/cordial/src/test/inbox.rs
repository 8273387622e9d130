//! Fake servers: the real handle of a server, or any address, and the messages that come to it.
use super::PATIENCE;
use crate::exit::ExitReason;
use crate::gen_server::Faked;
use crate::process::{self, Mailbox, Message, RawRef, Received};
use crate::rt::sync::{Lock, Notify};
use crate::rt::time::{self, Instant};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A fake server: the real handle of `S`, and the messages that come to it. With `dyn Storage` it
/// is whatever has that behaviour.
///
/// It is a process like any other: it can be watched, stopped and killed. It answers nobody by
/// itself: what it is sent waits until the test takes it.
///
/// # Examples
/// ```rust,test_harness
/// use cordial::prelude::*;
/// use cordial::test::expect_call;
/// #[gen_server]
/// #[derive(Clone)]
/// struct Board;
/// #[gen_server]
/// impl Board {
///     #[call]
///     fn score(&self, player: &str) -> u32 {
///         player.len() as u32
///     }
/// }
///
/// #[cordial::test]
/// async fn probe_answers_for_the_board() {
///     let (board, mut probe) = cordial::probe::<Board>();
///     let score = board.score("ann");
///     expect_call!(probe, BoardMsg::Score { player } => if player == "ann" { 99 } else { 0 });
///     assert_eq!(score.await, Ok(99));
/// }
///
/// #[cordial::test]
/// async fn messages_can_be_taken_by_hand() {
///     let (board, mut probe) = cordial::probe::<Board>();
///     let score = board.score("ann");
///     match probe.next().await {
///         Some(BoardMsg::Score { player: _, from }) => from.reply(7),
///         None => unreachable!(),
///     }
///     assert_eq!(score.await, Ok(7));
/// }
/// ```
///
/// # Panics
/// Without a tokio runtime.
pub fn probe<S: Faked + ?Sized>() -> (S::Handle, Probe<S>) {
    let (address, inbox) = inbox();
    (S::handle(address), Probe { inbox })
}

/// The messages of a fake server, in the order in which they came.
///
/// [`expect_cast!`](super::expect_cast) and its kin take them one by one.
pub struct Probe<S: Faked + ?Sized> {
    inbox: Inbox<S::Msg>,
}

impl<S: Faked + ?Sized> Probe<S> {
    /// The next message; `None` if there is none within 20 s.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    pub async fn next(&mut self) -> Option<S::Msg> {
        self.inbox.next().await
    }

    /// A message that has come already.
    pub fn try_next(&mut self) -> Option<S::Msg> {
        self.inbox.try_next()
    }
}

impl<S: Faked + ?Sized> fmt::Debug for Probe<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Probe({:?})", self.inbox.kinds())
    }
}

/// An address, and the messages that come to it: what a test gives to a process that sends to one.
///
/// # Examples
/// ```rust,test_harness
/// use cordial::test::{assert_receive, inbox};
///
/// enum Event {
///     Opened,
///     Sold(u32),
/// }
/// impl cordial::Message for Event {
///     fn kind(&self) -> &'static str {
///         match self {
///             Self::Opened => "opened",
///             Self::Sold(_) => "sold",
///         }
///     }
/// }
///
/// #[cordial::test]
/// async fn shop_tells_what_it_sells() {
///     let (address, mut events) = inbox::<Event>();
///     address.send(Event::Opened);
///     address.send(Event::Sold(3));
///     let price = assert_receive!(events, Event::Sold(price) if price > 2 => price);
///     assert_eq!(price, 3);
///     assert!(matches!(events.try_next(), Some(Event::Opened)));
/// }
/// ```
///
/// # Panics
/// Without a tokio runtime.
pub fn inbox<M: Message>() -> (RawRef<M>, Inbox<M>) {
    let line = Arc::new(Line::default());
    let sink = line.clone();
    let address = process::spawn(async move |mail| collect(mail, |_| None, &sink).await);
    (address, Inbox { line })
}

/// Messages that a test takes one by one; what [`inbox()`] gives.
pub struct Inbox<M> {
    line: Arc<Line<M>>,
}

impl<M: Message> Inbox<M> {
    /// The next message; `None` if there is none within 20 s.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    pub async fn next(&mut self) -> Option<M> {
        self.next_by(time::after(Instant::now(), PATIENCE)).await
    }

    /// A message that has come already.
    pub fn try_next(&mut self) -> Option<M> {
        self.line.items.lock().pop_front()
    }

    /// The next message, if it comes in time; one that is there is given in any case.
    pub(super) async fn next_by(&mut self, due: Instant) -> Option<M> {
        loop {
            if let Some(message) = self.try_next() {
                return Some(message);
            }
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() || time::timeout(left, self.line.pushed.notified()).await.is_err() {
                return self.try_next();
            }
        }
    }

    /// Puts messages back, before all others.
    pub(super) fn put_back(&mut self, messages: VecDeque<M>) {
        let mut items = self.line.items.lock();
        for message in messages.into_iter().rev() {
            items.push_front(message);
        }
    }

    pub(super) fn kinds(&self) -> Vec<&'static str> {
        self.line.items.lock().iter().map(Message::kind).collect()
    }

    pub(super) fn of(line: Arc<Line<M>>) -> Self {
        Self { line }
    }
}

impl<M: Message> fmt::Debug for Inbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbox({:?})", self.kinds())
    }
}

/// Where a test takes messages from: a [`Probe`] or an [`Inbox`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no messages that a test could look at",
    label = "neither a probe nor an inbox",
    note = "`cordial::probe::<Server>()` is a fake server, `cordial::test::inbox()` an address"
)]
pub trait Receives {
    /// What comes.
    type Msg: Message;

    #[doc(hidden)]
    fn inbox(&mut self) -> &mut Inbox<Self::Msg>;
}

impl<M: Message> Receives for Inbox<M> {
    type Msg = M;

    fn inbox(&mut self) -> &mut Self {
        self
    }
}

impl<S: Faked + ?Sized> Receives for Probe<S> {
    type Msg = S::Msg;

    fn inbox(&mut self) -> &mut Inbox<S::Msg> {
        &mut self.inbox
    }
}

/// The body of the process behind an inbox. It ends when its node does; any other `Exit` or `Down`
/// is a message if `convert` says which.
pub(super) async fn collect<M: Message>(
    mut mail: Mailbox<M>,
    convert: impl Fn(Received<M>) -> Option<M>,
    line: &Line<M>,
) -> ExitReason {
    process::trap_exit(true);
    loop {
        let message = match mail.receive().await {
            Received::Message(message) => Some(message),
            Received::Exit(exit) if exit.reason == ExitReason::Shutdown => return exit.reason,
            other => convert(other),
        };
        if let Some(message) = message {
            line.push(message);
        }
    }
}

/// A line between a process and the test.
pub(super) struct Line<M> {
    items: Lock<VecDeque<M>>,
    pushed: Notify,
}

impl<M> Default for Line<M> {
    fn default() -> Self {
        Self { items: Lock::default(), pushed: Notify::new() }
    }
}

impl<M> Line<M> {
    fn push(&self, message: M) {
        self.items.lock().push_back(message);
        self.pushed.notify_one();
    }
}

/// When a wait that starts now is over.
pub(super) fn due(within: Option<Duration>) -> Instant {
    time::after(Instant::now(), within.unwrap_or(PATIENCE))
}
