//! The trait is named and not implemented.

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
impl Heap {}

fn main() {}
