//! Everything that a tree can say.

use std::error::Error;

use cordial::prelude::*;
use cordial::supervisor::Supervised;

#[gen_server]
struct Board(u32);

#[gen_server]
impl Board {
    #[init]
    fn init(points: u32) -> Self {
        Self(points)
    }

    #[call]
    fn score(&self) -> u32 {
        self.0
    }
}

#[gen_server(restart = Temporary)]
struct Player {
    name: String,
    board: BoardRef,
    rival: Option<PlayerRef>,
}

#[gen_server]
impl Player {
    #[init]
    fn init(name: String, board: BoardRef, rival: Option<PlayerRef>) -> Self {
        Self { name, board, rival }
    }

    #[call]
    async fn report(&self) -> String {
        let score = self.board.score().await.unwrap_or_default();
        let alone = if self.rival.is_some() { "" } else { " alone" };
        format!("{}{alone}: {score}", self.name)
    }
}

supervisor! {
    /// A game with all that can be said.
    pub(crate) Game(name: String, points: u32, rival: bool) {
        strategy: RestForOne,
        max_restarts: points + 1 in secs(5),
        auto_shutdown: Never,
        children: [
            /// Where the points are.
            board: Board(points),
            spare: Board(0) { restart: Transient, shutdown: 100ms },
            boards: dynamic Board {
                max_children: 2,
                max_restarts: 1_000 in 1min,
                shutdown: infinity,
            },
            if rival {
                second: Player("second".to_owned(), board, None) { shutdown: brutal_kill },
                spares: dynamic Board,
                if points > 2 { many: supervisor { children: [board: Board(8)] } },
            },
            first: Player(format!("{name}-{name}", name = name.to_uppercase()), board, second),
            back: supervisor {
                strategy: OneForAll,
                restart: Transient,
                children: [
                    board: Board(points * 2),
                    third: Player(name, board, second),
                    deeper: supervisor { children: [rooms: dynamic Room] },
                ],
            },
            last: Player("last".to_owned(), back.board, None),
            room: Room,
            r#loop: supervisor { children: [r#type: Board(5)] },
            points: Board(points),
        ],
    }
}

supervisor! {
    Room {
        children: [board: Board(7)],
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let game = Game::start("ann".to_owned(), 3, true).await?;
    assert_eq!(game.first.report().await?, "ANN-ANN: 3");
    assert_eq!(game.second.clone().ok_or("no rival")?.report().await?, "second alone: 3");
    assert_eq!(game.back.third.report().await?, "ann: 6");
    assert_eq!(game.last.report().await?, "last alone: 6");
    assert_eq!(game.room.board.score().await?, 7);
    assert_eq!(game.many.clone().ok_or("too few points")?.board.score().await?, 8);
    assert_eq!(game.r#loop.r#type.score().await?, 5);
    assert_eq!(game.points.score().await?, 3);
    let room = game.back.deeper.rooms.start_child(Room::child_spec()).await?;
    assert_eq!(room.board.score().await?, 7);
    assert_eq!(game.boards.start_child((9,)).await?.score().await?, 9);
    let counts = cordial::supervisor::count_children(game.supervisor()).await?;
    assert_eq!((counts.specs, counts.supervisors), (12, 6));

    let solo = Game::start("eve".to_owned(), 1, false).await?;
    assert!(solo.second.is_none());
    assert_eq!(solo.first.report().await?, "EVE-EVE alone: 1");
    Ok(())
}
