//! Counters and atomics.
use cordial::process::{self, Mailbox};
use cordial::{Atomics, Counters};
use std::panic::catch_unwind;
use std::thread;

/// CNT-3
// break: CNT-3 runtime/cordial/src/counters.rs `self.add(index, by.wrapping_neg());`
//     => `self.add(index, by);`
#[test]
fn counters_count_and_wrap() {
    for counters in [Counters::new(2), Counters::write_concurrent(2)] {
        assert_eq!((counters.size(), counters.get(0), counters.get(1)), (2, 0, 0));
        counters.add(0, 5);
        counters.sub(0, 7);
        assert_eq!((counters.get(0), counters.get(1)), (-2, 0));
        counters.put(1, i64::MAX);
        counters.add(1, 1);
        assert_eq!(counters.get(1), i64::MIN);
        counters.sub(1, 1);
        assert_eq!(counters.get(1), i64::MAX);
        assert_eq!(format!("{counters:?}"), format!("[-2, {}]", i64::MAX));
    }
    let told = |panicked: thread::Result<()>| *panicked.unwrap_err().downcast::<String>().unwrap();
    let told = told(catch_unwind(|| Counters::new(2).add(2, 1)));
    assert_eq!(told, "counter 2 of an array of 2; the first one is 0");
    assert!(catch_unwind(|| drop(Counters::new(0))).is_err());
}

/// Not the line of the array.
#[cordial::test]
async fn who_misses_an_array_is_told_his_own_line() {
    let of_counters = process::spawn_monitor(async |_: Mailbox<()>| {
        Counters::write_concurrent(1).get(1);
    });
    let of_atomics = process::spawn_monitor(async |_: Mailbox<()>| {
        Atomics::<u64>::new(1).sub(7, 1);
    });
    for reason in [of_counters.1.await.reason, of_atomics.1.await.reason] {
        assert!(reason.to_string().contains("numbers.rs:"), "{reason}");
    }
}

/// CNT-4
// break: CNT-4 runtime/cordial/src/counters.rs `for shard in 0..self.0.len() {`
//     => `for shard in 0..1 {`
#[test]
fn sums_of_many_writers_are_exact() {
    let counters = Counters::write_concurrent(1);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| (0..10_000).for_each(|_| counters.add(0, 1)));
        }
    });
    assert_eq!(counters.get(0), 160_000);
    counters.put(0, 7);
    assert_eq!(counters.get(0), 7);
}

/// CNT-4: a put beside an add loses the one or the other, and makes no third.
#[test]
fn put_beside_add_makes_no_third_value() {
    let counters = Counters::new(1);
    for _ in 0..500 {
        counters.put(0, 0);
        thread::scope(|scope| {
            scope.spawn(|| counters.add(0, 1));
            scope.spawn(|| counters.put(0, 1 << 40));
        });
        let value = counters.get(0);
        assert!(value == 1 << 40 || value == (1 << 40) + 1, "{value}");
    }
}

/// CNT-5
// break: CNT-5 runtime/cordial/src/counters.rs `done.map(drop).map_err(W::of)`
//     => `done.map(drop).map_err(|_| expected)`
#[test]
fn atomics_exchange_and_compare() {
    let signed = Atomics::<i64>::new(1);
    assert_eq!((signed.size(), signed.get(0)), (1, 0));
    assert_eq!((signed.add_get(0, 5), signed.sub_get(0, 7)), (5, -2));
    assert_eq!(signed.exchange(0, 3), -2);
    assert_eq!((signed.compare_exchange(0, 4, 9), signed.get(0)), (Err(3), 3));
    assert_eq!((signed.compare_exchange(0, 3, 9), signed.get(0)), (Ok(()), 9));
    signed.put(0, Atomics::<i64>::MAX);
    assert_eq!(signed.add_get(0, 1), Atomics::<i64>::MIN);
    let unsigned = Atomics::<u64>::new(2);
    unsigned.sub(1, 1);
    assert_eq!(unsigned.get(1), Atomics::<u64>::MAX);
    unsigned.add(1, 1);
    assert_eq!((unsigned.get(1), Atomics::<u64>::MIN), (0, 0));
    assert_eq!(format!("{unsigned:?}"), "[0, 0]");
    assert!(catch_unwind(|| Atomics::<u64>::new(1).get(1)).is_err());
    assert!(catch_unwind(|| drop(Atomics::<i64>::new(0))).is_err());
}
