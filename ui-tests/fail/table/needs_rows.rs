//! A table without the types of its rows.

use cordial::prelude::*;

table! { pub Positions, set }

table! { pub Others: u32, set }

fn main() {}
