//! A handler that keeps something of its thread over an `.await`.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    async fn score(&self) -> u32 {
        let bonus = std::rc::Rc::new(1);
        std::future::ready(()).await;
        self.points + *bonus
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
