//! A context without a server: handlers as plain methods.
use super::inbox::{Inbox, Line, collect};
use crate::exit::ExitReason;
use crate::gen_server::{Ctx, Flow, GenServer};
use crate::process::{self, RawRef, Received};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A context that belongs to no running server: with it handlers are called as the plain methods
/// that they are. It is what [`Ctx::detached`] gives, and stands wherever `&mut Ctx<S>` does.
///
/// What a handler asks for is noted, and the test looks at it: [`asked_to_stop`] for a stop,
/// [`run_continue`] for what comes next, [`inbox`] for what the server has sent itself, at once or
/// later.
///
/// [`asked_to_stop`]: Self::asked_to_stop
/// [`run_continue`]: Self::run_continue
/// [`inbox`]: Self::inbox
///
/// # Examples
/// ```rust,test_harness
/// use cordial::prelude::*;
/// use cordial::test::{advance, expect_cast};
///
/// struct Remind;
/// #[gen_server]
/// struct Desk {
///     open: bool,
/// }
/// #[gen_server]
/// impl Desk {
///     #[cast]
///     fn close(&mut self, ctx: &mut Ctx<Self>) {
///         self.open = false;
///         ctx.send_after(mins(5), Remind);
///     }
///     #[call]
///     fn leave(&mut self, from: ReplyTo<&'static str>, ctx: &mut Ctx<Self>) {
///         from.reply("bye");
///         ctx.stop(ExitReason::Normal);
///     }
///     #[info]
///     fn remind(&mut self, _: Remind) {}
/// }
///
/// #[cordial::test]
/// async fn desk_closes_and_leaves() {
///     let (mut desk, mut ctx) = (Desk { open: true }, Ctx::detached());
///     desk.close(&mut ctx);
///     assert!(!desk.open);
///     advance(mins(5)).await;
///     expect_cast!(ctx.inbox(), DeskMsg::Remind);
///
///     let (from, answer) = ReplyTo::pair();
///     desk.leave(from, &mut ctx);
///     assert_eq!(answer.await, Some("bye"));
///     assert_eq!(ctx.asked_to_stop(), Some(ExitReason::Normal));
/// }
/// ```
pub struct Detached<S: GenServer> {
    ctx: Ctx<S>,
    inbox: Inbox<S::Msg>,
}

impl<S: GenServer> Ctx<S> {
    /// A context without a server, for tests that call handlers as plain methods; see [`Detached`].
    ///
    /// A process stands in for the server: it has the pid, takes the timers and the mail, traps
    /// exits, and ends when this is dropped. What asks for the process *that runs*, as
    /// [`Ctx::link`] does, finds none.
    ///
    /// # Panics
    /// Without a tokio runtime: `#[cordial::test]` has one.
    #[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
    pub fn detached() -> Detached<S> {
        let line = Arc::new(Line::default());
        let sink = line.clone();
        let convert = |received: Received<S::Msg>| match received {
            Received::Message(message) => Some(message),
            Received::Down(down) => S::from_down(down),
            Received::Exit(exit) => S::from_exit(exit),
        };
        let address: RawRef<S::Msg> =
            process::spawn(async move |mail| collect(mail, convert, &sink).await);
        Detached { ctx: Self::new(address.0), inbox: Inbox::of(line) }
    }
}

impl<S: GenServer> Detached<S> {
    /// What a handler has asked to stop with, since this was asked last.
    pub fn asked_to_stop(&mut self) -> Option<ExitReason> {
        self.ctx.take_stop()
    }

    /// Runs what handlers have asked to continue with, one after the other, also what those ask
    /// for; gives what the last one says. `None`: nobody has asked.
    pub async fn run_continue(&mut self, state: &mut S) -> Option<Flow> {
        let mut flow = None;
        while let Some(next) = self.ctx.take_continuation() {
            flow = Some(next(state, &mut self.ctx).await);
        }
        flow
    }

    /// What the server has sent itself, timers and monitors included.
    pub fn inbox(&mut self) -> &mut Inbox<S::Msg> {
        &mut self.inbox
    }
}

impl<S: GenServer> Deref for Detached<S> {
    type Target = Ctx<S>;

    fn deref(&self) -> &Ctx<S> {
        &self.ctx
    }
}

impl<S: GenServer> DerefMut for Detached<S> {
    fn deref_mut(&mut self) -> &mut Ctx<S> {
        &mut self.ctx
    }
}

impl<S: GenServer> Drop for Detached<S> {
    fn drop(&mut self) {
        process::exit(&self.ctx.address(), ExitReason::Kill);
    }
}

impl<S: GenServer> fmt::Debug for Detached<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Detached({:?})", self.ctx)
    }
}
