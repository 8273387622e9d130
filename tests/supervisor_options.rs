//! What a child can be told, on every kind of child: by `supervisor!`, and by hand.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor::{self, AutoShutdown, Backoff, ChildKind, Flags, Supervised, TreeSpec};
use cordial::{DynamicSpec, PartitionSpec, SupervisorRef, process};
use tokio::time::advance;

fn part(name: &'static str, log: &Log) -> Script {
    Script::new(name, log)
}

supervisor! {
    /// A tree that is a child of others.
    Leaf(script: Script) {
        children: [leaf: Part(script)],
    }
}

// ===== By supervisor! and by hand =====

supervisor! {
    /// One child of each kind, with everything that it can be told.
    Declared(log: Log, more: bool) {
        strategy: RestForOne,
        max_restarts: 2 in 1min,
        auto_shutdown: AllSignificant,
        children: [
            one: Part(part("one", &log)) {
                restart: Transient, shutdown: 1s, significant: true, backoff: exp(1s, 2s),
            },
            many: dynamic Part {
                max_children: 1, max_restarts: 5 in 1s, restart: Transient, shutdown: 2s,
                backoff: exp(1s, 2s),
            },
            shards: partition(2) Part(part(["s0", "s1"][shard], &log)) {
                strategy: OneForAll, max_restarts: 5 in 1s, restart: Transient,
                shutdown: brutal_kill, backoff: exp(1s, 2s),
            },
            nested: supervisor {
                strategy: OneForAll,
                max_restarts: 1 in 1s,
                restart: Transient,
                shutdown: 3s,
                significant: true,
                backoff: exp(1s, 2s),
                children: [inner: Part(part("inner", &log)) { restart: Temporary }],
            },
            tree: Leaf(part("leaf", &log)) {
                restart: Temporary, shutdown: infinity, significant: true, backoff: exp(1s, 2s),
            },
            if more { extra: Part(part("extra", &log)) },
            late: Part(late_notice(&log, late last)),
            last: Part(part("last", &log)),
        ],
    }
}

/// A child that casts to one below it when it starts.
fn late_notice(log: &Log, to: Late<Ref<Part>>) -> Script {
    let in_init = std::sync::Arc::new(move || _ = to.cast(PartMsg::Noticed));
    Script { in_init, ..part("late", log) }
}

/// The same by hand.
fn by_hand(log: &Log, more: bool) -> supervisor::Builder {
    let backoff = Backoff::exp(secs(1), secs(2));
    let mut tree = Supervisor::builder()
        .strategy(Strategy::RestForOne)
        .max_restarts(2, mins(1))
        .auto_shutdown(AutoShutdown::AllSignificant);
    let one = part("one", log).spec().restart(Restart::Transient).shutdown(secs(1));
    tree.add(one.significant(true).backoff(backoff));
    let many = DynamicSpec::<Part>::new().id("many").max_children(1).max_restarts(5, secs(1));
    tree.add(many.restart(Restart::Transient).shutdown(secs(2)).backoff(backoff));
    let each = log.clone();
    let shards = PartitionSpec::<Part>::new(2, move |shard| {
        let spec = part(["s0", "s1"][shard], &each).spec().restart(Restart::Transient);
        spec.shutdown(Shutdown::BrutalKill).backoff(backoff)
    });
    tree.add(shards.id("shards").strategy(Strategy::OneForAll).max_restarts(5, secs(1)));
    let mut nested = Supervisor::builder()
        .id("nested")
        .strategy(Strategy::OneForAll)
        .max_restarts(1, secs(1))
        .restart(Restart::Transient)
        .shutdown(secs(3))
        .significant(true)
        .backoff(backoff);
    nested.add(part("inner", log).spec().temporary());
    tree.add(nested);
    let script = part("leaf", log);
    let leaf =
        TreeSpec::new(Flags::default(), "tree", move |tree| tree.add(script.spec().id("leaf")));
    let leaf = leaf.temporary().shutdown(Shutdown::Infinity).significant(true);
    tree.add(leaf.backoff(backoff));
    if more {
        tree.add(part("extra", log).spec());
    }
    let last = tree.late::<Part>();
    tree.add(late_notice(log, last.handle()).spec());
    tree.add(last.with(part("last", log).spec()));
    tree
}

/// The children of a tree of either origin, and what happened when it started and stopped.
async fn told(tree: &impl Supervised, log: &Log) -> (Vec<(String, ChildKind)>, String) {
    let children = supervisor::which_children(tree).await.unwrap().into_iter().rev();
    let children = children.map(|child| (child.id.unwrap().into_owned(), child.kind)).collect();
    supervisor::stop(tree).await.unwrap();
    (children, log.take())
}

#[cordial::test]
async fn tree_by_hand_is_the_declared_tree() {
    for more in [false, true] {
        let log = Log::default();
        let declared = Declared::start(log.clone(), more).await.unwrap();
        let declared = told(&declared, &log).await;
        let by_hand = by_hand(&log, more).start().await.unwrap();
        assert_eq!(told(&by_hand, &log).await, declared);
        assert_eq!(declared.0.len(), if more { 8 } else { 7 });
        assert!(!declared.1.contains("s0 stops"), "brutally killed: {}", declared.1);
    }
}

#[cordial::test]
async fn declared_limits_hold() {
    let tree = Declared::start(Log::default(), false).await.unwrap();
    let log = Log::default();
    tree.many.start_child(part("a", &log).spec()).await.unwrap();
    let refused = tree.many.start_child(part("b", &log).spec()).await;
    assert_eq!(refused, Err(supervisor::StartChildError::MaxChildren(1)));
    // Five restarts in a second are borne by `many` and `shards`, which is more than the default.
    for _ in 0..5 {
        crash(&tree.many.children().await.unwrap()[0], &tree.many).await;
        crash(&tree.shards.route(&1), &tree.shards).await;
    }
    assert_eq!((counts(&tree.many).await, counts(&tree.shards).await), ((1, 1), (2, 2)));
    process::exit(&tree.nested.inner, ExitReason::Kill);
    settle(&tree.nested).await;
    settle(&tree.nested).await;
    assert_eq!(counts(&tree.nested).await, (0, 0), "a temporary child leaves nothing");
    // An abnormal end is what a transient supervisor is restarted after.
    let nested = process::monitor(&tree.nested);
    process::exit(&tree.nested, ExitReason::Kill);
    nested.await;
    settle(&tree).await;
    assert!(tree.nested.supervisor().pid().is_some());
}

// ===== One option on every kind =====

supervisor! {
    Temporaries(log: Log) {
        children: [
            one: Part(part("one", &log)) { restart: Temporary },
            many: dynamic Part { restart: Temporary },
            shards: partition(2) Part(part("shard", &log)) { restart: Temporary },
            nested: supervisor { restart: Temporary, children: [] },
            tree: Leaf(part("leaf", &log)) { restart: Temporary },
            last: Part(part("last", &log)),
        ],
    }
}

/// SUP-17
#[cordial::test]
async fn temporary_child_of_every_kind_leaves_no_trace() {
    let tree = Temporaries::start(Log::default()).await.unwrap();
    process::exit(&tree.shards.route(&0), ExitReason::Kill);
    settle(&tree.shards).await;
    settle(&tree.shards).await;
    assert_eq!(counts(&tree.shards).await, (1, 1));
    crash(&tree.one, &tree).await;
    for supervisor in [tree.many.supervisor(), tree.nested.supervisor(), tree.tree.supervisor()] {
        let down = process::monitor(supervisor);
        process::exit(supervisor, ExitReason::Kill);
        down.await;
        settle(&tree).await;
    }
    let ids: Vec<_> = living(&tree).await.into_iter().map(|child| child.0).collect();
    assert_eq!(ids, ["shards", "last"]);
    assert_eq!(counts(&tree).await, (2, 2));
}

supervisor! {
    Stubborn(scripts: [Script; 4]) {
        children: [
            one: Part(scripts[0].clone()) { shutdown: brutal_kill },
            many: dynamic Part { shutdown: brutal_kill },
            shards: partition(1) Part(scripts[1].clone()) { shutdown: brutal_kill },
            nested: supervisor {
                shutdown: brutal_kill,
                children: [inner: Part(scripts[2].clone())],
            },
            tree: Leaf(scripts[3].clone()) { shutdown: 1s },
        ],
    }
}

/// SUP-29, SUP-30
#[cordial::test]
async fn child_of_every_kind_is_stopped_as_it_is_told() {
    let log = Log::default();
    let scripts = ["one", "shard", "inner", "leaf"].map(|name| part(name, &log));
    let tree = Stubborn::start(scripts.map(|script| script.stops(OnStop::Never))).await.unwrap();
    let many = process::monitor(&tree.many);
    let inner = process::monitor(&tree.nested);
    log.take();
    let began = tokio::time::Instant::now();
    supervisor::stop(&tree).await.unwrap();
    assert_eq!(many.await.reason, ExitReason::Killed);
    assert_eq!(inner.await.reason, ExitReason::Killed);
    assert_eq!(began.elapsed(), secs(1), "only `tree` was given time");
    // Those below a killed supervisor see its end; those that are killed themselves see nothing.
    let seen = log.take();
    assert!(seen.starts_with("leaf stops: shutdown"), "{seen}");
    assert!(!seen.contains("one stops") && !seen.contains("shard stops"), "{seen}");
}

supervisor! {
    Patient(scripts: [Script; 4]) {
        max_restarts: 9 in 1min,
        children: [
            one: Part(scripts[0].clone()) { backoff: exp(10s, 10s) },
            shards: partition(1) Part(scripts[1].clone()) { backoff: exp(10s, 10s) },
            nested: supervisor {
                backoff: exp(10s, 10s),
                children: [inner: Part(scripts[2].clone())],
            },
            tree: Leaf(scripts[3].clone()) { backoff: exp(10s, 10s) },
        ],
    }
}

/// SUP-25
#[cordial::test]
async fn retry_of_a_child_of_every_kind_waits_as_it_is_told() {
    let log = Log::default();
    let scripts = ["one", "shard", "inner", "leaf"].map(|name| part(name, &log));
    let tree = Patient::start(scripts.clone()).await.unwrap();
    for script in &scripts {
        script.will_start([Outcome::Stop]);
    }
    log.take();
    let shard = tree.shards.route(&0);
    let supervisors: [&SupervisorRef; 2] = [tree.nested.supervisor(), tree.tree.supervisor()];
    crash(&tree.one, &tree).await;
    crash(&shard, &tree.shards).await;
    for supervisor in supervisors {
        let down = process::monitor(supervisor);
        process::exit(supervisor, ExitReason::Kill);
        down.await;
        settle(&tree).await;
    }
    advance(secs(9)).await;
    settle(&tree).await;
    assert!(!log.take().contains("runs"), "nobody is tried again yet");
    advance(secs(1)).await;
    settle(&tree).await;
    settle(&tree.shards).await;
    assert_eq!((counts(&tree).await, counts(&tree.shards).await), ((4, 4), (1, 1)));
    let again = log.take();
    for name in ["one runs", "shard runs", "inner runs", "leaf runs"] {
        assert!(again.contains(name), "{name}: {again}");
    }
}

supervisor! {
    Significant(log: Log, which: usize) {
        auto_shutdown: AnySignificant,
        children: [
            if which == 0 {
                one: Part(part("one", &log)) { restart: Transient, significant: true },
            },
            if which == 1 {
                nested: supervisor { restart: Transient, significant: true, children: [] },
            },
            if which == 2 {
                tree: Leaf(part("leaf", &log)) { restart: Transient, significant: true },
            },
            last: Part(part("last", &log)),
        ],
    }
}

/// SUP-47
#[cordial::test]
async fn significant_child_of_every_kind_ends_its_supervisor() {
    for which in 0..3 {
        let tree = Significant::start(Log::default(), which).await.unwrap();
        let down = process::monitor(&tree);
        match (&tree.one, &tree.nested, &tree.tree) {
            (Some(one), ..) => _ = one.cast(PartMsg::Exit(ExitReason::Normal)),
            (_, Some(nested), _) => supervisor::stop(nested).await.unwrap(),
            (.., Some(tree)) => supervisor::stop(tree).await.unwrap(),
            _ => unreachable!("one of them is there"),
        }
        assert_eq!(down.await.reason, ExitReason::Shutdown, "{which}");
    }
}
