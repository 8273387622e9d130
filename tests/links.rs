//! Links and exit signals.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Spawned};
use cordial::{Answer, RawRef};

/// A process that links itself to `peer` and then idles; linked when this returns.
async fn linked_to(peer: &RawRef<()>) -> (RawRef<()>, Spawned<()>) {
    let peer = peer.clone();
    let (ready, is_ready) = ReplyTo::pair();
    let linked = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
        process::link(&peer).unwrap();
        ready.reply(());
        mail.next().await;
    });
    is_ready.await.unwrap();
    linked
}

/// PROC-12, PROC-13
// break: PROC-12 runtime/cordial/src/process/mod.rs
//     `if other.process.add_link(other.pid, me.pid, me.process.clone()) {`
//     => `if other.process.pid().is_some() {`
#[test]
fn link_works_from_either_end() {
    check_everywhere(async || {
        for end in 0..2 {
            let (one, one_ends) = idler();
            let (other, other_ends) = linked_to(&one).await;
            process::exit([&one, &other][end], custom());
            check_ends(one_ends, custom()).await;
            check_ends(other_ends, custom()).await;
        }
    });
}

/// PROC-12
#[test]
fn two_links_and_one_unlink_leave_no_link() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let (peer, peer_ends) = idler();
            process::link(&peer).unwrap();
            process::link(&peer).unwrap();
            process::unlink(&peer);
            process::exit(&peer, custom());
            check_ends(peer_ends, custom()).await;
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-12
#[test]
fn linked_twice_gives_one_exit() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let (peer, _) = idler();
            process::link(&peer).unwrap();
            process::link(&peer).unwrap();
            process::exit(&peer, custom());
            assert_eq!(next_exit(&mut mail).await.reason, custom());
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-13
// break: PROC-13 runtime/cordial/src/process/signals.rs `ExitReason::Normal && from != to`
//     => `ExitReason::Normal && from != to && !by_link`
#[test]
fn normal_end_of_the_peer_does_nothing() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let (peer, peer_ends) = idler();
            process::link(&peer).unwrap();
            peer.send(());
            check_ends(peer_ends, ExitReason::Normal).await;
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-13
#[test]
fn every_other_reason_ends_the_peer_with_the_same() {
    check_everywhere(async || {
        let reasons = [
            ExitReason::Shutdown,
            ExitReason::shutdown_with("tell"),
            ExitReason::NoProc,
            ExitReason::NoConnection,
            custom(),
        ];
        for reason in reasons {
            let (one, one_ends) = idler();
            let (_, other_ends) = linked_to(&one).await;
            process::exit(&one, reason.clone());
            check_ends(one_ends, reason.clone()).await;
            check_ends(other_ends, reason).await;
        }
    });
}

/// PROC-14
// break: PROC-14 runtime/cordial/src/process/run.rs `if link.late { ExitReason::NoProc }`
//     => `if link.late || ext.doom.is_some() { ExitReason::NoProc }`
#[test]
fn exit_goes_along_a_chain_of_links() {
    check_everywhere(async || {
        let mut chain = vec![idler()];
        for _ in 0..3 {
            let last = chain.last().unwrap().0.clone();
            chain.push(linked_to(&last).await);
        }
        process::exit(&chain.last().unwrap().0, custom());
        for (_, ends) in chain {
            check_ends(ends, custom()).await;
        }
    });
}

/// PROC-15
// break: PROC-15 runtime/cordial/src/process/signals.rs `if via == ExitVia::FailedStart {`
//     => `if via == ExitVia::FailedStart || *reason == ExitReason::Normal {`
#[test]
fn trapping_process_gets_every_reason_as_a_message() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let reasons = [ExitReason::Normal, ExitReason::Shutdown, ExitReason::NoProc, custom()];
            for reason in reasons {
                let child = process::spawn_link(ends_with(reason.clone()));
                let from = child.pid();
                let exit = next_exit(&mut mail).await;
                assert_eq!(exit.reason, reason);
                assert!(from.is_none_or(|from| from == exit.from));
            }
        })
        .await;
    });
}

/// PROC-16
// break: PROC-16 runtime/cordial/src/process/signals.rs `Effect::Doomed(ExitReason::Killed)`
//     => `Effect::Doomed(ExitReason::Kill)`
#[test]
fn kill_ends_a_trapping_process_and_others_see_killed() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let (victim, exit) = trapper().await;
            process::link(&victim).unwrap();
            let down = process::monitor(&victim);
            process::exit(&victim, ExitReason::Kill);
            check_ends(down, ExitReason::Killed).await;
            assert_eq!(next_exit(&mut mail).await.reason, ExitReason::Killed);
            assert_eq!(exit.await, None, "the victim itself sees nothing of it");
        })
        .await;
    });
}

/// PROC-17
// break: PROC-17 runtime/cordial/src/process/signals.rs `*reason == ExitReason::Kill && !by_link`
//     => `*reason == ExitReason::Killed || (*reason == ExitReason::Kill && !by_link)`
#[test]
fn killed_over_a_link_is_an_exit_like_any_other() {
    check_everywhere(async || {
        let (victim, victim_ends) = idler();
        let (_, peer_ends) = linked_to(&victim).await;
        let trapping = trapping_link_to(&victim).await;
        process::exit(&victim, ExitReason::Kill);
        check_ends(victim_ends, ExitReason::Killed).await;
        check_ends(peer_ends, ExitReason::Killed).await;
        assert_eq!(trapping.await.unwrap().reason, ExitReason::Killed);
    });
}

/// A process that traps exits, linked to `peer`; what it gets.
async fn trapping_link_to(peer: &RawRef<()>) -> Answer<Exit> {
    let peer = peer.clone();
    let ((ready, is_ready), (from, answer)) = (ReplyTo::pair(), ReplyTo::pair());
    process::spawn(async move |mut mail: Mailbox<()>| {
        process::trap_exit(true);
        process::link(&peer).unwrap();
        ready.reply(());
        from.reply(next_exit(&mut mail).await);
    });
    is_ready.await.unwrap();
    answer
}

/// PROC-18
// break: PROC-18 runtime/cordial/src/process/signals.rs `*reason == ExitReason::Kill && !by_link`
//     => `*reason == ExitReason::Kill`
#[test]
fn process_that_itself_ends_with_kill_sends_its_links_a_plain_kill() {
    check_everywhere(async || {
        let (go, gone) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            mail.next().await;
            ExitReason::Kill
        });
        let (_, peer_ends) = linked_to(&go).await;
        let trapping = trapping_link_to(&go).await;
        go.send(());
        check_ends(gone, ExitReason::Kill).await;
        check_ends(peer_ends, ExitReason::Kill).await;
        assert_eq!(trapping.await.unwrap().reason, ExitReason::Kill);
    });
}

/// PROC-19
// break: PROC-19 runtime/cordial/src/process/signals.rs `ExitReason::Normal && from != to`
//     => `ExitReason::Normal && from != to && by_link`
#[test]
fn exit_normal_to_another_is_ignored_unless_it_traps() {
    check_everywhere(async || {
        let (plain, plain_ends) = idler();
        process::exit(&plain, ExitReason::Normal);
        assert!(process::is_alive(&plain).await);
        process::exit(&plain, custom());
        check_ends(plain_ends, custom()).await;

        let (trapping, exit) = trapper().await;
        process::exit(&trapping, ExitReason::Normal);
        let from = process::self_pid();
        assert_eq!(exit.await, Some(Exit { from, reason: ExitReason::Normal }));
    });
}

/// PROC-20
// break: PROC-20 runtime/cordial/src/process/signals.rs `ExitReason::Normal && from != to`
//     => `ExitReason::Normal`
#[test]
fn exit_normal_to_oneself_ends_who_does_not_trap() {
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            process::exit(&mail.pid(), ExitReason::Normal);
            mail.next().await;
            custom()
        });
        check_ends(ends, ExitReason::Normal).await;
        in_process(async |mut mail| {
            process::trap_exit(true);
            let from = mail.pid();
            process::exit(&from, ExitReason::Normal);
            assert_eq!(next_exit(&mut mail).await, Exit { from, reason: ExitReason::Normal });
        })
        .await;
    });
}

/// PROC-20, PROC-21
#[test]
fn exit_to_oneself_is_the_reason_also_without_another_await() {
    check_everywhere(async || {
        for (reason, seen) in [(custom(), custom()), (ExitReason::Kill, ExitReason::Killed)] {
            let (_, ends) = process::spawn_monitor(async move |mail: Mailbox<()>| {
                process::trap_exit(reason == ExitReason::Kill);
                process::exit(&mail.pid(), reason);
            });
            check_ends(ends, seen).await;
        }
    });
}

/// PROC-21
// break: PROC-21 runtime/cordial/src/process/signals.rs `*reason == ExitReason::Kill && !by_link`
//     => `*reason == ExitReason::Kill && !by_link && from != to`
#[test]
fn exit_kill_to_oneself_while_trapping_ends_with_killed() {
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            process::trap_exit(true);
            process::exit(&mail.pid(), ExitReason::Kill);
            mail.next().await;
        });
        check_ends(ends, ExitReason::Killed).await;
    });
}

/// PROC-22
// break: PROC-22 runtime/cordial/src/process/mod.rs `let from = self_pid();`
//     => `let from = found.pid;`
#[test]
fn exit_needs_no_link_and_names_its_sender() {
    check_everywhere(async || {
        let (trapping, exit) = trapper().await;
        let (sender, sent) = ReplyTo::pair();
        process::spawn(async move |mail: Mailbox<()>| {
            process::exit(&trapping, custom());
            sender.reply(mail.pid());
        });
        let from = sent.await.unwrap();
        assert_eq!(exit.await, Some(Exit { from, reason: custom() }));
    });
}

/// PROC-22
#[test]
fn exit_to_the_dead_does_nothing() {
    check_everywhere(async || {
        let (address, pid) = dead().await;
        process::exit(&address, custom());
        process::exit(&pid, ExitReason::Kill);
    });
}

/// PROC-23
// break: PROC-23 runtime/cordial/src/process/mod.rs
//     `let from = dead.filter(|_| me.process.traps(me.pid)).ok_or(NoProc)?;`
//     => `let Some(from) = dead.filter(|_| me.process.traps(me.pid)) else { return Ok(()) };`
#[test]
fn link_to_the_dead_fails_with_noproc() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let (address, pid) = dead().await;
            assert_eq!(process::link(&address), Err(cordial::NoProc));
            assert_eq!(process::link(&pid), Err(cordial::NoProc));
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-23
#[test]
fn link_to_the_dead_gives_an_exit_to_who_traps() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let (address, from) = dead().await;
            let exit = Exit { from, reason: ExitReason::NoProc };
            assert_eq!(process::link(&from), Ok(()));
            assert_eq!(next_exit(&mut mail).await, exit);
            assert_eq!(process::link(&address), Ok(()));
            assert_eq!(next_exit(&mut mail).await, exit);
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// PROC-5, PROC-23
#[test]
fn link_after_an_exit_signal_of_the_same_process_says_noproc() {
    check_races(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let (victim, ends) = idler();
            process::exit(&victim, custom());
            process::link(&victim).unwrap();
            assert_eq!(next_exit(&mut mail).await.reason, ExitReason::NoProc);
            check_ends(ends, custom()).await;
        })
        .await;
    });
}

/// PROC-24
#[test]
fn unlink_keeps_the_exit_that_is_in_the_mailbox_already() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let child = process::spawn_link(ends_with(custom()));
            process::monitor(&child).await;
            process::unlink(&child);
            assert_eq!(next_exit(&mut mail).await.reason, custom());
        })
        .await;
    });
}

/// PROC-24
// break: PROC-24 runtime/cordial/src/process/mod.rs `let other = target.find();`
//     => `let other = target.find(); if other.is_some() { return; }`
#[test]
fn nothing_comes_over_a_link_after_unlink() {
    check_races(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let child = process::spawn_link(ends_with(custom()));
            let pid = child.pid();
            process::unlink(&child);
            // Whatever came before stands in the mailbox now, so nothing may follow this.
            mail.send_self(());
            let mut earlier = 0;
            while let process::Received::Exit(exit) = mail.receive().await {
                assert!(pid.is_none_or(|pid| pid == exit.from));
                earlier += 1;
            }
            assert!(earlier <= 1);
            process::monitor(&child).await;
            mail.send_self(());
            next_message(&mut mail).await;
        })
        .await;
    });
}

/// PROC-25
// break: PROC-25 runtime/cordial/src/process/birth.rs `self.tie_to(pid, *peer, process);`
//     => `let _ = (peer, process);`
#[test]
fn child_that_ends_at_once_always_signals_its_parent() {
    check_races(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            for _ in 0..20 {
                process::spawn_link(ends_with(custom()));
            }
            for _ in 0..20 {
                assert_eq!(next_exit(&mut mail).await.reason, custom());
            }
        })
        .await;
    });
}

/// PROC-25
#[test]
fn child_that_ends_at_once_takes_its_parent_with_it() {
    check_races(async || {
        let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            process::spawn_link(ends_with(custom()));
            mail.next().await;
        });
        check_ends(ends, custom()).await;
    });
}

/// PROC-26
// break: PROC-26 runtime/cordial/src/process/signals.rs
//     `std::mem::replace(&mut inner.ext().trap, trap)`
//     => `std::mem::replace(&mut inner.ext().trap, trap) || trap`
#[test]
fn trap_exit_tells_what_it_was_and_is_off_at_first() {
    check_everywhere(async || {
        in_process(async |_| {
            assert!(!process::trap_exit(true));
            assert!(process::trap_exit(true));
            assert!(process::trap_exit(false));
            assert!(!process::trap_exit(false));
        })
        .await;
    });
}

/// PROC-26
#[test]
fn trap_exit_is_not_inherited() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let (from, trapped) = ReplyTo::pair();
            process::spawn_link(async |_: Mailbox<()>| from.reply(process::trap_exit(true)));
            assert_eq!(trapped.await, Some(false));
            next_exit(&mut mail).await;
        })
        .await;
    });
}

/// PROC-13, PROC-27
#[test]
fn panic_goes_over_links_with_its_message_and_place() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            process::spawn_link(async |_: Mailbox<()>| panic!("the {}", "boom"));
            let exit = next_exit(&mut mail).await;
            let panic = exit.reason.panic().unwrap();
            assert_eq!(panic.message(), "the boom");
            assert!(panic.location().unwrap().starts_with("tests/links.rs:"));
        })
        .await;
    });
}
