//! Waits with an end: for a process to catch up, to end, to live again; and for time to pass.
use super::PATIENCE;
use super::run::{Kit, fail, pause, settle};
use crate::exit::ExitReason;
use crate::gen_server;
use crate::pid::Pid;
use crate::process::{Found, Target};
use crate::rt::time::{self, Instant};
use crate::signal::Down;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

/// Waits until everything that was sent to `target` before is handled.
///
/// # Examples
/// ```rust,test_harness
/// use cordial::prelude::*;
/// use cordial::test::{expect_cast, start_supervised, sync};
/// #[gen_server]
/// struct Lamp;
/// #[gen_server]
/// impl Lamp {
///     #[cast]
///     fn on(&self) {}
/// }
/// #[gen_server]
/// #[derive(Clone)]
/// struct Switch(LampRef);
/// #[gen_server]
/// impl Switch {
///     #[cast]
///     fn press(&self) {
///         self.0.on();
///     }
/// }
///
/// #[cordial::test]
/// async fn switch_lights_the_lamp() {
///     let (lamp, mut probe) = cordial::probe::<Lamp>();
///     let switch = start_supervised!(Switch::child_spec(Switch(lamp)));
///     switch.press();
///     sync(&switch).await;
///     expect_cast!(probe, LampMsg::On);
/// }
/// ```
///
/// # Panics
/// If there is no such process, if it ends before, or does not get there within 20 s.
#[track_caller]
pub fn sync<T: Target + ?Sized>(target: &T) -> impl Future<Output = ()> + use<T> {
    let (found, place) = (target.find(), Location::caller());
    async move {
        let Some(found) = found else { fail("sync", place, "expected a living process") };
        let who = name(&found);
        match time::timeout(PATIENCE, gen_server::sync(&found.pid)).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => {
                let ended = format_args!("expected {who} to handle its mail, but it ended: {why}");
                fail("sync", place, ended)
            }
            Err(_) => {
                let late = format_args!("expected {who} to handle its mail within {PATIENCE:?}");
                fail("sync", place, late)
            }
        }
    }
}

/// Waits for the end of a monitored process, and checks its reason.
///
/// It takes what [`process::monitor`](crate::process::monitor) and
/// [`process::spawn_monitor`](crate::process::spawn_monitor) give.
///
/// # Examples
/// ```rust,test_harness
/// use cordial::test::expect_down;
/// use cordial::{ExitReason, process};
///
/// #[cordial::test]
/// async fn killed_process_ends_killed() {
///     let sleeper = process::spawn(async |mut mail: process::Mailbox<()>| mail.next().await);
///     let down = process::monitor(&sleeper);
///     process::exit(&sleeper, ExitReason::Kill);
///     expect_down(down, ExitReason::Killed).await;
/// }
/// ```
///
/// # Panics
/// If the reason is another, or nothing ends within 20 s.
#[track_caller]
pub fn expect_down<F>(down: F, reason: ExitReason) -> impl Future<Output = Down> + use<F>
where
    F: Future<Output = Down>,
{
    let place = Location::caller();
    async move {
        let Ok(down) = time::timeout(PATIENCE, down).await else {
            let none = format_args!("expected an end with `{reason}` within {PATIENCE:?}");
            fail("expect_down", place, none)
        };
        if down.reason != reason {
            let Down { pid, reason: other, .. } = &down;
            let wrong = format_args!("expected an end with `{reason}`, but {pid} ended: `{other}`");
            fail("expect_down", place, wrong);
        }
        down
    }
}

/// Waits until another incarnation lives behind `target` than when this was called, and gives its
/// pid.
///
/// On real threads a restart may be over before this is called: take the future first,
/// `let again = restarted(&server);`, let it crash, and then await `again`.
///
/// # Examples
/// ```rust,test_harness
/// use cordial::prelude::*;
/// use cordial::test::{restarted, start_supervised};
/// #[gen_server]
/// #[derive(Clone)]
/// struct Fragile(u32);
/// #[gen_server]
/// impl Fragile {
///     #[cast]
///     fn break_it(&mut self) {
///         panic!("broken");
///     }
///     #[call]
///     fn value(&self) -> u32 {
///         self.0
///     }
/// }
///
/// #[cordial::test]
/// async fn fragile_begins_anew() {
///     let fragile = start_supervised!(Fragile::child_spec(Fragile(1)));
///     fragile.break_it();
///     restarted(&fragile).await;
///     assert_eq!(fragile.value().await, Ok(1));
/// }
/// ```
///
/// # Panics
/// If there is no other incarnation within 20 s.
#[track_caller]
pub fn restarted<'a, T>(target: &'a T) -> impl Future<Output = Pid> + use<'a, T>
where
    T: Target + ?Sized,
{
    let (before, place) = (target.last_pid(), Location::caller());
    let deadline = time::after(Instant::now(), PATIENCE);
    async move {
        loop {
            settle().await;
            match target.find() {
                Some(found) if Some(found.pid) != before => return found.pid,
                now if Instant::now() >= deadline => {
                    let state = match now {
                        Some(found) => format!("{} has not ended", name(&found)),
                        None => "nobody lives there now".to_owned(),
                    };
                    let why = format_args!("expected a restart within {PATIENCE:?}, but {state}");
                    fail("restarted", place, why)
                }
                _ => pause().await,
            }
        }
    }
}

/// Lets time pass on the clock that stands still. Every timer that is due on the way fires at its
/// own time, and everything that follows from it is handled, also from what is due at the end.
///
/// # Examples
/// ```rust,test_harness
/// use cordial::prelude::*;
/// use cordial::test::{advance, start_supervised};
/// #[gen_server]
/// #[derive(Clone)]
/// struct Clock(u32);
/// #[gen_server]
/// impl Clock {
///     #[every(1s)]
///     fn tick(&mut self) {
///         self.0 += 1;
///     }
///     #[call]
///     fn ticks(&self) -> u32 {
///         self.0
///     }
/// }
///
/// #[cordial::test]
/// async fn clock_ticks_every_second() {
///     let clock = start_supervised!(Clock::child_spec(Clock(0)));
///     advance(mins(1)).await;
///     assert_eq!(clock.ticks().await, Ok(60));
/// }
/// ```
///
/// # Panics
/// If the clock is real, as it is with `workers = n`; and if there is always something to do now,
/// so that time would never pass.
#[track_caller]
pub fn advance(by: Duration) -> impl Future<Output = ()> + use<> {
    let place = Location::caller();
    async move {
        match Kit::current() {
            Some(kit) if !kit.is_paused => {
                fail("advance", place, "this test has `workers`, whose clock nobody can move")
            }
            Some(_) => {}
            None => time::check_paused().await,
        }
        let end = time::after(Instant::now(), by);
        if settle().await {
            time::sleep_until(end).await;
            if settle().await {
                return;
            }
        }
        fail("advance", place, "there is always a process with something to do")
    }
}

/// As a failure names a process.
pub(super) fn name(found: &Found) -> String {
    format!("`{}` {}", found.process.server(), found.pid)
}
