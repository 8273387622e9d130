//! Looking at state and data of a running state machine, and replacing both; OTP's `sys`.
use super::GenStatem;
use super::context::Kept;
use crate::exit::ExitReason;
use crate::gen_server::{Call, Ref, TryCall, call_system};
use crate::mailbox::{Look, Parcel, ReplyTo, System};
use crate::process::panics;
use std::mem;

/// The state in which the machine is, and a copy of its data.
///
/// [`sys::get_state`](crate::sys::get_state) gives the data alone.
///
/// # Errors
/// As [`sys::get_state`](crate::sys::get_state).
///
/// # Cancel safety
/// As [`Call`].
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::gen_statem;
/// use cordial::prelude::*;
///
/// #[gen_statem]
/// #[derive(Clone, Debug, PartialEq)]
/// struct Door(u32);
/// #[gen_statem(Closed | Open)]
/// impl Door {
///     #[on(Closed)]
///     #[cast]
///     fn push(&mut self) -> to![Open] {
///         self.0 += 1;
///         goto(Open)
///     }
///     #[on(Open)]
///     #[ignore]
///     fn push();
/// }
/// let door = Door::start(Door(0)).await.unwrap();
/// door.push();
/// assert_eq!(gen_statem::get_state(&door).await, Ok((DoorState::Open, Door(1))));
/// let shut = |_: &DoorState, door: &Door| (DoorState::Closed, Door(door.0 + 10));
/// gen_statem::replace_state(&door, shut).await.unwrap();
/// assert_eq!(gen_statem::with_state(&door, |_, door| door.0).await, Ok(11));
/// # }
/// ```
pub fn get_state<S: GenStatem + Clone>(machine: &Ref<S>) -> Call<(S::State, S)> {
    ask(machine, "get_state", |data: &mut S, kept: &mut Kept<S>, from: ReplyTo<(S::State, S)>| {
        if let Ok(data) = panics::contain(|| data.clone()) {
            from.reply((kept.machine.state().clone(), data));
        }
    })
}

/// What `look` makes of the machine's state and data. It runs in the machine's process.
///
/// # Errors
/// As [`sys::with_state`](crate::sys::with_state).
///
/// # Cancel safety
/// As [`Call`].
pub fn with_state<S: GenStatem, T: Send + 'static>(
    machine: &Ref<S>,
    look: impl FnOnce(&S::State, &S) -> T + Send + 'static,
) -> TryCall<T, ExitReason> {
    type Seen<T> = Result<T, ExitReason>;
    TryCall(ask(
        machine,
        "with_state",
        |data: &mut S, kept: &mut Kept<S>, from: ReplyTo<Seen<T>>| {
            from.reply(panics::contain(|| look(kept.machine.state(), data)));
        },
    ))
}

/// Puts what `replace` makes of state and data in their place.
///
/// It is no transition, as in OTP: no `#[enter]` runs, nothing that was postponed is tried again,
/// and timeouts run on.
///
/// # Errors
/// As [`sys::replace_state`](crate::sys::replace_state).
///
/// # Cancel safety
/// As [`Call`]: dropped, they are replaced all the same.
pub fn replace_state<S: GenStatem>(
    machine: &Ref<S>,
    replace: impl FnOnce(&S::State, &S) -> (S::State, S) + Send + 'static,
) -> TryCall<(), ExitReason> {
    type Replaced = Result<(), ExitReason>;
    TryCall(ask(
        machine,
        "replace_state",
        |data: &mut S, kept: &mut Kept<S>, from: ReplyTo<Replaced>| {
            let replaced = panics::contain(|| replace(kept.machine.state(), data));
            let before = replaced.map(|(state, new)| {
                kept.machine.replace_state(state);
                mem::replace(data, new)
            });
            from.reply(before.map(|before| {
                let _ = panics::contain(|| drop(before));
            }));
        },
    ))
}

fn ask<S: GenStatem, T: Send + 'static>(
    machine: &Ref<S>,
    kind: &'static str,
    answer: impl FnOnce(&mut S, &mut Kept<S>, ReplyTo<T>) + Send + 'static,
) -> Call<T> {
    call_system(Ref::raw_of(machine), kind, |from| {
        let look: Look = Box::new(move |data, beside| {
            let kept = beside.and_then(|beside| beside.downcast_mut::<Kept<S>>());
            if let (Some(data), Some(kept)) = (data.downcast_mut::<S>(), kept) {
                answer(data, kept, from);
            }
        });
        System::State(Parcel::new(Some(look)))
    })
}
