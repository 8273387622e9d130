//! Run with `cargo run -p cordial-examples --example scoreboard`: the scoreboard of the OTP books,
//! under a supervisor. It checks what it shows and exits non-zero when that is wrong.

use std::collections::HashMap;
use std::error::Error;

use cordial::prelude::*;
use cordial::{gen_server, process};

/// Keeps a map of player to score.
#[gen_server(name = "scoreboard")]
#[derive(Default, Clone)]
pub struct Scoreboard {
    scores: HashMap<String, u32>,
}

#[gen_server]
impl Scoreboard {
    /// Adds points to a player.
    #[cast]
    pub fn add_points(&mut self, player: &str, points: u32) {
        *self.scores.entry(player.to_owned()).or_default() += points;
    }

    /// Fetches a player's score.
    #[call]
    pub fn get_score(&self, player: &str) -> u32 {
        self.scores.get(player).copied().unwrap_or(0)
    }
}

supervisor! {
    /// A scoreboard that is started again when it ends.
    pub GameSup {
        children: [board: Scoreboard(Scoreboard::default())],
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let game = GameSup::start().await?;
    game.board.add_points("ann", 3);
    game.board.add_points("bob", 1);
    game.board.add_points("ann", 4);
    // Calls are on their way when they are made: both are answered while we wait for the first.
    let (ann, bob) = (game.board.get_score("ann"), game.board.get_score("bob"));
    let scores = (ann.await?, bob.await?);
    println!("ann has {}, bob has {}", scores.0, scores.1);
    check(scores == (7, 1), "points were counted wrong")?;

    // A stopped child of a supervisor is started again, at the same address and with its first
    // state. The monitor tells when the old one is gone, the name when the new one is there.
    let ended = process::monitor(&game.board);
    gen_server::stop(&game.board).await?;
    println!("the scoreboard ended: {}", ended.await.reason);
    while Scoreboard::whereis().is_none() {
        tokio::task::yield_now().await;
    }
    let ann = game.board.get_score("ann").await?;
    println!("after its restart ann has {ann}");
    check(ann == 0, "a restarted scoreboard starts anew")
}

fn check(holds: bool, problem: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(problem.into()) }
}
