//! A server that fails in the way that a row of the fault table asks for.
use crate::gen_server_support::{Gate, Log};
use cordial::prelude::*;
use cordial::process;

/// Where it fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Plan {
    Works,
    PanicsInInit,
    StaysInInit,
    PanicsInTerminate,
    StaysInTerminate,
    PanicsWhenDropped,
}

/// A panic payload whose drop panics, too.
struct Payload;

impl Drop for Payload {
    fn drop(&mut self) {
        panic!("dropped a payload");
    }
}

#[gen_server(restart = Temporary)]
pub(crate) struct Rig {
    plan: Plan,
    log: Log,
    kept: Vec<ReplyTo<u32>>,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.log.write("dropped");
        assert!(self.plan != Plan::PanicsWhenDropped, "dropped a state");
    }
}

#[gen_server]
impl Rig {
    #[init]
    async fn init(plan: Plan, log: Log, ctx: &mut Ctx<Self>) -> Self {
        ctx.trap_exit(true);
        log.write("init");
        match plan {
            Plan::PanicsInInit => panic!("no init"),
            Plan::StaysInInit => std::future::pending().await,
            _ => Self { plan, log, kept: Vec::new() },
        }
    }

    #[call]
    pub(crate) fn echo(&self, n: u32) -> u32 {
        n
    }

    #[call]
    pub(crate) fn crash(&self) -> u32 {
        panic!("boom")
    }

    #[call]
    pub(crate) fn crash_badly(&self) -> u32 {
        std::panic::panic_any(Payload)
    }

    #[call(timeout = infinity)]
    pub(crate) async fn pass(&self, gate: Gate) -> u32 {
        gate.pass().await;
        1
    }

    #[call(timeout = infinity)]
    pub(crate) fn keep(&mut self, from: ReplyTo<u32>) {
        self.kept.push(from);
    }

    #[cast]
    pub(crate) fn answer_all(&mut self) {
        self.kept.drain(..).for_each(|from| from.reply(1));
    }

    #[cast]
    pub(crate) fn write(&self, n: u32) {
        self.log.write(n.to_string());
    }

    #[terminate]
    async fn end(&mut self, reason: &ExitReason) {
        self.log.write(format!("terminate: {}", short(reason)));
        match self.plan {
            Plan::PanicsInTerminate => panic!("no end"),
            Plan::StaysInTerminate => std::future::pending().await,
            _ => {}
        }
    }
}

/// A reason; of a panic only what was said.
pub(crate) fn short(reason: &ExitReason) -> String {
    reason.panic().map_or_else(|| reason.to_string(), |panic| panic.message().to_owned())
}

pub(crate) async fn rig(plan: Plan) -> (RigRef, Log) {
    let log = Log::default();
    let rig = Rig::start(plan, log.clone()).await.unwrap();
    log.take();
    (rig, log)
}

/// Why a call was not answered: the reason of the server's end.
pub(crate) fn why<T: std::fmt::Debug>(answer: Result<T, CallError>) -> String {
    match answer.unwrap_err() {
        CallError::Down(reason, _) => short(&reason),
        other => other.to_string(),
    }
}

/// A process that has ended, by its handle and its pid.
pub(crate) async fn dead() -> (RigRef, Pid) {
    let (rig, _) = rig(Plan::Works).await;
    let down = process::monitor(&rig);
    process::exit(&rig, ExitReason::Kill);
    (rig, down.await.pid)
}
