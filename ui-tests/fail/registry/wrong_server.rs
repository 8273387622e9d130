//! TYP-11: who is found under a key is known.

use cordial::prelude::*;

registry! {
    Rooms: String => Room, unique
}

registry! {
    Guests: String => User, duplicate, value = u32
}

#[gen_server(via = Rooms, key = String)]
#[derive(Clone)]
struct Room;

#[gen_server]
impl Room {
    #[cast]
    fn say(&self, _line: &str) {}
}

#[gen_server]
#[derive(Clone)]
struct User;

#[gen_server]
impl User {
    #[cast]
    fn line(&self, _line: &str) {}
}

fn look() -> Option<UserRef> {
    Rooms::whereis("lobby")
}

fn main() {}
