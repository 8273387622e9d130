//! `Self` is another type for each server.

use cordial::prelude::*;

#[behaviour]
pub trait Storage {
    #[call]
    fn copy(&self) -> Self;
    #[cast]
    fn merge(&mut self, others: Vec<Self>);
}

fn main() {}
