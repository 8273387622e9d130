//! Without a subscriber a crash is told on stderr, once; looked at from outside, for stderr belongs
//! to the OS process.
use cordial::prelude::*;
use cordial::process;
use std::process::Command;

/// Set where a test is run by another test, to be looked at.
const LOOKED_AT: &str = "CORDIAL_TEST_IS_LOOKED_AT";

/// What a test of this binary says on stderr when it runs alone.
fn stderr_of(test: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    let output = command.args(["--exact", test, "--nocapture"]).env(LOOKED_AT, "1").output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn is_looked_at() -> bool {
    std::env::var_os(LOOKED_AT).is_some()
}

#[gen_server]
struct Fragile;

#[gen_server]
impl Fragile {
    #[cast]
    fn smash(&self) {
        panic!("in pieces");
    }
    #[cast]
    fn leave(&self) -> Flow {
        Flow::Stop(ExitReason::Shutdown)
    }
}

/// Two watch it: the report is one all the same.
async fn end(end: fn(&FragileRef)) -> ExitReason {
    let server = Fragile::start(Fragile).name("vase").await.unwrap();
    let downs = (process::monitor(&server), process::monitor(&server));
    end(&server);
    downs.0.await;
    downs.1.await.reason
}

#[cordial::test]
async fn crash_to_look_at() {
    if is_looked_at() {
        let reason = end(|server| {
            server.smash();
        });
        assert!(reason.await.panic().is_some());
    }
}

#[cordial::test]
async fn ordinary_end_to_look_at() {
    if is_looked_at() {
        let reason = end(|server| {
            server.leave();
        });
        assert_eq!(reason.await, ExitReason::Shutdown);
    }
}

/// GS-41
#[test]
fn crash_without_a_subscriber_is_told_on_stderr_once_and_by_us_alone() {
    let stderr =
        stderr_of(concat!(module_path!(), "::crash_to_look_at").split_once("::").unwrap().1);
    assert_eq!(stderr.matches("in pieces").count(), 1, "{stderr}");
    let report: Vec<_> = stderr.lines().collect();
    assert!(report[0].starts_with("cordial: `vase` <0.") && report[0].ends_with("> crashed"));
    assert!(report[1].starts_with("  reason        panicked: in pieces at "), "{stderr}");
    assert!(report[1].contains("crash_on_stderr.rs:"), "{stderr}");
    assert_eq!(report[2..], ["  last message  smash"]);
}

/// GS-41
#[test]
fn ordinary_end_without_a_subscriber_is_silent() {
    let test = concat!(module_path!(), "::ordinary_end_to_look_at").split_once("::").unwrap().1;
    assert_eq!(stderr_of(test), "");
}

/// The program's own hook, which is there before the first node.
#[expect(clippy::print_stderr, reason = "it is looked at from outside")]
#[test]
fn hook_to_look_at() {
    if !is_looked_at() {
        return;
    }
    std::panic::set_hook(Box::new(|info| eprintln!("hook: {info}")));
    cordial::__private::run_test(None, async {
        let reason = end(|server| {
            server.smash();
        });
        assert!(reason.await.panic().is_some());
        assert!(std::panic::catch_unwind(|| panic!("in the test itself")).is_err());
    });
}

/// A panic outside of processes is the program's own hook's, and it is told of no other.
#[test]
fn panic_outside_of_processes_is_told_by_the_hook_that_was_there() {
    let test = concat!(module_path!(), "::hook_to_look_at").split_once("::").unwrap().1;
    let stderr = stderr_of(test);
    assert_eq!(stderr.matches("hook: ").count(), 1, "{stderr}");
    assert!(stderr.contains("in the test itself"), "{stderr}");
}
