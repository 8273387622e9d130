//! Arguments of partitions, which are used for each of them.

use cordial::prelude::*;

struct Key;

#[gen_server]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

#[gen_server]
struct Lock(Key);

#[gen_server]
impl Lock {
    #[init]
    fn init(key: Key) -> Self {
        Self(key)
    }

    #[cast]
    fn turn(&self) {}
}

supervisor! {
    Game(key: Key) {
        children: [locks: partition(2) Lock(key) { restart: Temporary }],
    }
}

fn main() {}
