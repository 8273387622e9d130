//! A chat server on TCP: what an application looks like that is a tree of supervised processes.
//!
//! ```text
//! ChatSup, rest for one
//! ├─ board        Scoreboard          points of every user; survives whatever rooms do
//! ├─ lobby        one for all
//! │  ├─ rooms     dynamic RoomSup     one small supervisor per room …
//! │  │  └─ room   ChatRoom            … and the room under it
//! │  └─ directory Directory           name → room; starts rooms, ends deserted ones
//! ├─ connections  dynamic Connection  one process per client, and a linked one that reads for it
//! └─ acceptor     Acceptor            takes clients from the listening socket
//! ```
//!
//! How a line travels: the reader of a connection cuts bytes into [`protocol::Command`]s and calls
//! its [`connection::Connection`], one at a time. `SAY` is a call to the room, which casts the line
//! to every member's connection; each of them writes what its socket takes and keeps the rest in
//! an [`outbox::Outbox`]. Nobody ever waits for a client.
//!
//! How a crash goes by: the room's supervisor starts it again at the same address. The new
//! incarnation asks the directory who was in. Each member's connection learns of the crash by its
//! monitor, joins again, and tells its client.

pub mod acceptor;
pub mod application;
pub mod cli;
pub mod connection;
pub mod directory;
pub mod outbox;
pub mod outflow;
pub mod protocol;
pub mod room;
pub mod scoreboard;
