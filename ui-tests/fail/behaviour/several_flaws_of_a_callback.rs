//! One error per argument, also where the compiler or another rule has something against it.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[call]
    fn get(&self, (key, value): (u8, u8)) -> u32;
    #[call]
    fn sum(&self, key: u8, _: u8) -> u32;
    #[cast]
    fn merge(&mut self, other: &Self);
}

fn used(storage: &StorageRef) {
    drop(storage.clone());
}

fn main() {}
