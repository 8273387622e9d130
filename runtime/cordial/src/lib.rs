//! OTP for Rust, checked at compile time.
//!
//! Annotate a struct and it is a supervised process; write a supervision tree as a declaration and
//! the compiler proves that it can start.
//!
//! ```
//! use cordial::prelude::*;
//!
//! #[gen_server]
//! #[derive(Default, Clone)]
//! struct Counter(i64);
//!
//! #[gen_server]
//! impl Counter {
//!     #[cast]
//!     pub fn inc(&mut self) {
//!         self.0 += 1
//!     }
//!     #[call]
//!     pub fn value(&self) -> i64 {
//!         self.0
//!     }
//! }
//!
//! # #[cordial::main(current_thread)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let counter = Counter::start(Counter::default()).await?;
//! counter.inc();
//! assert_eq!(counter.value().await?, 1);
//! # Ok(())
//! # }
//! ```
//!
//! | to | read |
//! |---|---|
//! | write a server | [`gen_server`](mod@gen_server) and [`Ctx`] |
//! | write a state machine | [`gen_statem`](mod@gen_statem) |
//! | supervise it | [`supervisor`](mod@supervisor) |
//! | do something with any process | [`process`] |
//! | have two processes talk in an order that is checked | [`protocol`](mod@protocol) |
//! | find processes by keys, topics or groups | [`registry`](mod@registry), [`PubSub`], [`Pg`] |
//! | do one thing beside others, or many at once | [`task`], [`TaskSupervisor`] |
//! | share a value | [`Agent`] |
//! | tell whoever wants to know | [`event_handlers`] |
//! | run a program of applications | `application` and `env`, with the feature `application` |
//! | learn what happens | [`telemetry`], and `docs/telemetry.md` |
//! | share rows between processes | [`ets`], `table!`; [`Counters`], [`Atomics`], [`Global`] |
//! | say what may be shown of a state | [`inspect`] |
//! | keep up with the load | `on_full` of [`macro@gen_server`], [`fuse`], [`regulator`] |
//! | test a server | `test`, with the feature `test-util`, and `docs/testing.md` |
//! | find what goes wrong in one order of a million | `chaos`, with the feature `chaos` |
//! | handle what can go wrong | [`CallError`], [`StartError`], [`ExitReason`] |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(panic = "abort")]
compile_error!(
    "cordial needs panic = \"unwind\": a crash must end one process, not all of them; \
     remove `panic = \"abort\"` from the profile in Cargo.toml"
);

// The layers, lowest first; a module imports its own layer and lower ones.
mod error;
mod exit;
pub mod inspect;
mod pid;
mod signal;

mod mailbox;
mod rt;
mod timer;

pub mod process;
pub mod telemetry;

mod agent;
pub mod event_handlers;
pub mod fuse;
pub mod gen_server;
pub mod gen_statem;
pub mod protocol;
pub mod regulator;
pub mod sys;
pub mod task;

mod dynamic_supervisor;
mod partition_supervisor;
pub mod supervisor;
mod task_supervisor;

mod counters;
pub mod ets;
mod global;
pub mod pg;
pub mod pubsub;
pub mod registry;

#[cfg(feature = "application")]
#[cfg_attr(docsrs, doc(cfg(feature = "application")))]
pub mod application;
#[cfg(feature = "application")]
#[cfg_attr(docsrs, doc(cfg(feature = "application")))]
pub mod env;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod face;
pub mod prelude;
#[cfg(feature = "test-util")]
#[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
pub mod test;

#[cfg(all(test, any(loom, shuttle)))]
mod models;

#[cfg(feature = "chaos")]
#[cfg_attr(docsrs, doc(cfg(feature = "chaos")))]
pub mod chaos;

#[cfg(all(feature = "macros", feature = "chaos"))]
pub use cordial_macros::chaos_test;
#[cfg(all(feature = "macros", feature = "test-util"))]
pub use cordial_macros::test;
#[cfg(all(feature = "macros", feature = "application"))]
pub use cordial_macros::{Env, application};
#[cfg(feature = "macros")]
pub use cordial_macros::{
    NotAHandle, behaviour, gen_server, gen_statem, main, ping_pong, pipe, protocol, receive,
    registry, supervisor, table,
};

pub use agent::{Agent, StartAgent};
#[cfg(feature = "application")]
pub use application::Application;
pub use counters::{Atomics, Counters, Word};
pub use dynamic_supervisor::{DynamicRef, DynamicSpec, DynamicSupervisor};
#[cfg(feature = "application")]
pub use env::{Env, Secret};
pub use error::{
    CallError, Callee, Holder, NoProc, RegisterError, SendError, StartError, StopError,
    TryCallError, WaitPath,
};
pub use event_handlers::EventHandlers;
pub use exit::{ExitReason, PanicReason};
pub use face::{hours, millis, mins, secs};
pub use gen_server::{
    Accepts, BehaviourRef, Call, Child, Client, CodeChange, Continues, Ctx, Flow, GenServer,
    InfoStream, Init, Late, Local, NotAHandle, PlainCasts, PlainClient, Ref, Restart, ServerStruct,
    Shutdown, Start, Timer, TryCall, send,
};
pub use gen_statem::{EnterCtx, GenStatem};
pub use global::Global;
pub use inspect::{Inspect, Show};
pub use mailbox::{Answer, ReplyTo};
pub use partition_supervisor::{PartitionRef, PartitionSpec, PartitionSupervisor};
pub use pg::{GroupEvent, Pg};
pub use pid::{MonitorRef, Pid};
pub use process::{Cast, CastWait, Message, Node, OnFull, RawRef, keep_panic_hook};
pub use pubsub::PubSub;
pub use signal::{Down, Exit, Timeout};
pub use supervisor::{AgentSpec, ChildSpec, ChildSpecWith, Strategy, Supervisor, SupervisorRef};
pub use task::{Ended, Task, TaskError};
pub use task_supervisor::{
    TaskRef, TaskSpec, TaskSupervisor, TaskSupervisorRef, TaskSupervisorSpec,
};
#[cfg(feature = "test-util")]
pub use test::probe;

/// The README's programs are run with the documentation's.
#[cfg(all(doctest, feature = "macros"))]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// So are those of the chapter on testing, as tests.
#[cfg(all(doctest, feature = "macros", feature = "tracing", feature = "chaos"))]
#[doc = include_str!("../../../docs/testing.md")]
struct Testing;
