//! Addresses: a child's handle is made once and reaches every incarnation of it.
use crate::supervisor_support::*;
use crate::support::check_rounds;
use cordial::prelude::*;
use cordial::supervisor::{self, Flags, Once, TreeSpec};
use cordial::test::expect_down;
use cordial::{PlainClient, ServerStruct, gen_server, process};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[cordial::test]
async fn handle_made_before_the_start_reaches_the_child_and_its_successors() {
    let mut tree = Supervisor::builder();
    let child = tree.add(Script::new("a", &Log::default()).spec());
    assert_eq!(child.cast(PartMsg::Noticed).sent(), Err(SendError::NoProc));
    assert_eq!(process::monitor(&child).await.reason, ExitReason::NoProc);

    let supervisor = tree.start().await.unwrap();
    let first = gen_server::whereis(&child).unwrap();
    crash(&child, &supervisor).await;
    let second = gen_server::whereis(&child).unwrap();
    assert_ne!(first, second);
    assert_eq!(child.cast(PartMsg::Noticed).sent(), Ok(()));

    supervisor::stop(&supervisor).await.unwrap();
    assert_eq!(child.cast(PartMsg::Noticed).sent(), Err(SendError::NoProc));
}

#[cordial::test]
async fn handles_of_a_nested_tree_survive_restarts_of_its_supervisor() {
    let part = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder();
    let (inner, child) = tree.add(TreeSpec::new(Flags::default(), "inner", move |tree| {
        (tree.supervisor(), tree.add(part.spec()))
    }));
    let outer = tree.start().await.unwrap();
    let before = (inner.pid(), gen_server::whereis(&child));

    process::exit(&inner, ExitReason::Kill);
    process::monitor(&inner).await;
    settle(&outer).await;
    let after = (inner.pid(), gen_server::whereis(&child));
    assert!(before.0 != after.0 && before.1 != after.1);
    crash(&child, &inner).await;
    assert_eq!(counts(&inner).await, (1, 1));
}

/// SUP-36
#[cordial::test]
async fn restarted_supervisor_waits_for_children_that_its_killed_predecessor_left() {
    // Scenario: the supervisor is killed, its child takes two seconds to terminate, and the outer
    // supervisor restarts the inner one at once. The child's address is still taken.
    let log = Log::default();
    let part = Script::new("a", &log).stops(OnStop::Takes(secs(2)));
    let mut tree = Supervisor::builder();
    let inner = tree.add(TreeSpec::new(Flags::default(), "inner", move |tree| {
        tree.add(part.spec());
        tree.supervisor()
    }));
    let outer = tree.start().await.unwrap();
    log.take();

    process::exit(&inner, ExitReason::Kill);
    process::monitor(&inner).await;
    assert_eq!(counts(&outer).await, (1, 1));
    assert_eq!(log.take(), "a stops: killed, a stopped, init a, a runs");
}

/// SUP-46
// break: SUP-46 runtime/cordial/src/supervisor/server.rs
//     `for definition in charter.children.iter() {` =>
//     `for definition in charter.children.iter().filter(|it| it.start.process().born() == 0) {`
#[cordial::test]
async fn restarted_supervisor_has_its_static_children_only() {
    let (log, flags) = (Log::default(), Flags { max_restarts: 0, ..Flags::default() });
    let part = Script::new("a", &log);
    let mut tree = Supervisor::builder();
    let (inner, child) = tree
        .add(TreeSpec::new(flags, "inner", move |tree| (tree.supervisor(), tree.add(part.spec()))));
    let outer = tree.start().await.unwrap();
    let added = inner.start_child(Script::new("z", &log).spec()).await.unwrap();

    let down = process::monitor(&inner);
    crash(&child, &inner).await;
    expect_down(down, ExitReason::Shutdown).await;
    settle(&outer).await;
    assert_eq!(living(&inner).await.len(), 1);
    assert_eq!(gen_server::whereis(&added), None);
}

struct Named(Arc<AtomicUsize>);
impl Drop for Named {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
impl ServerStruct for Named {
    const NAME: Option<&'static str> = Some("the one");
    type Replay = supervisor::Replayed;
}
impl GenServer for Named {
    type Msg = ();
    /// How many live.
    type Args = Arc<AtomicUsize>;
    type Client = PlainClient<()>;
    async fn init(living: Arc<AtomicUsize>, _: &mut Ctx<Self>) -> Init<Self> {
        assert_eq!(living.fetch_add(1, SeqCst), 0, "there are never two incarnations at once");
        Init::run(Self(living))
    }
    async fn handle(&mut self, _: (), _: &mut Ctx<Self>) -> Flow {
        Flow::Stop(crash_reason())
    }
}

/// SUP-58
// break: SUP-58 runtime/cordial/src/process/names.rs
//     `let gone = names.remove(name);` => `let gone = names.get(name).cloned();`
#[test]
fn named_child_never_collides_with_its_own_name() {
    check_rounds(crash_named_child_in_a_loop);
}

/// Crashes, as fast as they come.
async fn crash_named_child_in_a_loop(rounds: usize) {
    let living = Arc::new(AtomicUsize::new(0));
    let mut tree = Supervisor::builder().max_restarts(u32::try_from(rounds).unwrap(), secs(60));
    let child = tree.add(ChildSpec::<Named>::new(living));
    let supervisor = tree.start().await.unwrap();
    for _ in 0..rounds {
        let before = gen_server::whereis(&child);
        child.cast(());
        while matches!(gen_server::whereis(&child), pid if pid.is_none() || pid == before) {
            assert_eq!(counts(&supervisor).await.0, 1);
        }
        assert_eq!(process::whereis("the one"), gen_server::whereis(&child));
    }
}

/// A child whose arguments are no `Clone`, as a socket is none.
struct Socket;
struct NoClone;
impl ServerStruct for Socket {
    const RESTART: Restart = Restart::Temporary;
    type Replay = Once;
}
impl GenServer for Socket {
    type Msg = ();
    type Args = NoClone;
    type Client = PlainClient<()>;
    async fn init(_: NoClone, _: &mut Ctx<Self>) -> Init<Self> {
        Init::run(Self)
    }
    async fn handle(&mut self, _: (), _: &mut Ctx<Self>) -> Flow {
        Flow::Stop(crash_reason())
    }
}

#[cordial::test]
async fn temporary_child_needs_no_clone_and_one_made_anew_neither() {
    let mut tree = Supervisor::builder();
    let socket = tree.add(ChildSpec::<Socket>::new(NoClone));
    let made =
        tree.add(ChildSpec::<Socket, _>::with(|| NoClone).id("made").restart(Restart::Permanent));
    let supervisor = tree.start().await.unwrap();
    for child in [&socket, &made] {
        let down = process::monitor(child);
        child.cast(());
        expect_down(down, crash_reason()).await;
    }
    settle(&supervisor).await;
    assert_eq!(gen_server::whereis(&socket), None);
    assert!(gen_server::whereis(&made).is_some());
    assert_eq!(counts(&supervisor).await, (1, 1));
}
