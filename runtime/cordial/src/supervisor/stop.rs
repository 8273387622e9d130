//! How children are stopped: asked, waited for as long as their spec says, then killed.
//!
//! ```text
//!   BrutalKill   Kill ────────────────────────────────▶ dead
//!   Timeout(d)   Shutdown ── after d ──▶ Kill ─────────▶ dead
//!   Infinity     Shutdown ────────────────────────────▶ dead
//! ```
//! A child that blocks its thread cannot be killed; after `LEAKED` it is reported and given up.
use super::report::Teller;
use crate::exit::ExitReason;
use crate::gen_server::Shutdown;
use crate::process::{Ask, EndsOn, ExitVia, Found, Monitor};
use crate::rt::time::{self, Instant};
use std::borrow::Cow;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How long a killed child may take to be gone.
const LEAKED: Duration = Duration::from_secs(10);

/// A child that is to be stopped.
pub(crate) struct Living {
    pub(crate) id: Cow<'static, str>,
    pub(crate) found: Found,
    pub(crate) shutdown: Shutdown,
    /// It runs nothing of the user's when it is told to end, so that its supervisor may be there.
    pub(crate) is_quiet: bool,
}

/// Stops one child; it is dead when this returns (SUP-2, SUP-29 to SUP-31). As in OTP it is
/// unlinked first: its end comes by the monitor, and not by an EXIT as well.
pub(crate) async fn stop(child: Living, by: Teller<'_>, me: &Found) {
    me.process.remove_link(me.pid, child.found.pid);
    let on = if child.is_quiet { EndsOn::AskersStack } else { EndsOn::ARunQueue };
    let mut stopping = Stopping::begin(child, by, on);
    stopping.wait_until_due(by).await;
    stopping.finish(by).await;
}

/// Stops all of them at once, each in its own way (DYN-12, DYN-13).
pub(crate) async fn stop_all(children: Vec<Living>, by: Teller<'_>, me: &Found) {
    for child in &children {
        me.process.remove_link(me.pid, child.found.pid);
    }
    let begin = |child| Stopping::begin(child, by, EndsOn::ARunQueue);
    let mut all: Vec<_> = children.into_iter().map(begin).collect();
    // In the order of their deadlines: while one is waited for, no other is due.
    all.sort_by_key(|stopping| stopping.due);
    for stopping in &mut all {
        stopping.wait_until_due(by).await;
    }
    for stopping in all {
        stopping.finish(by).await;
    }
}

struct Stopping {
    child: Living,
    /// `None`: it was gone already.
    down: Option<Monitor>,
    /// Why it ended.
    ended: Option<ExitReason>,
    /// When it is killed; `None`: at once, or never.
    due: Option<Instant>,
    killed: bool,
}

impl Stopping {
    /// The monitor comes before the signal, so that the reason is the child's own.
    fn begin(child: Living, by: Teller<'_>, on: EndsOn) -> Self {
        let killed = matches!(child.shutdown, Shutdown::BrutalKill);
        let reason = if killed { ExitReason::Kill } else { ExitReason::Shutdown };
        let ask = Ask::Exit { from: by.pid, reason };
        let down = Monitor::of_ending(child.found.clone(), ask, on);
        let mut stopping = Self { child, down, ended: None, due: None, killed };
        stopping.look();
        stopping.due = match stopping.child.shutdown {
            Shutdown::Timeout(limit) if stopping.ended.is_none() => {
                Instant::now().checked_add(limit)
            }
            Shutdown::Timeout(_) | Shutdown::BrutalKill | Shutdown::Infinity => None,
        };
        stopping
    }

    /// Whether it has ended already.
    fn look(&mut self) {
        let looked = pin!(self.down()).poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(reason) = looked {
            self.ended = Some(reason);
        }
    }

    async fn down(&mut self) -> ExitReason {
        match &mut self.down {
            Some(down) => down.await.reason,
            None => ExitReason::NoProc,
        }
    }

    fn signal(&self, by: Teller<'_>, reason: ExitReason) {
        let Found { pid, process } = self.child.found.clone();
        process.exit_signal(pid, by.pid, reason, ExitVia::Explicit);
    }

    fn kill(&mut self, by: Teller<'_>) {
        self.killed = true;
        self.signal(by, ExitReason::Kill);
    }

    /// Until it is dead, or its time is up and it is killed.
    async fn wait_until_due(&mut self, by: Teller<'_>) {
        let Some(due) = self.due else { return };
        let left = due.saturating_duration_since(Instant::now());
        match time::timeout(left, self.down()).await {
            Ok(reason) => self.ended = Some(reason),
            Err(_) => self.kill(by),
        }
    }

    async fn finish(mut self, by: Teller<'_>) {
        if self.ended.is_none() && self.killed {
            self.ended = time::timeout(LEAKED, self.down()).await.ok();
        } else if self.ended.is_none() {
            self.ended = Some(self.down().await);
        }
        self.report(by);
    }

    /// SUP-33: told, and nothing else; the others are stopped all the same.
    fn report(&self, by: Teller<'_>) {
        let pid = self.child.found.pid;
        let Some(reason) = &self.ended else { return by.leaked(&self.child.id, pid) };
        let as_told = match self.child.shutdown {
            Shutdown::BrutalKill => *reason == ExitReason::Killed,
            Shutdown::Timeout(_) | Shutdown::Infinity => reason.is_clean(),
        };
        if !as_told && *reason != ExitReason::NoProc {
            by.shutdown_error(&self.child.id, pid, reason);
        }
    }
}
