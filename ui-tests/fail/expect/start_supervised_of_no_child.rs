//! A value is no child: `Board::child_spec(Board)` is.

use cordial::prelude::*;
use cordial::test::start_supervised;

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
    start_supervised!(Board);
}
