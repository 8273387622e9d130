//! Run with `cargo run -p cordial-examples --example registry_chat`: the chat rooms of the OTP
//! books. A room is started when somebody first enters it, found by its name, and empty again after
//! a crash. It checks what happens and exits non-zero when that is wrong.

use std::error::Error;

use cordial::prelude::*;
use cordial::process;

registry! {
    /// Every room by its name.
    Rooms: String => ChatRoom, unique
}

registry! {
    /// Who is in which room, and what he is called there.
    Guests: String => User, duplicate, value = String
}

/// Passes on what is said in it, and counts it.
#[gen_server(via = Rooms, key = String)]
struct ChatRoom {
    name: String,
    lines: u32,
}

#[gen_server]
impl ChatRoom {
    #[init]
    fn init(name: String) -> Self {
        Self { name, lines: 0 }
    }

    /// Everybody in the room hears it.
    #[cast]
    fn broadcast(&mut self, line: &str) {
        self.lines += 1;
        Guests::each(self.name.as_str(), |user| {
            user.line(&self.name, line);
        });
    }

    /// How much was said since the room was started.
    #[call]
    fn lines(&self) -> u32 {
        self.lines
    }

    /// Something that goes wrong.
    #[cast]
    fn burn(&self) {
        panic!("the {} burns", self.name);
    }
}

/// Somebody with a connection; this one writes down what he hears.
#[gen_server(restart = Temporary)]
#[derive(Default)]
struct User(Vec<String>);

#[gen_server]
impl User {
    /// Enters a room under a name; whoever ends leaves all rooms.
    #[call]
    fn enter(&self, room: &str, called: &str, ctx: &mut Ctx<Self>) {
        ctx.join::<Guests>(room, called.to_owned()).expect("the registry starts before the users");
    }

    /// Leaves a room.
    #[call]
    fn leave(&self, room: &str, ctx: &mut Ctx<Self>) {
        ctx.leave::<Guests>(room);
    }

    /// Somebody said something.
    #[cast]
    fn line(&mut self, room: &str, line: &str) {
        self.0.push(format!("{room}: {line}"));
    }

    /// All that was heard.
    #[call]
    fn heard(&self) -> Vec<String> {
        self.0.clone()
    }
}

supervisor! {
    /// The names above those that have them.
    Chat {
        children: [
            rooms: Rooms,
            guests: Guests,
            room: dynamic ChatRoom { by: String },
            user: dynamic User,
        ],
    }
}

/// Enters a room, which is started if nobody has been there.
async fn enter(user: &UserRef, room: &str, called: &str) -> Result<(), Box<dyn Error>> {
    Rooms::ensure(room, (room.to_owned(),)).await?;
    Ok(user.enter(room, called).await?)
}

fn check(right: bool, what: &str) -> Result<(), Box<dyn Error>> {
    println!("{what}: {right}");
    if right { Ok(()) } else { Err(what.into()) }
}

/// Waits until a room is there again: its supervisor hears of its end after everybody else.
async fn come_again(room: &str) {
    for _ in 0..1000 {
        if ChatRoom::whereis(room).is_some() {
            return;
        }
        process::sleep(millis(1)).await;
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let chat = Chat::start().await?;
    let (ann, bob) = (
        chat.user.start_child(User::default()).await?,
        chat.user.start_child(User::default()).await?,
    );
    enter(&ann, "lobby", "ann").await?;
    enter(&bob, "lobby", "bob").await?;
    enter(&bob, "attic", "the ghost").await?;
    check(Rooms::count() == 2, "two rooms, each started once")?;
    check(Guests::values("lobby") == ["ann", "bob"], "who is in the lobby, in order")?;

    ChatRoom::at("lobby").broadcast("hello");
    ChatRoom::at("attic").broadcast("boo");
    check(ChatRoom::at("lobby").lines().await? == 1, "a room counts its lines")?;
    check(ChatRoom::at("attic").lines().await? == 1, "each for itself")?;
    check(ann.heard().await? == ["lobby: hello"], "ann hears the lobby")?;
    check(bob.heard().await?.len() == 2, "bob hears both")?;

    let lobby = ChatRoom::whereis("lobby").ok_or("the lobby is there")?;
    let burnt = process::monitor(&lobby);
    lobby.burn();
    burnt.await;
    come_again("lobby").await;
    ChatRoom::at("lobby").broadcast("again");
    check(ChatRoom::at("lobby").lines().await? == 1, "a new lobby under the old name")?;
    check(lobby.lines().await? == 1, "and at the old handle")?;
    check(ann.heard().await?.len() == 2, "its guests are where they were")?;

    let gone = process::monitor(&bob);
    process::exit(&bob, ExitReason::Kill);
    gone.await;
    check(Guests::values("lobby") == ["ann"], "whoever ends has left")?;
    check(ChatRoom::whereis("cellar").is_none(), "nobody has been in the cellar")
}
