//! What a later version brings.

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
        children: [
            plugins: dynamic dyn Plugin,
            boards: dynamic Board,
            board: Board(Board),
            player: Player(board),
        ],
    }
}

async fn play() -> Result<(), Box<dyn std::error::Error>> {
    let game = Game::start().await?;
    game.board.score().await?;
    Ok(())
}

fn main() {}
