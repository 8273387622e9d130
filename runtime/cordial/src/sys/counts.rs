//! What servers handle, by their types.
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
        let takes_it = |cell: &dyn std::any::Any| cell.is::<Cell<S::Msg>>();
        ask(&node, takes_it);
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

/// Servers that run already are asked before their next message (L1).
fn ask(node: &Node, is_asked: impl Fn(&dyn std::any::Any) -> bool) {
    for process in node.table.all() {
        if is_asked(&*process.clone().into_any())
            && let Some(pid) = process.pid()
        {
            process.request(pid, Request::Count);
        }
    }
}

fn here() -> std::sync::Arc<Node> {
    Node::current().expect("servers belong to a node, and there is one in a runtime only")
}
