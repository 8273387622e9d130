//! Registrations against each other, and against deaths.
use crate::puppet::{Many, Only};
use crate::support::check_races;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::registry::RegistryError;

/// REG-2: of twenty one has it.
// break: REG-2 runtime/cordial/src/registry/hold.rs
//     `store.insert(record).map_err(|owner| taken(&owner))?;` => `let _ = store.insert(record);`
#[test]
fn of_many_who_race_one_gets_the_key() {
    check_races(async || {
        Only::start().await.ok();
        let ends: Vec<_> = (0..20)
            .map(|n| {
                let (from, answer) = ReplyTo::pair();
                let racer = process::spawn(async move |mut mail: Mailbox<()>| {
                    from.reply(Only::register("tea", n).is_ok());
                    mail.next().await;
                });
                (racer, answer)
            })
            .collect();
        let mut winners = Vec::new();
        let mut racers = Vec::new();
        for (racer, answer) in ends {
            if answer.await.unwrap() {
                winners.push(racer.pid());
            }
            racers.push(racer);
        }
        assert_eq!(winners.len(), 1);
        assert_eq!(Only::whereis("tea"), winners[0]);
        for racer in racers {
            let down = process::monitor(&racer);
            racer.send(());
            down.await;
        }
        assert_eq!(Only::count(), 0);
    });
}

/// REG-3, PROC-34: as soon as its end is seen the key is free; a suspended registry delays nothing.
// break: REG-3 runtime/cordial/src/process/run.rs `held::release(held);` =>
//     `std::mem::forget(held);`
#[test]
fn key_is_free_when_the_end_of_its_owner_is_seen() {
    check_races(async || {
        Only::start().await.ok();
        Many::start().await.ok();
        let (owner, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            Only::register("tea", 1).unwrap();
            Many::register("tea", 1).unwrap();
            mail.next().await;
        });
        owner.send(());
        down.await;
        assert_eq!((Only::lookup("tea"), Many::lookup("tea")), (vec![], vec![]));
        let (_, next) = process::spawn_monitor(async |_: Mailbox<()>| {
            Only::register("tea", 2).unwrap();
        });
        assert_eq!(next.await.reason, ExitReason::Normal);
    });
}

/// Registrations against deaths: who is found lives or has just ended, every key has one owner, and
/// in the end nothing is left.
#[test]
fn storm_of_registrations_and_deaths_leaves_nothing() {
    for workers in [1, 2] {
        crate::support::check_on(Some(workers), async || {
            let registry = Only::start().await.unwrap();
            Many::start().await.unwrap();
            let ends: Vec<_> = (0..2_000_u32)
                .map(|n| {
                    process::spawn_monitor(async move |_: Mailbox<()>| {
                        let key = format!("key {}", n % 50);
                        let own = Only::register(&key, n);
                        Many::register(&key, n).unwrap();
                        tokio::task::yield_now().await;
                        match own {
                            Ok(()) => assert_eq!(Only::whereis(&key), Some(process::self_pid())),
                            Err(RegistryError::Taken { pid, .. }) => {
                                assert_ne!(pid, process::self_pid());
                            }
                            Err(other) => panic!("{other}"),
                        }
                        assert!(Many::values(&key).contains(&n));
                        if n % 3 == 0 {
                            Many::unregister(&key);
                        }
                        if n % 5 == 0 {
                            process::exit(&process::self_pid(), ExitReason::Kill);
                        }
                    })
                    .1
                })
                .collect();
            for end in ends {
                let reason = end.await.reason;
                assert!([ExitReason::Normal, ExitReason::Killed].contains(&reason), "{reason}");
            }
            assert_eq!((Only::count(), Many::count()), (0, 0));
            assert_eq!((Only::keys(), Many::keys()), (vec![], vec![]));
            while !process::info(&registry).unwrap().links.is_empty() {
                tokio::task::yield_now().await;
            }
        });
    }
}
