//! The entry points: one documented function per macro, each a single call into `entry`.
//!
//! ```text
//! tokens ─ lib ─ entry ─▶ parse (shape) ─▶ model (meaning, plain data)
//!       ─▶ check (rules; all errors collected) ─▶ expand (mailbox · client · dispatch · spec)
//! ```
//!
//! Use the crate `cordial`, which re-exports all of this.

mod argument;
mod async_fn;
mod attrs;
mod crate_path;
mod entry;
mod errors;
mod gen_server;
mod hygiene;
mod main_attr;
mod messages;
mod method;
mod ping_pong;
mod print;
mod supervisor;
mod test_attr;

use proc_macro::TokenStream;

/// Makes a struct a server process: on the struct what it is, on its `impl` what it understands.
///
/// On a struct or enum: `name = "x"`, `restart = Permanent | Transient | Temporary`,
/// `shutdown = 5s | brutal_kill | infinity`, `crate = path`.
/// On its inherent `impl`: `mailbox = N`, `on_full = reject`, `crate = path`; methods are marked
/// `#[init]`, `#[call]`, `#[cast]`, `#[info]`, `#[handle_continue]`, `#[every(30s)]`,
/// `#[idle(30s)]` and `#[terminate]`, all others stay ordinary methods.
///
/// ```ignore
/// #[gen_server]
/// #[derive(Default, Clone)]
/// struct Counter(i64);
///
/// #[gen_server]
/// impl Counter {
///     #[cast]
///     pub fn inc(&mut self) {
///         self.0 += 1;
///     }
///     #[call]
///     pub fn value(&self) -> i64 {
///         self.0
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn gen_server(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute("gen_server", args, item, gen_server::expand)
}

/// Declares a supervision tree: its children, how they are started, and what a crash restarts.
///
/// ```ignore
/// supervisor! {
///     pub HarborSup(fleet_id: u32) {
///         strategy: RestForOne,
///         max_restarts: 3 in 5s,
///         children: [
///             board: Scoreboard(Scoreboard::default()),
///             tracker: Tracker(fleet_id, board),
///         ],
///     }
/// }
/// ```
#[proc_macro]
pub fn supervisor(input: TokenStream) -> TokenStream {
    entry::items("supervisor", input, supervisor::expand)
}

/// Spawns a process that sends itself messages and takes them: `ping <value>`, `pong |msg| ..`.
///
/// ```ignore
/// ping_pong! {
///     ping "hey there"
///     pong |msg| println!("Pong received: {msg}")
/// }
/// ```
#[proc_macro]
pub fn ping_pong(input: TokenStream) -> TokenStream {
    entry::expression("ping_pong", input, ping_pong::expand)
}

/// Runs an async `main` on a node of its own and takes the tree down before the program ends.
///
/// Options: `workers = n`, `current_thread`, `crate = path`.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute("main", args, item, main_attr::expand)
}

/// Runs an async test on a node of its own, with paused time, and looks for leaks at its end.
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute("test", args, item, test_attr::expand)
}
