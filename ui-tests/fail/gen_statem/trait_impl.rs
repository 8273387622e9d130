//! A trait's `impl` is no machine, and its marks are not told of, too.

use cordial::prelude::*;

#[derive(Default)]
struct Lamp {
    level: u8,
}

#[gen_statem(Off | On)]
impl Clone for Lamp {
    #[on(Off)]
    #[call]
    fn clone(&self) -> Self {
        Self { level: self.level }
    }
}

fn main() {}
