//! Chat rooms: servers that a registry names, started on demand.

use std::collections::BTreeMap;
use std::error::Error;

use cordial::prelude::*;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

registry! { Rooms: String => ChatRoom, unique }

type Line = (String, String);

#[gen_server(via = Rooms, key = String)]
struct ChatRoom {
    room: String,
    users: BTreeMap<String, UnboundedSender<Line>>,
}

#[gen_server]
impl ChatRoom {
    #[init]
    fn init(room: String) -> Self {
        Self { room, users: BTreeMap::new() }
    }

    #[call]
    fn join(&mut self, user: &str, inbox: UnboundedSender<Line>) {
        self.users.insert(user.to_owned(), inbox);
    }

    #[cast]
    fn broadcast(&mut self, line: &str) {
        self.users.retain(|_, inbox| inbox.send((self.room.clone(), line.to_owned())).is_ok());
    }
}

supervisor! {
    Chat { children: [names: Rooms, rooms: dynamic ChatRoom { by: String }] }
}

pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let _chat = Chat::start().await?;
    let (inbox, mut lines) = unbounded_channel();
    for room in ["lobby", "attic"] {
        Rooms::ensure(room, (room.to_owned(),)).await?;
        ChatRoom::at(room).join("ann", inbox.clone()).await?;
    }
    ChatRoom::at("lobby").broadcast("hello");
    let (room, line) = lines.recv().await.ok_or("somebody is in the lobby")?;
    println!("{room}: {line}");
    ChatRoom::at("attic").broadcast("boo");
    let (room, line) = lines.recv().await.ok_or("somebody is in the attic")?;
    println!("{room}: {line}");
    Ok(())
}
