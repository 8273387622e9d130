//! How a server starts: `init` and its outcomes, names, links, bounds, and what is left behind.
use crate::gen_server_support::{End, Gate, Log, custom, in_process, is_silent, pass, with_parent};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Monitor, Target};
use cordial::test::expect_down;
use cordial::{Node, gen_server};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// What `init` does.
#[derive(Clone, Debug)]
enum Outcome {
    Run,
    Ignore,
    Stop(ExitReason),
    Error(ExitReason),
    Panic,
    Never,
    Takes(Duration),
    Yields(u32),
    /// Waits at the gate.
    Waits,
    /// Takes the link to this process away.
    Unlinks(Pid),
    /// Gives its own handle away, waits at the gate, and fails or not.
    Calls(Arc<Mutex<Option<StarterRef>>>, bool),
}

#[derive(Clone, Debug)]
struct Script {
    outcome: Outcome,
    log: Log,
    gate: Gate,
    /// Who ran `init` last, and its end.
    life: Arc<Mutex<Option<(Pid, Monitor)>>>,
}

impl Script {
    fn new(outcome: Outcome) -> Self {
        Self { outcome, log: Log::default(), gate: Gate::default(), life: Arc::default() }
    }

    fn life(&self) -> (Pid, Monitor) {
        self.life.lock().unwrap().take().expect("`init` has run")
    }
}

#[gen_server]
struct Starter {
    log: Log,
}

#[gen_server]
impl Starter {
    #[init]
    async fn init(script: Script, ctx: &mut Ctx<Self>) -> Init<Self> {
        let known = process::whereis("starter") == Some(ctx.pid());
        script.log.write(if known { "init, known" } else { "init" });
        *script.life.lock().unwrap() = Some((ctx.pid(), process::monitor(&ctx.pid())));
        match script.outcome {
            Outcome::Run => {}
            Outcome::Ignore => return Init::Ignore,
            Outcome::Stop(reason) => return Init::stop(reason),
            Outcome::Error(reason) => return Init::Error(reason),
            Outcome::Panic => panic!("no start"),
            Outcome::Never => std::future::pending().await,
            Outcome::Takes(time) => pass(time).await,
            Outcome::Yields(times) => {
                for _ in 0..times {
                    tokio::task::yield_now().await;
                }
            }
            Outcome::Waits => script.gate.pass().await,
            Outcome::Unlinks(parent) => ctx.unlink(&parent),
            Outcome::Calls(handle, fails) => {
                *handle.lock().unwrap() = Some(ctx.me());
                script.gate.pass().await;
                if fails {
                    return Init::stop(custom());
                }
            }
        }
        script.log.write("runs");
        Init::run(Self { log: script.log })
    }

    #[handle_continue]
    fn go_on(&self) {
        self.log.write("continue");
    }

    #[call]
    fn ping(&self) -> &'static str {
        "pong"
    }

    #[terminate]
    fn bye(&self) {
        self.log.write("terminate");
    }
}

// ===== Good starts =====

/// GS-1
// break: GS-1 runtime/cordial/src/gen_server/start.rs
//     `        name,` => `        name: name.filter(|_| false),`
#[cordial::test]
async fn start_returns_when_init_is_done_and_the_name_is_known_in_it() {
    let script = Script::new(Outcome::Waits);
    let start = async {
        let server = Starter::start(script.clone()).name("starter").await.unwrap();
        script.log.write("started");
        server
    };
    let (server, ()) = tokio::join!(start, async {
        script.gate.reached().await;
        assert!(process::whereis("starter").is_some());
        script.log.write("opened");
        script.gate.open();
    });
    let log = script.log.take();
    assert_eq!(log[..3], ["init, known", "opened", "runs"]);
    assert!(log.contains(&"started".into()));
    assert_eq!(process::whereis("starter"), gen_server::whereis(&server));
}

/// GS-2
// break: GS-2 runtime/cordial/src/process/birth.rs
//     `ext.links.add(parent, process, false);` => `drop(process);`
#[cordial::test]
async fn start_link_ties_the_server_to_its_parent() {
    let (parent, server) = with_parent(Starter::start(Script::new(Outcome::Run))).await;
    let down = process::monitor(&server);
    parent.send(End(custom()));
    expect_down(down, custom()).await;
}

/// GS-2
#[cordial::test]
async fn link_to_the_parent_is_there_before_init_runs() {
    // Were the link made after `init`, it would still be there after `init` has removed it.
    let script = Script::new(Outcome::Run);
    let (tell, told) = tokio::sync::oneshot::channel();
    let parent = process::spawn(async move |mut mail: Mailbox<()>| {
        let script = Script { outcome: Outcome::Unlinks(mail.pid()), ..script };
        tell.send(Starter::start_link(script).await.unwrap()).unwrap();
        mail.next().await;
    });
    let (server, down) = (told.await.unwrap(), process::monitor(&parent));
    process::exit(&parent, custom());
    expect_down(down, custom()).await;
    assert_eq!(server.ping().await, Ok("pong"));
}

/// GS-2
#[cordial::test]
async fn start_does_not_tie_the_server_to_who_starts_it() {
    let script = Script::new(Outcome::Run);
    let server = in_process(async |_| {
        let server = Starter::start(script).await.unwrap();
        process::exit(&process::self_pid(), custom());
        server
    })
    .await;
    assert_eq!(server.ping().await, Ok("pong"));
}

#[cordial::test]
async fn start_does_nothing_until_it_is_awaited() {
    let script = Script::new(Outcome::Run);
    let start = Starter::start(script.clone()).name("starter");
    assert_eq!(process::whereis("starter"), None);
    assert_eq!(Node::current().unwrap().processes(), 0);
    drop(start);
    assert!(script.log.take().is_empty());
}

#[cordial::test]
async fn init_may_take_an_hour_if_the_start_is_unbounded() {
    let script = Script::new(Outcome::Takes(hours(1)));
    let server = Starter::start(script).no_timeout().await.unwrap();
    assert_eq!(server.ping().await, Ok("pong"));
}

// ===== Failed starts =====

/// A start that fails, with what holds for all of them: when the starter is told the process is
/// dead and its name free, nothing but `init` has run, and a starter that traps exits is left with
/// no message. Gives the error, and why the process ended.
async fn fail(outcome: Outcome) -> (StartError, ExitReason) {
    let script = Script::new(outcome);
    let log = script.log.clone();
    let failed = in_process(async move |mut mail| {
        process::trap_exit(true);
        let start = Starter::start_link(script.clone()).name("starter").timeout(millis(50));
        let error = start.await.unwrap_err();
        let (pid, end) = script.life();
        assert!(process::whereis("starter").is_none() && pid.find().is_none(), "it is gone");
        let end = end.await.reason;
        assert!(is_silent(mail.receive()).await);
        (error, end)
    })
    .await;
    assert_eq!(log.take(), ["init, known"]);
    failed
}

/// A start that fails, as it shows to a starter that does not trap exits: why that one ends, or
/// `None` if it lives on.
async fn fail_untrapped(outcome: Outcome) -> Option<ExitReason> {
    let script = Script::new(outcome);
    let down = process::spawn_monitor(async |mut mail: Mailbox<()>| {
        let _ = Starter::start_link(script).timeout(millis(50)).await;
        mail.next().await;
    });
    timeout(secs(1), down.1).await.ok().map(|down| down.reason)
}

/// GS-3, GS-8
// break: GS-3 runtime/cordial/src/gen_server/server/initialising.rs
//     `Err((ExitReason::Normal, StartError::Ignore))` =>
//     `Err((ExitReason::Shutdown, StartError::Ignore))`
#[cordial::test]
async fn ignored_start_ends_normal() {
    assert_eq!(fail(Outcome::Ignore).await, (StartError::Ignore, ExitReason::Normal));
    assert_eq!(fail_untrapped(Outcome::Ignore).await, None);
}

/// GS-4, GS-8
// break: GS-4 runtime/cordial/src/gen_server/outcome.rs
//     `Self::Stop(reason)` => `Self::Error(reason)`
#[cordial::test]
async fn init_that_stops_ends_with_its_reason_and_so_does_an_untrapped_parent() {
    let stop = || Outcome::Stop(custom());
    assert_eq!(fail(stop()).await, (StartError::Init(custom()), custom()));
    assert_eq!(fail_untrapped(stop()).await, Some(custom()));
}

/// GS-5, GS-8
// break: GS-5 runtime/cordial/src/gen_server/server/initialising.rs
//     `Err((ExitReason::Normal, StartError::Init(reason)))` =>
//     `Err((reason.clone(), StartError::Init(reason)))`
#[cordial::test]
async fn init_that_errs_ends_normal_and_an_untrapped_parent_lives() {
    let error = || Outcome::Error(custom());
    assert_eq!(fail(error()).await, (StartError::Init(custom()), ExitReason::Normal));
    assert_eq!(fail_untrapped(error()).await, None);
}

/// GS-6, GS-8
// break: GS-6 runtime/cordial/src/gen_server/server/initialising.rs
//     `Err(reason) => Err((reason.clone(), StartError::Init(reason))),` =>
//     `Err(reason) => Err((ExitReason::Normal, StartError::Init(reason))),`
#[cordial::test]
async fn init_that_panics_gives_the_panic_and_runs_nothing_else() {
    let (error, end) = fail(Outcome::Panic).await;
    assert_eq!(error, StartError::Init(end.clone()));
    let panic = end.panic().expect("it panicked");
    assert_eq!(panic.message(), "no start");
    assert!(panic.location().unwrap().contains("gen_server_start.rs"));
    assert!(fail_untrapped(Outcome::Panic).await.is_some_and(|end| end.panic().is_some()));
}

/// GS-7, GS-8
// break: GS-7 runtime/cordial/src/gen_server/start.rs
//     `StartError::Timeout(limit)` => `StartError::Init(ExitReason::Killed)`
// break: GS-8 runtime/cordial/src/gen_server/start.rs
//     `process::Monitor::of(Some(found)).await;` => `drop(found);`
#[cordial::test]
async fn init_that_takes_too_long_is_killed() {
    let began = Instant::now();
    let killed = (StartError::Timeout(millis(50)), ExitReason::Killed);
    assert_eq!(fail(Outcome::Never).await, killed);
    assert_eq!(began.elapsed(), millis(50 + 100));
    assert_eq!(fail_untrapped(Outcome::Never).await, None);
}

/// GS-7
#[cordial::test]
async fn start_waits_a_minute_unless_told_otherwise() {
    let began = Instant::now();
    let error = Starter::start(Script::new(Outcome::Never)).await.unwrap_err();
    assert_eq!((error, began.elapsed()), (StartError::Timeout(mins(1)), mins(1)));
}

/// GS-7
#[cordial::test(workers = 2)]
async fn start_gives_up_in_time_on_a_real_clock() {
    let began = Instant::now();
    let start = Starter::start(Script::new(Outcome::Never)).timeout(millis(20));
    assert_eq!(start.await, Err(StartError::Timeout(millis(20))));
    assert!((millis(20)..secs(2)).contains(&began.elapsed()));
}

async fn one_of_two_gets_the_name() {
    for _ in 0..500 {
        let [first, second] = [(); 2].map(|()| {
            let start = Starter::start(Script::new(Outcome::Run)).name("starter");
            in_process(async move |_| start.await)
        });
        let (owner, refused) = match tokio::join!(first, second) {
            (Ok(owner), Err(error)) | (Err(error), Ok(owner)) => (owner, error),
            both => panic!("{both:?}"),
        };
        let pid = gen_server::whereis(&owner).unwrap();
        assert_eq!(refused, StartError::AlreadyStarted(pid.into()));
        assert_eq!(process::whereis("starter"), Some(pid));
        gen_server::stop(&owner).await.unwrap();
    }
}

/// GS-9
#[cordial::test(workers = 1)]
async fn one_of_two_who_want_a_name_gets_it_on_one_worker() {
    one_of_two_gets_the_name().await;
}

/// GS-9
#[cordial::test(workers = 2)]
async fn one_of_two_who_want_a_name_gets_it_on_two_workers() {
    one_of_two_gets_the_name().await;
}

/// GS-4, GS-6, GS-8
#[cordial::test(workers = 2)]
async fn failed_start_has_freed_the_name_for_the_next_one() {
    for round in 0..500 {
        let outcome = if round % 2 == 0 { Outcome::Stop(custom()) } else { Outcome::Panic };
        let failed = Starter::start(Script::new(outcome)).name("starter").await;
        assert!(matches!(failed, Err(StartError::Init(_))), "{failed:?}");
        assert_eq!(process::whereis("starter"), None);
    }
}

/// GS-9
// break: GS-9 runtime/cordial/src/process/names.rs
//     `Holder::of_name(owner.pid, owner.since.elapsed())` =>
//     `Holder::of_name(pid, owner.since.elapsed())`
#[cordial::test]
async fn taken_name_gives_its_owner_and_disturbs_nobody() {
    let owner = Starter::start(Script::new(Outcome::Run)).name("starter").await.unwrap();
    let pid = gen_server::whereis(&owner).unwrap();
    let script = Script::new(Outcome::Run);
    let again = script.clone();
    in_process(async move |mut mail| {
        process::trap_exit(true);
        let started = Starter::start(again.clone()).name("starter").await;
        assert_eq!(started, Err(StartError::AlreadyStarted(pid.into())));
        let linked = Starter::start_link(again).name("starter").await;
        assert_eq!(linked, Err(StartError::AlreadyStarted(pid.into())));
        assert!(is_silent(mail.receive()).await);
    })
    .await;
    assert!(script.log.take().is_empty());
    assert_eq!(owner.ping().await, Ok("pong"));
    assert_eq!(process::whereis("starter"), Some(pid));
}

/// GS-20
#[cordial::test]
async fn call_to_a_server_that_is_still_starting_waits_for_how_it_goes() {
    for fails in [false, true] {
        let handle = Arc::new(Mutex::new(None));
        let script = Script::new(Outcome::Calls(handle.clone(), fails));
        let (started, answer) = tokio::join!(Starter::start(script.clone()), async {
            script.gate.reached().await;
            let server: StarterRef = handle.lock().unwrap().take().unwrap();
            let call = server.ping();
            script.gate.open();
            call.await
        });
        match fails {
            false => assert_eq!((started.is_ok(), answer), (true, Ok("pong"))),
            true => assert_eq!(answer.unwrap_err().reason(), Some(custom())),
        }
    }
}

#[cordial::test]
async fn dropped_start_kills_the_process_and_frees_its_name() {
    for linked in [false, true] {
        let script = Script::new(Outcome::Never);
        let started = script.clone();
        in_process(async move |mut mail| {
            process::trap_exit(true);
            let start = match linked {
                false => Starter::start(started),
                true => Starter::start_link(started),
            };
            assert!(timeout(millis(10), start.name("starter")).await.is_err());
            assert!(is_silent(mail.receive()).await);
        })
        .await;
        let (_, end) = script.life();
        expect_down(end, ExitReason::Killed).await;
        assert_eq!(process::whereis("starter"), None);
        assert_eq!(script.log.take(), ["init, known"]);
    }
}

async fn starters_that_are_killed() {
    for round in 0..500 {
        let script = Script::new(Outcome::Yields(round % 5));
        let (parent, down) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            let _server = Starter::start_link(script).name("starter").await;
            mail.next().await;
        });
        for _ in 0..round % 7 {
            tokio::task::yield_now().await;
        }
        process::exit(&parent, ExitReason::Kill);
        assert_eq!(down.await.reason, ExitReason::Killed);
        // Killed with its start, or over the link once it ran.
        if let Some(started) = process::whereis("starter") {
            let down = timeout(secs(10), process::monitor(&started)).await;
            let reason = down.expect("it does not outlive its parent").reason;
            assert!(matches!(reason, ExitReason::Killed | ExitReason::NoProc), "{reason}");
        }
        assert_eq!(process::whereis("starter"), None);
    }
    assert_eq!(Node::current().unwrap().processes(), 0);
}

/// GS-2
#[cordial::test(workers = 1)]
async fn server_whose_starter_is_killed_ends_on_one_worker() {
    starters_that_are_killed().await;
}

/// GS-2
#[cordial::test(workers = 2)]
async fn server_whose_starter_is_killed_ends_on_two_workers() {
    starters_that_are_killed().await;
}

// ===== Nowhere to start =====

#[cordial::test]
async fn start_link_outside_a_process_has_no_parent() {
    let script = Script::new(Outcome::Run);
    let started = Starter::start_link(script.clone()).name("starter").await;
    assert_eq!(started, Err(StartError::NoParent));
    assert!(script.log.take().is_empty());
    assert_eq!(process::whereis("starter"), None);
}

#[cordial::test]
async fn node_that_was_shut_down_starts_nothing() {
    let server = Starter::start(Script::new(Outcome::Run)).await.unwrap();
    let node = Node::current().unwrap();
    node.shutdown().await;
    let started = Starter::start(Script::new(Outcome::Run)).await;
    assert_eq!(started, Err(StartError::NodeStopping));
    assert!(matches!(server.ping().await, Err(CallError::NoProc(_))));
}

#[test]
fn start_without_a_runtime_says_so() {
    let mut start = Box::pin(Starter::start(Script::new(Outcome::Run)));
    let polled = start.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(Err(StartError::NoRuntime)));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[test]
fn blocking_starts_and_calls_from_a_plain_thread() {
    let runtime = runtime();
    let node = runtime.block_on(async { Node::current().unwrap() });
    let server = Starter::start(Script::new(Outcome::Run)).blocking(&node).unwrap();
    assert_eq!(server.ping().blocking(), Ok("pong"));
    let failed = Starter::start(Script::new(Outcome::Stop(custom()))).blocking(&node);
    assert_eq!(failed, Err(StartError::Init(custom())));
    runtime.block_on(node.shutdown());
    assert!(matches!(server.ping().blocking(), Err(CallError::NoProc(_))));
}

#[cordial::test(workers = 2)]
async fn blocking_works_where_a_runtime_allows_it() {
    let server = Starter::start(Script::new(Outcome::Run)).await.unwrap();
    let node = Node::current().unwrap();
    let blocking = tokio::task::spawn_blocking(move || {
        let other = Starter::start(Script::new(Outcome::Run)).blocking(&node).unwrap();
        (server.ping().blocking(), other.ping().blocking())
    });
    assert_eq!(blocking.await.unwrap(), (Ok("pong"), Ok("pong")));
}

#[cordial::test]
#[should_panic(expected = "`blocking()` inside a tokio runtime would block the thread")]
async fn blocking_call_on_a_runtime_thread_panics_with_the_way_out() {
    let server = Starter::start(Script::new(Outcome::Run)).await.unwrap();
    let _ = server.ping().blocking();
}

#[cordial::test]
#[should_panic(expected = "`blocking()` inside a tokio runtime would block the thread")]
async fn blocking_start_on_a_runtime_thread_panics_with_the_way_out() {
    let node = Node::current().unwrap();
    let _ = Starter::start(Script::new(Outcome::Run)).blocking(&node);
}

// ===== As a child =====

/// GS-51
// break: GS-51 runtime/cordial/src/gen_server/mod.rs
//     `const RESTART: Restart = Restart::Permanent;` =>
//     `const RESTART: Restart = Restart::Transient;`
#[test]
fn child_spec_is_a_permanent_worker_with_five_seconds_called_like_its_type() {
    let spec = format!("{:?}", Starter::child_spec(Script::new(Outcome::Run)));
    let five = Shutdown::Timeout(secs(5));
    let expected =
        format!("ChildSpec {{ id: \"Starter\", restart: Permanent, shutdown: {five:?}, .. }}");
    assert_eq!(spec, expected);
}
