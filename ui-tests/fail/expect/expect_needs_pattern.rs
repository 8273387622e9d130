//! Nobody says of which probe the message is expected.

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
    expect_cast!(BoardMsg::Add);
    let _ = probe.try_next();
}
