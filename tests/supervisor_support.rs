//! A child for the tests of supervisors: it does what its script says, and writes down what
//! happens to it.
use cordial::prelude::*;
use cordial::supervisor::{Replayed, Supervised};
use cordial::test::expect_down;
use cordial::{Message, PlainClient, ServerStruct, process};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happened, in order, over all children that share it.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// What was written since the last time, in one line.
    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(", ")
    }
}

/// How a start goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Run,
    Ignore,
    Stop,
    Panic,
}

/// What the child does in `terminate`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnStop {
    Takes(Duration),
    Never,
    Panics,
}

type InInit = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) log: Log,
    pub(crate) init_takes: Duration,
    pub(crate) on_stop: OnStop,
    /// How the next starts go, and all after them.
    pub(crate) starts: Arc<Mutex<(VecDeque<Outcome>, Outcome)>>,
    /// Runs in every `init`.
    pub(crate) in_init: InInit,
}

impl Script {
    pub(crate) fn new(name: &'static str, log: &Log) -> Self {
        Self {
            name,
            log: log.clone(),
            init_takes: Duration::ZERO,
            on_stop: OnStop::Takes(Duration::ZERO),
            starts: Arc::new(Mutex::new((VecDeque::new(), Outcome::Run))),
            in_init: Arc::new(|| {}),
        }
    }

    pub(crate) fn stops(self, on_stop: OnStop) -> Self {
        Self { on_stop, ..self }
    }

    /// From now on: these starts, then good ones.
    pub(crate) fn will_start(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        *self.starts.lock().unwrap() = (outcomes.into_iter().collect(), Outcome::Run);
    }

    /// From now on: every start goes so.
    pub(crate) fn will_always(&self, outcome: Outcome) {
        *self.starts.lock().unwrap() = (VecDeque::new(), outcome);
    }

    fn next_start(&self) -> Outcome {
        let (next, then) = &mut *self.starts.lock().unwrap();
        next.pop_front().unwrap_or(*then)
    }

    /// As a child that traps exits, so that `terminate` runs when it is told to stop.
    pub(crate) fn spec(&self) -> ChildSpec<Part> {
        Part::child_spec(self.clone())
    }

    /// As a child that does not.
    pub(crate) fn plain_spec(&self) -> ChildSpec<Part<false>> {
        ChildSpec::new(self.clone()).id(self.name)
    }
}

pub(crate) struct Part<const TRAP: bool = true>(Script);

impl Part {
    /// As `#[gen_server]` writes it, for trees of `supervisor!`.
    pub(crate) fn child_spec(script: Script) -> ChildSpec<Self> {
        let name = script.name;
        ChildSpec::new(script).id(name)
    }
}

pub(crate) enum PartMsg {
    /// Stop with this reason.
    Exit(ExitReason),
    /// The same, after so long.
    ExitAfter(Duration, ExitReason),
    Panic,
    /// Take the link to this process away.
    Unlink(Pid),
    /// An exit signal that nobody has to do anything about.
    Noticed,
}

impl Message for PartMsg {
    fn kind(&self) -> &'static str {
        match self {
            Self::Exit(_) | Self::ExitAfter(..) => "exit",
            Self::Panic => "panic",
            Self::Unlink(_) => "unlink",
            Self::Noticed => "noticed",
        }
    }
}

impl<const TRAP: bool> ServerStruct for Part<TRAP> {
    type Replay = Replayed;
}

impl<const TRAP: bool> Child for Part<TRAP> {
    type Handle = Ref<Self>;
}

impl<const TRAP: bool> GenServer for Part<TRAP> {
    type Msg = PartMsg;
    type Args = Script;
    type Client = PlainClient<PartMsg>;
    const TRAP_EXIT: bool = TRAP;

    async fn init(script: Script, _: &mut Ctx<Self>) -> Init<Self> {
        script.log.write(format!("init {}", script.name));
        (script.in_init)();
        tokio::time::sleep(script.init_takes).await;
        match script.next_start() {
            Outcome::Run => {
                script.log.write(format!("{} runs", script.name));
                Init::Run(Self(script))
            }
            Outcome::Ignore => Init::Ignore,
            Outcome::Stop => Init::stop(ExitReason::custom("no start")),
            Outcome::Panic => panic!("no start"),
        }
    }

    async fn handle(&mut self, msg: PartMsg, _: &mut Ctx<Self>) -> Flow {
        match msg {
            PartMsg::Exit(reason) => return Flow::Stop(reason),
            PartMsg::ExitAfter(after, reason) => {
                tokio::time::sleep(after).await;
                return Flow::Stop(reason);
            }
            PartMsg::Panic => panic!("as the script says"),
            PartMsg::Unlink(pid) => process::unlink(&pid),
            PartMsg::Noticed => {}
        }
        Flow::Continue
    }

    fn from_exit(_: Exit) -> Option<PartMsg> {
        Some(PartMsg::Noticed)
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Ctx<Self>) {
        self.0.log.write(format!("{} stops: {reason}", self.0.name));
        match self.0.on_stop {
            OnStop::Takes(time) => tokio::time::sleep(time).await,
            OnStop::Never => std::future::pending().await,
            OnStop::Panics => panic!("cannot stop"),
        }
        self.0.log.write(format!("{} stopped", self.0.name));
    }
}

/// A reason that is no clean end.
pub(crate) fn crash_reason() -> ExitReason {
    ExitReason::custom("crash")
}

/// Ends a child with this reason, and waits until its supervisor has done what it does about it.
pub(crate) async fn end<const TRAP: bool>(
    child: &Ref<Part<TRAP>>,
    reason: ExitReason,
    supervisor: &impl Supervised,
) {
    let down = process::monitor(child);
    child.cast(PartMsg::Exit(reason.clone()));
    expect_down(down, reason).await;
    settle(supervisor).await;
}

pub(crate) async fn crash<const TRAP: bool>(child: &Ref<Part<TRAP>>, supervisor: &impl Supervised) {
    end(child, crash_reason(), supervisor).await;
}

/// Until the supervisor has handled its mail, retries that it sends itself included; or is gone.
pub(crate) async fn settle(supervisor: &impl Supervised) {
    for _ in 0..20 {
        if supervisor::count_children(supervisor).await.is_err() {
            return;
        }
    }
}

/// Which children live, by id, in start order.
pub(crate) async fn living(supervisor: &impl Supervised) -> Vec<(String, Pid)> {
    let children = supervisor::which_children(supervisor).await.unwrap();
    let living = children.into_iter().rev().filter_map(|child| match child.state {
        supervisor::ChildState::Running(pid) => Some((child.id?.into_owned(), pid)),
        _ => None,
    });
    living.collect()
}

/// `(specs, active)`
pub(crate) async fn counts(supervisor: &impl Supervised) -> (usize, usize) {
    let counts = supervisor::count_children(supervisor).await.unwrap();
    (counts.specs, counts.active)
}
