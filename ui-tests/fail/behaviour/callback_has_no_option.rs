//! Options that need to know the server.

use cordial::fuse::Fuse;
use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[call(task)]
    async fn report(&self) -> String;
    #[call(fuse = Fuse::new(3, secs(1), secs(1)))]
    fn get(&self) -> u32;
    #[cast(on_full = drop_oldest)]
    fn put(&mut self, value: u32);
}

fn used(storage: StorageRef) {
    storage.put(1);
}

fn main() {}
