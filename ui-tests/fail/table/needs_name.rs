//! A table without a name.

use cordial::prelude::*;

table! { => u32, set }

fn main() {}
