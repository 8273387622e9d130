//! A behaviour is also a type: `dyn Storage`.

use cordial::prelude::*;

#[behaviour]
pub trait Storage: Clone {
    #[cast]
    fn clear(&mut self);
}

fn main() {}
