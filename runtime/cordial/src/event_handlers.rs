//! Handlers of events that come and go; OTP's `gen_event`, typed.
//!
//! ```text
//!   emitter ── notify(event) ──▶ the process of the handlers ── &event ──▶ each handler, in turn
//! ```
//! The handlers run in a process of their own, so none of them can hurt or hold up who emits. One
//! that panics is detached, and whoever attached it is told; the others go on.
use crate::error::{StartError, StopError};
use crate::exit::ExitReason;
use crate::gen_server::{
    self, Accepts, Call, Ctx, Flow, GenServer, Init, PlainClient, Ref, Runner, ServerStruct, Start,
    TryCall,
};
use crate::mailbox::{Lost, ReplyTo, Slot};
use crate::pid::Pid;
use crate::process::{self, Cast, DEFAULT_LIMIT, Found, Message, RawRef, Target, panics};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What a handler wants after an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handled {
    /// The next event, too.
    Continue,
    /// No more; it is detached.
    Detach,
}

/// Something that handles events of type `E`; a closure `FnMut(&E) -> Handled` is one.
pub trait EventHandler<E>: Send + 'static {
    /// Handles one event. A panic detaches the handler, and it alone.
    fn handle(&mut self, event: &E) -> Handled;

    /// It is detached; not called after a panic.
    fn detached(&mut self, _why: &Detached) {}
}

impl<E, F: FnMut(&E) -> Handled + Send + 'static> EventHandler<E> for F {
    fn handle(&mut self, event: &E) -> Handled {
        self(event)
    }
}

/// Why a handler handles no more events.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Detached {
    /// It panicked.
    Failed(ExitReason),
    /// It asked for it.
    Itself,
    /// Somebody called [`EventHandlers::detach`].
    Removed,
    /// The process of the handlers has ended.
    Stopped(ExitReason),
}

impl fmt::Display for Detached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(reason) => write!(f, "the handler failed: {reason}"),
            Self::Itself => f.write_str("the handler detached itself"),
            Self::Removed => f.write_str("the handler was detached"),
            Self::Stopped(reason) => write!(f, "the event handlers ended: {reason}"),
        }
    }
}

/// A handler that is attached: the future of its detachment. Dropping it does nothing.
#[must_use = "await it to learn why the handler was detached; `drop` it if nobody wants to know"]
pub struct Attached(Arc<Slot<Detached>>);

impl Future for Attached {
    type Output = Detached;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Detached> {
        self.0.poll(cx).map(|why| match why {
            Ok(why) => why,
            Err(Lost::Down(reason)) => Detached::Stopped(reason),
            Err(Lost::Dropped) => Detached::Stopped(ExitReason::NoProc),
        })
    }
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attached")
    }
}

/// A handler of this name is attached already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlreadyAttached(Arc<str>);

impl fmt::Display for AlreadyAttached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a handler called `{}` is attached already", self.0)
    }
}
impl Error for AlreadyAttached {}

/// No handler of this name is attached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAttached(Arc<str>);

impl fmt::Display for NotAttached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no handler called `{}` is attached", self.0)
    }
}
impl Error for NotAttached {}

/// A process that hands events of type `E` to handlers. This is its address.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::event_handlers::{Detached, EventHandlers, Handled};
/// use std::sync::mpsc;
///
/// let sales = EventHandlers::<u32>::start().await?;
/// let (to, seen) = mpsc::channel();
/// let log = sales.attach("log", move |price: &u32| {
///     to.send(*price).expect("somebody listens");
///     Handled::Continue
/// });
/// let log = log.await?;
///
/// sales.notify(3);
/// assert_eq!(sales.sync_notify(4).await?, 1);
/// assert_eq!(seen.try_iter().collect::<Vec<_>>(), [3, 4]);
///
/// drop(seen); // The next event makes the handler fail: it goes, and the emitter stays.
/// sales.notify(5);
/// assert!(matches!(log.await, Detached::Failed(_)));
/// assert_eq!(sales.sync_notify(6).await?, 0);
/// # Ok(()) }
/// ```
///
/// # Differences from OTP
/// A handler is a value with a name; there is no `call` to a handler, and no swap: detach one and
/// attach the other.
pub struct EventHandlers<E: Send + 'static>(RawRef<EventHandlersMsg<E>>);

impl<E: Send + 'static> EventHandlers<E> {
    /// Starts a process with no handlers; await it.
    pub fn start() -> StartHandlers<E> {
        StartHandlers(Start::new(()))
    }

    /// [`start`](Self::start), linked to the process that calls.
    pub fn start_link() -> StartHandlers<E> {
        StartHandlers(Start::new(()).link())
    }

    /// Hands an event to all handlers, some time; nobody waits.
    pub fn notify(&self, event: E) -> Cast {
        self.0.send(EventHandlersMsg::Event(event, None))
    }

    /// Hands an event to all handlers, and tells how many have handled it.
    pub fn sync_notify(&self, event: E) -> Call<usize> {
        let make = |from| EventHandlersMsg::Event(event, Some(from));
        gen_server::call(&self.0, "event", Some(DEFAULT_LIMIT), Runner::Either, make)
    }

    /// Attaches a handler, behind those that there are. Its name is free again when it is detached.
    ///
    /// # Errors
    /// [`AlreadyAttached`] when there is one of this name.
    ///
    /// # Cancel safety
    /// Dropped, the handler is attached all the same.
    pub fn attach(
        &self,
        name: &str,
        handler: impl EventHandler<E>,
    ) -> TryCall<Attached, AlreadyAttached> {
        let (name, handler) = (name.into(), Box::new(handler));
        let (limit, told) = (Some(DEFAULT_LIMIT), Slot::new(process::self_pid()));
        let attached = Attached(told.clone());
        gen_server::try_call(&self.0, "attach", limit, Runner::Either, |from| {
            let entry = Entry { name, handler, told: Some(ReplyTo::new(told)) };
            EventHandlersMsg::Attach(entry, attached, from)
        })
    }

    /// Attaches a server: each event is sent to the `#[info]` handler that takes it, until the
    /// server is gone.
    ///
    /// # Errors
    /// As [`attach`](Self::attach).
    ///
    /// # Cancel safety
    /// As [`attach`](Self::attach).
    pub fn attach_server<S>(
        &self,
        name: &str,
        server: &Ref<S>,
    ) -> TryCall<Attached, AlreadyAttached>
    where
        S: Accepts<E>,
        E: Clone,
    {
        let server = server.clone();
        self.attach(name, move |event: &E| {
            let sent = gen_server::send(&server, event.clone()).sent();
            let is_gone = sent == Err(crate::error::SendError::NoProc);
            if is_gone { Handled::Detach } else { Handled::Continue }
        })
    }

    /// Detaches a handler.
    ///
    /// # Errors
    /// [`NotAttached`] when there is none of this name (any more).
    ///
    /// # Cancel safety
    /// Dropped, the handler is detached all the same.
    pub fn detach(&self, name: &str) -> TryCall<(), NotAttached> {
        let name = name.into();
        let make = |from| EventHandlersMsg::Detach(name, from);
        gen_server::try_call(&self.0, "detach", Some(DEFAULT_LIMIT), Runner::Either, make)
    }

    /// The names of the handlers, in the order in which they are handed events.
    pub fn handlers(&self) -> Call<Vec<Arc<str>>> {
        let limit = Some(DEFAULT_LIMIT);
        gen_server::call(&self.0, "handlers", limit, Runner::Either, EventHandlersMsg::Handlers)
    }

    /// Stops the process, behind the events that were sent before.
    ///
    /// # Errors
    /// As [`gen_server::stop`].
    ///
    /// # Cancel safety
    /// The request is made at the first poll and stays.
    pub async fn stop(&self) -> Result<(), StopError> {
        gen_server::stop(self).await
    }

    /// Its living incarnation.
    pub fn pid(&self) -> Option<Pid> {
        self.0.pid()
    }
}

impl<E: Send + 'static> Clone for EventHandlers<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Send + 'static> fmt::Debug for EventHandlers<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Send + 'static> Target for EventHandlers<E> {
    fn find(&self) -> Option<Found> {
        self.0.find()
    }
    fn last_pid(&self) -> Option<Pid> {
        self.0.last_pid()
    }
}

/// Handlers that are about to be started; what [`EventHandlers::start`] gives.
///
/// # Errors
/// Awaiting it gives a [`StartError`].
///
/// # Cancel safety
/// That of a server's [`Start`].
#[must_use = "nothing is started until this is awaited"]
#[derive(Debug)]
pub struct StartHandlers<E: Send + 'static>(Start<Manager<E>>);

impl<E: Send + 'static> StartHandlers<E> {
    /// Registers the process under this name.
    pub fn name(self, name: &str) -> Self {
        Self(self.0.name(name))
    }
}

impl<E: Send + 'static> Future for StartHandlers<E> {
    type Output = Result<EventHandlers<E>, StartError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = Pin::new(&mut self.0).poll(cx);
        polled.map(|started| started.map(|server| EventHandlers(Ref::raw_of(&server).clone())))
    }
}

// ===== The process =====

enum EventHandlersMsg<E> {
    Event(E, Option<ReplyTo<usize>>),
    Attach(Entry<E>, Attached, ReplyTo<Result<Attached, AlreadyAttached>>),
    Detach(Arc<str>, ReplyTo<Result<(), NotAttached>>),
    Handlers(ReplyTo<Vec<Arc<str>>>),
}

impl<E: Send + 'static> Message for EventHandlersMsg<E> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Event(..) => "event",
            Self::Attach(..) => "attach",
            Self::Detach(..) => "detach",
            Self::Handlers(_) => "handlers",
        }
    }
}

struct Entry<E> {
    name: Arc<str>,
    handler: Box<dyn EventHandler<E>>,
    /// Taken when it is told.
    told: Option<ReplyTo<Detached>>,
}

struct Manager<E>(Vec<Entry<E>>);

impl<E: Send + 'static> ServerStruct for Manager<E> {
    type Replay = ();
}

impl<E: Send + 'static> GenServer for Manager<E> {
    type Msg = EventHandlersMsg<E>;
    type Args = ();
    type Client = PlainClient<EventHandlersMsg<E>>;

    async fn init((): (), _: &mut Ctx<Self>) -> Init<Self> {
        Init::Run(Self(Vec::new()))
    }

    fn handle_sync(
        &mut self,
        order: EventHandlersMsg<E>,
        _: &mut Ctx<Self>,
    ) -> Result<Flow, EventHandlersMsg<E>> {
        match order {
            EventHandlersMsg::Event(event, from) => {
                let handled = self.hand_on(&event);
                if let Some(from) = from {
                    from.reply(handled);
                }
            }
            EventHandlersMsg::Attach(entry, attached, from) => {
                from.reply(self.attach(entry, attached));
            }
            EventHandlersMsg::Detach(name, from) => from.reply(self.detach(name)),
            EventHandlersMsg::Handlers(from) => {
                from.reply(self.0.iter().map(|entry| entry.name.clone()).collect());
            }
        }
        Ok(Flow::Continue)
    }

    async fn handle(&mut self, _: EventHandlersMsg<E>, _: &mut Ctx<Self>) -> Flow {
        unreachable!("handled on the spot")
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Ctx<Self>) {
        for entry in self.0.drain(..) {
            entry.detach(Detached::Stopped(reason.clone()));
        }
    }
}

impl<E: 'static> Manager<E> {
    /// How many have handled it.
    fn hand_on(&mut self, event: &E) -> usize {
        let (mut at, mut handled) = (0, 0);
        while at < self.0.len() {
            let handler = &mut self.0[at].handler;
            match panics::contain(|| handler.handle(event)) {
                Ok(Handled::Continue) => (at, handled) = (at + 1, handled + 1),
                Ok(Handled::Detach) => {
                    handled += 1;
                    self.0.remove(at).detach(Detached::Itself);
                }
                Err(reason) => self.0.remove(at).fail(reason),
            }
        }
        handled
    }

    fn attach(&mut self, entry: Entry<E>, attached: Attached) -> Result<Attached, AlreadyAttached> {
        if self.0.iter().any(|other| other.name == entry.name) {
            return Err(AlreadyAttached(entry.name));
        }
        self.0.push(entry);
        Ok(attached)
    }

    fn detach(&mut self, name: Arc<str>) -> Result<(), NotAttached> {
        let Some(at) = self.0.iter().position(|entry| entry.name == name) else {
            return Err(NotAttached(name));
        };
        self.0.remove(at).detach(Detached::Removed);
        Ok(())
    }
}

impl<E: 'static> Entry<E> {
    /// What it does then is contained, too.
    fn detach(mut self, why: Detached) {
        let _ = panics::contain(|| self.handler.detached(&why));
        self.tell(why);
    }

    fn fail(self, reason: ExitReason) {
        #[cfg(feature = "tracing")]
        tracing::error!(
            target: "cordial::event_handlers",
            handler = &*self.name,
            %reason,
            "event handler `{}` failed and is detached: {reason}", self.name
        );
        self.tell(Detached::Failed(reason));
    }

    fn tell(self, why: Detached) {
        let Self { handler, told, .. } = self;
        let _ = panics::contain(|| drop(handler));
        if let Some(told) = told {
            told.reply(why);
        }
    }
}
