//! Words that a later version brings.

use cordial::prelude::*;

#[gen_server]
struct Board {
    points: u32,
}

#[gen_server(remote)]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        self.points
    }

    #[cast]
    fn add(&mut self, points: u32) {
        self.points += points;
    }
}

#[gen_statem(local)]
#[derive(Clone)]
struct Door;

#[gen_statem(Open | Shut, local)]
impl Door {
    #[on(Open)]
    #[cast]
    fn push(&mut self) -> to![Shut] {
        goto(Shut)
    }

    #[on(Shut)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        goto(Open)
    }
}

async fn play(board: BoardRef, door: DoorRef) -> Option<u32> {
    board.add(3);
    door.push();
    board.score().await.ok()
}

fn main() {}
