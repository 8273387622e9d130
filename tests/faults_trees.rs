//! The fault table, one test a row: supervisors. See `faults_lives`.
use crate::gen_server_support::pass;
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor;
use cordial::test::expect_down;
use cordial::{DynamicSpec, Node, gen_server, process};
use std::sync::mpsc;
use tokio::time::{Instant, advance};

/// It has a name, and takes its time to end.
#[gen_server(name = "post")]
#[derive(Clone)]
struct Post;

#[gen_server]
impl Post {
    #[cast]
    fn crash(&self) -> Flow {
        Flow::Stop(crash_reason())
    }
    #[terminate]
    async fn end(&mut self) {
        pass(millis(50)).await;
    }
}

/// The name of a child is its again after each restart, however slowly its predecessor ended.
#[cordial::test]
async fn fault_24_name_is_kept_over_restarts() {
    let mut tree = Supervisor::builder().max_restarts(u32::MAX, secs(1));
    let child = tree.add(Post::child_spec(Post));
    let supervisor = tree.start().await.unwrap();
    for _ in 0..300 {
        let before = process::whereis("post").expect("it is registered");
        let down = process::monitor(&child);
        child.crash();
        expect_down(down, crash_reason()).await;
        settle(&supervisor).await;
        let after = process::whereis("post").expect("its successor is registered");
        assert_ne!(before, after);
        assert_eq!(Some(after), gen_server::whereis(&child));
    }
    supervisor::stop(&supervisor).await.unwrap();
    assert_eq!(process::whereis("post"), None);
}

#[cordial::test]
async fn fault_30_children_of_a_killed_supervisor_all_die_after_terminate() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    let children: Vec<_> =
        (0..100).map(|n| tree.add(Script::new("a", &log).spec().id(format!("{n}")))).collect();
    let supervisor = tree.start().await.unwrap();
    log.take();
    let downs: Vec<_> = children.iter().map(process::monitor).collect();
    process::exit(&supervisor, ExitReason::Kill);
    for down in downs {
        expect_down(down, ExitReason::Killed).await;
    }
    assert_eq!(log.take().matches("a stopped").count(), 100);
    assert_eq!(Node::current().unwrap().processes(), 0);
}

/// SUP-28
#[cordial::test]
async fn fault_31_children_stop_in_reverse_order() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    for name in ["a", "b", "c", "d", "e", "f"] {
        tree.add(Script::new(name, &log).spec());
    }
    let supervisor = tree.start().await.unwrap();
    log.take();
    supervisor::stop(&supervisor).await.unwrap();
    let order: Vec<_> = ["f", "e", "d", "c", "b", "a"]
        .map(|name| format!("{name} stops: shutdown, {name} stopped"))
        .into();
    assert_eq!(log.take(), order.join(", "));
}

#[cordial::test]
async fn fault_32_child_that_waits_for_ever_is_killed_in_time() {
    let stuck = Script::new("a", &Log::default()).stops(OnStop::Never);
    let mut tree = Supervisor::builder();
    let child = tree.add(stuck.spec().shutdown(millis(200)));
    let supervisor = tree.start().await.unwrap();
    let (down, began) = (process::monitor(&child), Instant::now());
    supervisor::stop(&supervisor).await.unwrap();
    assert_eq!(began.elapsed(), millis(200));
    expect_down(down, ExitReason::Killed).await;
}

/// Its restart never gets out of `init`; the supervisor stops all the same.
#[cordial::test]
async fn fault_33_child_that_stays_in_init_is_killed() {
    let script = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder();
    let child = tree.add(script.spec());
    let supervisor = tree.start().await.unwrap();
    let down = process::monitor(&child);
    let slow = Script { init_takes: hours(1000), ..script };
    let starting = Box::pin(supervisor::start_child(&supervisor, slow.spec().id("slow")));
    let starting = tokio::time::timeout(millis(10), starting).await;
    assert!(starting.is_err(), "its init takes a thousand hours");
    let began = Instant::now();
    supervisor::stop(&supervisor).await.unwrap();
    expect_down(down, ExitReason::Shutdown).await;
    assert!(began.elapsed() <= secs(120), "{:?}", began.elapsed());
    assert_eq!(Node::current().unwrap().processes(), 0);
}

/// A server that blocks its thread until it is told to go on.
#[gen_server(restart = Temporary)]
struct Blocks;

#[gen_server]
impl Blocks {
    #[init]
    fn new() -> Self {
        Self
    }
    #[cast]
    fn block(&self, entered: Entered, until: Released) {
        entered.0.reply(());
        let _ = until.0.recv();
    }
}

struct Entered(ReplyTo<()>);

struct Released(mpsc::Receiver<()>);

/// Code that does not await cannot be killed, as OTP's can. Others go on meanwhile, and the stop
/// is over as soon as the thread is given back.
#[test]
fn fault_34_child_that_blocks_its_thread_delays_its_own_end_only() {
    crate::support::check_on(Some(2), async || {
        let sup = DynamicSpec::<Blocks>::new().start().await.unwrap();
        let blocks = sup.start_child(()).await.unwrap();
        let ((entered, is_in), (release, until)) = (ReplyTo::pair(), mpsc::channel());
        blocks.block(Entered(entered), Released(until));
        is_in.await.unwrap();
        let down = process::monitor(&blocks);
        process::exit(&blocks, ExitReason::Kill);
        let other = Script::new("a", &Log::default());
        let mut tree = Supervisor::builder();
        let child = tree.add(other.spec());
        let tree = tree.start().await.unwrap();
        assert!(gen_server::whereis(&child).is_some(), "others start and are answered");
        release.send(()).unwrap();
        expect_down(down, ExitReason::Killed).await;
        supervisor::stop(&sup).await.unwrap();
        supervisor::stop(&tree).await.unwrap();
    });
}

/// SUP-20
#[cordial::test]
async fn fault_36_restart_storm_ends_the_supervisor() {
    let script = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder().max_restarts(3, secs(1));
    let child = tree.add(script.spec());
    let supervisor = tree.start().await.unwrap();
    let down = process::monitor(&supervisor);
    script.log.take();
    for _ in 0..4 {
        crash(&child, &supervisor).await;
    }
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(script.log.take().matches("a runs").count(), 3);
}

/// A panic is restarted, too.
#[cordial::test]
async fn fault_36_panic_is_a_crash_like_any_other() {
    let mut tree = Supervisor::builder();
    let child = tree.add(Script::new("a", &Log::default()).spec());
    let supervisor = tree.start().await.unwrap();
    let (down, before) = (process::monitor(&child), gen_server::whereis(&child));
    child.cast(PartMsg::Panic);
    assert!(down.await.reason.panic().is_some());
    settle(&supervisor).await;
    assert!(gen_server::whereis(&child).is_some_and(|pid| Some(pid) != before));
}

/// SUP-20
#[cordial::test]
async fn fault_37_period_is_a_window_that_slides_by_the_millisecond() {
    for (gap, lives) in [(millis(500), true), (millis(499), false)] {
        let mut tree = Supervisor::builder().max_restarts(1, millis(499));
        let child = tree.add(Script::new("a", &Log::default()).spec());
        let supervisor = tree.start().await.unwrap();
        crash(&child, &supervisor).await;
        advance(gap).await;
        crash(&child, &supervisor).await;
        assert_eq!(process::is_alive(&supervisor).await, lives, "{gap:?}");
    }
}

#[cordial::test]
async fn fault_42_ten_thousand_nested_supervisors_start_and_stop() {
    crate::supervisor_deep::start_and_stop().await;
}

/// Twenty children have the restarts of one.
#[cordial::test]
async fn fault_38_restarts_are_counted_per_supervisor() {
    let mut tree = Supervisor::builder().max_restarts(3, secs(5));
    let children: Vec<_> = (0..20)
        .map(|n| tree.add(Script::new("a", &Log::default()).spec().id(format!("{n}"))))
        .collect();
    let supervisor = tree.start().await.unwrap();
    let down = process::monitor(&supervisor);
    for child in &children[..4] {
        crash(child, &supervisor).await;
    }
    expect_down(down, ExitReason::Shutdown).await;
}

#[cordial::test]
async fn fault_39_group_restart_does_not_wait_for_a_sibling_that_is_gone() {
    let log = Log::default();
    let mut tree = Supervisor::builder().strategy(Strategy::OneForAll);
    let crashes = tree.add(Script::new("a", &log).spec());
    let ended = tree.add(Script::new("b", &log).spec().restart(Restart::Transient));
    let supervisor = tree.start().await.unwrap();
    end(&ended, ExitReason::Normal, &supervisor).await;
    let before = gen_server::whereis(&crashes);
    crash(&crashes, &supervisor).await;
    assert!(gen_server::whereis(&crashes).is_some_and(|pid| Some(pid) != before));
    assert!(gen_server::whereis(&ended).is_some(), "as in OTP, the sibling starts again");
}

#[cordial::test]
async fn fault_41_handle_reaches_the_successor_and_the_old_pid_nobody() {
    let mut tree = Supervisor::builder();
    let child = tree.add(Script::new("a", &Log::default()).spec());
    let supervisor = tree.start().await.unwrap();
    let old = gen_server::whereis(&child).unwrap();
    crash(&child, &supervisor).await;
    let successor = gen_server::whereis(&child).unwrap();
    process::exit(&old, ExitReason::Kill);
    expect_down(process::monitor(&old), ExitReason::NoProc).await;
    assert_eq!(gen_server::whereis(&child), Some(successor), "the old pid is nobody's");
    let down = process::monitor(&child);
    process::exit(&child, ExitReason::Kill);
    assert_eq!(down.await.pid, successor);
}
