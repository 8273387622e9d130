//! It could not travel.

use cordial::prelude::*;

use std::rc::Rc;

#[behaviour]
pub trait Storage {
    #[cast]
    fn put(&mut self, value: Rc<u32>);
    #[cast]
    fn clear(&mut self);
}

fn main() {}
