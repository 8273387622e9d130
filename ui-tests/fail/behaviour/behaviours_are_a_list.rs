//! The traits stand in parentheses.

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

#[gen_server(behaviours = Storage)]
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


fn main() {}
