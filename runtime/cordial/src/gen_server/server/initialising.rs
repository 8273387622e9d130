//! Before the state exists: `init`, under way in its starter's turn or in one of its own.
use super::{Core, Step};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::gen_server::{Ctx, Flow, GenServer, Init};
use crate::mailbox::{Mail, ReplyTo, Slot};
use crate::pid::Pid;
use crate::process::cell::{Actor, After, Cell, Ending, Message, Pending};
use crate::process::lane::Attend;
use crate::process::panics;
use crate::process::run::{Longer, Seed, Turn};
use crate::process::wait::{Edge, Purpose, Waits};
#[cfg(feature = "chaos")]
use crate::rt::sim;
use std::any::TypeId;
use std::future::{Future, Ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// `init`, and the context that it may use.
pub(in crate::gen_server) struct Initialising<S: GenServer> {
    init: Pin<Box<InitFuture<S>>>,
    waits: Waits,
}

type InitFuture<S> = dyn Future<Output = (Init<S>, Ctx<S>)> + Send;

/// What the starter learns of a first turn on its own stack.
pub(in crate::gen_server) enum First {
    /// `init` waits; the answer comes here.
    Waits(Arc<Slot<Started>>),
    Over(Started),
    /// It runs, and has more to do before it looks at its mail.
    GoesOn,
    /// The turn broke off.
    Lost,
}

/// How `init` ended.
type Started = Result<(), StartError>;

/// A state to live with, or how the life ends and what the starter is told.
type Outcome<S> = Result<(S, Ctx<S>), (ExitReason, StartError)>;

impl<S: GenServer> Initialising<S> {
    pub(in crate::gen_server) fn new(cell: &Arc<Cell<S::Msg>>, args: S::Args) -> Self {
        let mut ctx = Ctx::new(cell.clone());
        let init = Box::pin(async move {
            #[cfg(feature = "chaos")]
            sim::strike(sim::Phase::Init);
            let init = S::init(args, &mut ctx).await;
            (init, ctx)
        });
        Self { init, waits: Waits::new(cell) }
    }

    fn poll(&mut self, purpose: Purpose) -> Poll<Outcome<S>> {
        let Self { init, waits } = self;
        waits.poll(purpose, |cx| panics::poll(init.as_mut(), cx)).map(outcome)
    }

    /// The first turn, on the stack of the starter.
    pub(in crate::gen_server) fn begin(
        cell: &Arc<Cell<S::Msg>>,
        args: S::Args,
        starter: Pid,
        turn: &mut Turn<'_, S::Msg>,
        first: &mut First,
    ) -> After<S::Msg> {
        let is_interrupted = turn.is_interrupted(); // Its parent is gone already.
        if !is_interrupted && inits_at_once::<S>() {
            return at_once::<S>(cell, args, first);
        }
        let mut this = Self::new(cell, args);
        let polled = match is_interrupted {
            true => Poll::Pending,
            false => this.poll(Purpose::GoOn),
        };
        match polled {
            Poll::Pending => {
                let slot = Slot::new(starter);
                let starting = Starting::new(this, ReplyTo::new(slot.clone()));
                *first = First::Waits(slot);
                After::Wait(Box::pin(starting))
            }
            Poll::Ready(outcome) => begun(outcome, this, first),
        }
    }
}

/// Whether `init` of a server of this type is over as soon as it is called: its future is ready as
/// it comes.
fn inits_at_once<S: GenServer>() -> bool {
    type Initial<S, Fut> = fn(<S as GenServer>::Args, &'static mut Ctx<S>) -> Fut;
    fn returned<S: GenServer, Fut: 'static>(_: Initial<S, Fut>) -> TypeId {
        TypeId::of::<Fut>()
    }
    returned::<S, _>(S::init) == TypeId::of::<Ready<Init<S>>>()
}

/// The first turn of a server that [inits at once](inits_at_once): nothing of it has to outlive the
/// stack, or be woken.
fn at_once<S: GenServer>(
    cell: &Arc<Cell<S::Msg>>,
    args: S::Args,
    first: &mut First,
) -> After<S::Msg> {
    let mut ctx = Ctx::new(cell.clone());
    let built = panics::contain(|| {
        #[cfg(feature = "chaos")]
        sim::strike(sim::Phase::Init);
        let init = std::pin::pin!(S::init(args, &mut ctx));
        match init.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(init) => init,
            Poll::Pending => unreachable!("it is ready as it comes"),
        }
    });
    match built {
        Ok(init) => begun(outcome(Ok((init, ctx))), (), first),
        Err(reason) => begun(outcome::<S>(Err(reason)), ctx, first),
    }
}

/// What was asked for in `init`, such as a continue, is left to the next turn: it may take its
/// time.
fn begun<S: GenServer>(
    outcome: Outcome<S>,
    remains: impl Send + 'static,
    first: &mut First,
) -> After<S::Msg> {
    match outcome {
        Ok((state, mut ctx)) => {
            ctx.started();
            *first = First::Over(Ok(()));
            let core = Box::new(Core { state, ctx, current: None });
            match core.ctx.has_more() {
                true => {
                    *first = First::GoesOn;
                    After::Again(Box::new(Fresh(core)))
                }
                false => match core.finish(Step::Flow(Flow::Continue)) {
                    Ok(core) => After::Rest(core),
                    Err(after) => after,
                },
            }
        }
        Err((ends, error)) => {
            *first = First::Over(Err(error));
            failed(ends, remains, None)
        }
    }
}

/// A server whose `init` has asked for something.
struct Fresh<S: GenServer>(Box<Core<S>>);

impl<S: GenServer> Actor<S::Msg> for Fresh<S> {
    fn turn(self: Box<Self>, turn: &mut Turn<'_, S::Msg>) -> After<S::Msg> {
        go(self.0, turn)
    }

    fn one<'a>(
        self: Box<Self>,
        mail: Mail<S::Msg>,
        seed: &Seed<'a, S::Msg>,
        longer: &mut Longer<'a, S::Msg>,
    ) -> Option<Box<dyn Actor<S::Msg>>> {
        let mut turn = seed.turn_of(mail);
        let after = go(self.0, &mut turn);
        *longer = Some((turn, after));
        None
    }

    fn last_message(&self) -> Option<&'static str> {
        None
    }

    fn attend(&mut self) -> Option<&mut dyn Attend> {
        Some(&mut *self.0)
    }
}

/// From `init` into the loop.
fn go<S: GenServer>(core: Box<Core<S>>, turn: &mut Turn<'_, S::Msg>) -> After<S::Msg> {
    match core.finish(Step::Flow(Flow::Continue)) {
        Ok(core) => core.work(turn),
        Err(after) => after,
    }
}

fn outcome<S: GenServer>(polled: Result<(Init<S>, Ctx<S>), ExitReason>) -> Outcome<S> {
    match polled {
        Ok((Init::Run(state), ctx)) => Ok((state, ctx)),
        Ok((Init::Ignore, _)) => Err((ExitReason::Normal, StartError::Ignore)),
        Ok((Init::Stop(reason), _)) => Err((reason.clone(), StartError::Init(reason))),
        Ok((Init::Error(reason), _)) => Err((ExitReason::Normal, StartError::Init(reason))),
        Err(reason) => Err((reason.clone(), StartError::Init(reason))),
    }
}

/// The starter is told when the process is gone (GS-4, GS-8).
fn failed<M: Message>(
    ends: ExitReason,
    remains: impl Send + 'static,
    told: Option<Box<dyn FnOnce() + Send>>,
) -> After<M> {
    let crash = matches!(ends, ExitReason::Panic(_)).then(Box::default);
    let remains = Box::new(remains);
    After::End(Ending { reason: ends, remains, crash, told, last_message: None })
}

/// `init` under way, whose starter waits elsewhere.
pub(in crate::gen_server) struct Starting<S: GenServer> {
    init: Initialising<S>,
    told: Option<ReplyTo<Started>>,
}

impl<S: GenServer> Starting<S> {
    pub(in crate::gen_server) fn new(init: Initialising<S>, told: ReplyTo<Started>) -> Self {
        Self { init, told: Some(told) }
    }
}

impl<S: GenServer> Pending<S::Msg> for Starting<S> {
    fn resume(mut self: Pin<Box<Self>>, turn: &mut Turn<'_, S::Msg>) -> After<S::Msg> {
        let polled = match self.init.poll(turn.purpose()) {
            Poll::Pending => return After::Wait(self),
            Poll::Ready(polled) => polled,
        };
        let told = self.told.take();
        match polled {
            Ok((state, mut ctx)) => {
                ctx.started();
                told.into_iter().for_each(|told| told.reply(Ok(())));
                go(Box::new(Core { state, ctx, current: None }), turn)
            }
            Err((ends, error)) => {
                let told = told.map(|told| -> Box<dyn FnOnce() + Send> {
                    Box::new(move || told.reply(Err(error)))
                });
                failed(ends, self, told)
            }
        }
    }

    fn edge(&self) -> Option<&Edge> {
        self.init.waits.edge()
    }

    fn is_server(&self) -> bool {
        true
    }
}
