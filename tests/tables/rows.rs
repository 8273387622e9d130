//! Inserting, looking up, deleting: one row, several at once, all.
use crate::support::*;
use crate::{Nums, NumsRef, Repeats, Sorted, Tags};
use cordial::ets::{Keyed, TableError};
use cordial::prelude::*;
use std::cell::RefCell;
use std::hash::{Hash, Hasher};

/// A key whose hashing lets somebody look at the table, in the middle of whatever hashes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spied(u32);

thread_local!(static SPY: RefCell<Option<Box<dyn FnMut()>>> = const { RefCell::new(None) });

impl Hash for Spied {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Not while it looks itself.
        let spy = SPY.take();
        if let Some(mut spy) = spy {
            spy();
            SPY.set(Some(spy));
        }
        self.0.hash(state);
    }
}

table! { Watched: Spied => u32, set, public }

/// What a reader sees of keys 1 and 2 while `change` runs.
fn seen_during(table: WatchedRef, change: impl FnOnce()) -> Vec<(Option<u32>, Option<u32>)> {
    let seen = std::rc::Rc::new(RefCell::new(Vec::new()));
    let notes = seen.clone();
    SPY.set(Some(Box::new(move || {
        let pair = (table.lookup(&Spied(1)).unwrap(), table.lookup(&Spied(2)).unwrap());
        notes.borrow_mut().push(pair);
    })));
    change();
    SPY.set(None);
    std::rc::Rc::into_inner(seen).unwrap().into_inner()
}

/// ETS-4: who sees one of the rows sees all of them; of two rows of a key the later one counts.
// break: ETS-4 runtime/cordial/src/ets/store.rs `Arc::new(AtomicBool::new(false))`
//     => `Arc::new(AtomicBool::new(true))`
#[cordial::test]
async fn rows_inserted_together_are_seen_together() {
    in_process(async |mail| {
        let table = Watched::new(&mail);
        let rows = |value| [(Spied(1), 0), (Spied(1), value), (Spied(2), value)];
        table.insert_all(rows(1)).unwrap();
        let seen = seen_during(table.reader(), || table.insert_all(rows(2)).unwrap());
        assert!(seen.len() > 4, "{seen:?}");
        for pair in seen {
            assert!(matches!(pair, (Some(1), Some(1)) | (Some(2), Some(2))), "{pair:?}");
        }
        assert_eq!(table.lookup(&Spied(1)), Ok(Some(2)));
    })
    .await;
}

/// ETS-5: all or nothing; a key of a bag is there as soon as it has one row.
// break: ETS-5 runtime/cordial/src/ets/write.rs `rows.iter().all(` => `rows.iter().any(`
#[cordial::test]
async fn insert_new_inserts_all_or_nothing() {
    in_process(async |mail| {
        let (set, bag) = (Nums::new(&mail), Tags::new(&mail));
        assert_eq!(set.insert_new(1, 10), Ok(true));
        assert_eq!(set.insert_new(1, 11), Ok(false));
        assert_eq!(set.insert_all_new([(2, 20), (1, 12)]), Ok(false));
        assert_eq!(set.to_vec().unwrap(), [(1, 10)]);
        assert_eq!(bag.insert_new(1, "a".into()), Ok(true));
        assert_eq!(bag.insert_new(1, "b".into()), Ok(false));
    })
    .await;
}

/// ETS-6
// break: ETS-6 runtime/cordial/src/ets/read.rs `core.fresh(row).is_some()` => `row.is_none()`
#[cordial::test]
async fn look_ups_tell_what_is_there_and_take_takes_it() {
    in_process(async |mail| {
        let (set, bag) = (Nums::new(&mail), Tags::new(&mail));
        set.insert(1, 10).unwrap();
        bag.insert_all([(1, "a".into()), (1, "b".into())]).unwrap();
        assert_eq!((set.lookup(&1), set.lookup(&2)), (Ok(Some(10)), Ok(None)));
        assert_eq!((set.member(&1), set.member(&2)), (Ok(true), Ok(false)));
        assert_eq!(set.lookup_element(&1, |value| value + 1), Ok(11));
        let missing = set.lookup_element(&2, |value| *value);
        assert_eq!(missing, Err(TableError::NoKey { table: "Nums" }));
        assert_eq!((set.take(&1), set.take(&1)), (Ok(Some(10)), Ok(None)));
        assert_eq!(bag.take(&1).unwrap(), ["a", "b"]);
        assert_eq!(bag.lookup(&1).unwrap(), [""; 0]);
    })
    .await;
}

/// ETS-7: deleting everything is seen at once.
// break: ETS-7 runtime/cordial/src/ets/write.rs
//     `table.apply(keys.into_iter().map(|key| (key, None)).collect());`
//     => `keys.iter().for_each(|key| table.remove(key));`
#[cordial::test]
async fn deleting_takes_exactly_what_it_says() {
    in_process(async |mail| {
        let (set, repeats) = (Nums::new(&mail), Repeats::new(&mail));
        set.insert(1, 10).unwrap();
        assert_eq!((set.delete(&1), set.delete(&1)), (Ok(()), Ok(())));
        repeats.insert_all(["a", "b", "a"].map(|tag| (1, tag.into()))).unwrap();
        repeats.delete_object(&1, &"a".into()).unwrap();
        repeats.delete_object(&1, &"c".into()).unwrap();
        assert_eq!(repeats.lookup(&1).unwrap(), ["b"]);
        repeats.delete_object(&1, &"b".into()).unwrap();
        assert_eq!((repeats.member(&1), repeats.size()), (Ok(false), Ok(0)));

        let watched = Watched::new(&mail);
        watched.insert_all([(Spied(1), 1), (Spied(2), 1)]).unwrap();
        let seen = seen_during(watched.reader(), || watched.delete_all_objects().unwrap());
        for pair in seen {
            assert!(matches!(pair, (Some(1), Some(1)) | (None, None)), "{pair:?}");
        }
        assert_eq!(watched.size(), Ok(0));
    })
    .await;
}

#[derive(Clone, Debug, PartialEq)]
struct Ship {
    name: &'static str,
    id: u32,
}

impl Keyed for Ship {
    type Key = u32;
    fn key(&self) -> u32 {
        self.id
    }
}

table! { Ships: u32 => Ship, set, public }

/// ETS-23: the key is where the row's type says.
// break: ETS-23 runtime/cordial/src/ets/write.rs `self.insert(value.key(), value)`
//     => `self.insert_new(value.key(), value).map(drop)`
#[cordial::test]
async fn key_of_a_row_may_stand_anywhere_in_it() {
    in_process(async |mail| {
        let ships = Ships::new(&mail);
        for name in ["ada", "eve"] {
            ships.insert_object(Ship { name, id: 7 }).unwrap();
        }
        assert_eq!(ships.lookup(&7), Ok(Some(Ship { name: "eve", id: 7 })));
    })
    .await;
}

/// A closure that writes to the table that it changes would wait for itself.
#[cordial::test]
async fn writing_inside_of_an_update_is_told_and_harms_nothing() {
    let (address, down) = process_with_table(|table, own| {
        table.insert(1, 1).unwrap();
        table.update_element(&1, |value| {
            *value = 2;
            let _ = own.insert(1, 3);
        })
    });
    let reason = down.await.reason;
    let told = reason.panic().expect("it panicked").message();
    assert_eq!(told, "table `Nums` is written to inside of a closure that writes to it already");
    drop(address);
}

/// Reading in there is fine, of an ordered set as well.
#[cordial::test]
async fn reading_inside_of_an_update_is_fine() {
    in_process(async |mail| {
        let (set, sorted) = (Nums::new(&mail), Sorted::new(&mail));
        set.insert_all([(1, 1), (2, 5)]).unwrap();
        sorted.insert_all([(1, 1), (2, 5)]).unwrap();
        let other = set.reader();
        set.update_element(&1, |value| *value = other.lookup(&2).unwrap().unwrap()).unwrap();
        let other = sorted.reader();
        sorted.update_element(&1, |value| *value = other.lookup(&2).unwrap().unwrap()).unwrap();
        assert_eq!((set.lookup(&1), sorted.lookup(&1)), (Ok(Some(5)), Ok(Some(5))));
        // So is asking what it is, and making another one.
        let other = set.reader();
        let update = set.update_element(&1, |value| {
            *value = other.info().unwrap().size as u64;
            assert_ne!(Nums::new(&mail).reader(), other);
        });
        assert_eq!((update, set.lookup(&1)), (Ok(true), Ok(Some(2))));
    })
    .await;
}

/// A panic in a closure leaves the table as it was, and usable.
#[cordial::test]
async fn panic_in_an_update_changes_nothing() {
    in_process(async |mail| {
        let set = Nums::new(&mail);
        set.insert(1, 1).unwrap();
        let reader: NumsRef = set.reader();
        let crash =
            cordial::process::spawn_monitor(async move |_: cordial::process::Mailbox<()>| {
                let _ = reader.update_element(&1, |value| {
                    *value = 2;
                    panic!("on purpose");
                });
            });
        assert!(crash.1.await.reason.panic().is_some());
        assert_eq!(set.lookup(&1), Ok(Some(1)));
        set.insert(1, 3).unwrap();
        assert_eq!(set.lookup(&1), Ok(Some(3)));
    })
    .await;
}

fn process_with_table(
    body: impl FnOnce(&Nums, NumsRef) -> Result<bool, TableError> + Send + 'static,
) -> (cordial::RawRef<()>, cordial::process::Spawned<()>) {
    cordial::process::spawn_monitor(async move |mail: cordial::process::Mailbox<()>| {
        let table = Nums::new(&mail);
        let _ = body(&table, table.reader());
    })
}
