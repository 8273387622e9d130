//! Load regulation: how much of something runs at once, how often it begins, and how long who waits
//! for it waits; Erlang's `jobs` and `safetyvalve`.
//!
//! ```text
//!   enter() ──▶ the line: so many, each no longer than so long ──▶ Permit ──▶ dropped: the next
//!      │                                          ▲
//!      └─ full, or too old: Refused { retry_in }  └─ so many at once, so many per time
//! ```
//!
//! `examples/load_shedding.rs` shows it beside bounded mailboxes and a fuse.
//!
//! # Rules (cited as V1 to V3)
//! - V1 Who came first goes first: nobody passes the line, also where there is room.
//! - V2 Who is refused is told when it makes sense to come again.
//! - V3 Who gives up gives his place back.
//!
//! # Examples
//! ```
//! # #[cordial::main(current_thread)] async fn main() {
//! use cordial::regulator::{Refused, Regulator};
//! use cordial::{millis, secs};
//! let regulator = Regulator::new("imports").at_once(1).line(0, secs(1));
//! let permit = regulator.enter().await.unwrap();
//! assert!(matches!(regulator.enter().await, Err(Refused { .. })));
//! drop(permit);
//! assert_eq!(regulator.run(async { 7 }).await, Ok(7));
//! # }
//! ```
use crate::process::DEFAULT_LIMIT;
use crate::rt::sync::Lock;
use crate::rt::time::{self, Instant, sleep_until};
use crate::telemetry;
use crate::telemetry::events::RegulatorRefused;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Lets through what there is room for; its clones are the same one.
#[derive(Clone)]
pub struct Regulator {
    limits: Limits,
    shared: Arc<Shared>,
}

#[derive(Clone, Copy)]
struct Limits {
    at_once: usize,
    /// So many per time; `None`: as often as there is room.
    rate: Option<(u32, Duration)>,
    most_waiting: usize,
    longest_wait: Duration,
}

struct Shared {
    name: Arc<str>,
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    running: usize,
    /// Who waits, in order (V1).
    line: VecDeque<Waiting>,
    made: u64,
    /// When each of the last `rate` has begun.
    begun: VecDeque<Instant>,
    /// How long one runs, as the last ones did.
    usual: Option<Duration>,
}

struct Waiting {
    id: u64,
    waker: Option<Waker>,
}

/// Why somebody was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Why {
    /// As many wait as may.
    LineFull,
    /// It waited as long as anybody may.
    TooOld,
}

/// There is no room.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Refused {
    /// The name of the regulator.
    pub name: Arc<str>,
    /// Why.
    pub why: Why,
    /// When there may be room: by its rate, and by how long the last ones took.
    pub retry_in: Duration,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, why, retry_in } = self;
        match why {
            Why::LineFull => write!(f, "`{name}` is full; come again in {retry_in:?}"),
            Why::TooOld => write!(f, "`{name}` did not get to it; come again in {retry_in:?}"),
        }
    }
}

impl std::error::Error for Refused {}

/// How full a regulator is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Load {
    /// How many run.
    pub running: usize,
    /// How many wait.
    pub waiting: usize,
}

impl Regulator {
    /// One that lets everything through. Whoever has to wait, when something is bounded, waits 5 s
    /// at most; how many wait has no bound. [`line`](Self::line) gives it one, and another time.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        let limits = Limits {
            at_once: usize::MAX,
            rate: None,
            most_waiting: usize::MAX,
            longest_wait: DEFAULT_LIMIT, // As for an answer.
        };
        Self { limits, shared: Arc::new(Shared { name: name.into(), state: Lock::default() }) }
    }

    /// So many run at once; at least one.
    pub fn at_once(mut self, most: usize) -> Self {
        self.limits.at_once = most.max(1);
        self
    }

    /// No more than so many begin within `per`, whenever that begins; at least one.
    pub fn rate(mut self, most: u32, per: Duration) -> Self {
        self.limits.rate = Some((most.max(1), per));
        self
    }

    /// So many wait, each no longer than this.
    pub fn line(mut self, most: usize, longest: Duration) -> Self {
        (self.limits.most_waiting, self.limits.longest_wait) = (most, longest);
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// How full it is.
    pub fn load(&self) -> Load {
        let state = self.shared.state.lock();
        Load { running: state.running, waiting: state.line.len() }
    }

    /// Waits for room; the place in the line is taken when this is called (V1).
    ///
    /// # Errors
    /// [`Refused`] when the line is full, or it has waited for too long.
    ///
    /// # Cancel safety
    /// Dropped, it gives its place back (V3).
    pub fn enter(&self) -> Enter {
        let (now, mut state) = (Instant::now(), self.shared.state.lock());
        let may_begin = state.line.is_empty() && self.limits.next(&mut state, now) == Next::Now;
        if may_begin {
            state.begin(now, self.limits);
        } else if state.line.len() >= self.limits.most_waiting {
            let retry_in = self.limits.retry_in(&state, now);
            drop(state);
            return Enter { stage: Stage::Over(Some(Err(self.refuse(Why::LineFull, retry_in)))) };
        } else {
            let id = state.made;
            state.made += 1;
            state.line.push_back(Waiting { id, waker: None });
            drop(state);
            let until = time::after(now, self.limits.longest_wait);
            let place = Place { regulator: self.clone(), id, is_over: false };
            return Enter { stage: Stage::Waiting { place, until, sleep: None } };
        }
        drop(state);
        Enter { stage: Stage::Over(Some(Ok(self.permit(now)))) }
    }

    /// A permit, if there is room at this moment and nobody waits.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn try_enter(&self) -> Result<Permit, Refused> {
        let (now, mut state) = (Instant::now(), self.shared.state.lock());
        if state.line.is_empty() && self.limits.next(&mut state, now) == Next::Now {
            state.begin(now, self.limits);
            drop(state);
            return Ok(self.permit(now));
        }
        let retry_in = self.limits.retry_in(&state, now);
        drop(state);
        Err(self.refuse(Why::LineFull, retry_in))
    }

    /// Runs `work` when there is room.
    ///
    /// # Errors
    /// As [`enter`](Self::enter); nothing of `work` has run then.
    ///
    /// # Cancel safety
    /// Dropped, `work` is dropped, and the next one goes on.
    pub async fn run<F: Future>(&self, work: F) -> Result<F::Output, Refused> {
        let permit = self.enter().await?;
        let out = work.await;
        drop(permit);
        Ok(out)
    }

    fn permit(&self, began: Instant) -> Permit {
        Permit { regulator: self.clone(), began }
    }

    fn refuse(&self, why: Why, retry_in: Duration) -> Refused {
        let name = self.shared.name.clone();
        telemetry::emit(|| RegulatorRefused {
            regulator: name.clone(),
            waited_too_long: why == Why::TooOld,
            retry_in,
        });
        Refused { name, why, retry_in }
    }

    fn wake_first(&self) {
        let waker = self.shared.state.lock().line.front_mut().and_then(|first| first.waker.take());
        waker.into_iter().for_each(Waker::wake);
    }
}

/// When the first of the line may begin.
#[derive(PartialEq, Eq)]
enum Next {
    Now,
    /// When somebody is done.
    WhenDone,
    At(Instant),
}

impl Limits {
    fn next(&self, state: &mut State, now: Instant) -> Next {
        if state.running >= self.at_once {
            return Next::WhenDone;
        }
        let Some((most, per)) = self.rate else { return Next::Now };
        while state.begun.front().is_some_and(|begun| now.duration_since(*begun) >= per) {
            state.begun.pop_front();
        }
        match state.begun.front() {
            Some(first) if state.begun.len() >= most as usize => Next::At(time::after(*first, per)),
            _ => Next::Now,
        }
    }

    /// V2. When all that wait have begun, as far as can be known.
    fn retry_in(&self, state: &State, now: Instant) -> Duration {
        let waiting = u32::try_from(state.line.len()).unwrap_or(u32::MAX);
        let by_rate = self.rate.map_or(Duration::ZERO, |(most, per)| {
            let first = state.begun.front().map_or(now, |first| time::after(*first, per));
            let rounds = per.saturating_mul(waiting / most);
            first.saturating_duration_since(now).saturating_add(rounds)
        });
        let at_once = u32::try_from(self.at_once).unwrap_or(u32::MAX);
        let usual = state.usual.unwrap_or(Duration::from_millis(10));
        let by_room = match state.running >= self.at_once {
            true => usual.saturating_mul(waiting / at_once + 1),
            false => Duration::ZERO,
        };
        by_rate.max(by_room).max(Duration::from_millis(1))
    }
}

impl State {
    fn begin(&mut self, now: Instant, limits: Limits) {
        self.running += 1;
        if limits.rate.is_some() {
            self.begun.push_back(now);
        }
    }
}

/// Room for one; given back when it is dropped.
#[must_use = "the room is given back when this is dropped"]
pub struct Permit {
    regulator: Regulator,
    began: Instant,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.regulator.shared.state.lock();
        state.running -= 1;
        let took = self.began.elapsed();
        state.usual = Some(state.usual.map_or(took, |usual| usual * 7 / 8 + took / 8));
        drop(state);
        self.regulator.wake_first();
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({})", self.regulator.shared.name)
    }
}

/// A place in the line, as a future; see [`Regulator::enter`].
#[must_use = "await it for the permit"]
pub struct Enter {
    stage: Stage,
}

enum Stage {
    Waiting { place: Place, until: Instant, sleep: Option<Pin<Box<time::Sleep>>> },
    Over(Option<Result<Permit, Refused>>),
}

/// Somebody in the line.
struct Place {
    regulator: Regulator,
    id: u64,
    is_over: bool,
}

impl Place {
    /// `Err`: not yet, and when to look again by the clock.
    fn poll(&mut self, cx: &Context<'_>, now: Instant) -> Result<Permit, Option<Instant>> {
        let regulator = &self.regulator;
        let mut state = regulator.shared.state.lock();
        let is_first = state.line.front().is_some_and(|first| first.id == self.id);
        let next = match is_first {
            true => regulator.limits.next(&mut state, now),
            false => Next::WhenDone,
        };
        if next == Next::Now {
            let own = state.line.pop_front();
            state.begin(now, regulator.limits);
            drop(state);
            drop(own);
            self.is_over = true;
            regulator.wake_first();
            return Ok(regulator.permit(now));
        }
        let own = state.line.iter_mut().find(|one| one.id == self.id);
        let before = own.and_then(|own| own.waker.replace(cx.waker().clone()));
        drop(state);
        drop(before);
        Err(match next {
            Next::At(due) => Some(due),
            _ => None,
        })
    }

    fn refuse(&mut self, now: Instant) -> Refused {
        self.leave();
        let retry_in = self.regulator.limits.retry_in(&self.regulator.shared.state.lock(), now);
        self.regulator.refuse(Why::TooOld, retry_in)
    }

    /// V3.
    fn leave(&mut self) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        let mut state = self.regulator.shared.state.lock();
        let place = state.line.iter().position(|one| one.id == self.id);
        let own = place.and_then(|place| state.line.remove(place));
        drop(state);
        drop(own);
        self.regulator.wake_first();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Future for Enter {
    type Output = Result<Permit, Refused>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match &mut self.stage {
            Stage::Over(answer) => answer.take().expect("it is not polled when it is over"),
            Stage::Waiting { place, until, sleep } => loop {
                let now = Instant::now();
                let due = match place.poll(cx, now) {
                    Ok(permit) => break Ok(permit),
                    Err(_) if now >= *until => break Err(place.refuse(now)),
                    Err(due) => due.map_or(*until, |due| due.min(*until)),
                };
                let mut armed = Box::pin(sleep_until(due));
                if armed.as_mut().poll(cx).is_pending() {
                    *sleep = Some(armed);
                    return Poll::Pending;
                }
            },
        };
        self.stage = Stage::Over(None);
        Poll::Ready(answer)
    }
}

impl fmt::Debug for Enter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Waiting { .. } => "Enter(waiting)",
            Stage::Over(_) => "Enter(over)",
        })
    }
}

impl fmt::Debug for Regulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Load { running, waiting } = self.load();
        let name = &self.shared.name;
        write!(f, "Regulator({name}: {running} run, {waiting} wait)")
    }
}
