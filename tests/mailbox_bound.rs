//! A bounded mailbox: what a full one refuses, and what it never does.
use crate::gen_server_support::{Gate, Log, custom, pass};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::sync;

struct Told(u32);

#[gen_server]
#[derive(Default)]
struct Narrow {
    log: Log,
    gate: Gate,
}

#[gen_server(mailbox = 3, on_full = reject)]
impl Narrow {
    #[call]
    async fn wait(&self) {
        self.gate.pass().await;
    }
    #[call]
    async fn watch(&self, who: Pid, ctx: &mut Ctx<Self>) {
        ctx.monitor(&who);
        ctx.link(&who).unwrap();
        self.gate.pass().await;
    }
    #[cast]
    async fn talk_to_itself(&self, ctx: &mut Ctx<Self>) {
        self.gate.pass().await;
        for n in 100..110 {
            ctx.me().note(n).sent().unwrap();
            cordial::send(&ctx.me(), Told(n)).sent().unwrap();
            ctx.send_after(millis(1), Told(n + 100));
        }
    }
    #[cast]
    fn note(&self, n: u32) {
        self.log.write(format!("cast {n}"));
    }
    #[call]
    fn echo(&self, n: u32) -> u32 {
        self.log.write(format!("call {n}"));
        n
    }
    #[call]
    fn dropped(&self, ctx: &mut Ctx<Self>) -> u64 {
        ctx.dropped()
    }
    #[info]
    fn told(&self, told: Told) {
        self.log.write(format!("info {}", told.0));
    }
    #[info]
    fn down(&self, down: Down) {
        self.log.write(format!("down: {}", down.reason));
    }
    #[info]
    fn exit(&self, exit: Exit) {
        self.log.write(format!("exit: {}", exit.reason));
    }
}

/// A server that waits at its gate, with a full mailbox.
async fn full() -> (NarrowRef, Log, Gate) {
    let state = Narrow::default();
    let (log, gate) = (state.log.clone(), state.gate.clone());
    let server = Narrow::start(state).await.unwrap();
    drop(server.wait());
    gate.reached().await;
    for n in 0..3 {
        assert_eq!(server.note(n).sent(), Ok(()));
    }
    (server, log, gate)
}

#[cordial::test]
async fn full_mailbox_refuses_casts_and_calls() {
    let (server, log, gate) = full().await;
    assert_eq!(server.note(9).sent(), Err(SendError::Full));
    let error = server.echo(9).await.unwrap_err();
    let pid = gen_server::whereis(&server).unwrap();
    assert!(matches!(error, CallError::Full(_)));
    let expected = format!("call `echo` to `Narrow` {pid} failed: the mailbox is full");
    assert_eq!(error.to_string(), expected);
    gate.open();
    sync(&server).await;
    assert_eq!(log.take(), ["cast 0", "cast 1", "cast 2"]);
    assert_eq!(server.echo(4).await, Ok(4), "there is room again");
}

#[cordial::test]
async fn bound_counts_what_waits_and_not_what_is_handled() {
    let (server, _, gate) = full().await;
    gate.open();
    sync(&server).await;
    for n in 0..3 {
        assert_eq!(server.note(n).sent(), Ok(()));
    }
    assert_eq!(server.note(3).sent(), Err(SendError::Full));
    sync(&server).await;
    assert_eq!(server.note(4).sent(), Ok(()));
}

#[cordial::test]
async fn infos_that_a_full_mailbox_refused_are_counted() {
    let (server, log, gate) = full().await;
    for n in 0..5 {
        assert_eq!(cordial::send(&server, Told(n)).sent(), Err(SendError::Full));
    }
    let _ = server.note(9);
    gate.open();
    sync(&server).await;
    assert_eq!(server.dropped().await, Ok(5), "a cast's sender was told: it is not counted");
    assert_eq!(server.dropped().await, Ok(0), "it counts since it was asked last");
    assert_eq!(log.take().len(), 3);
}

#[cordial::test]
async fn what_a_server_sends_itself_and_timers_are_never_refused() {
    let state = Narrow::default();
    let (log, gate) = (state.log.clone(), state.gate.clone());
    let server = Narrow::start(state).await.unwrap();
    let _ = server.talk_to_itself();
    gate.reached().await;
    for n in 0..3 {
        server.note(n).sent().unwrap();
    }
    gate.open();
    pass(millis(2)).await;
    let log = log.take();
    assert_eq!(log.len(), 3 + 30);
    assert_eq!(log[3..5], ["cast 100", "info 100"]);
    assert_eq!(log[32], "info 209");
}

#[cordial::test]
async fn down_and_exit_are_never_refused() {
    let state = Narrow::default();
    let (log, gate) = (state.log.clone(), state.gate.clone());
    let server = Narrow::start(state).await.unwrap();
    let (peer, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
        mail.next().await;
        custom()
    });
    drop(server.watch(peer.pid().unwrap()));
    gate.reached().await;
    for n in 0..3 {
        server.note(n).sent().unwrap();
    }
    peer.send(());
    down.await;
    gate.open();
    sync(&server).await;
    let mut seen = log.take();
    seen[3..].sort();
    assert_eq!(seen, ["cast 0", "cast 1", "cast 2", "down: x", "exit: x"]);
}
