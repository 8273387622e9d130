//! Six mistakes in one tree are six errors, and uses of it give no more.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        0
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

supervisor! {
    Game {
        strategy: OneForNone,
        max_restarts: 3 in 5,
        children: [
            player: Player(board) { restrt: Transient },
            board: Board(Board) { max_children: 1 },
            board: Board(Board),
        ],
    }
}

async fn play() -> Result<(), Box<dyn std::error::Error>> {
    let game = Game::start().await?;
    game.player.score().await?;
    game.board.score().await?;
    Ok(())
}

fn main() {}
