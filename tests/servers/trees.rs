//! `code_change` of supervisors: other flags and specs, for what is started from then on.
use cordial::prelude::*;
use cordial::supervisor::{self, ChildState};
use cordial::test::advance;
use cordial::{DynamicSpec, TryCallError, process};

#[gen_server]
#[derive(Clone)]
struct Counter(i64);

#[gen_server]
impl Counter {
    #[call]
    fn value(&self) -> i64 {
        self.0
    }
    #[cast]
    fn crash(&mut self) {
        panic!("asked to");
    }
}

/// A server that takes other messages.
#[gen_server]
#[derive(Clone)]
struct Other;

#[gen_server]
impl Other {
    #[cast]
    fn poke(&self) {}
}

fn counter(id: &'static str, value: i64) -> ChildSpec<Counter> {
    Counter::child_spec(Counter(value)).id(id)
}

async fn crash(counter: &CounterRef) {
    let down = process::monitor(counter);
    counter.crash();
    assert!(down.await.reason.panic().is_some());
    advance(millis(1)).await;
}

/// SUP-56: what runs stays, and is restarted by its new spec, at its address.
// break: SUP-56 runtime/cordial/src/supervisor/code_change.rs
//     `(child.shutdown, child.start) = (shutdown, start);` =>
//     `(child.shutdown, _) = (shutdown, start);`
#[cordial::test]
async fn new_specs_count_from_the_next_restart_on() {
    let mut tree = Supervisor::builder();
    let hits = tree.add(counter("hits", 1));
    let kept = tree.add(counter("kept", 7));
    let tree = tree.start().await.unwrap();
    let (pid, kept_pid) = (hits.value().await, process::whereis("none"));
    assert_eq!((pid, kept_pid), (Ok(1), None));

    let mut next = Supervisor::builder();
    next.add(counter("hits", 100));
    next.add(counter("new", 3));
    supervisor::code_change(&tree, next).await.unwrap();
    assert_eq!((hits.value().await, kept.value().await), (Ok(1), Ok(7)), "nothing is touched");
    let children = supervisor::which_children(&tree).await.unwrap();
    let ids: Vec<_> = children.iter().map(|child| child.id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["new", "kept", "hits"], "the new one comes last");
    assert_eq!(children[0].state, ChildState::Stopped);

    crash(&hits).await;
    crash(&kept).await;
    assert_eq!((hits.value().await, kept.value().await), (Ok(100), Ok(7)));
    assert!(supervisor::restart_child(&tree, "new").await.unwrap().is_some());
}

/// SUP-56: the new strategy and the new bound are those of later crashes.
#[cordial::test]
async fn new_flags_count_from_the_next_crash_on() {
    let mut tree = Supervisor::builder().max_restarts(1, secs(60));
    let (one, two) = (tree.add(counter("one", 1)), tree.add(counter("two", 2)));
    let tree = tree.start().await.unwrap();
    crash(&one).await;
    let before = process::monitor(&two);

    let next = Supervisor::builder().strategy(Strategy::OneForAll).max_restarts(2, secs(60));
    supervisor::code_change(&tree, next).await.unwrap();
    crash(&one).await;
    assert_eq!(before.await.reason, ExitReason::Shutdown, "all for one");
    assert_eq!(two.value().await, Ok(2));

    // Two of two restarts are spent: those before the change count.
    let down = process::monitor(&tree);
    crash(&one).await;
    assert_eq!(down.await.reason, ExitReason::Shutdown);
}

/// SUP-56: what is wrong is refused, and all of the old stays.
#[cordial::test]
async fn bad_change_leaves_everything_as_it_was() {
    let mut tree = Supervisor::builder();
    let hits = tree.add(counter("hits", 1));
    let other = tree.add(Other::child_spec(Other).id("other"));
    let tree = tree.start().await.unwrap();

    let mut mixed = Supervisor::builder().strategy(Strategy::OneForAll);
    mixed.add(counter("hits", 100));
    mixed.add(counter("other", 5));
    let mut twice = Supervisor::builder();
    twice.add(counter("hits", 100));
    twice.add(counter("hits", 100));
    let mut significant = Supervisor::builder();
    significant.add(counter("hits", 100).restart(Restart::Transient).significant(true));
    let endless = Supervisor::builder().max_restarts(1, secs(0));
    for bad in [mixed, twice, significant, endless] {
        let refused = supervisor::code_change(&tree, bad).await;
        assert!(matches!(refused, Err(TryCallError::Handler(_))), "{refused:?}");
    }

    let before = process::monitor(&other);
    crash(&hits).await;
    assert_eq!(hits.value().await, Ok(1));
    other.poke();
    process::exit(&other, ExitReason::Kill);
    assert_eq!(before.await.reason, ExitReason::Killed, "one for one, still");
}

/// DYN-16: the bound moves for later children, and what lives stays.
// break: DYN-16 runtime/cordial/src/supervisor/code_change.rs `*max_children = *most;` =>
//     `*max_children = (*most).min(*max_children);`
#[cordial::test]
async fn new_bound_is_that_of_later_children() {
    let rooms = DynamicSpec::<Counter>::new().max_children(1).start().await.unwrap();
    let first = rooms.start_child(Counter(1)).await.unwrap();
    assert!(rooms.start_child(Counter(2)).await.is_err());

    rooms.code_change(DynamicSpec::new().max_children(2)).await.unwrap();
    rooms.start_child(Counter(2)).await.unwrap();
    assert!(rooms.start_child(Counter(3)).await.is_err());

    rooms.code_change(DynamicSpec::new().max_children(0)).await.unwrap();
    assert_eq!(first.value().await, Ok(1));
    assert_eq!(rooms.count_children().await.unwrap().active, 2);
    assert!(rooms.start_child(Counter(3)).await.is_err());

    let refused = rooms.code_change(DynamicSpec::new().max_restarts(1, secs(0))).await;
    assert!(matches!(refused, Err(TryCallError::Handler(StartError::InvalidFlags(_)))));
    let refused = supervisor::code_change(&rooms, Supervisor::builder()).await;
    assert!(matches!(refused, Err(TryCallError::Handler(StartError::InvalidFlags(_)))));
}
