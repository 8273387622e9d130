//! Simulation: the whole runtime on one thread, in an order that a seed decides, with faults.
//!
//! A `#[cordial::chaos_test]` runs its function many times, each time with another seed. The seed
//! decides who runs next, who interrupts whom at which step, how much mail a turn takes, and where
//! faults strike. Time is the simulation's own: it passes when nobody has anything to do. The same
//! seed gives the same [`trace`](History::trace), byte for byte, in every run and on every machine.
//!
//! ```text
//!  seed ──▶ choices, faults ──▶ send · receive · spawn · exit · timer · name ──▶ trace
//!                 │              registry · table · topic
//!                 │                               │
//!             plan: kept, replayed,          invariants, `always`, `eventually`
//!             made smaller                        │
//!                 ▲                               ▼
//!                 └───────────────────────── a history that fails
//! ```
//! # What always holds
//! Beside what a test says, each history is checked for what cordial promises:
//! - every call is resolved exactly once, and no answer reaches a call that was given up;
//! - every monitor gives exactly one DOWN;
//! - mail keeps its order, each one known by itself;
//! - children start in order and stop in reverse order, and no child lives twice;
//! - no supervisor restarts more often than its intensity allows;
//! - after [`Chaos::heal`] each permanent child lives that nobody stopped;
//! - at the end no process, timer or name is left.
//!
//! # What a simulation cannot see
//! - A handler that does not await is run as one step, but at each send, spawn, exit, reply and
//!   step of a name, a registry or a table within it others may have a turn, on its stack. A lock
//!   that a handler holds over such a step, and that another one wants, stands still for ever:
//!   release it before. A closure that a table or a registry runs is part of one step.
//! - Chance that is not the seed's: the clock on the wall, threads, the order of a `HashMap`,
//!   `tokio::select!` without `biased;`, sockets. Where a failure does not repeat, the report says
//!   so. [`test::random`](crate::test::random) is the seed's.
//! - Two threads at once: what loom and the storms are for.
//!
//! There is no chaos in production: what makes a [`Chaos`] is a test, and `CORDIAL_CHAOS_PROD` is
//! refused.
//!
//! # Examples
//! ```rust,test_harness
//! use cordial::chaos::{Chaos, Faults, Phase, any_process, per_second};
//! use cordial::prelude::*;
//!
//! #[gen_server]
//! #[derive(Clone, Default)]
//! struct Counter(u64);
//! #[gen_server]
//! impl Counter {
//!     #[call]
//!     fn inc(&mut self) -> u64 {
//!         self.0 += 1;
//!         self.0
//!     }
//! }
//!
//! supervisor! {
//!     Hits {
//!         strategy: OneForOne,
//!         max_restarts: 1000 in 1s,
//!         children: [counter: Counter(Counter::default())],
//!     }
//! }
//!
//! #[cordial::chaos_test(seeds = 100, steps = 200)]
//! async fn counter_is_there_again_after_every_crash(mut c: Chaos) {
//!     let hits = c.local(async || Hits::start().await).await;
//!     c.always("one counter at most", |w| w.alive("Counter") <= 1);
//!     c.faults(
//!         Faults::swarm()
//!             .crash(any_process(), per_second(2.0))
//!             .panic_in(&[Phase::Init, Phase::Handle], 0.05),
//!     );
//!     for _ in 0..20 {
//!         let _ = hits.counter.inc().await; // An error, or the next number: never a hang.
//!         c.run_for(millis(100)).await;
//!     }
//!     c.heal().await;
//!     assert!(hits.counter.inc().await.is_ok());
//! }
//! ```
mod engine;
mod faults;
mod history;
mod invariants;
mod line;
mod people;
mod plan;
mod random;
mod run;
mod shrink;
mod world;

use crate::rt::time::{self, Instant};
use crate::test::is_quiet;
use engine::{Always, Engine};
use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

pub use faults::{Faults, Phase, Rate, Who, any_process, per_second};
pub use history::{History, Verdict, history};
#[doc(hidden)]
pub use run::{Test, run_chaos_test};
pub use world::{Name, World};

/// How long what was broken may take until all is well again.
const PATIENCE: Duration = Duration::from_secs(120);

/// The simulation that a test runs in.
pub struct Chaos {
    engine: Rc<Engine>,
}

impl Chaos {
    fn new(engine: Rc<Engine>) -> Self {
        Self { engine }
    }

    /// Starts what is to be tested on this node; the test fails if it does not start.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn local<H, E: Debug>(&mut self, app: impl AsyncFnOnce() -> Result<H, E>) -> H {
        match app().await {
            Ok(handle) => handle,
            Err(error) => panic!("what is to be tested did not start: {error:?}"),
        }
    }

    /// From here on these faults strike, and no others.
    pub fn faults(&mut self, faults: Faults) {
        self.engine.set_faults(faults);
    }

    /// What must hold after every turn from here on. It looks, and changes nothing.
    ///
    /// # Examples
    /// ```rust,test_harness
    /// use cordial::chaos::Chaos;
    /// #[cordial::chaos_test(seeds = 10, steps = 50)]
    /// async fn names_have_one_owner(mut c: Chaos) {
    ///     c.always("one owner per name", |w| w.names().all(|name| name.owners() <= 1));
    ///     c.always("no orphan", |w| w.orphans().is_empty());
    /// }
    /// ```
    pub fn always(&mut self, name: &str, holds: impl Fn(&World<'_>) -> bool + 'static) {
        self.engine.add_always(Always(name.to_owned(), Box::new(holds)));
    }

    /// Waits until it holds.
    ///
    /// # Panics
    /// If it does not within this time of the simulation's clock.
    pub async fn eventually(
        &mut self,
        within: Duration,
        name: &str,
        holds: impl Fn(&World<'_>) -> bool,
    ) {
        let due = time::after(Instant::now(), within);
        let mut wait = Duration::from_millis(1);
        loop {
            let node = self.engine.node().expect("the test runs on its node");
            if holds(&World::new(&self.engine, node)) {
                return;
            }
            assert!(Instant::now() < due, "eventually `{name}`: not within {within:?}");
            self.pause(wait, due).await;
            wait = (wait * 2).min(Duration::from_millis(100));
        }
    }

    /// Lets time pass, with all that strikes meanwhile.
    pub async fn run_for(&mut self, time: Duration) {
        let due = time::after(Instant::now(), time);
        let slices = if self.engine.may_kill() { 64 } else { 1 };
        let slice = (time / slices).max(Duration::from_millis(1));
        while Instant::now() < due {
            self.pause(slice, due).await;
            self.engine.look(1.0);
        }
    }

    /// Ends all faults, and waits until nobody has anything to do and each permanent child lives
    /// that nobody stopped.
    ///
    /// # Panics
    /// If a child does not come back within two minutes of the simulation's clock.
    pub async fn heal(&mut self) {
        self.engine.stop_faults();
        let due = time::after(Instant::now(), PATIENCE);
        let mut wait = Duration::from_millis(1);
        loop {
            self.pause(wait, due).await;
            let missing = self.engine.missing_child();
            match missing {
                None if is_quiet() => return,
                Some(missing) if Instant::now() >= due => panic!("after `heal`: {missing}"),
                None if Instant::now() >= due => return, // It is never quiet.
                _ => wait = (wait * 2).min(Duration::from_secs(1)),
            }
        }
    }

    async fn pause(&self, time: Duration, due: Instant) {
        time::sleep_until(due.min(time::after(Instant::now(), time))).await;
    }
}

impl Debug for Chaos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chaos({:?})", self.engine.elapsed())
    }
}
