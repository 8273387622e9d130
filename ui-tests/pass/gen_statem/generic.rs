//! A machine of any type, with bounds and a where clause.

use std::collections::HashMap;
use std::hash::Hash;

use cordial::prelude::*;

#[gen_statem]
struct Cache<K, V> {
    map: HashMap<K, V>,
    parked: Vec<(K, ReplyTo<V>)>,
}

#[gen_statem(Empty | Filled)]
impl<K: Hash + Eq + Sync, V> Cache<K, V>
where
    V: Clone + Sync,
{
    #[init]
    fn init() -> Self {
        Self { map: HashMap::new(), parked: Vec::new() }
    }
    #[on(_)]
    #[cast]
    fn put(&mut self, key: K, value: V) -> to![Filled] {
        self.map.insert(key, value);
        goto(Filled)
    }
    #[on(Filled)]
    #[call]
    fn get(&self, key: K) -> Option<V> {
        self.map.get(&key).cloned()
    }
    #[on(Empty)]
    #[postpone]
    fn get();
    #[on(_)]
    #[call(timeout = infinity)]
    fn wait(&mut self, key: K, from: ReplyTo<V>) {
        self.parked.push((key, from));
    }
}

fn main() {
    let _ = Cache::<String, u8>::start();
}
