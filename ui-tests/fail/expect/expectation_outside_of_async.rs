//! An expectation waits.

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

fn is_told(probe: &mut cordial::test::Probe<Board>) {
    expect_cast!(probe, BoardMsg::Add);
}

fn main() {}
