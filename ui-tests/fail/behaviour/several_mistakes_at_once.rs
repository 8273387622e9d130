//! Three mistakes, three errors; the client is there all the same.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[call]
    fn get<T>(&self, key: T) -> u32;
    #[cast(timeout = 5s)]
    fn put(&mut self, key: &str, value: u32);
    #[call]
    fn find(&self, key: &mut str) -> u32;
}

fn used(storage: StorageRef) {
    storage.put("a", 3);
}

fn main() {}
