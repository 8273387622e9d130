//! Carries out what the machine says: one event after the other, until it is the mailbox's turn.
use super::context::{EnterCtx, start};
use super::machine::{Coming, Leads, Outcome, Set, Which};
use super::transition::{Enter, Next};
use super::{Done, GenStatem};
use crate::gen_server::{Ctx, Flow};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Handles one message and all that comes before the next one: what
/// [`GenServer::handle`](crate::GenServer::handle) of a state machine calls.
///
/// # Cancel safety
/// Dropped half way, the machine is between two events. A process drops it only when it is killed.
pub async fn handle<S: GenStatem>(data: &mut S, msg: S::Msg, ctx: &mut Ctx<S>) -> Flow {
    run(data, Some(Coming::Event(msg)), ctx).await
}

/// [`handle`], for a machine none of whose clauses awaits: what
/// [`GenServer::handle_sync`](crate::GenServer::handle_sync) of one calls.
///
/// # Panics
/// If one awaits all the same.
pub fn handle_now<S: GenStatem>(data: &mut S, msg: S::Msg, ctx: &mut Ctx<S>) -> Flow {
    let handled = pin!(handle(data, msg, ctx));
    match handled.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(flow) => flow,
        Poll::Pending => panic!("a clause of a machine that never waits has waited"),
    }
}

/// Enters the initial state before any message comes: what
/// [`GenServer::init`](crate::GenServer::init) of a state machine calls when it has its data.
///
/// What `init` has asked for is carried out then (FSM-3).
pub fn begin<S: GenStatem>(ctx: &mut Ctx<S>) {
    ctx.continue_by(Box::new(|data: &mut S, ctx: &mut Ctx<S>| {
        Box::pin(async {
            match settle(data, Done::next(Next::Repeat), ctx).await {
                Some(flow) => flow,
                None => run(data, None, ctx).await,
            }
        })
    }));
}

/// The first timeouts are due.
pub(super) async fn wake<S: GenStatem>(data: &mut S, ctx: &mut Ctx<S>) -> Flow {
    let Some(now) = ctx.take_alarm() else { return Flow::Continue };
    while let Some(timeout) = ctx.kept().machine.due(now) {
        let flow = drain(data, Some(timeout), ctx).await;
        if flow != Flow::Continue || ctx.wants_to_stop() {
            return flow;
        }
    }
    ctx.arm_alarm();
    Flow::Continue
}

async fn run<S: GenStatem>(data: &mut S, first: Option<Coming<S::Msg>>, ctx: &mut Ctx<S>) -> Flow {
    let flow = drain(data, first, ctx).await;
    if flow == Flow::Continue {
        ctx.arm_alarm();
    }
    flow
}

async fn drain<S: GenStatem>(
    data: &mut S,
    mut first: Option<Coming<S::Msg>>,
    ctx: &mut Ctx<S>,
) -> Flow {
    while let Some(coming) = first.take().or_else(|| ctx.kept().machine.next()) {
        let done = perform(data, coming, ctx).await;
        if let Some(flow) = settle(data, done, ctx).await {
            return flow;
        }
    }
    Flow::Continue
}

async fn perform<S: GenStatem>(data: &mut S, coming: Coming<S::Msg>, ctx: &mut Ctx<S>) -> Done<S> {
    let state = ctx.kept().machine.state().clone();
    match coming {
        Coming::Event(msg) | Coming::Timeout(_, Some(msg)) => {
            data.handle_event(state, msg, ctx).await
        }
        Coming::Timeout(Which::State, None) => {
            Done::next(data.handle_state_timeout(state, ctx).await)
        }
        Coming::Timeout(_, None) => Done::next(data.handle_event_timeout(state, ctx).await),
    }
}

/// The transition: what a clause has asked for, and the states that are entered. `Some`: the
/// process ends.
async fn settle<S: GenStatem>(data: &mut S, done: Done<S>, ctx: &mut Ctx<S>) -> Option<Flow> {
    let leads = match done.next {
        Next::Stop(reason) => return Some(Flow::Stop(reason)),
        _ if ctx.wants_to_stop() => return Some(Flow::Continue),
        Next::Keep => Leads::Keep,
        Next::Repeat => Leads::Repeat,
        Next::To(state) => Leads::To(state),
    };
    let (injected, asked) = ctx.take_asked();
    let mut timeouts = declared(data, &leads, ctx);
    timeouts.extend(asked);
    let outcome = Outcome { leads, postponed: done.postponed, injected };
    let mut entered = ctx.kept().machine.settle(outcome);
    while let Some(from) = entered.take() {
        let state = ctx.state();
        let enter = data.enter(state, from.clone(), &mut EnterCtx(ctx)).await;
        if ctx.wants_to_stop() {
            return Some(Flow::Continue);
        }
        let (_, asked) = ctx.take_asked();
        timeouts.extend(asked);
        entered = (enter == Enter::Again).then_some(from); // FSM-19
    }
    ctx.kept().machine.set(timeouts);
    None
}

/// The timeouts that the state itself has: `#[after]` when it is entered, `#[idle]` after every
/// event. What a clause asks for replaces them.
fn declared<S: GenStatem>(
    data: &S,
    leads: &Leads<S::State>,
    ctx: &Ctx<S>,
) -> Vec<Set<S::Msg, crate::rt::time::Instant>> {
    let before = ctx.state();
    let (state, enters) = match leads {
        Leads::Keep => (before, false),
        Leads::Repeat => (before, true),
        Leads::To(state) => (state.clone(), *state != before),
    };
    let after = data.after(&state).filter(|_| enters).map(|after| (Which::State, after));
    let idle = data.idle(&state).map(|idle| (Which::Event, idle));
    let set = |(which, time)| Set { which, change: start(time, None) };
    after.into_iter().chain(idle).map(set).collect()
}
