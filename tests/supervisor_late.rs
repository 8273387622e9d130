//! Handles of children that start later than those who hold them.
use crate::supervisor_support::*;
use crate::support::check_races;
use cordial::prelude::*;
use cordial::process::Mailbox;
use cordial::supervisor;
use cordial::test::{expect_down, sync};
use cordial::{gen_server, process};
use std::sync::Arc;

/// What the counter is sent, and who wants to know whether it still exists.
type Mark = Arc<u32>;

#[gen_server]
#[derive(Default)]
struct Count {
    marks: Vec<Mark>,
}

#[gen_server]
impl Count {
    #[init]
    fn init(refuses: bool) -> Init<Self> {
        if refuses { Init::Ignore } else { Init::run(Self::default()) }
    }
    #[cast]
    fn add(&mut self, mark: Mark) {
        self.marks.push(mark);
    }
    /// Keeps itself in its own mail.
    #[cast]
    fn keep(&mut self, _me: Late<CountRef>, mark: Mark) {
        self.marks.push(mark);
    }
    #[call]
    fn all(&self) -> Vec<u32> {
        self.marks.iter().map(|mark| **mark).collect()
    }
}

/// Most that waits for it is two.
#[gen_server]
#[derive(Clone)]
struct Narrow;

#[gen_server(mailbox = 2)]
impl Narrow {
    #[cast]
    fn add(&mut self, _mark: Mark) {}
}

/// A child above the late one, which casts to it when it starts and then does as its script says.
fn first(count: Late<CountRef>, log: &Log) -> Script {
    let in_init = Arc::new(move || {
        count.add(Arc::new(1));
        count.add(Arc::new(2));
    });
    Script { in_init, ..Script::new("first", log) }
}

#[cordial::test]
async fn casts_before_the_first_start_are_the_first_that_is_handled() {
    let mut tree = Supervisor::builder();
    let place = tree.late::<Count>();
    let late = place.handle();
    assert_eq!(late.add(Arc::new(0)).sent(), Ok(()));
    tree.add(first(late.clone(), &Log::default()).spec());
    let count = tree.add(place.with(Count::child_spec(false).id("count")));
    // Only casts wait: a call is answered at once, as at any closed address.
    assert!(matches!(count.all().await, Err(CallError::NoProc(_))));
    let supervisor = tree.start().await.unwrap();
    assert_eq!(count.all().await.unwrap(), [0, 1, 2]);

    // From then on it is as any handle.
    supervisor::terminate_child(&supervisor, "count").await.unwrap();
    assert_eq!(late.add(Arc::new(3)).sent(), Err(SendError::NoProc));
    supervisor::restart_child(&supervisor, "count").await.unwrap();
    late.add(Arc::new(4));
    assert_eq!(count.all().await.unwrap(), [4]);
}

#[cordial::test]
async fn late_handle_reaches_every_later_incarnation() {
    let mut tree = Supervisor::builder().max_restarts(9, secs(5));
    let mut inner = Supervisor::builder().id("inner");
    let place = inner.late::<Count>();
    let late = place.handle();
    let first = inner.add(first(late.clone(), &Log::default()).spec());
    let count = inner.add(place.with(Count::child_spec(false)));
    let inner = tree.add(inner);
    let outer = tree.start().await.unwrap();
    crash(&first, &inner).await;
    assert_eq!(count.all().await.unwrap(), [1, 2, 1, 2]);
    process::exit(&count, ExitReason::Kill);
    process::monitor(&count).await;
    settle(&inner).await;
    process::exit(&inner, ExitReason::Kill);
    process::monitor(&inner).await;
    settle(&outer).await;
    // The supervisor began again; what its first child cast found nobody, and was not kept.
    assert_eq!(count.all().await.unwrap(), [0; 0]);
    late.add(Arc::new(7));
    assert_eq!(count.all().await.unwrap(), [7]);
}

/// A cast may come just before, while and just after the first incarnation moves in.
#[test]
fn casts_that_race_with_the_first_start_are_all_handled_in_order() {
    check_races(async || {
        let mut tree = Supervisor::builder();
        let place = tree.late::<Count>();
        let late = place.handle();
        let count = tree.add(place.with(Count::child_spec(false)));
        let (_, cast) = process::spawn_monitor(async move |_: Mailbox<()>| {
            for n in 0..20 {
                late.add(Arc::new(n)).sent().unwrap();
                tokio::task::yield_now().await;
            }
        });
        let supervisor = tree.start().await.unwrap();
        assert_eq!(cast.await.reason, ExitReason::Normal);
        assert_eq!(count.all().await.unwrap(), Vec::from_iter(0..20));
        supervisor::stop(&supervisor).await.unwrap();
    });
}

#[cordial::test]
async fn what_waits_is_dropped_when_the_tree_does_not_start() {
    let mark = Mark::default();
    let mut tree = Supervisor::builder();
    let place = tree.late::<Count>();
    let late = place.handle();
    let failing = Script::new("failing", &Log::default());
    failing.will_start([Outcome::Stop]);
    tree.add(failing.spec());
    tree.add(place.with(Count::child_spec(false)));
    late.keep(late.clone(), mark.clone());
    late.add(mark.clone());
    assert_eq!(Arc::strong_count(&mark), 3);
    tree.start().await.unwrap_err();
    assert_eq!(Arc::strong_count(&mark), 1, "nothing waits any more");
    assert_eq!(late.add(mark.clone()).sent(), Err(SendError::NoProc));
}

#[cordial::test]
async fn what_waits_is_dropped_when_nobody_starts_the_tree_or_takes_the_place() {
    let mark = Mark::default();
    let tree = Supervisor::builder();
    let place = tree.late::<Count>();
    let late = place.handle();
    late.keep(late.clone(), mark.clone());
    drop(place);
    assert_eq!(late.add(mark.clone()).sent(), Err(SendError::NoProc));

    let mut tree = Supervisor::builder();
    let place = tree.late::<Count>();
    let late = place.handle();
    tree.add(place.with(Count::child_spec(false)));
    late.keep(late.clone(), mark.clone());
    drop(tree);
    assert_eq!(late.add(mark.clone()).sent(), Err(SendError::NoProc));
    assert_eq!(Arc::strong_count(&mark), 1);
}

#[cordial::test]
async fn what_waits_is_dropped_when_the_child_asks_to_be_ignored() {
    let mark = Mark::default();
    let mut tree = Supervisor::builder();
    let place = tree.late::<Count>();
    let late = place.handle();
    late.add(mark.clone());
    tree.add(place.with(Count::child_spec(true)));
    let supervisor = tree.start().await.unwrap();
    assert_eq!(counts(&supervisor).await, (1, 0));
    assert_eq!(Arc::strong_count(&mark), 1);
    assert_eq!(late.add(mark.clone()).sent(), Err(SendError::NoProc));
}

#[cordial::test]
async fn bounded_mailbox_is_full_before_the_start_as_it_is_after_it() {
    let mark = Mark::default();
    let mut tree = Supervisor::builder();
    let place = tree.late::<Narrow>();
    let late = place.handle();
    let narrow = tree.add(place.with(Narrow::child_spec(Narrow)));
    let sent = [(); 3].map(|()| late.add(mark.clone()).sent());
    assert_eq!(sent, [Ok(()), Ok(()), Err(SendError::Full)]);
    tree.start().await.unwrap();
    sync(&narrow).await;
    assert_eq!(Arc::strong_count(&mark), 1);
    let sent = [(); 3].map(|()| late.add(mark.clone()).sent());
    assert_eq!(sent, [Ok(()), Ok(()), Err(SendError::Full)]);
}

#[cordial::test]
async fn casts_to_a_late_child_of_a_tree_that_is_gone_reach_nobody() {
    let mut tree = Supervisor::builder();
    let place = tree.late::<Count>();
    let late = place.handle();
    let count = tree.add(place.with(Count::child_spec(false)));
    let supervisor = tree.start().await.unwrap();
    let down = process::monitor(&count);
    supervisor::stop(&supervisor).await.unwrap();
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(late.add(Arc::new(1)).sent(), Err(SendError::NoProc));
    assert_eq!(gen_server::whereis(&count), None);
}
