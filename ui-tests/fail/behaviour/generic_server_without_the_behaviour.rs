//! A server with a parameter that does not implement the trait which it names.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[call]
    fn get(&self, key: &str) -> u32;
    #[cast]
    async fn clear(&mut self);
}

#[gen_server]
#[derive(Clone)]
pub struct Heap<T>(T);

#[gen_server(behaviours(Storage))]
impl<T: Clone> Heap<T> {
    #[call]
    fn len(&self) -> usize {
        0
    }
}

async fn used(heap: &HeapRef<u8>) -> Result<usize, CallError> {
    heap.len().await
}

fn main() {}
