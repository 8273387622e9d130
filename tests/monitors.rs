//! Monitors.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::sync;
use cordial::{Answer, MonitorRef};

/// PROC-6
// break: PROC-6 runtime/cordial/src/mailbox/queue.rs `self.rest.push(mail);`
//     => `self.rest.insert(if let Mail::System(_) = mail { 0 } else { self.rest.len() }, mail);`
#[test]
fn last_message_comes_before_the_down() {
    check_races(async || {
        in_process(async |mut mail| {
            let me = mail.address();
            let (go, _) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
                mail.next().await;
                (0..3).for_each(|_| _ = me.send(()));
            });
            let monitor = process::monitor_message(&go);
            go.send(());
            for _ in 0..3 {
                next_message(&mut mail).await;
            }
            assert_eq!(next_down(&mut mail).await.monitor, monitor);
        })
        .await;
    });
}

/// PROC-6
#[test]
fn last_message_comes_before_the_exit() {
    check_races(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let me = mail.address();
            process::spawn_link(async move |_: Mailbox<()>| {
                (0..3).for_each(|_| _ = me.send(()));
                custom()
            });
            for _ in 0..3 {
                next_message(&mut mail).await;
            }
            assert_eq!(next_exit(&mut mail).await.reason, custom());
        })
        .await;
    });
}

/// PROC-7
// break: PROC-7 runtime/cordial/src/process/monitors.rs `if self.late {` => `if false {`
#[test]
fn monitor_after_an_exit_signal_of_the_same_process_says_noproc() {
    check_races(async || {
        let (victim, ends) = idler();
        process::exit(&victim, ExitReason::Shutdown);
        check_ends(process::monitor(&victim), ExitReason::NoProc).await;
        check_ends(ends, ExitReason::Shutdown).await;
        in_process(async |mut mail| {
            let (victim, _) = idler();
            process::exit(&victim, ExitReason::Shutdown);
            process::monitor_message(&victim);
            assert_eq!(next_down(&mut mail).await.reason, ExitReason::NoProc);
        })
        .await;
    });
}

/// PROC-28
#[test]
fn monitor_goes_one_way() {
    check_everywhere(async || {
        let (watched, watched_ends) = idler();
        let (ready, is_ready) = ReplyTo::pair();
        let target = watched.clone();
        let (watcher, watcher_ends) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            process::monitor_message(&target);
            ready.reply(());
            mail.next().await;
        });
        is_ready.await.unwrap();
        process::exit(&watcher, custom());
        check_ends(watcher_ends, custom()).await;
        assert!(process::is_alive(&watched).await);
        watched.send(());
        check_ends(watched_ends, ExitReason::Normal).await;
    });
}

/// PROC-28
// break: PROC-28 runtime/cordial/src/process/node.rs `self.refs.fetch_add(1, Relaxed)`
//     => `self.refs.load(Relaxed)`
#[test]
fn each_monitor_gives_one_down_of_its_own() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let (watched, _) = idler();
            let pid = watched.pid().unwrap();
            let monitors = [process::monitor_message(&watched), process::monitor_message(&pid)];
            assert_ne!(monitors[0], monitors[1]);
            process::exit(&watched, custom());
            let downs = [next_down(&mut mail).await, next_down(&mut mail).await];
            assert!(downs.iter().all(|down| down.pid == pid && down.reason == custom()));
            let mut fired = downs.map(|down| down.monitor);
            fired.sort();
            assert_eq!(fired, monitors);
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-28
#[test]
fn monitors_and_links_do_not_know_of_each_other() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let (watched, _) = idler();
            process::link(&watched).unwrap();
            let monitor = process::monitor_message(&watched);
            process::unlink(&watched);
            process::exit(&watched, custom());
            assert_eq!(next_down(&mut mail).await.monitor, monitor);
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-29
// break: PROC-29 runtime/cordial/src/process/mod.rs
//     `Down { monitor, pid, reason: ExitReason::NoProc }`
//     => `Down { monitor, pid, reason: ExitReason::Normal }`
#[test]
fn monitor_of_the_dead_says_noproc_at_once() {
    check_everywhere(async || {
        let (address, pid) = dead().await;
        for down in [process::monitor(&address).await, process::monitor(&pid).await] {
            assert_eq!((down.pid, down.reason), (pid, ExitReason::NoProc));
        }
        in_process(async move |mut mail| {
            for monitor in [process::monitor_message(&address), process::monitor_message(&pid)] {
                let reason = ExitReason::NoProc;
                assert_eq!(next_down(&mut mail).await, Down { monitor, pid, reason });
            }
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-31
// break: PROC-31 runtime/cordial/src/process/run.rs `watcher.tell(monitor, pid, reason);`
//     => `watcher.tell(monitor, pid, &ExitReason::NoProc);`
#[test]
fn thousand_trivial_processes_give_a_thousand_downs() {
    check_everywhere(async || {
        let ends: Vec<_> =
            (0..1000).map(|_| process::spawn_monitor(async |_: Mailbox<()>| {}).1).collect();
        for end in ends {
            check_ends(end, ExitReason::Normal).await;
        }
        in_process(async |mut mail| {
            let idlers: Vec<_> = (0..1000).map(|_| idler().0).collect();
            for idler in &idlers {
                process::monitor_message(idler);
                idler.send(());
            }
            for _ in 0..1000 {
                assert_eq!(next_down(&mut mail).await.reason, ExitReason::Normal);
            }
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-32, PROC-33
// break: PROC-33 runtime/cordial/src/process/signals.rs `watching.remove(monitor)?.process`
//     => `watching.get_mut(monitor)?.process.clone()`
#[test]
fn demonitor_stops_the_down() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let (watched, ends) = idler();
            let monitor = process::monitor_message(&watched);
            assert!(process::demonitor(monitor));
            assert!(!process::demonitor(monitor));
            watched.send(());
            check_ends(ends, ExitReason::Normal).await;
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-32, PROC-33
#[test]
fn demonitor_keeps_a_down_that_is_in_the_mailbox_already() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let monitor = process::monitor_message(&dead().await.0);
            assert!(!process::demonitor(monitor));
            assert_eq!(next_down(&mut mail).await.monitor, monitor);
            assert!(!process::demonitor(monitor));
        })
        .await;
    });
}

/// PROC-32, PROC-33
// break: PROC-32 runtime/cordial/src/process/signals.rs `if has_fired && fired == Fired::Stays {`
//     => `if has_fired {`
#[test]
fn demonitor_flush_takes_the_down_out_of_the_mailbox() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let dead = dead().await.0;
            let monitors = [(); 3].map(|()| process::monitor_message(&dead));
            mail.send_self(());
            // The second one is in the process's hands by now, and nobody has seen it.
            assert_eq!(next_down(&mut mail).await.monitor, monitors[0]);
            assert!(!process::demonitor_flush(monitors[1]));
            assert_eq!(next_down(&mut mail).await.monitor, monitors[2]);
            next_message(&mut mail).await;
            check_silent(&mut mail).await;

            let (watched, _) = idler();
            let monitor = process::monitor_message(&watched);
            assert!(process::demonitor_flush(monitor));
            process::exit(&watched, ExitReason::Kill);
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-32
#[test]
fn nothing_comes_from_a_monitor_after_a_flush() {
    check_races(async || {
        in_process(async |mut mail| {
            let (watched, ends) = idler();
            let monitor = process::monitor_message(&watched);
            watched.send(());
            process::demonitor_flush(monitor);
            check_ends(ends, ExitReason::Normal).await;
            mail.send_self(());
            next_message(&mut mail).await;
        })
        .await;
    });
}

/// A server that watches processes, and forgets them again before it has seen their ends.
#[gen_server]
#[derive(Default)]
struct Watcher {
    monitors: Vec<MonitorRef>,
    seen: Vec<MonitorRef>,
}

#[gen_server]
impl Watcher {
    #[init]
    fn new() -> Self {
        Self::default()
    }

    #[cast]
    fn watch(&mut self, targets: Vec<Pid>, ctx: &mut Ctx<Self>) {
        let monitors = targets.iter().map(|target| ctx.monitor(target));
        self.monitors = monitors.collect();
    }

    #[cast]
    async fn wait(&self, released: Answer<()>) {
        released.await;
    }

    /// Of the monitors it keeps the first.
    #[cast]
    fn forget(&mut self, ctx: &mut Ctx<Self>) {
        for monitor in self.monitors.drain(1..) {
            ctx.demonitor(monitor);
        }
    }

    #[info]
    fn down(&mut self, down: Down) {
        self.seen.push(down.monitor);
    }

    #[call]
    fn kept_and_seen(&self) -> (Vec<MonitorRef>, Vec<MonitorRef>) {
        (self.monitors.clone(), self.seen.clone())
    }
}

/// PROC-32
#[test]
fn demonitor_of_a_server_takes_back_what_stands_behind_the_message_it_handles() {
    check_everywhere(async || {
        let watcher = Watcher::start().await.unwrap();
        let idler = idler().0;
        watcher.watch(vec![idler.pid().unwrap(); 3]);
        sync(&watcher).await;
        let ends = process::monitor(&idler);
        let (release, released) = ReplyTo::pair();
        watcher.wait(released);
        watcher.forget();
        idler.send(());
        ends.await;
        release.reply(());
        sync(&watcher).await;
        let (kept, seen) = watcher.kept_and_seen().await.unwrap();
        assert_eq!((kept.len(), kept), (1, seen));
    });
}

/// PROC-33: nobody is told of the own end, so there is nothing to take away; a random history
/// found it.
#[test]
fn monitor_of_oneself_is_none() {
    check_everywhere(async || {
        in_process(async |mail| {
            let monitor = process::monitor_message(&mail.pid());
            assert!(!process::demonitor(monitor));
        })
        .await;
    });
}

/// PROC-33
#[test]
fn demonitor_of_somebody_elses_monitor_does_nothing() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let (watched, _) = idler();
            let monitor = process::monitor_message(&watched);
            let (from, done) = ReplyTo::pair();
            process::spawn(async move |_: Mailbox<()>| from.reply(process::demonitor(monitor)));
            assert_eq!(done.await, Some(false));
            watched.send(());
            assert_eq!(next_down(&mut mail).await.monitor, monitor);
        })
        .await;
    });
}

/// PROC-28, PROC-32
#[test]
fn monitor_that_is_dropped_leaves_nothing_behind() {
    check_everywhere(async || {
        let (watched, ends) = idler();
        for _ in 0..100 {
            drop(process::monitor(&watched));
        }
        let last = process::monitor(&watched);
        watched.send(());
        check_ends(last, ExitReason::Normal).await;
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// PROC-8, PROC-29
#[test]
fn end_of_the_watcher_takes_its_monitors_along() {
    check_everywhere(async || {
        let (watched, ends) = idler();
        let target = watched.clone();
        let watcher = process::spawn_monitor(async move |_: Mailbox<()>| {
            process::monitor_message(&target);
        });
        check_ends(watcher.1, ExitReason::Normal).await;
        watched.send(());
        check_ends(ends, ExitReason::Normal).await;
        assert!(!process::is_alive(&watched).await);
    });
}
