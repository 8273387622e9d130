//! A message is stored in a mailbox, and borrows from nobody.

use cordial::prelude::*;

#[behaviour]
pub trait Storage<'a> {
    #[cast]
    fn clear(&mut self);
}

fn main() {}
