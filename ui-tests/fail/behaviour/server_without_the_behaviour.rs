//! It implements the trait, and does not say that its mailbox takes the messages.

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

#[gen_server]
impl Heap {
    #[cast]
    fn poke(&self) {}
}

impl Storage for Heap {
    fn get(&self, _: &str) -> u32 {
        1
    }
    fn put(&mut self, _: &str, _: u32) {}
}

fn used(heap: HeapRef) -> StorageRef {
    heap.into()
}

fn main() {}
