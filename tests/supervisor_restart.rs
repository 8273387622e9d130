//! Who is restarted when a child ends.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor;
use cordial::test::expect_down;
use cordial::{SupervisorRef, gen_server, process};

/// A running supervisor of children `a`, `b`, `c`.. with these restart types.
async fn start(strategy: Strategy, restarts: &[Restart]) -> (Log, SupervisorRef, Vec<Ref<Part>>) {
    let log = Log::default();
    let mut tree = Supervisor::builder().strategy(strategy);
    let names = ["a", "b", "c"].into_iter().zip(restarts);
    let add = |(name, restart): (&'static str, &Restart)| {
        tree.add(Script::new(name, &log).spec().restart(*restart))
    };
    let children = names.map(add).collect();
    let supervisor = tree.start().await.unwrap();
    log.take();
    (log, supervisor, children)
}

async fn check(strategy: Strategy, crashed: usize, expected: &str) {
    let (log, supervisor, children) = start(strategy, &[Restart::Permanent; 3]).await;
    let before = living(&supervisor).await;
    let name = ["a", "b", "c"][crashed];
    crash(&children[crashed], &supervisor).await;
    let ended = format!("{name} stops: crash, {name} stopped, ");
    assert_eq!(log.take(), format!("{ended}{expected}"), "{strategy:?}");

    // Who was not named kept its process; everybody lives, in the same order.
    let after = living(&supervisor).await;
    for (old, new) in before.iter().zip(&after) {
        let named = expected.contains(&format!("{} runs", old.0));
        assert_eq!((&old.0, old.1 == new.1), (&new.0, !named), "{strategy:?}");
    }
    assert_eq!(after.len(), 3);
}

/// SUP-13
// break: SUP-13 runtime/cordial/src/supervisor/plan.rs
//     `Strategy::OneForOne => vec![Action::Start(key)],` =>
//     `Strategy::OneForOne => self.restart_group(Bound::Included(key)),`
#[cordial::test]
async fn one_for_one_restarts_only_the_crashed_child() {
    check(Strategy::OneForOne, 1, "init b, b runs").await;
}

/// SUP-14
// break: SUP-14 runtime/cordial/src/supervisor/plan.rs
//     `self.restart_group(Bound::Unbounded)` => `self.restart_group(Bound::Included(key))`
#[cordial::test]
async fn one_for_all_stops_the_others_in_reverse_and_starts_all_in_order() {
    let stops = "c stops: shutdown, c stopped, a stops: shutdown, a stopped";
    let starts = "init a, a runs, init b, b runs, init c, c runs";
    check(Strategy::OneForAll, 1, &format!("{stops}, {starts}")).await;
}

/// SUP-15
// break: SUP-15 runtime/cordial/src/supervisor/plan.rs
//     `self.restart_group(Bound::Included(key))` => `self.restart_group(Bound::Unbounded)`
#[cordial::test]
async fn rest_for_one_restarts_the_crashed_child_and_later_ones() {
    let expected = "c stops: shutdown, c stopped, init b, b runs, init c, c runs";
    check(Strategy::RestForOne, 1, expected).await;
    check(Strategy::RestForOne, 2, "init c, c runs").await;
}

/// SUP-16, SUP-17
// break: SUP-16 runtime/cordial/src/supervisor/plan.rs
//     `Restart::Transient => !reason.is_clean(),` =>
//     `Restart::Transient => *reason != ExitReason::Normal,`
// break: SUP-17 runtime/cordial/src/supervisor/plan.rs
//     `Retain::Nothing || entry.role.restart == Restart::Temporary;` =>
//     `Retain::Nothing || entry.role.restart != Restart::Permanent;`
#[cordial::test]
async fn restart_types_decide_by_reason() {
    let clean = [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("tea")];
    let reasons = clean.iter().map(|reason| (reason.clone(), true));
    for (reason, is_clean) in reasons.chain([(crash_reason(), false)]) {
        for (restart, expected) in [
            (Restart::Permanent, (1, 1)),
            (Restart::Transient, (1, usize::from(!is_clean))),
            (Restart::Temporary, (0, 0)),
        ] {
            let (_log, supervisor, children) = start(Strategy::OneForOne, &[restart]).await;
            end(&children[0], reason.clone(), &supervisor).await;
            let (specs, active) = counts(&supervisor).await;
            assert_eq!((specs, active), expected, "{restart:?} {reason}");
            assert_eq!(gen_server::whereis(&children[0]).is_some(), expected.1 == 1);
        }
    }
}

/// SUP-16
#[cordial::test]
async fn panic_restarts_what_a_crash_restarts() {
    for (restart, lives) in
        [(Restart::Permanent, true), (Restart::Transient, true), (Restart::Temporary, false)]
    {
        let (_log, supervisor, children) = start(Strategy::OneForOne, &[restart]).await;
        let down = process::monitor(&children[0]);
        children[0].cast(PartMsg::Panic);
        assert!(down.await.reason.panic().is_some());
        settle(&supervisor).await;
        assert_eq!(gen_server::whereis(&children[0]).is_some(), lives, "{restart:?}");
    }
}

/// SUP-18
// break: SUP-18 runtime/cordial/src/supervisor/plan.rs
//     `if again { self.restart(key, now) }` =>
//     `if again || self.policy.strategy == Strategy::RestForOne { self.restart(key, now) }`
#[cordial::test]
async fn child_that_is_not_restarted_moves_no_sibling() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let restarts = [Restart::Temporary, Restart::Transient, Restart::Permanent];
        let (_log, supervisor, children) = start(strategy, &restarts).await;
        let last = gen_server::whereis(&children[2]);
        crash(&children[0], &supervisor).await;
        end(&children[1], ExitReason::Normal, &supervisor).await;
        assert_eq!(gen_server::whereis(&children[2]), last, "{strategy:?}");
        assert_eq!(counts(&supervisor).await, (2, 1), "{strategy:?}");
    }
}

/// SUP-19
// break: SUP-19 runtime/cordial/src/supervisor/plan.rs
//     `if entry.role.restart == Restart::Temporary {` =>
//     `if entry.role.restart != Restart::Permanent {`
#[cordial::test]
async fn bystanders_are_deleted_when_temporary_and_started_when_transient() {
    let restarts = [Restart::Temporary, Restart::Transient, Restart::Permanent];
    let (log, supervisor, children) = start(Strategy::OneForAll, &restarts).await;
    end(&children[1], ExitReason::Normal, &supervisor).await;
    log.take();

    crash(&children[2], &supervisor).await;
    assert_eq!(
        log.take(),
        "c stops: crash, c stopped, a stops: shutdown, a stopped, \
         init b, b runs, init c, c runs"
    );
    let names: Vec<_> = living(&supervisor).await.into_iter().map(|child| child.0).collect();
    assert_eq!((names, counts(&supervisor).await), (vec!["b".into(), "c".into()], (2, 2)));
}

/// SUP-57
// break: SUP-57 runtime/cordial/src/exit.rs
//     `matches!(self, Self::Normal | Self::Shutdown | Self::ShutdownWith(_))` =>
//     `matches!(self, Self::Normal | Self::Shutdown | Self::ShutdownWith(_) | Self::Killed)`
#[cordial::test]
async fn killed_child_is_restarted_as_after_a_crash() {
    for (restart, lives) in
        [(Restart::Permanent, true), (Restart::Transient, true), (Restart::Temporary, false)]
    {
        let (log, supervisor, children) = start(Strategy::OneForOne, &[restart]).await;
        let down = process::monitor(&children[0]);
        process::exit(&children[0], ExitReason::Kill);
        expect_down(down, ExitReason::Killed).await;
        settle(&supervisor).await;
        assert_eq!(gen_server::whereis(&children[0]).is_some(), lives, "{restart:?}");
        assert_eq!(log.take(), if lives { "init a, a runs" } else { "" }, "no terminate");
    }
}

/// SUP-44, SUP-45
// break: SUP-44 runtime/cordial/src/supervisor/plan.rs
//     `self.children.iter().rev().map(|(key, e)|` => `self.children.iter().map(|(key, e)|`
// break: SUP-45 runtime/cordial/src/supervisor/plan.rs
//     `self.counts.active -= usize::from(before == Status::Running);` => ``
#[cordial::test]
async fn children_are_listed_newest_first_and_counted_by_kind() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    let a = tree.add(Script::new("a", &log).spec().restart(Restart::Transient));
    let inner = Script::new("inner", &log);
    tree.add(supervisor::TreeSpec::new(supervisor::Flags::default(), "tree", move |tree| {
        tree.add(inner.spec());
    }));
    tree.add(Script::new("b", &log).spec());
    let supervisor = tree.start().await.unwrap();
    end(&a, ExitReason::Normal, &supervisor).await;

    let children = supervisor::which_children(&supervisor).await.unwrap();
    let ids: Vec<_> = children.iter().map(|child| child.id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["b", "tree", "a"]);
    let counts = supervisor::count_children(&supervisor).await.unwrap();
    let counted = (counts.specs, counts.active, counts.supervisors, counts.workers);
    assert_eq!(counted, (3, 2, 1, 2));
}
