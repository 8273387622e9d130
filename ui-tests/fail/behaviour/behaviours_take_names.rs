//! The type of the trait, where its name is asked for.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[call]
    fn get(&self, key: &str) -> u32;
}

#[gen_server]
#[derive(Clone)]
pub struct Heap;

#[gen_server(behaviours(dyn Storage))]
impl Heap {}

impl Storage for Heap {
    fn get(&self, _: &str) -> u32 {
        1
    }
}

fn main() {}
