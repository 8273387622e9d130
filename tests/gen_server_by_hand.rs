//! A server without any macro: three impls, and everything that a server can do.
use cordial::__private::run_test;
use cordial::process::{self, Mailbox};
use cordial::supervisor::{self, Replayed, Supervisor};
use cordial::test::{expect_down, probe, sync};
use cordial::{
    Accepts, CallError, Child, ChildSpec, Continues, Ctx, Down, Exit, ExitReason, Flow, GenServer,
    Init, Message, PlainClient, RawRef, Ref, ReplyTo, ServerStruct, Start, gen_server, millis,
    secs, send,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Log = Arc<Mutex<Vec<String>>>;

/// Adds up, and writes down what else happens to it.
struct Sum {
    sum: u64,
    log: Log,
}

enum SumMsg {
    Add(u64),
    Value(ReplyTo<u64>),
    /// Answered by a continuation.
    Later(ReplyTo<u64>),
    Watch(RawRef<()>),
    Idle(Duration),
    Stop(ReplyTo<u64>),
    Crash,
    Reset(Reset),
    Down(Down),
    Exit(Exit),
}

impl Message for SumMsg {
    fn kind(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Value(_) => "value",
            Self::Later(_) => "later",
            Self::Watch(_) => "watch",
            Self::Idle(_) => "idle",
            Self::Stop(_) => "stop",
            Self::Crash => "crash",
            Self::Reset(_) => "reset",
            Self::Down(_) => "down",
            Self::Exit(_) => "exit",
        }
    }
}

/// What it can be sent with `send`.
struct Reset;

/// What it can go on with.
struct Answer(ReplyTo<u64>);
struct Write(&'static str);

impl ServerStruct for Sum {
    type Replay = Replayed;
}

impl Child for Sum {
    type Handle = Ref<Self>;
}

impl Sum {
    fn write(&self, line: impl Into<String>) {
        self.log.lock().unwrap().push(line.into());
    }
}

impl GenServer for Sum {
    type Msg = SumMsg;
    type Args = (u64, Log);
    type Client = PlainClient<SumMsg>;
    const TRAP_EXIT: bool = true;

    async fn init((sum, log): (u64, Log), ctx: &mut Ctx<Self>) -> Init<Self> {
        if sum == 13 {
            return Init::error("unlucky");
        }
        ctx.continue_with(Write("continue"));
        ctx.every(secs(10), |state: &mut Self, _| {
            state.write("tick");
            Box::pin(async { Flow::Continue })
        });
        Init::run(Self { sum, log })
    }

    fn handle_sync(&mut self, msg: SumMsg, _: &mut Ctx<Self>) -> Result<Flow, SumMsg> {
        match msg {
            SumMsg::Add(n) => self.sum += n,
            SumMsg::Value(from) => from.reply(self.sum),
            waits => return Err(waits),
        }
        Ok(Flow::Continue)
    }

    async fn handle(&mut self, msg: SumMsg, ctx: &mut Ctx<Self>) -> Flow {
        match msg {
            SumMsg::Later(from) => ctx.continue_with(Answer(from)),
            SumMsg::Watch(who) => {
                ctx.monitor(&who);
                ctx.link(&who).unwrap();
            }
            SumMsg::Idle(after) => ctx.timeout(after),
            SumMsg::Stop(from) => {
                from.reply(self.sum);
                return Flow::Stop(ExitReason::custom("enough"));
            }
            SumMsg::Crash => panic!("crash"),
            SumMsg::Reset(Reset) => self.sum = 0,
            SumMsg::Down(down) => self.write(format!("down: {}", down.reason)),
            SumMsg::Exit(exit) => self.write(format!("exit: {}", exit.reason)),
            SumMsg::Add(_) | SumMsg::Value(_) => unreachable!("handled on the spot"),
        }
        Flow::Continue
    }

    async fn handle_timeout(&mut self, _: &mut Ctx<Self>) -> Flow {
        self.write("timeout");
        Flow::Continue
    }

    fn from_down(down: Down) -> Option<SumMsg> {
        Some(SumMsg::Down(down))
    }

    fn from_exit(exit: Exit) -> Option<SumMsg> {
        Some(SumMsg::Exit(exit))
    }

    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Ctx<Self>) {
        let poisoned = if ctx.poisoned() { ", poisoned" } else { "" };
        self.write(format!("terminate: {reason}{poisoned}"));
    }
}

impl Accepts<Reset> for Sum {
    fn accept(msg: Reset) -> SumMsg {
        SumMsg::Reset(msg)
    }
}

impl Accepts<Down> for Sum {
    fn accept(msg: Down) -> SumMsg {
        SumMsg::Down(msg)
    }
}

impl Continues<Answer> for Sum {
    async fn handle_continue(&mut self, answer: Answer, _: &mut Ctx<Self>) -> Flow {
        answer.0.reply(self.sum);
        Flow::Continue
    }
}

impl Continues<Write> for Sum {
    async fn handle_continue(&mut self, write: Write, _: &mut Ctx<Self>) -> Flow {
        self.write(write.0);
        Flow::Continue
    }
}

/// Runs a test with a server that starts at 40, and the server's log.
fn check<Fut: Future<Output = ()>>(test: impl FnOnce(Ref<Sum>, Log) -> Fut) {
    run_test(None, async {
        let log = Log::default();
        let server = Start::<Sum>::new((40, log.clone())).await.unwrap();
        sync(&server).await;
        assert_eq!(take(&log), ["continue"]);
        test(server, log).await;
    });
}

fn take(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().unwrap())
}

async fn pass(time: Duration) {
    let _ = tokio::time::timeout(time, std::future::pending::<()>()).await;
}

#[test]
fn server_by_hand_takes_casts_calls_and_infos() {
    check(async |server, _| {
        assert_eq!(server.cast(SumMsg::Add(2)).sent(), Ok(()));
        assert_eq!(server.call("value", SumMsg::Value).await, Ok(42));
        send(&server, Reset);
        assert_eq!(server.call("later", SumMsg::Later).await, Ok(0));
    });
}

#[test]
fn server_by_hand_gets_timeouts_and_ticks() {
    check(async |server, log| {
        server.cast(SumMsg::Idle(secs(3)));
        pass(secs(25)).await;
        assert_eq!(take(&log), ["timeout", "tick", "tick"]);
    });
}

#[test]
fn server_by_hand_is_told_of_ends() {
    check(async |server, log| {
        let (peer, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| mail.next().await);
        server.cast(SumMsg::Watch(peer.clone()));
        sync(&server).await;
        peer.send(());
        down.await;
        sync(&server).await;
        let mut seen = take(&log);
        seen.sort();
        assert_eq!(seen, ["down: normal", "exit: normal"]);
    });
}

#[test]
fn server_by_hand_stops_and_terminates() {
    check(async |server, log| {
        let down = process::monitor(&server);
        assert_eq!(server.call("stop", SumMsg::Stop).await, Ok(40));
        expect_down(down, ExitReason::custom("enough")).await;
        assert_eq!(take(&log), ["terminate: enough"]);
        let error = server.call("value", SumMsg::Value).await.unwrap_err();
        assert_eq!(error.to_string(), "call `value` to `Sum` failed: no such process");
    });
    check(async |server, log| {
        gen_server::stop(&server).await.unwrap();
        assert_eq!(take(&log), ["terminate: normal"]);
    });
}

#[test]
fn server_by_hand_fails_to_start() {
    run_test(None, async {
        let error = Start::<Sum>::new((13, Log::default())).await.unwrap_err();
        assert_eq!(error.to_string(), "`init` failed: unlucky");
    });
}

#[test]
fn server_by_hand_is_supervised_and_its_handle_survives_the_restart() {
    run_test(None, async {
        let log = Log::default();
        let mut tree = Supervisor::builder();
        let server: Ref<Sum> = tree.add(ChildSpec::<Sum>::new((40, log.clone())).id("sum"));
        let supervisor = tree.start().await.unwrap();
        server.cast(SumMsg::Add(2));
        assert_eq!(server.call("value", SumMsg::Value).await, Ok(42));

        let (pid, down) = (gen_server::whereis(&server), process::monitor(&server));
        server.cast(SumMsg::Crash);
        assert!(down.await.reason.panic().is_some());
        let counts = supervisor::count_children(&supervisor).await.unwrap();
        assert_eq!(counts.active, 1);
        assert_ne!(gen_server::whereis(&server), pid);
        assert_eq!(server.call("value", SumMsg::Value).await, Ok(40));
        supervisor::stop(&supervisor).await.unwrap();
        let log = take(&log);
        assert_eq!(log.len(), 4, "{log:?}");
        assert!(log[1].starts_with("terminate: panicked: crash"));
        assert!(log[1].ends_with(", poisoned"));
        assert_eq!(log[3], "terminate: shutdown");
    });
}

#[test]
fn server_by_hand_can_be_a_probe() {
    run_test(None, async {
        let (server, mut probe) = probe::<Sum>();
        let call = server.call("value", SumMsg::Value).timeout(millis(10));
        let Some(SumMsg::Value(from)) = probe.next().await else { panic!("no call came") };
        from.reply(1);
        assert_eq!(call.await, Ok(1));
        let late = server.call("value", SumMsg::Value).timeout(millis(10)).await;
        assert!(matches!(late, Err(CallError::Timeout(..))));
    });
}
