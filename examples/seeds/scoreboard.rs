//! A scoreboard: a server with a name, under a supervisor.

use std::collections::HashMap;
use std::error::Error;

use cordial::prelude::*;

#[gen_server(name = "scoreboard")]
#[derive(Clone, Default)]
struct Scoreboard(HashMap<String, u32>);

#[gen_server]
impl Scoreboard {
    #[cast]
    fn add_points(&mut self, player: &str, points: u32) {
        *self.0.entry(player.to_owned()).or_default() += points;
    }

    #[call]
    fn get_score(&self, player: &str) -> u32 {
        self.0.get(player).copied().unwrap_or(0)
    }
}

supervisor! {
    Game { children: [board: Scoreboard(Scoreboard::default())] }
}

pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let board = Game::start().await?.board;
    board.add_points("ann", 3);
    board.add_points("bob", 1);
    board.add_points("ann", 4);
    println!(
        "ann has {}, bob has {}",
        board.get_score("ann").await?,
        board.get_score("bob").await?
    );
    Ok(())
}
