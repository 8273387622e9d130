//! What a clause answers: stay, go to another state, stop; and which states it may name.
use crate::exit::ExitReason;
use crate::gen_server::Flow;
use std::fmt::{self, Debug, Display};
use std::marker::PhantomData;

/// Where a state machine goes from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next<St> {
    /// It stays; OTP's `keep_state`.
    Keep,
    /// It stays, and enters its state again; OTP's `repeat_state`.
    Repeat,
    /// Into this state; if it is there already, it stays. OTP's `next_state`.
    To(St),
    /// `terminate` runs, then the process ends with this reason.
    Stop(ExitReason),
}

/// One state of a `#[gen_statem]`, as a type: what [`goto`] takes.
pub trait State {
    /// The enum of all states of its machine.
    type Of;
    /// Itself as a value of that enum.
    const STATE: Self::Of;
}

/// A row of the transition table has the state `X` in it: `to![.. | X]`.
pub trait LeadsTo<X> {}

/// A row that leads to `X`, which is a state: both at once, so that a mistake is one error.
#[diagnostic::on_unimplemented(
    message = "this clause does not lead to `{X}`",
    label = "`{X}` is no state in the `to![..]` that this clause returns",
    note = "add it to the `to![..]`, or go elsewhere; a state is its name alone: `goto(Open)`"
)]
pub trait RowTo<X, St> {
    /// The state as a value.
    #[doc(hidden)]
    fn state() -> St;
}

#[diagnostic::do_not_recommend]
impl<Row: LeadsTo<X>, X: State> RowTo<X, X::Of> for Row {
    fn state() -> X::Of {
        X::STATE
    }
}

/// What `to![Locked | Open]` is: a transition to one of these states, and to no other.
///
/// [`goto`], [`keep_state`] and [`repeat_state`] make it, and so does a [`Flow`] by `into`.
pub struct Goto<St, Row> {
    next: Next<St>,
    row: PhantomData<fn() -> Row>,
}

impl<St, Row> Goto<St, Row> {
    const fn to(next: Next<St>) -> Self {
        Self { next, row: PhantomData }
    }
}

impl<St: Debug, Row> Debug for Goto<St, Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.next.fmt(f)
    }
}

impl<St, Row> From<Flow> for Goto<St, Row> {
    fn from(flow: Flow) -> Self {
        Self::to(flow.into_next())
    }
}

/// Into another state of the machine; it has to be in the clause's `to![..]`.
///
/// Going to the state in which the machine is changes nothing: nothing is entered, nothing that was
/// postponed is tried again, and the state timeout runs on (FSM-6, FSM-9, FSM-17).
pub fn goto<X, St, Row: RowTo<X, St>>(_: X) -> Goto<St, Row> {
    Goto::to(Next::To(Row::state()))
}

/// Stays in the state, in a clause that may go elsewhere.
pub const fn keep_state<St, Row>() -> Goto<St, Row> {
    Goto::to(Next::Keep)
}

/// Stays in the state and enters it again: its `#[enter]` runs and its `#[after]` begins anew, and
/// nothing that was postponed is tried again (FSM-6, FSM-17).
pub const fn repeat_state<St, Row>() -> Goto<St, Row> {
    Goto::to(Next::Repeat)
}

/// What a clause may return: `()`, `to![..]`, [`Flow`], or a `Result` of one of them.
#[diagnostic::on_unimplemented(
    message = "a clause that nobody waits for returns `()`, `to![..]`, `Flow` or a `Result` of \
               these, not `{Self}`",
    label = "nobody is there to take it"
)]
pub trait IntoNext<St> {
    /// Where the machine goes; an `Err` stops it with that as reason.
    fn into_next(self) -> Next<St>;
}

impl<St> IntoNext<St> for () {
    fn into_next(self) -> Next<St> {
        Next::Keep
    }
}

impl<St> IntoNext<St> for Flow {
    fn into_next(self) -> Next<St> {
        match self {
            Self::Continue => Next::Keep,
            Self::Stop(reason) => Next::Stop(reason),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<St, Row> IntoNext<St> for Goto<St, Row> {
    fn into_next(self) -> Next<St> {
        self.next
    }
}

#[diagnostic::do_not_recommend]
impl<St, V: IntoNext<St>, E> IntoNext<St> for Result<V, E>
where
    E: Debug + Display + Send + Sync + 'static,
{
    fn into_next(self) -> Next<St> {
        match self {
            Ok(value) => value.into_next(),
            Err(error) => Next::Stop(ExitReason::custom(error)),
        }
    }
}

/// What an `#[enter]` answers: whether the state is entered once more (FSM-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enter {
    /// The state is entered.
    Done,
    /// It is entered again, from the same state as before, and before anything else; OTP's
    /// `repeat_state`.
    Again,
}

/// What an `#[enter]` may return: `()` or [`Enter`].
#[diagnostic::on_unimplemented(
    message = "an `#[enter]` returns `()` or `Enter`, not `{Self}`",
    label = "the state is entered already: it cannot go elsewhere from here"
)]
pub trait IntoEnter {
    /// As an [`Enter`].
    fn into_enter(self) -> Enter;
}

impl IntoEnter for () {
    fn into_enter(self) -> Enter {
        Enter::Done
    }
}

impl IntoEnter for Enter {
    fn into_enter(self) -> Self {
        self
    }
}
