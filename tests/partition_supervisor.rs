//! Partition supervisors.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor::{self, ChildState, Flags, ResizeError, Supervised, TreeSpec};
use cordial::test::expect_down;
use cordial::{
    PartitionRef, PartitionSpec, PartitionSupervisor, SupervisorRef, gen_server, process,
};

/// Whether each partition lives.
async fn up(parts: &PartitionRef<Part>) -> Vec<bool> {
    let children = supervisor::which_children(parts).await.unwrap();
    let lives = children.iter().rev().map(|child| matches!(child.state, ChildState::Running(_)));
    lives.collect()
}

/// Names for the children, which are `&'static str`s.
const NAMES: [&str; 5] = ["p0", "p1", "p2", "p3", "p4"];

fn spec(partitions: usize, log: &Log) -> PartitionSpec<Part> {
    let log = log.clone();
    PartitionSpec::new(partitions, move |partition| Script::new(NAMES[partition], &log).spec())
}

/// PART-1, PART-3
// break: PART-3 runtime/cordial/src/partition_supervisor.rs
//     `child(partition).into_child_of(site)` =>
//     `child(0 * partition).into_child_of(site)`
#[cordial::test]
async fn partitions_are_children_called_by_their_numbers_each_with_its_arguments() {
    let log = Log::default();
    let parts = spec(3, &log).start().await.unwrap();
    assert_eq!(log.take(), "init p0, p0 runs, init p1, p1 runs, init p2, p2 runs");
    let ids: Vec<_> = living(&parts).await.into_iter().map(|child| child.0).collect();
    assert_eq!(ids, ["0", "1", "2"]);
    assert_eq!(parts.partitions(), 3);
}

/// PART-1
// break: PART-1 runtime/cordial/src/partition_supervisor.rs `std::num::NonZero::get` =>
//     `|cores| cores.get() + 1`
#[cordial::test]
async fn default_is_one_partition_per_core() {
    let log = Log::default();
    let one = PartitionSpec::<Part>::per_core(move |_| Script::new("a", &log).spec());
    let parts = one.start().await.unwrap();
    let cores = std::thread::available_parallelism().unwrap().get();
    assert_eq!(counts(&parts).await, (cores, cores));
}

/// PART-2
#[cordial::test]
async fn key_reaches_its_partition() {
    let parts = spec(3, &Log::default()).start().await.unwrap();
    let pids: Vec<_> = living(&parts).await.into_iter().map(|child| child.1).collect();
    for (key, partition) in [(0, 0), (3, 0), (4, 1), (-1, 1), (-5, 2)] {
        assert_eq!(gen_server::whereis(&parts.route(&key)), Some(pids[partition]), "{key}");
    }
    let tea = parts.route("tea");
    assert!(pids.contains(&gen_server::whereis(&tea).unwrap()));
    assert_eq!(parts.route(&"tea".to_owned()), tea);
}

/// PART-4
// break: PART-4 runtime/cordial/src/partition_supervisor.rs `if self.partitions == 0 {` =>
//     `if self.partitions == usize::MAX {`
#[cordial::test]
async fn no_partitions_and_significant_ones_are_refused() {
    let log = Log::default();
    let none = spec(0, &log);
    let refused = none.start().await.unwrap_err();
    assert_eq!(refused.to_string(), "a partition supervisor needs at least one partition");
    let part = Script::new("a", &log);
    let significant = PartitionSpec::<Part>::new(1, move |_| {
        part.spec().restart(Restart::Transient).significant(true)
    });
    let refused = significant.start().await;
    assert!(matches!(refused, Err(StartError::InvalidFlags(_))));
    assert_eq!(log.take(), "");
}

/// PART-5
// break: PART-5 runtime/cordial/src/partition_supervisor.rs `partition.to_string().into();` =>
//     `(partition + 1).to_string().into();`
#[cordial::test]
async fn crashed_partition_is_restarted_under_its_number() {
    let parts = spec(3, &Log::default()).start().await.unwrap();
    let (first, pids) = (parts.route(&1), living(&parts).await);
    crash(&first, &parts).await;
    let after = living(&parts).await;
    assert_eq!((&after[0], &after[2]), (&pids[0], &pids[2]));
    assert!(after[1].0 == "1" && after[1].1 != pids[1].1);
    assert_eq!(gen_server::whereis(&parts.route(&1)), Some(after[1].1));
}

/// PART-6
// break: PART-6 runtime/cordial/src/supervisor/requests.rs `in_use.store(to, Relaxed);` =>
//     `in_use.store(before, Relaxed);`
#[cordial::test]
async fn resize_stops_what_is_too_much_and_starts_it_again() {
    let log = Log::default();
    let parts = spec(3, &log).start().await.unwrap();
    log.take();
    assert_eq!(parts.resize(1).await, Ok(3));
    assert_eq!(log.take(), "p2 stops: shutdown, p2 stopped, p1 stops: shutdown, p1 stopped");
    assert_eq!(up(&parts).await, [true, false, false]);
    assert_eq!((counts(&parts).await, parts.partitions()), ((3, 1), 1));
    assert_eq!(parts.route(&2), parts.route(&0));

    assert_eq!(parts.resize(3).await, Ok(1));
    assert_eq!(up(&parts).await, [true; 3]);
    assert_ne!(parts.route(&2), parts.route(&0));
    let refused = parts.resize(4).await.unwrap_err();
    assert_eq!(refused, TryCallError::Handler(ResizeError::TooMany(3)));
    assert_eq!(refused.to_string(), "it was started with 3 partitions and cannot have more");
}

/// PART-6
#[cordial::test]
async fn resize_whose_partition_does_not_start_changes_nothing() {
    let scripts = ["a", "b", "c"].map(|name| Script::new(name, &Log::default()));
    let each = scripts.clone();
    let parts = PartitionSupervisor::start::<Part, _>(3, move |partition| each[partition].spec());
    let parts = parts.await.unwrap();
    parts.resize(1).await.unwrap();
    scripts[2].will_start([Outcome::Stop]);
    let refused = parts.resize(3).await.unwrap_err().handler();
    assert!(matches!(refused, Some(ResizeError::Start(2, _))), "{refused:?}");
    assert_eq!((up(&parts).await, parts.partitions()), (vec![true, false, false], 1));
    assert_eq!(parts.resize(3).await, Ok(1));
}

/// PART-6
#[cordial::test]
async fn restarted_supervisor_has_all_its_partitions_again() {
    let mut tree = Supervisor::builder();
    let parts = tree.add(spec(3, &Log::default()).id("parts"));
    let outer = tree.start().await.unwrap();
    parts.resize(1).await.unwrap();
    process::exit(&parts, ExitReason::Kill);
    process::monitor(&parts).await;
    settle(&outer).await;
    assert_eq!((up(&parts).await, parts.partitions()), (vec![true; 3], 3));
}

/// PART-7
#[cordial::test]
async fn nobody_is_found_among_no_partitions_and_in_a_dead_supervisor() {
    let parts = spec(2, &Log::default()).start().await.unwrap();
    assert_eq!(parts.resize(0).await, Ok(2));
    assert!(parts.try_route(&1).is_none());
    assert_eq!(parts.route(&1).cast(PartMsg::Noticed).sent(), Err(SendError::NoProc));

    parts.resize(2).await.unwrap();
    assert!(parts.try_route(&1).is_some());
    supervisor::stop(&parts).await.unwrap();
    assert_eq!(parts.route(&1).cast(PartMsg::Noticed).sent(), Err(SendError::NoProc));
    assert!(matches!(parts.resize(1).await, Err(TryCallError::Call(CallError::NoProc(_)))));
}

/// A tree as a partition.
struct Pair;
#[derive(Clone, Debug)]
struct PairRef(Ref<Part>, SupervisorRef);
impl Child for Pair {
    type Handle = PairRef;
}
impl Supervised for PairRef {
    fn supervisor(&self) -> &SupervisorRef {
        &self.1
    }
}

/// PART-8
// break: PART-8 runtime/cordial/src/supervisor/tree.rs `kind: ChildKind::Supervisor, start }` =>
//     `kind: ChildKind::Worker, start }`
#[cordial::test]
async fn partitions_are_counted_by_their_kind_and_stop_frees_the_name() {
    let log = Log::default();
    let workers = spec(2, &log).name("workers").start().await.unwrap();
    let counts = supervisor::count_children(&workers).await.unwrap();
    assert_eq!((counts.workers, counts.supervisors), (2, 0));
    let part = workers.route(&0);
    let down = process::monitor(&part);
    supervisor::stop(&workers).await.unwrap();
    assert_eq!(process::whereis("workers"), None);
    expect_down(down, ExitReason::Shutdown).await;

    let trees = PartitionSupervisor::start::<Pair, _>(2, move |partition| {
        let part = Script::new(NAMES[partition], &log);
        TreeSpec::new(Flags::default(), "pair", move |tree| {
            PairRef(tree.add(part.spec()), tree.supervisor())
        })
    });
    let trees = trees.name("workers").await.unwrap();
    let counts = supervisor::count_children(&trees).await.unwrap();
    assert_eq!((counts.workers, counts.supervisors), (0, 2));
    assert!(gen_server::whereis(&trees.route(&1).0).is_some());
}
