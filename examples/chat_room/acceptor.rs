//! Takes clients from the listening socket and gives each a process.

use std::sync::Arc;

use cordial::prelude::*;
use tokio::net::TcpListener;

use crate::connection::Connection;
use crate::directory::DirectoryRef;
use crate::scoreboard::ScoreboardRef;

/// How long to wait when the system has no socket left for another client.
const BREATHER: std::time::Duration = millis(100);

/// Accepts; it has nothing else to do, so it may wait in its handler.
#[gen_server]
pub struct Acceptor {
    listener: Arc<TcpListener>,
    connections: DynamicRef<Connection>,
    directory: DirectoryRef,
    board: ScoreboardRef,
}

#[gen_server]
impl Acceptor {
    #[init]
    fn init(
        listener: Arc<TcpListener>,
        connections: DynamicRef<Connection>,
        directory: DirectoryRef,
        board: ScoreboardRef,
    ) -> Self {
        Self { listener, connections, directory, board }
    }

    #[handle_continue]
    fn begin(&mut self, ctx: &mut Ctx<Self>) {
        ctx.me().accept();
    }

    /// Takes one client, then asks itself for the next.
    #[cast]
    async fn accept(&mut self, ctx: &mut Ctx<Self>) {
        match self.listener.accept().await {
            Ok((socket, _)) => {
                let (directory, board) = (self.directory.clone(), self.board.clone());
                let connection = Connection::child_spec(socket, directory, board);
                // A client whose process could not start finds its socket closed.
                drop(self.connections.start_child(connection).await);
            }
            // A client that was gone before it was taken, or no file descriptor left: what is
            // needed is time, not a restart.
            Err(_) => tokio::time::sleep(BREATHER).await,
        }
        ctx.me().accept();
    }
}
