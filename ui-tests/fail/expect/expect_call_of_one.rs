//! Whatever comes is answered alike.

use cordial::prelude::*;
use cordial::test::expect_call;

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
    let _score = board.score("ann");
    expect_call!(probe, _ => 3);
}
