//! How long it may take is a time with its word.

use cordial::prelude::*;
use cordial::test::expect_cast;

#[gen_server]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, player: &str, points: u32) {
        let _ = (player, points);
    }
    #[call]
    fn score(&self, player: &str) -> usize {
        player.len()
    }
}

#[cordial::main]
async fn main() {
    let (board, mut probe) = cordial::probe::<Board>();
    board.add("ann", 3);
    expect_cast!(probe, BoardMsg::Add { points: 3, .. }, 5s);
}
