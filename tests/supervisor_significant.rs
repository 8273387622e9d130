//! Significant children: a supervisor that ends when they have ended.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor::{self, AutoShutdown, Flags, StartChildError, TreeSpec};
use cordial::test::expect_down;
use cordial::{SupervisorRef, gen_server, process};

/// A plain child `a`, and significant ones `b`, `c`.. with these restart types.
async fn start(
    flags: Flags,
    significant: &[Restart],
) -> (Log, SupervisorRef, Ref<Part>, Vec<Ref<Part>>) {
    let log = Log::default();
    let mut tree = Supervisor::builder()
        .strategy(flags.strategy)
        .max_restarts(flags.max_restarts, flags.period)
        .auto_shutdown(flags.auto_shutdown);
    let plain = tree.add(Script::new("a", &log).spec());
    let add = |(name, restart): (&'static str, &Restart)| {
        tree.add(Script::new(name, &log).spec().restart(*restart).significant(true))
    };
    let children = ["b", "c", "d"].into_iter().zip(significant).map(add).collect();
    let supervisor = tree.start().await.unwrap();
    log.take();
    (log, supervisor, plain, children)
}

fn flags(auto_shutdown: AutoShutdown) -> Flags {
    Flags { auto_shutdown, ..Flags::default() }
}

/// SUP-47
// break: SUP-47 runtime/cordial/src/supervisor/plan.rs
//     `AutoShutdown::AnySignificant => significant,` =>
//     `AutoShutdown::AnySignificant => significant && self.significant == 0,`
#[cordial::test]
async fn first_significant_child_that_ends_by_itself_ends_the_supervisor() {
    use Restart::{Temporary, Transient};
    for (restart, reason, ends) in [
        (Transient, ExitReason::Normal, true),
        (Transient, ExitReason::shutdown_with("tea"), true),
        (Transient, crash_reason(), false),
        (Temporary, ExitReason::Normal, true),
        (Temporary, crash_reason(), true),
    ] {
        let flags = flags(AutoShutdown::AnySignificant);
        let (log, supervisor, plain, children) = start(flags, &[restart, Transient]).await;
        let downs = (process::monitor(&supervisor), gen_server::whereis(&plain));
        end(&children[0], reason.clone(), &supervisor).await;
        assert_eq!(process::is_alive(&supervisor).await, !ends, "{restart:?} {reason}");
        let ended = format!("b stops: {reason}, b stopped");
        if ends {
            expect_down(downs.0, ExitReason::Shutdown).await;
            let rest = "c stops: shutdown, c stopped, a stops: shutdown, a stopped";
            assert_eq!(log.take(), format!("{ended}, {rest}"));
        } else {
            assert_eq!(log.take(), format!("{ended}, init b, b runs"));
            assert_eq!(gen_server::whereis(&plain), downs.1);
        }
    }
}

/// SUP-47
#[cordial::test]
async fn child_that_is_not_significant_ends_alone() {
    for auto_shutdown in [AutoShutdown::AnySignificant, AutoShutdown::AllSignificant] {
        let mut tree = Supervisor::builder().auto_shutdown(auto_shutdown);
        let script = Script::new("a", &Log::default());
        let child = tree.add(script.spec().temporary());
        let supervisor = tree.start().await.unwrap();
        crash(&child, &supervisor).await;
        assert!(process::is_alive(&supervisor).await, "{auto_shutdown:?}");
    }
}

/// SUP-48
// break: SUP-48 runtime/cordial/src/supervisor/plan.rs
//     `AutoShutdown::AllSignificant => significant && self.significant == 0,` =>
//     `AutoShutdown::AllSignificant => significant,`
#[cordial::test]
async fn last_significant_child_that_ends_ends_the_supervisor() {
    let flags = flags(AutoShutdown::AllSignificant);
    let restarts = [Restart::Transient, Restart::Temporary, Restart::Transient];
    let (_log, supervisor, plain, children) = start(flags, &restarts).await;
    let down = process::monitor(&supervisor);
    end(&children[1], crash_reason(), &supervisor).await;
    end(&children[2], ExitReason::Normal, &supervisor).await;
    crash(&children[0], &supervisor).await;
    assert_eq!(counts(&supervisor).await, (3, 2));
    end(&children[0], ExitReason::Shutdown, &supervisor).await;
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(gen_server::whereis(&plain), None);
}

/// SUP-49
// break: SUP-49 runtime/cordial/src/supervisor/plan.rs
//     `stops.push(Action::Forget(*key));` =>
//     `stops.push(Action::Forget(*key)); if entry.role.significant {
//     stops.push(Action::ShutDown(*key)); }`
#[cordial::test]
async fn significant_child_ended_by_others_does_not_end_the_supervisor() {
    for auto_shutdown in [AutoShutdown::AnySignificant, AutoShutdown::AllSignificant] {
        let strategy = Strategy::OneForAll;
        let flags = Flags { strategy, ..flags(auto_shutdown) };
        let restarts = [Restart::Temporary, Restart::Transient];
        let (log, supervisor, plain, _children) = start(flags, &restarts).await;
        crash(&plain, &supervisor).await;
        assert_eq!(counts(&supervisor).await, (2, 2), "{auto_shutdown:?}");
        supervisor::terminate_child(&supervisor, "c").await.unwrap();
        assert_eq!(counts(&supervisor).await, (2, 1), "{auto_shutdown:?}");

        // Nor does one that starts again and asks to be ignored.
        supervisor::restart_child(&supervisor, "c").await.unwrap();
        supervisor::terminate_child(&supervisor, "c").await.unwrap();
        assert!(process::is_alive(&supervisor).await, "{auto_shutdown:?}");
        drop(log);
    }
}

/// SUP-24, SUP-47
#[cordial::test]
async fn supervisor_that_shut_itself_down_is_restarted_only_when_permanent() {
    for (restart, lives) in [(Restart::Permanent, true), (Restart::Transient, false)] {
        let part = Script::new("a", &Log::default());
        let flags = flags(AutoShutdown::AnySignificant);
        let inner = TreeSpec::new(flags, "inner", move |tree| {
            tree.add(part.spec().temporary().significant(true));
            tree.supervisor()
        });
        let mut tree = Supervisor::builder();
        let inner = tree.add(inner.restart(restart));
        let outer = tree.start().await.unwrap();
        let down = process::monitor(&inner);
        let pid = living(&inner).await[0].1;
        process::exit(&pid, ExitReason::Kill);
        expect_down(down, ExitReason::Shutdown).await;
        settle(&outer).await;
        assert_eq!(process::is_alive(&inner).await, lives, "{restart:?}");
    }
}

/// SUP-10, SUP-12
// break: SUP-12 runtime/cordial/src/supervisor/child_spec.rs
//     `options.significant && options.restart == Restart::Permanent` =>
//     `options.significant && options.restart == Restart::Temporary`
// break: SUP-10 runtime/cordial/src/supervisor/requests.rs
//     `self.auto_shutdown == AutoShutdown::Never {` => `!self.kind.has_ids() {`
#[cordial::test]
async fn significant_child_needs_a_supervisor_that_cares_and_an_end_of_its_own() {
    let log = Log::default();
    let spec = |restart| Script::new("a", &log).spec().restart(restart).significant(true);
    for (auto_shutdown, restart, says) in [
        (AutoShutdown::Never, Restart::Transient, "`auto_shutdown` is not `Never`"),
        (AutoShutdown::Never, Restart::Temporary, "`auto_shutdown` is not `Never`"),
        (AutoShutdown::AnySignificant, Restart::Permanent, "a permanent child is restarted"),
        (AutoShutdown::AllSignificant, Restart::Permanent, "a permanent child is restarted"),
    ] {
        let mut tree = Supervisor::builder().auto_shutdown(auto_shutdown);
        tree.add(spec(restart));
        let error = tree.start().await.unwrap_err();
        assert!(matches!(error, StartError::InvalidFlags(_)));
        assert!(error.to_string().contains(says), "{error}");

        let flags = flags(auto_shutdown);
        let supervisor = TreeSpec::new(flags, "tree", |tree| tree.supervisor()).start().await;
        let supervisor = supervisor.unwrap();
        let refused = supervisor.start_child(spec(restart)).await;
        assert_eq!(refused, Err(StartChildError::Start(error)));
        assert_eq!(counts(&supervisor).await, (0, 0));
    }
    assert_eq!(log.take(), "");
}

/// SUP-48
#[cordial::test]
async fn significant_child_started_later_counts_as_well() {
    let flags = flags(AutoShutdown::AllSignificant);
    let (log, supervisor, _plain, children) = start(flags, &[Restart::Transient]).await;
    let spec = Script::new("z", &log).spec().temporary().significant(true);
    let late = supervisor.start_child(spec).await.unwrap();
    end(&children[0], ExitReason::Normal, &supervisor).await;
    assert!(process::is_alive(&supervisor).await);
    let down = process::monitor(&supervisor);
    crash(&late, &supervisor).await;
    expect_down(down, ExitReason::Shutdown).await;
}
