//! A child whose type does not exist.

use cordial::prelude::*;

supervisor! {
    Game {
        children: [board: Missing],
    }
}

fn main() {}
