//! How it starts is the server's own.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[init]
    fn new() -> Self;
    #[every(5s)]
    fn sweep(&mut self);
    #[cast]
    fn clear(&mut self);
}

fn main() {}
