//! What a state machine keeps beside its data, and what its clauses may ask for.
use super::machine::{Change, Due, Machine, Set, Which};
use super::{GenStatem, server};
use crate::exit::ExitReason;
use crate::gen_server::{Accepts, Beside, Ctx, Timer};
use crate::mailbox::{Mail, System};
use crate::process;
use crate::rt::time::{self, Instant};
use crate::timer::{Tick, TimerKey};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// The machine of a process, and what its clauses have asked for meanwhile.
pub(super) struct Kept<S: GenStatem> {
    pub(super) machine: Machine<S::State, S::Msg, Instant>,
    injected: Vec<S::Msg>,
    timeouts: Vec<Set<S::Msg, Instant>>,
    /// What wakes the machine when its first timeout is due.
    alarm: Option<(Instant, TimerKey)>,
    tick: Arc<Tick>,
}

impl<S: GenStatem> Beside for Kept<S> {
    fn shown(&self) -> String {
        format!("{:?}", self.machine.state())
    }
}

/// What was asked for since the last time: events and timeouts.
pub(super) type Asked<M> = (Vec<M>, Vec<Set<M, Instant>>);

/// What a state machine can do and knows of itself, beside what every server can.
///
/// What a clause asks for happens when it is over, in its transition: events that it injects come
/// first, and timeouts that it arms belong to the state to which it leads (FSM-27).
impl<S: GenStatem> Ctx<S> {
    /// The state in which the machine is. In a clause it is the one that the clause is for.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::prelude::*;
    ///
    /// #[gen_statem]
    /// #[derive(Clone)]
    /// struct Lamp;
    /// #[gen_statem(Off | On)]
    /// impl Lamp {
    ///     #[on(Off)]
    ///     #[cast]
    ///     fn press(&mut self) -> to![On] {
    ///         goto(On)
    ///     }
    ///     #[on(On)]
    ///     #[cast]
    ///     fn press(&mut self) -> to![Off] {
    ///         goto(Off)
    ///     }
    ///     #[on(_)]
    ///     #[call]
    ///     fn look(&self, ctx: &mut Ctx<Self>) -> LampState {
    ///         ctx.state()
    ///     }
    /// }
    /// let lamp = Lamp::start(Lamp).await.unwrap();
    /// lamp.press();
    /// assert_eq!(lamp.look().await, Ok(LampState::On));
    /// # }
    /// ```
    pub fn state(&self) -> S::State {
        let state = self.with_beside(|kept| {
            kept.downcast_ref::<Kept<S>>().map(|kept| kept.machine.state().clone())
        });
        state.flatten().unwrap_or(S::INITIAL)
    }

    /// Handles this event next, before all that waits: OTP's `{next_event, ..}`.
    ///
    /// Of several, the one that is asked for first comes first. What an injected event injects
    /// comes before the injected ones that are left (FSM-4, FSM-5).
    pub fn next_event(&mut self, event: S::Msg) {
        self.kept().injected.push(event);
    }

    /// Arms the state timeout: after this time the `#[after]` clause of the state runs, unless the
    /// machine has left the state by then.
    ///
    /// One that runs is replaced. Zero is before the next message, and [`Duration::MAX`] never.
    pub fn state_timeout(&mut self, after: Duration) {
        self.set(Which::State, start(after, None));
    }

    /// As [`state_timeout`](Self::state_timeout), at this time by the clock of
    /// [`process::now`](crate::process::now); one that is past comes at once, behind what waits.
    /// OTP's `{abs, true}`.
    pub fn state_timeout_at(&mut self, due: std::time::Instant) {
        self.set(Which::State, start_at(due, None));
    }

    /// Cancels the state timeout.
    pub fn cancel_state_timeout(&mut self) {
        self.set(Which::State, Change::Cancel);
    }

    /// Arms a timeout with a name: after this time the `#[info]` clause for `msg` runs, whatever
    /// happens meanwhile; OTP's generic timeout `{{timeout, Name}, ..}`.
    ///
    /// One of that name that runs is replaced. Zero is before the next message, and
    /// [`Duration::MAX`] never. [`send_after`](Self::send_after) is the same with a handle in the
    /// place of the name, and its message stands in line with the others.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::prelude::*;
    ///
    /// #[derive(Debug)]
    /// struct Resend;
    /// #[gen_statem]
    /// #[derive(Clone, Default)]
    /// struct Letter {
    ///     sent: u32,
    /// }
    /// #[gen_statem(Waiting | Done)]
    /// impl Letter {
    ///     #[enter(Waiting)]
    ///     fn begin(&mut self, ctx: &mut EnterCtx<'_, Self>) {
    ///         ctx.timeout_named("resend", millis(1), Resend);
    ///     }
    ///     #[on(Waiting)]
    ///     #[info]
    ///     fn resend(&mut self, _: Resend) -> to![Done] {
    ///         self.sent += 1;
    ///         goto(Done)
    ///     }
    ///     #[on(Done)]
    ///     #[ignore]
    ///     fn resend();
    ///     #[on(Waiting)]
    ///     #[postpone]
    ///     fn sent();
    ///     #[on(Done)]
    ///     #[call]
    ///     fn sent(&self) -> u32 {
    ///         self.sent
    ///     }
    /// }
    /// let letter = Letter::start(Letter::default()).await.unwrap();
    /// assert_eq!(letter.sent().await, Ok(1));
    /// # }
    /// ```
    pub fn timeout_named<T>(&mut self, name: &'static str, after: Duration, msg: T)
    where
        S: Accepts<T>,
    {
        self.set(Which::Named(name), start(after, Some(S::accept(msg))));
    }

    /// As [`timeout_named`](Self::timeout_named), at this time by the clock of
    /// [`process::now`](crate::process::now); one that is past comes at once, behind what waits.
    /// OTP's `{abs, true}`.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::prelude::*;
    /// use cordial::process;
    /// use std::time::Instant;
    ///
    /// struct Noon;
    /// #[gen_statem]
    /// #[derive(Clone)]
    /// struct Clock(Instant);
    /// #[gen_statem(Morning | Afternoon)]
    /// impl Clock {
    ///     #[enter(Morning)]
    ///     fn wind_up(&mut self, ctx: &mut EnterCtx<'_, Self>) {
    ///         ctx.timeout_named_at("noon", self.0, Noon);
    ///     }
    ///     #[on(_)]
    ///     #[info]
    ///     fn noon(&mut self, _: Noon) -> to![Afternoon] {
    ///         goto(Afternoon)
    ///     }
    ///     #[on(Morning)]
    ///     #[postpone]
    ///     fn tea();
    ///     #[on(Afternoon)]
    ///     #[call]
    ///     fn tea(&self) -> Instant {
    ///         process::now()
    ///     }
    /// }
    /// let noon = process::now() + millis(5);
    /// let clock = Clock::start(Clock(noon)).await.unwrap();
    /// assert!(clock.tea().await.unwrap() >= noon);
    /// # }
    /// ```
    pub fn timeout_named_at<T>(&mut self, name: &'static str, due: std::time::Instant, msg: T)
    where
        S: Accepts<T>,
    {
        self.set(Which::Named(name), start_at(due, Some(S::accept(msg))));
    }

    /// Cancels the timeout of this name.
    pub fn cancel_named(&mut self, name: &'static str) {
        self.set(Which::Named(name), Change::Cancel);
    }

    /// Gives the timeout of this name another message; its time stays. One that does not run fires
    /// at once (FSM-12).
    pub fn update_named<T>(&mut self, name: &'static str, msg: T)
    where
        S: Accepts<T>,
    {
        self.set(Which::Named(name), Change::Update(Some(S::accept(msg))));
    }

    fn set(&mut self, which: Which, change: Change<S::Msg, Instant>) {
        self.kept().timeouts.push(Set { which, change });
    }
}

/// At once, at a time, or never.
pub(super) fn start<E>(after: Duration, event: Option<E>) -> Change<E, Instant> {
    match after {
        Duration::MAX => Change::Cancel,
        Duration::ZERO => Change::Start(Due::AtOnce, event),
        after => Change::Start(Due::At(time::after(Instant::now(), after)), event),
    }
}

/// At a time of the clock (FSM-15).
fn start_at<E>(due: std::time::Instant, event: Option<E>) -> Change<E, Instant> {
    Change::Start(Due::At(Instant::from_std(due)), event)
}

// ----- for the machine's own loop -----

impl<S: GenStatem> Ctx<S> {
    /// The machine; it is made when it is asked for first.
    pub(super) fn kept(&mut self) -> &mut Kept<S> {
        if self.beside().is_none() {
            let tick = self.add_ticker(Box::new(|data: &mut S, ctx: &mut Self| {
                Box::pin(server::wake(data, ctx))
            }));
            let (machine, injected, timeouts) = (Machine::new(S::INITIAL), vec![], vec![]);
            self.keep_beside(Box::new(Kept::<S> {
                machine,
                injected,
                timeouts,
                alarm: None,
                tick,
            }));
        }
        let kept = self.beside().and_then(|kept| kept.downcast_mut());
        kept.expect("beside the data of a state machine is nothing but its machine")
    }

    /// What was asked for since the last time; `timeout(..)` comes last.
    pub(super) fn take_asked(&mut self) -> Asked<S::Msg> {
        let silence = self.take_once().map(|after| start(after, None));
        let kept = self.kept();
        let mut timeouts = std::mem::take(&mut kept.timeouts);
        timeouts.extend(silence.map(|change| Set { which: Which::Event, change }));
        (std::mem::take(&mut kept.injected), timeouts)
    }

    /// Lets the process be woken when the first timeout is due, and not before.
    pub(super) fn arm_alarm(&mut self) {
        let kept = self.kept();
        let (earliest, armed) = (kept.machine.earliest(), kept.alarm);
        if armed.map(|(due, _)| due) == earliest {
            return;
        }
        kept.alarm = None;
        let (tick, found, address) = (kept.tick.clone(), self.found(), self.address());
        if let Some((_, key)) = armed {
            found.process.disown_timer(found.pid, key);
            found.process.node().timers.cancel(key);
        }
        let Some(due) = earliest else { return };
        let pid = found.pid;
        let key = process::arm(&found, due, move || {
            address.0.deliver(pid, Mail::System(Box::new(System::Tick(tick))));
        });
        self.kept().alarm = key.map(|key| (due, key));
    }

    /// An alarm has gone off: when it was due. `None`: it was one that was replaced meanwhile.
    pub(super) fn take_alarm(&mut self) -> Option<Instant> {
        let (due, _) = self.kept().alarm.take_if(|(due, _)| *due <= Instant::now())?;
        Some(due)
    }
}

/// What an `#[enter]` may do: all of [`Ctx`] that changes neither the state nor the queue of
/// events.
///
/// An `#[enter]` is part of the transition that led to its state, so it cannot lead to another one,
/// postpone or inject (FSM-18). What does not change anything is reached as on [`Ctx`]:
/// `ctx.state()`, `ctx.me()`, `ctx.pid()`.
///
/// # Examples
/// See [`Ctx::timeout_named`].
#[derive(Debug)]
pub struct EnterCtx<'a, S: GenStatem>(pub(super) &'a mut Ctx<S>);

impl<S: GenStatem> EnterCtx<'_, S> {
    /// As [`Ctx::state_timeout`].
    pub fn state_timeout(&mut self, after: Duration) {
        self.0.state_timeout(after);
    }

    /// As [`Ctx::state_timeout_at`].
    pub fn state_timeout_at(&mut self, due: std::time::Instant) {
        self.0.state_timeout_at(due);
    }

    /// As [`Ctx::cancel_state_timeout`].
    pub fn cancel_state_timeout(&mut self) {
        self.0.cancel_state_timeout();
    }

    /// As [`Ctx::timeout_named`].
    pub fn timeout_named<T>(&mut self, name: &'static str, after: Duration, msg: T)
    where
        S: Accepts<T>,
    {
        self.0.timeout_named(name, after, msg);
    }

    /// As [`Ctx::timeout_named_at`].
    pub fn timeout_named_at<T>(&mut self, name: &'static str, due: std::time::Instant, msg: T)
    where
        S: Accepts<T>,
    {
        self.0.timeout_named_at(name, due, msg);
    }

    /// As [`Ctx::cancel_named`].
    pub fn cancel_named(&mut self, name: &'static str) {
        self.0.cancel_named(name);
    }

    /// As [`Ctx::update_named`].
    pub fn update_named<T>(&mut self, name: &'static str, msg: T)
    where
        S: Accepts<T>,
    {
        self.0.update_named(name, msg);
    }

    /// As [`Ctx::timeout`]: the `#[idle]` clause of the state runs if nothing comes in this time.
    pub fn timeout(&mut self, after: Duration) {
        self.0.timeout(after);
    }

    /// As [`Ctx::send_after`].
    pub fn send_after<T>(&mut self, after: Duration, msg: T) -> Timer
    where
        S: Accepts<T>,
    {
        self.0.send_after(after, msg)
    }

    /// As [`Ctx::stop`].
    pub fn stop(&mut self, reason: ExitReason) {
        self.0.stop(reason);
    }
}

impl<S: GenStatem> Deref for EnterCtx<'_, S> {
    type Target = Ctx<S>;

    fn deref(&self) -> &Ctx<S> {
        self.0
    }
}
