//! An info of any type beside another.

use cordial::prelude::*;

#[gen_server]
struct Shelf<T> {
    items: Vec<T>,
    count: u32,
}

#[gen_server]
impl<T> Shelf<T> {
    #[init]
    fn new() -> Self {
        Self { items: Vec::new(), count: 0 }
    }

    #[info]
    fn item(&mut self, item: T) {
        self.items.push(item);
    }

    #[info]
    fn count(&mut self, count: u32) {
        self.count += count;
    }

    #[call]
    fn len(&self) -> usize {
        self.items.len()
    }
}

fn main() {}
