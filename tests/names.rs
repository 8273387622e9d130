//! Local names.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Node, RegisterError, gen_server};
use std::sync::{Arc, mpsc};
use std::task::{Context, Wake, Waker};

/// PROC-4
// break: PROC-4 runtime/cordial/src/process/mod.rs
//     `let _ = find_address(name)?.send(message);`
//     => `let _ = find_address(name).map(|address| address.send(message));`
#[test]
fn sending_to_an_unknown_name_is_an_error() {
    check_everywhere(async || {
        assert_eq!(process::send("nobody", ()), Err(RegisterError::Unknown));
        let (idler, ends) = idler();
        process::register("idler", &idler).unwrap();
        let pid = process::whereis("idler").unwrap();
        assert_eq!(process::send("idler", Note(1)), Err(RegisterError::OtherMessages(pid)));
        assert!(process::is_alive(&idler).await);
        assert_eq!(process::send("idler", ()), Ok(()));
        check_ends(ends, ExitReason::Normal).await;
        assert_eq!(process::send("idler", ()), Err(RegisterError::Unknown));
    });
}

/// PROC-4
#[test]
fn cast_to_an_unknown_name_is_silent() {
    check_everywhere(async || {
        process::cast("nobody", ());
        let (idler, ends) = idler();
        process::register("idler", &idler).unwrap();
        process::cast("idler", Note(1));
        assert!(process::is_alive(&idler).await);
        process::cast("idler", ());
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// PROC-30: bound to who has the name when the monitor is made, and told by the name.
// break: PROC-30 runtime/cordial/src/process/mod.rs `name: target.name()` => `name: None`
#[test]
fn monitor_by_name_is_bound_to_who_has_the_name_then() {
    check_everywhere(async || {
        let ((first, _), (second, second_ends)) = (idler(), idler());
        let pid = first.pid().unwrap();
        process::register("post", &first).unwrap();
        let down = process::monitor("post");
        in_process(async move |mut mail| {
            let monitor = process::monitor_message("post");
            let by_pid = process::monitor_message(&pid);
            process::unregister("post").unwrap();
            process::register("post", &second).unwrap();
            first.send(());
            let mut downs = [next_down(&mut mail).await, next_down(&mut mail).await];
            downs.sort_by_key(|down| down.monitor);
            assert!(downs.iter().all(|d| d.pid == pid && d.reason == ExitReason::Normal));
            assert_eq!(downs.map(|down| down.monitor), [monitor, by_pid]);
            assert_eq!(process::monitor_name(monitor).as_deref(), Some("post"));
            assert_eq!(process::monitor_name(by_pid), None);
        })
        .await;
        assert_eq!(down.await.pid, pid);

        process::exit("post", custom());
        check_ends(second_ends, custom()).await;
        check_ends(process::monitor("post"), ExitReason::NoProc).await;
    });
}

/// PROC-30: where nobody has the name the DOWN tells it, too.
#[test]
fn down_of_a_name_that_nobody_has_tells_the_name() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let monitor = process::monitor_message("nobody");
            assert_eq!(process::monitor_name(monitor).as_deref(), Some("nobody"));
            let down = next_down(&mut mail).await;
            assert_eq!((down.monitor, down.reason), (monitor, ExitReason::NoProc));
            assert_eq!(process::monitor_name(monitor).as_deref(), Some("nobody"));
            let other = process::monitor_message("nobody-else");
            next_down(&mut mail).await;
            assert_eq!(process::monitor_name(other).as_deref(), Some("nobody-else"));
            assert_eq!(process::monitor_name(monitor), None);
        })
        .await;
    });
}

/// PROC-29
#[test]
fn monitor_of_an_unregistered_name_says_noproc() {
    check_everywhere(async || {
        check_ends(process::monitor("nobody"), ExitReason::NoProc).await;
        in_process(async |mut mail| {
            let monitor = process::monitor_message("nobody");
            let down = next_down(&mut mail).await;
            assert_eq!((down.monitor, down.reason), (monitor, ExitReason::NoProc));
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-34
#[test]
fn name_is_free_when_the_down_is_seen() {
    check_races(async || {
        let (named, ends) = idler();
        process::register("named", &named).unwrap();
        let by_future = process::monitor(&named);
        in_process(async move |mut mail| {
            process::monitor_message(&named);
            named.send(());
            next_down(&mut mail).await;
            assert_eq!(process::whereis("named"), None);
            process::register("named", &mail.address()).unwrap();
        })
        .await;
        by_future.await;
        ends.await;
        assert_eq!(process::whereis("named"), None);
    });
}

/// PROC-34
#[test]
fn name_is_free_when_the_exit_is_seen() {
    check_races(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
            for name in names {
                process::spawn_link(async move |mail: Mailbox<()>| {
                    process::register(name, &mail.address()).unwrap();
                });
            }
            for _ in names {
                let gone = next_exit(&mut mail).await.from;
                assert!(names.iter().all(|name| process::whereis(name) != Some(gone)));
            }
        })
        .await;
    });
}

/// PROC-34: also to who is no process.
// break: PROC-34 runtime/cordial/src/process/run.rs `drop_values(values);`
//     => `drop_values(values);
//     let mut inner = self.inner.lock();
//     let told = inner.ext.as_mut().map(|ext| std::mem::take(&mut ext.monitors.watchers));
//     drop(inner);
//     told.into_iter().for_each(|mut all| all.drain(None, |at, one| one.tell(at, pid, &reason)));
//     std::thread::sleep(std::time::Duration::from_millis(1));`
#[test]
fn name_is_free_when_the_end_is_told_outside_of_processes() {
    check_races(async || {
        let (named, ends) = idler();
        process::register("awaited", &named).unwrap();
        named.send(());
        ends.await;
        assert_eq!(process::whereis("awaited"), None);
    });
}

/// Never answers.
#[gen_server]
#[derive(Default)]
struct Silent(Vec<ReplyTo<()>>);

#[gen_server]
impl Silent {
    #[call]
    fn ask(&mut self, from: ReplyTo<()>) {
        self.0.push(from);
    }
}

/// What is done at the moment of being woken.
struct Woken<F>(F);

impl<F: Fn() + Send + Sync> Wake for Woken<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

/// PROC-34: not even who was just answered finds the name taken.
#[test]
fn name_is_free_when_callers_are_told() {
    check_everywhere(async || {
        let silent = Silent::start(Silent::default()).name("silent").await.unwrap();
        let (heir, _) = idler();
        let (told, taken) = mpsc::channel();
        let take = move || drop(told.send(process::register("silent", &heir)));
        let waker = Waker::from(Arc::new(Woken(take)));
        let mut call = std::pin::pin!(silent.ask());
        assert!(call.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());

        process::exit(&silent, ExitReason::Kill);
        process::monitor(&silent).await;
        assert_eq!(taken.recv(), Ok(Ok(())));
        assert!(matches!(call.await, Err(CallError::Down(..))));
    });
}

/// PROC-34, PROC-36
#[test]
fn name_given_to_a_dying_process_does_not_stay() {
    check_races(async || {
        let (dying, ends) = idler();
        dying.send(());
        // Depending on who is faster it has the name for a moment, or never.
        let given = process::register("brief", &dying);
        assert!(matches!(given, Ok(()) | Err(RegisterError::NoProc)));
        ends.await;
        assert_eq!(process::whereis("brief"), None);
        assert_eq!(Node::current().unwrap().names(), 0);
    });
}

/// Registers the process that drops it.
struct Named;

impl Drop for Named {
    fn drop(&mut self) {
        let own = process::self_pid();
        assert_eq!(process::register("brief", &own), Ok(()));
    }
}

/// PROC-34: its values are dropped when the name that it had is known.
#[test]
fn name_that_a_value_of_a_dying_process_gives_it_does_not_stay() {
    process::local! {
        static NAMED: Named;
    }
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |_: Mailbox<()>| drop(NAMED.set(Named)));
        assert_eq!(ends.await.reason, ExitReason::Normal);
        assert_eq!(process::whereis("brief"), None);
        assert_eq!(Node::current().unwrap().names(), 0);
    });
}

/// PROC-35
// break: PROC-35 runtime/cordial/src/process/signals.rs `(Some(old), Some(_)) => return`
//     => `(Some(old), Some(_)) if old.is_empty() => return`
#[test]
fn name_has_one_process_and_a_process_one_name() {
    check_everywhere(async || {
        let ((one, _), (other, _)) = (idler(), idler());
        let pid = one.pid().unwrap();
        assert_eq!(process::register("a", &one), Ok(()));
        assert_eq!(process::whereis("a"), Some(pid));
        assert_eq!(process::register("a", &other), Err(RegisterError::Taken(pid.into())));
        let named = RegisterError::AlreadyNamed("a".into());
        assert_eq!(process::register("b", &one), Err(named));
        assert_eq!(process::whereis("b"), None);
        assert_eq!(process::register("b", &other), Ok(()));
    });
}

/// PROC-35
#[test]
fn dead_process_gets_no_name() {
    check_everywhere(async || {
        let (address, pid) = dead().await;
        assert_eq!(process::register("ghost", &address), Err(RegisterError::NoProc));
        assert_eq!(process::register("ghost", &pid), Err(RegisterError::NoProc));
        assert_eq!(process::whereis("ghost"), None);
    });
}

/// PROC-35
#[test]
fn one_of_many_that_want_a_name_gets_it() {
    check_races(async || {
        let claims = (0..8).map(|_| {
            let (from, won) = ReplyTo::pair();
            process::spawn(async move |mut mail: Mailbox<()>| {
                from.reply(process::register("crown", &mail.address()).is_ok());
                mail.next().await;
            });
            won
        });
        let claims: Vec<_> = claims.collect();
        let mut kings = 0;
        for won in claims {
            kings += usize::from(won.await.unwrap());
        }
        assert_eq!(kings, 1);
        let king = process::whereis("crown").unwrap();
        let down = process::monitor(&king);
        process::exit(&king, ExitReason::Kill);
        check_ends(down, ExitReason::Killed).await;
    });
}

/// PROC-36
// break: PROC-36 runtime/cordial/src/process/mod.rs
//     `let (pid, process) = node.names.find(name).ok_or(RegisterError::Unknown)?;`
//     => `let Some((pid, process)) = node.names.find(name) else { return Ok(()) };`
#[test]
fn unregister_frees_the_name_and_fails_where_nobody_has_it() {
    check_everywhere(async || {
        assert_eq!(process::whereis("a"), None);
        assert_eq!(process::unregister("a"), Err(RegisterError::Unknown));
        let ((one, _), (other, _)) = (idler(), idler());
        process::register("a", &one).unwrap();
        assert_eq!(process::unregister("a"), Ok(()));
        assert_eq!(process::unregister("a"), Err(RegisterError::Unknown));
        assert_eq!(process::whereis("a"), None);
        assert_eq!(process::register("a", &other), Ok(()));
        assert_eq!(process::register("b", &one), Ok(()));
    });
}

/// PROC-36
#[test]
fn end_of_a_process_frees_its_name_however_it_ends() {
    check_everywhere(async || {
        for reason in [ExitReason::Normal, custom(), ExitReason::Kill] {
            let (named, ends) = idler();
            process::register("named", &named).unwrap();
            process::exit(&named, reason);
            named.send(());
            ends.await;
            assert_eq!(process::whereis("named"), None);
        }
    });
}
