//! Calls behind a fuse: what `#[call(fuse = ..)]` makes of a client's method.
use super::{Blown, Fuse, FuseError};
use crate::error::{CallError, TryCallError};
use crate::gen_server::{Call, TryCall};
use crate::process::{Message, RawRef};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A call behind a fuse: `#[call(fuse = ..)]` makes the client's method return one.
///
/// While the fuse is blown nothing is sent, and awaiting it gives [`FuseError::Blown`] at once.
/// Otherwise it is the call, and every `Err` is a failure for the fuse: that nobody answered, and
/// that the handler answered with an error.
///
/// There is one fuse per handler and node, whichever instance of the server is called. The
/// expression makes it, at the first call; whoever wants to hold it, too, gives a clone of one.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::fuse::{Fuse, FuseError};
/// use cordial::prelude::*;
///
/// #[gen_server]
/// #[derive(Clone)]
/// struct Bank;
/// #[gen_server]
/// impl Bank {
///     #[call(fuse = Fuse::new("bank").bears(1, secs(10)))]
///     fn balance(&self, account: u32) -> Result<i64, String> {
///         Err(format!("no route to {account}"))
///     }
/// }
/// let bank = Bank::start(Bank).await.unwrap();
/// for _ in 0..2 {
///     assert!(matches!(bank.balance(7).await, Err(FuseError::Failed(_))));
/// }
/// assert!(matches!(bank.balance(7).await, Err(FuseError::Blown(_))));
/// # }
/// ```
///
/// # Cancel safety
/// That of the [`Call`]; dropped, it counts as nothing.
#[must_use = "the message is already sent; `.await` it for the reply"]
pub struct Fused<C>(State<C>);

enum State<C> {
    Sent(C, Fuse),
    Blown(Blown),
}

/// The fuse of a handler, which is known by its function.
struct OfHandler<F>(Fuse, PhantomData<fn(F)>);

/// `make` is the same function for all calls of a handler, and makes its fuse.
pub(crate) fn fused<M: Message, C, F>(
    raw: &RawRef<M>,
    make: F,
    call: impl FnOnce() -> C,
) -> Fused<C>
where
    F: Fn() -> Fuse + 'static,
{
    let services = &raw.node().services;
    let known = services.with(|of: &OfHandler<F>| of.0.clone());
    let fuse = known.unwrap_or_else(|| {
        let made = Arc::new(OfHandler::<F>(make(), PhantomData));
        let first = services.offer(made.clone()).err().unwrap_or(made);
        first.0.clone()
    });
    Fused(match fuse.ask() {
        Ok(()) => State::Sent(call(), fuse),
        Err(blown) => State::Blown(blown),
    })
}

impl<C> Fused<C> {
    fn map(self, change: impl FnOnce(C) -> C) -> Self {
        match self.0 {
            State::Sent(call, fuse) => Self(State::Sent(change(call), fuse)),
            State::Blown(blown) => Self(State::Blown(blown)),
        }
    }

    /// Whether nothing was sent, because the fuse is blown.
    pub const fn is_blown(&self) -> bool {
        matches!(self.0, State::Blown(_))
    }

    fn wait<T, E>(self, wait: impl FnOnce(C) -> Result<T, E>) -> Result<T, FuseError<E>> {
        match self.0 {
            State::Blown(blown) => Err(FuseError::Blown(blown)),
            State::Sent(call, fuse) => told(wait(call), &fuse),
        }
    }
}

fn told<T, E>(answer: Result<T, E>, fuse: &Fuse) -> Result<T, FuseError<E>> {
    answer.map_err(|error| {
        fuse.melt();
        FuseError::Failed(error)
    })
}

impl<T: Send + 'static> Fused<Call<T>> {
    /// See [`Call::timeout`].
    pub fn timeout(self, limit: Duration) -> Self {
        self.map(|call| call.timeout(limit))
    }

    /// See [`Call::no_timeout`].
    pub fn no_timeout(self) -> Self {
        self.map(Call::no_timeout)
    }

    /// Waits on this thread.
    ///
    /// # Errors
    /// As awaiting it.
    ///
    /// # Panics
    /// Inside a tokio runtime, whose worker it would block.
    pub fn blocking(self) -> Result<T, FuseError<CallError>> {
        self.wait(Call::blocking)
    }
}

impl<T: Send + 'static, E: Send + 'static> Fused<TryCall<T, E>> {
    /// See [`TryCall::timeout`].
    pub fn timeout(self, limit: Duration) -> Self {
        self.map(|call| call.timeout(limit))
    }

    /// See [`TryCall::no_timeout`].
    pub fn no_timeout(self) -> Self {
        self.map(TryCall::no_timeout)
    }

    /// Waits on this thread.
    ///
    /// # Errors
    /// As awaiting it.
    ///
    /// # Panics
    /// Inside a tokio runtime, whose worker it would block.
    pub fn blocking(self) -> Result<T, FuseError<TryCallError<E>>> {
        self.wait(TryCall::blocking)
    }
}

impl<C, T, E> Future for Fused<C>
where
    C: Future<Output = Result<T, E>> + Unpin,
{
    type Output = Result<T, FuseError<E>>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Blown(blown) => Poll::Ready(Err(FuseError::Blown(blown.clone()))),
            State::Sent(call, fuse) => Pin::new(call).poll(cx).map(|answer| told(answer, fuse)),
        }
    }
}

impl<C: fmt::Debug> fmt::Debug for Fused<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            State::Blown(blown) => write!(f, "Fused({blown})"),
            State::Sent(call, _) => write!(f, "Fused({call:?})"),
        }
    }
}
