//! The tree: which processes there are, in which order, and what a crash of one means for others.

use std::sync::Arc;
use std::time::Duration;

use cordial::prelude::*;
use tokio::net::TcpListener;

use crate::acceptor::Acceptor;
use crate::connection::Connection;
use crate::directory::{Directory, DirectoryRef};
use crate::room::ChatRoom;
use crate::scoreboard::{Scoreboard, ScoreboardRef};

/// How long a room without members lives.
pub const EMPTY_FOR: Duration = secs(30);

supervisor! {
    /// The chat server.
    ///
    /// The listening socket is made outside and handed in: an acceptor that is restarted goes on
    /// with the same socket, so its port stays and no waiting client is turned away.
    pub ChatSup(listener: Arc<TcpListener>, empty_for: Duration) {
        strategy: RestForOne,
        children: [
            board: Scoreboard(Scoreboard::default()),
            // A directory that forgot its rooms and rooms that nobody finds are of no use to each
            // other: both start anew. The clients stay and are told that their rooms are closed.
            lobby: supervisor {
                strategy: OneForAll,
                children: [
                    rooms: dynamic RoomSup { max_children: 10_000 },
                    directory: Directory(rooms, board, empty_for),
                ],
            },
            connections: dynamic Connection,
            acceptor: Acceptor(listener, connections, lobby.directory, board),
        ],
    }
}

supervisor! {
    /// A room and the supervisor that restarts it.
    ///
    /// Each room has a supervisor of its own, so that its crashes spend no other room's budget.
    /// The budget is large, since anybody may crash a room with one word and the others in it
    /// shall stay; but a room that crashes over and over on its own is closed within a second.
    pub RoomSup(name: String, directory: DirectoryRef, board: ScoreboardRef, empty_for: Duration) {
        max_restarts: 1_000 in 1s,
        children: [
            room: ChatRoom(name, directory, board, empty_for),
        ],
    }
}
