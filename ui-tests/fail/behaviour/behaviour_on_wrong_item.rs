//! A behaviour is a trait.

use cordial::prelude::*;

#[behaviour]
pub struct Storage;

fn main() {}
