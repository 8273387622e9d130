//! Nobody says how many entries a key may have.

use cordial::prelude::*;

registry! {
    Rooms: String
}

fn main() {}
