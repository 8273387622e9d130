//! Writers: those of one key take turns, those of others do not wait for them.
use crate::support::in_process;
use crate::{Nums, Sorted};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Nobody waits longer for another thread.
const LIMIT: Duration = Duration::from_secs(60);

/// Many keys, of which nearly all have other gates than the first one.
const KEYS: u32 = 64;

#[cordial::test]
#[expect(clippy::disallowed_methods, reason = "threads that stand still are what is tested")]
async fn writers_of_other_keys_do_not_wait() {
    in_process(async |mail| {
        let table = Nums::new(&mail);
        table.insert(0, 1).unwrap();
        let (to_holder, release) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel();
        let held = table.reader();
        let holder = thread::spawn(move || {
            held.update_element(&0, |value| {
                begun.send(()).unwrap();
                release.recv_timeout(LIMIT).unwrap();
                *value += 1;
            })
        });
        has_begun.recv_timeout(LIMIT).unwrap();
        let (done, is_done) = mpsc::channel();
        let others: Vec<_> = (1..KEYS)
            .map(|key| {
                let (table, done) = (table.reader(), done.clone());
                thread::spawn(move || {
                    table.insert(key, 7).unwrap();
                    done.send(key).unwrap();
                })
            })
            .collect();
        let other = is_done.recv_timeout(LIMIT).expect("one has another gate");
        assert_eq!((table.lookup(&other), table.lookup(&0)), (Ok(Some(7)), Ok(Some(1))));

        // Who writes to all keys waits for both, and nobody is lost.
        let all = table.reader();
        let everybody = thread::spawn(move || all.select_delete(|key, _| *key > 0).unwrap());
        to_holder.send(()).unwrap();
        assert_eq!(holder.join().unwrap(), Ok(true));
        others.into_iter().for_each(|other| other.join().unwrap());
        let deleted = everybody.join().unwrap();
        assert_eq!(table.size(), Ok(KEYS as usize - deleted));
        assert_eq!(table.lookup(&0), Ok(Some(2)));
    })
    .await;
}

/// Whichever gate its key has; another table is another matter.
#[cordial::test]
async fn write_inside_of_a_closure_is_a_panic_at_every_key() {
    in_process(async |mail| {
        let (table, sorted) = (Nums::new(&mail), Sorted::new(&mail));
        table.insert(0, 1).unwrap();
        sorted.insert(1, 0).unwrap();
        for key in 0..KEYS {
            let inner = std::panic::AssertUnwindSafe(|| {
                table.update_element(&0, |value| {
                    sorted.update_counter(&1, |count| count, 1).unwrap();
                    *value += u64::from(table.insert(key, 5).is_ok());
                })
            });
            assert!(std::panic::catch_unwind(inner).is_err());
        }
        let inner = std::panic::AssertUnwindSafe(|| {
            sorted.update_element(&1, |_| {
                drop(table.update_element(&0, |_| {
                    drop(sorted.delete(&2));
                }));
            })
        });
        assert!(std::panic::catch_unwind(inner).is_err(), "through another table, too");
        assert_eq!(table.to_vec(), Ok(vec![(0, 1)]));
        assert_eq!(sorted.to_vec(), Ok(vec![(1, i64::from(KEYS))]));
        table.insert(0, 2).unwrap();
    })
    .await;
}

/// Each waits for the other's table with its own in hand: one of them gives up, at the latest.
#[cordial::test]
#[expect(clippy::disallowed_methods, reason = "threads that stand still are what is tested")]
async fn two_who_write_to_two_tables_the_other_way_round_do_not_wait_for_ever() {
    in_process(async |mail| {
        let (one, other) = (Nums::new(&mail), Nums::new(&mail));
        one.insert(0, 0).unwrap();
        other.insert(0, 0).unwrap();
        let both = std::sync::Arc::new(std::sync::Barrier::new(2));
        let (done, is_done) = mpsc::channel();
        for (outer, inner) in [(one.reader(), other.reader()), (other.reader(), one.reader())] {
            let (both, done) = (both.clone(), done.clone());
            let crossed = std::panic::AssertUnwindSafe(move || {
                outer.update_element(&0, |_| {
                    both.wait();
                    inner.update_element(&0, |value| *value += 1).unwrap();
                })
            });
            thread::spawn(move || {
                let told = std::panic::catch_unwind(crossed);
                done.send(told.map_err(|panic| *panic.downcast::<String>().unwrap())).unwrap();
            });
        }
        let ends = [is_done.recv_timeout(LIMIT).unwrap(), is_done.recv_timeout(LIMIT).unwrap()];
        let gave_up: Vec<_> = ends.into_iter().filter_map(Result::err).collect();
        assert!(gave_up[0].contains("perhaps somebody does it the other way round"), "{gave_up:?}");
        let counted = [&one, &other].map(|table| table.lookup(&0).unwrap().unwrap());
        assert_eq!(counted[0] + counted[1], 2 - gave_up.len() as u64);
        assert_eq!((one.insert(0, 7), other.insert(0, 7)), (Ok(()), Ok(())));
    })
    .await;
}
