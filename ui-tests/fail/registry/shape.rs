//! A registry without a type of keys.

use cordial::prelude::*;

registry! {
    Rooms => Pid, unique
}

fn main() {}
