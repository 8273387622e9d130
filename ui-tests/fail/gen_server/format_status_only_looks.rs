//! A `#[format_status]` with arguments.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        self.points
    }

    #[format_status]
    fn shown(&self, reason: &ExitReason) -> String {
        format!("{} points, {reason}", self.points)
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
