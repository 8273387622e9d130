//! Many at once: nothing is lost, nothing is torn.
use crate::support::*;
use crate::{Nums, NumsRef};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Spawned};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Runs `body` in so many processes and waits for all of them.
async fn in_processes<B>(count: usize, body: impl Fn(usize) -> B)
where
    B: FnOnce() + Send + 'static,
{
    let start = |at| {
        let body = body(at);
        process::spawn_monitor(async move |_: Mailbox<()>| body()).1
    };
    let all: Vec<Spawned<()>> = (0..count).map(start).collect();
    for one in all {
        assert_eq!(one.await.reason, ExitReason::Normal);
    }
}

/// ETS-5: of eight who try, one does.
#[test]
fn one_of_many_inserts_what_is_new() {
    check_races(async || {
        in_process(async |mail| {
            let (table, winners) = (Nums::new(&mail), Arc::new(AtomicUsize::new(0)));
            in_processes(8, |at| {
                let (table, winners) = (table.reader(), winners.clone());
                move || {
                    let won = table.insert_all_new([(1, at as u64), (2, at as u64)]).unwrap();
                    winners.fetch_add(usize::from(won), Relaxed);
                }
            })
            .await;
            assert_eq!(winners.load(Relaxed), 1);
            assert_eq!(table.lookup(&1), table.lookup(&2));
        })
        .await;
    });
}

/// ETS-8: often, by few.
// break: ETS-8 runtime/cordial/src/ets/core.rs `let turn = self.gates.one(T::NAME, place);`
//     => `let apart = Gates::new(false); let turn = apart.one(T::NAME, place);`
#[test]
fn no_increment_is_lost() {
    check_races(async || count(8, 40).await);
}

/// ETS-8: as the rule has it.
#[test]
fn eight_times_five_thousand_increments_are_forty_thousand() {
    for workers in [1, 2] {
        check_on(Some(workers), async || count(8, 5000).await);
    }
}

async fn count(processes: usize, each: u64) {
    in_process(async move |mail| {
        let table = Nums::new(&mail);
        table.insert(1, 0).unwrap();
        in_processes(processes, |_| {
            let table: NumsRef = table.reader();
            move || {
                for _ in 0..each {
                    table.update_counter(&1, |value| value, 1).unwrap();
                }
            }
        })
        .await;
        assert_eq!(table.lookup(&1), Ok(Some(processes as u64 * each)));
    })
    .await;
}

#[derive(Clone, Debug)]
struct Pair {
    one: u64,
    same: u64,
}

table! { Pairs: u32 => Pair, set, public }

/// ETS-25: four write, four read, and what belongs together does so at any time.
// break: ETS-25 runtime/cordial/src/ets/write.rs `steps.iter().map(|(part, step)|`
//     => `steps.iter().take(1).map(|(part, step)|`
#[test]
fn no_reader_sees_half_a_row() {
    check_races(async || {
        in_process(async |mail| {
            let table = Pairs::new(&mail);
            table.insert(1, Pair { one: 0, same: 0 }).unwrap();
            in_processes(8, |at| {
                let table = table.reader();
                move || {
                    for round in 0..8 {
                        if at % 2 == 0 {
                            write(&table, round);
                        } else {
                            let row = table.lookup(&1).unwrap().unwrap();
                            assert_eq!(row.one, row.same);
                        }
                    }
                }
            })
            .await;
        })
        .await;
    });
}

fn write(table: &PairsRef, round: u64) {
    if round.is_multiple_of(2) {
        let steps = [
            ((|row| &mut row.one) as fn(&mut Pair) -> &mut u64, 1.into()),
            (|row| &mut row.same, 1.into()),
        ];
        table.update_counters(&1, &steps).unwrap();
    } else {
        table.insert(1, Pair { one: round, same: round }).unwrap();
    }
}

/// ETS-18: also while the table grows under the walk.
#[test]
fn walk_visits_each_row_once_while_the_table_grows() {
    check_on(Some(2), async || {
        for _ in 0..20 {
            in_process(async |mail| {
                let table = Nums::new(&mail);
                table.insert_all((0..500).map(|key| (key, 0))).unwrap();
                let grown = table.reader();
                let grower = process::spawn_monitor(async move |_: Mailbox<()>| {
                    for key in 500..8_000 {
                        grown.insert(key, 1).unwrap();
                    }
                });
                for _ in 0..20 {
                    let mut visits = vec![0; 500];
                    table
                        .fold((), |(), key, _| {
                            if let Some(visits) = visits.get_mut(*key as usize) {
                                *visits += 1;
                            }
                        })
                        .unwrap();
                    assert!(visits.iter().all(|visits| *visits == 1), "{visits:?}");
                }
                assert_eq!(grower.1.await.reason, ExitReason::Normal);
            })
            .await;
        }
    });
}
