//! Streams that a server takes messages from: `#[info(stream = self.field)]`.
//!
//! # Rules (cited as S1 to S5)
//! - S1 A stream is polled by its own server, between two messages, and never while a handler runs:
//!   an item that was taken is handled, or ends with the process like any other message.
//! - S2 At most one mail of a stream stands in the line. It is put there when the stream is ready,
//!   and again behind all that waits when an item was taken: a stream is as fair as a sender that
//!   sends its next message when the last one is handled.
//! - S3 After each message, streams without such a mail are polled: one that a handler has put in
//!   the place of another is noticed.
//! - S4 The end is told once, to a handler that takes `Option<T>`. Then the stream is polled no
//!   more, unless it [goes on](InfoStream::goes_on).
//! - S5 Who holds a waker holds no process: it may outlive the server.
use super::{Accepts, GenServer};
use crate::mailbox::{Mail, System};
use crate::pid::Pid;
use crate::process::Message;
use crate::process::cell::Cell;
use crate::rt::sync::atomic::AtomicBool;
use crate::rt::time::{Instant, Interval};
use crate::rt::{Receiver, UnboundedReceiver};
use std::fmt;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

/// Something that a server takes messages from, beside its mailbox: `#[info(stream = self.field)]`.
///
/// The receivers of tokio's channels are streams, its intervals, `Option` of a stream, and what
/// [`poll_fn`] makes of anything that can be polled: a listener, or a `Stream` of the `futures`
/// crates. It is a trait of cordial's because the standard library has none yet.
///
/// # Examples
/// A server that reads a channel until that is closed:
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::process;
/// use tokio::sync::mpsc;
///
/// #[gen_server]
/// struct Reader {
///     lines: mpsc::Receiver<String>,
///     read: usize,
/// }
/// #[gen_server]
/// impl Reader {
///     #[init]
///     fn init(lines: mpsc::Receiver<String>) -> Self {
///         Self { lines, read: 0 }
///     }
///     #[info(stream = self.lines)]
///     fn line(&mut self, line: Option<String>) -> Flow {
///         match line {
///             Some(line) => self.read += line.len(),
///             None => return Flow::Stop(ExitReason::Normal),
///         }
///         Flow::Continue
///     }
/// }
///
/// let (lines, receiver) = mpsc::channel(8);
/// let reader = Reader::start(receiver).await.unwrap();
/// let down = process::monitor(&reader);
/// lines.send("hello".to_owned()).await.unwrap();
/// drop(lines);
/// assert_eq!(down.await.reason, ExitReason::Normal);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a server cannot take messages from `{Self}`",
    label = "not an `InfoStream`",
    note = "streams are tokio's receivers and intervals, `Option` of one, and what \
        `cordial::gen_server::poll_fn(|cx| ..)` makes of what can be polled"
)]
pub trait InfoStream {
    /// What it yields.
    type Item;

    /// The next item, or `None` at the end. Where it answers [`Poll::Pending`] it wakes the waker
    /// when there is more.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::Item>>;

    /// Whether it may yield again after its end, and can be polled then: true of an `Option`, in
    /// whose place a new stream may be put.
    fn goes_on(&self) -> bool {
        false
    }
}

impl<T: InfoStream + ?Sized> InfoStream for Box<T> {
    type Item = T::Item;

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        (**self).poll_next(cx)
    }

    fn goes_on(&self) -> bool {
        (**self).goes_on()
    }
}

/// No stream until there is one. When the one that is there ends, its place is empty again.
impl<T: InfoStream> InfoStream for Option<T> {
    type Item = T::Item;

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = self else { return Poll::Pending };
        let polled = stream.poll_next(cx);
        if matches!(polled, Poll::Ready(None)) {
            *self = None;
        }
        polled
    }

    fn goes_on(&self) -> bool {
        true
    }
}

impl<T> InfoStream for Receiver<T> {
    type Item = T;

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv(cx)
    }
}

impl<T> InfoStream for UnboundedReceiver<T> {
    type Item = T;

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv(cx)
    }
}

/// It never ends. Its first tick comes at once.
impl InfoStream for Interval {
    type Item = Instant;

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.poll_tick(cx).map(Some)
    }
}

/// A stream of what a function yields when it is polled; what [`poll_fn`] gives.
pub struct PollFn<F>(F);

/// Makes a stream of a function that is polled. A field of a server names it as
/// `Box<dyn InfoStream<Item = T> + Send>`.
///
/// A listener's connections are `poll_fn(move |cx| listener.poll_accept(cx).map(Result::ok))`, a
/// `Stream` of the `futures` crates is `poll_fn(move |cx| stream.as_mut().poll_next(cx))`, where
/// `stream` is a `Pin<Box<..>>`.
///
/// # Examples
/// Two channels as one stream:
/// ```
/// use cordial::InfoStream;
/// use cordial::gen_server::poll_fn;
/// use cordial::prelude::*;
/// use tokio::sync::mpsc::Receiver;
///
/// #[gen_server]
/// struct Ear {
///     heard: Box<dyn InfoStream<Item = u32> + Send>,
/// }
/// #[gen_server]
/// impl Ear {
///     #[init]
///     fn init(mut left: Receiver<u32>, mut right: Receiver<u32>) -> Self {
///         let both = poll_fn(move |cx| match left.poll_recv(cx) {
///             std::task::Poll::Pending => right.poll_recv(cx),
///             ready => ready,
///         });
///         Self { heard: Box::new(both) }
///     }
///     #[info(stream = self.heard)]
///     fn heard(&mut self, sound: u32) {
///         println!("{sound}");
///     }
/// }
/// # fn main() {}
/// ```
pub fn poll_fn<T, F: FnMut(&mut Context<'_>) -> Poll<Option<T>>>(poll: F) -> PollFn<F> {
    PollFn(poll)
}

impl<T, F: FnMut(&mut Context<'_>) -> Poll<Option<T>>> InfoStream for PollFn<F> {
    type Item = T;

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        (self.0)(cx)
    }
}

impl<F> fmt::Debug for PollFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PollFn")
    }
}

/// What a handler of a stream takes: the item, or `Option` of it, which is told of the end, too.
#[diagnostic::on_unimplemented(
    message = "the stream yields `{Item}`, which this handler does not take",
    label = "not `{Item}` and not `Option<{Item}>`",
    note = "a handler that takes `Option<{Item}>` is told of the stream's end with `None`"
)]
pub trait FromStream<Item>: Sized {
    /// One item.
    fn item(item: Item) -> Self;
    /// The end, if it is told.
    fn end() -> Option<Self>;
}

impl<T> FromStream<T> for T {
    fn item(item: T) -> Self {
        item
    }

    fn end() -> Option<Self> {
        None
    }
}

impl<T> FromStream<T> for Option<T> {
    fn item(item: T) -> Self {
        Some(item)
    }

    fn end() -> Option<Self> {
        Some(None)
    }
}

/// What came of a poll, as a message of the server.
#[derive(Debug)]
pub enum Polled<M> {
    /// There is one.
    Item(M),
    /// There is none.
    End {
        /// What the server is told of it.
        told: Option<M>,
        /// It may be polled again.
        goes_on: bool,
    },
}

/// How a server polls one of its streams.
pub type PollStream<S> = fn(&mut S, &mut Context<'_>) -> Poll<Polled<<S as GenServer>::Msg>>;

/// Polls `stream`, whose handler takes `A`.
pub fn poll_stream<S, A, T>(stream: &mut T, cx: &mut Context<'_>) -> Poll<Polled<S::Msg>>
where
    S: Accepts<A>,
    A: FromStream<T::Item>,
    T: InfoStream + ?Sized,
{
    stream.poll_next(cx).map(|item| match item {
        Some(item) => Polled::Item(S::accept(A::item(item))),
        None => Polled::End { told: A::end().map(S::accept), goes_on: stream.goes_on() },
    })
}

/// The streams of a server.
pub(super) struct Streams<S: GenServer>(Vec<Source<S>>);

struct Source<S: GenServer> {
    poll: PollStream<S>,
    ready: Arc<Readiness<S::Msg>>,
    waker: Waker,
    is_over: bool,
}

impl<S: GenServer> Default for Streams<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: GenServer> Streams<S> {
    /// Its first poll is the first mail after `init`.
    pub(super) fn add(&mut self, cell: &Arc<Cell<S::Msg>>, pid: Pid, poll: PollStream<S>) {
        let (cell, number) = (Arc::downgrade(cell), self.0.len());
        let ready = Arc::new(Readiness { cell, pid, number, is_queued: AtomicBool::new(false) });
        ready.queue();
        let waker = Waker::from(ready.clone());
        self.0.push(Source { poll, ready, waker, is_over: false });
    }

    /// The mail of stream `number` has come.
    pub(super) fn take(&mut self, number: usize, state: &mut S) -> Option<S::Msg> {
        let source = self.0.get_mut(number)?;
        source.ready.is_queued.store(false, Release); // First: it may be ready again meanwhile.
        source.poll(state)
    }

    /// S3.
    pub(super) fn look(&mut self, state: &mut S) -> Option<S::Msg> {
        let idle = |source: &&mut Source<S>| !source.ready.is_queued.load(Acquire);
        self.0.iter_mut().filter(idle).find_map(|source| source.poll(state))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// No mail of theirs comes any more.
    pub(super) fn stop(&self) {
        self.0.iter().for_each(|source| source.ready.is_queued.store(true, Release));
    }

    /// The state is another one, perhaps.
    pub(super) fn look_again(&self) {
        self.0.iter().for_each(|source| source.ready.queue());
    }
}

impl<S: GenServer> Source<S> {
    fn poll(&mut self, state: &mut S) -> Option<S::Msg> {
        if self.is_over {
            return None;
        }
        match (self.poll)(state, &mut Context::from_waker(&self.waker)) {
            Poll::Pending => None,
            Poll::Ready(Polled::Item(message)) => {
                self.ready.queue(); // S2
                Some(message)
            }
            Poll::Ready(Polled::End { told, goes_on }) => {
                self.is_over = !goes_on; // S4
                told
            }
        }
    }
}

/// Who is woken when a stream has more.
struct Readiness<M> {
    cell: Weak<Cell<M>>, // S5
    pid: Pid,
    number: usize,
    is_queued: AtomicBool,
}

impl<M: Message> Readiness<M> {
    fn queue(&self) {
        if self.is_queued.swap(true, AcqRel) {
            return;
        }
        if let Some(cell) = self.cell.upgrade() {
            cell.deliver(self.pid, Mail::System(Box::new(System::Ready(self.number))));
        }
    }
}

impl<M: Message> Wake for Readiness<M> {
    fn wake(self: Arc<Self>) {
        self.queue();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.queue();
    }
}
