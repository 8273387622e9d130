//! Trees that `supervisor!` wrote, as they run.
use cordial::prelude::*;
use cordial::test::sync;

/// One of several that share a work.
#[gen_server]
struct Worker {
    shard: usize,
    name: String,
}

#[gen_server]
impl Worker {
    #[init]
    fn init(shard: usize, name: String) -> Self {
        Self { shard, name }
    }
    #[call]
    fn shard(&self) -> usize {
        self.shard
    }
    #[call]
    fn name(&self) -> String {
        self.name.clone()
    }
}

/// What is written down in the end.
#[gen_server]
#[derive(Clone, Default)]
struct Count(Vec<u32>);

#[gen_server]
impl Count {
    #[cast]
    fn add(&mut self, n: u32) {
        self.0.push(n);
    }
    #[call]
    fn all(&self) -> Vec<u32> {
        self.0.clone()
    }
}

/// It stands above what it feeds.
#[gen_server]
struct Source(Late<CountRef>);

#[gen_server]
impl Source {
    #[init]
    fn init(count: Late<CountRef>) -> Self {
        count.add(1);
        count.add(2);
        Self(count)
    }
    #[cast]
    fn push(&self, n: u32) {
        self.0.add(n);
    }
}

supervisor! {
    Shards(name: String) {
        children: [
            workers: partition(4) Worker(shard, name) { restart: Transient, shutdown: 100ms },
        ],
    }
}

/// PART-3
#[cordial::test]
async fn each_partition_of_a_declared_tree_is_given_its_number() {
    let tree = Shards::start("w".into()).await.unwrap();
    for key in 0..8_usize {
        assert_eq!(tree.workers.route(&key).shard().await, Ok(key % 4));
    }
    assert_eq!(tree.workers.route("tea").name().await, Ok("w".into()));
}

supervisor! {
    Pipeline {
        strategy: RestForOne,
        children: [source: Source(late count), count: Count(Count::default())],
    }
}

#[cordial::test]
async fn casts_to_a_late_sibling_wait_for_its_first_start() {
    let tree = Pipeline::start().await.unwrap();
    assert_eq!(tree.count.all().await.unwrap(), [1, 2]);
    tree.source.push(3);
    sync(&tree.source).await;
    assert_eq!(tree.count.all().await.unwrap(), [1, 2, 3]);
}
