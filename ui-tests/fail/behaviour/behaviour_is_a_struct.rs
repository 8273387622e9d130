//! b03: no trait at all.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
pub struct Heap;

pub struct Storage;

#[gen_server(behaviours(Storage))]
impl Heap {
    #[cast]
    fn poke(&self) {}
}

fn main() {}
