//! The entry points: one documented function per macro, each a single call into `entry`.
//!
//! ```text
//! tokens ─ lib ─ entry ─▶ parse (shape) ─▶ model (meaning, plain data)
//!       ─▶ check (rules; all errors collected) ─▶ expand (mailbox · client · dispatch · spec)
//! ```
//!
//! Use the crate `cordial`, which re-exports all of this.

#![cfg_attr(
    not(all(feature = "application", feature = "test-util", feature = "chaos")),
    allow(dead_code, reason = "what only macros use that are left out")
)]

mod application;
mod argument;
mod async_fn;
mod attrs;
#[cfg(any(test, feature = "chaos"))]
mod chaos_test;
mod crate_path;
mod entry;
#[cfg(any(test, feature = "application"))]
mod env;
mod errors;
#[cfg(any(test, feature = "test-util"))]
mod expect;
mod gen_server;
mod gen_statem;
#[cfg(test)]
mod half_typed;
mod hygiene;
mod inspect;
mod main_attr;
mod messages;
mod method;
mod not_a_handle;
mod pattern;
mod ping_pong;
mod pipe;
mod print;
mod protocol;
mod receive;
mod registry;
#[cfg(test)]
mod robustness;
#[cfg(test)]
mod snapshots;
mod supervisor;
mod table;
mod test_attr;

use proc_macro::TokenStream;

/// Makes a struct a server process: on the struct what it is, on its `impl` what it understands.
///
/// On a struct or enum: `name = "x"`, `restart = Permanent | Transient | Temporary`,
/// `shutdown = 5s | brutal_kill | infinity`, `crate = path`; `via = Rooms, key = String` lets a
/// registry name its instances: `ChatRoom::start(..).key("lobby")`, then `ChatRoom::at("lobby")`;
/// `version = 2` is that of its state; `local`, which stands on the `impl`, too, is for a state
/// that is not `Send`: the server lives on one thread of the node, see `gen_server::LocalServer`.
/// On its inherent `impl`: `mailbox = N`, `on_full = reject | drop_oldest | wait`,
/// `behaviours(Storage, ..)`, `closed` (no handle travels in its messages), `crate = path`; methods
/// are marked `#[init]`, `#[call]`, `#[cast]`, `#[info]`, `#[handle_continue]`, `#[every(30s)]`,
/// `#[idle(30s)]`, `#[session(Protocol as Role)]`, `#[format_status]`, `#[code_change(from = 1)]`
/// (which makes its state of that of an older version, see `CodeChange`) and `#[terminate]`, all
/// others stay ordinary methods.
///
/// `#[call]` takes `timeout = 2s` or `infinity` (5 s unless it says so), `or_crash` (an `Err` is
/// answered and then ends the server), `inline = never` (no caller runs the handler on his own
/// stack, see `Call`; for one that takes long or blocks), `task` (the handler takes `&self` and
/// runs beside the server, in a task, on a copy of the state as it is then), `shed` (a call whose
/// caller does not wait any more is left), `fuse = Fuse::new("bank").bears(3, secs(10))` (while it
/// is blown the client sends nothing, see `fuse::Fused`), and `flat` or `raw` (whether an `Err` is
/// the call's own error, where the type alone does not say).
/// `#[cast]` takes `on_err = log | crash`, and an `on_full` of its own. `#[info]` takes
/// `stream = self.field`: its messages come from that field, too, see `InfoStream`.
///
/// ```text
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

/// Makes a struct a state machine: a process that handles each event by the state in which it is.
///
/// On the struct everything is as with [`macro@gen_server`]. On its inherent `impl` the states come
/// first, the initial one in front: `#[gen_statem(Locked | Open)]`, then the options `mailbox = N`,
/// `on_full = ..`, `behaviours(Storage, ..)` (their callbacks are of no state: they run in each,
/// and leave it), `closed`, `crate = path`.
///
/// ```text
/// #[gen_statem]
/// pub struct Door { code: Vec<u8>, entered: Vec<u8>, grace: Duration }
///
/// #[gen_statem(Locked | Open)]
/// impl Door {
///     #[init] fn init(code: Vec<u8>, grace: Duration) -> Self { .. }
///     #[on(Locked)] #[cast] pub fn button(&mut self, digit: u8) -> to![Locked | Open] {
///         self.entered.push(digit);
///         if self.entered == self.code { return goto(Open) }
///         goto(Locked)
///     }
///     #[on(Open)] #[cast] pub fn button(&mut self, _digit: u8) {}
///     #[on(Open)] #[call] pub fn lock(&mut self) -> (usize, to![Locked]) { .. }
///     #[on(Locked)] #[postpone] pub fn lock();
///     #[on(Open)] #[after(self.grace)] fn relock(&mut self) -> to![Locked] { goto(Locked) }
///     #[on(_)] #[call] pub fn tries(&self) -> usize { self.entered.len() }
///     #[enter(Open)] fn opened(&mut self) { self.entered.clear() }
/// }
/// ```
///
/// **Clauses.** Methods of one name are the clauses of one event, each for the states in its
/// `#[on(..)]`; `#[on(_)]` is for those that have no clause of their own. All of them are
/// `#[call]`s, `#[cast]`s or `#[info]`s, with the options of those, and the client has one method
/// for all. Its arguments are called as in the first clause that names them. Every event has a
/// clause for every state: one that does nothing, `#[ignore] fn lock();` (whose caller is told that
/// there is no reply), or one that keeps it until the machine is in another state, `#[postpone] fn
/// lock();`.
///
/// **Transitions.** The return type is the row of the transition table: with `-> to![Locked |
/// Open]` the clause answers `goto(Locked)`, `goto(Open)`, `keep_state()` or `repeat_state()`, and
/// nothing else compiles. A call answers its reply, or both: `(usize, to![Locked])`. Without a row
/// the machine stays; `ctx.stop(reason)` ends it, after all replies. In the body of a clause the
/// names of the states are those of this machine.
///
/// **Time.** `#[after(5s)]` is the state timeout: it is armed when the state is entered, and
/// leaving the state cancels it. `#[idle(5s)]` is the event timeout: it is armed after every event
/// in that state, and the next event cancels it. Both take any expression that sees `self`. `ctx`
/// arms more of them: `state_timeout`, `timeout`, `timeout_named`, `send_after`.
///
/// `#[enter(Open)]`, `#[enter(_)]`: runs when the state is entered, from another one or by
/// `repeat_state()`, and at the start. It may take the state before, `old: DoorState`, and `ctx:
/// &mut EnterCtx<'_, Self>`, and it cannot lead elsewhere.
///
/// `ctx.state()` is the state, a `DoorState`; `ctx.next_event(DoorMsg::Button { digit: 1 })`
/// handles an event next. `#[init]`, `#[terminate]` and `#[format_status]` are those of a server.
///
/// The documentation of `DoorState` shows the transitions as a mermaid diagram, and so does the
/// expansion under `CORDIAL_EXPAND=gen_statem`.
#[proc_macro_attribute]
pub fn gen_statem(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute("gen_statem", args, item, gen_statem::expand)
}

/// Makes a trait a part of a protocol that servers of several types have, with a handle that knows
/// this part and nothing else.
///
/// ```text
/// #[behaviour]
/// pub trait Storage {
///     #[call(timeout = 2s)]
///     fn get(&self, key: &str) -> Option<Vec<u8>>;
///     #[cast]
///     fn put(&mut self, key: &str, value: Vec<u8>);
///     #[call]
///     async fn flush(&mut self) -> Result<(), IoError> {
///         Ok(()) // Who has nothing to flush leaves it out.
///     }
/// }
///
/// #[gen_server(behaviours(Storage))]
/// impl Disk { .. }
/// impl Storage for Disk { .. }
///
/// fn serve(storage: StorageRef) { .. }
/// serve(disk.into());
/// ```
///
/// The trait may stand in a crate of its own, together with nothing else: who has the behaviour and
/// who uses it need to know that crate only. It becomes `StorageMsg`, one variant per callback,
/// `StorageClient`, whose methods `StorageRef` has, and `StorageRef`, which the `Ref` of any server
/// with the behaviour turns into. `cordial::probe::<dyn Storage>()` is a fake one.
///
/// - **Callbacks** are marked `#[call]` or `#[cast]`, with the options that they have on a server,
///   without `task`, `fuse` and `on_full`, and take what handlers take: `ctx: &mut Ctx<Self>`,
///   `from: ReplyTo<T>`, `#[into]`. Other functions are those of any trait.
/// - **Optional** is a callback with a body. An `async` one that takes `&self` and has a body makes
///   all who have the behaviour `Sync`.
/// - **The server** implements the trait, whose methods carry no marks there, and names it on its
///   `#[gen_server] impl`: `behaviours(Storage, Clock)`. The compiler sees to what the trait asks.
/// - **The mailbox** is the server's: its bound, its order with all other messages. A cast to a
///   full one that makes its senders wait is refused.
///
/// `crate = path` says where the runtime is found.
#[proc_macro_attribute]
pub fn behaviour(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute("behaviour", args, item, gen_server::behaviour::expand)
}

/// Declares a supervision tree: its children, how they are started, and what a crash restarts.
///
/// ```text
/// supervisor! {
///     /// The Harbor Fleet application tree.
///     pub HarborSup(fleet_id: u32, metrics: bool) {
///         strategy: RestForOne,
///         max_restarts: 3 in 5s,
///         children: [
///             board: Scoreboard(Scoreboard::default()),
///             tracker: Tracker(fleet_id, board),
///             rooms: dynamic ChatRoom { max_children: 10_000 },
///             if metrics { extra: Publisher(tracker) { restart: Transient } },
///             edge: supervisor { children: [publisher: Publisher(tracker)] },
///         ],
///     }
/// }
///
/// let harbor = HarborSup::start(42, true).await?;
/// harbor.tracker.get_position().await?;
/// harbor.edge.publisher.publish();
/// ```
///
/// It makes a struct `HarborSup` with the functions `start`, `start_link` and `child_spec`, whose
/// documentation shows the tree as a drawing, and a struct `HarborSupRef` with one typed handle per
/// child. `HarborSup` can be a child of another tree. Type parameters and a `where` clause are
/// written as on a struct.
///
/// **Fields**, of the tree and of each nested `supervisor { .. }`:
///
/// | field | value | when it is left out |
/// |---|---|---|
/// | `strategy` | `OneForOne`, `OneForAll`, `RestForOne` | `OneForOne` |
/// | `max_restarts` | `3 in 5s`: a number and a time | `3 in 5s` |
/// | `auto_shutdown` | `Never`, `AnySignificant`, `AllSignificant` | `Never` |
/// | `children` | `[..]`, in start order | an error |
///
/// **Children** are started from top to bottom and stopped from bottom to top:
///
/// | child | handle |
/// |---|---|
/// | `id: Type(args)`, `id: Type` | what `Type` is reached by: a `Ref`, or the handles of a tree |
/// | `id: dynamic Type` | `DynamicRef<Type>`, which starts children of that type |
/// | `id: partition(4) Type(args)` | `PartitionRef<Type>`: four children, routed by key |
/// | `id: supervisor { .. }` | a struct of its own: `harbor.edge.publisher` |
/// | `if condition { .. }` | an `Option` of each handle in it |
///
/// Options stand in braces behind a child: `restart: Permanent | Transient | Temporary`,
/// `shutdown: 5s | brutal_kill | infinity`, `significant: true`, `backoff: exp(100ms, 10s)`. A
/// nested supervisor takes them among its fields. Those of `dynamic Type` are the supervisor's, for
/// its children come with specs of their own; it also takes `max_children: N`,
/// `max_restarts: N in TIME`, and `by: Key`, which lets the registry of a `Type` with `via` start
/// what is not there: `Rooms::ensure(key, args)`. Those of `partition(n) Type` are each child's;
/// the supervisor of them takes `strategy: ..` and `max_restarts: N in TIME`. Without `(n)` there
/// is one per core. `#[cfg]` and documentation stand before a child.
///
/// **Arguments** are any expressions. A parameter of the tree or the handle of an earlier sibling
/// is written by its name, `edge.publisher` reaches into a nested supervisor, and both are cloned
/// where they are needed again. So a sibling that starts later cannot be used, and a tree that
/// compiles can start. They are evaluated once, when the tree starts, and cloned for each start of
/// the child: those of a child that is never restarted need not be `Clone`.
/// Those of a partition are evaluated for each of its children, and `shard` is the child's number,
/// from 0, unless a parameter or an earlier sibling is called so.
///
/// `late count` is the handle of a server that starts later, a `Late<CountRef>`: it has the casts
/// only, and what is cast before the server's first start waits for it.
///
/// `crate = path;` in front says where the runtime is found.
#[proc_macro]
pub fn supervisor(input: TokenStream) -> TokenStream {
    entry::items("supervisor", input, supervisor::expand)
}

/// Declares a type of table: rows that many processes share and one owns, as OTP's ETS.
///
/// ```text
/// table! {
///     /// Where the vehicles are.
///     pub Positions: VehicleId => Fix, ordered_set, protected, ttl = 30s, max = 100_000
/// }
/// table! { pub Entries<K, V>: K => V, bag, public }
/// table! { Sessions: String => Session, set, private, heir = Keeper }
/// ```
///
/// It becomes the owner's handle, `Positions`, with `Positions::new(ctx)`, and `PositionsRef`, the
/// address that others have of it. A `public` table can be a child in `supervisor!`.
///
/// | word | meaning |
/// |---|---|
/// | `set`, `ordered_set`, `bag`, `duplicate_bag` | what lies under a key; `set` at first |
/// | `protected`, `public`, `private` | who may do what; `protected` at first |
/// | `ttl = 30s` | a row goes so long after it was written; with one row per key only |
/// | `max = N` | beyond so many rows, who was written longest ago goes; with one row per key only |
/// | `heir = Keeper` | a server that takes `Transfer<Positions>`: `new(ctx, &keeper)` |
///
/// `crate = path;` in front says where the runtime is found.
#[proc_macro]
pub fn table(input: TokenStream) -> TokenStream {
    entry::items("table", input, table::expand)
}

/// Declares a registry: a type whose functions find processes by their keys.
///
/// ```text
/// registry! {
///     /// Every room by its name.
///     pub Rooms: String => ChatRoom, unique
/// }
/// registry! {
///     pub Members: String => User, duplicate, value = String
/// }
/// ```
///
/// It reads: the keys are `String`s, and who is found is a `ChatRoom`. Without `=> Server`, or with
/// `=> Pid`, any process may be registered, and its pid is found. `unique` keys have one entry,
/// `duplicate` keys any number. The registry is a child of a supervisor, `rooms: Rooms`, above
/// those that it names.
///
/// | option | meaning |
/// |---|---|
/// | `unique` or `duplicate` | how many entries a key may have |
/// | `value = Type` | what an entry carries; `()` when it is left out |
/// | `partitions = 8` | in how many places the entries lie; 1 when it is left out |
/// | `listener = Type` | a server with a fixed name and an `#[info]` for `registry::Event<Rooms>` |
/// | `meta = value` | a value that is kept with the registry from its start |
///
/// `crate = path;` in front says where the runtime is found.
#[proc_macro]
pub fn registry(input: TokenStream) -> TokenStream {
    entry::items("registry", input, registry::expand)
}

/// Spawns a process that sends itself messages and takes them, one step after the other.
///
/// ```text
/// ping_pong! {
///     ping "hey there"
///     pong |msg| println!("Pong received: {msg}")
/// }
/// ```
///
/// `ping <value>` sends the value; `pong |msg| ..` takes the oldest message that is left, and so
/// does `pong async |msg| ..`, which is awaited. A semicolon may stand after each step. All
/// messages have one type. A `pong` without an untaken `ping` before it would wait forever and does
/// not compile.
///
/// As a statement it has no value. As an expression, `let process = ping_pong! { .. };` or
/// `ping_pong! { .. }.await`, it is the process: awaiting it tells why it ended.
///
/// `crate = path;` in front says where the runtime is found.
#[proc_macro]
pub fn ping_pong(input: TokenStream) -> TokenStream {
    entry::expression("ping_pong", input, ping_pong::expand)
}

/// Declares a conversation of two sides: who says what, and when. What is out of turn does not
/// compile.
///
/// ```text
/// protocol! {
///     /// A checkout conversation.
///     pub Checkout: Customer => Till {
///         loop Shopping {
///             choice Customer {
///                 Add(title: String, price: u32) => {
///                     Till -> Customer: Subtotal(u32);
///                     continue Shopping;
///                 }
///                 Pay(u32) => choice Till within 30s {
///                     Receipt(String) => end,
///                     Declined => continue Shopping,
///                 }
///                 Leave => end,
///             }
///         }
///     }
/// }
///
/// let (customer, till) = checkout::open();                    // two sides, for two processes
/// let customer = Checkout::connect(&shop).await?;             // or one, and a server's session
/// let (subtotal, customer) = customer.add("book".to_owned(), 10).subtotal().await?;
/// match customer.pay(10).offer().await? {
///     RecvReceiptOffer::Receipt(text, _end) => println!("{text}"),
///     RecvReceiptOffer::Declined(customer) => drop(customer.leave()),
/// }
/// ```
///
/// | step | what happens |
/// |---|---|
/// | `A -> B: Msg(T, ..);` | `A` says `Msg`; a value may have a name: `Msg(title: T)` |
/// | `choice A { Msg(T) => step, Other => { steps } }` | `A` says one of these |
/// | `loop Label { steps }` | the steps, again and again, until `end` or a loop around is gone to |
/// | `continue Label` | from the beginning of that loop |
/// | `end` | nothing is to be said any more; so does the end of the steps |
///
/// After a step comes the one behind it, after a choice what stands behind the choice, unless the
/// branch went elsewhere. `choice A as Name { .. }` gives the choice a name.
///
/// # What it makes
/// An enum `Checkout`, with `Checkout::connect`, and a module `checkout` with `open`, the messages
/// (`Wire`), and a module per role: `checkout::customer`, `checkout::till`. In it is a type per
/// state, named after its loop or choice, or `Send` or `Recv` and the first message; `Start`
/// is the first state, `End` the last. Who speaks has a method per message, which takes the state
/// and gives the next one: `customer.add(..)`. Who hears has `.msg().await` for the only message
/// that can come, and `.offer().await` for a choice, which gives an enum with the next state in
/// each variant. A message without values gives the state alone, others a tuple that ends with it.
///
/// The types of messages are looked up beside the macro, not in a function around it.
///
/// # Time
/// Every wait for a message ends after 5 s, unless `within 30s` or `within infinity` says
/// otherwise: behind the roles for all steps, behind the role of a `choice` or behind a message
/// for one; or the caller does, `.timeout(d)`, `.no_timeout()`.
///
/// # In a server
/// `#[session(Checkout as Till)] async fn serve(me: ShopRef, till: checkout::till::Start)` in a
/// `#[gen_server] impl` plays a role: each conversation runs in a task of its own beside the
/// server.
///
/// `crate = path;` in front says where the runtime is found.
#[proc_macro]
pub fn protocol(input: TokenStream) -> TokenStream {
    entry::items("protocol", input, protocol::expand)
}

/// Sends a value through steps, each of which takes what the one before gave.
///
/// ```text
/// let total = pipe!(raw |> str::trim |> parse_json()? |> validate |> total(1.5, _) |> |o| o.sum);
/// ```
///
/// | step | what it becomes |
/// |---|---|
/// | `f`, `path::f::<T>`, `(expr)` | `f(value)` |
/// | `f(a)` | `f(value, a)` |
/// | `f(a, _)` | `f(a, value)` |
/// | `.method(a)`, `.field`, `.await` | `value.method(a)`, `value.field`, `value.await` |
/// | `object.method(a)` | `object.method(value, a)` |
/// | `m!(a)`, `m!(a, _)` | `m!(value, a)`, `m!(a, value)` |
/// | a closure, the last or up to the next `\|>` | the closure, called with the value |
///
/// Behind a step may stand `?`, `.await`, `.field`, `.method()` and `[index]`. It is nothing but
/// those calls inside one another: `?` and `.await` are those of the function around it, and what
/// does not fit is told by the compiler at the step. A bit-wise or before a comparison needs
/// parentheses.
///
/// `crate = path;` in front says where the runtime is found.
#[proc_macro]
pub fn pipe(input: TokenStream) -> TokenStream {
    entry::bare("pipe", input, pipe::expand)
}

/// Takes the first mail of a plain process that matches an arm, however much waits before it.
///
/// ```text
/// let answer = receive! {
///     mail,
///     Msg::Answer { id, text } if id == asked => Some(text),
///     Down { pid, .. } if pid == server => None,
///     after 5s => None,
/// };
/// ```
///
/// Erlang's `receive`. It goes through the mail from the oldest on and takes the first for which
/// some arm's pattern matches and its guard holds; of several arms the first in the list. What is
/// passed over stays where it was, and in its order, for whoever receives next. Where nothing
/// matches it waits for more, and then looks at what is new only.
///
/// - **The mailbox** is a `Mailbox<M>`, or a `&mut` of one, and belongs to the process that runs.
/// - **Arms** are those of a `match`, over the messages of the mailbox and over `Down` and `Exit`,
///   which come to it too: by the path of its pattern the compiler knows which. A `_` or a name
///   alone takes any message, and neither a `Down` nor an `Exit`. They need not cover all.
/// - **Bindings** are moved out of the mail that is taken; none is moved before. A **guard** looks
///   at them by reference, at each mail that its pattern matches, and may do nothing else: neither
///   `?` nor `.await`.
/// - **The value** of the arm that is chosen is that of the whole: it may use `?`, `.await`,
///   `return`, `break` and the mailbox.
/// - `after 5s => value`, the last arm, is what it is worth when nothing has matched for so long.
///   The time is a literal such as `5s` or any `Duration`; with `after 0s` what is there already is
///   looked at, once. Without it the wait has no end.
///
/// It is `Mailbox::receive_by` underneath, and is as cancel-safe: dropped while it waits, it has
/// taken nothing. `crate = path;` in front says where the runtime is found.
#[proc_macro]
pub fn receive(input: TokenStream) -> TokenStream {
    entry::value("receive", input, receive::expand)
}

/// Runs an async `main` on a node of its own, and takes the node down in order when it is done.
///
/// ```text
/// #[cordial::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let counter = Counter::start(Counter(0)).await?;
///     println!("{}", counter.value().await?);
///     Ok(())
/// }
/// ```
///
/// It may return whatever a `main` may return. The error of a `Result` is shown by `Display` on
/// stderr, and the program ends with code 1.
///
/// Options: `workers = n` threads (one per core when it is left out), `current_thread`,
/// `crate = path`.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute("main", args, item, main_attr::expand)
}

/// Runs an async test on a node of its own, and looks for processes and timers left at its end.
///
/// ```text
/// #[cordial::test]
/// async fn counter_counts() -> Result<(), Box<dyn std::error::Error>> {
///     let counter = Counter::start(Counter(0)).await?;
///     counter.inc();
///     assert_eq!(counter.value().await?, 1);
///     Ok(())
/// }
/// ```
///
/// Everything runs on the test's thread, and the clock stands still while anybody works: it jumps
/// to the next timer when nobody does, so a wait of an hour is over at once. With `workers = n`
/// there are that many threads, and time is real.
///
/// Other attributes, such as `#[should_panic]` and `#[ignore]`, stay. `crate = path` says where the
/// runtime is found.
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute("test", args, item, test_attr::expand)
}

/// Simulates an async test once per seed: in an order and with faults that the seed decides.
///
/// ```text
/// #[cordial::chaos_test(seeds = 1_000, steps = 400)]
/// async fn counter_is_there_again(mut c: Chaos) {
///     let hits = c.local(async || Hits::start().await).await;
///     c.faults(Faults::swarm().crash(any_process(), per_second(2.0)));
///     c.run_for(secs(60)).await;
///     c.heal().await;
///     assert!(hits.counter.value().await.is_ok());
/// }
/// ```
///
/// Options: `seeds = n` histories (100 when it is left out), `steps = n` turns of each that the
/// seed decides (400), `crate = path`. A seed that fails is made a small plan, which is kept as
/// `chaos/<test>/<seed>.plan` and run first from then on; `CORDIAL_SEED=7` runs one seed only, and
/// `CORDIAL_CHAOS_SEEDS=n` another number of them.
#[cfg(feature = "chaos")]
#[proc_macro_attribute]
pub fn chaos_test(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute("chaos_test", args, item, chaos_test::expand)
}

/// Makes the tree of a `supervisor!` an application, with a `run` that is a whole `main`.
///
/// ```text
/// supervisor! {
///     #[application(name = "harbor", env = HarborCfg, depends = [BillingSup])]
///     pub HarborSup(cfg: HarborCfg) {
///         children: [quay: Quay(cfg.port)],
///     }
/// }
///
/// fn main() -> std::process::ExitCode {
///     HarborSup::run()
/// }
/// ```
///
/// It may stand before the name of the tree or before `supervisor!` itself.
///
/// | option | meaning |
/// |---|---|
/// | `name = "harbor"` | what it is called; its variables begin with `HARBOR_` |
/// | `env = Type` | what it is configured with, which the tree takes as its one argument |
/// | `depends = [A, B]` | applications that run before it starts |
/// | `file = "harbor.toml"` | a file with its keys; it may be missing |
/// | `prep_stop = path` | `async fn(&HarborSupRef)`, before the tree is stopped |
/// | `stop = path` | `async fn()`, when the tree is down |
/// | `config_change = path` | `fn(&EnvChange)`, when keys have changed while it runs |
/// | `crate = path` | where the runtime is found |
///
/// Applications that need each other do not compile.
#[proc_macro_attribute]
pub fn application(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute("application", args, item, application::expand)
}

/// The next message of a probe: a cast or an info that matches a pattern.
///
/// ```text
/// expect_cast!(probe, BoardMsg::Reset);
/// expect_cast!(probe, BoardMsg::Add { player, points: 3 } if player == "ann");
/// let points = expect_cast!(probe, BoardMsg::Add { points, .. } => points);
/// expect_cast!(probe, BoardMsg::Reset, within 5s);
/// ```
///
/// It takes the next message of a [`Probe`] or an [`Inbox`], and the test fails if none comes
/// within 20 s (or `within` the time that is given) or if it is another one; then it says which
/// came, with the fields that the pattern names. It is what stands after `=>`, where the names of
/// the pattern are known, or nothing.
///
/// A variant without braces stands for itself with any fields. An info is the variant that its
/// handler is called like: `BoardMsg::Tick`. A call is no cast: whoever takes one has to answer it,
/// see [`expect_call!`].
///
/// It awaits, so it stands in an `async` function. `crate = path;` in front says where the runtime
/// is found.
///
/// [`Probe`]: test/struct.Probe.html
/// [`Inbox`]: test/struct.Inbox.html
#[cfg(feature = "test-util")]
#[proc_macro]
pub fn expect_cast(input: TokenStream) -> TokenStream {
    entry::value("expect_cast", input, |input| expect::expand(expect::Verb::Cast, &input))
}

/// The next message of a probe: a call that matches a pattern, and what it is answered.
///
/// ```text
/// expect_call!(probe, BoardMsg::Total => 7);
/// expect_call!(probe, BoardMsg::Score { player } => scores[&player], within 5s);
/// expect_call!(probe, BoardMsg::Join { player } if player == "eve" => Err(JoinError::Banned));
/// ```
///
/// The answer has the type that the handler returns, and may use the names of the pattern. All else
/// is as with [`expect_cast!`].
#[cfg(feature = "test-util")]
#[proc_macro]
pub fn expect_call(input: TokenStream) -> TokenStream {
    entry::value("expect_call", input, |input| expect::expand(expect::Verb::Call, &input))
}

/// The first message that matches a pattern, whatever came before it.
///
/// ```text
/// assert_receive!(events, Event::Closed);
/// let price = assert_receive!(events, Event::Sold(price) if price > 2 => price, within 5s);
/// ```
///
/// Messages that do not match stay where they are, in their order. The test fails if none matches
/// within 20 s, or `within` the time that is given; then it says what came. All else is as with
/// [`expect_cast!`].
#[cfg(feature = "test-util")]
#[proc_macro]
pub fn assert_receive(input: TokenStream) -> TokenStream {
    entry::value("assert_receive", input, |input| expect::expand(expect::Verb::Assert, &input))
}

/// No message that matches a pattern, neither now nor within some time.
///
/// ```text
/// refute_receive!(events, Event::Closed);
/// refute_receive!(events, Event::Sold(price) if price > 2, within 5s);
/// ```
///
/// The time is 100 ms if it is not given. On a clock that stands still it is over when everything
/// that can happen in it has happened. All messages stay where they are.
#[cfg(feature = "test-util")]
#[proc_macro]
pub fn refute_receive(input: TokenStream) -> TokenStream {
    entry::value("refute_receive", input, |input| expect::expand(expect::Verb::Refute, &input))
}

/// Makes a struct an environment: each field is a key that files and variables may set.
///
/// ```text
/// #[derive(Clone, Debug, cordial::Env)]
/// struct HarborCfg {
///     /// Where to listen: HARBOR_PORT.
///     #[env(default = 4040)]
///     port: u16,
///     #[env(default = 5s)]
///     patience: Duration,
///     pilot: Option<String>,
///     berths: Vec<String>,
///     token: Secret<String>,
///     #[env(nested)]
///     db: DbCfg,
///     #[env(compiled = "HARBOR_BACKEND", default = "disk")]
///     backend: String,
/// }
/// ```
///
/// `#[env(crate = path)]` on the struct says where the runtime is found.
#[cfg(feature = "application")]
#[proc_macro_derive(Env, attributes(env))]
pub fn derive_env(item: TokenStream) -> TokenStream {
    entry::items("Env", item, env::expand)
}

/// Says what may be shown of a value: its fields, each by its own `Inspect`, `Serialize` (with the
/// feature `serde`) or `Debug`, or else by the name of its type.
///
/// | on a field | it is |
/// |---|---|
/// | `#[inspect(redact)]` | shown as `[redacted]` |
/// | `#[inspect(skip)]` | left out |
/// | `#[inspect(show)]` | shown, and nobody is warned of its name |
///
/// Servers and state machines do not need it: they take the same words on their own fields.
///
/// ```ignore
/// #[derive(cordial::Inspect)]
/// struct Login {
///     user: String,
///     #[inspect(redact)]
///     password: String,
/// }
/// ```
///
/// `#[inspect(crate = path)]` on the type says where the runtime is found.
#[proc_macro_derive(Inspect, attributes(inspect))]
pub fn derive_inspect(item: TokenStream) -> TokenStream {
    entry::items("Inspect", item, inspect::expand)
}

/// Says of a type that it holds no handle of a server, so that it may travel in the messages of a
/// `#[gen_server(closed)]`. Each of its fields has to be such a type, too.
///
/// ```ignore
/// #[derive(cordial::NotAHandle)]
/// struct Fix {
///     lat: f64,
///     lon: f64,
/// }
/// ```
///
/// `#[not_a_handle(crate = path)]` on the type says where the runtime is found.
#[proc_macro_derive(NotAHandle, attributes(not_a_handle))]
pub fn derive_not_a_handle(item: TokenStream) -> TokenStream {
    entry::items("NotAHandle", item, not_a_handle::expand)
}
