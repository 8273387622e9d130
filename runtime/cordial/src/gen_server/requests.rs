//! Calls under way, collected: OTP's `send_request` and its collections of request ids.
use super::client::{Call, TryCall, flatten};
use crate::error::{CallError, TryCallError};
use crate::process::{Node, wait};
use crate::rt::sync::Lock;
use crate::rt::time::{self, Instant};
use crate::timer::TimerKey;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Calls under way, each with a label; the answers come in the order in which they are given.
///
/// A call is sent when its method is called, so it may be added at any time after; answers that
/// are there already come in the order of [`add`](Self::add).
/// Dropping the collection abandons what is left: late answers are dropped.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::gen_server::Requests;
/// use cordial::prelude::*;
/// #[gen_server]
/// #[derive(Clone)]
/// struct Depot(u32);
/// #[gen_server]
/// impl Depot {
///     #[call]
///     fn stock(&self) -> u32 {
///         self.0
///     }
/// }
/// let north = Depot::start(Depot(3)).await.unwrap();
/// let south = Depot::start(Depot(4)).await.unwrap();
/// let mut stocks = Requests::new();
/// stocks.add("north", north.stock());
/// stocks.add("south", south.stock());
/// let mut sum = 0;
/// while let Some((depot, stock)) = stocks.next().await {
///     println!("{depot} has {stock:?}");
///     sum += stock.unwrap();
/// }
/// assert_eq!(sum, 7);
/// # }
/// ```
///
/// # Differences from OTP
/// Each request keeps the limit of its call, 5 s unless it says otherwise, where
/// [`next`](Self::next) waits; OTP waits as long as it is told to.
pub struct Requests<L, T, E = CallError> {
    waiting: HashMap<u64, Entry<L, T, E>>,
    /// The limits of the calls, the nearest first.
    dues: BTreeSet<(Instant, u64)>,
    answered: Arc<Answered>,
    last: u64,
    alarm: Option<(Instant, Alarm)>,
}

struct Entry<L, T, E> {
    label: L,
    sent: Box<dyn Awaited<T, E>>,
    due: Option<Instant>,
    /// It was there when the call was added.
    answer: Option<Result<T, E>>,
}

impl<L, T, E> Requests<L, T, E> {
    /// None yet.
    pub fn new() -> Self {
        Self {
            waiting: HashMap::new(),
            dues: BTreeSet::new(),
            answered: Arc::default(),
            last: 0,
            alarm: None,
        }
    }

    /// Adds a call that was sent; labels need not differ.
    pub fn add(&mut self, label: L, call: impl Request<Value = T, Error = E>) {
        self.last += 1;
        let key = self.last;
        let Sent(mut sent) = call.into_sent();
        let due = sent.due();
        let waker = self.answered.waker_of(key);
        let answer = match sent.poll_answer(&Context::from_waker(&waker)) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        };
        if answer.is_some() {
            self.answered.state.lock().keys.push_back(key);
        }
        self.dues.extend(due.map(|due| (due, key)));
        self.waiting.insert(key, Entry { label, sent, due, answer });
    }

    /// How many are left.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The next answer, with its label; `None` when no request is left. A call whose limit is over
    /// is answered with that, and abandoned.
    ///
    /// # Cancel safety
    /// Dropping it loses nothing.
    pub async fn next(&mut self) -> Option<(L, Result<T, E>)> {
        poll_fn(|cx| {
            if let Some(only) = self.only_unbounded() {
                return self.poll_only(only, cx);
            }
            let due = self.dues.first().map(|(due, _)| *due);
            self.poll(cx, due).map(|woken| match woken {
                Woken::Answer(answer) => Some(answer),
                Woken::Due => self.time_out(),
                Woken::Empty => None,
            })
        })
        .await
    }

    /// The one whose limit is over.
    fn time_out(&mut self) -> Option<(L, Result<T, E>)> {
        let (_, key) = self.dues.first().copied()?;
        let late = self.remove(key);
        Some((late.label, Err(late.sent.timed_out())))
    }

    /// The next answer that comes within `limit`, which is all that bounds the wait. `None`: none
    /// came, or none is left; what is left stays valid.
    ///
    /// # Cancel safety
    /// Dropping it loses nothing.
    pub async fn wait(&mut self, limit: Duration) -> Option<(L, Result<T, E>)> {
        let due = time::after(Instant::now(), limit);
        poll_fn(|cx| {
            self.poll(cx, Some(due)).map(|woken| match woken {
                Woken::Answer(answer) => Some(answer),
                Woken::Due | Woken::Empty => None,
            })
        })
        .await
    }

    /// The last one left, if nothing bounds it: then it is awaited as any call, which finds a
    /// circle of waits.
    fn only_unbounded(&self) -> Option<u64> {
        let (key, entry) = self.waiting.iter().next().filter(|_| self.waiting.len() == 1)?;
        (entry.due.is_none() && entry.answer.is_none()).then_some(*key)
    }

    fn poll_only(&mut self, key: u64, cx: &mut Context<'_>) -> Poll<Option<(L, Result<T, E>)>> {
        let entry = self.waiting.get_mut(&key).expect("it was just found");
        match Pin::new(&mut *entry.sent).poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some((self.remove(key).label, answer))),
            Poll::Pending => {
                // Should another join it, it is looked at again.
                self.answered.state.lock().keys = VecDeque::from([key]);
                Poll::Pending
            }
        }
    }

    fn poll(&mut self, cx: &Context<'_>, due: Option<Instant>) -> Poll<Woken<L, T, E>> {
        if self.is_empty() {
            return Poll::Ready(Woken::Empty);
        }
        self.answered.state.lock().waker = Some(cx.waker().clone());
        while let Some(key) = self.answered.next() {
            let Some(answer) = self.answer_of(key) else { continue };
            return Poll::Ready(Woken::Answer((self.remove(key).label, answer)));
        }
        match due {
            Some(due) if Instant::now() >= due => return Poll::Ready(Woken::Due),
            Some(due) => self.arm(due),
            None => self.alarm = None,
        }
        wait::note_bounded(cx, None);
        Poll::Pending
    }

    /// `None`: it was woken for another reason, or is gone.
    fn answer_of(&mut self, key: u64) -> Option<Result<T, E>> {
        let entry = self.waiting.get_mut(&key)?;
        if let Some(answer) = entry.answer.take() {
            return Some(answer);
        }
        let waker = self.answered.waker_of(key);
        match entry.sent.poll_answer(&Context::from_waker(&waker)) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        }
    }

    fn remove(&mut self, key: u64) -> Entry<L, T, E> {
        let entry = self.waiting.remove(&key).expect("what is answered is in the collection");
        if let Some(due) = entry.due {
            self.dues.remove(&(due, key));
        }
        entry
    }

    fn arm(&mut self, due: Instant) {
        if self.alarm.as_ref().is_some_and(|(armed, _)| *armed == due) {
            return;
        }
        let Some(entry) = self.waiting.values().next() else { return };
        let answered = self.answered.clone();
        let alarm = Alarm::arm(entry.sent.node(), due, move || answered.wake());
        self.alarm = Some((due, alarm));
    }
}

/// What a poll of the collection comes to.
enum Woken<L, T, E> {
    Answer((L, Result<T, E>)),
    Due,
    Empty,
}

impl<L, T, E> Default for Requests<L, T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: fmt::Debug, T, E> fmt::Debug for Requests<L, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.waiting.values().map(|entry| &entry.label)).finish()
    }
}

// ===== Who was answered =====

/// Whose answers came, in their order.
#[derive(Default)]
struct Answered {
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    keys: VecDeque<u64>,
    waker: Option<Waker>,
}

impl Answered {
    fn waker_of(self: &Arc<Self>, key: u64) -> Waker {
        Arc::new(Tag { key, answered: self.clone() }).into()
    }

    fn next(&self) -> Option<u64> {
        self.state.lock().keys.pop_front()
    }

    fn wake(&self) {
        let waker = self.state.lock().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The waker of one request.
struct Tag {
    key: u64,
    answered: Arc<Answered>,
}

impl Wake for Tag {
    fn wake(self: Arc<Self>) {
        self.answered.state.lock().keys.push_back(self.key);
        self.answered.wake();
    }
}

// ===== What can be collected =====

/// A call that was sent: [`Call`] or [`TryCall`].
pub trait Request: Send + 'static {
    /// What the answer is.
    type Value;
    /// Why there is none.
    type Error;
    /// As the collection keeps it.
    #[doc(hidden)]
    fn into_sent(self) -> Sent<Self::Value, Self::Error>;
}

/// A call in a collection.
#[doc(hidden)]
pub struct Sent<T, E>(Box<dyn Awaited<T, E>>);

trait Awaited<T, E>: Future<Output = Result<T, E>> + Unpin + Send {
    fn poll_answer(&mut self, cx: &Context<'_>) -> Poll<Result<T, E>>;
    fn due(&mut self) -> Option<Instant>;
    fn timed_out(&self) -> E;
    fn node(&self) -> &Arc<Node>;
}

impl<T: Send + 'static> Awaited<T, CallError> for Call<T> {
    fn poll_answer(&mut self, cx: &Context<'_>) -> Poll<Result<T, CallError>> {
        Self::poll_answer(self, cx)
    }
    fn due(&mut self) -> Option<Instant> {
        Self::due(self)
    }
    fn timed_out(&self) -> CallError {
        Self::timed_out(self)
    }
    fn node(&self) -> &Arc<Node> {
        Self::node(self)
    }
}

impl<T: Send + 'static, E: Send + 'static> Awaited<T, TryCallError<E>> for TryCall<T, E> {
    fn poll_answer(&mut self, cx: &Context<'_>) -> Poll<Result<T, TryCallError<E>>> {
        self.0.poll_answer(cx).map(flatten)
    }
    fn due(&mut self) -> Option<Instant> {
        self.0.due()
    }
    fn timed_out(&self) -> TryCallError<E> {
        TryCallError::Call(self.0.timed_out())
    }
    fn node(&self) -> &Arc<Node> {
        self.0.node()
    }
}

impl<T: Send + 'static> Request for Call<T> {
    type Value = T;
    type Error = CallError;
    fn into_sent(self) -> Sent<T, CallError> {
        Sent(Box::new(self))
    }
}

impl<T: Send + 'static, E: Send + 'static> Request for TryCall<T, E> {
    type Value = T;
    type Error = TryCallError<E>;
    fn into_sent(self) -> Sent<T, TryCallError<E>> {
        Sent(Box::new(self))
    }
}

// ===== Waiting with a bound =====

/// A timer that goes with whoever holds this.
pub(crate) struct Alarm {
    node: Arc<Node>,
    key: TimerKey,
}

impl Alarm {
    pub(crate) fn arm(
        node: &Arc<Node>,
        due: Instant,
        fire: impl FnOnce() + Send + 'static,
    ) -> Self {
        let key = node.timers.arm(due, fire);
        Self { node: node.clone(), key }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.node.timers.cancel(self.key);
    }
}
