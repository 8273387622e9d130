//! Walking, selecting, folding: in order and while others write.
use crate::support::*;
use crate::{Nums, Repeats, Sorted, SortedRef, Tags};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

fn sorted_of(mail: &cordial::process::Mailbox<()>, keys: &[i64]) -> Sorted {
    let sorted = Sorted::new(mail);
    sorted.insert_all(keys.iter().map(|key| (*key, 10 * key))).unwrap();
    sorted
}

/// ETS-17: also from keys that are not there.
// break: ETS-17 runtime/cordial/src/ets/read.rs `self.nearest(Way::Up, Bound::Excluded(key))`
//     => `self.nearest(Way::Up, Bound::Included(key))`
#[cordial::test]
async fn ordered_set_is_walked_from_any_key() {
    in_process(async |mail| {
        let sorted = sorted_of(&mail, &[1, 3, 5]);
        let key = |row: Result<Option<(i64, i64)>, _>| row.unwrap().map(|(key, _)| key);
        assert_eq!((key(sorted.first()), key(sorted.last())), (Some(1), Some(5)));
        let nexts = [0, 1, 2, 5, 9].map(|from| key(sorted.next(&from)));
        assert_eq!(nexts, [Some(1), Some(3), Some(3), None, None]);
        let prevs = [9, 5, 2, 1, 0].map(|from| key(sorted.prev(&from)));
        assert_eq!(prevs, [Some(5), Some(3), Some(1), None, None]);
        assert_eq!(sorted.range(2..).unwrap(), [(3, 30), (5, 50)]);
        assert_eq!(sorted.range(1..3).unwrap(), [(1, 10)]);
        assert_eq!(sorted.range(..=3).unwrap(), [(1, 10), (3, 30)]);
        #[allow(clippy::reversed_empty_ranges, reason = "bad input")]
        let backwards = sorted.range(3..1);
        assert_eq!(backwards.unwrap(), []);
        sorted.delete_all_objects().unwrap();
        assert_eq!((key(sorted.first()), key(sorted.next(&1))), (None, None));
    })
    .await;
}

/// ETS-18: a row that stays is visited once, whoever deletes others meanwhile; sets have no `next`
/// that could fail.
// break: ETS-18 runtime/cordial/src/ets/store.rs `in self.0.iter(&guard)`
//     => `in self.0.iter(&guard).chain(self.0.iter(&guard))`
#[test]
fn walk_visits_each_row_that_stays_once() {
    check_races(async || {
        in_process(async |mail| {
            let (set, sorted) = (Nums::new(&mail), sorted_of(&mail, &[0, 1, 2, 3, 4, 5, 6, 7]));
            set.insert_all((0..8).map(|key| (key, 0))).unwrap();
            let (ours, theirs) = (set.reader(), sorted.reader());
            let other =
                cordial::process::spawn_monitor(async move |_: cordial::process::Mailbox<()>| {
                    for key in [1, 3, 5, 7] {
                        ours.delete(&key).unwrap();
                        theirs.delete(&i64::from(key)).unwrap();
                    }
                });
            let (mut visited, mut in_order) = (Vec::new(), Vec::new());
            set.each(|key, _| {
                visited.push(*key);
                set.delete(&(key | 1)).unwrap();
                ControlFlow::Continue(())
            })
            .unwrap();
            sorted
                .each(|key, _| {
                    in_order.push(*key);
                    ControlFlow::Continue(())
                })
                .unwrap();
            assert_eq!(other.1.await.reason, cordial::ExitReason::Normal);
            let once: BTreeSet<u32> = visited.iter().copied().collect();
            assert_eq!(once.len(), visited.len(), "{visited:?}");
            assert!([0, 2, 4, 6].iter().all(|key| once.contains(key)), "{visited:?}");
            assert!(in_order.is_sorted_by(|a, b| a < b), "{in_order:?}");
            assert!([0, 2, 4, 6].iter().all(|key| in_order.contains(key)), "{in_order:?}");
        })
        .await;
    });
}

/// What is deleted ahead of an ordered walk is not visited.
#[cordial::test]
async fn ordered_walk_skips_what_it_deletes_ahead() {
    in_process(async |mail| {
        let sorted = sorted_of(&mail, &[1, 2, 3, 4]);
        let mut visited = Vec::new();
        sorted
            .each(|key, _| {
                visited.push(*key);
                sorted.delete(&(key + 1)).unwrap();
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(visited, [1, 3]);
    })
    .await;
}

/// The chunks of a selection, and what happens after the first of them.
fn chunks_of(sorted: &Sorted, meanwhile: impl FnOnce(SortedRef)) -> Vec<Vec<i64>> {
    let mut chunks = sorted.chunks(4, |key, _| Some(*key)).unwrap();
    let mut all = vec![chunks.next_chunk().unwrap().unwrap()];
    meanwhile(sorted.reader());
    while let Some(chunk) = chunks.next_chunk().unwrap() {
        all.push(chunk);
        assert!(all.len() < 100, "it has no end");
    }
    all
}

/// ETS-19
// break: ETS-19 runtime/cordial/src/ets/ordered.rs
//     `let low = last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);`
//     => `let low = last.as_ref().map_or(Bound::Unbounded, Bound::Included);`
#[cordial::test]
async fn selection_goes_on_where_it_was_whatever_changed() {
    in_process(async |mail| {
        let sorted = sorted_of(&mail, &[10, 20, 30, 40, 50, 60, 70, 80]);
        let chunks = chunks_of(&sorted, |table| {
            table.insert_all([(45, 0), (0, 0)]).unwrap();
            table.delete(&60).unwrap();
        });
        assert_eq!(chunks, [vec![10, 20, 30, 40], vec![45, 50, 70, 80]]);
    })
    .await;
}

/// ETS-20
// break: ETS-20 runtime/cordial/src/ets/read.rs `limit: limit.max(1)`
//     => `limit: limit.max(usize::MAX)`
#[cordial::test]
async fn selection_comes_in_chunks_until_its_end() {
    in_process(async |mail| {
        let sorted = sorted_of(&mail, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(chunks_of(&sorted, drop), [vec![1, 2, 3, 4], vec![5, 6, 7, 8], vec![9]]);
        let set = Nums::new(&mail);
        let mut none = set.chunks(4, |key, _| Some(*key)).unwrap();
        assert_eq!(none.next_chunk(), Ok(None));
        set.insert_all((0..9).map(|key| (key, 0))).unwrap();
        let mut chunks = set.chunks(4, |key, _| Some(*key)).unwrap();
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next_chunk().unwrap() {
            assert!(chunk.len() <= 4);
            all.extend(chunk);
        }
        all.sort_unstable();
        assert!(all.into_iter().eq(0..9));
        let mut nothing = sorted.chunks(4, |_, _| None::<()>).unwrap();
        assert_eq!(nothing.next_chunk().unwrap(), Some(vec![]));
    })
    .await;
}

/// ETS-21: on each kind.
// break: ETS-21 runtime/cordial/src/ets/write.rs `!wants(k, v)` => `wants(k, v)`
#[cordial::test]
async fn selections_follow_their_filter() {
    in_process(async |mail| {
        let sorted = sorted_of(&mail, &[1, 2, 3, 4]);
        let even = |key: &i64, _: &i64| key % 2 == 0;
        assert_eq!(
            sorted.select(|key, value| even(key, value).then_some(*value)),
            Ok(vec![20, 40])
        );
        assert_eq!(sorted.select_reverse(|key, _| Some(*key)), Ok(vec![4, 3, 2, 1]));
        assert_eq!(sorted.select_count(even), Ok(2));
        assert_eq!(sorted.select_replace(|key, value| even(key, value).then_some(0)), Ok(2));
        assert_eq!(sorted.select_delete(|_, value| *value == 0), Ok(2));
        assert_eq!(sorted.to_vec().unwrap(), [(1, 10), (3, 30)]);
        let repeats = Repeats::new(&mail);
        repeats.insert_all(["a", "b", "a"].map(|tag| (1, tag.into()))).unwrap();
        assert_eq!(repeats.select_delete(|_, tag| tag == "a"), Ok(2));
        assert_eq!(repeats.select_count(|_, _| true), Ok(1));
    })
    .await;
}

/// TYP-12: a closure selects what the match specification would, `{{'$1', '$2'}, [{'>', '$2', 15}],
/// ['$1']}` here.
// break: TYP-12 runtime/cordial/src/ets/read.rs `usize::from(wants(key, value))`
//     => `usize::from(!wants(key, value))`
#[cordial::test]
async fn closures_select_what_match_specifications_would() {
    in_process(async |mail| {
        let (sorted, bag) = (sorted_of(&mail, &[1, 2, 3]), Tags::new(&mail));
        let picked = sorted.select(|key, value| (*value > 15).then_some(*key));
        assert_eq!(picked, Ok(vec![2, 3]));
        assert_eq!(sorted.select_count(|_, value| *value > 15), Ok(2));
        bag.insert_all([(1, "a".into()), (1, "b".into()), (2, "a".into())]).unwrap();
        let mut keys = bag.select(|key, tag| (tag == "a").then_some(*key)).unwrap();
        keys.sort_unstable();
        assert_eq!(keys, [1, 2]);
    })
    .await;
}

/// ETS-22: the key stays, for the closure gives values only.
// break: ETS-22 runtime/cordial/src/ets/write.rs `self.set(key, T::Kind::row(after));`
//     => `self.set(key, None);`
#[cordial::test]
async fn select_replace_replaces_values_and_keeps_keys() {
    in_process(async |mail| {
        let (sorted, bag) = (sorted_of(&mail, &[1, 2]), Tags::new(&mail));
        assert_eq!(sorted.select_replace(|_, value| Some(value + 1)), Ok(2));
        assert_eq!(sorted.to_vec().unwrap(), [(1, 11), (2, 21)]);
        assert_eq!(sorted.select_replace(|_, _| None), Ok(0));
        bag.insert_all([(1, "a".into()), (1, "b".into())]).unwrap();
        assert_eq!(bag.select_replace(|_, tag| (tag == "b").then(|| "c".into())), Ok(1));
        assert_eq!(bag.lookup(&1).unwrap(), ["a", "c"]);
    })
    .await;
}
