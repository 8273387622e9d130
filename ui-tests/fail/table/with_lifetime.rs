//! A table that borrows.

use cordial::prelude::*;

table! { Names<'a>: u32 => &'a str, set }

fn main() {}
