//! A handle in the messages of a closed server.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: u32) {
        self.points += points;
    }
}

struct Guest {
    name: String,
}

#[gen_server]
#[derive(Clone)]
struct Room {
    guests: Vec<String>,
    board: BoardRef,
}

#[gen_server(closed)]
impl Room {
    #[cast]
    fn report_to(&mut self, board: BoardRef) {
        self.board = board;
    }

    #[cast]
    fn report_to_all(&mut self, boards: Vec<Option<BoardRef>>) {
        drop(boards);
    }

    #[call]
    fn board(&self) -> BoardRef {
        self.board.clone()
    }

    #[cast]
    fn enter(&mut self, guest: Guest) {
        self.guests.push(guest.name);
    }

    #[cast]
    fn leave(&mut self, guest: &str) {
        self.guests.retain(|here| here != guest);
    }
}

async fn meet(room: RoomRef) {
    room.leave("ann");
}

fn main() {}
