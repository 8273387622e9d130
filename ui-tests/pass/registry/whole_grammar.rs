//! Every form of `registry!` and of what names servers.

#![deny(warnings)]
#![allow(dead_code)]

mod rooms {
    use cordial::{Pid, registry};
    use std::collections::HashMap;

    registry! {
        /// Documented.
        #[allow(missing_docs)]
        pub Rooms: String => crate::Room, unique
    }
    registry! {
        pub(crate) Guests: (u32, String) => crate::User, duplicate, value = HashMap<u8, Vec<u8>>,
    }
    registry! {
        crate = ::cordial;
        Anybody: u64, unique, partitions = 2 * 2, meta = 7_u8
    }
    registry! {
        pub ByPid: [u8; 4] => Pid, duplicate, listener = crate::User, value = std::sync::Arc<str>
    }
}

use cordial::prelude::*;
use rooms::{Guests, Rooms};

#[gen_server(via = rooms::Rooms, key = String, restart = Transient)]
#[derive(Clone)]
pub struct Room;

#[gen_server]
impl Room {
    #[cast]
    pub fn say(&self, _line: &str) {}
}

registry! {
    pub Cells: (i32, i32) => Cell<u32>, unique
}

#[gen_server]
#[derive(Clone)]
pub struct Cell<T: Clone + Send + 'static>(T);

#[gen_server]
impl<T: Clone + Send + 'static> Cell<T> {
    #[cast]
    pub fn poke(&self) {}
}

#[gen_server(name = "user")]
#[derive(Clone)]
pub struct User;

#[gen_server]
impl User {
    #[info]
    fn heard(&mut self, _event: cordial::registry::Event<rooms::ByPid>) {}
    #[call]
    pub fn enter(&self, ctx: &mut Ctx<Self>) -> bool {
        ctx.join::<Guests>(&(1, "lobby".to_owned()), Default::default()).is_ok()
    }
}

supervisor! {
    pub Chat {
        children: [
            rooms: Rooms { shutdown: 1s },
            guests: rooms::Guests,
            room: dynamic Room { by: String, max_children: 10 },
        ],
    }
}

async fn play() -> Result<(), Box<dyn std::error::Error>> {
    let chat = Chat::start().await?;
    Room::start(Room).key("lobby").await?.say("hello");
    Room::start(Room).key(&String::from("lobby")).await?;
    Room::at("lobby").say("hello");
    let _: Option<RoomRef> = Room::whereis("lobby");
    let _: RoomRef = Rooms::ensure("lobby", Room).await?;
    let _: RoomRef = chat.room.ensure("lobby", Room::child_spec(Room).temporary()).await?;
    chat.room.start_child(Room::child_spec(Room).key("attic")).await?;
    let _ = Cells::whereis(&(1, 2)).map(|cell| cell.poke());
    Ok(())
}

fn main() {}
