//! Rows that go by themselves: by their age and by their number.
use crate::support::in_process;
use cordial::ets::{Table, TableRef};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::advance;

table! { Cached: u32 => u64, set, public, ttl = 5s }
table! { InOrder: u32 => u64, ordered_set, public, ttl = 5s, max = 3 }
table! { Few: u32 => u64, set, public, max = 3 }

/// A table of a process that does nothing else: the clock goes on while it waits.
async fn owned<T: Table>() -> TableRef<T> {
    let (from, table) = ReplyTo::pair();
    process::spawn(async move |mut mail: Mailbox<()>| {
        let table: T = cordial::ets::new(&mail);
        from.reply(table.into_owned().reader());
        mail.next().await;
    });
    table.await.unwrap()
}

/// A row is there until its time is over, counted from its last write, whoever reads it.
#[cordial::test]
async fn row_goes_so_long_after_it_was_written() {
    let table: CachedRef = owned::<Cached>().await;
    table.insert_all([(1, 10), (2, 20)]).unwrap();
    advance(millis(4_999)).await;
    assert_eq!((table.lookup(&1), table.size()), (Ok(Some(10)), Ok(2)));
    table.insert(2, 21).unwrap();
    advance(millis(1)).await;
    assert_eq!((table.lookup(&1), table.lookup(&2)), (Ok(None), Ok(Some(21))));
    assert_eq!((table.member(&1), table.size()), (Ok(false), Ok(1)));
    assert_eq!(table.to_vec().unwrap(), [(2, 21)]);
    assert_eq!(table.insert_new(1, 11), Ok(true));
    assert_eq!(table.update_element(&2, |value| *value += 1), Ok(true));
    advance(secs(5)).await;
    assert_eq!(table.update_element(&2, |value| *value += 1), Ok(false));
    assert_eq!(table.take(&1), Ok(None));
    assert_eq!(table.size(), Ok(0));
}

/// In an ordered set, too; what is over is not in anybody's way.
#[cordial::test]
async fn rows_that_are_over_are_not_walked() {
    let table: InOrderRef = owned::<InOrder>().await;
    table.insert(1, 10).unwrap();
    advance(secs(3)).await;
    table.insert(2, 20).unwrap();
    advance(secs(3)).await;
    assert_eq!(table.first(), Ok(Some((2, 20))));
    assert_eq!(table.prev(&2), Ok(None));
    assert_eq!(table.range(..).unwrap(), [(2, 20)]);
}

/// Who was written longest ago goes first.
#[cordial::test]
async fn rows_beyond_the_bound_go_by_their_age() {
    in_process(async |mail| {
        let table = Few::new(&mail);
        table.insert_all((1..=3).map(|key| (key, 0))).unwrap();
        table.insert(1, 1).unwrap();
        table.insert(4, 4).unwrap();
        let keys = |table: &Few| {
            let mut keys = table.select(|key, _| Some(*key)).unwrap();
            keys.sort_unstable();
            keys
        };
        assert_eq!(keys(&table), [1, 3, 4]);
        table.insert_all((10..20).map(|key| (key, 0))).unwrap();
        assert_eq!(keys(&table), [17, 18, 19]);
        for round in 0..10_000 {
            table.insert(17, round).unwrap();
        }
        assert_eq!(keys(&table), [17, 18, 19]);
        let sorted = InOrder::new(&mail);
        sorted.insert_all((1..=5).map(|key| (key, 0))).unwrap();
        assert_eq!(sorted.size(), Ok(3));
    })
    .await;
}
