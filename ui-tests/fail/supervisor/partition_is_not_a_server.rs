//! A partition that is no child type.

use cordial::prelude::*;

struct P;

supervisor! {
    Game {
        children: [many: partition(2) P],
    }
}

fn main() {}
