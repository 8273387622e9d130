//! A chat server of one's own, and clients that say and expect lines.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chat_room::application::{ChatSup, ChatSupRef};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Longer than anything takes that goes right.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A server on loopback, in this OS process.
pub struct Server {
    pub address: SocketAddr,
    pub chat: ChatSupRef,
}

impl Server {
    /// A server whose rooms stay when they are empty.
    pub async fn start() -> Self {
        Self::start_with(Duration::from_hours(1)).await
    }

    /// A server whose rooms end when they have been empty for so long.
    pub async fn start_with(empty_for: Duration) -> Self {
        // Crash reports are events then; here nobody reads them.
        let _ = tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let chat = ChatSup::start(Arc::new(listener), empty_for).await.expect("the tree starts");
        Self { address, chat }
    }

    /// A client that is in `room` as `user`.
    pub async fn member(&self, room: &str, user: &str) -> Client {
        let mut client = Client::connect(self.address).await;
        loop {
            client.send(format!("JOIN {room} {user}")).await;
            let answer = client.line().await;
            if answer.starts_with(&format!("OK joined {room} as {user} (")) {
                return client;
            }
            assert_eq!(answer, format!("ERR {room} is restarting"));
        }
    }

    /// A client that is in no room.
    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }
}

/// A client that speaks lines.
pub struct Client {
    lines: Lines<BufReader<OwnedReadHalf>>,
    socket: OwnedWriteHalf,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).await.expect("the server listens");
        let (from_server, to_server) = socket.into_split();
        Self { lines: BufReader::new(from_server).lines(), socket: to_server }
    }

    /// Sends a line.
    pub async fn send(&mut self, line: impl AsRef<[u8]>) {
        let mut bytes = line.as_ref().to_vec();
        bytes.push(b'\n');
        self.send_raw(&bytes).await;
    }

    /// Sends bytes as they are.
    pub async fn send_raw(&mut self, bytes: &[u8]) {
        let sent = timeout(LIMIT, self.socket.write_all(bytes)).await.expect("the server reads");
        sent.expect("the server is there");
    }

    /// The next line; panics if there is none.
    pub async fn line(&mut self) -> String {
        self.next_line().await.expect("a line, but the server closed the connection")
    }

    /// The next line, or the end.
    pub async fn next_line(&mut self) -> Option<String> {
        let line = timeout(LIMIT, self.lines.next_line()).await.expect("a line in time");
        line.ok().flatten()
    }

    /// The next line that is no notice of the server's own.
    pub async fn answer(&mut self) -> String {
        loop {
            let line = self.line().await;
            if !line.starts_with("! ") {
                return line;
            }
        }
    }

    /// Sends a line and checks what is answered.
    pub async fn ask(&mut self, line: &str, expected: &str) {
        self.send(line).await;
        let answer = self.answer().await;
        assert_eq!(answer, expected, "in answer to {line:?}");
    }

    /// Checks the lines that come next.
    pub async fn expect(&mut self, expected: &[&str]) {
        for line in expected {
            assert_eq!(self.line().await, *line);
        }
    }

    /// Asks until the answer is the expected one; for what happens by itself.
    pub async fn ask_until(&mut self, line: &str, expected: &str) {
        let asked = async {
            loop {
                self.send(line).await;
                let answer = self.answer().await;
                if answer == expected {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(LIMIT, asked).await.unwrap_or_else(|_| panic!("{line:?} becomes {expected:?}"));
    }

    /// Checks that the server has closed the connection and sent nothing more.
    pub async fn expect_end(&mut self) {
        assert_eq!(self.next_line().await, None);
    }

    /// Ends only the sending half.
    pub async fn finish_sending(&mut self) {
        self.socket.shutdown().await.expect("the server is there");
    }

    /// Reads whatever comes until the end, as bytes.
    pub async fn drain(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut socket = self.lines.into_inner();
        timeout(LIMIT, socket.read_to_end(&mut bytes)).await.expect("an end").expect("bytes");
        bytes
    }
}
