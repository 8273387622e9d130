//! A thread for what cannot leave its thread.
//!
//! # Rules (cited as H1 to H4)
//! - H1 All that a host does it does on one thread, in the order in which it was asked to.
//! - H2 Where the runtime has workers, that is a thread of the host's own, inside the runtime: its
//!   sockets and timers work there. Where the runtime is one thread, the host is a task of it, so
//!   that a clock that stands still, and the order of steps, are as they are without it.
//! - H3 What is kept is dropped on that thread, or never, if another one drives the runtime by
//!   then.
//! - H4 The host ends with the runtime, and what is kept then is dropped.
use super::Handle;
use super::sync::Lock;
use super::sync::atomic::AtomicBool;
use super::sync::counts::AtomicU64;
use std::any::Any;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::{Ordering::Relaxed, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::ThreadId;
use std::time::Duration;

/// Work in one poll; then others of the runtime have their turn.
const ROUND: usize = 64;
/// How long who must not go on before the host has done something waits for that.
const PATIENCE: Duration = Duration::from_secs(1);

type Work = Box<dyn FnOnce() + Send>;

/// What lies at a place.
pub(crate) type Kept = Box<dyn Any>;

/// Something that is done with it; it ends with what is to be kept.
pub(crate) type Doing = Pin<Box<dyn Future<Output = Option<Kept>>>>;

pub(crate) struct Host {
    /// Among all hosts of this program.
    number: u64,
    line: Lock<Line>,
    thread: OnceLock<ThreadId>,
    places: AtomicU64,
    /// Somebody has waited for it in vain, and it has done nothing since.
    is_stuck: AtomicBool,
}

#[derive(Default)]
struct Line {
    work: VecDeque<Work>,
    waker: Option<Waker>,
    is_closed: bool,
}

enum Place {
    Rest(Kept),
    Busy(Doing, Waker),
    /// It is polled; `is_left`: and dropped behind that.
    Out {
        is_left: bool,
    },
}

std::thread_local! {
    /// By the number of the host and that of the place. Nothing of the user's runs while it is
    /// borrowed.
    static PLACES: RefCell<HashMap<(u64, u64), Place>> = RefCell::new(HashMap::new());
}

impl Host {
    pub(crate) fn new() -> Arc<Self> {
        static HOSTS: AtomicU64 = AtomicU64::new(0);
        Arc::new(Self {
            number: HOSTS.fetch_add(1, Relaxed),
            line: Lock::default(),
            thread: OnceLock::new(),
            places: AtomicU64::new(0),
            is_stuck: AtomicBool::new(false),
        })
    }

    /// Begins to work (H2).
    ///
    /// # Panics
    /// When the operating system gives no thread.
    pub(crate) fn start(self: &Arc<Self>, runtime: &Handle) {
        use tokio::runtime::RuntimeFlavor;
        let running = Running(self.clone());
        if runtime.runtime_flavor() == RuntimeFlavor::CurrentThread {
            runtime.spawn(running);
            return;
        }
        let (alive, has_ended) = channel();
        let end = End { host: self.clone(), has_ended };
        runtime.spawn(async move {
            let _end = end;
            std::future::pending::<()>().await;
        });
        let inside = runtime.clone();
        let thread = std::thread::Builder::new().name("cordial-local".into());
        let started = thread.spawn(move || {
            let _alive: Sender<()> = alive;
            inside.block_on(running);
        });
        started.expect("the operating system gives a thread for local servers");
    }

    /// A place that nobody else has.
    pub(crate) fn new_place(&self) -> u64 {
        self.places.fetch_add(1, Relaxed)
    }

    /// Whether this is its thread.
    pub(crate) fn is_here(&self) -> bool {
        self.thread.get() == Some(&std::thread::current().id())
    }

    /// H1. False: it has ended, and the work was dropped.
    pub(crate) fn post(&self, work: impl FnOnce() + Send + 'static) -> bool {
        let mut line = self.line.lock();
        if line.is_closed {
            drop(line);
            return false;
        }
        line.work.push_back(Box::new(work));
        let waker = line.waker.take();
        drop(line);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Waits, on a thread that is not the host's, for something that it was asked for. `None`: it
    /// has ended, or it is held up by what it does.
    pub(crate) fn wait_for<T>(&self, answer: &Receiver<T>) -> Option<T> {
        let patience = if self.is_stuck.load(Relaxed) { Duration::ZERO } else { PATIENCE };
        let answer = answer.recv_timeout(patience);
        if matches!(answer, Err(RecvTimeoutError::Timeout)) {
            self.is_stuck.store(true, Relaxed);
        }
        answer.ok()
    }

    fn close(&self) {
        let waker = {
            let mut line = self.line.lock();
            line.is_closed = true;
            line.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

// ===== On the host's thread =====

impl Host {
    /// Does something with what lies at a place, from now on.
    pub(crate) fn begin(self: &Arc<Self>, place: u64, make: impl FnOnce(Option<Kept>) -> Doing) {
        let kept = match self.take(place) {
            Some(Place::Rest(kept)) => Some(kept),
            _ => None,
        };
        let call = Call { host: self.clone(), place, is_called: AtomicBool::new(false) };
        self.go_on(place, make(kept), Arc::new(call).into());
    }

    fn go_on(&self, place: u64, mut doing: Doing, waker: Waker) {
        self.put(place, Place::Out { is_left: false });
        let polled = doing.as_mut().poll(&mut Context::from_waker(&waker));
        let next = match polled {
            Poll::Ready(kept) => kept.map(Place::Rest),
            Poll::Pending => Some(Place::Busy(doing, waker)),
        };
        let was = self.take(place);
        if let (Some(next), Some(Place::Out { is_left: false })) = (next, was) {
            self.put(place, next);
        }
    }

    fn called(&self, place: u64) {
        match self.take(place) {
            Some(Place::Busy(doing, waker)) => self.go_on(place, doing, waker),
            Some(other) => self.put(place, other),
            None => {}
        }
    }

    /// Drops what lies at a place, and what is done with it.
    pub(crate) fn clear(&self, place: u64) {
        match self.take(place) {
            Some(Place::Out { .. }) => self.put(place, Place::Out { is_left: true }),
            left => drop(left),
        }
    }

    fn take(&self, place: u64) -> Option<Place> {
        // While the thread ends there is nothing any more.
        PLACES.try_with(|places| places.borrow_mut().remove(&(self.number, place))).ok()?
    }

    fn put(&self, place: u64, what: Place) {
        PLACES.with_borrow_mut(|places| places.insert((self.number, place), what));
    }

    /// H4.
    fn clear_all(&self) {
        let left = PLACES.try_with(|places| {
            let own = |&(host, _): &(u64, u64)| host == self.number;
            let mut places = places.borrow_mut();
            places.extract_if(|key, _| own(key)).map(|(_, place)| place).collect::<Vec<_>>()
        });
        for place in left.into_iter().flatten() {
            super::contain(|| drop(place));
        }
    }

    /// The next work. `Err`: there is none, and who asks is woken when there is, or it is the end.
    fn next(&self, cx: &Context<'_>) -> Result<Work, Poll<()>> {
        let mut line = self.line.lock();
        if line.is_closed {
            return Err(Poll::Ready(()));
        }
        if let Some(work) = line.work.pop_front() {
            return Ok(work);
        }
        line.waker = Some(cx.waker().clone());
        Err(Poll::Pending)
    }
}

/// The host at work.
struct Running(Arc<Host>);

impl Future for Running {
    type Output = ();
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self(host) = &*self;
        let this = std::thread::current().id();
        if *host.thread.get_or_init(|| this) != this {
            return Poll::Ready(()); // H3
        }
        for _ in 0..ROUND {
            let work = match host.next(cx) {
                Ok(work) => work,
                Err(polled) => return polled,
            };
            super::contain(work);
            host.is_stuck.store(false, Relaxed);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Self(host) = self;
        host.close();
        let left = std::mem::take(&mut host.line.lock().work);
        super::contain(|| drop(left));
        if host.is_here() {
            host.clear_all();
        }
    }
}

/// Goes with the runtime, and takes the host along (H4).
struct End {
    host: Arc<Host>,
    has_ended: Receiver<()>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.host.close();
        if !self.host.is_here() {
            self.host.wait_for(&self.has_ended);
        }
    }
}

/// Wakes what is done at a place.
struct Call {
    host: Arc<Host>,
    place: u64,
    is_called: AtomicBool,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        if self.is_called.swap(true, SeqCst) {
            return;
        }
        let host = self.host.clone();
        host.post(move || {
            self.is_called.store(false, SeqCst);
            self.host.called(self.place);
        });
    }
}
