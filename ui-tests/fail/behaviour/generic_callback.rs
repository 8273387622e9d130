//! b02: a message has one type.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[cast]
    fn put<T: Into<u32>>(&mut self, value: T);
    #[cast]
    fn clear(&mut self);
}

fn used(storage: StorageRef) {
    storage.clear();
}

fn main() {}
