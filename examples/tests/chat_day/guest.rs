//! The guests of the day: each comes, does something, and goes in its own way, again and again.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// Nobody ever waits so long, whatever is killed meanwhile.
const BOUND: Duration = Duration::from_mins(1);

const ROOMS: usize = 6;

/// What was seen, by one guest or by all.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    pub visits: usize,
    pub heard: usize,
    pub refused: usize,
    pub crashed: usize,
    /// Visits that the server ended: its connection, or what it hangs on, was killed.
    pub cut: usize,
    pub slow: usize,
    pub hung_up: usize,
}

impl Seen {
    pub fn add(&mut self, other: &Self) {
        self.visits += other.visits;
        self.heard += other.heard;
        self.refused += other.refused;
        self.crashed += other.crashed;
        self.cut += other.cut;
        self.slow += other.slow;
        self.hung_up += other.hung_up;
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} visits, {} lines heard, {} refused, {} crashes, {} visits cut off, \
             {} slow readers, {} hung up",
            self.visits, self.heard, self.refused, self.crashed, self.cut, self.slow, self.hung_up
        )
    }
}

/// The server has closed the connection.
struct Cut;

pub struct Guest {
    number: usize,
    address: SocketAddr,
    stopping: watch::Receiver<()>,
    dice: Dice,
    seen: Seen,
}

impl Guest {
    pub fn new(number: usize, address: SocketAddr, stopping: watch::Receiver<()>) -> Self {
        let dice = Dice::new(1_000 + number as u64);
        Self { number, address, stopping, dice, seen: Seen::default() }
    }

    /// Visits until the day is over.
    pub async fn live(mut self) -> Seen {
        loop {
            let pause = Duration::from_millis(self.dice.below(20_000) as u64);
            tokio::select! {
                () = sleep(pause) => {}
                _ = self.stopping.changed() => return self.seen,
            }
            self.seen.visits += 1;
            let Some(mut line) = Line::connect(self.address).await else {
                self.seen.cut += 1;
                continue;
            };
            if self.visit(&mut line).await.is_err() {
                self.seen.cut += 1;
            }
        }
    }

    async fn visit(&mut self, line: &mut Line) -> Result<(), Cut> {
        let room = format!("room-{}", self.dice.below(ROOMS));
        let user = format!("guest-{}", self.number);
        if !self.join(line, &room, &user).await? {
            return Ok(());
        }
        for number in 0..self.dice.below(12) {
            match self.dice.below(20) {
                0 => self.crash(line).await?,
                1 => {
                    // Reads nothing for a while; what was missed is told, and nobody waits for it.
                    self.seen.slow += 1;
                    sleep(Duration::from_secs(self.dice.below(30) as u64)).await;
                }
                2 => drop(line.ask("WHO").await?),
                3 => drop(line.ask(&format!("SCORE {user}")).await?),
                _ => self.say(line, &room, &user, number).await?,
            }
            sleep(Duration::from_millis(self.dice.below(3_000) as u64)).await;
        }
        match self.dice.below(3) {
            0 => self.seen.hung_up += 1,
            1 => line.socket.shutdown().await.map_err(|_| Cut)?,
            _ => line.send("QUIT").await?,
        }
        Ok(())
    }

    /// False: the visit is over; somebody of that name is still in, who is about to be gone.
    async fn join(&mut self, line: &mut Line, room: &str, user: &str) -> Result<bool, Cut> {
        for _ in 0..100 {
            let answer = line.ask(&format!("JOIN {room} {user}")).await?;
            if answer.starts_with(&format!("OK joined {room} as {user} (")) {
                return Ok(true);
            }
            let is_known = ["restarting", "cannot be opened", "already in", "busy"];
            assert!(is_known.iter().any(|known| answer.contains(known)), "{answer}");
            self.seen.refused += 1;
            sleep(Duration::from_millis(200)).await;
        }
        panic!("{user} was not let into {room} for 20 s");
    }

    async fn say(
        &mut self,
        line: &mut Line,
        room: &str,
        user: &str,
        number: usize,
    ) -> Result<(), Cut> {
        let own = format!("{room} {user}: {number}");
        line.send(&format!("SAY {number}")).await?;
        loop {
            let heard = line.next().await?;
            if heard == own {
                self.seen.heard += 1;
                return Ok(());
            }
            if heard.starts_with("ERR ") {
                self.seen.refused += 1;
                return Ok(());
            }
            // A room that is closed has no members: the visit goes on without one.
            let is_others = heard.starts_with("! ") || heard.starts_with(room);
            assert!(is_others, "{user} in {room} hears {heard}");
        }
    }

    async fn crash(&mut self, line: &mut Line) -> Result<(), Cut> {
        if line.ask("CRASH").await? == "OK crashed" {
            self.seen.crashed += 1;
        } else {
            self.seen.refused += 1;
        }
        Ok(())
    }
}

/// A connection that speaks lines, each within the bound.
struct Line {
    lines: Lines<BufReader<OwnedReadHalf>>,
    socket: OwnedWriteHalf,
}

impl Line {
    async fn connect(address: SocketAddr) -> Option<Self> {
        let socket = timeout(BOUND, TcpStream::connect(address)).await.expect("it listens").ok()?;
        let (from_server, to_server) = socket.into_split();
        Some(Self { lines: BufReader::new(from_server).lines(), socket: to_server })
    }

    async fn send(&mut self, line: &str) -> Result<(), Cut> {
        let bytes = format!("{line}\n");
        let sent = timeout(BOUND, self.socket.write_all(bytes.as_bytes())).await;
        sent.expect("the server reads").map_err(|_| Cut)
    }

    async fn next(&mut self) -> Result<String, Cut> {
        let line = timeout(BOUND, self.lines.next_line()).await.expect("a line in time");
        line.ok().flatten().ok_or(Cut)
    }

    /// Sends a line; the next line that is an answer.
    async fn ask(&mut self, line: &str) -> Result<String, Cut> {
        self.send(line).await?;
        loop {
            let answer = self.next().await?;
            if answer.starts_with("OK") || answer.starts_with("ERR ") {
                return Ok(answer);
            }
        }
    }
}

/// `SplitMix64`.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let below = (z ^ (z >> 31)) % u64::try_from(end).expect("a length");
        usize::try_from(below).expect("it is below a length")
    }
}
