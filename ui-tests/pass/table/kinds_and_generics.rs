//! Every kind, protection and option, with type parameters and as a child.

use cordial::prelude::*;

table! {
    /// Documented.
    pub Positions: u32 => (f64, f64), ordered_set, protected, ttl = 30s, max = 1_000
}
table! { pub Entries<K, V>: K => Vec<V>, set, private }
table! { pub(crate) Tags<K>: K => String, bag, public }
table! { crate = cordial; Plain: u32 => u32 }
table! { Buckets: &'static str => u32, duplicate_bag, public }

supervisor! {
    Harbor {
        children: [buckets: Buckets, worker: Worker(Worker { buckets })],
    }
}

#[gen_server]
#[derive(Clone)]
struct Worker {
    buckets: BucketsRef,
}

#[gen_server]
impl Worker {
    #[call]
    async fn count(&self) -> usize {
        self.buckets.size().unwrap_or(0)
    }
}

#[gen_server]
struct Owner {
    positions: Positions,
    entries: Entries<String, u8>,
}

#[gen_server]
impl Owner {
    #[init]
    fn init(ctx: &mut Ctx<Self>) -> Self {
        Self { positions: Positions::new(ctx), entries: Entries::new(ctx) }
    }
    #[call]
    async fn write(&mut self) -> Option<(f64, f64)> {
        self.entries.insert("ann".to_owned(), vec![1]).ok()?;
        self.positions.insert(1, (0.5, 0.5)).ok()?;
        cordial::process::sleep(millis(1)).await;
        self.positions.lookup(&1).ok()?
    }
}

#[cordial::main(current_thread)]
async fn main() {
    let owner = Owner::start().await.unwrap();
    assert_eq!(owner.write().await, Ok(Some((0.5, 0.5))));
    let harbor = Harbor::start().await.unwrap();
    harbor.buckets.insert("red", 1).unwrap();
    harbor.buckets.insert("red", 1).unwrap();
    assert_eq!(harbor.worker.count().await, Ok(2));
    let _: Option<(Tags<u32>, Plain, PlainRef)> = None;
}
