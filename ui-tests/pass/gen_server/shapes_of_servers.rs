//! Enums, unit and tuple structs, generics, const generics, concrete instances, inside functions.

use std::collections::HashMap;
use std::hash::Hash;

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
pub enum Light {
    Red,
    Green { since: u32 },
}

#[gen_server]
impl Light {
    #[call]
    pub fn is_red(&self) -> bool {
        matches!(self, Self::Red)
    }

    #[cast]
    pub fn go(&mut self) {
        *self = Self::Green { since: 3 };
    }
}

#[gen_server(restart = Transient)]
#[derive(Clone)]
struct Unit;

#[gen_server]
impl Unit {
    #[every(30s)]
    fn tick(&mut self) -> Flow {
        Flow::Stop(ExitReason::Shutdown)
    }
}

#[gen_server(name = "cache")]
struct Cache<K, V = u32>
where
    K: Eq,
{
    map: HashMap<K, V>,
    parked: Vec<(K, ReplyTo<V>)>,
}

#[gen_server]
impl<K: Hash + Eq + Sync, V> Cache<K, V>
where
    V: Clone + Send,
{
    #[init]
    fn init() -> Self {
        Self { map: HashMap::new(), parked: Vec::new() }
    }

    #[cast]
    fn put(&mut self, key: K, value: V) {
        self.map.insert(key, value);
    }

    #[call]
    fn get(&mut self, key: K) -> Option<V> {
        self.map.get(&key).cloned()
    }

    #[call(timeout = infinity)]
    fn wait(&mut self, key: K, from: ReplyTo<V>) {
        self.parked.push((key, from));
    }

    #[call]
    async fn try_get(&mut self, key: K) -> Result<V, String> {
        self.map.get(&key).cloned().ok_or_else(|| "none".to_owned())
    }

    #[info]
    fn value(&mut self, pair: (K, V)) {
        self.map.insert(pair.0, pair.1);
    }
}

#[gen_server]
struct Ring<const N: usize>([u8; N]);

#[gen_server]
impl<const N: usize> Ring<N> {
    #[call]
    fn all(&self) -> [u8; N] {
        self.0
    }
}

#[gen_server]
struct Letters<R, T, S> {
    all: (R, T, S),
}

#[gen_server]
impl<R, T, S: Clone> Letters<R, T, S> {
    #[init]
    fn new(one: R, two: T, three: S) -> Self {
        Self { all: (one, two, three) }
    }

    #[info]
    fn any(&mut self, one: R) {
        self.all.0 = one;
    }

    #[call]
    async fn last(&mut self, two: T) -> Result<S, String> {
        self.all.1 = two;
        Ok(self.all.2.clone())
    }
}

#[gen_server]
struct Only<T>(T);

#[gen_server]
impl Only<u8> {
    #[call]
    fn value(&self) -> u8 {
        self.0
    }
}

async fn play() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    #[gen_server]
    #[derive(Clone)]
    struct Inner(u32);

    #[gen_server]
    impl Inner {
        #[call]
        fn value(&self) -> u32 {
            self.0
        }
    }

    println!("{}", Inner::start(Inner(3)).await?.value().await?);
    let cache: CacheRef<String> = Cache::start().await?;
    cache.put("a".into(), 1);
    cordial::send(&cache, ("b".to_owned(), 2));
    println!("{:?} {:?}", cache.get("a".into()).await?, cache.try_get("b".into()).await);
    println!("{:?}", Ring::<2>::start(Ring([1, 2])).await?.all().await?);
    println!("{:?}", Letters::start(1, "2", 'c').await?.last("3").await);
    let found: Option<CacheRef<String>> = Cache::whereis();
    println!("{found:?} {}", Only::start(Only(1)).await?.value().await?);
    Ok(())
}

fn main() {
    let _ = play;
}
