//! A tree with type parameters, whose handles need no `Clone` of them.

use std::collections::HashMap;
use std::error::Error;
use std::hash::Hash;

use cordial::prelude::*;

#[gen_server]
struct Cache<K, V>(HashMap<K, V>);

#[gen_server]
impl<K: Hash + Eq + Sync, V: Clone> Cache<K, V> {
    #[init]
    fn init(entries: Vec<(K, V)>) -> Self {
        Self(entries.into_iter().collect())
    }

    #[call]
    fn get(&self, key: K) -> Option<V> {
        self.0.get(&key).cloned()
    }
}

supervisor! {
    Caches<K: Hash + Eq + Sync + Clone, V>(entries: Vec<(K, V)>)
    where
        V: Clone,
    {
        children: [
            one: Cache<K, V>(entries),
            below: supervisor { children: [two: Cache::<u8, V>(Vec::new())] },
        ],
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let caches: CachesRef<&'static str, u32> = Caches::start(vec![("a", 1)]).await?;
    assert_eq!(caches.clone().one.get("a").await?, Some(1));
    assert_eq!(caches.below.two.get(1).await?, None);
    Ok(())
}
