//! Keys that do not fit the kind of their table.

use cordial::prelude::*;

#[derive(Clone, PartialEq)]
pub struct Place(f64);

table! { ByPlace: Place => u32, set, protected }
table! { InOrder: Place => u32, ordered_set, protected }

fn main() {}
