//! b03 of a server with a parameter: a trait that nobody made a behaviour is one error.

use cordial::prelude::*;

pub trait Storage {
    fn get(&self, key: &str) -> u32;
}

#[gen_server]
pub struct Heap<T> {
    values: Vec<T>,
}

#[gen_server(behaviours(Storage), mailbox = 3, on_full = drop_oldest)]
impl<T: Clone> Heap<T> {
    #[init]
    fn init() -> Self {
        Self { values: Vec::new() }
    }

    #[cast]
    fn push(&mut self, value: T) {
        self.values.push(value);
    }

    #[call]
    fn len(&self) -> usize {
        self.values.len()
    }
}

impl<T> Storage for Heap<T> {
    fn get(&self, _: &str) -> u32 {
        1
    }
}

async fn used(heap: &HeapRef<u8>) -> Result<usize, CallError> {
    heap.push(1);
    heap.len().await
}

fn main() {}
