//! b03: a trait that is no behaviour, and cannot be a type as one is; the compiler says that, too,
//! wherever such a type is written.

use cordial::prelude::*;

mod stores {
    pub trait Storage {
        fn get(&self, key: &str) -> u32;
        fn same(&self, other: Self) -> bool;
    }
}

#[gen_server]
#[derive(Clone)]
pub struct Heap;

#[gen_server(behaviours(stores::Storage))]
impl Heap {
    #[call]
    async fn len(&self) -> usize {
        0
    }
}

impl stores::Storage for Heap {
    fn get(&self, _: &str) -> u32 {
        1
    }
    fn same(&self, _: Self) -> bool {
        true
    }
}

async fn used(heap: &HeapRef) -> Result<usize, CallError> {
    heap.len().await
}

fn main() {}
