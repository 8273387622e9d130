//! The handle of a behaviour has no method but the behaviour's.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[call]
    fn get(&self, key: &str) -> u32;
    #[cast]
    fn put(&mut self, key: &str, value: u32);
}

#[gen_server]
#[derive(Clone)]
pub struct Heap;

#[gen_server(behaviours(Storage))]
impl Heap {
    #[call]
    pub fn len(&self) -> usize {
        1
    }
}

impl Storage for Heap {
    fn get(&self, _: &str) -> u32 {
        1
    }
    fn put(&mut self, _: &str, _: u32) {}
}

async fn used(heap: HeapRef) {
    let storage = StorageRef::from(heap);
    let _ = storage.get("a").await;
    let _ = storage.len().await;
}

fn main() {}
