//! A strategy with a typing error.

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

supervisor! {
    Game {
        strategy: OneForOn,
        children: [board: Board(Board)],
    }
}

async fn play() -> Result<(), Box<dyn std::error::Error>> {
    let game = Game::start().await?;
    println!("{}", game.board.score().await?);
    Ok(())
}

fn main() {}
