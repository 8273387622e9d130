//! Each macro, with docs, visibilities and `#[cfg]`s on everything that may have them.

use std::error::Error;

use cordial::InfoStream;
use cordial::prelude::*;
use cordial::{Env, ping_pong, pipe};

/// What may travel.
#[derive(Clone, Copy, Debug, cordial::NotAHandle)]
pub struct Fix<T> {
    /// Where it is.
    pub place: T,
    /// Left out.
    #[cfg(any())]
    pub nowhere: Missing,
}

/// The state before there were names.
#[derive(Clone, Copy, Debug)]
pub struct BoardV1(u32);

/// Why nothing came of it.
#[derive(Clone, Copy, Debug, cordial::NotAHandle)]
pub struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}

impl Error for Refused {}

/// What is known of a player, by his name.
pub type Stream = Box<dyn InfoStream<Item = u8> + Send>;

/// Counts points.
#[gen_server(name = "board", restart = Transient, shutdown = 2s, version = 2)]
pub struct Board {
    points: u32,
    #[cfg(not(any()))]
    names: Vec<String>,
    #[cfg(any())]
    nothing: Missing,
    stream: Option<Stream>,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board").field("points", &self.points).finish_non_exhaustive()
    }
}

#[gen_server(mailbox = 100, on_full = drop_oldest, closed)]
impl Board {
    #[init]
    async fn init(#[into] name: String, points: u32) -> Result<Self, Refused> {
        std::future::ready(()).await;
        if points == u32::MAX {
            return Err(Refused);
        }
        Ok(Self { points, names: vec![name], stream: None })
    }

    /// Only where there is nothing.
    #[cfg(any())]
    #[init]
    fn init(nothing: Missing) -> Self {
        Self { nothing }
    }

    #[code_change(from = 1)]
    fn second(old: BoardV1) -> Result<Self, Refused> {
        match old.0 {
            0 => Err(Refused),
            points => Ok(Self { points, names: Vec::new(), stream: None }),
        }
    }

    /// The points.
    #[call(timeout = 3s, inline = never)]
    pub fn points(&self, fix: Fix<u8>, words: &[String]) -> usize {
        self.points as usize + usize::from(fix.place) + words.len()
    }

    /// Answered later.
    #[call(timeout = infinity)]
    pub(crate) fn later(&self, from: ReplyTo<u32>, ctx: &mut Ctx<Self>) {
        let _pid = ctx.pid();
        from.reply(self.points);
    }

    /// Takes some away.
    ///
    /// # Errors
    /// There are not so many.
    #[call(or_crash)]
    pub async fn take(&mut self, points: u32) -> Result<u32, Refused> {
        std::future::ready(()).await;
        self.points = self.points.checked_sub(points).ok_or(Refused)?;
        Ok(self.points)
    }

    /// Not there.
    #[cfg(any())]
    #[call]
    pub fn nothing(&self) -> Missing {
        self.nothing
    }

    /// Somebody plays.
    ///
    /// # Errors
    /// He has no name.
    #[cast(on_err = log, on_full = reject)]
    pub fn named(&mut self, name: &str, #[into] more: String) -> Result<(), Refused> {
        if name.is_empty() {
            return Err(Refused);
        }
        self.names.push(name.to_owned() + &more);
        Ok(())
    }

    /// Nobody calls it any more.
    #[deprecated]
    #[cast]
    pub fn forget(&mut self) {
        self.names.clear();
    }

    #[info(stream = self.stream)]
    fn heard(&mut self, byte: Option<u8>) {
        self.points += u32::from(byte.unwrap_or(0));
    }

    #[info]
    fn gone(&mut self, down: Down) -> Flow {
        match down.reason {
            ExitReason::Kill => Flow::Stop(down.reason),
            _ => Flow::Continue,
        }
    }

    #[handle_continue]
    fn begin(&mut self) {
        self.points += 1;
    }

    #[every(30s)]
    fn tick(&mut self, ctx: &mut Ctx<Self>) {
        self.points += ctx.missed();
    }

    #[idle(2min)]
    fn quiet(&mut self) {
        self.points = 0;
    }

    #[format_status]
    fn shown(&self) -> String {
        format!("{} points", self.points)
    }

    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        if *reason != ExitReason::Normal {
            self.names.clear();
        }
    }
}

/// Of any type.
#[gen_server]
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf<T, const N: usize> {
    items: Vec<T>,
}

#[gen_server]
impl<T, const N: usize> Shelf<T, N>
where
    T: Clone + std::fmt::Debug,
{
    #[init]
    fn init() -> Self {
        Self { items: Vec::with_capacity(N) }
    }

    #[cast]
    pub(crate) fn put(&mut self, item: T) {
        self.items.push(item);
    }

    #[call]
    pub(crate) fn items(&self) -> Vec<T> {
        self.items.clone()
    }
}

registry! {
    /// Rooms by their names.
    pub Rooms: String => Room, unique
}

table! {
    /// Scores by player.
    pub Scores: String => u32, set, public
}

/// A room.
#[gen_server(via = Rooms, key = String)]
#[derive(Clone, Debug)]
pub struct Room(String);

#[gen_server]
impl Room {
    /// Says something.
    #[cast]
    pub fn say(&mut self, line: &str) {
        line.clone_into(&mut self.0);
    }
}

supervisor! {
    /// All of it.
    pub House(points: u32, more: bool) {
        strategy: RestForOne,
        max_restarts: 3 in 5s,
        children: [
            rooms: Rooms,
            scores: Scores,
            board: Board("ann", points) { restart: Permanent },
            #[cfg(any())] nothing: Missing(points),
            if more { shelf: Shelf::<u8, 3>() },
            all: dynamic Room { by: String, max_children: 5 },
            below: supervisor { strategy: OneForAll, children: [shelf: Shelf::<String, 2>()] },
        ],
    }
}

/// What it is told from outside.
#[derive(Clone, Copy, Debug, Env)]
pub struct HouseCfg {
    /// How many points there are.
    #[env(default = 3)]
    pub points: u32,
}

fn twice(number: u32) -> u32 {
    number * 2
}

async fn play() -> Result<(), Box<dyn Error>> {
    assert_eq!(HouseCfg { points: 3 }.points, 3);
    let house = House::start(3, true).await?;
    house.board.named("bob", "!").sent()?;
    let fix = Fix { place: 1 };
    assert_eq!(house.board.points(fix, &["a".to_owned()]).await?, 6);
    assert_eq!(house.board.later().await?, 4);
    assert!(house.board.take(99).await.is_err());
    let four = pipe!(2 |> twice |> |n: u32| n);
    let talk = ping_pong! {
        ping four;
        pong |n: u32| assert_eq!(n, 4);
    };
    assert_eq!(talk.await.reason, ExitReason::Normal);
    Ok(())
}

#[cordial::main(current_thread)]
async fn main() -> Result<(), Box<dyn Error>> {
    play().await
}

/// All of it.
pub fn run() {
    let _code = main();
}
