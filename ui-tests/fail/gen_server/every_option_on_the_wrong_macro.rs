//! Options of one macro on another.

use cordial::prelude::*;

#[gen_server(mailbox = 1, on_full = reject, behaviours(Store), remote, closed, timeout = 1s)]
struct Board {
    points: u32,
}

#[gen_server(
    name = "b",
    restart = Transient,
    shutdown = 1s,
    via = Global,
    key = String,
    version = 2,
    timeout = 1s,
)]
impl Board {
    #[call(
        on_err = log,
        on_full = reject,
        mailbox = 1,
        name = "b",
        restart = Transient,
        shutdown = 1s,
    )]
    fn score(&self) -> u32 {
        self.points
    }

    #[cast(
        timeout = 1s,
        or_crash,
        inline = never,
        flat,
        raw,
        task,
        shed,
        fuse = 1,
        mailbox = 1,
        name = "b",
    )]
    fn add(&mut self, points: u32) {
        self.points += points;
    }

    #[info(timeout = 1s, on_err = log, or_crash, inline = never, flat, raw, mailbox = 1)]
    fn win(&mut self, points: u32) {
        self.points += points;
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.add(3);
    cordial::send(&board, 3_u32);
    board.score().await.ok()
}

fn main() {}
