//! A tree that another macro writes.

use cordial::prelude::*;

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

#[gen_server]
struct Player(BoardRef);

#[gen_server]
impl Player {
    #[init]
    fn init(board: BoardRef) -> Self {
        Self(board)
    }

    #[call]
    async fn score(&self) -> Option<u32> {
        self.0.score().await.ok()
    }
}

macro_rules! game {
    ($name:ident, $board:ident, $points:expr) => {
        supervisor! {
            $name(points: u32) {
                children: [
                    $board: Board($points + points),
                    first: Player($board),
                    second: Player($board),
                    below: supervisor { children: [third: Player($board)] },
                ],
            }
        }
    };
}

game!(Game, table, 4);

#[cordial::main]
async fn main() {
    let game = Game::start(1).await.expect("it starts");
    assert_eq!(game.table.score().await, Ok(5));
    assert_eq!(game.below.third.score().await, Ok(Some(5)));
}
