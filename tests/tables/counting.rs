//! Counters in rows, and updates of parts.
use crate::support::*;
use crate::{Nums, Sorted};
use cordial::ets::{Step, TableError};
use cordial::prelude::*;

#[derive(Clone, Debug, Default, PartialEq)]
struct Stats {
    hits: u64,
    balance: i64,
}

table! { Pages: &'static str => Stats, set, public }

/// ETS-9: by how much, where it starts again, and several of one row.
// break: ETS-9 runtime/cordial/src/ets/counter.rs
//     `Some(after) if self.by >= 0 => after > threshold,`
//     => `Some(after) if self.by >= 0 => after >= threshold,`
#[cordial::test]
async fn counters_count_up_to_their_threshold() {
    in_process(async |mail| {
        let pages = Pages::new(&mail);
        pages.insert("home", Stats { hits: 8, balance: 1 }).unwrap();
        let hits = |step: Step<u64>| pages.update_counter(&"home", |page| &mut page.hits, step);
        let up = Step::by(1).wrapping(9, 2);
        assert_eq!([hits(up), hits(up), hits(up)], [Ok(9), Ok(2), Ok(3)]);
        assert_eq!(hits(Step::by(0).wrapping(9, 2)), Ok(3), "it is not beyond the threshold");
        let down = Step::by(-2).wrapping(1, 100);
        assert_eq!([hits(down), hits(down)], [Ok(1), Ok(100)]);
        let balance = pages.update_counter(&"home", |page| &mut page.balance, -5);
        assert_eq!(balance, Ok(-4));
        let both = [
            ((|page| &mut page.balance) as fn(&mut Stats) -> &mut i64, Step::by(1)),
            (|page| &mut page.balance, Step::by(10)),
        ];
        assert_eq!(pages.update_counters(&"home", &both), Ok(vec![-3, 7]));
        let sorted = Sorted::new(&mail);
        sorted.insert(1, 1).unwrap();
        assert_eq!(sorted.update_counter(&1, |value| value, 2), Ok(3));
    })
    .await;
}

/// ETS-10: what fails changes nothing, of several steps neither.
// break: ETS-10 runtime/cordial/src/ets/write.rs `.or(default)` => `.or(default.filter(|_| false))`
#[cordial::test]
async fn counter_that_is_absent_needs_a_default() {
    in_process(async |mail| {
        let set = Nums::new(&mail);
        let absent = set.update_counter(&1, |value| value, 1);
        assert_eq!(absent, Err(TableError::NoKey { table: "Nums" }));
        assert_eq!(set.update_counter_or(&1, |value| value, 1, 10), Ok(11));
        assert_eq!(set.update_counter_or(&1, |value| value, 1, 10), Ok(12));
        let under = set.update_counter(&1, |value| value, -13);
        assert_eq!(under, Err(TableError::Overflow { table: "Nums" }));
        let steps = [
            ((|value| value) as fn(&mut u64) -> &mut u64, Step::by(1)),
            (|value| value, Step::by(-100)),
        ];
        assert!(set.update_counters(&1, &steps).is_err());
        assert_eq!(set.lookup(&1), Ok(Some(12)));
        assert_eq!(set.size(), Ok(1));
    })
    .await;
}

/// ETS-11
// break: ETS-11 runtime/cordial/src/ets/write.rs `else { return Ok(false) };`
//     => `else { return Ok(true) };`
#[cordial::test]
async fn update_element_never_inserts() {
    in_process(async |mail| {
        let pages = Pages::new(&mail);
        assert_eq!(pages.update_element(&"home", |page| page.hits = 7), Ok(false));
        assert_eq!(pages.size(), Ok(0));
        pages.insert("home", Stats::default()).unwrap();
        assert_eq!(pages.update_element(&"home", |page| page.hits = 7), Ok(true));
        assert_eq!(pages.lookup("home"), Ok(Some(Stats { hits: 7, balance: 0 })));
    })
    .await;
}
