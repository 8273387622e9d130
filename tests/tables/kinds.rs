//! What the four kinds hold, and by what they tell keys apart.
use crate::support::*;
use crate::{Nums, Repeats, Sorted, Tags};
use cordial::prelude::*;
use std::cmp::Ordering;

/// ETS-1
// break: ETS-1 runtime/cordial/src/ets/kind.rs `|rows, value| rows.contains(value)`
//     => `|_, _| false`
#[cordial::test]
async fn each_kind_holds_what_it_should() {
    in_process(async |mail| {
        let (set, sorted) = (Nums::new(&mail), Sorted::new(&mail));
        let (bag, repeats) = (Tags::new(&mail), Repeats::new(&mail));
        for value in [1, 2] {
            set.insert(7, value).unwrap();
        }
        for key in [3, 1, 2, 1] {
            sorted.insert(key, 10 * key).unwrap();
        }
        for tag in ["a", "b", "a"] {
            bag.insert(7, tag.into()).unwrap();
            repeats.insert(7, tag.into()).unwrap();
        }
        assert_eq!(set.to_vec().unwrap(), [(7, 2)]);
        assert_eq!(sorted.to_vec().unwrap(), [(1, 10), (2, 20), (3, 30)]);
        assert_eq!(bag.lookup(&7).unwrap(), ["a", "b"]);
        assert_eq!(repeats.lookup(&7).unwrap(), ["a", "b", "a"]);
        assert_eq!((bag.size(), repeats.size()), (Ok(2), Ok(3)));
    })
    .await;
}

/// ETS-2: and one that is there already changes nothing.
// break: ETS-2 runtime/cordial/src/ets/kind.rs `after.push(value);` => `after.insert(0, value);`
#[cordial::test]
async fn bag_keeps_the_order_of_insertion() {
    in_process(async |mail| {
        let (bag, repeats) = (Tags::new(&mail), Repeats::new(&mail));
        for tag in ["c", "a", "b"] {
            bag.insert(1, tag.into()).unwrap();
        }
        bag.insert(1, "c".into()).unwrap();
        bag.insert_all([(1, "d".into()), (1, "a".into())]).unwrap();
        assert_eq!(bag.lookup(&1).unwrap(), ["c", "a", "b", "d"]);
        repeats.insert_all(["c", "a", "c"].map(|tag| (1, tag.into()))).unwrap();
        repeats.insert(1, "a".into()).unwrap();
        assert_eq!(repeats.lookup(&1).unwrap(), ["c", "a", "c", "a"]);
    })
    .await;
}

/// A number that is written as a whole one or not: equal numbers are ordered as equal.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Number {
    value: i64,
    is_whole: bool,
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}
#[allow(clippy::non_canonical_partial_ord_impl, reason = "it is the canonical one")]
impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

table! { ByHash: Number => &'static str, set, public }
table! { ByOrder: Number => &'static str, ordered_set, public }

/// ETS-3: by `Eq` in a set; by `Ord` in an ordered set, where the later key takes the place.
// break: ETS-3 runtime/cordial/src/ets/ordered.rs `let gone = tree.remove_entry(&key);`
//     => `let gone: Option<(K, Arc<Row<R>>)> = None;`
#[cordial::test]
async fn keys_compare_as_their_kind_says() {
    in_process(async |mail| {
        let (set, sorted) = (ByHash::new(&mail), ByOrder::new(&mail));
        let whole = Number { value: 1, is_whole: true };
        let float = Number { value: 1, is_whole: false };
        for (key, value) in [(&whole, "1"), (&float, "1.0")] {
            set.insert(key.clone(), value).unwrap();
            sorted.insert(key.clone(), value).unwrap();
        }
        assert_eq!((set.lookup(&whole), set.lookup(&float)), (Ok(Some("1")), Ok(Some("1.0"))));
        assert_eq!(sorted.to_vec().unwrap(), [(float, "1.0")]);
        assert_eq!(sorted.lookup(&whole), Ok(Some("1.0")));
    })
    .await;
}

/// A table of a generic type, with keys that are found by what they borrow as.
#[cordial::test]
async fn generic_tables_are_found_by_borrowed_keys() {
    table! { Entries<K, V>: K => Vec<V>, set, public }
    in_process(async |mail| {
        let entries = Entries::<String, u8>::new(&mail);
        entries.insert("ann".into(), vec![1, 2]).unwrap();
        let reader: EntriesRef<String, u8> = entries.reader();
        assert_eq!(reader.lookup("ann"), Ok(Some(vec![1, 2])));
        assert_eq!(reader.with("ann", |row| row.map(Vec::len)), Ok(Some(2)));
        assert_eq!(reader.member("bob"), Ok(false));
    })
    .await;
}
