//! The clients of the soak: those that behave, and those that do not.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::interval;

use crate::support::Client;

/// What every client of the soak knows.
#[derive(Clone)]
pub struct Scene {
    pub address: SocketAddr,
    /// Changes when the soak is over.
    pub stopping: watch::Receiver<()>,
}

impl Scene {
    /// Waits for the next tick; false when the soak is over.
    async fn goes_on(&mut self, every: &mut tokio::time::Interval) -> bool {
        tokio::select! {
            _ = every.tick() => true,
            _ = self.stopping.changed() => false,
        }
    }
}

pub fn room_name(room: usize) -> String {
    format!("room-{room}")
}

/// What one that behaves has seen.
pub struct Report {
    pub said: usize,
    pub refused: usize,
}

/// Says a line now and then; each is heard or refused, and nobody's lines come out of order.
pub async fn behave(mut scene: Scene, room: usize, member: usize) -> (Client, Report) {
    let (room, user) = (room_name(room), format!("user-{room}-{member}"));
    let mut client = join(&scene, &room, &user).await;
    let mut every = interval(Duration::from_millis(50));
    let mut report = Report { said: 0, refused: 0 };
    let mut last_of: HashMap<String, u64> = HashMap::new();
    let refusal = format!("ERR {room} is restarting");
    for number in 0_u64.. {
        if !scene.goes_on(&mut every).await {
            break;
        }
        client.send(format!("SAY {number}")).await;
        loop {
            let line = client.answer().await;
            if line == refusal {
                report.refused += 1;
                break;
            }
            let Some((sender, heard)) = parse(&line, &room) else { continue };
            let before = last_of.insert(sender.to_owned(), heard);
            assert!(before < Some(heard), "{line} after {before:?}");
            if sender == user && heard == number {
                report.said += 1;
                break;
            }
        }
    }
    (client, report)
}

/// The sender and the number of a line of those that behave; other lines are none of our business.
fn parse<'a>(line: &'a str, room: &str) -> Option<(&'a str, u64)> {
    let (sender, said) = line.strip_prefix(room)?.strip_prefix(' ')?.split_once(": ")?;
    let number = sender.starts_with("user-").then(|| said.parse())?;
    Some((sender, number.expect("those that behave say numbers")))
}

/// Crashes a room at every tick; the number of crashes.
pub async fn crash(mut scene: Scene, room: usize, every: Duration) -> usize {
    let room = room_name(room);
    let mut client = join(&scene, &room, "crasher").await;
    let mut every = interval(every);
    let mut crashes = 0;
    while scene.goes_on(&mut every).await {
        client.send("CRASH").await;
        loop {
            match client.answer().await.as_str() {
                "OK crashed" => {
                    crashes += 1;
                    break;
                }
                refused if refused.starts_with("ERR ") => break,
                _ => {}
            }
        }
    }
    crashes
}

/// Joins as soon as the room is up: it may be crashed by others at that moment.
async fn join(scene: &Scene, room: &str, user: &str) -> Client {
    let mut client = Client::connect(scene.address).await;
    loop {
        client.send(format!("JOIN {room} {user}")).await;
        let answer = client.answer().await;
        if answer.starts_with("OK joined") {
            return client;
        }
        assert_eq!(answer, format!("ERR {room} is restarting"));
    }
}

/// Sends whatever comes to mind, reads nothing, hangs up or does not.
pub async fn fuzz(mut scene: Scene, seed: u64) {
    let mut dice = Dice(seed);
    let mut every = interval(Duration::from_millis(20));
    let mut socket = None;
    while scene.goes_on(&mut every).await {
        let connected = match socket.take() {
            Some(socket) if dice.roll(20) > 0 => socket,
            _ => TcpStream::connect(scene.address).await.expect("the server listens"),
        };
        let socket = socket.insert(connected);
        for _ in 0..dice.roll(20) {
            // The server may have closed: a `QUIT` was among the words.
            drop(socket.write_all(&dice.piece()).await);
        }
        if dice.roll(30) == 0 {
            drop(socket.shutdown().await);
        }
    }
}

/// Keeps clients connected that stopped in the middle of a line.
pub async fn keep_half_open(mut scene: Scene) {
    let mut every = interval(Duration::from_millis(100));
    let mut sockets = std::collections::VecDeque::new();
    for number in 0_usize.. {
        if !scene.goes_on(&mut every).await {
            break;
        }
        let mut socket = TcpStream::connect(scene.address).await.expect("the server listens");
        let words = format!("JOIN half-{} user-{}\nSAY half a li", number % 3, number % 25);
        socket.write_all(words.as_bytes()).await.expect("the server reads");
        if number % 4 == 0 {
            socket.shutdown().await.expect("the server is there");
        }
        sockets.push_back(socket);
        if sockets.len() > 20 {
            sockets.pop_front();
        }
    }
}

/// Asks for more than the system can keep for it, and reads none of it; hangs up and comes again.
pub async fn never_read(mut scene: Scene) {
    /// How often it asks before it hangs up, and how many questions fill the system's buffers.
    const TICKS: usize = 150;
    const FILL: usize = 4_000;
    let mut every = interval(Duration::from_millis(200));
    let question = [&[b'x'; 4_000][..], b"\n"].concat();
    let mut socket = None;
    for tick in 0_usize.. {
        if !scene.goes_on(&mut every).await {
            break;
        }
        let is_new = tick % TICKS == 0;
        if is_new {
            let mut new = connect_narrow(scene.address).await;
            // A name of its own: the one before may still be about to leave.
            let join = format!("JOIN room-0 deaf-{tick}\n");
            new.write_all(join.as_bytes()).await.expect("the server reads");
            socket = Some(new);
        }
        let socket = socket.as_mut().expect("the first tick connects");
        for _ in 0..if is_new { FILL } else { 20 } {
            socket.write_all(&question).await.expect("the server reads");
        }
    }
}

/// A client for which the system keeps little, so that the server has to keep or drop the rest.
async fn connect_narrow(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    socket.connect(address).await.expect("the server listens")
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// Bytes to send: words of the protocol, rarely in a good order, and much else.
    fn piece(&mut self) -> Vec<u8> {
        let name = self.roll(8);
        match self.roll(14) {
            0 | 1 => format!("JOIN fuzz-{} user-{name}\n", self.roll(5)).into_bytes(),
            2 | 3 => format!("SAY {}\r\n", self.0).into_bytes(),
            4 => b"WHO\nROOMS\n".to_vec(),
            5 => format!("SCORE user-{name}\n").into_bytes(),
            6 => b"CRASH\n".to_vec(),
            7 if name == 0 => b"QUIT\n".to_vec(),
            8 => vec![b'x'; 5_000],
            9 => b"\r\n\r\0\n\n ".to_vec(),
            10 => b"SAY \xf0\x9f\x92\nJO".to_vec(),
            11 => format!("JOIN room-{name} ../{name}\n").into_bytes(),
            _ => (0..self.roll(300)).map(|_| self.byte()).collect(),
        }
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.roll(256)).expect("a number below 256 is a byte")
    }
}
