//! Values of a whole node.
use cordial::Global;
use cordial::process::{self, Mailbox};
use std::sync::Arc;

/// Counts the copies that are made of it.
#[derive(Debug, PartialEq)]
struct Limits {
    speed: u32,
}

/// CNT-1: an equal value changes nothing, and everybody has the same one.
// break: CNT-1 runtime/cordial/src/global.rs `before == Some(&value)` => `before.is_none()`
#[cordial::test]
async fn global_is_read_without_a_copy() {
    static LIMITS: Global<Limits> = Global::new();
    assert_eq!(LIMITS.get(), None);
    assert_eq!(LIMITS.with(|limits| limits.map_or(30, |limits| limits.speed)), 30);
    LIMITS.put(Limits { speed: 50 });
    let first = LIMITS.get().unwrap();
    LIMITS.put(Limits { speed: 50 });
    let elsewhere = process::spawn_monitor(async move |_: Mailbox<()>| {
        let same = LIMITS.get().unwrap();
        assert!(Arc::ptr_eq(&first, &same));
        assert!(LIMITS.with(|limits| std::ptr::eq(limits.unwrap(), &*same)));
    });
    assert_eq!(elsewhere.1.await.reason, cordial::ExitReason::Normal);
    LIMITS.put(Limits { speed: 80 });
    assert_eq!(LIMITS.get().unwrap().speed, 80);
}

/// CNT-2: and one that was erased is there no more.
// break: CNT-2 runtime/cordial/src/process/services.rs
//     `values.pin().remove(&address)` => `values.pin().get(&address)`
#[cordial::test]
async fn reader_keeps_the_value_that_it_has() {
    static LIMITS: Global<Limits> = Global::new();
    assert!(LIMITS.replace(Limits { speed: 50 }).is_none());
    let first = LIMITS.get().unwrap();
    assert_eq!(LIMITS.replace(Limits { speed: 80 }).unwrap().speed, 50);
    let second = LIMITS.get().unwrap();
    assert_eq!((LIMITS.erase(), LIMITS.erase()), (true, false));
    assert_eq!(LIMITS.get(), None);
    assert_eq!((first.speed, second.speed), (50, 80));
}

/// Each node has its own, and none outside of all.
#[test]
fn global_is_one_per_node() {
    static PLACE: Global<u32> = Global::new();
    for _ in 0..2 {
        cordial::__private::run_test(None, async {
            assert_eq!(PLACE.get(), None);
            PLACE.put(1);
        });
    }
    assert_eq!((PLACE.get(), PLACE.erase()), (None, false));
}
