//! Who is found is a server.

use cordial::prelude::*;

struct Room;

registry! {
    Rooms: String => Room, unique
}

fn main() {}
