//! Each server would have messages of its own.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    type Value;
    const LIMIT: usize;
    #[call]
    fn size(&self) -> usize;
}

async fn used(storage: StorageRef) {
    let _: Result<usize, CallError> = storage.size().await;
}

fn main() {}
