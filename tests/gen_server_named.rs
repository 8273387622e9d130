//! Handles that stand for a name: whoever has it at each send.
use crate::calls_desk::{Desk, DeskRef, desk, desk_with_log};
use crate::gen_server_support::{Gate, in_process};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::test::sync;
use cordial::{StopError, gen_server};
use tokio::time::Instant;

async fn desk_named(name: &str) -> DeskRef {
    Desk::start(Desk::default()).name(name).await.unwrap()
}

fn named(name: &str) -> DeskRef {
    gen_server::named(name)
}

/// GS-10: start, call, cast, stop and whereis take a name.
// break: GS-10 runtime/cordial/src/process/cell.rs
//     `return self.forward(mail);` => `return Err(SendError::NoProc);`
#[cordial::test]
async fn name_is_accepted_by_start_call_cast_stop_and_whereis() {
    let (desk, log, _) = desk_with_log().await;
    process::register("desk", &desk).unwrap();
    let by_name = named("desk");
    by_name.note(1);
    assert_eq!(by_name.echo(2).await, Ok(2));
    assert_eq!(log.take(), ["note 1", "echo 2"]);
    assert_eq!(gen_server::whereis(&by_name), gen_server::whereis(&desk));
    gen_server::stop(&by_name).await.unwrap();
    assert!(!process::is_alive(&desk).await && !process::is_alive(&by_name).await);
    assert_eq!(process::whereis("desk"), None);
}

/// GS-12, GS-13: nobody has the name.
#[cordial::test]
async fn name_that_nobody_has_takes_casts_silently_and_fails_calls_at_once() {
    let nobody = named("nobody");
    assert_eq!(nobody.note(1).sent(), Err(SendError::NoProc));
    let began = Instant::now();
    let error = nobody.echo(1).no_timeout().await.unwrap_err();
    assert!(matches!(error, CallError::NoProc(_)), "{error}");
    assert_eq!(error.to_string(), "call `echo` to `nobody` failed: no such process");
    assert_eq!(gen_server::stop(&nobody).await, Err(StopError::NoProc));
    assert_eq!(process::monitor(&nobody).await.reason, ExitReason::NoProc);
    assert_eq!(began.elapsed(), std::time::Duration::ZERO);
}

/// GS-10: to a server of another type nothing is delivered.
#[cordial::test]
async fn name_of_a_server_of_another_type_is_nobodys() {
    let (other, mut mail) = cordial::test::probe::<Desk>();
    process::register("other", &other).unwrap();
    let wrong = gen_server::named::<Bell>("other");
    wrong.ring();
    assert!(matches!(wrong.rings().await, Err(CallError::Unsupported(_))));
    assert_eq!(gen_server::stop(&wrong).await, Err(StopError::NoProc));
    assert_eq!(gen_server::whereis(&wrong), None);
    assert!(mail.try_next().is_none());
    assert!(process::is_alive(&other).await);
}

#[gen_server]
#[derive(Clone, Default)]
struct Bell(u32);

struct Ding;

#[gen_server]
impl Bell {
    #[cast]
    fn ring(&mut self) {
        self.0 += 1;
    }
    #[call]
    fn rings(&self) -> u32 {
        self.0
    }
    #[info]
    fn ding(&mut self, _: Ding) {
        self.0 += 10;
    }
    #[call]
    async fn ask(&self, who: BellRef) -> Result<u32, CallError> {
        who.rings().await
    }
    /// Sends itself a message through its name.
    #[call]
    fn ring_by_name(&mut self, me: BellRef) {
        me.ring();
    }
}

/// GS-10
#[cordial::test]
async fn name_is_looked_up_at_each_send() {
    let by_name = named("desk");
    assert!(by_name.echo(0).await.is_err(), "made before anybody has the name");
    let first = desk_named("desk").await;
    let pid = gen_server::whereis(&by_name);
    assert_eq!(by_name.echo(1).await, Ok(1));
    gen_server::stop(&first).await.unwrap();
    assert!(by_name.echo(2).await.is_err());
    let _second = desk_named("desk").await;
    assert_eq!(by_name.echo(3).await, Ok(3));
    assert_ne!(gen_server::whereis(&by_name), pid);
}

/// GS-10
#[cordial::test]
async fn everything_reaches_the_server_by_name_in_order() {
    let bell = Bell::start(Bell(0)).name("bell").await.unwrap();
    let by_name = gen_server::named::<Bell>("bell");
    by_name.ring();
    cordial::send(&by_name, Ding);
    bell.ring();
    assert_eq!(by_name.rings().await, Ok(12));
    assert_eq!(format!("{by_name:?}"), format!("{bell:?}"));
    let error = by_name.rings().timeout(std::time::Duration::ZERO).await.unwrap_err();
    let pid = gen_server::whereis(&bell);
    assert_eq!((error.callee().server(), error.callee().pid()), ("bell", pid));
}

/// GS-14
#[cordial::test]
async fn call_to_oneself_by_name_fails_at_once() {
    let bell = Bell::start(Bell(0)).name("bell").await.unwrap();
    let pid = gen_server::whereis(&bell).unwrap();
    let error = bell.ask(gen_server::named("bell")).await.unwrap_err();
    let Some(CallError::Deadlock(path, _)) = error.handler() else { panic!("it was sent") };
    assert_eq!(path.pids(), [pid]);
    bell.ring_by_name(gen_server::named("bell")).await.unwrap();
    assert_eq!(bell.rings().await, Ok(1));
}

/// GS-39
#[cordial::test]
async fn process_cannot_stop_itself_by_name() {
    let stopped = in_process(async |mail: Mailbox<()>| {
        process::register("me", &mail.address()).unwrap();
        gen_server::stop("me").await
    });
    assert_eq!(stopped.await, Err(StopError::CallingSelf));
}

/// GS-10
#[cordial::test]
async fn process_by_name_can_be_watched_linked_and_killed() {
    let desk = desk_named("desk").await;
    let by_name = named("desk");
    let linked = in_process(async move |mut mail: Mailbox<()>| {
        let by_name = named("desk");
        process::trap_exit(true);
        process::link(&by_name).unwrap();
        let down = process::monitor(&by_name);
        process::exit(&by_name, ExitReason::Kill);
        let Received::Exit(exit) = mail.receive().await else { panic!("no exit") };
        (exit.reason, down.await.reason)
    });
    assert_eq!(linked.await, (ExitReason::Killed, ExitReason::Killed));
    assert!(!process::is_alive(&by_name).await && !process::is_alive(&desk).await);
}

/// GS-47: what is asked, and what it is.
// break: GS-47 runtime/cordial/src/gen_server/client.rs
//     `target.whereis()` => `target.find().map(|found| found.pid)`
#[cordial::test]
async fn whereis_of_a_pid_is_itself_and_of_a_name_who_has_it() {
    let desk = desk().await;
    let pid: Pid = gen_server::whereis(&desk).unwrap();
    assert_eq!(gen_server::whereis("desk"), None);
    assert_eq!(gen_server::whereis(&named("desk")), None);
    process::register("desk", &desk).unwrap();
    assert_eq!(gen_server::whereis("desk"), Some(pid));
    assert_eq!(gen_server::whereis(&named("desk")), Some(pid));
    assert_eq!(gen_server::whereis(&pid), Some(pid));
    gen_server::stop(&desk).await.unwrap();
    assert_eq!(gen_server::whereis(&pid), Some(pid), "as in OTP, alive or not");
    assert_eq!(gen_server::whereis("desk"), None);
    assert_eq!(gen_server::whereis(&named("desk")), None);
    assert_eq!(gen_server::whereis(&desk), None);
}

#[gen_server]
#[derive(Clone, Default)]
struct Narrow(Gate);

#[gen_server(mailbox = 1, on_full = reject)]
impl Narrow {
    #[call]
    async fn wait(&self) {
        self.0.pass().await;
    }
    #[info]
    fn ding(&self, _: Ding) {}
    #[call]
    fn dropped(&self, ctx: &mut Ctx<Self>) -> u64 {
        ctx.dropped()
    }
}

#[cordial::test]
async fn mail_by_name_counts_against_the_bound_of_who_has_it() {
    let gate = Gate::default();
    let _narrow = Narrow::start(Narrow(gate.clone())).name("narrow").await.unwrap();
    let by_name = gen_server::named::<Narrow>("narrow");
    let waits = by_name.wait();
    gate.reached().await;
    assert_eq!(cordial::send(&by_name, Ding).sent(), Ok(()));
    assert_eq!(cordial::send(&by_name, Ding).sent(), Err(SendError::Full));
    assert!(matches!(by_name.dropped().await, Err(CallError::Full(_))));
    gate.open();
    assert_eq!(waits.await, Ok(()));
    sync(&by_name).await;
    assert_eq!(by_name.dropped().await, Ok(1));
}

/// PROC-30: whoever watches a name is told of the name, also through a handle that stands for it.
#[cordial::test]
async fn monitor_of_a_handle_that_stands_for_a_name_knows_the_name() {
    let desk = desk_named("desk").await;
    in_process(async move |_| {
        let monitor = process::monitor_message(&named("desk"));
        assert_eq!(process::monitor_name(monitor).as_deref(), Some("desk"));
        let monitor = process::monitor_message(&desk);
        assert_eq!(process::monitor_name(monitor), None);
    })
    .await;
}
