//! Two reply handles.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self, one: ReplyTo<u32>, two: ReplyTo<u32>) {
        one.reply(self.points);
        drop(two);
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
