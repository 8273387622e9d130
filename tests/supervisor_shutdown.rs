//! How one child is stopped: asked, waited for, killed.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor;
use cordial::test::expect_down;
use cordial::{gen_server, process};
use tokio::time::Instant;

/// Stops a supervisor with one child, and tells how that took and what the child ended with.
async fn stop_one(script: &Script, shutdown: Shutdown) -> (std::time::Duration, ExitReason) {
    let mut tree = Supervisor::builder();
    let child = tree.add(script.spec().shutdown(shutdown));
    let supervisor = tree.start().await.unwrap();
    script.log.take();
    let (down, began) = (process::monitor(&child), Instant::now());
    supervisor::stop(&supervisor).await.unwrap();
    (began.elapsed(), down.await.reason)
}

/// SUP-29
// break: SUP-29 runtime/cordial/src/supervisor/stop.rs
//     `matches!(child.shutdown, Shutdown::BrutalKill)` => `false`
#[cordial::test]
async fn brutal_kill_ends_a_child_without_terminate() {
    let script = Script::new("a", &Log::default());
    let (took, reason) = stop_one(&script, Shutdown::BrutalKill).await;
    assert_eq!((took, reason), (secs(0), ExitReason::Killed));
    assert_eq!(script.log.take(), "");
}

/// SUP-30
// break: SUP-30 runtime/cordial/src/supervisor/stop.rs `Err(_) => self.kill(by),` => `Err(_) => {}`
#[cordial::test]
async fn child_has_as_long_as_its_shutdown_says_and_is_killed_then() {
    let takes = |time| Script::new("a", &Log::default()).stops(OnStop::Takes(time));
    let stuck = Script::new("a", &Log::default()).stops(OnStop::Never);
    for (script, limit, expected) in [
        (takes(secs(2)), secs(3), (secs(2), ExitReason::Shutdown)),
        (takes(secs(2)), secs(1), (secs(1), ExitReason::Killed)),
        (takes(millis(1)), secs(0), (secs(0), ExitReason::Killed)),
        (stuck, secs(3), (secs(3), ExitReason::Killed)),
    ] {
        let outcome = stop_one(&script, Shutdown::Timeout(limit)).await;
        assert_eq!(outcome, expected, "{limit:?}");
        let was_asked = script.log.take().starts_with("a stops: shutdown");
        assert!(was_asked || limit.is_zero(), "{limit:?}");
    }
}

/// SUP-31
// break: SUP-31 runtime/cordial/src/supervisor/stop.rs
//     `Shutdown::BrutalKill | Shutdown::Infinity => None,` => `Shutdown::BrutalKill => None,
//     Shutdown::Infinity => Instant::now().checked_add(Duration::from_secs(5)),`
#[cordial::test]
async fn infinity_waits_however_long_it_takes() {
    let script = Script::new("a", &Log::default()).stops(OnStop::Takes(hours(100)));
    let outcome = stop_one(&script, Shutdown::Infinity).await;
    assert_eq!(outcome, (hours(100), ExitReason::Shutdown));
}

/// SUP-32
// break: SUP-32 runtime/cordial/src/process/signals.rs
//     `if ext.trap {` => `if ext.trap || *reason == ExitReason::Shutdown {`
#[cordial::test]
async fn child_that_does_not_trap_exits_ends_without_terminate() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    let child = tree.add(Script::new("a", &log).plain_spec());
    let supervisor = tree.start().await.unwrap();
    log.take();
    let down = process::monitor(&child);
    supervisor::stop(&supervisor).await.unwrap();
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(log.take(), "");
}

/// SUP-33
#[cordial::test]
async fn child_that_fails_to_stop_does_not_keep_the_others_from_stopping() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    tree.add(Script::new("a", &log).spec());
    let panics = tree.add(Script::new("b", &log).stops(OnStop::Panics).spec());
    tree.add(Script::new("c", &log).spec());
    let supervisor = tree.start().await.unwrap();
    log.take();

    let (down, up) = (process::monitor(&panics), process::monitor(&supervisor));
    supervisor::stop(&supervisor).await.unwrap();
    assert!(down.await.reason.panic().is_some());
    expect_down(up, ExitReason::Normal).await;
    assert_eq!(
        log.take(),
        "c stops: shutdown, c stopped, b stops: shutdown, a stops: shutdown, a stopped"
    );
}

/// SUP-34
// break: SUP-34 runtime/cordial/src/process/ending.rs
//     `from, reason, ExitVia::Explicit` => `from, reason, ExitVia::Link`
#[cordial::test]
async fn child_that_unlinked_itself_does_not_hang_the_shutdown() {
    let log = Log::default();
    let mut tree = Supervisor::builder();
    let child = tree.add(Script::new("a", &log).spec());
    let supervisor = tree.start().await.unwrap();
    child.cast(PartMsg::Unlink(supervisor.pid().unwrap()));
    cordial::test::sync(&child).await;

    let down = process::monitor(&child);
    supervisor::stop(&supervisor).await.unwrap();
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(gen_server::whereis(&child), None);
}
