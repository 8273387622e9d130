//! Tables as children: owned by the supervisor, reached by everybody below it.
use crate::{Nums, NumsRef};
use cordial::prelude::*;
use cordial::process;

table! { pub Buckets: String => u32, set, public }

/// Counts in a table that is not its own.
#[gen_server]
#[derive(Clone)]
struct Worker {
    buckets: BucketsRef,
}

#[gen_server]
impl Worker {
    #[call]
    fn add(&mut self, bucket: &str) -> Result<u32, cordial::ets::TableError> {
        self.buckets.update_counter_or(&bucket.to_owned(), |count| count, 1, 0)
    }
    #[cast]
    fn crash(&mut self) {
        panic!("on purpose");
    }
}

supervisor! {
    Shop {
        strategy: OneForAll,
        max_restarts: 2 in 5s,
        children: [
            buckets: Buckets,
            worker: Worker(Worker { buckets }),
        ],
    }
}

supervisor! {
    Mall {
        children: [shop: supervisor { children: [nums: Nums], strategy: OneForOne }, inner: Shop],
    }
}

/// It is there before the first child starts, and outlives its siblings' crashes under any
/// strategy.
#[cordial::test]
async fn table_outlives_its_siblings_crashes() {
    let shop = Shop::start().await.unwrap();
    assert_eq!(shop.worker.add("a").await, Ok(1));
    let again = cordial::test::restarted(&shop.worker);
    shop.worker.crash();
    again.await;
    assert_eq!(shop.worker.add("a").await, Ok(2));
    assert_eq!(shop.buckets.lookup("a"), Ok(Some(2)));
    let children = supervisor::which_children(&shop).await.unwrap();
    assert_eq!(children.len(), 1);
    supervisor::stop(&shop).await.unwrap();
    assert!(shop.buckets.lookup("a").is_err());
}

/// It ends with its supervisor, and a supervisor that starts again has it again, empty.
#[cordial::test]
async fn table_ends_and_begins_with_its_supervisor() {
    let mall = Mall::start().await.unwrap();
    let nums: NumsRef = mall.shop.nums.clone();
    nums.insert(1, 1).unwrap();
    mall.inner.worker.add("a").await.unwrap();
    let first = mall.inner.buckets.owner().unwrap();
    let again = cordial::test::restarted(&mall.inner);
    process::exit(&first, ExitReason::Kill);
    again.await;
    assert_ne!(mall.inner.buckets.owner(), Some(first));
    assert_eq!(mall.inner.buckets.lookup("a"), Ok(None));
    assert_eq!(mall.inner.worker.add("a").await, Ok(1));
    assert_eq!(nums.lookup(&1), Ok(Some(1)));
    supervisor::stop(&mall).await.unwrap();
}
