//! Nobody could send it anything.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    fn size(&self) -> usize;
}

fn main() {}
