//! Monitors and links of a server, through its `Ctx`.
use crate::gen_server_support::{End, Gate, Log, custom};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Spawned};
use cordial::test::{expect_down, sync};
use cordial::{MonitorRef, NoProc};

#[gen_server]
struct Watcher {
    log: Log,
    gate: Gate,
    monitor: Option<MonitorRef>,
}

#[gen_server]
impl Watcher {
    #[call]
    fn watch(&mut self, who: Pid, ctx: &mut Ctx<Self>) {
        self.monitor = Some(ctx.monitor(&who));
    }
    /// Waits at the gate first.
    #[call]
    async fn unwatch(&mut self, ctx: &mut Ctx<Self>) -> bool {
        self.gate.pass().await;
        ctx.demonitor(self.monitor.expect("it watches"))
    }
    #[call]
    fn link(&mut self, who: Pid, ctx: &mut Ctx<Self>) -> Result<(), NoProc> {
        ctx.link(&who)
    }
    #[call]
    fn unlink(&mut self, who: Pid, ctx: &mut Ctx<Self>) {
        ctx.unlink(&who);
    }
    #[call]
    fn trap(&mut self, trap: bool, ctx: &mut Ctx<Self>) -> bool {
        ctx.trap_exit(trap)
    }
    #[info]
    fn down(&mut self, down: Down) {
        let is_own = if self.monitor == Some(down.monitor) { "down" } else { "another down" };
        self.log.write(format!("{is_own}: {}", down.reason));
    }
}

async fn watcher() -> (WatcherRef, Log, Gate) {
    let (log, gate) = (Log::default(), Gate::default());
    let state = Watcher { log: log.clone(), gate: gate.clone(), monitor: None };
    (Watcher::start(state).await.unwrap(), log, gate)
}

/// A process that ends when it is told to.
fn mortal() -> (cordial::RawRef<End>, Spawned<End>, Pid) {
    let (address, down) =
        process::spawn_monitor(async |mut mail: Mailbox<End>| mail.next().await.0);
    let pid = address.pid().unwrap();
    (address, down, pid)
}

#[cordial::test]
async fn watched_process_is_reported_once_with_its_monitor() {
    let (watcher, log, _) = watcher().await;
    let (mortal, down, pid) = mortal();
    watcher.watch(pid).await.unwrap();
    mortal.send(End(custom()));
    down.await;
    sync(&watcher).await;
    assert_eq!(log.take(), ["down: x"]);
    watcher.watch(pid).await.unwrap();
    sync(&watcher).await;
    assert_eq!(log.take(), ["down: no such process"]);
}

#[cordial::test]
async fn monitor_that_is_taken_away_never_reports() {
    let (watcher, log, gate) = watcher().await;
    let (mortal, down, pid) = mortal();
    watcher.watch(pid).await.unwrap();
    gate.open();
    assert_eq!(watcher.unwatch().await, Ok(true));
    mortal.send(End(custom()));
    down.await;
    sync(&watcher).await;
    assert!(log.take().is_empty());
    gate.open();
    assert_eq!(watcher.unwatch().await, Ok(false), "twice is harmless");
}

#[cordial::test]
async fn monitor_that_is_taken_away_takes_its_down_out_of_the_mailbox() {
    let (watcher, log, gate) = watcher().await;
    let (first, first_down, first_pid) = mortal();
    let (second, second_down, second_pid) = mortal();
    watcher.watch(first_pid).await.unwrap();
    watcher.watch(second_pid).await.unwrap();
    let call = watcher.unwatch();
    gate.reached().await;
    for mortal in [first, second] {
        mortal.send(End(custom()));
    }
    first_down.await;
    second_down.await;
    gate.open();
    assert_eq!(call.await, Ok(false), "it had fired");
    sync(&watcher).await;
    assert_eq!(log.take(), ["another down: x"]);
}

#[cordial::test]
async fn link_of_a_server_ends_it_with_the_other_unless_it_is_taken_away() {
    let (watcher, _, _) = watcher().await;
    let (mortal, down, pid) = mortal();
    watcher.link(pid).await.unwrap();
    watcher.unlink(pid).await.unwrap();
    mortal.send(End(custom()));
    down.await;
    let (mortal, _, pid) = self::mortal();
    watcher.link(pid).await.unwrap();
    let down = process::monitor(&watcher);
    mortal.send(End(custom()));
    expect_down(down, custom()).await;
}

#[cordial::test]
async fn link_to_who_is_gone_is_refused() {
    let (watcher, _, _) = watcher().await;
    let (mortal, down, pid) = mortal();
    mortal.send(End(ExitReason::Normal));
    down.await;
    assert_eq!(watcher.link(pid).await, Err(TryCallError::Handler(NoProc)));
    sync(&watcher).await;
}

#[cordial::test]
async fn trapping_exits_can_be_switched_and_says_what_it_was() {
    let (watcher, _, _) = watcher().await;
    assert_eq!(watcher.trap(true).await, Ok(false));
    assert_eq!(watcher.trap(true).await, Ok(true));
    assert_eq!(watcher.trap(false).await, Ok(true));
}
