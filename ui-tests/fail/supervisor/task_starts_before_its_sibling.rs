//! A task that takes a sibling which starts later.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone, Default)]
struct Board;

#[gen_server]
impl Board {
    #[cast]
    fn poke(&self) {}
}

async fn poll(board: Ref<Board>) {
    board.poke();
}

supervisor! {
    Station {
        children: [
            poller: task(poll(board)),
            board: Board(Board),
        ],
    }
}

fn main() {}
