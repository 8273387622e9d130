//! A state machine that does what its messages say, and writes down what happens to it.
use cordial::gen_statem::Enter;
use cordial::prelude::*;
use cordial::test::sync;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// What happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// What was written since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Where a clause of the puppet goes.
pub(crate) enum Go {
    Keep,
    Repeat,
    A,
    B,
    C,
    Stop(ExitReason),
}

/// What a message makes the puppet do.
pub(crate) type Act = Box<dyn FnOnce(&mut Ctx<Puppet>) -> Go + Send>;

/// What its `#[enter]` does.
pub(crate) type Entry = Box<dyn FnOnce(&mut EnterCtx<'_, Puppet>) -> Enter + Send>;

/// What comes as an `#[info]`.
#[derive(Clone, Debug)]
pub(crate) struct Told(pub(crate) &'static str);

/// How long it may be in its states, and how long nothing may happen in them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Times {
    pub(crate) a: Option<Duration>,
    pub(crate) b: Option<Duration>,
    pub(crate) idle_in_c: Option<Duration>,
}

const NEVER: Duration = Duration::MAX;

#[gen_statem]
#[derive(Clone)]
pub(crate) struct Puppet {
    pub(crate) log: Log,
    pub(crate) times: Times,
    pub(crate) began: Instant,
    pub(crate) entries: Arc<Mutex<VecDeque<Entry>>>,
}

#[gen_statem(A | B | C)]
impl Puppet {
    #[init]
    fn init(log: Log, times: Times, act: Act, ctx: &mut Ctx<Self>) -> Self {
        act(ctx);
        Self { log, times, began: Instant::now(), entries: Arc::default() }
    }

    /// Does what it is told.
    #[on(_)]
    #[cast]
    pub(crate) fn run(&mut self, act: Act, ctx: &mut Ctx<Self>) -> to![A | B | C] {
        match act(ctx) {
            Go::Keep => keep_state(),
            Go::Repeat => repeat_state(),
            Go::A => goto(A),
            Go::B => goto(B),
            Go::C => goto(C),
            Go::Stop(reason) => Flow::Stop(reason).into(),
        }
    }
    #[on(_)]
    #[cast]
    pub(crate) fn note(&mut self, text: &str) {
        self.log.write(text);
    }
    #[on(_)]
    #[cast]
    pub(crate) fn on_enter(&mut self, entry: Entry) {
        self.entries.lock().unwrap().push_back(entry);
    }
    #[on(_)]
    #[info]
    fn told(&mut self, told: Told) {
        self.log.write(told.0);
    }

    /// Only in B; elsewhere it waits.
    #[on(B)]
    #[cast]
    pub(crate) fn late(&mut self, number: u32) {
        self.log.write(format!("late {number}"));
    }
    #[on(A | C)]
    #[postpone]
    pub(crate) fn late();

    #[on(B)]
    #[call(timeout = 1s)]
    pub(crate) fn ask(&mut self) -> &'static str {
        self.log.write("asked");
        "b"
    }
    #[on(C)]
    #[call]
    pub(crate) fn ask(&mut self) -> &'static str {
        "c"
    }
    #[on(A)]
    #[postpone]
    pub(crate) fn ask();

    #[on(A)]
    #[after(self.times.a.unwrap_or(NEVER))]
    fn a_is_over(&mut self) {
        self.at("a is over");
    }
    #[on(B)]
    #[after(self.times.b.unwrap_or(NEVER))]
    fn b_is_over(&mut self) -> to![A] {
        self.at("b is over");
        goto(A)
    }
    #[on(C)]
    #[idle(self.times.idle_in_c.unwrap_or(NEVER))]
    fn c_is_idle(&mut self) {
        self.at("c is idle");
    }
    #[on(A)]
    #[idle(NEVER)]
    fn a_is_idle(&mut self) {
        self.at("a is idle");
    }

    #[enter(_)]
    fn entered(&mut self, old: PuppetState, ctx: &mut EnterCtx<'_, Self>) -> Enter {
        self.log.write(format!("{:?} from {old:?}", ctx.state()));
        let entry = self.entries.lock().unwrap().pop_front();
        entry.map_or(Enter::Done, |entry| entry(ctx))
    }
    #[terminate]
    fn terminate(&mut self, ctx: &mut Ctx<Self>) {
        self.log.write(format!("terminate in {:?}", ctx.state()));
    }

    /// Writes down how many milliseconds after the start something happened.
    fn at(&self, what: &str) {
        self.log.write(format!("{what} {}", self.began.elapsed().as_millis()));
    }
}

/// A puppet in state A, with an empty log.
pub(crate) async fn puppet() -> (PuppetRef, Log) {
    puppet_with(Times::default()).await
}

pub(crate) async fn puppet_with(times: Times) -> (PuppetRef, Log) {
    let log = Log::default();
    let started = Puppet::start(log.clone(), times, Box::new(|_: &mut _| Go::Keep)).await.unwrap();
    sync(&started).await;
    assert_eq!(log.take(), ["A from A"]);
    (started, log)
}

/// What the log says when the puppet has handled all that was sent to it.
pub(crate) async fn seen(puppet: &PuppetRef, log: &Log) -> Vec<String> {
    sync(puppet).await;
    log.take()
}

/// The message that makes it write this down.
pub(crate) fn note(text: &str) -> PuppetMsg {
    PuppetMsg::Note { text: text.to_owned() }
}

/// Goes somewhere and does nothing else.
pub(crate) fn to(go: Go) -> Act {
    Box::new(|_: &mut _| go)
}

/// Time that passes, on the clock that stands still.
pub(crate) async fn pass(time: Duration) {
    let _ = tokio::time::timeout(time, std::future::pending::<()>()).await;
}
