//! A tree without a body.

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
    Game(rounds: u32);
}

async fn play() -> Result<(), Box<dyn std::error::Error>> {
    let game = Game::start(3).await?;
    println!("{}", game.board.score().await?);
    Ok(())
}

fn main() {}
