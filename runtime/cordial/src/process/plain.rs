//! A plain process: a future with a typed mailbox, for what needs no callbacks.
use super::address::RawRef;
use super::birth::Birth;
use super::cell::{After, Cell, Ending, Message, Pending};
use super::run::Turn;
use super::selective::Saved;
use super::wait::{Edge, Waits};
use super::{Process, current, panics};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::mailbox::{Batch, Mail, Slot, System};
use crate::pid::Pid;
use crate::rt::dispatch::{self, BUDGET};
#[cfg(feature = "chaos")]
use crate::rt::sim;
use crate::signal::{Down, Exit};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

/// What the future of a plain process may end with, and the exit reason it stands for.
///
/// `()` is `Normal`, an [`ExitReason`] is itself, `Err(e)` is `Custom(e)`.
pub trait IntoExit {
    /// The reason, and whether it is a fault to report.
    fn into_exit(self) -> ExitReason;
}

impl IntoExit for () {
    fn into_exit(self) -> ExitReason {
        ExitReason::Normal
    }
}

impl IntoExit for ExitReason {
    fn into_exit(self) -> ExitReason {
        self
    }
}

/// A body that never returns; its type has no name of its own yet.
impl IntoExit for <fn() -> ! as Returns>::Output {
    fn into_exit(self) -> ExitReason {
        self
    }
}

/// What a function returns.
#[doc(hidden)]
#[expect(unnameable_types, reason = "only there to name a type that has no name")]
pub trait Returns {
    type Output;
}
impl<T> Returns for fn() -> T {
    type Output = T;
}

impl<T: IntoExit, E> IntoExit for Result<T, E>
where
    E: std::fmt::Debug + std::fmt::Display + Send + Sync + 'static,
{
    fn into_exit(self) -> ExitReason {
        match self {
            Ok(value) => value.into_exit(),
            Err(error) => ExitReason::custom(error),
        }
    }
}

/// What a plain process receives: messages, and what happened to processes it is tied to.
#[derive(Debug)]
#[non_exhaustive]
pub enum Received<M> {
    /// Somebody sent it.
    Message(M),
    /// A monitored process ended.
    Down(Down),
    /// An exit signal, where the process traps exits.
    Exit(Exit),
}

/// The mailbox of a plain process, in the hands of the process itself.
///
/// [`receive!`](crate::receive!) takes from it by patterns, in any order; [`next`](Self::next) and
/// [`receive`](Self::receive) take what is the oldest.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::process::{self, Mailbox};
///
/// enum Letter {
///     Bill { number: u32, sum: u32 },
///     Advert,
/// }
/// impl cordial::Message for Letter {
///     fn kind(&self) -> &'static str {
///         "letter"
///     }
/// }
/// let (clerk, down) = process::spawn_monitor(async |mut mail: Mailbox<Letter>| {
///     let wanted = 2;
///     let sum = receive! {
///         mail,
///         Letter::Bill { number, sum } if number == wanted => sum,
///         Down { .. } => return,
///         after 5s => 0,
///     };
///     assert_eq!(sum, 30);
///     // What was passed over is still there, in its order.
///     assert!(matches!(mail.next().await, Letter::Advert));
///     assert_eq!(receive!(mail, Letter::Bill { number, .. } => number), 1);
///     assert!(receive!(mail, _ => false, after 0s => true));
/// });
/// clerk.send(Letter::Advert);
/// clerk.send(Letter::Bill { number: 1, sum: 20 });
/// clerk.send(Letter::Bill { number: 2, sum: 30 });
/// assert_eq!(down.await.reason, ExitReason::Normal);
/// # }
/// ```
pub struct Mailbox<M: Message> {
    pub(super) cell: Arc<Cell<M>>,
    /// What selective receives have skipped: older than the batch.
    pub(super) saved: Saved<M>,
    batch: Batch<M>,
    /// It was asked to stop: nothing more is received.
    stopped: bool,
    /// Mail until the process goes to the back of the queue, if it does not wait before.
    left: u32,
}

/// What a look into the mailbox gives.
pub(super) enum Look<M> {
    Mail(Mail<M>),
    /// The line is empty; who goes on waiting is woken when something comes.
    Empty,
    /// Others run first, or nothing is received any more.
    Later,
}

impl<M: Message> Mailbox<M> {
    fn new(cell: Arc<Cell<M>>) -> Self {
        Self { cell, saved: Saved::new(), batch: Batch::new(), stopped: false, left: BUDGET }
    }

    /// The process's address.
    pub fn address(&self) -> RawRef<M> {
        RawRef(self.cell.clone())
    }

    /// The process's pid.
    pub fn pid(&self) -> Pid {
        self.cell.head.pid().expect("a process that has its mailbox lives")
    }

    /// Sends to oneself: into the line, behind what waits.
    pub fn send_self(&self, message: M) {
        let _ = self.cell.push(self.cell.own_mail(message));
    }

    /// The next message. DOWN and EXIT that come before it are logged and dropped; use
    /// [`receive`](Self::receive) to see them.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    ///
    /// # Panics
    /// Outside the process whose mailbox it is.
    pub async fn next(&mut self) -> M {
        loop {
            match self.receive().await {
                Received::Message(message) => return message,
                Received::Down(down) => super::log_unexpected("Down", &down),
                Received::Exit(exit) => super::log_unexpected("Exit", &exit),
            }
        }
    }

    /// The next of anything that came.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    ///
    /// # Panics
    /// Outside the process whose mailbox it is.
    pub async fn receive(&mut self) -> Received<M> {
        std::future::poll_fn(|cx| self.poll_receive(cx)).await
    }

    fn poll_receive(&mut self, cx: &Context<'_>) -> Poll<Received<M>> {
        loop {
            let received = if self.saved.len() > 0 {
                if !self.may_look(cx) {
                    return Poll::Pending;
                }
                self.saved.pop()
            } else {
                match self.look(cx) {
                    Look::Mail(mail) => self.unpack(mail),
                    Look::Empty => {
                        self.rest();
                        return Poll::Pending;
                    }
                    Look::Later => return Poll::Pending,
                }
            };
            match received {
                Some(Received::Down(down)) if !self.cell.claim(down.monitor) => {}
                Some(received) => return Poll::Ready(received),
                None => {}
            }
        }
    }

    /// Spends a little of the budget. False: the process runs on later, or never.
    pub(super) fn may_look(&mut self, cx: &Context<'_>) -> bool {
        if self.stopped {
            return false;
        }
        if self.left == 0 || self.cell.head.signal.load(Relaxed) {
            self.left = BUDGET;
            cx.waker().wake_by_ref();
            return false;
        }
        self.left -= 1;
        true
    }

    /// It found nothing and goes on without waiting: that is not free.
    pub(super) fn spend(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// It waits: what comes then begins a new budget.
    pub(super) fn rest(&mut self) {
        self.left = BUDGET;
    }

    pub(super) fn look(&mut self, cx: &Context<'_>) -> Look<M> {
        if !self.may_look(cx) {
            return Look::Later;
        }
        if let Some(mail) = self.batch.next() {
            #[cfg(feature = "chaos")]
            self.cell.note_taken(&mail);
            return Look::Mail(mail);
        }
        let own = self.cell.head.pid();
        assert!(dispatch::running() == own, "a mailbox is read by its own process only");
        let mut inner = self.cell.inner.lock();
        if inner.queue.is_empty() {
            self.batch.let_go(&mut inner.queue);
            inner.listening = true;
            inner.note_saved(self.saved.len());
            self.listen_through(&mut inner, cx);
            return Look::Empty;
        }
        self.batch.refill(&mut inner.queue);
        drop(inner);
        let mail = self.batch.next().expect("the line was not empty");
        #[cfg(feature = "chaos")]
        self.cell.note_taken(&mail);
        Look::Mail(mail)
    }

    /// A waker other than the process's own (a `join!` over many futures) has to be woken too.
    fn listen_through(&self, inner: &mut super::cell::Inner<M>, cx: &Context<'_>) {
        let is_own = cx.waker().data() == Arc::as_ptr(&self.cell).cast();
        if !is_own {
            inner.ext().rare().listener = Some(cx.waker().clone());
        }
    }

    /// `None`: it was the runtime's business.
    pub(super) fn unpack(&mut self, mail: Mail<M>) -> Option<Received<M>> {
        match mail {
            Mail::User(message) => Some(Received::Message(message)),
            Mail::Own(message) => Some(Received::Message(*message)),
            #[cfg(feature = "chaos")]
            Mail::Placed(message) => Some(Received::Message(*message)),
            Mail::Asked(asked) => Some(Received::Message(asked.take())),
            #[cfg(feature = "spans")]
            Mail::Traced(traced) => self.unpack(traced.mail),
            Mail::Timed(parcel) => parcel.lock().take().map(Received::Message),
            Mail::System(system) => match *system {
                System::Down(down) => Some(Received::Down(down)),
                System::Exit(exit) => Some(Received::Exit(exit)),
                System::Sync(from) => {
                    from.reply(());
                    None
                }
                System::Stop(reason) => {
                    self.stopped = true;
                    self.cell.doom(self.pid(), reason);
                    None
                }
                System::State(_) | System::Tick(_) | System::Idle | System::Ready(_) => None,
            },
        }
    }
}

impl<M: Message> Cell<M> {
    /// Ends a plain process that was asked to stop: it has no `terminate` to run.
    fn doom(self: &Arc<Self>, pid: Pid, reason: ExitReason) {
        self.alive(pid, |inner| {
            inner.ext().doom.get_or_insert(reason);
            inner.woken = true;
            self.raise(inner)
        });
    }
}

impl<M: Message> std::fmt::Debug for Mailbox<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailbox({:?})", self.address())
    }
}

/// The body: the future, and what it is polled with.
struct Plain {
    future: Pin<Box<dyn Future<Output = ExitReason> + Send>>,
    waits: Waits,
}

impl<M: Message> Pending<M> for Plain {
    fn resume(mut self: Pin<Box<Self>>, turn: &mut Turn<'_, M>) -> After<M> {
        let Self { future, waits } = &mut *self;
        let polled = waits.poll(turn.purpose(), |cx| {
            #[cfg(feature = "chaos")]
            if let Err(reason) = panics::contain(|| sim::strike(sim::Phase::Handle)) {
                return Poll::Ready(Err(reason));
            }
            panics::poll(future.as_mut(), cx)
        });
        let reason = match polled {
            Poll::Pending => return After::Wait(self),
            Poll::Ready(Ok(reason) | Err(reason)) => reason,
        };
        // A plain process that says why it ends has said it; only a panic is a fault to report.
        let ending = match &reason {
            ExitReason::Panic(_) => Ending::crash(reason, Box::new(self), None),
            _ => Ending::silent(reason, Box::new(self)),
        };
        After::End(ending)
    }

    fn edge(&self) -> Option<&Edge> {
        self.waits.edge()
    }
}

fn begin<M, F, Fut>(
    run: F,
    parent: Option<(Pid, Arc<dyn Process>)>,
    watch: Option<Arc<Slot<Down>>>,
) -> Result<(RawRef<M>, Pid), StartError>
where
    M: Message,
    F: FnOnce(Mailbox<M>) -> Fut,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    let node = super::Node::current().ok_or(StartError::NoRuntime)?;
    let cell = Cell::unborn(node.clone());
    let future = run(Mailbox::new(cell.clone()));
    let future = Box::pin(async move { future.await.into_exit() });
    let body = Box::pin(Plain { future, waits: Waits::new(&cell) });
    let birth =
        Birth { limit: None, trap: false, starting: false, name: None, claim: None, parent, watch };
    let pid = cell.birth(birth, body)?;
    Ok((RawRef(cell), pid))
}

/// A running process and the future of its end, as [`spawn_monitor`] gives them.
///
/// Awaiting it gives the [`Down`] of the process; dropping it does nothing to the process.
#[must_use = "await it to learn why the process ended; use `spawn` if nobody wants to know"]
pub struct Spawned<M: Message> {
    address: RawRef<M>,
    pid: Pid,
    down: Arc<Slot<Down>>,
}

impl<M: Message> Spawned<M> {
    /// The process's address.
    pub fn address(&self) -> &RawRef<M> {
        &self.address
    }

    /// The process's pid, also when it has ended.
    pub fn pid(&self) -> Pid {
        self.pid
    }
}

impl<M: Message> Future for Spawned<M> {
    type Output = Down;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Down> {
        self.down.poll(cx).map(|down| down.expect("a watcher is told, never closed"))
    }
}

impl<M: Message> std::fmt::Debug for Spawned<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Spawned({:?})", self.address)
    }
}

/// Starts a process that runs `run` with a mailbox of its own, and gives its address at once.
///
/// The process ends with what `run` ends with (see [`IntoExit`]); a panic ends it alone.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// use cordial::ReplyTo;
///
/// struct Double(u32, ReplyTo<u32>);
/// impl cordial::Message for Double {
///     fn kind(&self) -> &'static str {
///         "double"
///     }
/// }
/// let doubler = process::spawn(async |mut mail: Mailbox<Double>| {
///     loop {
///         let Double(n, from) = mail.next().await;
///         from.reply(2 * n);
///     }
/// });
/// let (from, answer) = ReplyTo::pair();
/// doubler.send(Double(21, from));
/// assert_eq!(answer.await, Some(42));
/// # }
/// ```
///
/// # Panics
/// Without a tokio runtime, and on a node that is shutting down: [`try_spawn`] gives an error
/// instead.
#[track_caller]
pub fn spawn<M, F, Fut>(run: F) -> RawRef<M>
where
    M: Message,
    F: FnOnce(Mailbox<M>) -> Fut,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    or_panic(begin(run, None, None)).0
}

/// [`spawn`], for places that may have no runtime.
///
/// # Errors
/// [`StartError::NoRuntime`], [`StartError::NodeStopping`].
pub fn try_spawn<M, F, Fut>(run: F) -> Result<RawRef<M>, StartError>
where
    M: Message,
    F: FnOnce(Mailbox<M>) -> Fut,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    begin(run, None, None).map(|(address, _)| address)
}

/// [`spawn`], linked to the process that calls: the link is there before anything runs.
///
/// # Panics
/// Outside a process, where there is nobody to link to, and where [`spawn`] does.
#[track_caller]
pub fn spawn_link<M, F, Fut>(run: F) -> RawRef<M>
where
    M: Message,
    F: FnOnce(Mailbox<M>) -> Fut,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    let parent = current().map(|me| (me.pid, me.process)).ok_or(StartError::NoParent);
    or_panic(parent.and_then(|parent| begin(run, Some(parent), None))).0
}

/// [`spawn`], with the future of its end: no end is missed, however early.
///
/// # Panics
/// Where [`spawn`] does.
#[track_caller]
pub fn spawn_monitor<M, F, Fut>(run: F) -> (RawRef<M>, Spawned<M>)
where
    M: Message,
    F: FnOnce(Mailbox<M>) -> Fut,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    let down = Slot::new(super::self_pid());
    let (address, pid) = or_panic(begin(run, None, Some(down.clone())));
    (address.clone(), Spawned { address, pid, down })
}

#[track_caller]
fn or_panic<T>(started: Result<T, StartError>) -> T {
    match started {
        Ok(started) => started,
        Err(error) => panic!("cannot spawn a process: {error}"),
    }
}
