//! Versions of a server's state: what makes a newer state of an older one.
//!
//! ```text
//! #[code_change(from = 1)] fn v1(old: CounterV1) -> CounterV2  ─┐
//! #[code_change(from = 2)] fn v2(old: CounterV2) -> Self       ─┴▶ CodeChange<CounterV1>,
//!                                                                  CodeChange<CounterV2>
//! ```
use super::server::Core;
use super::{Ctx, GenServer};
use crate::exit::ExitReason;
use crate::process::cell::{Actor, Cell};
use crate::process::panics;
use std::any::Any;
use std::fmt::{Debug, Display};
use std::sync::Arc;

/// A state that can be made of an older one; OTP's `code_change`.
///
/// `#[code_change(from = N)]` in a `#[gen_server] impl` writes it for the states of all older
/// versions, each by all the steps that lead from it. [`sys::change_code`] puts the new state in
/// the place of the old one in a server that runs.
///
/// # Examples
/// ```
/// use cordial::CodeChange;
/// use cordial::prelude::*;
///
/// struct CounterV1(i64);
///
/// #[gen_server(version = 2)]
/// #[derive(Clone)]
/// struct Counter {
///     value: i64,
///     step: i64,
/// }
/// #[gen_server]
/// impl Counter {
///     #[code_change(from = 1)]
///     fn with_step(old: CounterV1) -> Self {
///         Self { value: old.0, step: 1 }
///     }
///     #[cast]
///     fn inc(&mut self) {
///         self.value += self.step;
///     }
/// }
/// assert!(matches!(Counter::code_change(CounterV1(7)), Ok(Counter { value: 7, step: 1 })));
/// ```
///
/// [`sys::change_code`]: crate::sys::change_code
#[diagnostic::on_unimplemented(
    message = "no `#[code_change]` of `{Self}` leads from `{Old}`",
    label = "not the state of an older version"
)]
pub trait CodeChange<Old>: GenServer {
    /// The new state.
    ///
    /// # Errors
    /// Why there is none.
    fn code_change(old: Old) -> Result<Self, ExitReason>;

    /// What else begins with the new state: the macro's ticks and streams.
    #[doc(hidden)]
    fn arrange(&self, _ctx: &mut Ctx<Self>) {}
}

/// The step from one version to the next is there.
#[diagnostic::on_unimplemented(
    message = "version {TO} needs `#[code_change(from = {FROM})]`",
    label = "nothing makes its state of the one before",
    note = "add `#[code_change(from = {FROM})] fn (old: Old) -> Self` to its `#[gen_server] impl`"
)]
pub trait Follows<const FROM: u32, const TO: u32> {}

/// The struct's side asks for the impl's.
pub const fn follows<S: Follows<FROM, TO>, const FROM: u32, const TO: u32>() {}

/// What a step may return: the next state, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "this step must return `{Next}`, the state that comes next, not `{Self}`",
    label = "not `{Next}` and not a `Result` of it"
)]
pub trait Changed<Next> {
    /// The next state, or why there is none.
    ///
    /// # Errors
    /// Those of the step.
    fn changed(self) -> Result<Next, ExitReason>;
}

impl<Next> Changed<Next> for Next {
    fn changed(self) -> Result<Next, ExitReason> {
        Ok(self)
    }
}

impl<Next, E> Changed<Next> for Result<Next, E>
where
    E: Debug + Display + Send + Sync + 'static,
{
    fn changed(self) -> Result<Next, ExitReason> {
        self.map_err(ExitReason::custom)
    }
}

/// One step.
///
/// # Errors
/// Those of the step.
pub fn changed<Next, R: Changed<Next>>(returned: R) -> Result<Next, ExitReason> {
    returned.changed()
}

/// Makes the body of a server that stands still one of a newer type. `None`: it is no `Old`.
///
/// # Errors
/// Why there is no new state, and the body is as it was.
pub(crate) fn change<Old, New>(
    cell: &Arc<Cell<New::Msg>>,
    body: &mut dyn Any,
) -> Option<Result<(), ExitReason>>
where
    Old: GenServer<Msg = New::Msg> + Clone,
    New: CodeChange<Old>,
{
    let actor = body.downcast_mut::<Box<dyn Actor<New::Msg>>>()?;
    let state = actor.attend()?.state().downcast_mut::<Old>()?;
    let mut ctx = Ctx::<New>::new(cell.clone());
    let changed = panics::contain(|| {
        let state = New::code_change(state.clone())?;
        state.arrange(&mut ctx);
        let idle_after = state.idle_after();
        ctx.touch(idle_after);
        Ok(state)
    });
    let state = match changed.and_then(|changed| changed) {
        Ok(state) => state,
        Err(reason) => {
            ctx.retire();
            return Some(Err(reason));
        }
    };
    if let Some(watching) = actor.attend().and_then(|old| old.retire()) {
        ctx.watch(watching);
    }
    ctx.join_type();
    if New::TRAP_EXIT {
        ctx.trap_exit(true);
    }
    let old = std::mem::replace(actor, Core::succeed(state, ctx));
    let _ = panics::contain(|| drop(old));
    Some(Ok(()))
}
