//! The way out to one client: writes what the socket takes at once and keeps the rest.
//!
//! 1. Nothing here waits, but for [`Outflow::drain`], which ends a connection.
//! 2. A line leaves the outbox only when all before it is in the socket, so that at most
//!    `BATCH` bytes and the outbox wait for a client.
//! 3. When the socket takes no more, its owner is told so and has to come again.

use std::io;
use std::sync::Arc;

use tokio::net::tcp::OwnedWriteHalf;

use crate::outbox::{Line, Outbox};

/// Lines that wait for a client; beyond, the oldest are dropped.
pub const CAPACITY: usize = 1024;

/// Bytes that are handed to the socket in one go.
const BATCH: usize = 16 * 1024;

/// How far a flush came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flushed {
    /// All is in the socket.
    All,
    /// The socket is full: nothing can be written until it is writable.
    UntilFull,
}

/// Lines on their way to one client.
#[derive(Debug)]
pub struct Outflow {
    socket: Arc<OwnedWriteHalf>,
    outbox: Outbox,
    /// Bytes of lines that have left the outbox.
    staged: Vec<u8>,
    /// How many of `staged` the socket has taken.
    written: usize,
}

impl Outflow {
    /// The way out through `socket`.
    #[must_use]
    pub fn new(socket: OwnedWriteHalf) -> Self {
        let outbox = Outbox::new(CAPACITY);
        Self { socket: Arc::new(socket), outbox, staged: Vec::new(), written: 0 }
    }

    /// Adds a line; drops the oldest that waits when there is no room.
    pub fn push(&mut self, line: Line) {
        self.outbox.push(line);
    }

    /// How many lines wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.outbox.len()
    }

    /// The socket, to wait until it is writable.
    #[must_use]
    pub fn socket(&self) -> Arc<OwnedWriteHalf> {
        Arc::clone(&self.socket)
    }

    /// Writes as much as the socket takes at once.
    ///
    /// # Errors
    ///
    /// The socket's; the client is gone then.
    pub fn flush(&mut self) -> io::Result<Flushed> {
        while self.stage() {
            match self.socket.try_write(&self.staged[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(bytes) => self.written += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Flushed::UntilFull);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Flushed::All)
    }

    /// Writes all that waits, however long it takes.
    ///
    /// # Errors
    ///
    /// The socket's; the client is gone then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves in order what was not written yet.
    pub async fn drain(&mut self) -> io::Result<()> {
        while self.flush()? == Flushed::UntilFull {
            self.socket.writable().await?;
        }
        Ok(())
    }

    /// Makes sure that there is something to write, unless nothing waits.
    fn stage(&mut self) -> bool {
        if self.written < self.staged.len() {
            return true;
        }
        self.staged.clear();
        self.written = 0;
        while self.staged.len() < BATCH
            && let Some(line) = self.outbox.pop()
        {
            self.staged.extend_from_slice(line.as_bytes());
            self.staged.push(b'\n');
        }
        if self.staged.is_empty() {
            // Most clients are idle most of the time and need no buffer.
            self.staged = Vec::new();
        }
        !self.staged.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    async fn connected() -> (Outflow, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let client = TcpStream::connect(address).await.expect("a listener");
        let (server, _) = listener.accept().await.expect("a client");
        (Outflow::new(server.into_split().1), client)
    }

    #[tokio::test]
    async fn lines_arrive_in_order_with_their_ends() {
        let (mut outflow, mut client) = connected().await;
        outflow.push("one".into());
        outflow.push("two".into());
        assert_eq!(outflow.waiting(), 2);
        assert_eq!(outflow.flush().expect("a client"), Flushed::All);
        drop(outflow);
        let mut text = String::new();
        client.read_to_string(&mut text).await.expect("an end");
        assert_eq!(text, "one\ntwo\n");
    }

    #[tokio::test]
    async fn a_full_socket_keeps_the_rest_and_counts_what_is_dropped() {
        const LINES: usize = 20_000;
        let (mut outflow, mut client) = connected().await;
        let line: Line = "x".repeat(1_000).into();
        for _ in 0..LINES {
            outflow.push(Arc::clone(&line));
            outflow.flush().expect("a client");
        }
        assert_eq!(outflow.waiting(), CAPACITY);
        assert_eq!(outflow.flush().expect("a client"), Flushed::UntilFull);

        let mut text = String::new();
        let reading = client.read_to_string(&mut text);
        let writing = async {
            outflow.drain().await.expect("a client");
            drop(outflow);
        };
        let (read, ()) = tokio::join!(reading, writing);
        read.expect("an end");
        let missed = text.lines().find_map(|line| line.strip_prefix("! you missed "));
        let missed =
            missed.and_then(|rest| rest.strip_suffix(" lines")).expect("lines are missing");
        let missed: usize = missed.parse().expect("a number");
        assert_eq!(text.lines().count() - 1 + missed, LINES);
    }

    #[tokio::test]
    async fn a_client_that_is_gone_is_an_error() {
        let (mut outflow, client) = connected().await;
        drop(client);
        let line: Line = "x".repeat(1_000).into();
        let error = loop {
            outflow.push(Arc::clone(&line));
            if let Err(error) = outflow.drain().await {
                break error;
            }
        };
        let gone = [io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionReset];
        assert!(gone.contains(&error.kind()), "{error}");
    }
}
