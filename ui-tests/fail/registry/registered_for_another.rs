//! Nobody registers another process, and servers join as what they are.

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

fn put(other: Pid) {
    let _ = Rooms::register("lobby", ());
}

fn main() {}
