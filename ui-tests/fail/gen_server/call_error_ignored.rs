//! TYP-2: an answer is of the type that the handler returns, or an error of the call.

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
}

async fn play(board: BoardRef) -> u32 {
    board.score().await
}

fn main() {}

// break: TYP-2 macros/src/gen_server/expand/client.rs
//     `Purpose::Run => outside(ty, server),` => `Purpose::Run => quote!(()),`
