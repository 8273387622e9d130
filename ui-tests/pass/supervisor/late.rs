//! Late handles wherever they can stand, without a warning.

#![deny(warnings)]

use std::error::Error;

use cordial::prelude::*;

#[gen_server]
#[derive(Clone, Default)]
struct Count<T: Sync + Clone>(Vec<T>);

#[gen_server]
impl<T: Sync + Clone> Count<T> {
    #[cast]
    fn add(&mut self, value: T) {
        self.0.push(value);
    }

    #[call]
    fn all(&self) -> Vec<T> {
        self.0.clone()
    }
}

#[gen_server]
struct Source<T: Sync + Clone>(T);

#[gen_server]
impl<T: Sync + Clone> Source<T> {
    #[init]
    fn init(value: T, to: Late<Ref<Count<T>>>, copies: usize) -> Self {
        for _ in 0..copies {
            to.add(value.clone());
        }
        Self(value)
    }

    #[call]
    fn value(&self) -> T {
        self.0.clone()
    }
}

#[gen_server]
#[derive(Clone)]
struct Wrapped {
    to: Option<Late<Ref<Count<usize>>>>,
}

#[gen_server]
impl Wrapped {
    #[cast]
    fn hit(&self) {
        if let Some(to) = &self.to {
            to.add(9);
        }
    }
}

supervisor! {
    Pipeline<T: Sync + Clone>(one: T, two: T, both: bool, numbers: usize) {
        strategy: RestForOne,
        children: [
            first: Source<T>(one.clone(), late sink, 1),
            if both {
                second: Source<T>(two.clone(), late sink, 2),
                extra: Source<T>(one.clone(), late rare, 1),
            },
            inside: supervisor {
                children: [
                    third: Source<T>(one, late sink, numbers),
                    own: Source<T>(two.clone(), late below, numbers),
                    below: Count<T>(Count(Vec::new())),
                ],
            },
            shards: partition(numbers) Source<usize>(shard, late hits, shard + 1),
            wrapped: Wrapped(Wrapped { to: Some(late hits) }),
            #[cfg(not(unix))]
            hits: Count<usize>(Count::default()),
            #[cfg(unix)]
            hits: Count<usize>(Count::default()),
            #[cfg(any())]
            absent: Source<T>(two.clone(), late absentee, 1),
            #[cfg(any())]
            absentee: Count<T>(Count(Vec::new())),
            sink: Count<T>(Count(Vec::new())),
            if both { rare: Count<T>(Count(vec![two])) },
        ],
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tree = Pipeline::start("a", "b", true, 2).await?;
    assert_eq!(tree.sink.all().await?, ["a", "b", "b", "a", "a"]);
    assert_eq!(tree.inside.below.all().await?, ["b", "b"]);
    assert_eq!(tree.hits.all().await?, [0, 1, 1]);
    tree.wrapped.hit();
    assert_eq!(tree.rare.clone().ok_or("it is there")?.all().await?, ["b", "a"]);
    assert_eq!(tree.shards.route(&3).value().await?, 1);

    let tree = Pipeline::start("a", "b", false, 1).await?;
    assert_eq!(tree.sink.all().await?, ["a", "a"]);
    assert!(tree.rare.is_none() && tree.second.is_none());
    Ok(())
}
