//! What is kept of the messages that a server handles, while somebody wants to know.
//!
//! It stands beside the process: who looks asks nothing of it, and a server that nobody watches
//! does nothing for it.
use super::Node;
use crate::pid::Pid;
use crate::rt::sync::Lock;
use crate::rt::time::{self, Instant};
use crate::telemetry::events::MessageHandled;
use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A trace lasts no longer.
pub(crate) const LONGEST_TRACE: Duration = Duration::from_secs(60);

/// Messages that a trace keeps for a reader who is slow.
const MOST_UNREAD: usize = 10_000;

/// How the handling of a message ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The server goes on.
    Done,
    /// The server stops.
    Stopped,
    /// The handler panicked.
    Panicked,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Panicked => "panicked",
        })
    }
}

/// A message that was handled.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Handled {
    /// By whom.
    pub pid: Pid,
    /// Its kind: the handler's name.
    pub kind: &'static str,
    /// When that began.
    pub began: std::time::Instant,
    /// How long it took, what it awaited included.
    pub took: Duration,
    /// How it ended.
    pub outcome: Outcome,
}

/// `add` by <0.4.1> in 12µs: done
impl fmt::Display for Handled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, kind, took, outcome, .. } = self;
        write!(f, "`{kind}` by {pid} in {took:?}: {outcome}")
    }
}

/// What a server has handled since somebody began to count.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Statistics {
    /// For how long it has been counted.
    pub during: Duration,
    /// Messages that were handled.
    pub handled: u64,
    /// The same by kind.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// How long that took in all, what handlers awaited included.
    pub busy: Duration,
}

/// Who watches one process.
pub(crate) struct Watching {
    pid: Pid,
    server: Arc<str>,
    node: Arc<Node>,
    kept: Lock<Kept>,
}

#[derive(Default)]
struct Kept {
    counts: Option<Counts>,
    log: VecDeque<Handled>,
    most_logged: usize,
    traces: Vec<Arc<Tracing>>,
    is_told: bool,
    now: Option<Now>,
}

struct Counts {
    since: Instant,
    by_kind: BTreeMap<&'static str, u64>,
    busy: Duration,
}

/// What is being handled.
struct Now {
    kind: &'static str,
    began: Instant,
    /// Whose filter takes it.
    traces: Vec<Arc<Tracing>>,
}

impl Watching {
    pub(super) fn new(pid: Pid, server: Arc<str>, node: Arc<Node>) -> Self {
        Self { pid, server, node, kept: Lock::default() }
    }

    /// False: nobody wants to know any more.
    pub(crate) fn begin(&self, kind: &'static str, message: &dyn Any) -> bool {
        let mut traces = {
            let mut kept = self.kept.lock();
            kept.traces.retain(|trace| !trace.is_over());
            let wants = kept.counts.is_some() || kept.is_told || kept.most_logged > 0;
            if !wants && kept.traces.is_empty() {
                return false;
            }
            kept.traces.clone()
        };
        traces.retain(|trace| trace.filter.takes(kind, message)); // The user's, so without a lock.
        let before = self.kept.lock().now.replace(Now { kind, began: Instant::now(), traces });
        drop(before);
        true
    }

    pub(crate) fn end(&self, outcome: Outcome) {
        let mut kept = self.kept.lock();
        let Some(Now { kind, began, traces }) = kept.now.take() else { return };
        let took = began.elapsed();
        let handled = Handled { pid: self.pid, kind, began: began.into_std(), took, outcome };
        if let Some(counts) = &mut kept.counts {
            *counts.by_kind.entry(kind).or_default() += 1;
            counts.busy += took;
        }
        if kept.most_logged > 0 {
            let most = kept.most_logged;
            kept.log.truncate(most - 1);
            kept.log.push_front(handled.clone());
        }
        let is_told = kept.is_told;
        drop(kept);
        for trace in traces {
            trace.add(&handled);
        }
        if is_told {
            self.node.telemetry.emit(|| MessageHandled {
                pid: self.pid,
                server: self.server.clone(),
                kind,
                took,
                outcome: outcome.to_string(),
            });
        }
    }

    pub(crate) fn count(&self, on: bool) {
        let counts =
            || Counts { since: Instant::now(), by_kind: BTreeMap::new(), busy: Duration::ZERO };
        self.kept.lock().counts = on.then(counts);
    }

    pub(crate) fn statistics(&self) -> Option<Statistics> {
        let kept = self.kept.lock();
        let Counts { since, by_kind, busy } = kept.counts.as_ref()?;
        Some(Statistics {
            during: since.elapsed(),
            handled: by_kind.values().sum(),
            by_kind: by_kind.clone(),
            busy: *busy,
        })
    }

    pub(crate) fn keep_log(&self, most: usize) {
        let mut kept = self.kept.lock();
        kept.most_logged = most;
        kept.log.truncate(most);
    }

    /// The youngest last.
    pub(crate) fn log(&self) -> Vec<Handled> {
        self.kept.lock().log.iter().rev().cloned().collect()
    }

    pub(crate) fn tell(&self, on: bool) {
        self.kept.lock().is_told = on;
    }

    pub(crate) fn trace(&self, filter: Filter, limit: Limit) -> Trace {
        let tracing = Tracing::new((filter, limit), false);
        self.join(&tracing);
        Trace { tracing, of_type: None }
    }

    /// A trace takes what this server handles, too; at most once.
    pub(crate) fn join(&self, tracing: &Arc<Tracing>) {
        let mut kept = self.kept.lock();
        // A server that handles nothing would keep those that are over.
        let (over, going): (Vec<_>, Vec<_>) =
            std::mem::take(&mut kept.traces).into_iter().partition(|trace| trace.is_over());
        kept.traces = going;
        if !kept.traces.iter().any(|trace| Arc::ptr_eq(trace, tracing)) {
            kept.traces.push(tracing.clone());
        }
        drop(kept);
        drop(over); // Their filters are the user's.
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        for trace in self.kept.get_mut().traces.drain(..).filter(|trace| !trace.is_of_type) {
            trace.close(TraceEnd::ProcessEnded);
        }
    }
}

// ===== Traces =====

/// Which messages a trace takes.
pub struct Filter(Takes);

type TakesMessage = dyn Fn(&dyn Any) -> bool + Send + Sync;

enum Takes {
    All,
    Kinds(Vec<String>),
    By(Box<TakesMessage>),
}

impl Filter {
    /// All of them.
    pub fn all() -> Self {
        Self(Takes::All)
    }

    /// Those of these kinds, by the names of their handlers.
    pub fn kinds<K: Into<String>>(kinds: impl IntoIterator<Item = K>) -> Self {
        Self(Takes::Kinds(kinds.into_iter().map(Into::into).collect()))
    }

    /// Those that `takes` says, which the compiler knows the variants of:
    /// `Filter::by(|msg: &CounterMsg| matches!(msg, CounterMsg::Add { .. }))`. It runs in the
    /// process, and one that panics takes nothing.
    pub fn by<M: 'static>(takes: impl Fn(&M) -> bool + Send + Sync + 'static) -> Self {
        Self(Takes::By(Box::new(move |message| message.downcast_ref().is_some_and(&takes))))
    }

    fn takes(&self, kind: &str, message: &dyn Any) -> bool {
        match &self.0 {
            Takes::All => true,
            Takes::Kinds(kinds) => kinds.iter().any(|one| one == kind),
            Takes::By(takes) => super::panics::contain(|| takes(message)).unwrap_or(false),
        }
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Takes::All => f.write_str("all"),
            Takes::Kinds(kinds) => kinds.fmt(f),
            Takes::By(_) => f.write_str("by message"),
        }
    }
}

/// When a trace ends by itself; there is none without.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit(Bound);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bound {
    Count(u64),
    Rate(u64, Duration),
}

impl Limit {
    /// After so many messages.
    pub const fn count(messages: u64) -> Self {
        Self(Bound::Count(messages))
    }

    /// As soon as there are more messages than this within `per`.
    pub const fn rate(messages: u64, per: Duration) -> Self {
        Self(Bound::Rate(messages, per))
    }
}

/// Why a trace is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TraceEnd {
    /// So many messages as it was to take.
    Count,
    /// More messages in a time than it was to take.
    Rate,
    /// It lasted 60 s.
    Time,
    /// The process is gone.
    ProcessEnded,
    /// Nobody read what it took.
    Unread,
}

/// A trace as the processes see it that it takes from.
pub(crate) struct Tracing {
    filter: Filter,
    limit: Limit,
    /// Of all servers of a type, so that it does not end with one of them.
    is_of_type: bool,
    until: Instant,
    told: Lock<Told>,
}

#[derive(Default)]
struct Told {
    unread: VecDeque<Handled>,
    taken: u64,
    /// Since when they are counted, for a rate.
    window: Option<(Instant, u64)>,
    end: Option<TraceEnd>,
    /// Nobody will read it.
    is_dropped: bool,
    waker: Option<Waker>,
}

impl Tracing {
    fn new((filter, limit): (Filter, Limit), is_of_type: bool) -> Arc<Self> {
        let until = time::after(Instant::now(), LONGEST_TRACE);
        Arc::new(Self { filter, limit, is_of_type, until, told: Lock::default() })
    }

    pub(crate) fn is_over(&self) -> bool {
        let told = self.told.lock();
        told.is_dropped || told.end.is_some()
    }

    fn close(&self, end: TraceEnd) {
        let mut told = self.told.lock();
        told.end.get_or_insert(end);
        let waker = told.waker.take();
        drop(told);
        waker.into_iter().for_each(Waker::wake);
    }

    fn add(&self, handled: &Handled) {
        let now = Instant::now();
        let mut told = self.told.lock();
        if told.end.is_some() || told.is_dropped {
            return;
        }
        let end = self.end_before(&mut told, now);
        if end.is_none() {
            told.unread.push_back(handled.clone());
            told.taken += 1;
            if matches!(self.limit.0, Bound::Count(most) if told.taken >= most) {
                told.end = Some(TraceEnd::Count);
            }
        } else {
            told.end = end;
        }
        let waker = told.waker.take();
        drop(told);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Why the next one is not taken any more.
    fn end_before(&self, told: &mut Told, now: Instant) -> Option<TraceEnd> {
        if now >= self.until {
            return Some(TraceEnd::Time);
        }
        if told.unread.len() >= MOST_UNREAD {
            return Some(TraceEnd::Unread);
        }
        match self.limit.0 {
            Bound::Count(most) => (told.taken >= most).then_some(TraceEnd::Count),
            Bound::Rate(most, per) => {
                let (since, count) = told.window.get_or_insert((now, 0));
                if now.duration_since(*since) >= per {
                    (*since, *count) = (now, 0);
                }
                *count += 1;
                (*count > most).then_some(TraceEnd::Rate)
            }
        }
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<Handled>> {
        let mut told = self.told.lock();
        if let Some(handled) = told.unread.pop_front() {
            return Poll::Ready(Some(handled));
        }
        if told.end.is_some() {
            return Poll::Ready(None);
        }
        let before = told.waker.replace(cx.waker().clone());
        drop(told);
        drop(before);
        Poll::Pending
    }
}

/// The messages that a server handles, or all servers of a type, as they are handled. Dropped, the
/// trace ends.
pub struct Trace {
    tracing: Arc<Tracing>,
    /// The node, where all servers of a type are traced.
    of_type: Option<Weak<Node>>,
}

impl Trace {
    /// Of all servers of type `S`; those that live are still to be asked.
    pub(crate) fn of_type<S: 'static>(node: &Arc<Node>, which: (Filter, Limit)) -> Self {
        let tracing = Tracing::new(which, true);
        node.types.trace::<S>(tracing.clone());
        Self { tracing, of_type: Some(Arc::downgrade(node)) }
    }

    /// The next one; `None`: the trace is over.
    ///
    /// # Cancel safety
    /// Dropping it loses nothing.
    pub async fn next(&mut self) -> Option<Handled> {
        let next = std::future::poll_fn(|cx| self.tracing.poll(cx));
        let left = self.tracing.until.saturating_duration_since(Instant::now());
        match time::timeout(left, next).await {
            Ok(next) => next,
            Err(_) => {
                self.tracing.close(TraceEnd::Time);
                None
            }
        }
    }

    /// Why it is over; `None` while it is not. What was taken before can still be read.
    pub fn ended(&self) -> Option<TraceEnd> {
        self.tracing.told.lock().end
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        if let Some(node) = self.of_type.as_ref().and_then(Weak::upgrade) {
            node.types.end_trace(&self.tracing);
        }
        let mut told = self.tracing.told.lock();
        told.is_dropped = true;
        let unread = std::mem::take(&mut told.unread);
        drop(told);
        drop(unread);
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tracing { filter, limit, .. } = &*self.tracing;
        f.debug_struct("Trace").field("filter", filter).field("limit", limit).finish()
    }
}
