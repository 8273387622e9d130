//! Aliases.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Alias, Mailbox, Received, Unalias};
use std::time::Duration;

/// What comes until nothing is queued any more.
async fn queued(mail: &mut Mailbox<Note<u32>>) -> Vec<u32> {
    let mut queued = Vec::new();
    while let Some(message) = mail.receive_if(|_| true).after(Duration::ZERO).await {
        queued.push(message.0);
    }
    queued
}

/// Runs `body` as a process that receives numbers.
async fn with_numbers<F, Fut>(body: F)
where
    F: FnOnce(Mailbox<Note<u32>>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    check_ends(process::spawn_monitor(body).1, ExitReason::Normal).await;
}

/// PROC-37: as the pid while it is active, then nobody; `unalias` says once that it was.
// break: PROC-37 runtime/cordial/src/process/alias.rs
//     `let Some(mode) = inner.alias(id) else { return false };`
//     => `let mode = inner.alias(id).unwrap_or(Mode::Alias);`
#[test]
fn alias_delivers_until_it_is_switched_off() {
    check_everywhere(async || {
        with_numbers(async |mut mail| {
            let (alias, other) = (mail.alias(), mail.alias());
            assert_ne!(alias, other);
            mail.send_self(Note(0));
            (1..=2).for_each(|n| alias.send(Note(n)));
            other.send(Note(3));
            assert_eq!(queued(&mut mail).await, [0, 1, 2, 3]);

            assert!(alias.unalias());
            assert!(!alias.unalias());
            alias.send(Note(4));
            other.send(Note(5));
            assert_eq!(queued(&mut mail).await, [5]);
        })
        .await;
    });
}

/// PROC-37: what was sent before stays in the mailbox.
#[test]
fn message_that_came_before_unalias_stays() {
    check_everywhere(async || {
        with_numbers(async |mut mail| {
            let alias = mail.alias();
            alias.send(Note(1));
            assert!(alias.unalias());
            assert_eq!(queued(&mut mail).await, [1]);
        })
        .await;
    });
}

/// PROC-37: an alias belongs to one process; others use it, and cannot switch it off.
#[test]
fn only_the_process_itself_switches_its_alias_off() {
    check_everywhere(async || {
        with_numbers(async |mut mail| {
            let alias = mail.alias();
            assert_eq!(alias.pid(), mail.pid());
            let theirs = alias.clone();
            in_process(async move |_| {
                assert!(!theirs.unalias());
                theirs.send(Note(1));
            })
            .await;
            assert_eq!(queued(&mut mail).await, [1]);
            assert!(alias.unalias());
        })
        .await;
    });
}

/// PROC-37: sending to an alias of the dead is silent, and so is dropping what was sent.
#[test]
fn alias_of_a_dead_process_takes_nothing() {
    check_everywhere(async || {
        let (from, answer) = ReplyTo::pair();
        let (_, ends) = process::spawn_monitor(async |mail: Mailbox<Note<ReplyTo<()>>>| {
            from.reply(mail.alias());
        });
        let alias = answer.await.unwrap();
        check_ends(ends, ExitReason::Normal).await;
        let (held, is_held) = ReplyTo::pair();
        alias.send(Note(held));
        assert_eq!(is_held.await, None);
    });
}

/// PROC-38: of many that send at once one is heard, whoever it is.
// break: PROC-38 runtime/cordial/src/process/alias.rs
//     `matches!(self, Self::Reply | Self::Monitor(Unalias::ReplyDemonitor))`
//     => `matches!(self, Self::Monitor(Unalias::ReplyDemonitor))`
#[test]
fn reply_alias_lets_one_of_many_racing_messages_through() {
    check_races(async || {
        with_numbers(async |mut mail| {
            let alias = mail.alias_reply();
            let senders = [1, 2, 3, 4].map(|n| {
                let alias = alias.clone();
                process::spawn_monitor(async move |_: Mailbox<()>| {
                    (0..3).for_each(|_| alias.send(Note(n)));
                })
            });
            for (_, sender) in senders {
                sender.await;
            }
            assert_eq!(queued(&mut mail).await.len(), 1);
            assert!(!alias.unalias());
        })
        .await;
    });
}

/// A process that ends with `custom()` at its first message.
fn peer() -> cordial::RawRef<()> {
    process::spawn(async |mut mail: Mailbox<()>| {
        mail.next().await;
        custom()
    })
}

/// A monitor with an alias, and whom it watches.
fn watch(mail: &Mailbox<Note<u32>>, unalias: Unalias) -> (Alias<Note<u32>>, cordial::RawRef<()>) {
    let peer = peer();
    (mail.monitor_alias(&peer, unalias), peer)
}

/// PROC-39: one reference, for the messages and for the DOWN; only `unalias` switches it off.
#[test]
fn explicit_alias_of_a_monitor_outlives_the_monitor() {
    check_everywhere(async || {
        with_numbers(async |mut mail| {
            let (alias, peer) = watch(&mail, Unalias::Explicit);
            alias.send(Note(1));
            assert_eq!(next_message(&mut mail).await, Note(1));
            peer.send(());
            let down = next_down(&mut mail).await;
            assert_eq!((down.monitor, down.reason), (alias.monitor(), custom()));
            alias.send(Note(2));
            assert_eq!(queued(&mut mail).await, [2]);

            let (alias, _) = watch(&mail, Unalias::Explicit);
            assert!(process::demonitor(alias.monitor()));
            alias.send(Note(3));
            assert_eq!(queued(&mut mail).await, [3]);
            assert!(alias.unalias());
        })
        .await;
    });
}

/// PROC-39: the first message takes alias and monitor away.
// break: PROC-39 runtime/cordial/src/process/alias.rs
//     `watched = monitors.and_then(|monitors| monitors.watching.remove(id));`
//     => `watched = monitors.and_then(|monitors| monitors.watching.remove(id).filter(|_| false));`
#[test]
fn first_message_of_a_reply_alias_cancels_its_monitor() {
    check_everywhere(async || {
        with_numbers(async |mut mail| {
            let (alias, peer) = watch(&mail, Unalias::ReplyDemonitor);
            let ends = process::monitor(&peer);
            (1..=2).for_each(|n| alias.send(Note(n)));
            assert_eq!(queued(&mut mail).await, [1]);
            assert_eq!(process::info(&mail.pid()).unwrap().monitors, []);
            assert_eq!(process::info(&peer).unwrap().monitored_by, [mail.pid()]);
            peer.send(());
            check_ends(ends, custom()).await;
            check_silent(&mut mail).await;
            assert!(!process::demonitor(alias.monitor()) && !alias.unalias());
        })
        .await;
    });
}

/// PROC-39: a DOWN switches both kinds off that end with their monitor; so does a demonitor.
#[test]
fn end_of_the_monitor_switches_its_alias_off() {
    check_everywhere(async || {
        with_numbers(async |mut mail| {
            for unalias in [Unalias::Demonitor, Unalias::ReplyDemonitor] {
                let (alias, peer) = watch(&mail, unalias);
                let ends = process::monitor(&peer);
                peer.send(());
                check_ends(ends, custom()).await;
                assert_eq!(next_down(&mut mail).await.monitor, alias.monitor());
                alias.send(Note(1));
                assert!(!alias.unalias());

                let (alias, peer) = watch(&mail, unalias);
                assert!(process::demonitor(alias.monitor()));
                alias.send(Note(2));
                assert!(!alias.unalias());
                process::exit(&peer, ExitReason::Kill);
            }
            let (alias, _) = watch(&mail, Unalias::Demonitor);
            (3..=4).for_each(|n| alias.send(Note(n)));
            assert_eq!(queued(&mut mail).await, [3, 4]);
        })
        .await;
    });
}

/// PROC-39: whom nobody can watch any more is told at once, and the alias is off.
#[test]
fn alias_of_a_monitor_of_the_dead_is_never_active() {
    check_everywhere(async || {
        with_numbers(async |mut mail| {
            let (_, gone) = dead().await;
            let alias = mail.monitor_alias(&gone, Unalias::ReplyDemonitor);
            alias.send(Note(1));
            let down = next_down(&mut mail).await;
            assert_eq!((down.monitor, down.reason), (alias.monitor(), ExitReason::NoProc));
            assert_eq!(queued(&mut mail).await, []);
        })
        .await;
    });
}

/// PROC-39: an answer and an end that race give one of the two, or first the one and no other.
#[test]
fn racing_reply_and_down_give_one_of_them() {
    check_races(async || {
        with_numbers(async |mut mail| {
            let (alias, peer) = watch(&mail, Unalias::ReplyDemonitor);
            let theirs = alias.clone();
            let (_, sent) = process::spawn_monitor(async move |_: Mailbox<()>| {
                theirs.send(Note(1));
            });
            process::exit(&peer, ExitReason::Kill);
            sent.await;
            process::monitor(&peer).await;
            match mail.receive().await {
                Received::Message(Note(1)) | Received::Down(_) => {}
                other => panic!("{other:?}"),
            }
            let more = mail.receive_by(|_| Some(())).after(Duration::ZERO).await;
            assert!(more.is_none(), "{more:?} came too");
        })
        .await;
    });
}
