//! What its behaviours send may hold handles.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[cast]
    fn clear(&mut self);
}

#[gen_server]
#[derive(Clone)]
pub struct Heap;

#[gen_server(closed, behaviours(Storage))]
impl Heap {}

impl Storage for Heap {
    fn clear(&mut self) {}
}

fn main() {}
