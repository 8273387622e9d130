//! A child whose type is an ordinary struct.

use cordial::prelude::*;

struct Plain;

supervisor! {
    Game {
        children: [plain: Plain],
    }
}

fn main() {}
