//! TYP-1: what is no call and no cast is no method of the client.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[info]
    fn win(&mut self, msg: u32) {
        self.points += msg;
    }
}

async fn play(board: BoardRef) {
    board.win(3);
}

fn main() {}

// break: TYP-1 macros/src/gen_server/expand/client.rs
//     `server.marked("cast").map(` => `server.marked("cast").chain(server.marked("info")).map(`
