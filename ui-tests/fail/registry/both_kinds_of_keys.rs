//! A key has one entry, or any number.

use cordial::prelude::*;

registry! {
    Rooms: String, unique, duplicate
}

fn main() {}
