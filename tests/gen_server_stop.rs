//! How a server ends: stop requests, exit signals, its parent's end, and when `terminate` runs.
use crate::gen_server_support::{End, Gate, Log, custom, in_process, is_silent, pass, with_parent};
use cordial::gen_server;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::{expect_down, sync};
use cordial::{Accepts, StopError};
use tokio::time::{Instant, timeout};

/// What `terminate` does after it has written its line.
#[derive(Clone, Copy, Default)]
enum Bye {
    #[default]
    Returns,
    Waits,
    Panics,
}

#[derive(Clone, Default)]
struct Script {
    log: Log,
    gate: Gate,
    bye: Bye,
}

impl Script {
    fn bye(bye: Bye) -> Self {
        Self { bye, ..Self::default() }
    }

    async fn terminate(&self, reason: &ExitReason) {
        self.log.write(format!("terminate: {reason}"));
        match self.bye {
            Bye::Returns => {}
            Bye::Waits => self.gate.pass().await,
            Bye::Panics => panic!("cannot end"),
        }
    }
}

/// Does not trap exits.
#[gen_server]
struct Plain(Script);

#[gen_server]
impl Plain {
    #[cast]
    fn note(&self, what: &str) {
        self.0.log.write(what);
    }
    #[cast]
    fn stop_with(&self, reason: ExitReason) -> Flow {
        Flow::Stop(reason)
    }
    #[cast]
    fn crash(&self) {
        panic!("x");
    }
    #[call]
    async fn stop_itself(&self, ctx: &mut Ctx<Self>) -> Result<(), StopError> {
        gen_server::stop(&ctx.pid()).await
    }
    #[terminate]
    async fn bye(&mut self, reason: &ExitReason) {
        self.0.terminate(reason).await;
    }
}

/// Traps exits.
#[gen_server]
struct Trapping(Script);

#[gen_server]
impl Trapping {
    #[info]
    fn exit(&self, exit: Exit) {
        self.0.log.write(format!("exit: {}", exit.reason));
    }
    #[call]
    fn link(&self, to: Pid, ctx: &mut Ctx<Self>) {
        ctx.link(&to).unwrap();
    }
    #[terminate]
    async fn bye(&mut self, reason: &ExitReason) {
        self.0.terminate(reason).await;
    }
}

async fn plain(script: &Script) -> PlainRef {
    Plain::start(Plain(script.clone())).await.unwrap()
}

async fn trapping(script: &Script) -> TrappingRef {
    Trapping::start(Trapping(script.clone())).await.unwrap()
}

// ===== When terminate runs =====

/// GS-34
// break: GS-34 runtime/cordial/src/gen_server/server.rs
//     `self.run(Job::Terminate(reason))` => `Err(self.end(reason))`
#[cordial::test]
async fn terminate_runs_after_a_stop_a_panic_and_a_stop_request() {
    let script = Script::default();
    let server = plain(&script).await;
    let down = process::monitor(&server);
    server.stop_with(custom());
    expect_down(down, custom()).await;
    assert_eq!(script.log.take(), ["terminate: x"]);

    let server = plain(&script).await;
    let down = process::monitor(&server);
    server.crash();
    assert!(down.await.reason.panic().is_some());
    assert_eq!(script.log.take().len(), 1);

    let server = plain(&script).await;
    gen_server::stop(&server).await.unwrap();
    assert_eq!(script.log.take(), ["terminate: normal"]);
}

/// GS-34
#[cordial::test]
async fn terminate_does_not_run_after_a_kill() {
    let script = Script::default();
    let downs = {
        let (plain, trapping) = (plain(&script).await, trapping(&script).await);
        let downs = (process::monitor(&plain), process::monitor(&trapping));
        process::exit(&plain, ExitReason::Kill);
        process::exit(&trapping, ExitReason::Kill);
        downs
    };
    expect_down(downs.0, ExitReason::Killed).await;
    expect_down(downs.1, ExitReason::Killed).await;
    assert!(script.log.take().is_empty());
}

/// GS-34
#[cordial::test]
async fn terminate_does_not_run_after_a_signal_that_is_not_trapped() {
    for reason in [ExitReason::Shutdown, custom()] {
        let script = Script::default();
        let server = plain(&script).await;
        let down = process::monitor(&server);
        process::exit(&server, reason.clone());
        expect_down(down, reason.clone()).await;

        let (parent, server) = with_parent(Plain::start(Plain(script.clone()))).await;
        let down = process::monitor(&server);
        parent.send(End(reason.clone()));
        expect_down(down, reason).await;
        assert!(script.log.take().is_empty());
    }
}

/// GS-34, GS-35
// break: GS-35 runtime/cordial/src/gen_server/server.rs
//     `if self.ctx.is_parent(exit.from) {` => `if exit.from == self.ctx.pid() {`
#[cordial::test]
async fn end_of_the_parent_terminates_a_server_that_traps_exits_whatever_the_reason() {
    for reason in [ExitReason::Normal, ExitReason::Shutdown, custom()] {
        let script = Script::default();
        let (parent, server) = with_parent(Trapping::start(Trapping(script.clone()))).await;
        let down = process::monitor(&server);
        parent.send(End(reason.clone()));
        expect_down(down, reason.clone()).await;
        assert_eq!(script.log.take(), [format!("terminate: {reason}")]);
    }
}

/// GS-35
#[cordial::test]
async fn exit_of_anybody_but_the_parent_is_a_message() {
    for reason in [ExitReason::Normal, custom()] {
        let script = Script::default();
        let (_, server) = with_parent(Trapping::start(Trapping(script.clone()))).await;
        let peer = process::spawn(async |mut mail: Mailbox<End>| mail.next().await.0);
        server.link(peer.pid().unwrap()).await.unwrap();
        peer.send(End(reason.clone()));
        expect_down(process::monitor(&peer), reason.clone()).await;
        sync(&server).await;
        assert_eq!(script.log.take(), [format!("exit: {reason}")]);

        // A signal without a link is one too.
        let (target, sent) = (server.clone(), reason.clone());
        in_process(async move |_| process::exit(&target, sent)).await;
        sync(&server).await;
        assert_eq!(script.log.take(), [format!("exit: {reason}")]);
    }
}

/// GS-35
#[cordial::test]
async fn parent_may_send_an_exit_signal_as_well_as_end() {
    let script = Script::default();
    let trapping = Trapping(script.clone());
    let down = in_process(async move |_| {
        process::trap_exit(true);
        let server = Trapping::start_link(trapping).await.unwrap();
        let down = process::monitor(&server);
        process::exit(&server, custom());
        down.await
    })
    .await;
    assert_eq!(down.reason, custom());
    assert_eq!(script.log.take(), ["terminate: x"]);
}

/// GS-36
// break: GS-36 runtime/cordial/src/gen_server/server.rs
//     `if self.ctx.is_parent(exit.from) {` =>
//     `if self.ctx.is_parent(exit.from) && exit.reason != ExitReason::Normal {`
#[cordial::test]
async fn normal_end_of_the_parent_ends_only_a_server_that_traps_exits() {
    let script = Script::default();
    let (parent, server) = with_parent(Plain::start(Plain(script.clone()))).await;
    let ended = process::monitor(&parent);
    parent.send(End(ExitReason::Normal));
    expect_down(ended, ExitReason::Normal).await;
    assert!(is_silent(process::monitor(&server)).await);

    let (parent, server) = with_parent(Trapping::start(Trapping(script))).await;
    let down = process::monitor(&server);
    parent.send(End(ExitReason::Normal));
    expect_down(down, ExitReason::Normal).await;
}

/// GS-37
// break: GS-37 runtime/cordial/src/gen_server/server.rs
//     `core.ctx.stop(first);` => `let (reason, ()) = (first, core.ctx.stop(reason));`
#[cordial::test]
async fn panic_in_terminate_is_the_reason_whatever_was_before() {
    type EndIt = fn(&PlainRef);
    let ends: [EndIt; 2] = [
        |server| {
            server.stop_with(custom());
        },
        |server| {
            server.crash();
        },
    ];
    for end in ends {
        let script = Script::bye(Bye::Panics);
        let server = plain(&script).await;
        let down = process::monitor(&server);
        end(&server);
        let reason = down.await.reason;
        assert_eq!(reason.panic().expect("it panicked").message(), "cannot end");
        assert_eq!(script.log.take().len(), 1);
    }
}

/// GS-37
#[cordial::test]
async fn terminate_that_returns_keeps_the_reason() {
    for reason in [ExitReason::Normal, ExitReason::shutdown_with("tired"), custom()] {
        let script = Script::bye(Bye::Waits);
        script.gate.open();
        let server = plain(&script).await;
        let down = process::monitor(&server);
        server.stop_with(reason.clone());
        expect_down(down, reason).await;
    }
}

#[cordial::test]
async fn server_that_terminates_handles_nothing_more() {
    let script = Script::bye(Bye::Waits);
    let server = plain(&script).await;
    server.stop_with(ExitReason::Normal);
    server.note("behind the stop");
    script.gate.reached().await;
    server.note("during terminate");
    let down = process::monitor(&server);
    script.gate.open();
    expect_down(down, ExitReason::Normal).await;
    assert_eq!(script.log.take(), ["terminate: normal"]);
}

// ===== Stop requests =====

/// GS-38
// break: GS-38 runtime/cordial/src/gen_server/client.rs
//     `Ask::Stop(reason.clone())` => `Ask::Stop(ExitReason::Normal)`
#[cordial::test]
async fn stop_returns_when_the_server_is_dead_and_its_name_free() {
    for reason in [ExitReason::Normal, custom()] {
        let script = Script::bye(Bye::Waits);
        let server = Plain::start(Plain(script.clone())).name("plain").await.unwrap();
        let down = process::monitor(&server);
        server.note("before");
        let stop = async {
            let stopped = match reason {
                ExitReason::Normal => gen_server::stop(&server).await,
                _ => gen_server::stop_with(&server, custom(), secs(1)).await,
            };
            assert_eq!(stopped, Ok(()));
            assert_eq!((process::whereis("plain"), gen_server::whereis(&server)), (None, None));
            script.log.write("stopped");
        };
        let ((), ()) = tokio::join!(stop, async {
            script.gate.reached().await;
            assert!(process::whereis("plain").is_some());
            script.log.write("opened");
            script.gate.open();
        });
        expect_down(down, reason.clone()).await;
        let terminate = format!("terminate: {reason}");
        assert_eq!(script.log.take(), ["before", &terminate, "opened", "stopped"]);
    }
}

/// GS-38
#[cordial::test]
async fn stop_may_take_as_long_as_it_takes() {
    let script = Script::bye(Bye::Waits);
    let server = plain(&script).await;
    let stop = gen_server::stop(&server);
    let (stopped, ()) = tokio::join!(stop, async {
        script.gate.reached().await;
        pass(hours(24)).await;
        script.gate.open();
    });
    assert_eq!(stopped, Ok(()));
}

/// GS-39
#[cordial::test]
async fn stop_of_who_is_gone_says_so() {
    let server = plain(&Script::default()).await;
    let pid = gen_server::whereis(&server).unwrap();
    gen_server::stop(&server).await.unwrap();
    assert_eq!(gen_server::stop(&server).await, Err(StopError::NoProc));
    assert_eq!(gen_server::stop(&pid).await, Err(StopError::NoProc));
}

/// GS-39
// break: GS-39 runtime/cordial/src/gen_server/client.rs
//     `return Err(StopError::CallingSelf);` => `return Err(StopError::NoProc);`
#[cordial::test]
async fn stop_of_oneself_is_refused() {
    let server = plain(&Script::default()).await;
    let error = server.stop_itself().await.unwrap_err();
    assert_eq!(error.handler(), Some(StopError::CallingSelf));
    sync(&server).await;
}

/// GS-39
#[cordial::test]
async fn stop_tells_when_it_ended_for_another_reason() {
    let script = Script::bye(Bye::Waits);
    let server = plain(&script).await;
    server.stop_with(custom());
    script.gate.reached().await;
    let (stopped, ()) = tokio::join!(gen_server::stop(&server), async { script.gate.open() });
    assert_eq!(stopped, Err(StopError::Down(custom())));

    let server = plain(&Script::bye(Bye::Panics)).await;
    let stopped = gen_server::stop(&server).await;
    let Err(StopError::Down(reason)) = stopped else { panic!("{stopped:?}") };
    assert_eq!(reason.panic().expect("it panicked").message(), "cannot end");
}

/// GS-40
// break: GS-40 runtime/cordial/src/gen_server/client.rs
//     `.map_err(|_| StopError::Timeout(limit))` => `.map_err(|_| StopError::NoProc)`
#[cordial::test]
async fn stop_that_times_out_stays_and_the_server_ends_later() {
    let script = Script::bye(Bye::Waits);
    let server = plain(&script).await;
    let down = process::monitor(&server);
    let began = Instant::now();
    let stopped = gen_server::stop_with(&server, custom(), millis(50)).await;
    assert_eq!(stopped, Err(StopError::Timeout(millis(50))));
    assert_eq!(began.elapsed(), millis(50));
    assert!(gen_server::whereis(&server).is_some());
    script.gate.open();
    expect_down(down, custom()).await;
    assert_eq!(script.log.take(), ["terminate: x"]);
}

/// GS-40
#[cordial::test(workers = 2)]
async fn stop_gives_up_in_time_on_a_real_clock() {
    let script = Script::bye(Bye::Waits);
    let server = plain(&script).await;
    let (down, began) = (process::monitor(&server), Instant::now());
    let stopped = gen_server::stop_with(&server, custom(), millis(20)).await;
    assert_eq!(stopped, Err(StopError::Timeout(millis(20))));
    assert!((millis(20)..secs(2)).contains(&began.elapsed()));
    script.gate.open();
    expect_down(down, custom()).await;
}

/// GS-40
#[cordial::test]
async fn stop_that_is_dropped_stays_too() {
    let script = Script::bye(Bye::Waits);
    let server = plain(&script).await;
    let down = process::monitor(&server);
    assert!(timeout(millis(1), gen_server::stop(&server)).await.is_err());
    script.gate.open();
    expect_down(down, ExitReason::Normal).await;
}

/// What compiles only for a server with an `#[info]` for it.
fn takes<S: Accepts<T>, T>() {}

#[test]
fn trapping_exits_is_having_a_handler_for_them() {
    takes::<Trapping, Exit>();
    const { assert!(<Trapping as GenServer>::TRAP_EXIT && !<Plain as GenServer>::TRAP_EXIT) };
}

/// PROC-29: who is asked to stop when a signal has ended him already is gone.
#[cordial::test]
async fn stop_of_a_server_that_is_ending_finds_nobody() {
    let (desk, ..) = crate::calls_desk::desk_with_log().await;
    process::exit(&desk, ExitReason::custom("boom"));
    assert_eq!(gen_server::stop(&desk).await, Err(StopError::NoProc));
}
