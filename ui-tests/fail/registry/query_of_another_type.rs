//! REG-18: a query that does not fit the entries is none.
//! break: REG-18 macros/src/registry.rs `type Value = #value;` =>
//!     `type Value = ::std::string::String;`

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

fn look() -> usize {
    Guests::count_matching("lobby", |called: &String| called == "ann")
}

fn main() {}
