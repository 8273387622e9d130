//! The process above an application's tree: it starts the tree, hears of its end, and runs the
//! callbacks; OTP's application master.
//!
//! ```text
//! start ─▶ runs ─┬─ asked to stop, or the node goes down ─▶ prep_stop ─▶ tree down ─▶ stop
//!                └─ the tree ended ─▶ prep_stop ─▶ stop ─▶ by its restart type, the node
//! ```
use super::controller::{Idle, Seat, Shared};
use super::errors::StartApplicationError;
use super::{Application, Dependency, StartType, report};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::gen_server::{self, Restart};
use crate::mailbox::{Answer, ReplyTo};
use crate::pid::Pid;
use crate::process::{self, ExitVia, Mailbox, Message, Node, Received, Target, panics};
use crate::rt::{Raced, race, time};
use crate::supervisor::Supervised;
use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// How long `start` may take, and each of `prep_stop` and `stop`.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// How long a tree may take to go down before it is killed: longer than any child should need.
const TREE_LIMIT: Duration = Duration::from_secs(3_600);

/// What a master is asked.
pub(crate) enum MasterMsg {
    Stop(ReplyTo<()>),
}

impl Message for MasterMsg {
    fn kind(&self) -> &'static str {
        "stop"
    }
}

/// What a start comes to: the tree's handle.
pub(crate) type Begun = Result<Shared, StartApplicationError>;

/// Begins the master of `A`.
pub(super) fn begin<A: Application>(
    seat: Seat,
    restart: Restart,
) -> Result<Answer<Begun>, StartError> {
    let (told, answer) = ReplyTo::pair();
    process::try_spawn(async move |mail: Mailbox<MasterMsg>| {
        run::<A>(Master { mail, seat, restart }, told).await;
    })?;
    Ok(answer)
}

/// The start of an application whose master is gone.
pub(super) fn killed(spec: Dependency) -> StartApplicationError {
    failed(spec, Arc::new(ExitReason::Killed))
}

fn failed(
    spec: Dependency,
    reason: Arc<dyn std::error::Error + Send + Sync>,
) -> StartApplicationError {
    StartApplicationError::Failed { application: spec.name, callback: (spec.callback)(), reason }
}

struct Master {
    mail: Mailbox<MasterMsg>,
    seat: Seat,
    restart: Restart,
}

/// What is left to do once the tree runs.
enum Next {
    Stop(Option<ReplyTo<()>>),
    Ended(ExitReason),
}

async fn run<A: Application>(mut master: Master, told: ReplyTo<Begun>) {
    process::trap_exit(true);
    master.seat.taken(master.mail.pid());
    let (handle, mut state) = match master.start::<A>().await {
        Ok(started) => started,
        Err(error) => {
            master.seat.gives_up(Idle::Failed(error.clone()));
            return told.reply(Err(error));
        }
    };
    let shared: Shared = Arc::new(handle.clone());
    let top = handle.find().map(|found| found.pid);
    let linked = process::link(&handle);
    master.seat.runs(master.mail.address(), top, shared.clone());
    told.reply(Ok(shared));
    let next = match linked {
        Ok(()) => master.next(top).await,
        Err(_) => Next::Ended(ExitReason::NoProc),
    };
    master.seat.stops();
    master.callback("prep_stop", A::prep_stop(&handle, &mut state)).await;
    if let Next::Stop(_) = next {
        stop_tree(&handle).await;
    }
    master.callback("stop", A::stop(state)).await;
    master.ends(next);
}

impl Master {
    /// Runs `A::start`, unless the node goes down meanwhile.
    async fn start<A: Application>(
        &mut self,
    ) -> Result<(A::Handle, A::State), StartApplicationError> {
        let spec = self.seat.spec();
        let env = self.seat.env().downcast::<A::Env>();
        let env = env.map(Arc::unwrap_or_clone).expect("it was read as this type");
        let start = contained(async move { A::start(StartType::Normal, env).await });
        let starting = time::timeout(LIMIT, start);
        match race(starting, self.told_to_go()).await {
            Raced::First(Ok(Ok(Ok(started)))) => Ok(started),
            Raced::First(Ok(Ok(Err(reason)))) => Err(failed(spec, reason.into())),
            Raced::First(Ok(Err(panic))) => Err(failed(spec, Arc::new(panic))), // APP-5
            Raced::First(Err(_)) => {
                Err(StartApplicationError::Timeout { application: spec.name, limit: LIMIT })
            }
            Raced::Second(()) => Err(StartApplicationError::Refused(StartError::NodeStopping)),
        }
    }

    /// The node goes down. Whatever else ends while the tree starts is the business of `start`.
    async fn told_to_go(&mut self) {
        loop {
            if let Received::Exit(exit) = self.mail.receive().await
                && exit.from == Pid::of_node(exit.from.node())
            {
                return;
            }
        }
    }

    /// Waits until there is a reason to stop.
    async fn next(&mut self, top: Option<Pid>) -> Next {
        loop {
            match self.mail.receive().await {
                Received::Message(MasterMsg::Stop(from)) => return Next::Stop(Some(from)),
                Received::Exit(exit) if Some(exit.from) == top => return Next::Ended(exit.reason),
                // The node goes down (APP-8), or somebody aimed at the master.
                Received::Exit(_) => return Next::Stop(None),
                Received::Down(_) => {}
            }
        }
    }

    /// One that panics or hangs is told, and the rest goes on.
    async fn callback(&self, callback: &str, running: impl Future<Output = ()>) {
        let application = self.seat.spec().name;
        match time::timeout(LIMIT, contained(running)).await {
            Ok(Ok(())) => {}
            Ok(Err(panic)) => report::callback_failed(application, callback, &panic),
            Err(_) => report::callback_failed(application, callback, &"took longer than 60 s"),
        }
    }

    fn ends(self, next: Next) {
        let application = self.seat.spec().name;
        match next {
            Next::Stop(from) => {
                self.seat.gives_up(Idle::Stopped);
                if let Some(from) = from {
                    from.reply(());
                }
            }
            Next::Ended(reason) => {
                self.seat.gives_up(Idle::Ended(reason.clone()));
                let ends_node = ends_node(self.restart, &reason);
                report::ended(application, self.restart, &reason, ends_node);
                if let Some(node) = Node::current().filter(|_| ends_node) {
                    node.stop(1);
                }
            }
        }
    }
}

/// Whether the end of the tree is the end of the program (APP-9, APP-10, APP-11).
fn ends_node(restart: Restart, reason: &ExitReason) -> bool {
    match restart {
        Restart::Permanent => true,
        Restart::Transient => *reason != ExitReason::Normal,
        Restart::Temporary => false,
    }
}

/// It is down when this returns.
async fn stop_tree(handle: &impl Supervised) {
    let top = handle.supervisor();
    if gen_server::stop_with(top, ExitReason::Shutdown, TREE_LIMIT).await.is_ok() {
        return;
    }
    let down = process::monitor(top);
    if let Some(found) = top.find() {
        let me = process::self_pid();
        found.process.exit_signal(found.pid, me, ExitReason::Kill, ExitVia::Explicit);
    }
    let _ = time::timeout(LIMIT, down).await;
}

/// Runs a future of the user's; a panic in it becomes a reason.
async fn contained<F: Future>(future: F) -> Result<F::Output, ExitReason> {
    let mut future = Box::pin(future);
    let polled = std::future::poll_fn(|cx| match panics::contain(|| future.as_mut().poll(cx)) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    });
    polled.await
}
