//! Every mistake is told.

use cordial::prelude::*;

registry! {
    Rooms: String, uniqe, unique, unique, value, partitions = 4
}

fn main() {}
