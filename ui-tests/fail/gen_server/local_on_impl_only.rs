//! `local` on one half of a server, the `impl`; with a parameter, too. Who uses it is told nothing.

use cordial::prelude::*;

#[gen_server]
struct Board {
    points: u32,
}

#[gen_server(local)]
impl Board {
    #[init]
    fn init() -> Self {
        Self { points: 3 }
    }

    #[call]
    fn score(&self) -> u32 {
        self.points
    }

    #[info]
    fn add(&mut self, points: u32) {
        self.points += points;
    }

    #[handle_continue]
    async fn begin(&mut self) {}
}

#[gen_server]
struct Shelf<T>(T);

#[gen_server(local)]
impl<T: Clone> Shelf<T> {
    #[init]
    fn init(first: T) -> Self {
        Self(first)
    }

    #[call]
    fn first(&self) -> T {
        self.0.clone()
    }
}

supervisor! {
    Boards { children: [board: Board(), shelf: Shelf::<u8>(1)] }
}

async fn used(boards: &BoardsRef, board: BoardRef) -> Result<u32, CallError> {
    boards.shelf.first().await?;
    board.score().await
}

fn main() {}
