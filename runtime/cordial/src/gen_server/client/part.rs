//! What the client of a behaviour does: casts and calls to an address of which nothing else is
//! known.
use super::{Asked, Call, Caller, Runner, Unsent};
use crate::mailbox::ReplyTo;
use crate::process::{Behaviour, Cast, DEFAULT_LIMIT, Message, Part};
use std::time::Duration;

/// A cast.
pub fn cast<B: Behaviour + ?Sized>(to: &Part<B>, message: B::Msg) -> Cast {
    to.cast(message)
}

/// The call of a callback that its caller may run.
pub fn ask<B: Behaviour + ?Sized, T: Send + 'static>(
    to: &Part<B>,
    make: impl FnOnce(ReplyTo<T>) -> B::Msg,
) -> Call<T> {
    begin(to, Some(DEFAULT_LIMIT), Runner::Either, make)
}

/// The call of a callback that awaits.
pub fn call<B: Behaviour + ?Sized, T: Send + 'static>(
    to: &Part<B>,
    make: impl FnOnce(ReplyTo<T>) -> B::Msg,
) -> Call<T> {
    begin(to, Some(DEFAULT_LIMIT), Runner::EitherIfNoProcess, make)
}

/// The call of a callback that is never run by its caller.
pub fn queue<B: Behaviour + ?Sized, T: Send + 'static>(
    to: &Part<B>,
    make: impl FnOnce(ReplyTo<T>) -> B::Msg,
) -> Call<T> {
    begin(to, Some(DEFAULT_LIMIT), Runner::Callee, make)
}

/// [`ask`], with `#[call(timeout = ..)]`.
pub fn ask_within<B: Behaviour + ?Sized, T: Send + 'static>(
    to: &Part<B>,
    limit: Option<Duration>,
    make: impl FnOnce(ReplyTo<T>) -> B::Msg,
) -> Call<T> {
    begin(to, limit, Runner::Either, make)
}

/// [`call`], with `#[call(timeout = ..)]`.
pub fn call_within<B: Behaviour + ?Sized, T: Send + 'static>(
    to: &Part<B>,
    limit: Option<Duration>,
    make: impl FnOnce(ReplyTo<T>) -> B::Msg,
) -> Call<T> {
    begin(to, limit, Runner::EitherIfNoProcess, make)
}

/// [`queue`], with `#[call(timeout = ..)]`.
pub fn queue_within<B: Behaviour + ?Sized, T: Send + 'static>(
    to: &Part<B>,
    limit: Option<Duration>,
    make: impl FnOnce(ReplyTo<T>) -> B::Msg,
) -> Call<T> {
    begin(to, limit, Runner::Callee, make)
}

/// As the call of a server's own client.
fn begin<B: Behaviour + ?Sized, T: Send + 'static>(
    to: &Part<B>,
    limit: Option<Duration>,
    runner: Runner,
    make: impl FnOnce(ReplyTo<T>) -> B::Msg,
) -> Call<T> {
    let to = to.resolved();
    let node = &to.head().node;
    let Caller { pid: caller, is_process, slot } = Caller::of(node);
    let pid = to.head().pid();
    let message = make(ReplyTo::new(slot.clone()));
    let kind = message.kind();
    let pushed = match pid {
        None => Err(Unsent::NoProc),
        Some(pid) if pid == caller => Err(Unsent::ToSelf), // GS-14
        Some(_) => to.ask(message).map_err(Unsent::from),
    };
    let asked = Asked { callee: to.process(), node, pid, is_process, runner, pushed };
    Call::new(asked, kind, limit, slot)
}
