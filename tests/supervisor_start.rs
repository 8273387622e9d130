//! How supervisors start and stop.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::process::Mailbox;
use cordial::supervisor::{self, AutoShutdown, ChildState, Flags, TreeSpec};
use cordial::test::expect_down;
use cordial::{Node, gen_server, process};
use std::task::{Context, Poll, Waker};
use tokio::sync::oneshot;

/// SUP-1
// break: SUP-1 runtime/cordial/src/supervisor/plan.rs
//     `self.children.keys().copied()` => `self.children.keys().rev().copied()`
#[cordial::test]
async fn children_start_one_after_the_other_in_order() {
    let log = Log::default();
    let slow = Script { init_takes: secs(2), ..Script::new("a", &log) };
    let mut tree = Supervisor::builder();
    tree.add(slow.spec());
    tree.add(Script::new("b", &log).spec());
    tree.start().await.unwrap();
    assert_eq!(log.take(), "init a, a runs, init b, b runs");
}

/// SUP-2
// break: SUP-2 runtime/cordial/src/supervisor/plan.rs
//     `self.children.iter().rev().filter_map(running)` =>
//     `self.children.iter().filter_map(running)`
#[cordial::test]
async fn children_stop_one_after_the_other_in_reverse_order_and_the_supervisor_last() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    for name in ["a", "b", "c"] {
        tree.add(Script::new(name, &log).stops(OnStop::Takes(secs(1))).spec());
    }
    let supervisor = tree.start().await.unwrap();
    log.take();

    let down = process::monitor(&supervisor);
    supervisor::stop(&supervisor).await.unwrap();
    log.write("supervisor gone");
    expect_down(down, ExitReason::Normal).await;
    assert_eq!(
        log.take(),
        "c stops: shutdown, c stopped, b stops: shutdown, b stopped, \
         a stops: shutdown, a stopped, supervisor gone"
    );
}

/// SUP-3, SUP-35
// break: SUP-3 runtime/cordial/src/supervisor/server.rs
//     `const TRAP_EXIT: bool = true;` => `const TRAP_EXIT: bool = false;`
// break: SUP-35 runtime/cordial/src/supervisor/requests.rs
//     `return Flow::Continue;` => `return Flow::Stop(exit.reason);`
#[cordial::test]
async fn exit_signal_of_a_stranger_is_ignored() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    let child = tree.add(Script::new("a", &log).spec());
    let supervisor = tree.start().await.unwrap();
    let before = gen_server::whereis(&child).unwrap();

    for reason in [ExitReason::Shutdown, ExitReason::Normal, crash_reason()] {
        let target = supervisor.clone();
        let stranger = async move |_: Mailbox<()>| process::exit(&target, reason);
        process::spawn_monitor(stranger).1.await;
    }
    settle(&supervisor).await;
    assert_eq!(gen_server::whereis(&child), Some(before));
}

/// SUP-4
// break: SUP-4 runtime/cordial/src/supervisor/server.rs
//     `server.stop_children().await; // SUP-4` => ``
#[cordial::test]
async fn child_that_does_not_start_takes_the_earlier_ones_down_in_reverse_order() {
    let log = Log::default();
    for outcome in [Outcome::Stop, Outcome::Panic] {
        let mut tree = Supervisor::builder();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| Script::new(name, &log));
        c.will_start([outcome]);
        let handles = [a, b, c, d].map(|script| tree.add(script.spec()));

        let error = tree.start().await.unwrap_err();
        assert!(matches!(&error, StartError::Child(id, _) if &**id == "c"), "{error}");
        assert!(error.to_string().starts_with("child `c` did not start: `init` failed: "));
        assert!(handles.iter().all(|handle| gen_server::whereis(handle).is_none()));
        assert_eq!(
            log.take(),
            "init a, a runs, init b, b runs, init c, \
             b stops: shutdown, b stopped, a stops: shutdown, a stopped"
        );
    }
}

/// SUP-4, SUP-5
// break: SUP-5 runtime/cordial/src/supervisor/start.rs
//     `panics::contain(|| build(node)).map_err(StartError::Init).flatten()` => `build(node)`
#[cordial::test]
async fn failed_start_leaves_no_exit_in_a_trapping_parent() {
    let log = Log::default();
    let parent = async move |mut mail: Mailbox<()>| {
        process::trap_exit(true);
        let script = Script::new("a", &log);
        script.will_start([Outcome::Stop]);
        let mut tree = Supervisor::builder();
        tree.add(script.spec());
        assert!(matches!(tree.start_link().await, Err(StartError::Child(..))));

        let panics = TreeSpec::<()>::new(Flags::default(), "bad", |_| panic!("while building"));
        let error: StartError = panics.start_link().await.unwrap_err();
        assert!(matches!(error, StartError::Init(ExitReason::Panic(_))));

        // Whatever the two had left would stand before this.
        mail.send_self(());
        assert!(matches!(mail.receive().await, process::Received::Message(())));
    };
    expect_normal(process::spawn_monitor(parent).1).await;
}

async fn expect_normal(down: impl Future<Output = Down>) {
    assert_eq!(down.await.reason, ExitReason::Normal);
}

/// SUP-6
// break: SUP-6 runtime/cordial/src/supervisor/plan.rs
//     `pub(crate) fn on_ignored(&mut self, key: ChildKey) -> Vec<Action> {` =>
//     `pub(crate) fn on_ignored(&mut self, key: ChildKey) -> Vec<Action> { if self.policy.retain ==
//     Retain::Spec { return Vec::new(); }`
#[cordial::test]
async fn child_that_asks_to_be_ignored_keeps_its_spec_unless_temporary() {
    let log = Log::default();
    let scripts = ["a", "b", "c"].map(|name| Script::new(name, &log));
    scripts.iter().for_each(|script| script.will_start([Outcome::Ignore]));
    let mut tree = Supervisor::builder();
    tree.add(scripts[0].spec());
    tree.add(scripts[1].spec().restart(Restart::Transient));
    tree.add(scripts[2].spec().temporary());
    let supervisor = tree.start().await.unwrap();

    let children = supervisor::which_children(&supervisor).await.unwrap();
    let states: Vec<_> = children.iter().map(|c| (c.id.as_deref(), c.state)).collect();
    assert_eq!(states, [(Some("b"), ChildState::Stopped), (Some("a"), ChildState::Stopped)]);
}

/// SUP-8
// break: SUP-8 runtime/cordial/src/supervisor/tree.rs `max_restarts: 3,` => `max_restarts: 1,`
#[test]
fn flags_and_specs_have_the_defaults_of_elixir() {
    let flags = Flags::default();
    let (strategy, auto_shutdown) = (Strategy::OneForOne, AutoShutdown::Never);
    assert_eq!(flags, Flags { strategy, max_restarts: 3, period: secs(5), auto_shutdown });

    let spec = format!("{:?}", Script::new("a", &Log::default()).spec());
    assert_eq!(spec, "ChildSpec { id: \"a\", restart: Permanent, shutdown: Timeout(5s), .. }");
    let tree = format!("{:?}", TreeSpec::new(flags, "tree", |_| ()));
    assert!(tree.contains("restart: Permanent, shutdown: Infinity"), "{tree}");
}

/// SUP-9
// break: SUP-9 runtime/cordial/src/supervisor/tree.rs
//     `if self.period.is_zero() {` => `if self.period.is_zero() && self.max_restarts == 0 {`
#[cordial::test]
async fn period_of_zero_is_refused() {
    let by_hand = Supervisor::builder().max_restarts(3, secs(0)).start().await;
    assert!(matches!(by_hand, Err(StartError::InvalidFlags(_))));

    let flags = Flags { period: secs(0), ..Flags::default() };
    let mut outer = Supervisor::builder();
    outer.add(TreeSpec::new(flags, "inner", |_| ()));
    let nested = outer.start().await;
    assert!(matches!(nested, Err(StartError::InvalidFlags(_))));
}

/// SUP-11
// break: SUP-11 runtime/cordial/src/supervisor/tree.rs
//     `if !self.ids.insert(id.clone()) {` => `if self.ids.contains(id) {`
#[cordial::test]
async fn two_children_of_one_id_start_nothing() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    tree.add(Script::new("a", &log).spec());
    tree.add(Script::new("b", &log).spec().id("a"));
    assert_eq!(tree.start().await.unwrap_err(), StartError::DuplicateChild("a".into()));
    assert_eq!(log.take(), "");
}

/// SUP-35
// break: SUP-35 runtime/cordial/src/gen_server/server.rs
//     `if self.ctx.is_parent(exit.from) {` =>
//     `if self.ctx.is_parent(exit.from) && exit.reason != ExitReason::Normal {`
#[cordial::test]
async fn end_of_the_parent_stops_the_tree_in_order_with_the_parents_reason() {
    for reason in [ExitReason::Normal, ExitReason::Shutdown, crash_reason()] {
        let log = Log::default();
        let mut tree = Supervisor::builder();
        for name in ["a", "b"] {
            tree.add(Script::new(name, &log).spec());
        }
        let (tell, told) = oneshot::channel();
        let ends_with = reason.clone();
        let (parent, _down) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            tell.send(tree.start_link().await.unwrap()).unwrap();
            mail.next().await;
            ends_with
        });
        let down = process::monitor(&told.await.unwrap());
        log.take();

        parent.send(());
        expect_down(down, reason).await;
        assert_eq!(log.take(), "b stops: shutdown, b stopped, a stops: shutdown, a stopped");
    }
}

/// SUP-36
// break: SUP-36 runtime/cordial/src/gen_server/server.rs
//     `if self.ctx.is_parent(exit.from) {` =>
//     `if self.ctx.is_parent(exit.from) && exit.reason != ExitReason::Killed {`
#[cordial::test]
async fn children_of_a_killed_supervisor_end_with_killed_after_terminate() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    let traps = tree.add(Script::new("a", &log).spec());
    let plain = tree.add(Script::new("b", &log).plain_spec());
    let supervisor = tree.start().await.unwrap();
    log.take();

    let downs = [process::monitor(&traps), process::monitor(&plain)];
    process::exit(&supervisor, ExitReason::Kill);
    for down in downs {
        expect_down(down, ExitReason::Killed).await;
    }
    assert_eq!(log.take(), "a stops: killed, a stopped");
}

/// SUP-37
// break: SUP-37 runtime/cordial/src/supervisor/server.rs
//     `        self.stop_children().await;` => ``
#[cordial::test]
async fn stop_returns_when_the_whole_tree_is_dead_with_the_reason_that_was_given() {
    let log = Log::default();
    let part = Script::new("a", &log).stops(OnStop::Takes(secs(3)));
    let mut tree = Supervisor::builder();
    let inner =
        tree.add(TreeSpec::new(Flags::default(), "inner", move |tree| tree.add(part.spec())));
    let supervisor = tree.start().await.unwrap();

    let down = process::monitor(&supervisor);
    supervisor::stop_with(&supervisor, crash_reason(), secs(60)).await.unwrap();
    assert_eq!(gen_server::whereis(&inner), None);
    expect_down(down, crash_reason()).await;
}

/// SUP-38
// break: SUP-38 runtime/cordial/src/supervisor/plan.rs
//     `let key = ChildKey(self.next);` => `let key = ChildKey(u64::MAX - self.next);`
#[cordial::test]
async fn child_started_later_is_last_to_stop_and_restarted_by_rest_for_one() {
    let log = Log::default();
    let mut tree = Supervisor::builder().strategy(Strategy::RestForOne);
    let a = tree.add(Script::new("a", &log).spec());
    let supervisor = tree.start().await.unwrap();
    supervisor.start_child(Script::new("z", &log).spec()).await.unwrap();
    log.take();

    crash(&a, &supervisor).await;
    let restarted = "z stops: shutdown, z stopped, init a, a runs, init z, z runs";
    assert_eq!(log.take(), format!("a stops: crash, a stopped, {restarted}"));
    supervisor::stop(&supervisor).await.unwrap();
    assert_eq!(log.take(), "z stops: shutdown, z stopped, a stops: shutdown, a stopped");
}

/// SUP-53
// break: SUP-53 runtime/cordial/src/supervisor/tree.rs
//     `let how = StartIn { name: how.name.or_else(|| self.name.clone()), ..how };` =>
//     `let how = StartIn { name: None, ..how };`
#[cordial::test]
async fn named_supervisor_is_found_by_its_name_and_there_is_one_of_it() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    tree.add(Script::new("a", &log).spec());
    let first = tree.start().name("harbor").await.unwrap();
    assert_eq!(process::whereis("harbor"), first.pid());
    log.take();

    let mut tree = Supervisor::builder().name("harbor");
    tree.add(Script::new("b", &log).spec());
    let taken = StartError::AlreadyStarted(first.pid().unwrap().into());
    assert_eq!(tree.start().await.unwrap_err(), taken);
    assert_eq!(log.take(), "", "no child starts");

    supervisor::stop(&first).await.unwrap();
    let named = TreeSpec::new(Flags::default(), "tree", |tree| tree.supervisor()).name("harbor");
    let second = named.start().await.unwrap();
    assert_eq!(process::whereis("harbor"), second.pid());
}

/// SUP-53
#[cordial::test]
async fn restarted_supervisor_has_its_name_again() {
    let mut tree = Supervisor::builder();
    let named = Supervisor::builder().id("inner").name("inner");
    let inner = tree.add(named);
    let outer = tree.start().await.unwrap();
    let before = process::whereis("inner");
    process::exit("inner", ExitReason::Kill);
    process::monitor(&inner).await;
    settle(&outer).await;
    assert!(before.is_some() && process::whereis("inner") == inner.pid());
    assert_ne!(process::whereis("inner"), before);
}

/// SUP-53
#[cordial::test]
async fn dead_supervisor_answers_noproc() {
    let (log, supervisor) = (Log::default(), Supervisor::builder().start().await.unwrap());
    supervisor::stop(&supervisor).await.unwrap();
    let answer = supervisor::which_children(&supervisor).await;
    assert!(matches!(answer, Err(CallError::NoProc(_))));
    let answer = supervisor::start_child(&supervisor, Script::new("a", &log).spec()).await;
    assert!(matches!(answer, Err(supervisor::StartChildError::Call(CallError::NoProc(_)))));
    let answer = supervisor::terminate_child(&supervisor, "a").await;
    assert!(matches!(answer, Err(TryCallError::Call(CallError::NoProc(_)))));
}

#[cordial::test]
async fn start_dropped_half_way_leaves_nothing() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    let a = tree.add(Script::new("a", &log).spec());
    let b = tree.add(Script { init_takes: secs(9), ..Script::new("b", &log) }.spec());
    let started = tokio::time::timeout(secs(1), tree.start()).await;
    assert!(started.is_err());
    for child in [a, b] {
        process::monitor(&child).await;
        assert_eq!(gen_server::whereis(&child), None);
    }
}

#[test]
fn start_without_a_runtime_is_an_error() {
    let mut tree = Supervisor::builder();
    let child = tree.add(Script::new("a", &Log::default()).spec());
    let mut start = std::pin::pin!(tree.start());
    let polled = start.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Err(StartError::NoRuntime))));
    assert_eq!(child.cast(PartMsg::Panic).sent(), Err(SendError::NoProc));
}

#[test]
fn blocking_starts_a_tree_from_a_plain_thread() {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
    let node = runtime.block_on(async { Node::current().unwrap() });
    let mut tree = runtime.block_on(async { Supervisor::builder() });
    let child = tree.add(Script::new("a", &Log::default()).spec());
    let supervisor = tree.start().name("harbor").blocking(&node).unwrap();
    assert_eq!(supervisor::count_children(&supervisor).blocking().unwrap().active, 1);
    assert!(gen_server::whereis(&child).is_some());
    let taken = cordial::DynamicSupervisor::start::<Part>().name("harbor").blocking(&node);
    assert_eq!(taken.unwrap_err(), StartError::AlreadyStarted(supervisor.pid().unwrap().into()));
}
