//! A reply handle without a caller.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: u32, from: ReplyTo<u32>) {
        self.points += points;
        from.reply(self.points);
    }
}

async fn play(board: BoardRef) {
    board.add(3);
}

fn main() {}
