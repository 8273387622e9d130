//! The lane beside the mail: what is asked of a process itself, before its next message.
//!
//! # Rules (cited as L1 to L4)
//! - L1 A request raises the process's signal (C4), so it is looked at before the next message,
//!   however much mail waits, and while the process is suspended or awaits something.
//! - L2 What needs the state of a server whose handler awaits stays in the lane until that handler
//!   is done; then it comes before the next message.
//! - L3 A suspended server is a body that waits (GS-44): its mail stays in the line.
//! - L4 A stop, and the end of its parent, end a suspended server at once: they go before its mail.
use super::Process;
use super::cell::{Actor, After, Body, Cell, Inner, Message, Pending, make_ready};
use super::panics;
use super::run::Turn;
use super::wait::Edge;
use super::watch::{Tracing, Watching};
use crate::error::SendError;
use crate::inspect::Inspected;
use crate::mailbox::{Look, Mail, ReplyTo, System};
use crate::pid::Pid;
use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// What is asked of a process itself.
pub(crate) enum Request {
    /// Somebody looks at the state of a server, or replaces it.
    State(Look),
    /// Answered at once.
    Show(ReplyTo<Shown>),
    /// Answered when no handler has the state.
    Inspect(ReplyTo<Option<Inspected>>),
    /// What answers is whether it is a server.
    Suspend(ReplyTo<bool>),
    Resume(ReplyTo<bool>),
    /// From the next message on.
    Watch(Arc<Watching>),
    /// From the next message on it does what is asked of its type.
    OfType,
    /// A suspended server becomes another one.
    Change(Change),
}

/// What makes another body of that of a server that stands still, which is a `Box<dyn Actor<M>>`;
/// `None`: it does not.
pub(crate) type Change = Box<dyn FnOnce(Option<&mut dyn Any>) + Send>;

/// What a process shows of itself.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// What may be shown of its state; `None`: a handler has it.
    pub(crate) state: Option<Inspected>,
    /// The state in which a state machine is.
    pub(crate) machine: Option<String>,
    /// The kind of what it handles, while that awaits.
    pub(crate) handling: Option<&'static str>,
    pub(crate) is_suspended: bool,
}

/// Who is shown what may be shown of a state, and the state in which a state machine is.
pub(crate) type ShowTo = Box<dyn FnOnce(Inspected, Option<String>) + Send>;

/// A server between two messages.
pub(crate) trait Attend {
    fn state(&mut self) -> &mut dyn Any;
    /// Shows it the state, and what is kept beside.
    fn look(&mut self, look: Look);
    /// Shows its state, and the state in which it is, if it is a state machine; where the state
    /// lies elsewhere, that is done there, and later.
    fn show(&self, to: ShowTo);
    fn watch(&mut self, watching: Arc<Watching>);
    /// It counts what it handles, if its type does.
    fn join_type(&mut self);
    /// Another server takes its place: nothing of its own comes to that one. Who watches goes on.
    fn retire(&mut self) -> Option<Arc<Watching>>;
}

/// What a body can be asked.
enum Found<'a> {
    Server(&'a mut dyn Attend),
    /// A handler has the state.
    Busy,
    NoServer,
}

fn find<M>(body: &mut Body<M>) -> Found<'_> {
    match body {
        Body::Out => Found::NoServer,
        Body::Rest(actor) => actor.attend().map_or(Found::NoServer, Found::Server),
        Body::Wait(pending) => {
            let is_server = pending.is_server();
            match pending.as_mut().suspended() {
                Some(actor) => actor.attend().map_or(Found::NoServer, Found::Server),
                None if is_server => Found::Busy,
                None => Found::NoServer,
            }
        }
    }
}

impl<M> Inner<M> {
    pub(crate) fn is_suspended(&self) -> bool {
        let rare = self.ext.as_ref().and_then(|ext| ext.rare.as_ref());
        rare.is_some_and(|rare| rare.suspended)
    }

    /// L4.
    fn is_end(&self, system: &System) -> bool {
        let parent = self.ext.as_ref().and_then(|ext| ext.parent);
        match system {
            System::Stop(_) => true,
            System::Exit(exit) => Some(exit.from) == parent,
            _ => false,
        }
    }

    /// System mail. True: schedule the cell.
    pub(super) fn mail(&mut self, system: Box<System>) -> bool {
        if self.is_suspended() && self.is_end(&system) {
            self.queue.put_first(Mail::System(system));
            self.ext().rare().suspended = false;
            return make_ready(self);
        }
        self.take_in(Mail::System(system))
    }
}

impl<M: Message> Cell<M> {
    /// False: it is gone.
    pub(super) fn put_request(self: &Arc<Self>, pid: Pid, request: Request) -> bool {
        let ready = self.alive(pid, |inner| {
            inner.ext().rare().requests.push(request);
            self.raise(inner)
        });
        self.schedule_if(ready);
        ready.is_some()
    }

    /// A look at the state keeps its place in the line, unless the line stands still.
    pub(crate) fn put_look(self: &Arc<Self>, pid: Pid, look: System) -> Result<(), SendError> {
        #[cfg(feature = "chaos")]
        self.note_loose();
        let ready = self.alive(pid, |inner| match look {
            System::State(mut look) if inner.is_suspended() => {
                let look = look.get_mut().take().expect("nobody has looked yet");
                inner.ext().rare().requests.push(Request::State(look));
                self.raise(inner)
            }
            look => inner.mail(Box::new(look)),
        });
        self.schedule_if(ready);
        ready.map(drop).ok_or(SendError::NoProc)
    }

    /// L1. The body as it is then.
    #[cold]
    #[inline(never)]
    pub(super) fn attend(&self, mut body: Body<M>, turn: &mut Turn<'_, M>) -> Body<M> {
        let requests = match self.inner.lock().rare() {
            Some(rare) if !rare.requests.is_empty() => std::mem::take(&mut rare.requests),
            _ => return body,
        };
        let mut later = Vec::new();
        for request in requests {
            match request {
                Request::Suspend(from) => match find(&mut body) {
                    Found::Server(_) => body = self.suspend(body, turn, from),
                    Found::Busy => later.push(Request::Suspend(from)),
                    Found::NoServer => from.reply(false),
                },
                Request::Resume(from) => {
                    self.set_suspended(false);
                    from.reply(!matches!(find(&mut body), Found::NoServer));
                }
                Request::Change(change) => self.change(&mut body, change),
                other => later.extend(self.look(&mut body, other)),
            }
        }
        if later.is_empty() { body } else { self.defer(body, later) }
    }

    /// What needs nothing but a look at the body. It comes back if it has to wait (L2).
    fn look(&self, body: &mut Body<M>, request: Request) -> Option<Request> {
        let handling = body.last_message();
        match (find(body), request) {
            (Found::Server(server), Request::State(look)) => {
                let _ = panics::contain(|| server.look(look));
            }
            (Found::Server(server), Request::Watch(watching)) => server.watch(watching),
            (Found::Server(server), Request::OfType) => server.join_type(),
            (Found::Server(server), Request::Show(from)) => {
                let is_suspended = self.inner.lock().is_suspended();
                server.show(Box::new(move |state, machine| {
                    let state = Some(state);
                    from.reply(Shown { state, machine, handling: None, is_suspended });
                }));
            }
            (Found::Server(server), Request::Inspect(from)) => {
                server.show(Box::new(move |state, _| from.reply(Some(state))));
            }
            (_, Request::Show(from)) => from.reply(Shown { handling, ..Shown::default() }),
            (Found::Busy, request) => return Some(request),
            (Found::NoServer, Request::Inspect(from)) => from.reply(None),
            (_, request) => drop(request),
        }
        None
    }

    /// GS-45.
    fn change<'a>(&self, body: &'a mut Body<M>, change: Change) {
        let is_suspended = self.inner.lock().is_suspended();
        let actor: Option<&'a mut dyn Any> = match body {
            Body::Wait(pending) if is_suspended => {
                pending.as_mut().suspended().map(|actor| actor as &mut dyn Any)
            }
            _ => None,
        };
        let _ = panics::contain(|| change(actor));
    }

    fn set_suspended(&self, suspended: bool) {
        let mut inner = self.inner.lock();
        if suspended || inner.rare().is_some() {
            inner.ext().rare().suspended = suspended;
        }
    }

    /// L3. One that was asked to end before goes on to its end.
    fn suspend(&self, body: Body<M>, turn: &mut Turn<'_, M>, from: ReplyTo<bool>) -> Body<M> {
        let Body::Rest(actor) = body else {
            self.set_suspended(true); // It is already, and may have been resumed just now.
            from.reply(true);
            return body;
        };
        let mut inner = self.inner.lock();
        turn.batch.stash(&mut inner.queue);
        let ends = inner.queue.system().any(|system| inner.is_end(system));
        if !ends {
            inner.ext().rare().suspended = true;
        }
        drop(inner);
        if ends {
            drop(from);
            return Body::Rest(actor);
        }
        from.reply(true);
        Body::Wait(Box::pin(Suspended(Some(actor))))
    }

    /// L2.
    fn defer(&self, body: Body<M>, later: Vec<Request>) -> Body<M> {
        let mut inner = self.inner.lock();
        let rare = inner.ext().rare();
        rare.requests.splice(..0, later);
        let is_deferring = std::mem::replace(&mut rare.deferring, true);
        drop(inner);
        match body {
            Body::Wait(pending) if !is_deferring => Body::Wait(Box::pin(Deferring(pending))),
            body => body,
        }
    }

    /// The handler that had the state is done.
    fn take_up(&self) {
        let mut inner = self.inner.lock();
        inner.ext().rare().deferring = false;
        self.head.signal.store(true, Relaxed); // C4
    }
}

/// A server that handles no mail.
struct Suspended<M>(Option<Box<dyn Actor<M>>>);

impl<M: Message> Pending<M> for Suspended<M> {
    fn resume(mut self: Pin<Box<Self>>, turn: &mut Turn<'_, M>) -> After<M> {
        if turn.cell.inner.lock().is_suspended() {
            return After::Wait(self);
        }
        let actor = self.0.take().expect("it is resumed once");
        actor.turn(turn)
    }

    fn edge(&self) -> Option<&Edge> {
        None
    }

    fn last_message(&self) -> Option<&'static str> {
        self.0.as_ref().and_then(|actor| actor.last_message())
    }

    fn is_server(&self) -> bool {
        true
    }

    fn suspended(self: Pin<&mut Self>) -> Option<&mut Box<dyn Actor<M>>> {
        self.get_mut().0.as_mut()
    }
}

/// A handler that awaits, behind which requests wait.
struct Deferring<M>(Pin<Box<dyn Pending<M>>>);

impl<M: Message> Pending<M> for Deferring<M> {
    fn resume(self: Pin<Box<Self>>, turn: &mut Turn<'_, M>) -> After<M> {
        let cell = turn.cell;
        let after = Pin::into_inner(self).0.resume(turn);
        match after {
            After::Wait(pending) => After::Wait(Box::pin(Self(pending))),
            After::End(ending) => After::End(ending),
            after => {
                cell.take_up();
                after
            }
        }
    }

    fn edge(&self) -> Option<&Edge> {
        self.0.edge()
    }

    fn last_message(&self) -> Option<&'static str> {
        self.0.last_message()
    }

    fn is_server(&self) -> bool {
        self.0.is_server()
    }
}

impl<M: Message> Cell<M> {
    /// `set` says what is to be kept of what it handles. False: it is gone.
    pub(super) fn set_watch(self: &Arc<Self>, pid: Pid, set: &mut dyn FnMut(&Watching)) -> bool {
        let Some(watching) = self.make_watch(pid) else { return false };
        set(&watching); // First: a server that finds nothing to keep stops looking.
        self.put_request(pid, Request::Watch(watching))
    }

    fn make_watch(&self, pid: Pid) -> Option<Arc<Watching>> {
        let server = self.server();
        self.alive(pid, |inner| {
            let new = || Arc::new(Watching::new(pid, server, self.head.node.clone()));
            inner.ext().rare().watching.get_or_insert_with(new).clone()
        })
    }

    /// What those who trace all servers of its type make this one look through.
    #[cold]
    pub(crate) fn trace(&self, pid: Pid, traces: &[Arc<Tracing>]) -> Option<Arc<Watching>> {
        let watching = self.make_watch(pid)?;
        traces.iter().for_each(|trace| watching.join(trace));
        Some(watching)
    }

    pub(super) fn watch_of(&self, pid: Pid) -> Option<Arc<Watching>> {
        self.alive(pid, |inner| inner.rare()?.watching.clone()).flatten()
    }
}
