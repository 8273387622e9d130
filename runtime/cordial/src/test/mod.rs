//! The test kit: a node and a clock of one's own, fake servers, expectations, bounded waits.
//!
//! `#[cordial::test]` runs an async test on a runtime of its own: by default on one thread whose
//! clock stands still while anybody works and jumps to the next timer when nobody does, so that a
//! wait of an hour is over at once; with `workers = n` on real threads and real time.
//! When the test is over everything that it started is ended in order, and the test fails if a
//! process, a name or a timer is left.
//!
//! | to | there is |
//! |---|---|
//! | start what the test's end stops | [`start_supervised!`], [`stop_supervised!`] |
//! | stand in for a server | [`probe`], and [`inbox()`] for any address |
//! | say what it must be sent | [`expect_cast!`], [`expect_call!`] |
//! | say what must come at some time, or never | [`assert_receive!`], [`refute_receive!`] |
//! | wait for others | [`sync`], [`restarted`], [`expect_down`] |
//! | let time pass | [`advance`] |
//! | see what is logged | [`capture_log`], [`with_log`] |
//! | see what is emitted | [`capture_telemetry`] |
//! | look at a state, or replace it | [`sys::get_state`](crate::sys::get_state) and its kin |
//! | call a handler as a method | [`ReplyTo::pair`](crate::ReplyTo::pair), [`Ctx::detached`] |
//! | have chance that can be repeated | [`seed`], [`random`] |
//!
//! Nothing waits for ever: what does not come within 20 s fails the test, and on a clock that
//! stands still 20 s are over at once. A failure says what was expected, what came instead, and
//! where. Of messages it shows the kind, and of their fields those that the pattern names.
//!
//! [`Ctx::detached`]: crate::Ctx::detached
//!
//! # Examples
//! ```rust,test_harness
//! use cordial::prelude::*;
//! use cordial::test::{expect_down, start_supervised, sync};
//!
//! #[gen_server]
//! #[derive(Default, Clone)]
//! struct Counter(i64);
//! #[gen_server]
//! impl Counter {
//!     #[cast]
//!     fn inc(&mut self) {
//!         self.0 += 1
//!     }
//!     #[call]
//!     fn value(&self) -> i64 {
//!         self.0
//!     }
//! }
//!
//! #[cordial::test]
//! async fn counter_counts_and_stops() {
//!     let counter = start_supervised!(Counter::child_spec(Counter(0)).temporary());
//!     counter.inc();
//!     sync(&counter).await;
//!     assert_eq!(counter.value().await, Ok(1));
//!     let down = cordial::process::monitor(&counter);
//!     cordial::gen_server::stop(&counter).await.unwrap();
//!     expect_down(down, ExitReason::Normal).await;
//! }
//! ```
mod detached;
#[doc(hidden)]
pub mod expect;
mod inbox;
#[cfg(feature = "tracing")]
mod log;
mod run;
mod supervised;
mod telemetry;
mod waits;

use std::time::Duration;

pub use detached::Detached;
pub use inbox::{Inbox, Probe, Receives, inbox, probe};
#[cfg(feature = "tracing")]
pub use log::{capture_log, with_log};
#[cfg(feature = "chaos")]
pub(crate) use run::run_in_kit;
#[doc(hidden)]
pub use run::{is_quiet, run_test, run_test_as, run_try_test_as};
pub use run::{random, seed};
#[doc(hidden)]
pub use supervised::Supervise;
#[doc(inline)]
pub use supervised::{StopSupervisedError, start_supervised, stop_all_supervised, stop_supervised};
pub use telemetry::{Events, capture_telemetry};
pub use waits::{advance, expect_down, restarted, sync};

#[cfg(feature = "macros")]
pub use cordial_macros::{assert_receive, expect_call, expect_cast, refute_receive};

/// How long anything of the test kit waits before it fails the test.
const PATIENCE: Duration = Duration::from_secs(20);
