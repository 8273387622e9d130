//! b03: a trait that nobody made a behaviour, and what is done with its server.

use cordial::prelude::*;

pub trait Storage {
    fn get(&self, key: &str) -> u32;
    fn put(&mut self, key: &str, value: u32);
}

#[gen_server]
#[derive(Clone)]
pub struct Heap;

#[gen_server(behaviours(Storage), mailbox = 3, on_full = drop_oldest)]
impl Heap {
    #[call]
    fn len(&self) -> usize {
        0
    }
}

impl Storage for Heap {
    fn get(&self, _: &str) -> u32 {
        1
    }
    fn put(&mut self, _: &str, _: u32) {}
}

async fn used(heap: &HeapRef) -> Result<usize, CallError> {
    heap.len().await
}

fn main() {}
