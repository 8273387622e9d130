//! Which rooms there are: name → room; the one place where rooms begin and end.
//!
//! 1. Joining goes through this server. So two first `JOIN`s make one room, and nobody can join a
//!    room between the moment it is found empty and its end.
//! 2. A room answers the one who joins; this server passes the question on and goes on, so that a
//!    busy room keeps nobody from joining another.
//! 3. It remembers who is in, for a room that crashed and for `ROOMS`. A room tells it of each who
//!    enters or leaves; who leaves a room that is just down is forgotten here.

use std::collections::BTreeMap;
use std::time::Duration;

use cordial::MonitorRef;
use cordial::prelude::*;
use cordial::supervisor::StartChildError;

use crate::application::{RoomSup, RoomSupRef};
use crate::connection::ConnectionRef;
use crate::protocol::Refusal;
use crate::room::{Admit, Welcome};
use crate::scoreboard::ScoreboardRef;

/// How long a room may take to say whether it is empty. A room that is just restarting asks this
/// server for its members meanwhile, and without a bound each would wait for the other.
const GLANCE: Duration = millis(100);

/// A room that is up.
struct Listing {
    tree: RoomSupRef,
    /// Tells when the room's supervisor has given up.
    watch: MonitorRef,
    /// Who is in.
    present: BTreeMap<String, ConnectionRef>,
}

/// Knows every room by its name.
#[gen_server]
pub struct Directory {
    rooms: DynamicRef<RoomSup>,
    board: ScoreboardRef,
    empty_for: Duration,
    listings: BTreeMap<String, Listing>,
}

#[gen_server]
impl Directory {
    #[init]
    fn init(rooms: DynamicRef<RoomSup>, board: ScoreboardRef, empty_for: Duration) -> Self {
        Self { rooms, board, empty_for, listings: BTreeMap::new() }
    }

    /// Brings a connection into a room, which is started if there is none of that name.
    #[call(timeout = infinity)]
    pub async fn join(
        &mut self,
        room: &str,
        user: &str,
        connection: ConnectionRef,
        ctx: &mut Ctx<Self>,
        from: ReplyTo<Result<(RoomSupRef, Welcome), Refusal>>,
    ) {
        match self.open(room, ctx).await {
            Ok(tree) => {
                let chat_room = tree.room.clone();
                cordial::send(&chat_room, Admit { user: user.to_owned(), connection, tree, from });
            }
            Err(_) => from.reply(Err(Refusal::CannotOpen(room.to_owned()))),
        }
    }

    /// Takes a connection out of a room, also while the room is down.
    #[cast]
    pub fn leave(&mut self, room: &str, user: &str, connection: ConnectionRef) {
        self.forget(room, user, &connection);
        if let Some(listing) = self.listings.get(room) {
            listing.tree.room.leave(user, connection);
        }
    }

    /// A room has let somebody in.
    #[cast]
    pub fn entered(&mut self, room: &str, user: &str, connection: ConnectionRef) {
        if let Some(listing) = self.listings.get_mut(room) {
            listing.present.insert(user.to_owned(), connection);
        }
    }

    /// Somebody is no longer in a room.
    #[cast]
    pub fn left(&mut self, room: &str, user: &str, connection: ConnectionRef) {
        self.forget(room, user, &connection);
    }

    /// Who is in a room.
    #[call]
    pub fn present(&self, room: &str) -> Vec<(String, ConnectionRef)> {
        let present = self.listings.get(room).map(|listing| listing.present.clone());
        present.unwrap_or_default().into_iter().collect()
    }

    /// The rooms and how many are in each, in the order of the alphabet.
    #[call]
    pub fn rooms(&self) -> Vec<(String, usize)> {
        let listings = self.listings.iter();
        listings.map(|(room, listing)| (room.clone(), listing.present.len())).collect()
    }

    /// Ends a room that says it is empty, if it still is.
    #[cast]
    pub async fn deserted(&mut self, room: &str, ctx: &mut Ctx<Self>) {
        let Some(tree) = self.listings.get(room).map(|listing| listing.tree.clone()) else {
            return;
        };
        // Who was passed on to the room before this question is counted in its answer.
        if tree.room.is_empty().timeout(GLANCE).await.is_ok_and(|is_empty| is_empty) {
            if let Some(listing) = self.listings.remove(room) {
                ctx.demonitor(listing.watch);
            }
            drop(self.rooms.terminate_child(&tree).await);
        }
    }

    /// A room crashed too often; its members have seen it themselves.
    #[info]
    fn room_closed(&mut self, down: Down) {
        self.listings.retain(|_, listing| listing.watch != down.monitor);
    }
}

impl Directory {
    async fn open(
        &mut self,
        room: &str,
        ctx: &mut Ctx<Self>,
    ) -> Result<RoomSupRef, StartChildError> {
        if let Some(listing) = self.listings.get(room) {
            return Ok(listing.tree.clone());
        }
        let (directory, board) = (ctx.me(), self.board.clone());
        let tree = RoomSup::child_spec(room.to_owned(), directory, board, self.empty_for);
        // A room that has spent its budget stays closed until somebody joins it anew.
        let tree = self.rooms.start_child(tree.temporary()).await?;
        let watch = ctx.monitor(&tree);
        let listing = Listing { tree: tree.clone(), watch, present: BTreeMap::new() };
        self.listings.insert(room.to_owned(), listing);
        Ok(tree)
    }

    /// Nobody of that name is in, unless another connection has taken it.
    fn forget(&mut self, room: &str, user: &str, connection: &ConnectionRef) {
        if let Some(listing) = self.listings.get_mut(room)
            && listing.present.get(user) == Some(connection)
        {
            listing.present.remove(user);
        }
    }
}
