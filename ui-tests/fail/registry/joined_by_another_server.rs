//! A server joins the registries of its kind.

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

    #[call]
    fn enter(&self, ctx: &mut Ctx<Self>) {
        ctx.join::<Rooms>("lobby", ()).unwrap();
    }
}



fn main() {}
