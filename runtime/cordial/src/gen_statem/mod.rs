//! State machines: a server whose events are handled by the state in which it is; OTP's
//! `gen_statem`, typed.
//!
//! ```text
//!  event ──▶ the clause of (state, event) ──▶ stays │ goes to a state │ stops
//!              │                                         │
//!              │ injects, arms timeouts, replies         ├─▶ enter(state, old)
//!              └──────────▶ carried out after it ◀───────┘
//!
//!  then, before the mailbox:  injected ─▶ postponed (in a new state) ─▶ timeouts due at once
//! ```
//!
//! `#[gen_statem]` on a struct and on its `impl` writes all of this and checks at compile time that
//! every event is handled in every state and that every transition is declared. [`GenStatem`] is
//! what it implements, and what can be implemented by hand.
//!
//! The process is a server like any other: it has the same handle, is started, supervised, looked
//! at and stopped in the same way.
mod context;
mod look;
mod machine;
#[cfg(test)]
mod machine_tests;
mod server;
mod transition;

use crate::gen_server::{Ctx, GenServer};
use std::fmt::Debug;
use std::future::{Future, ready};
use std::time::Duration;

pub use context::EnterCtx;
pub use look::{get_state, replace_state, with_state};
pub use server::{begin, handle, handle_now};
pub use transition::{
    Enter, Goto, IntoEnter, IntoNext, LeadsTo, Next, RowTo, State, goto, keep_state, repeat_state,
};

/// A state machine: what `#[gen_statem]` implements, on top of [`GenServer`].
///
/// The data is `Self`, the state is apart from it and has a type of its own.
///
/// # Examples
/// By hand, without any macro; the states carry data here:
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::gen_statem::{self, Done, GenStatem, Next};
/// use cordial::prelude::*;
/// use cordial::{Message, PlainClient, ServerStruct};
///
/// struct Gate;
/// enum GateMsg {
///     Coin(u32),
///     Pass(ReplyTo<u32>),
/// }
/// impl Message for GateMsg {
///     fn kind(&self) -> &'static str {
///         "gate"
///     }
/// }
/// impl ServerStruct for Gate {
///     type Replay = cordial::supervisor::Replayed;
/// }
/// impl GenServer for Gate {
///     type Msg = GateMsg;
///     type Args = ();
///     type Client = PlainClient<GateMsg>;
///     async fn init((): (), ctx: &mut Ctx<Self>) -> Init<Self> {
///         gen_statem::begin(ctx);
///         Init::run(Self)
///     }
///     async fn handle(&mut self, msg: GateMsg, ctx: &mut Ctx<Self>) -> Flow {
///         gen_statem::handle(self, msg, ctx).await
///     }
/// }
/// #[derive(Clone, Debug, PartialEq)]
/// enum Paid {
///     Nothing,
///     Coins(u32),
/// }
/// impl GenStatem for Gate {
///     type State = Paid;
///     const INITIAL: Paid = Paid::Nothing;
///     async fn handle_event(
///         &mut self,
///         state: Paid,
///         msg: GateMsg,
///         _: &mut Ctx<Self>,
///     ) -> Done<Self> {
///         match (state, msg) {
///             (Paid::Nothing, GateMsg::Pass(from)) => Done::postpone(GateMsg::Pass(from)),
///             (Paid::Nothing, GateMsg::Coin(n)) => Done::next(Next::To(Paid::Coins(n))),
///             (Paid::Coins(had), GateMsg::Coin(n)) => Done::next(Next::To(Paid::Coins(had + n))),
///             (Paid::Coins(paid), GateMsg::Pass(from)) => {
///                 from.reply(paid);
///                 Done::next(Next::To(Paid::Nothing))
///             }
///         }
///     }
/// }
///
/// let gate: Ref<Gate> = Start::new(()).await.unwrap();
/// let pass = gate.call("pass", GateMsg::Pass);
/// gate.cast(GateMsg::Coin(2));
/// assert_eq!(pass.await, Ok(2));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a state machine",
    label = "`#[gen_statem]` is missing on its `impl` block"
)]
pub trait GenStatem: GenServer {
    /// The states. Two are the same if they are equal.
    type State: Clone + PartialEq + Debug + Send + Sync + 'static;
    /// The state in which it begins.
    const INITIAL: Self::State;

    /// Handles one event: from the mailbox, injected, tried again, or of a named timeout.
    fn handle_event(
        &mut self,
        state: Self::State,
        msg: Self::Msg,
        ctx: &mut Ctx<Self>,
    ) -> impl Future<Output = Done<Self>> + Send;

    /// How long the machine may be in this state; asked when it is entered.
    fn after(&self, _state: &Self::State) -> Option<Duration> {
        None
    }

    /// How long nothing may happen in this state; asked after every event.
    fn idle(&self, _state: &Self::State) -> Option<Duration> {
        None
    }

    /// It was in the state for too long.
    fn handle_state_timeout(
        &mut self,
        _state: Self::State,
        _ctx: &mut Ctx<Self>,
    ) -> impl Future<Output = Next<Self::State>> + Send {
        ready(Next::Keep)
    }

    /// No event came in time.
    fn handle_event_timeout(
        &mut self,
        _state: Self::State,
        _ctx: &mut Ctx<Self>,
    ) -> impl Future<Output = Next<Self::State>> + Send {
        ready(Next::Keep)
    }

    /// A state was entered, from another one or again; at the start from itself.
    fn enter(
        &mut self,
        _state: Self::State,
        _old: Self::State,
        _ctx: &mut EnterCtx<'_, Self>,
    ) -> impl Future<Output = Enter> + Send {
        ready(Enter::Done)
    }
}

/// What came of one event.
pub struct Done<S: GenStatem> {
    next: Next<S::State>,
    postponed: Option<S::Msg>,
}

impl<S: GenStatem> Done<S> {
    /// It was handled, and the machine goes on there.
    pub fn next(next: Next<S::State>) -> Self {
        Self { next, postponed: None }
    }

    /// It goes there, too: a [`postpone`](Self::postpone) in a transition is tried again after it.
    #[must_use]
    pub fn and(mut self, next: Next<S::State>) -> Self {
        self.next = next;
        self
    }

    /// It is kept until the machine is in another state, and tried again there (FSM-6).
    pub fn postpone(msg: S::Msg) -> Self {
        Self { next: Next::Keep, postponed: Some(msg) }
    }
}

impl<S: GenStatem> Debug for Done<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let postponed = if self.postponed.is_some() { ", postponed" } else { "" };
        write!(f, "Done({:?}{postponed})", self.next)
    }
}
