//! Arguments of a partition that cannot be replayed when it is restarted.

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
    Game {
        children: [locks: partition(2) Lock(Key)],
    }
}

fn main() {}
