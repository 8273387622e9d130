//! Dynamic supervisors.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor::{
    self, ChildState, Counts, Flags, NotFound, Replayed, StartChildError, TreeSpec,
};
use cordial::test::expect_down;
use cordial::{
    DynamicSpec, DynamicSupervisor, Message, PlainClient, ServerStruct, SupervisorRef, gen_server,
    process,
};
use std::time::Duration;
use tokio::time::Instant;

async fn start() -> (Log, DynamicRef<Part>) {
    (Log::default(), DynamicSupervisor::start().await.unwrap())
}

/// DYN-1
// break: DYN-1 runtime/cordial/src/dynamic_supervisor.rs
//     `(Flags::default(), usize::MAX)` => `(Flags::default(), 1_000)`
#[test]
fn defaults_are_those_of_elixir() {
    let spec = format!("{:?}", DynamicSpec::<Part>::new());
    let flags = format!("flags: {:?}, max_children: {}", Flags::default(), usize::MAX);
    assert!(spec.contains(&flags), "{spec}");
    assert!(spec.contains("restart: Permanent, shutdown: Infinity"), "{spec}");
}

/// DYN-2
// break: DYN-2 runtime/cordial/src/dynamic_supervisor.rs
//     `site.check_flags(&self.flags);` => ``
#[cordial::test]
async fn period_of_zero_is_refused() {
    let started = DynamicSpec::<Part>::new().max_restarts(3, secs(0)).start().await;
    assert!(matches!(started, Err(StartError::InvalidFlags(_))));
}

/// DYN-3
// break: DYN-3 runtime/cordial/src/supervisor/requests.rs
//     `id: self.kind.has_ids().then(|| child.id.clone()),` => `id: Some(child.id.clone()),`
#[cordial::test]
async fn same_spec_starts_many_children_without_ids() {
    let (log, parts) = start().await;
    for _ in 0..3 {
        parts.start_child(Script::new("a", &log).spec()).await.unwrap();
    }
    let children = supervisor::which_children(&parts).await.unwrap();
    assert_eq!(children.len(), 3);
    assert!(children.iter().all(|child| child.id.is_none()));
    assert_eq!(parts.children().await.unwrap().len(), 3);
}

/// DYN-4
// break: DYN-4 runtime/cordial/src/supervisor/requests.rs
//     `Err(error) => {` =>
//     `Err(error) if !self.kind.has_ids() => Err(StartChildError::Start(error)), Err(error) => {`
#[cordial::test]
async fn nothing_is_kept_of_a_child_that_did_not_start() {
    let (log, parts) = start().await;
    for outcome in [Outcome::Ignore, Outcome::Stop, Outcome::Panic] {
        let script = Script::new("a", &log);
        script.will_start([outcome]);
        let error = parts.start_child(script.spec()).await.unwrap_err();
        match outcome {
            Outcome::Ignore => assert_eq!(error, StartChildError::Start(StartError::Ignore)),
            _ => assert!(matches!(error, StartChildError::Start(StartError::Init(_)))),
        }
        assert_eq!(counts(&parts).await, (0, 0), "{outcome:?}");
    }
    parts.start_child(Script::new("a", &log).spec()).await.unwrap();
}

/// DYN-5
// break: DYN-5 runtime/cordial/src/supervisor/child_spec.rs
//     `self.refuse(StartError::InvalidFlags(DYNAMIC_SIGNIFICANT));` => ``
#[cordial::test]
async fn significant_child_is_refused_without_asking_the_supervisor() {
    let (log, parts) = start().await;
    supervisor::stop(&parts).await.unwrap();
    let spec = Script::new("a", &log).spec().temporary();
    let refused = parts.start_child(spec.significant(true)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the child did not start: a child of a dynamic supervisor is never significant"
    );
    let spec = Script::new("a", &log).spec().temporary();
    assert!(matches!(parts.start_child(spec).await, Err(StartChildError::Call(_))));
}

/// DYN-6
#[cordial::test]
async fn max_children_of_zero_refuses_all() {
    let parts = DynamicSpec::<Part>::new().max_children(0).start().await.unwrap();
    let refused = parts.start_child(Script::new("a", &Log::default()).spec()).await;
    assert_eq!(refused, Err(StartChildError::MaxChildren(0)));
}

/// DYN-6
// break: DYN-6 runtime/cordial/src/supervisor/requests.rs
//     `self.plan.counts().specs >= max_children` => `self.plan.counts().active >= max_children`
#[cordial::test]
async fn no_more_children_than_max_children() {
    let spec = DynamicSpec::<Part>::new().max_children(1).max_restarts(1_000_000, secs(5));
    let (log, parts) = (Log::default(), spec.start().await.unwrap());
    let script = Script::new("a", &log);
    let child = parts.start_child(script.spec()).await.unwrap();
    let full = Err(StartChildError::MaxChildren(1));
    assert_eq!(parts.start_child(script.spec()).await, full);

    // One that is restarting counts.
    script.will_always(Outcome::Stop);
    let pid = gen_server::whereis(&child).unwrap();
    crash(&child, &parts).await;
    assert_eq!(counts(&parts).await, (1, 0));
    assert_eq!(parts.start_child(script.spec()).await, full);

    // DYN-15: it is still found by its last pid.
    parts.terminate_pid(pid).await.unwrap();
    script.will_start([]);
    parts.start_child(script.spec()).await.unwrap();
}

/// DYN-7
// break: DYN-7 runtime/cordial/src/supervisor/child_spec.rs
//     `const CLONE: Option<fn(&A) -> A> = Some(A::clone);` =>
//     `const CLONE: Option<fn(&A) -> A> = None;`
#[cordial::test]
async fn extra_arguments_come_first_at_every_start() {
    let labels = DynamicSupervisor::start::<Label>().await.unwrap();
    let labels = labels.extra_arguments(("tea", 1));
    let label = labels.start_child(('x',)).await.unwrap();
    let text = async || label.call("text", LabelMsg::Text).await.unwrap();
    assert_eq!(text().await, "tea 1 x");
    let down = process::monitor(&label);
    process::exit(&label, ExitReason::Kill);
    down.await;
    settle(labels.children()).await;
    assert_eq!(text().await, "tea 1 x");
}

/// Says what it was started with.
struct Label(String);
enum LabelMsg {
    Text(ReplyTo<String>),
}
impl Message for LabelMsg {
    fn kind(&self) -> &'static str {
        "text"
    }
}
impl ServerStruct for Label {
    type Replay = Replayed;
}
impl Child for Label {
    type Handle = Ref<Self>;
}
impl GenServer for Label {
    type Msg = LabelMsg;
    type Args = (&'static str, u8, char);
    type Client = PlainClient<LabelMsg>;
    async fn init((word, number, letter): Self::Args, _: &mut Ctx<Self>) -> Init<Self> {
        Init::run(Self(format!("{word} {number} {letter}")))
    }
    async fn handle(&mut self, LabelMsg::Text(from): LabelMsg, _: &mut Ctx<Self>) -> Flow {
        from.reply(self.0.clone());
        Flow::Continue
    }
}

/// DYN-8
// break: DYN-8 runtime/cordial/src/supervisor/server.rs
//     `Kind::Dynamic { .. } => Retain::Nothing,` => `Kind::Dynamic { .. } => Retain::Spec,`
#[cordial::test]
async fn restart_types_decide_as_in_other_supervisors() {
    for (restart, reason, lives) in [
        (Restart::Permanent, ExitReason::Normal, 1),
        (Restart::Permanent, crash_reason(), 1),
        (Restart::Transient, ExitReason::Shutdown, 0),
        (Restart::Transient, crash_reason(), 1),
        (Restart::Temporary, ExitReason::Normal, 0),
        (Restart::Temporary, crash_reason(), 0),
    ] {
        let (log, parts) = start().await;
        let spec = Script::new("a", &log).spec().restart(restart);
        let child = parts.start_child(spec).await.unwrap();
        end(&child, reason.clone(), &parts).await;
        assert_eq!(counts(&parts).await, (lives, lives), "{restart:?} {reason}");
        assert_eq!(gen_server::whereis(&child).is_some(), lives == 1);
    }
}

/// DYN-9
// break: DYN-9 runtime/cordial/src/supervisor/server.rs
//     `for then in self.plan.on_ignored(key) {` => `for then in [] {`
#[cordial::test]
async fn restart_that_is_ignored_removes_the_child() {
    let (log, parts) = start().await;
    let script = Script::new("a", &log);
    let child = parts.start_child(script.spec()).await.unwrap();
    script.will_start([Outcome::Stop, Outcome::Ignore]);
    crash(&child, &parts).await;
    assert_eq!(counts(&parts).await, (0, 0));
}

/// DYN-10
// break: DYN-10 runtime/cordial/src/supervisor/server.rs
//     `Err(_) => actions = self.plan.on_start_failed(key).into(),` => `Err(_) => actions.clear(),`
#[cordial::test]
async fn restart_that_succeeds_at_the_second_try_is_within_two() {
    let parts = DynamicSpec::<Part>::new().max_restarts(2, secs(5)).start().await.unwrap();
    let script = Script::new("a", &Log::default());
    let child = parts.start_child(script.spec()).await.unwrap();
    script.will_start([Outcome::Stop]);
    crash(&child, &parts).await;
    assert_eq!(counts(&parts).await, (1, 1));
    assert!(gen_server::whereis(&child).is_some());
}

/// DYN-11
// break: DYN-11 runtime/cordial/src/supervisor/server.rs
//     `Action::GiveUp(_) | Action::ShutDown(_) => {` =>
//     `Action::GiveUp(_) if !self.kind.has_ids() => {} Action::GiveUp(_) | Action::ShutDown(_) =>
//     {`
#[cordial::test]
async fn too_many_restarts_stop_all_children() {
    for fails in [false, true] {
        let (log, parts) = start().await;
        let script = Script::new("a", &log);
        let child = parts.start_child(script.spec()).await.unwrap();
        let other = parts.start_child(Script::new("b", &log).spec()).await.unwrap();
        let downs = (process::monitor(&parts), process::monitor(&other));
        if fails {
            script.will_always(Outcome::Stop);
            crash(&child, &parts).await;
        } else {
            for _ in 0..4 {
                crash(&child, &parts).await;
            }
        }
        expect_down(downs.0, ExitReason::Shutdown).await;
        expect_down(downs.1, ExitReason::Shutdown).await;
    }
}

/// DYN-12
// break: DYN-12 runtime/cordial/src/supervisor/server.rs
//     `stop::stop_all(living, self.teller(), &self.me).await;` =>
//     `let living: Vec<Living> = living;
//     for one in living { stop::stop(one, self.teller(), &self.me).await; }`
#[cordial::test]
async fn children_stop_at_once() {
    let (log, parts) = start().await;
    for name in ["a", "b", "c"] {
        let script = Script::new(name, &log).stops(OnStop::Takes(secs(1)));
        parts.start_child(script.spec()).await.unwrap();
    }
    let began = Instant::now();
    supervisor::stop(&parts).await.unwrap();
    assert_eq!(began.elapsed(), secs(1));
    assert_eq!(log.take().matches("stopped").count(), 3);
}

/// DYN-13
// break: DYN-13 runtime/cordial/src/supervisor/stop.rs
//     `let killed = matches!(child.shutdown, Shutdown::BrutalKill);` => `let killed = false;`
#[cordial::test]
async fn each_child_stops_in_its_own_way() {
    let (log, parts) = start().await;
    let slow = Script::new("a", &log).stops(OnStop::Takes(millis(500)));
    let mut downs = Vec::new();
    for (shutdown, reason) in [
        (Shutdown::Timeout(millis(1)), ExitReason::Killed),
        (Shutdown::Timeout(secs(1)), ExitReason::Shutdown),
        (Shutdown::Infinity, ExitReason::Shutdown),
        (Shutdown::BrutalKill, ExitReason::Killed),
    ] {
        let child = parts.start_child(slow.spec().shutdown(shutdown)).await.unwrap();
        downs.push((process::monitor(&child), reason));
    }
    let began = Instant::now();
    supervisor::stop(&parts).await.unwrap();
    assert_eq!(began.elapsed(), millis(500));
    for (down, reason) in downs {
        expect_down(down, reason).await;
    }
}

/// The limits are kept whatever the order in which the children were started.
#[cordial::test]
async fn stuck_child_is_killed_after_its_own_limit_and_not_after_that_of_another() {
    let (log, parts) = start().await;
    let stuck = Script::new("a", &log).stops(OnStop::Takes(secs(60)));
    let mut downs = Vec::new();
    for limit in [2, 1, 3].map(secs) {
        let spec = stuck.spec().shutdown(Shutdown::Timeout(limit));
        downs.push((limit, process::monitor(&parts.start_child(spec).await.unwrap())));
    }
    downs.sort_by_key(|(limit, _)| *limit);
    let began = Instant::now();
    let killed = async {
        for (limit, down) in downs {
            expect_down(down, ExitReason::Killed).await;
            assert_eq!(began.elapsed(), limit);
        }
    };
    let (stopped, ()) = tokio::join!(supervisor::stop(&parts), killed);
    stopped.unwrap();
}

/// DYN-14
// break: DYN-14 runtime/cordial/src/supervisor/stop.rs
//     `Instant::now().checked_add(limit)` => `Some(Instant::now())`
#[cordial::test]
async fn reason_that_a_child_ends_with_while_it_is_stopped_is_its_own() {
    // Scenario: the children are in the middle of a message at whose end they stop by themselves.
    let (log, parts) = start().await;
    let mut downs = Vec::new();
    for reason in [ExitReason::Normal, ExitReason::shutdown_with("tea")] {
        let child = parts.start_child(Script::new("a", &log).spec()).await.unwrap();
        child.cast(PartMsg::ExitAfter(secs(1), reason.clone()));
        downs.push((process::monitor(&child), reason));
    }
    tokio::task::yield_now().await;
    let (down, began) = (process::monitor(&parts), Instant::now());
    supervisor::stop_with(&parts, crash_reason(), secs(60)).await.unwrap();
    assert_eq!(began.elapsed(), secs(1));
    for (down, reason) in downs {
        expect_down(down, reason).await;
    }
    expect_down(down, crash_reason()).await;
}

/// DYN-15
// break: DYN-15 runtime/cordial/src/supervisor/server.rs `self.pids.remove(&before);` => ``
#[cordial::test]
async fn terminated_child_is_dead_and_forgotten() {
    let (log, parts) = start().await;
    let child = parts.start_child(Script::new("a", &log).spec()).await.unwrap();
    let former = gen_server::whereis(&child).unwrap();
    crash(&child, &parts).await;
    let pid = gen_server::whereis(&child).unwrap();
    let message = |gone: Result<(), TryCallError<NotFound>>| gone.unwrap_err().to_string();
    let no_child = format!("the supervisor has no child {former}");
    assert_eq!(message(parts.terminate_pid(former).await), no_child);

    let down = process::monitor(&child);
    assert_eq!(parts.terminate_child(&child).await, Ok(()));
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(counts(&parts).await, (0, 0));
    for gone in [parts.terminate_child(&child).await, parts.terminate_pid(pid).await] {
        assert!(matches!(gone, Err(TryCallError::Handler(NotFound { .. }))));
    }
}

#[cordial::test]
async fn dynamic_supervisor_in_a_tree_stops_with_it_and_is_restarted_empty() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    let parts = tree.add(DynamicSpec::<Part>::new().id("parts"));
    let supervisor = tree.start().await.unwrap();
    let child = parts.start_child(Script::new("a", &log).spec()).await.unwrap();

    process::exit(&parts, ExitReason::Kill);
    process::monitor(&child).await;
    settle(&supervisor).await;
    assert_eq!(counts(&parts).await, (0, 0));
    let child = parts.start_child(Script::new("b", &log).spec()).await.unwrap();
    supervisor::stop(&supervisor).await.unwrap();
    assert_eq!(gen_server::whereis(&child), None);
}

/// DYN-17
// break: DYN-17 runtime/cordial/src/dynamic_supervisor.rs `self.id(name.to_owned())` => `self`
#[cordial::test]
async fn dynamic_supervisor_has_a_name_and_its_default_id_once_in_a_parent() {
    let log = Log::default();
    let named = DynamicSupervisor::start::<Part>().name("parts").await.unwrap();
    assert_eq!(process::whereis("parts"), named.pid());
    let taken = DynamicSpec::<Part>::new().name("parts").start().await;
    assert_eq!(taken.unwrap_err(), StartError::AlreadyStarted(named.pid().unwrap().into()));

    let parent = Supervisor::builder().start().await.unwrap();
    let first = parent.start_child(DynamicSpec::<Part>::new()).await.unwrap();
    let second = parent.start_child(DynamicSpec::<Part>::new()).await;
    assert_eq!(second.unwrap_err(), StartChildError::AlreadyStarted(first.pid().unwrap()));
    let other = parent.start_child(DynamicSpec::<Part>::new().name("other")).await.unwrap();
    let ids = living(&parent).await;
    assert_eq!(ids[1], ("other".to_owned(), other.pid().unwrap()), "its id is its name");
    other.start_child(Script::new("a", &log).spec()).await.unwrap();
}

/// A tree as the child of a dynamic supervisor.
struct Pair;
#[derive(Clone, Debug)]
struct PairRef(Ref<Part>, SupervisorRef);
impl Child for Pair {
    type Handle = PairRef;
}
impl supervisor::Supervised for PairRef {
    fn supervisor(&self) -> &SupervisorRef {
        &self.1
    }
}

#[cordial::test]
async fn trees_can_be_children_of_a_dynamic_supervisor() {
    let log = Log::default();
    let pairs = DynamicSupervisor::start::<Pair>().await.unwrap();
    let part = Script::new("a", &log);
    let tree = TreeSpec::new(Flags::default(), "pair", move |tree| {
        PairRef(tree.add(part.spec()), tree.supervisor())
    });
    let pair = pairs.start_child(tree).await.unwrap();
    crash(&pair.0, &pair).await;
    assert!(gen_server::whereis(&pair.0).is_some());
    assert_eq!(pairs.count_children().await.unwrap().supervisors, 1);

    let found = pairs.children().await.unwrap();
    assert_eq!(found[0].1, pair.1);
    pairs.terminate_child(&pair).await.unwrap();
    assert_eq!(gen_server::whereis(&pair.0), None);
    assert_eq!(pairs.count_children().await.unwrap(), Counts::default());
}

/// DYN-9
#[cordial::test]
async fn child_that_is_restarting_is_listed_as_such() {
    let spec = DynamicSpec::<Part>::new().max_restarts(1_000_000, secs(5));
    let (log, parts) = (Log::default(), spec.start().await.unwrap());
    let script = Script::new("a", &log);
    let child = parts.start_child(script.spec()).await.unwrap();
    script.will_always(Outcome::Stop);
    crash(&child, &parts).await;
    let children = supervisor::which_children(&parts).await.unwrap();
    assert_eq!(children[0].state, ChildState::Restarting);
    // By its address too.
    assert_eq!(parts.terminate_child(&child).await, Ok(()));
}

struct Idler;
impl ServerStruct for Idler {
    type Replay = Replayed;
}
impl Child for Idler {
    type Handle = Ref<Self>;
}
impl GenServer for Idler {
    type Msg = ();
    type Args = ();
    type Client = PlainClient<()>;
    async fn init(_: (), _: &mut Ctx<Self>) -> Init<Self> {
        Init::run(Self)
    }
    async fn handle(&mut self, _: (), _: &mut Ctx<Self>) -> Flow {
        Flow::Continue
    }
}

/// DYN-18
#[cordial::test]
async fn hundred_thousand_children_start_and_stop() {
    let idlers = DynamicSupervisor::start::<Idler>().await.unwrap();
    for _ in 0..100_000 {
        idlers.start_child(()).await.unwrap();
    }
    assert_eq!(counts(&idlers).await, (100_000, 100_000));
    supervisor::stop(&idlers).await.unwrap();
}

/// DYN-18
// break: DYN-18 runtime/cordial/src/supervisor/server.rs `self.pids.insert(pid, key);` =>
//     `self.pids.insert(pid, key); self.which_children();`
#[cordial::test]
async fn ten_times_the_children_take_about_ten_times_as_long() {
    // The shortest of some tries: whatever else runs here makes them longer only.
    let (mut few, mut many) = (Duration::MAX, Duration::MAX);
    for _ in 0..4 {
        few = few.min(start_and_stop(1_000).await);
        many = many.min(start_and_stop(10_000).await);
    }
    assert!(many < 50 * few, "1000: {few:?}, 10000: {many:?}");
}

/// How long it takes.
#[allow(clippy::disallowed_methods, reason = "real time is what is measured")]
async fn start_and_stop(children: usize) -> Duration {
    let idlers = DynamicSupervisor::start::<Idler>().await.unwrap();
    let began = std::time::Instant::now();
    for _ in 0..children {
        idlers.start_child(()).await.unwrap();
    }
    supervisor::stop(&idlers).await.unwrap();
    began.elapsed()
}
