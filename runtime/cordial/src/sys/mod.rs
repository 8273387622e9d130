//! Looking into a running process, and taking hold of it; OTP's `sys`, with what `observer` and
//! `recon` show.
//!
//! | to | there is |
//! |---|---|
//! | look at a state | [`get_state`], [`with_state`], [`replace_state`] |
//! | see a state of any type, as a text | [`inspect`] |
//! | see what a process does | [`get_status`], [`links`], [`monitors`], [`children`] |
//! | let it stand still | [`suspend`], [`resume`] |
//! | put a newer version in its place | [`change_code`] |
//! | see what it handles | [`keep_statistics`], [`keep_log`], [`trace`], [`tell_messages`] |
//! | know what all servers of a type handle | [`count`], [`counts`], [`trace_type`] |
//! | see the whole node | [`top`], [`top_window`], [`tree`], [`wait_graph`], [`crashes`] |
//!
//! A look at a state stands in the server's line like a message: everything that was sent before it
//! is handled first, unless the server is suspended. [`get_status`], [`suspend`] and what is kept
//! come beside the line: they work on a server that is flooded, suspended, or awaits something.
//!
//! Who looks with [`get_state`] names the server's type: there is nothing to format and nothing to
//! hide. What is *shown* of a state, by [`inspect`], [`get_status`] and in crash reports, goes
//! through the module [`inspect`](crate::inspect), where secrets are redacted.
//!
//! # Examples
//! ```
//! # #[cordial::main(current_thread)] async fn main() {
//! use cordial::prelude::*;
//! use cordial::sys;
//!
//! #[gen_server]
//! #[derive(Clone, PartialEq, Debug)]
//! struct Counter(i64);
//! #[gen_server]
//! impl Counter {
//!     #[cast]
//!     fn inc(&mut self) {
//!         self.0 += 1;
//!     }
//! }
//!
//! let counter = Counter::start(Counter(1)).await.unwrap();
//! counter.inc();
//! assert_eq!(sys::get_state(&counter).await, Ok(Counter(2)));
//! sys::replace_state(&counter, |state| Counter(10 * state.0)).await.unwrap();
//! assert_eq!(sys::with_state(&counter, |state| state.0).await, Ok(20));
//! # }
//! ```
mod control;
mod counts;
mod node;
mod versions;

use crate::exit::ExitReason;
use crate::gen_server::{Call, GenServer, Ref, TryCall, call_system};
use crate::mailbox::{Look, Parcel, ReplyTo, System};
use crate::process::panics;
use std::mem;

pub use control::{
    Filter, Handled, Limit, Outcome, ProcessStatus, Statistics, SysError, Trace, TraceEnd,
    children, get_status, inspect, keep_log, keep_statistics, links, log, monitors, resume,
    statistics, suspend, tell_messages, trace,
};
pub use counts::{Counts, all_counts, count, count_all, counts, trace_type};
pub use node::{
    Attr, Branch, CrashRecord, Ranked, Waiting, crashes, top, top_window, tree, wait_graph,
};
pub use versions::{ChangeError, change_code};

/// A copy of the server's state.
///
/// # Errors
/// As any call; it waits 5 s unless [`Call::timeout`] says otherwise. What has the type of the
/// handle but is no server (a probe) has no state: [`CallError::ReplyDropped`]. So it is when
/// `clone` panics, which harms nobody.
///
/// # Cancel safety
/// As [`Call`].
///
/// # Differences from OTP
/// It needs a state that is `Clone`; [`with_state`] looks at any.
///
/// [`CallError::ReplyDropped`]: crate::CallError::ReplyDropped
pub fn get_state<S: GenServer + Clone>(server: &Ref<S>) -> Call<S> {
    ask(server, "get_state", |state: &mut S, from: ReplyTo<S>| {
        if let Ok(state) = panics::contain(|| state.clone()) {
            from.reply(state);
        }
    })
}

/// What `look` makes of the server's state. It runs in the server's process.
///
/// # Errors
/// [`TryCallError::Handler`](crate::TryCallError::Handler) with the panic when `look` panics, which
/// the server does not feel; else as [`get_state`].
///
/// # Cancel safety
/// As [`Call`].
pub fn with_state<S: GenServer, T: Send + 'static>(
    server: &Ref<S>,
    look: impl FnOnce(&S) -> T + Send + 'static,
) -> TryCall<T, ExitReason> {
    TryCall(ask(server, "with_state", |state: &mut S, from: ReplyTo<Result<T, ExitReason>>| {
        from.reply(panics::contain(|| look(state)));
    }))
}

/// Puts what `replace` makes of the server's state in its place.
///
/// # Errors
/// [`TryCallError::Handler`](crate::TryCallError::Handler) with the panic when `replace` panics;
/// the state is then as it was (GS-46). Else as [`get_state`].
///
/// # Cancel safety
/// As [`Call`]: dropped, the state is replaced all the same.
///
/// # Differences from OTP
/// It answers with nothing; OTP's answers with the new state.
pub fn replace_state<S: GenServer>(
    server: &Ref<S>,
    replace: impl FnOnce(&S) -> S + Send + 'static,
) -> TryCall<(), ExitReason> {
    TryCall(ask(server, "replace_state", |state: &mut S, from: ReplyTo<Result<(), ExitReason>>| {
        let replaced = panics::contain(|| replace(state));
        let before = replaced.map(|new| mem::replace(state, new));
        from.reply(before.map(|before| {
            let _ = panics::contain(|| drop(before));
        }));
    }))
}

fn ask<S: GenServer, T: Send + 'static>(
    server: &Ref<S>,
    kind: &'static str,
    answer: impl FnOnce(&mut S, ReplyTo<T>) + Send + 'static,
) -> Call<T> {
    call_system(Ref::raw_of(server), kind, |from| {
        let look: Look = Box::new(move |state, _| {
            if let Some(state) = state.downcast_mut::<S>() {
                answer(state, from);
            }
        });
        System::State(Parcel::new(Some(look)))
    })
}
