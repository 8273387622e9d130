//! Every form of the expectations, without a warning.

#![deny(warnings, clippy::all, clippy::pedantic)]

use BoardMsg::{Add, Reset};
use cordial::prelude::*;
use cordial::test::{
    Inbox, Probe, assert_receive, expect_call, expect_cast, inbox, refute_receive,
    start_supervised, stop_supervised,
};

#[gen_server]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, player: &str, points: u32) {
        let _ = (player, points);
    }
    #[cast]
    fn reset(&mut self) {}
    #[call]
    fn score(&self, player: &str) -> Result<usize, String> {
        Ok(player.len())
    }
}

enum Only {
    One(u8),
}

impl cordial::Message for Only {
    fn kind(&self) -> &'static str {
        "only"
    }
}

async fn every_form() {
    let least = 2;
    let (board, mut probe) = cordial::probe::<Board>();
    board.add("ann", 3).sent().unwrap();
    board.add("eve", 4).sent().unwrap();
    board.reset().sent().unwrap();
    let score = board.score("ann");
    let points = expect_cast!(probe, Add { points, player } if player == "ann" => points);
    assert!(points > least);
    refute_receive!(probe, Add { points, .. } if points > 4, within millis(5));
    assert_receive!(probe, Reset,);
    in_part(&mut probe).await;
    expect_call!(crate = cordial; probe, BoardMsg::Score { player } if player.len() > 2 => {
        if player == "ann" { Ok(3) } else { Err(player) }
    });
    assert_eq!(score.await, Ok(3));
}

async fn in_part(probe: &mut Probe<Board>) {
    let mut player = expect_cast!(probe, Add { mut player, points: 4 } => {
        player.push('!');
        player
    }, within 5s);
    assert_eq!(player.pop(), Some('!'));
}

async fn one_variant() {
    let (address, mut all): (_, Inbox<Only>) = inbox();
    address.send(Only::One(1)).sent().unwrap();
    let Some(one) = assert_receive!(all, Only::One(one) => Some(one)) else { unreachable!() };
    assert_eq!(one, 1);
}

async fn supervised() -> Result<(), Box<dyn std::error::Error>> {
    let board = start_supervised!(Board::child_spec(Board));
    stop_supervised!(board);
    start_supervised!(Board::child_spec(Board),);
    stop_supervised!();
    Ok(())
}

fn main() {
    cordial::__private::run_test(None, async {
        every_form().await;
        one_variant().await;
        supervised().await.unwrap();
    });
}
