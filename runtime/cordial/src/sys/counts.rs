//! What servers handle, by their types.
use super::control::{Filter, Limit, Trace};
use crate::gen_server::GenServer;
use crate::process::Node;
use crate::process::cell::Cell;
pub use crate::process::counts::Counts;
use crate::process::lane::Request;

/// From its next message on each server of type `S` on this node counts what it handles, by kind;
/// those that start later do, too. With `false` none does any more, and what was counted is gone.
///
/// While it is off it costs nothing: no server counts what nobody asks for.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::sys;
/// #[gen_server]
/// #[derive(Clone)]
/// struct Lamp;
/// #[gen_server]
/// impl Lamp {
///     #[call]
///     fn on(&mut self) {}
///     #[call]
///     fn off(&mut self) {}
/// }
/// sys::count::<Lamp>(true);
/// for _ in 0..2 {
///     let lamp = Lamp::start(Lamp).await.unwrap();
///     lamp.on().await.unwrap();
///     lamp.off().await.unwrap();
///     lamp.on().await.unwrap();
/// }
/// let counts = sys::counts::<Lamp>().unwrap();
/// assert_eq!((counts.handled, counts.by_kind["on"]), (6, 4));
/// # }
/// ```
///
/// # Panics
/// Without a runtime.
pub fn count<S: GenServer>(on: bool) {
    let node = here();
    node.types.count::<S>(on);
    if on {
        ask_type::<S>(&node);
    }
}

/// [`count`], for the servers of all types of this node.
///
/// # Panics
/// As [`count`].
pub fn count_all(on: bool) {
    let node = here();
    node.types.count_all(on);
    if on {
        ask(&node, |_| true);
    }
}

/// What servers of type `S` have handled on this node since [`count`] was called; `None`: nothing
/// is counted. No process is asked.
pub fn counts<S: GenServer>() -> Option<Counts> {
    Node::current()?.types.counts::<S>()
}

/// [`counts`] of each type that is counted and has been seen, by their names.
pub fn all_counts() -> Vec<Counts> {
    Node::current().map_or(Vec::new(), |node| node.types.all())
}

/// [`trace`](super::trace) of all servers of type `S` on this node: those that run, from their next
/// message on, and those that start while it lasts. The limit is one for all of them together.
///
/// It ends as that of one server does, but for the end of a process: whoever is restarted goes on
/// being traced. [`Handled::pid`](super::Handled::pid) says which server it was.
///
/// While there is no such trace it costs nothing: a server that starts asks whether anything is
/// wanted of any type, and does so for [`count`] anyway.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::sys::{self, Filter, Limit};
/// #[gen_server]
/// #[derive(Clone)]
/// struct Lamp;
/// #[gen_server]
/// impl Lamp {
///     #[cast]
///     fn dim(&mut self, percent: u8) {
///         let _ = percent;
///     }
/// }
/// let early = Lamp::start(Lamp).await.unwrap();
/// let dark = Filter::by(|msg: &LampMsg| matches!(msg, LampMsg::Dim { percent: 0 }));
/// let mut trace = sys::trace_type::<Lamp>(dark, Limit::count(2));
/// let late = Lamp::start(Lamp).await.unwrap();
/// for lamp in [&early, &late] {
///     lamp.dim(50);
///     lamp.dim(0);
/// }
/// let who = [trace.next().await.unwrap().pid, trace.next().await.unwrap().pid];
/// assert!(who.contains(&gen_server::whereis(&early).unwrap()));
/// assert!(who.contains(&gen_server::whereis(&late).unwrap()));
/// assert!(trace.next().await.is_none());
/// # }
/// ```
///
/// # Panics
/// Without a runtime.
pub fn trace_type<S: GenServer>(filter: Filter, limit: Limit) -> Trace {
    let node = here();
    let trace = Trace::of_type::<S>(&node, (filter, limit));
    ask_type::<S>(&node);
    trace
}

fn ask_type<S: GenServer>(node: &Node) {
    ask(node, |cell| cell.is::<Cell<S::Msg>>());
}

/// Servers that run already are asked before their next message (L1).
fn ask(node: &Node, is_asked: impl Fn(&dyn std::any::Any) -> bool) {
    for process in node.table.all() {
        if is_asked(&*process.clone().into_any())
            && let Some(pid) = process.pid()
        {
            process.request(pid, Request::OfType);
        }
    }
}

fn here() -> std::sync::Arc<Node> {
    Node::current().expect("servers belong to a node, and there is one in a runtime only")
}
