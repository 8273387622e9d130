//! A room: who is in it, and what is said in it goes to all of them.
//!
//! 1. A line is said by a call and told to every member by a cast, the speaker included: when the
//!    call is answered, the line stands in every member's mailbox. What is not answered was not
//!    told to anybody.
//! 2. The directory is told who enters and who leaves, before anybody else is. It remembers that
//!    across a crash, so an incarnation knows its members before it handles its first message,
//!    and a line said before the last of them has joined again reaches that one too.
//! 3. A member's connection is monitored: however it ends, its user has left.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use cordial::prelude::*;
use cordial::{MonitorRef, Timer};

use crate::application::RoomSupRef;
use crate::connection::ConnectionRef;
use crate::directory::DirectoryRef;
use crate::outbox::Line;
use crate::protocol::{self, Refusal};
use crate::scoreboard::ScoreboardRef;

/// What a connection learns when it is in.
#[derive(Clone, Copy, Debug)]
pub struct Welcome {
    /// How many are in the room, the newcomer included.
    pub here: usize,
    /// The incarnation which let the connection in: monitoring this one and not the address
    /// makes sure that no crash is missed that happens in between.
    pub incarnation: Pid,
}

/// Asks a room to let a connection in; sent by the directory, answered by the room.
#[derive(Debug)]
pub struct Admit {
    /// The name to be known by.
    pub user: String,
    /// Who asks.
    pub connection: ConnectionRef,
    /// The room's tree; goes back with the answer.
    pub tree: RoomSupRef,
    /// Where the answer goes.
    pub from: ReplyTo<Result<(RoomSupRef, Welcome), Refusal>>,
}

/// The room had no members for a while.
struct Deserted;

/// Somebody who is in the room.
struct Member {
    connection: ConnectionRef,
    watch: MonitorRef,
}

/// A room.
#[gen_server]
pub struct ChatRoom {
    name: Arc<str>,
    directory: DirectoryRef,
    board: ScoreboardRef,
    members: BTreeMap<String, Member>,
    /// Whose connection a monitor watches.
    users: HashMap<MonitorRef, String>,
    empty_for: Duration,
    /// Runs while nobody is in.
    desertion: Option<Timer>,
}

#[gen_server]
impl ChatRoom {
    #[init]
    fn init(
        name: String,
        directory: DirectoryRef,
        board: ScoreboardRef,
        empty_for: Duration,
    ) -> Self {
        Self {
            name: name.into(),
            directory,
            board,
            members: BTreeMap::new(),
            users: HashMap::new(),
            empty_for,
            desertion: None,
        }
    }

    /// Rule 2: knows again who was in.
    #[handle_continue]
    async fn recall(&mut self, ctx: &mut Ctx<Self>) -> Result<(), CallError> {
        for (user, connection) in self.directory.present(&self.name).await? {
            self.seat(user, connection, ctx);
        }
        self.mind_the_empty_room(ctx);
        Ok(())
    }

    /// Lets a connection in, or says why not.
    #[info]
    fn admit(&mut self, admit: Admit, ctx: &mut Ctx<Self>) {
        let Admit { user, connection, tree, from } = admit;
        let welcome = self.enter(user, connection, ctx).map(|welcome| (tree, welcome));
        from.reply(welcome);
    }

    /// Lets a connection in again that was in before the room crashed.
    ///
    /// # Errors
    ///
    /// The name is another's.
    #[call(timeout = infinity)]
    pub fn rejoin(
        &mut self,
        user: &str,
        connection: ConnectionRef,
        ctx: &mut Ctx<Self>,
    ) -> Result<Welcome, Refusal> {
        match self.members.get(user) {
            Some(member) if member.connection == connection => Ok(self.welcome(ctx)),
            _ => self.enter(user.to_owned(), connection, ctx),
        }
    }

    /// Takes a connection out of the room.
    #[cast]
    pub fn leave(&mut self, user: &str, connection: ConnectionRef, ctx: &mut Ctx<Self>) {
        if self.members.get(user).is_some_and(|member| member.connection == connection) {
            self.unseat(user, ctx);
        }
    }

    /// Tells every member what `user` says.
    ///
    /// # Errors
    ///
    /// `user` has yet to join again: nobody was told.
    #[call(timeout = infinity)]
    pub fn say(&mut self, user: &str, text: &str) -> Result<(), Refusal> {
        if !self.members.contains_key(user) {
            return Err(Refusal::Restarting(self.name.to_string()));
        }
        let line: Line = protocol::said(&self.name, user, text).into();
        for member in self.members.values() {
            member.connection.hear(Arc::clone(&self.name), Arc::clone(&line));
        }
        self.board.add_points(user, 1);
        Ok(())
    }

    /// Who is in, in the order of the alphabet.
    #[call(timeout = infinity)]
    pub fn who(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    /// Nobody is in.
    #[call]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Ends this incarnation of the room.
    ///
    /// # Panics
    ///
    /// Always: that is what a client asks for by `CRASH`.
    #[call(timeout = infinity)]
    pub fn crash(&mut self, user: &str) {
        panic!("{user} crashed the room {}", self.name);
    }

    /// Rule 3.
    #[info]
    fn connection_ended(&mut self, down: Down, ctx: &mut Ctx<Self>) {
        if let Some(user) = self.users.get(&down.monitor).cloned() {
            self.unseat(&user, ctx);
        }
    }

    /// Asks the directory to end the room; asks again later if it does not.
    #[info]
    fn deserted(&mut self, _: Deserted, ctx: &mut Ctx<Self>) {
        self.desertion = None;
        if self.members.is_empty() {
            self.directory.deserted(&self.name);
        }
        self.mind_the_empty_room(ctx);
    }
}

impl ChatRoom {
    fn enter(
        &mut self,
        user: String,
        connection: ConnectionRef,
        ctx: &mut Ctx<Self>,
    ) -> Result<Welcome, Refusal> {
        if self.members.contains_key(&user) {
            return Err(Refusal::Taken { user, room: self.name.to_string() });
        }
        // One connection has one name: who joins under another gives the first one up.
        if let Some(before) = self.name_of(&connection) {
            self.unseat(&before, ctx);
        }
        self.directory.entered(&self.name, &user, connection.clone());
        self.seat(user, connection, ctx);
        Ok(self.welcome(ctx))
    }

    fn name_of(&self, connection: &ConnectionRef) -> Option<String> {
        let mut members = self.members.iter();
        members.find(|(_, member)| member.connection == *connection).map(|(user, _)| user.clone())
    }

    fn welcome(&self, ctx: &Ctx<Self>) -> Welcome {
        Welcome { here: self.members.len(), incarnation: ctx.pid() }
    }

    fn seat(&mut self, user: String, connection: ConnectionRef, ctx: &mut Ctx<Self>) {
        let watch = ctx.monitor(&connection);
        self.users.insert(watch, user.clone());
        self.members.insert(user, Member { connection, watch });
        self.mind_the_empty_room(ctx);
    }

    fn unseat(&mut self, user: &str, ctx: &mut Ctx<Self>) {
        let Some(Member { connection, watch }) = self.members.remove(user) else { return };
        self.users.remove(&watch);
        ctx.demonitor(watch);
        self.directory.left(&self.name, user, connection);
        self.mind_the_empty_room(ctx);
    }

    /// Lets the timer run exactly while nobody is in.
    fn mind_the_empty_room(&mut self, ctx: &mut Ctx<Self>) {
        if !self.members.is_empty() {
            if let Some(timer) = self.desertion.take() {
                timer.cancel();
            }
        } else if self.desertion.is_none() {
            self.desertion = Some(ctx.send_after(self.empty_for, Deserted));
        }
    }
}
