//! What never comes has no value.

use cordial::prelude::*;
use cordial::test::refute_receive;

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
    drop(board);
    let points = refute_receive!(probe, BoardMsg::Add { points, .. } => points);
    assert_eq!(points, 3);
}
