//! Messages come to the probe, not to the handle.

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
    let _ = probe.try_next();
    expect_cast!(board, BoardMsg::Add);
}
